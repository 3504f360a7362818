//! Where the configuration holds the path or placeholder of a secret.
//!
//! The evaluated options of NixOS, nix-darwin and Home Manager that a lint looks at are searched; those
//! that the project declares itself are not, for what stands there is used somewhere else.

pub(crate) mod narrow;
pub(crate) mod needles;
pub(crate) mod shell;

use std::collections::BTreeSet;
use std::rc::Rc;

use nix_eval::Evaluator;
use nix_eval::value::{
    AttrsId, Entry, External, ExternalId, Hole, StringData, StringId, StringPart, Symbol, Thunk,
    Value,
};
use nix_syntax::source::Span;
use rustc_hash::FxHashSet;

use crate::host_view::Home;
use crate::references::needles::{Needle, Needles};
use crate::search::{HOLE, with_holes};
use crate::values::{Options, is_users, items, written};
use inventory::model::{Reference, ReferenceKind, Scope, Secret};

pub(crate) use narrow::narrow;

/// How deep values are searched.
const MAX_DEPTH: usize = 14;

/// How many steps of evaluation the search of one host may cost.
const MAX_STEPS: u64 = 500_000;

/// How many values are looked at.
const MAX_VALUES: usize = 60_000;

/// The options that are searched in the configuration of a system: those whose text goes to the
/// machine, and that a lint looks at.
const OF_SYSTEM: [&[&str]; 17] = [
    &["boot", "initrd"],
    &["containers"],
    &["environment", "etc"],
    &["environment", "extraInit"],
    &["environment", "interactiveShellInit"],
    &["environment", "loginShellInit"],
    &["environment", "sessionVariables"],
    &["environment", "shellAliases"],
    &["environment", "shellInit"],
    &["environment", "systemPackages"],
    &["environment", "variables"],
    &["fileSystems"],
    &["services"],
    &["system", "activationScripts"],
    &["systemd", "services"],
    &["systemd", "user", "services"],
    &["virtualisation", "oci-containers", "containers"],
];

/// The same for Home Manager.
const OF_HOME: [&[&str]; 18] = [
    &["home", "activation"],
    &["home", "file"],
    &["home", "packages"],
    &["home", "sessionVariables"],
    &["mcp-servers", "programs"],
    &["programs", "bash"],
    &["programs", "claude-code", "mcpServers"],
    &["programs", "codex", "settings"],
    &["programs", "gemini-cli", "settings"],
    &["programs", "mcp"],
    &["programs", "opencode", "settings"],
    &["programs", "vscode"],
    &["programs", "zed-editor", "userSettings"],
    &["programs", "zsh"],
    &["services", "mcp"],
    &["systemd", "user", "services"],
    &["systemd", "user", "sessionVariables"],
    &["xdg", "configFile"],
];

/// Options below which a declaration is that of NixOS or Home Manager, never the project's own.
const FOREIGN: [&str; 14] = [
    "boot",
    "containers",
    "environment",
    "fileSystems",
    "home",
    "launchd",
    "networking",
    "nix",
    "security",
    "swapDevices",
    "system",
    "systemd",
    "users",
    "xdg",
];

/// Attributes of sets that are no part of the configuration's text: a flake, another configuration, a
/// package, a type. They hold whole projects, which are searched where they are evaluated.
const OF_ANOTHER_KIND: [&str; 7] = [
    "_type",
    "_module",
    "outPath",
    "drvPath",
    "nixosConfigurations",
    "outputs",
    "functor",
];

