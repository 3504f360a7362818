//! Secrets that options take by their names, and that nothing declares.
//!
//! Only what Nix certainly evaluates counts: what a unit, an account, a file or a module gets that is on. The walk
//! takes place only where a value failed for a name that a set of secrets lacks.

use nix_eval::Evaluator;
use nix_eval::value::{AttrsId, Reason, StringData, Symbol, UnknownId, Value};
use nix_syntax::quote::attribute_name;
use nix_syntax::source::Span;

use crate::host_view::HostView;
use crate::managers::MANAGERS;
use crate::options::Additions;
use crate::readers::option_pattern::ELEMENT;
use crate::readers::options::is_enabled;
use crate::readers::table::Table;
use crate::search::walk::{Anchor, Here, Step, Visitor, Way, walk};
use crate::values::Options;
use inventory::model::{OptionPath, UndeclaredSecret};

/// Options of a system that are evaluated whatever is on.
const OF_EVERY_SYSTEM: [&str; 5] = ["systemd", "environment", "users", "launchd", "sops"];

/// The same of Home Manager.
const OF_EVERY_HOME: [&str; 5] = ["home", "systemd", "xdg", "launchd", "sops"];

/// Options of modules, which are evaluated where the module is on.
const OF_MODULES: [&str; 4] = ["services", "programs", "virtualisation", "networking"];

/// Options of modules of inputs that schemas declare, likewise.
const OF_INPUTS: [&str; 1] = ["mcp-servers"];

/// A set in which secrets are looked up.
struct Lookup {
    set: AttrsId,
    /// Its option, as the user writes it.
    option: String,
}

/// The secrets that are taken and not declared, sorted.
pub(super) fn find(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    additions: &Additions,
) -> Vec<UndeclaredSecret> {
    let mut lookups = Vec::new();
    if let Some(system) = view.system {
        add_lookups(evaluator, system, "", &mut lookups);
    }
    for home in view.homes {
        add_lookups(evaluator, home.config, &home.prefix(), &mut lookups);
    }
    let sets: Vec<AttrsId> = lookups.iter().map(|lookup| lookup.set).collect();
    if !evaluator.lack_an_attribute(&sets) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let table = Table::of_system(view.is_darwin());
    if let Some(system) = view.system {
        for failed in failures(evaluator, system, &OF_EVERY_SYSTEM) {
            let names: Vec<&str> = failed.option.iter().map(String::as_str).collect();
            let is_always = OF_EVERY_SYSTEM.contains(&names.first().copied().unwrap_or_default());
            let is_taken = is_always || failed.is_on || {
                let own = additions.readers.rows(&failed.option);
                let rows = own.into_iter().chain(table.rows(&failed.option));
                rows.into_iter().any(|(row, captured)| {
                    is_enabled(evaluator, system, row, &captured) == Some(true)
                })
            };
            if is_taken {
                found.extend(undeclared(evaluator, &lookups, "", &failed));
            }
        }
    }
    for home in view.homes {
        for failed in failures(evaluator, home.config, &OF_EVERY_HOME) {
            let first = failed.option.first().map(String::as_str);
            if failed.is_on || OF_EVERY_HOME.contains(&first.unwrap_or_default()) {
                found.extend(undeclared(evaluator, &lookups, &home.prefix(), &failed));
            }
        }
    }
    found.sort();
    found.dedup_by(|a, b| (a.at, &a.name) == (b.at, &b.name));
    found
}

fn add_lookups(
    evaluator: &mut Evaluator,
    config: Options,
    prefix: &str,
    lookups: &mut Vec<Lookup>,
) {
    for manager in MANAGERS.iter() {
        let templates = manager.templates.as_ref();
        let more = templates.map(|it| [it.option, it.placeholders]);
        for option in [manager.secrets]
            .into_iter()
            .chain(more.into_iter().flatten())
        {
            let path: Vec<&str> = option.split('.').collect();
            if let Ok(Options { set }) = config.path(evaluator, &path) {
                let option = format!("{prefix}{option}");
                lookups.push(Lookup { set, option });
            }
        }
    }
}

/// A value that fails for what a set lacks.
struct Failed {
    /// The attributes that lead to it.
    option: Vec<String>,
    /// Whether a set on the way says that it is on.
    is_on: bool,
    why: UnknownId,
}

fn failures(evaluator: &mut Evaluator, config: Options, always: &[&str]) -> Vec<Failed> {
    let mut search = Search {
        enable: evaluator.symbol("enable"),
        elsewhere: ["sourceInfo", "_module", "_type", "drvPath"].map(|name| evaluator.symbol(name)),
        of_modules: OF_MODULES.map(|name| evaluator.symbol(name)),
        mcp: evaluator.symbol("mcp"),
        on: Vec::new(),
        found: Vec::new(),
    };
    for root in always.iter().chain(&OF_MODULES).chain(&OF_INPUTS) {
        if let Some(entry) = config.entry(evaluator, root) {
            search.on.clear();
            walk(evaluator, &[root], entry, &mut search);
        }
    }
    search.found
}

struct Search {
    enable: Symbol,
    /// Attributes of sets that are evaluated elsewhere, if at all.
    elsewhere: [Symbol; 4],
    /// [`OF_MODULES`].
    of_modules: [Symbol; OF_MODULES.len()],
    /// `services.mcp` and `programs.mcp`, which schemas declare.
    mcp: Symbol,
    /// The ways to the sets that are on.
    on: Vec<Vec<Step>>,
    found: Vec<Failed>,
}

impl Visitor for Search {
    // What hangs on a condition that is not decided may never be evaluated.
    const VISITS_POSSIBLE: bool = false;
    const VISITS_ONCE: bool = true;

