//! Options below the root of a manager at which Nix stops: names that nothing declares, values that a type refuses.

use nix_eval::Evaluator;
use nix_eval::value::{Reason as Evaluated, UnknownId, Value, show_location};

use crate::values::{Options, definitions, problem};
use inventory::model::{EvaluationError, Manager, Problem, ProblemKind, Reason};

/// The problems of the options of one manager in a configuration, whose options have this prefix.
///
/// A name that nothing declares counts where a declared one is nearly the same: any module may declare options there.
pub(super) fn find(
    evaluator: &mut Evaluator,
    config: Options,
    manager: &Manager,
    prefix: &str,
) -> Vec<Problem> {
    let path: Vec<&str> = manager.root_names().collect();
    let Ok(root) = config.path(evaluator, &path) else {
        return Vec::new();
    };
    let mut search = Search {
        manager,
        found: Vec::new(),
    };
    search.options(evaluator, root, &format!("{prefix}{}", manager.root), true);
    search.found
}

struct Search<'a> {
    manager: &'a Manager,
    found: Vec<Problem>,
}

impl Search<'_> {
    /// Whether an option of that name is itself set to a value that its type refuses, not what it depends on. Of keys
    /// that are no absolute path, [`RefusedKey`](inventory::model::RefusedKey) tells.
    fn is_of_wrong_type(&self, evaluator: &Evaluator, why: UnknownId, name: &str) -> bool {
        let Evaluated::WrongType(wrong) = &evaluator.unknown_data(why).reason else {
            return false;
        };
        let option = show_location(&wrong.option);
        let is_own = option.rsplit('.').next() == Some(name) && option.contains(self.manager.root);
        let mut keys = self.manager.keys.iter();
        let is_key = keys.any(|key| option.ends_with(key.option));
        is_own && !(is_key && wrong.found == "string" && !wrong.expected.starts_with("list"))
    }

    /// Searches one set of options, and the sets in it if `goes_down`.
    fn options(
        &mut self,
        evaluator: &mut Evaluator,
        options: Options,
        option: &str,
        goes_down: bool,
    ) {
        let mut known = Vec::new();
        let mut undeclared = Vec::new();
        let mut sets = Vec::new();
        for (name, entry) in options.entries(evaluator) {
            // Only after it is evaluated is it known whether a module declares it.
            let value = evaluator.force(entry.value);
            let record = evaluator.option_record(entry.value);
            match (record.map(|record| record.declared), value) {
                (Some(true), value) => {
                    if let Err(why) = value
                        && self.is_of_wrong_type(evaluator, why, &name)
                    {
                        self.found.push(problem(evaluator, why));
                    }
                    known.push(name);
                }
                (None, Ok(Value::Attrs(set))) => {
                    known.push(name.clone());
                    sets.push((name, Options { set }));
                }
                (Some(false), _) if entry.maybe.is_none() => undeclared.push((name, entry)),
                _ => {}
            }
        }
        for (name, entry) in undeclared {
            let mut limited = self.manager.limited.iter();
            let is_limited = limited.any(|limited| limited.names.contains(&name.as_str()));
            let meant = nix_eval::modules::meant(&name, known.iter().map(String::as_str));
            let at = definitions(evaluator, entry).first().copied();
            if let (Some(meant), Some(at), false) = (meant, at, is_limited) {
                self.found.push(Problem {
                    at: Some(at),
                    kind: ProblemKind::Evaluation,
                    reason: Reason::Error(EvaluationError::UndeclaredOption {
                        option: format!("{option}.{name}"),
                        details: format!("Did you mean `{option}.{meant}'?"),
                        meant: Some(meant.to_owned()),
                    }),
                });
            }
        }
        if goes_down {
            for (name, set) in sets {
                self.options(evaluator, set, &format!("{option}.{name}"), false);
            }
        }
    }
}
