//! Where the configuration holds the path or placeholder of a secret.
//!
//! The evaluated options of NixOS, nix-darwin and Home Manager that a lint inspects are searched; those
//! that the project declares itself are not, for what they hold is used somewhere else.

pub(crate) mod shell;

use std::collections::BTreeSet;

use nix_eval::Evaluator;
use nix_eval::value::{AttrsId, StringData, StringPart, Symbol, Value};

use crate::host_view::HostView;
use crate::host_view::secret_paths::{Match, SecretMatcher, StandsFor};
use crate::managers::MANAGERS;
use crate::references::shell::ShellText;
use crate::search::holes::{HOLE, with_holes};
use crate::search::narrow_span::{Wanted, narrow_to_texts, placeholders, selections, written_span};
use crate::search::text_matcher::TextMatcher;
use crate::search::walk::{Function, Here, Step, Visitor, Way, walk};
use crate::values::Options;
use inventory::mcp_modules::MCP_MODULES;
use inventory::model::{Form, Reference, ReferenceKind, Scope, Secret, Templates};

/// The options that are searched in the configuration of a system: those whose text goes to the
/// machine, and that a lint inspects.
const OF_SYSTEM: [&[&str]; 18] = [
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
    &["users", "users"],
    &["virtualisation", "oci-containers", "containers"],
];

/// The same for Home Manager, beside those of MCP.
const OF_HOME: [&[&str]; 12] = [
    &["home", "activation"],
    &["home", "file"],
    &["home", "packages"],
    &["home", "sessionVariables"],
    &["programs", "bash"],
    &["programs", "zsh"],
    &["systemd", "user", "services"],
    &["systemd", "user", "sessionVariables"],
    &["xdg", "cacheFile"],
    &["xdg", "configFile"],
    &["xdg", "dataFile"],
    &["xdg", "stateFile"],
];

/// Those that hold the settings of an MCP client, of which its servers are a part.
fn of_mcp() -> BTreeSet<&'static [&'static str]> {
    /// `programs.codex.settings`: what is below belongs to the client's file.
    const SETTINGS: usize = 3;
    let of_users = MCP_MODULES.iter().filter(|module| module.is_of_users());
    of_users
        .filter_map(|module| {
            let root = module.root();
            root.get(..SETTINGS.min(root.len()))
        })
        .collect()
}

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

/// Options whose text decides when a unit starts again, and reaches nobody: it is hashed into the unit.
const HASHED: [&str; 4] = [
    "restartTriggers",
    "reloadTriggers",
    "X-Restart-Triggers",
    "X-Reload-Triggers",
];

/// How much of a line before a match is compared with what is written, in bytes: a text may hold thousands
/// of matches in one line.
const MAX_LINE: usize = 1024;

/// What a reference takes, in bytes.
const BYTES_OF_A_REFERENCE: usize = 512;

/// Finds every certain reference in the configurations of a host, sorted.
pub(crate) fn find(evaluator: &mut Evaluator, view: &HostView<'_>) -> Vec<Reference> {
    let secrets = view.own_secrets();
    if secrets.is_empty() {
        return Vec::new();
    }
    let mut found = BTreeSet::new();
    if let Some(config) = view.system {
        let mut search = Search::new(evaluator, secrets, config, None, Scope::System);
        search.configuration(evaluator, config, &OF_SYSTEM);
        found.append(&mut search.found);
    }
    for home in view.homes {
        let scope = Scope::User(home.user.clone());
        let mut search = Search::new(evaluator, secrets, home.config, view.system, scope);
        let roots: Vec<&[&str]> = OF_HOME.into_iter().chain(of_mcp()).collect();
        search.configuration(evaluator, home.config, &roots);
        found.append(&mut search.found);
    }
    found.into_iter().collect()
}

/// The search of one configuration.
struct Search<'a> {
    secrets: &'a [Secret],
    /// Whose configuration it is.
    scope: Scope,
    texts: SecretMatcher,
    found: BTreeSet<Reference>,
    of_another_kind: [Symbol; OF_ANOTHER_KIND.len()],
    enable: Symbol,
}

impl<'a> Search<'a> {
    fn new(
        evaluator: &mut Evaluator,
        secrets: &'a [Secret],
        config: Options,
        system: Option<Options>,
        scope: Scope,
    ) -> Self {
        Self {
            secrets,
            texts: SecretMatcher::of_configuration(evaluator, secrets, config, system, &scope),
            scope,
            found: BTreeSet::new(),
            of_another_kind: OF_ANOTHER_KIND.map(|name| evaluator.symbol(name)),
            enable: evaluator.symbol("enable"),
        }
    }

