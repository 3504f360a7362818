//! Where the configuration holds the path or placeholder of a secret.
//!
//! The evaluated options of NixOS, nix-darwin and Home Manager that a lint looks at are searched; those
//! that the project declares itself are not, for what stands there is used somewhere else.

mod narrow;
mod shell;

use std::collections::BTreeSet;

use nix_eval::Evaluator;
use nix_eval::value::{Entry, External, ExternalId, Hole, StringPart, Thunk, Value};
use nix_syntax::source::Span;

pub(super) use narrow::narrow;

use super::facts::{Options, items, written};
use super::readers::{Home, managed_directory};
use crate::model::{Mention, Mentioned, Scope, Secret, SecretKind};

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

/// Every mention in the configurations of a host, sorted.
pub(super) fn find(
    evaluator: &mut Evaluator,
    system: Option<Options>,
    homes: &[Home],
    secrets: &[Secret],
) -> Vec<Mention> {
    if secrets.is_empty() {
        return Vec::new();
    }
    let mut search = Search {
        secrets,
        needles: Vec::new(),
        found: BTreeSet::new(),
        user: None,
        last_step: evaluator.steps() + MAX_STEPS,
        values: 0,
        visited: BTreeSet::new(),
    };
    if let Some(config) = system {
        search.needles = needles(evaluator, secrets, config, &Scope::System);
        search.configuration(evaluator, config);
    }
    for home in homes {
        let scope = Scope::User(home.user.clone());
        search.user = Some(home.user.clone());
        search.needles = needles(evaluator, secrets, home.config, &scope);
        search.configuration(evaluator, home.config);
    }
    let mut found: Vec<Mention> = search.found.into_iter().collect();
    found.sort();
    found
}

/// What to look for in texts.
struct Needle {
    text: String,
    secret: usize,
    what: Mentioned,
}

/// The paths of all secrets that this configuration can speak of, and the placeholders of its own.
fn needles(
    evaluator: &mut Evaluator,
    secrets: &[Secret],
    config: Options,
    scope: &Scope,
) -> Vec<Needle> {
    let placeholders = config.path(evaluator, &["sops", "placeholder"]).ok();
    let mut needles = Vec::new();
    for (index, secret) in secrets.iter().enumerate() {
        let is_own = secret.scope == *scope;
        if !is_own && secret.scope != Scope::System {
            continue;
        }
        let path = secret.path.known().filter(|path| path.len() > 1);
        needles.extend(path.map(|path| Needle {
            text: path.clone(),
            secret: index,
            what: Mentioned::Path,
        }));
        if secret.kind == SecretKind::Secret
            && is_own
            && let Some(placeholders) = placeholders
            && let Ok(text) = placeholders.text(evaluator, &secret.attribute).value
        {
            needles.push(Needle {
                text,
                secret: index,
                what: Mentioned::Placeholder,
            });
        }
    }
    needles
}

struct Search<'a> {
    secrets: &'a [Secret],
    needles: Vec<Needle>,
    found: BTreeSet<Mention>,
    user: Option<String>,
    last_step: u64,
    values: usize,
    /// The sets that were searched, with the length of the option that led to them.
    visited: BTreeSet<(u32, usize)>,
}

/// Where the search is.
#[derive(Clone)]
struct Here {
    option: Vec<String>,
    function: Option<String>,
    at: Option<Span>,
    certain: bool,
    depth: usize,
}