    /// An option of the project is evaluated where it is used.
    fn enters_declared(&mut self, _: &Evaluator, way: &Way) -> bool {
        let [Step::Attribute(root), rest @ ..] = way.option.as_slice() else {
            return false;
        };
        let second = match rest.first() {
            Some(Step::Attribute(name)) => Some(*name),
            _ => None,
        };
        !self.of_modules.contains(root) || second.is_none_or(|name| name == self.mcp)
    }

    fn enters_set(
        &mut self,
        evaluator: &mut Evaluator,
        set: AttrsId,
        way: &Way,
        here: &mut Here,
    ) -> Option<Vec<Symbol>> {
        let has = |name: &Symbol| evaluator.attribute(set, *name).is_some();
        if here.in_a_call || self.elsewhere.iter().any(has) {
            return None;
        }
        if let Some(entry) = evaluator.attribute(set, self.enable) {
            match evaluator.force(entry.value) {
                Ok(Value::Bool(true)) if entry.maybe.is_none() => self.on.push(way.option.clone()),
                _ => return None,
            }
        }
        Some(Vec::new())
    }

    fn visit_string(&mut self, _: &mut Evaluator, _: &StringData, _: &Way, _: &mut Here) {}

    fn visit_path(&mut self, _: &mut Evaluator, _: &str, _: &Way, _: Here) {}

    fn visit_failed(&mut self, evaluator: &mut Evaluator, why: UnknownId, way: &Way, here: Here) {
        let is_certain = here.certain && !here.in_a_call && !is_outranked(evaluator, way);
        if is_certain && evaluator.set_that_lacks(why).is_some() {
            let name = |step: &Step| match step {
                Step::Attribute(name) => evaluator.name(*name).to_string(),
                Step::Element => ELEMENT.to_owned(),
            };
            self.found.push(Failed {
                option: way.option.iter().map(name).collect(),
                is_on: { self.on.iter() }.any(|on| way.option.starts_with(on)),
                why,
            });
        }
    }
}

/// Whether a set on the way has definitions of several priorities, and no module here declares it: where its option
/// begins is not known, so one of them may replace what is in the others.
fn is_outranked(evaluator: &Evaluator, way: &Way) -> bool {
    way.anchors.iter().any(|anchor| {
        let Anchor::Set(entry) = anchor else {
            return false;
        };
        let record = evaluator.option_record(entry.value);
        let undeclared = record.filter(|record| !record.declared);
        undeclared.is_some_and(|record| {
            let mut priorities = record.definitions.iter().map(|it| it.priority);
            let first = priorities.next();
            priorities.any(|priority| Some(priority) != first)
        })
    })
}

fn undeclared(
    evaluator: &Evaluator,
    lookups: &[Lookup],
    prefix: &str,
    failed: &Failed,
) -> Option<UndeclaredSecret> {
    let set = evaluator.set_that_lacks(failed.why)?;
    let unknown = evaluator.unknown_data(failed.why);
    let Reason::MissingAttribute(name) = &unknown.reason else {
        return None;
    };
    let selection = Selection::of(evaluator, unknown.at?, name);
    // All empty sets are one: which it is can only be told where the expression names it.
    let is_empty = evaluator.entries_by_name(set).is_empty();
    let lookup = lookups
        .iter()
        .find(|it| it.set == set && (!is_empty || selection.names(&it.option)))?;
    let entries = evaluator.entries_by_name(set);
    let declared = entries
        .iter()
        .map(|entry| evaluator.name(entry.name).to_string());
    let option = prefix.split('.').filter(|name| !name.is_empty());
    let names = failed
        .option
        .iter()
        .map(String::as_str)
        .filter(|name| *name != ELEMENT);
    Some(UndeclaredSecret {
        at: selection.at,
        set: lookup.option.clone(),
        declared: declared.collect(),
        name: name.to_string(),
        option: OptionPath::new(option.chain(names)),
    })
}

/// The longest expression that selects a secret, in bytes.
const MAX_SELECTION: usize = 400;

/// The expression that selects a secret.
struct Selection {
    /// The name in it; its beginning if the name is not written there.
    at: Span,
    /// What precedes the name.
    before: String,
}

impl Selection {
    /// The one that begins at `at`.
    fn of(evaluator: &Evaluator, at: Span, name: &str) -> Self {
        let source = evaluator.sources.workspace().sources().get(at.file);
        let text = source
            .as_ref()
            .and_then(|source| source.text().get(at.start as usize..));
        let line = text
            .and_then(|text| text.lines().next())
            .unwrap_or_default();
        let written = [attribute_name(name), format!("\"{name}\"")];
        let place = |written: &String| {
            let start = line.find(&format!(".{written}"))? + 1;
            let end = start + written.len();
            let is_longer = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '\'');
            let is_whole = !line.get(end..)?.starts_with(is_longer);
            (is_whole && end <= MAX_SELECTION).then_some((start, end))
        };
        let Some((start, end)) = written.iter().find_map(place) else {
            let before = String::new();
            return Self { at, before };
        };
        let offset = |by: usize| {
            at.start
                .saturating_add(u32::try_from(by).unwrap_or(u32::MAX))
        };
        let (start_at, end_at) = (offset(start), offset(end));
        Self {
            at: Span {
                start: start_at,
                end: end_at,
                ..at
            },
            before: line.get(..start).unwrap_or_default().to_owned(),
        }
    }

    /// Whether it names the set of an option.
    fn names(&self, option: &str) -> bool {
        let mut names = option.rsplit('.');
        let set = names.next().unwrap_or_default();
        let root = names.next().unwrap_or_default();
        self.before.ends_with(&format!("{root}.{set}."))
    }
}