    fn configuration(&mut self, evaluator: &mut Evaluator, config: Options, roots: &[&[&str]]) {
        for root in roots {
            let Some((last, above)) = root.split_last() else {
                continue;
            };
            let entry = config
                .path(evaluator, above)
                .ok()
                .and_then(|options| options.entry(evaluator, last));
            if let Some(entry) = entry {
                walk(evaluator, root, entry, self);
            }
        }
        for templates in MANAGERS.iter().filter_map(|it| it.templates.as_ref()) {
            self.templates(evaluator, config, templates);
        }
    }

    /// The texts of templates: `sops.templates.<name>.content`.
    fn templates(&mut self, evaluator: &mut Evaluator, config: Options, templates: &Templates) {
        let path: Vec<&str> = templates.option.split('.').collect();
        let Ok(declared) = config.path(evaluator, &path) else {
            return;
        };
        for (name, entry) in declared.entries(evaluator) {
            if entry.maybe.is_some() {
                continue;
            }
            let Ok(set) = evaluator.force_attrs(entry.value) else {
                continue;
            };
            if let Some(content) = (Options { set }).entry(evaluator, templates.content) {
                let option: Vec<&str> = path
                    .iter()
                    .copied()
                    .chain([&*name, templates.content])
                    .collect();
                walk(evaluator, &option, content, self);
            }
        }
    }
}

impl Visitor for Search<'_> {
    // Lints report what is certain.
    const VISITS_POSSIBLE: bool = false;
    const VISITS_ONCE: bool = false;

    /// Whether the option is one of our schemas, not of a module of the project.
    fn enters_declared(&mut self, evaluator: &Evaluator, way: &Way) -> bool {
        let names = || attributes(evaluator, &way.option);
        let of_manager =
            |manager: &inventory::Manager| manager.root_names().zip(names()).all(|(a, b)| a == b);
        let mut rendering = MANAGERS.iter().filter(|it| it.templates.is_some());
        let mut names = names();
        match (names.next(), names.next()) {
            (Some("services" | "programs"), second) => second.is_none_or(|name| name == "mcp"),
            (Some(first), _) => {
                FOREIGN.contains(&first) || rendering.any(|manager| of_manager(manager))
            }
            (None, _) => false,
        }
    }

    fn enters_set(
        &mut self,
        evaluator: &mut Evaluator,
        set: AttrsId,
        way: &Way,
        here: &mut Here,
    ) -> Option<Vec<Symbol>> {
        let has = |name: &Symbol| evaluator.attribute(set, *name).is_some();
        if self.of_another_kind.iter().any(has) {
            return None;
        }
        let enable = evaluator.attribute(set, self.enable);
        if enable.is_some_and(|entry| evaluator.force(entry.value) == Ok(Value::Bool(false))) {
            // Switched off: a module does nothing with what is there.
            return None;
        }
        let other = other_system(evaluator, option_of(way, *here));
        Some(
            { other.into_iter() }
                .map(|name| evaluator.symbol(name))
                .collect(),
        )
    }

    fn visit_string(
        &mut self,
        evaluator: &mut Evaluator,
        string: &StringData,
        way: &Way,
        here: &mut Here,
    ) {
        let is_possible = match string {
            StringData::Text(text) => self.texts.may_match(text),
            StringData::Parts(parts) => parts.iter().any(|part| match part {
                StringPart::Text(text) => self.texts.may_match(text),
                StringPart::Hole(_) => false,
            }),
        };
        if is_possible {
            let found = self.references(evaluator, &with_holes(string), way, *here);
            // Once a limit is reached, the walk is over.
            let _ = evaluator.count_kept(found.len() * BYTES_OF_A_REFERENCE);
            self.found.extend(found);
        }
    }

    /// A path of Nix is copied to the store: whoever gets it does not read the secret's file.
    fn visit_path(&mut self, _: &mut Evaluator, _: &str, _: &Way, _: Here) {}
}