impl Here {
    fn deeper(&self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self.clone()
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
                    option: root.iter().map(|part| (*part).to_owned()).collect(),
                    function: None,
                    at: None,
                    certain: true,
                    depth: 0,
                };
                self.entry(evaluator, entry, &here);
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
                let option = ["sops", "templates", &name, "content"]
                    .map(str::to_owned)
                    .to_vec();
                self.entry(
                    evaluator,
                    content,
                    &Here {
                        option,
                        function: None,
                        at: None,
                        certain: entry.maybe.is_none(),
                        depth: 3,
                    },
                );
            }
        }
    }

    fn entry(&mut self, evaluator: &mut Evaluator, entry: Entry, here: &Here) {
        if here.depth > MAX_DEPTH || self.is_over(evaluator) {
            return;
        }
        let Ok(value) = evaluator.force(entry.value) else {
            return;
        };
        let is_foreign = here
            .option
            .first()
            .is_some_and(|first| FOREIGN.contains(&first.as_str()) || first == "sops");
        let record = evaluator.option_record(entry.value);
        let is_declared = record.is_some_and(|record| record.declared);
        if is_declared && !is_foreign && !is_of_mcp(&here.option) {
            return;
        }
        let mut here = here.clone();
        here.certain &= entry.maybe.is_none();
        if !matches!(value, Value::Attrs(_)) {
            here.at = written(evaluator, entry).at.or(here.at);
        }
        self.value(evaluator, value, entry.value, &here);
    }

    fn value(&mut self, evaluator: &mut Evaluator, value: Value, thunk: Thunk, here: &Here) {
        match value {
            Value::String(id) => {
                let parts = evaluator.arena.string_parts(id).parts();
                self.text(evaluator, &parts, here);
                for part in &parts {
                    if let StringPart::Hole(Hole::External(external)) = part {
                        self.external(evaluator, *external, &here.deeper());
                    }
                }
            }
            Value::List(_) => {
                for (item, maybe) in items(evaluator, thunk) {
                    self.item(evaluator, item, maybe.is_none(), here);
                }
            }
            Value::Attrs(set) => {
                let options = Options { set };
                if !self.visited.insert((set.0, here.option.len()))
                    || is_of_another_kind(evaluator, options)
                {
                    return;
                }
                if options.entry(evaluator, "enable").is_some()
                    && options.boolean(evaluator, "enable").known() == Some(&false)
                {
                    // Switched off: a module does nothing with what stands there.
                    return;
                }
                for entry in evaluator.arena.entries_by_name(set) {
                    let mut inner = here.deeper();
                    if here.function.is_none() {
                        inner.option.push(evaluator.name(entry.name).to_string());
                    }
                    self.entry(evaluator, entry, &inner);
                }
            }
            Value::External(external) => self.external(evaluator, external, &here.deeper()),
            _ => {}
        }
    }

    /// An element of a list, or an argument.
    fn item(&mut self, evaluator: &mut Evaluator, item: Thunk, certain: bool, here: &Here) {
        let mut here = here.deeper();
        if here.depth > MAX_DEPTH || self.is_over(evaluator) {
            return;
        }
        here.certain &= certain;
        let own = evaluator
            .origin_span(item)
            .filter(|at| super::facts::is_users(evaluator, *at));
        here.at = own.or(here.at);
        if let Ok(value) = evaluator.force(item) {
            self.value(evaluator, value, item, &here);
        }
    }

    /// The arguments of the calls that made an external.
    fn external(&mut self, evaluator: &mut Evaluator, external: ExternalId, here: &Here) {
        let mut current = external;
        let mut arguments = Vec::new();
        let function = loop {
            match evaluator.arena.external_data(current).clone() {
                External::Root { .. } => break None,
                External::Select { base, name } => {
                    if !arguments.is_empty() {
                        break Some(evaluator.name(name).to_string());
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
            inner.function = function.clone().or_else(|| here.function.clone());
            self.item(evaluator, argument, true, &inner);
        }
    }

    fn text(&mut self, evaluator: &Evaluator, parts: &[StringPart], here: &Here) {
        let is_relevant = |text: &str| text.contains(['/', '<', '$']);
        let relevant = parts.iter().any(|part| match part {
            StringPart::Text(text) => is_relevant(text),
            StringPart::Hole(_) => false,
        });
        if !relevant {
            return;
        }
        let mut text = String::new();
        for part in parts {
            match part {
                StringPart::Text(piece) => text.push_str(piece),
                StringPart::Hole(_) => text.push(shell::HOLE),
            }
        }
        let mut mentions = Vec::new();
        for needle in &self.needles {
            if let Some(at) = whole_match(&text, &needle.text, needle.what) {
                mentions.push(self.mention(evaluator, &text, at, needle, here));
            }
        }
        for path in undeclared(&text, &self.needles) {
            let at = text.find(path).unwrap_or_default();
            mentions.push(Mention {
                secret: None,
                text: path.to_owned(),
                what: Mentioned::Path,
                form: shell::form(&text, at, path.len()),
                user: self.user.clone(),
                option: here.option.clone(),
                function: here.function.clone(),
                in_own_shell: shell::is_in_own_shell(&text, at),
                at: narrow(evaluator, here.at, &[path.to_owned()], ""),
                certain: here.certain,
            });
        }
        self.found.extend(mentions);
    }

    fn mention(
        &self,
        evaluator: &Evaluator,
        text: &str,
        at: usize,
        needle: &Needle,
        here: &Here,
    ) -> Mention {
        let secret = self.secrets.get(needle.secret);
        let attribute = secret.map_or("", |secret| secret.attribute.as_str());
        let written = match needle.what {
            Mentioned::Path => narrow::selections(attribute, "path", &needle.text),
            Mentioned::Placeholder => narrow::placeholders(attribute),
        };
        let form = match needle.what {
            Mentioned::Path => shell::form(text, at, needle.text.len()),
            Mentioned::Placeholder if text.len() == needle.text.len() => crate::model::Form::Whole,
            Mentioned::Placeholder => crate::model::Form::Part,
        };
        Mention {
            secret: Some(needle.secret),
            text: match needle.what {
                Mentioned::Path => needle.text.clone(),
                Mentioned::Placeholder => attribute.to_owned(),
            },
            what: needle.what,
            form,
            user: self.user.clone(),
            option: here.option.clone(),
            function: here.function.clone(),
            in_own_shell: shell::is_in_own_shell(text, at),
            at: narrow(evaluator, here.at, &written, line_before(text, at)),
            certain: here.certain,
        }
    }
}

/// Whether a set is no part of the configuration's text: a flake, another configuration, a package, a
/// type. They hold whole projects, which are searched where they are evaluated.
fn is_of_another_kind(evaluator: &mut Evaluator, options: Options) -> bool {
    const MARKS: [&str; 7] = [
        "_type",
        "_module",
        "outPath",
        "drvPath",
        "nixosConfigurations",
        "outputs",
        "functor",
    ];
    MARKS
        .iter()
        .any(|mark| options.entry(evaluator, mark).is_some())
}

/// `services.mcp` and `programs.mcp` are declared by our own schemas.
fn is_of_mcp(option: &[String]) -> bool {
    matches!(option, [first, second, ..] if (first == "services" || first == "programs") && second == "mcp")
        || matches!(option, [first] if first == "services" || first == "programs")
}

/// What stands in the same line before a place, from the last interpolation on.
fn line_before(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit(['\n', shell::HOLE]).next();
    line.unwrap_or_default().trim_start()
}

/// Where a path or placeholder stands in a text as a whole.
fn whole_match(text: &str, needle: &str, what: Mentioned) -> Option<usize> {
    match what {
        Mentioned::Placeholder => text.find(needle),
        Mentioned::Path => text
            .match_indices(needle)
            .find(|(at, found)| {
                let before = text
                    .get(..*at)
                    .and_then(|before| before.chars().next_back());
                let rest = text.get(at + found.len()..).unwrap_or_default();
                let goes_on =
                    |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | shell::HOLE);
                let mut after = rest.chars();
                let ends = match after.next() {
                    // A full stop at the end of a sentence or before white space ends a path.
                    Some('.') => !after.next().is_some_and(|c| goes_on(c) || c == '.'),
                    Some(c) => !goes_on(c),
                    None => true,
                };
                let starts = !before.is_some_and(|c| goes_on(c) || c == '.');
                starts && ends
            })
            .map(|(at, _)| at),
    }
}

/// Whole paths below the directories of managers at which no declared secret lands.
fn undeclared<'a>(text: &'a str, needles: &[Needle]) -> Vec<&'a str> {
    let is_path = |c: char| {
        c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '+' | shell::HOLE)
    };
    let pieces = text.split(|c: char| !is_path(c));
    let is_managed = |piece: &&str| {
        managed_directory(piece)
            .is_some_and(|managed| piece.len() > managed.len() && !piece.ends_with('/'))
    };
    let is_declared = |piece: &str| {
        needles
            .iter()
            .any(|needle| needle.text == piece || needle.text == piece.trim_end_matches('.'))
    };
    let mut paths: Vec<&str> = pieces
        .filter(is_managed)
        .filter(|piece| !piece.contains(shell::HOLE) && !is_declared(piece))
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}