/// Every reference in the configurations of a host, sorted.
pub(crate) fn find(
    evaluator: &mut Evaluator,
    system: Option<Options>,
    homes: &[Home],
    secrets: &[Secret],
) -> Vec<Reference> {
    if secrets.is_empty() {
        return Vec::new();
    }
    let mut search = Search {
        secrets,
        needles: Needles::default(),
        found: BTreeSet::new(),
        user: None,
        last_step: evaluator.steps() + MAX_STEPS,
        values: 0,
        visited: FxHashSet::default(),
        option: Vec::new(),
        anchors: Vec::new(),
        of_another_kind: OF_ANOTHER_KIND.map(|name| evaluator.symbol(name)),
        enable: evaluator.symbol("enable"),
    };
    if let Some(config) = system {
        search.needles = Needles::of(evaluator, secrets, config, &Scope::System);
        search.configuration(evaluator, config);
    }
    for home in homes {
        let scope = Scope::User(home.user.clone());
        search.user = Some(home.user.clone());
        search.needles = Needles::of(evaluator, secrets, home.config, &scope);
        search.configuration(evaluator, home.config);
    }
    let mut found: Vec<Reference> = search.found.into_iter().collect();
    found.sort();
    found
}

/// A value on the way to a reference.
#[derive(Debug, Clone, Copy)]
enum Anchor {
    /// An attribute.
    Entry(Entry),
    /// An element of a list, or an argument: where it was written.
    Item(Option<Span>),
}

struct Search<'a> {
    secrets: &'a [Secret],
    needles: Needles,
    found: BTreeSet<Reference>,
    user: Option<String>,
    last_step: u64,
    values: usize,
    /// The sets that were searched, with the length of the option that led to them.
    visited: FxHashSet<(u32, usize)>,
    /// The option that is searched.
    option: Vec<Symbol>,
    /// The values that led here.
    anchors: Vec<Anchor>,
    of_another_kind: [Symbol; OF_ANOTHER_KIND.len()],
    enable: Symbol,
}

/// Where the search is.
#[derive(Debug, Clone, Copy)]
struct Here {
    function: Option<Symbol>,
    certain: bool,
    depth: usize,
}

impl Here {
    const fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

impl Search<'_> {
    fn is_over(&mut self, evaluator: &Evaluator) -> bool {
        self.values += 1;
        self.values > MAX_VALUES
            || evaluator.steps() > self.last_step
            || evaluator.limit_reached().is_some()
    }

    fn configuration(&mut self, evaluator: &mut Evaluator, config: Options) {
        let roots: &[&[&str]] = match self.user {
            None => &OF_SYSTEM,
            Some(_) => &OF_HOME,
        };
        for root in roots {
            let Some((last, above)) = root.split_last() else {
                continue;
            };
            let entry = config
                .path(evaluator, above)
                .ok()
                .and_then(|options| options.entry(evaluator, last));
            if let Some(entry) = entry {
                let here = Here {
                    function: None,
                    certain: true,
                    depth: 0,
                };
                self.option = root.iter().map(|part| evaluator.symbol(part)).collect();
                self.entry(evaluator, entry, here);
            }
        }
        self.templates(evaluator, config);
    }

    /// `sops.templates.<name>.content`
    fn templates(&mut self, evaluator: &mut Evaluator, config: Options) {
        let Ok(templates) = config.path(evaluator, &["sops", "templates"]) else {
            return;
        };
        for (name, entry) in templates.entries(evaluator) {
            let Ok(set) = evaluator.force_attrs(entry.value) else {
                continue;
            };
            if let Some(content) = (Options { set }).entry(evaluator, "content") {
                let option = ["sops", "templates", &name, "content"];
                self.option = option.iter().map(|part| evaluator.symbol(part)).collect();
                let here = Here {
                    function: None,
                    certain: entry.maybe.is_none(),
                    depth: 3,
                };
                self.entry(evaluator, content, here);
            }
        }
    }