impl Search<'_> {
    /// The references in a text.
    fn references(
        &self,
        evaluator: &Evaluator,
        text: &str,
        way: &Way,
        here: Here,
    ) -> Vec<Reference> {
        let matches = self.texts.find(text);
        let undeclared = self.texts.undeclared(text, matches.managed);
        if matches.secrets.is_empty() && undeclared.is_empty() {
            return Vec::new();
        }
        if attributes(evaluator, &way.option).any(|name| HASHED.contains(&name)) {
            return Vec::new();
        }
        let value = written_span(evaluator, &way.anchors);
        let option = attributes(evaluator, option_of(way, here));
        let option: Vec<String> = option.map(str::to_owned).collect();
        let name_of = |function: Function| evaluator.name_ref(function.name);
        let function = here.function.map(|function| name_of(function).to_owned());
        let user = match &self.scope {
            Scope::User(name) => Some(name.clone()),
            Scope::System => None,
        };
        let blank = Reference {
            secret: None,
            text: String::new(),
            what: ReferenceKind::Path,
            form: Form::Part,
            user,
            option,
            function,
            in_own_shell: false,
            at: None,
        };
        let shell = ShellText::new(text);
        let mut found = Vec::new();
        let mut wanted = Vec::new();
        for Match {
            text: known,
            whole: start,
            ..
        } in matches.secrets
        {
            let secret = self.secrets.get(known.secret);
            let attribute = secret.map_or("", |secret| secret.attribute.as_str());
            let length = known.text.len();
            let (what, shown, written, form) = match known.stands_for {
                StandsFor::Path(_) => (
                    ReferenceKind::Path,
                    known.text.as_str(),
                    selections(attribute, "path", &known.text),
                    shell.form(start, length),
                ),
                StandsFor::Placeholder => (
                    ReferenceKind::Placeholder,
                    attribute,
                    placeholders(attribute),
                    if text.len() == length {
                        Form::Whole
                    } else {
                        Form::Part
                    },
                ),
            };
            found.push(Reference {
                secret: Some(known.secret),
                text: shown.to_owned(),
                what,
                form,
                in_own_shell: shell.is_in_own_shell(start),
                ..blank.clone()
            });
            wanted.push(Wanted {
                texts: written,
                before: line_before(text, start),
            });
        }
        let places = narrow_to_texts(evaluator, value, &wanted);
        for (reference, at) in found.iter_mut().zip(places) {
            reference.at = at;
        }
        let firsts = first_places(text, &undeclared);
        let wanted: Vec<Wanted<'_>> = { undeclared.iter() }
            .map(|path| Wanted {
                texts: vec![(*path).to_owned()],
                before: "",
            })
            .collect();
        let places = narrow_to_texts(evaluator, value, &wanted);
        for ((path, start), at) in undeclared.into_iter().zip(firsts).zip(places) {
            found.push(Reference {
                text: path.to_owned(),
                form: shell.form(start, path.len()),
                in_own_shell: shell.is_in_own_shell(start),
                at,
                ..blank.clone()
            });
        }
        found
    }
}

/// The offset, in bytes, at which each of these paths occurs first in a text, if only as a part of a longer one.
fn first_places(text: &str, paths: &[&str]) -> Vec<usize> {
    if let [path] = paths {
        return vec![text.find(path).unwrap_or_default()];
    }
    let mut firsts = vec![None; paths.len()];
    for (at, number) in TextMatcher::new(paths.iter().copied()).find(text) {
        if let Some(first) = firsts.get_mut(number) {
            first.get_or_insert(at);
        }
    }
    firsts.into_iter().map(Option::unwrap_or_default).collect()
}

/// The attribute of the set in an option that is of another system: a NixOS container's `config`, and
/// where in it something is mounted.
fn other_system(evaluator: &Evaluator, option: &[Step]) -> Option<&'static str> {
    let mut names = attributes(evaluator, option);
    if names.next() != Some("containers") {
        return None;
    }
    match names.count() {
        1 => Some("config"),
        3 => Some("mountPoint"),
        _ => None,
    }
}

/// The option whose value holds a value, or is it: its attributes, without those in the arguments of a
/// function.
fn option_of(way: &Way, here: Here) -> &[Step] {
    let steps = here.function.map(|function| function.steps);
    let steps = steps.unwrap_or(way.option.len());
    way.option.get(..steps).unwrap_or_default()
}

/// The attributes of an option, without elements of lists.
fn attributes<'a>(
    evaluator: &'a Evaluator,
    option: &'a [Step],
) -> impl Iterator<Item = &'a str> + use<'a> {
    option.iter().filter_map(|step| match step {
        Step::Attribute(name) => Some(evaluator.name_ref(*name)),
        Step::Element => None,
    })
}

/// The text in the same line before an offset, from the last interpolation on.
fn line_before(text: &str, at: usize) -> &str {
    let from = (at.saturating_sub(MAX_LINE)..at).find(|at| text.is_char_boundary(*at));
    let before = text.get(from.unwrap_or(at)..at).unwrap_or_default();
    let line = before.rsplit(['\n', HOLE]).next();
    line.unwrap_or_default().trim_start()
}
