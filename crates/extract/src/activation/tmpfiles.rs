//! The rules of `systemd.tmpfiles.rules` and `systemd.tmpfiles.settings` (tmpfiles.d(5)).

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Thunk, UnknownId, Value};
use nix_syntax::source::Span;

use crate::search::holes::{HOLE, with_holes};
use crate::values::{Options, is_users, items, possible_values, unknown};
use inventory::model::Unknown;

/// One rule. What is not known of a text is [`HOLE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The type without its signs: `d`, `C`, `a`.
    pub(crate) kind: String,
    /// The path.
    pub(crate) path: String,
    /// The mode as written, `-` for none; `None` if it is not known.
    pub(crate) mode: Option<String>,
    /// The user, `-` for none; `None` if it is not known.
    pub(crate) user: Option<String>,
    /// The argument: what a copy is of.
    pub(crate) argument: Option<String>,
    /// The option.
    pub(crate) option: &'static str,
    /// Where it is written.
    pub(crate) at: Option<Span>,
    /// Whether it is certainly there.
    pub(crate) certain: bool,
}

/// The rules of a system.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// Those that are known.
    pub(crate) rules: Vec<Rule>,
    /// Why there may be more; `None` if there are none.
    pub(crate) open: Option<Unknown>,
}

/// Reads the rules of both options.
pub(crate) fn rules(evaluator: &mut Evaluator, system: Options) -> Rules {
    let mut found = Rules::default();
    if let Ok(tmpfiles) = system.path(evaluator, &["systemd", "tmpfiles"]) {
        found.of_lines(evaluator, tmpfiles);
        found.of_settings(evaluator, tmpfiles);
    }
    found
}

impl Rules {
    fn may_have_more(&mut self, evaluator: &Evaluator, why: UnknownId) {
        self.open.get_or_insert_with(|| unknown(evaluator, why));
    }

    /// `systemd.tmpfiles.rules = [ "d /home/alice/.secrets 0700 alice users -" ];`
    fn of_lines(&mut self, evaluator: &mut Evaluator, tmpfiles: Options) {
        let Some(rules) = tmpfiles.entry(evaluator, "rules") else {
            return;
        };
        match evaluator.force_list(rules.value) {
            Ok(_) => self.of_list(evaluator, rules.value),
            Err(why) => {
                self.may_have_more(evaluator, why);
                // One definition that is not known hides no other.
                for value in possible_values(evaluator, rules.value) {
                    self.of_list(evaluator, value);
                }
            }
        }
    }

    fn of_list(&mut self, evaluator: &mut Evaluator, rules: Thunk) {
        let list = evaluator.force_list(rules);
        if let Some(why) = list.ok().and_then(|list| evaluator.list_uncertainty(list)) {
            self.may_have_more(evaluator, why);
        }
        for (item, maybe) in items(evaluator, rules) {
            match evaluator.force(item) {
                Ok(Value::String(id)) => {
                    let line = with_holes(evaluator.string_parts(id)).into_owned();
                    let at = evaluator.origin_span(item).filter(|at| is_users(*at));
                    let rule = of_line(&line).map(|rule| Rule {
                        at,
                        certain: maybe.is_none(),
                        ..rule
                    });
                    if rule.as_ref().is_none_or(|rule| rule.path.contains(HOLE)) {
                        let why = Unknown::because("a path in systemd.tmpfiles.rules is not known");
                        self.open.get_or_insert(why);
                    }
                    self.rules.extend(rule);
                }
                Ok(_) => {}
                Err(why) => self.may_have_more(evaluator, why),
            }
        }
    }

    /// `systemd.tmpfiles.settings.app."/etc/app/key".C = { mode = "0644"; argument = "/run/secrets/key"; };`
    fn of_settings(&mut self, evaluator: &mut Evaluator, tmpfiles: Options) {
        let Ok(settings) = tmpfiles.set(evaluator, "settings") else {
            return;
        };
        let set = |evaluator: &mut Evaluator, entry: Entry| {
            let set = evaluator.force_attrs(entry.value).ok();
            set.map(|set| (Options { set }).entries(evaluator))
                .unwrap_or_default()
        };
        for (_, file) in settings.entries(evaluator) {
            for (path, rules) in set(evaluator, file) {
                for (kind, rule) in set(evaluator, rules) {
                    let Ok(options) = evaluator.force_attrs(rule.value) else {
                        continue;
                    };
                    let options = Options { set: options };
                    let mut text = |name: &str| match options.entry(evaluator, name) {
                        None => Some("-".to_owned()),
                        Some(_) => options.text(evaluator, name).known().cloned(),
                    };
                    self.rules.push(Rule {
                        mode: text("mode"),
                        user: text("user"),
                        argument: text("argument"),
                        kind: without_signs(&kind).to_owned(),
                        path: path.clone(),
                        option: "systemd.tmpfiles.settings",
                        at: None,
                        certain: [file.maybe, rule.maybe].iter().all(Option::is_none),
                    });
                }
            }
        }
    }
}

/// The type of a rule without the signs that say when, and how strictly, it holds.
fn without_signs(kind: &str) -> &str {
    kind.trim_end_matches(['!', '-', '=', '~', '^', '$', '+', '?'])
}

/// A rule as a line of tmpfiles.d(5); `None` if it has no path.
pub(crate) fn of_line(line: &str) -> Option<Rule> {
    let mut words = line
        .split_whitespace()
        .map(|word| word.trim_matches('"').to_owned());
    let kind = words.next()?;
    let path = words.next().filter(|path| !path.is_empty())?;
    let none = || Some("-".to_owned());
    let (mode, user) = (words.next().or_else(none), words.next().or_else(none));
    Some(Rule {
        kind: without_signs(&kind).to_owned(),
        path,
        mode,
        user,
        // After the group and the age.
        argument: words.nth(2),
        option: "systemd.tmpfiles.rules",
        at: None,
        certain: true,
    })
}

#[cfg(test)]
mod tests {
    use super::of_line;

    #[test]
    fn lines_are_taken_apart() {
        let rule = of_line("\"C+!\" \"/etc/k\" \":0440\" alice - - \"/run/secrets/k\"");
        let rule = rule.expect("a rule");
        let text = |text: &str| Some(text.to_owned());
        assert_eq!((&*rule.kind, &*rule.path), ("C", "/etc/k"));
        assert_eq!((rule.mode, rule.user), (text(":0440"), text("alice")));
        assert_eq!(rule.argument, text("/run/secrets/k"));
        let short = of_line("z /run/secrets/k").expect("a rule");
        assert_eq!((short.mode, short.user), (text("-"), text("-")));
        assert_eq!(of_line("d"), None);
    }
}