    fn entry(&mut self, evaluator: &mut Evaluator, entry: Entry, mut here: Here) {
        if here.depth > MAX_DEPTH || self.is_over(evaluator) {
            return;
        }
        let Ok(value) = evaluator.force(entry.value) else {
            return;
        };
        let record = evaluator.option_record(entry.value);
        if record.is_some_and(|record| record.declared) && self.is_the_projects_own(evaluator) {
            return;
        }
        here.certain &= entry.maybe.is_none();
        match value {
            Value::Attrs(set) => self.set(evaluator, set, here),
            _ => {
                self.anchors.push(Anchor::Entry(entry));
                self.value(evaluator, value, entry.value, here);
                self.anchors.pop();
            }
        }
    }

    /// Whether an option that is declared is declared by the project, and not by our schemas.
    fn is_the_projects_own(&self, evaluator: &Evaluator) -> bool {
        let mut names = self
            .option
            .iter()
            .map(|name| evaluator.arena.symbols.name_ref(*name));
        match (names.next(), names.next()) {
            (Some("services" | "programs"), second) => second.is_some_and(|name| name != "mcp"),
            (Some(first), _) => !FOREIGN.contains(&first) && first != "sops",
            (None, _) => true,
        }
    }

    fn value(&mut self, evaluator: &mut Evaluator, value: Value, thunk: Thunk, here: Here) {
        match value {
            Value::String(id) => {
                self.text(evaluator, id, here);
                if let StringData::Parts(parts) = evaluator.arena.string_parts(id) {
                    for part in Rc::clone(parts).iter() {
                        if let StringPart::Hole(Hole::External(external)) = part {
                            self.external(evaluator, *external, here.deeper());
                        }
                    }
                }
            }
            Value::List(_) => {
                for (item, maybe) in items(evaluator, thunk) {
                    self.item(evaluator, item, maybe.is_none(), here);
                }
            }
            Value::Attrs(set) => self.set(evaluator, set, here),
            Value::External(external) => self.external(evaluator, external, here.deeper()),
            _ => {}
        }
    }

    fn set(&mut self, evaluator: &mut Evaluator, set: AttrsId, here: Here) {
        let has = |name: &Symbol| evaluator.arena.attribute(set, *name).is_some();
        if !self.visited.insert((set.0, self.option.len())) || self.of_another_kind.iter().any(has)
        {
            return;
        }
        let enable = evaluator.arena.attribute(set, self.enable);
        if enable.is_some_and(|entry| evaluator.force(entry.value) == Ok(Value::Bool(false))) {
            // Switched off: a module does nothing with what stands there.
            return;
        }
        let other = self.other_system(evaluator);
        for entry in evaluator.arena.entries_by_name(set) {
            if other.is_some_and(|other| evaluator.arena.symbols.name_ref(entry.name) == other) {
                continue;
            }
            match here.function {
                Some(_) => self.entry(evaluator, entry, here.deeper()),
                None => {
                    self.option.push(entry.name);
                    self.entry(evaluator, entry, here.deeper());
                    self.option.pop();
                }
            }
        }
    }

    /// The attribute of the set here that speaks of another system: a NixOS container's `config`, and
    /// where in it something is mounted.
    fn other_system(&self, evaluator: &Evaluator) -> Option<&'static str> {
        let (first, other) = match self.option.as_slice() {
            [first, _] => (first, "config"),
            [first, _, _, _] => (first, "mountPoint"),
            _ => return None,
        };
        (evaluator.arena.symbols.name_ref(*first) == "containers").then_some(other)
    }

    /// An element of a list, or an argument.
    fn item(&mut self, evaluator: &mut Evaluator, item: Thunk, certain: bool, here: Here) {
        let mut here = here.deeper();
        if here.depth > MAX_DEPTH || self.is_over(evaluator) {
            return;
        }
        here.certain &= certain;
        self.anchors.push(Anchor::Item(evaluator.origin_span(item)));
        if let Ok(value) = evaluator.force(item) {
            self.value(evaluator, value, item, here);
        }
        self.anchors.pop();
    }

    /// The arguments of the calls that made an external.
    fn external(&mut self, evaluator: &mut Evaluator, external: ExternalId, here: Here) {
        let mut current = external;
        let mut arguments = Vec::new();
        let function = loop {
            match evaluator.arena.external_data(current).clone() {
                External::Root { .. } => break None,
                External::Select { base, name } => {
                    if !arguments.is_empty() {
                        break Some(name);
                    }
                    current = base;
                }
                External::Apply { function, argument } => {
                    arguments.push(argument);
                    current = function;
                }
            }
        };
        for argument in arguments {
            let mut inner = here.deeper();
            inner.function = function.or(here.function);
            self.item(evaluator, argument, true, inner);
        }
    }

    fn text(&mut self, evaluator: &Evaluator, id: StringId, here: Here) {
        let data = evaluator.arena.string_parts(id);
        let is_possible = match data {
            StringData::Text(text) => self.needles.may_stand(text),
            StringData::Parts(parts) => parts.iter().any(|part| match part {
                StringPart::Text(text) => self.needles.may_stand(text),
                StringPart::Hole(_) => false,
            }),
        };
        if !is_possible {
            return;
        }
        let text = with_holes(data);
        let standing = self.needles.standing(&text);
        if standing.needles.is_empty() && standing.undeclared.is_empty() {
            return;
        }
        let at = self.place(evaluator);
        let reference = |secret, path: &str, what, form, place, span| Reference {
            secret,
            text: path.to_owned(),
            what,
            form,
            user: self.user.clone(),
            option: self.option_names(evaluator),
            function: here
                .function
                .map(|name| evaluator.arena.symbols.name_ref(name).to_owned()),
            in_own_shell: shell::is_in_own_shell(&text, place),
            at: span,
            certain: here.certain,
        };
        let mut references = Vec::new();
        for (needle, start) in standing.needles {
            let secret = self.secrets.get(needle.secret);
            let attribute = secret.map_or("", |secret| secret.attribute.as_str());
            let (shown, written) = match needle.what {
                ReferenceKind::Path => (
                    needle.text.as_str(),
                    narrow::selections(attribute, "path", &needle.text),
                ),
                ReferenceKind::Placeholder => (attribute, narrow::placeholders(attribute)),
            };
            let form = form(&text, start, needle);
            let span = narrow(evaluator, at, &written, line_before(&text, start));
            let secret = Some(needle.secret);
            references.push(reference(secret, shown, needle.what, form, start, span));
        }
        for path in standing.undeclared {
            let start = text.find(path).unwrap_or_default();
            let form = shell::form(&text, start, path.len());
            let span = narrow(evaluator, at, &[path.to_owned()], "");
            references.push(reference(
                None,
                path,
                ReferenceKind::Path,
                form,
                start,
                span,
            ));
        }
        self.found.extend(references);
    }

    fn option_names(&self, evaluator: &Evaluator) -> Vec<String> {
        let names = self.option.iter();
        names
            .map(|name| evaluator.arena.symbols.name_ref(*name).to_owned())
            .collect()
    }

    /// The innermost place in the user's files on the way to here.
    fn place(&self, evaluator: &Evaluator) -> Option<Span> {
        let mut anchors = self.anchors.iter().rev();
        anchors.find_map(|anchor| match anchor {
            Anchor::Entry(entry) => written(evaluator, *entry).at,
            Anchor::Item(at) => at.filter(|at| is_users(evaluator, *at)),
        })
    }
}

/// How a text uses a needle that stands in it.
fn form(text: &str, at: usize, needle: &Needle) -> inventory::model::Form {
    match needle.what {
        ReferenceKind::Path => shell::form(text, at, needle.text.len()),
        ReferenceKind::Placeholder if text.len() == needle.text.len() => {
            inventory::model::Form::Whole
        }
        ReferenceKind::Placeholder => inventory::model::Form::Part,
    }
}

/// What stands in the same line before a place, from the last interpolation on.
fn line_before(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit(['\n', HOLE]).next();
    line.unwrap_or_default().trim_start()
}
