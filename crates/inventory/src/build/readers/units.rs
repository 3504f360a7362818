//! systemd units: who opens a secret's file that a unit mentions.
//!
//! `EnvironmentFile=` and `LoadCredential=` are opened by the service manager as root; commands and
//! scripts run as `User=`, which is root where the user's own unit sets none (systemd.exec(5)).

use nix_eval::Evaluator;
use nix_eval::value::{Entry, External, ExternalId, Hole, StringPart, Thunk, Value};
use nix_syntax::source::Span;

use super::{FoundReaders, Home, Opening, Scene};
use crate::build::facts::{Options, definitions, written};
use crate::model::{Fact, Moment, Principal, Unknown};

/// How deep a value is searched for paths.
const MAX_DEPTH: usize = 12;

/// Options that the service manager opens itself (systemd.exec(5)).
const BY_MANAGER: [&str; 4] = [
    "EnvironmentFile",
    "LoadCredential",
    "LoadCredentialEncrypted",
    "PassEnvironment",
];

/// Options that are commands, in `serviceConfig`.
const COMMANDS: [&str; 8] = [
    "ExecStart",
    "ExecStartPre",
    "ExecStartPost",
    "ExecCondition",
    "ExecReload",
    "ExecStop",
    "ExecStopPost",
    "Environment",
];

/// Options of a NixOS unit that end up in scripts or the process's environment.
const SCRIPTS: [&str; 8] = [
    "script",
    "preStart",
    "postStart",
    "preStop",
    "postStop",
    "reload",
    "environment",
    "path",
];

/// What of a unit decides who it runs as.
struct Unit<'a> {
    name: &'a str,
    /// Its `serviceConfig`, or `Service` in Home Manager.
    service: Option<Options>,
    certain: bool,
}

/// `systemd.services` and `systemd.user.services` of a system.
pub(super) fn system(
    evaluator: &mut Evaluator,
    scene: &Scene<'_>,
    system: Options,
    found: &mut FoundReaders,
) {
    if let Ok(services) = system.path(evaluator, &["systemd", "services"]) {
        for (name, entry) in services.entries(evaluator) {
            system_unit(evaluator, scene, &name, entry, found);
        }
    }
    if let Ok(services) = system.path(evaluator, &["systemd", "user", "services"]) {
        for (name, entry) in services.entries(evaluator) {
            let reason = "every user that logs in runs it".to_owned();
            let user = Fact::unknown(Unknown { reason, at: None });
            user_unit(
                evaluator,
                scene,
                (&name, entry),
                "serviceConfig",
                &user,
                found,
            );
        }
    }
}

/// `systemd.user.services` of a Home Manager user.
pub(super) fn home(
    evaluator: &mut Evaluator,
    scene: &Scene<'_>,
    home: &Home,
    found: &mut FoundReaders,
) {
    let Ok(services) = home
        .config
        .path(evaluator, &["systemd", "user", "services"])
    else {
        return;
    };
    let user = Fact::default_value(Principal::named(&home.user));
    for (name, entry) in services.entries(evaluator) {
        user_unit(evaluator, scene, (&name, entry), "Service", &user, found);
    }
}

fn system_unit(
    evaluator: &mut Evaluator,
    scene: &Scene<'_>,
    name: &str,
    entry: Entry,
    found: &mut FoundReaders,
) {
    let Ok(set) = evaluator.force_attrs(entry.value) else {
        return;
    };
    let options = Options { set };
    let service = options.path(evaluator, &["serviceConfig"]).ok();
    let unit = Unit {
        name,
        service,
        certain: entry.maybe.is_none(),
    };
    let (user, groups, dynamic_user) = runs_as(evaluator, scene, &unit, options);
    let root = || {
        (
            Fact::default_value(Principal::root()),
            Fact::default_value(vec!["root".to_owned()]),
        )
    };
    let mut seen = Vec::new();
    let mut add = |evaluator: &mut Evaluator, field: &str, value: Entry, as_root, moment| {
        for mention in mentions(evaluator, scene, value) {
            if seen.contains(&(mention.path.clone(), field.to_owned())) {
                continue;
            }
            seen.push((mention.path.clone(), field.to_owned()));
            let (user, groups) = if as_root || mention.privileged {
                root()
            } else {
                (user.clone(), groups.clone())
            };
            found.readers.push(scene.reader(Opening {
                path: Fact::default_value(mention.path),
                user,
                groups,
                dynamic_user: dynamic_user && !as_root && !mention.privileged,
                via: format!("{name}.service {field}"),
                moment,
                at: mention.at,
                certain: unit.certain,
            }));
        }
    };
    if let Some(service) = service {
        for field in BY_MANAGER {
            if let Some(value) = service.entry(evaluator, field) {
                add(evaluator, field, value, true, Moment::ServiceManager);
            }
        }
        for field in COMMANDS {
            if let Some(value) = service.entry(evaluator, field) {
                add(evaluator, field, value, false, Moment::Service);
            }
        }
    }
    for field in SCRIPTS {
        if let Some(value) = options.entry(evaluator, field) {
            add(evaluator, field, value, false, Moment::Service);
        }
    }
}

/// The user, the groups, and whether the user is dynamic.
fn runs_as(
    evaluator: &mut Evaluator,
    scene: &Scene<'_>,
    unit: &Unit<'_>,
    options: Options,
) -> (Fact<Principal>, Fact<Vec<String>>, bool) {
    let no_user = |reason: String| Fact::unknown(Unknown { reason, at: None });
    // A unit that the project only adds to is nixpkgs': who it runs as is not shown here.
    let own = unit
        .service
        .is_some_and(|service| service.entry(evaluator, "ExecStart").is_some())
        || options.entry(evaluator, "script").is_some();
    let field = |evaluator: &mut Evaluator, name: &str| {
        let service = unit.service?;
        service.entry(evaluator, name)?;
        Some(service.text(evaluator, name))
    };
    let dynamic = match unit.service {
        Some(service) if service.entry(evaluator, "DynamicUser").is_some() => service
            .fact(evaluator, "DynamicUser", |_, value| Ok(value))
            .value
            .map_or(None, |value| match value {
                Value::Bool(value) => Some(value),
                _ => None,
            }),
        _ => Some(false),
    };
    let user = match field(evaluator, "User") {
        Some(user) => user.map(|name| match name.parse::<u32>() {
            Ok(number) => Principal::numbered(number),
            Err(_) => Principal::named(&name),
        }),
        None if dynamic == Some(true) => Fact::default_value(Principal {
            name: Some(unit.name.to_owned()),
            id: None,
        }),
        None if own && dynamic == Some(false) => Fact::default_value(Principal::root()),
        None => no_user(format!(
            "`User=` of {}.service is not in this project",
            unit.name
        )),
    };
    let mut groups = match user.known().and_then(|user| user.name.clone()) {
        Some(name) if name == "root" => Fact::default_value(vec!["root".to_owned()]),
        Some(name) => scene.groups_of(&name),
        None => {
            let reason = "the unit's user is not known".to_owned();
            Fact::unknown(Unknown { reason, at: None })
        }
    };
    if let Some(group) = field(evaluator, "Group") {
        groups = match (groups.value, group.value) {
            (Ok(mut all), Ok(group)) => {
                all.insert(0, group);
                Fact::default_value(all)
            }
            (_, Err(unknown)) => Fact::unknown(unknown),
            (Err(unknown), Ok(_)) => Fact::unknown(unknown),
        };
    }
    if let Some(service) = unit.service
        && let Some(entry) = service.entry(evaluator, "SupplementaryGroups")
    {
        let more = super::super::facts::items(evaluator, entry.value);
        let mut names = Vec::new();
        let mut failed = None;
        for (item, _) in more {
            match evaluator
                .force(item)
                .and_then(|value| evaluator.expect_text(value))
            {
                Ok(text) => names.push(text.to_string()),
                Err(why) => failed = Some(why),
            }
        }
        groups = match (groups.value, failed) {
            (Ok(mut all), None) => {
                all.extend(names);
                Fact::default_value(all)
            }
            (Err(unknown), _) => Fact::unknown(unknown),
            (Ok(_), Some(why)) => Fact::unknown(super::super::facts::unknown(evaluator, why)),
        };
    }
    (user, groups, dynamic == Some(true))
}

fn user_unit(
    evaluator: &mut Evaluator,
    scene: &Scene<'_>,
    (name, entry): (&str, Entry),
    section: &str,
    user: &Fact<Principal>,
    found: &mut FoundReaders,
) {
    let groups = match user.known().and_then(|user| user.name.as_deref()) {
        Some(name) => scene.groups_of(name),
        None => Fact::unknown(Unknown {
            reason: "the user is not known".to_owned(),
            at: None,
        }),
    };
    for mention in mentions(evaluator, scene, entry) {
        found.readers.push(scene.reader(Opening {
            path: Fact::default_value(mention.path),
            user: user.clone(),
            groups: groups.clone(),
            dynamic_user: false,
            via: format!("{name}.service ({section} of the user's manager)"),
            moment: Moment::UserService,
            at: mention.at,
            certain: entry.maybe.is_none(),
        }));
    }
}

/// A secret's path in a value.
struct Mention {
    path: String,
    at: Option<Span>,
    /// The command has a prefix that gives it full privileges.
    privileged: bool,
}

/// The secrets whose paths a value mentions: in strings, lists, sets and the arguments of calls.
fn mentions(evaluator: &mut Evaluator, scene: &Scene<'_>, entry: Entry) -> Vec<Mention> {
    let at = written(evaluator, entry)
        .at
        .or_else(|| definitions(evaluator, entry).first().copied());
    let mut search = Search {
        scene,
        found: Vec::new(),
        at,
        visited: Vec::new(),
    };
    search.thunk(evaluator, entry.value, 0);
    search.found
}

struct Search<'a, 'b> {
    scene: &'a Scene<'b>,
    found: Vec<Mention>,
    at: Option<Span>,
    visited: Vec<ExternalId>,
}

impl Search<'_, '_> {
    fn thunk(&mut self, evaluator: &mut Evaluator, thunk: Thunk, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match evaluator.force(thunk) {
            Ok(Value::String(id)) => {
                let parts = evaluator.arena.string_parts(id).parts();
                let mut privileged = false;
                for (index, part) in parts.iter().enumerate() {
                    match part {
                        StringPart::Text(text) => {
                            if index == 0 {
                                privileged = is_privileged(text);
                            }
                            self.text(text, privileged);
                            let is_whole = (index == 0, index + 1 == parts.len());
                            self.managed_paths(text, is_whole, privileged);
                        }
                        StringPart::Hole(Hole::External(external)) => {
                            self.external(evaluator, *external, depth + 1, privileged);
                        }
                        StringPart::Hole(_) => {}
                    }
                }
            }
            Ok(Value::List(_)) => {
                for (item, _) in super::super::facts::items(evaluator, thunk) {
                    self.thunk(evaluator, item, depth + 1);
                }
            }
            Ok(Value::Attrs(set)) => {
                for entry in evaluator.arena.entries_by_name(set) {
                    self.thunk(evaluator, entry.value, depth + 1);
                }
            }
            Ok(Value::External(external)) => self.external(evaluator, external, depth + 1, false),
            _ => {}
        }
    }

    /// The arguments of the calls that made an external: the text of a script, an application's
    /// settings.
    fn external(
        &mut self,
        evaluator: &mut Evaluator,
        external: ExternalId,
        depth: usize,
        privileged: bool,
    ) {
        let mut current = external;
        loop {
            if self.visited.contains(&current) || depth > MAX_DEPTH {
                return;
            }
            self.visited.push(current);
            current = match evaluator.arena.external_data(current).clone() {
                External::Root { .. } => return,
                External::Select { base, .. } => base,
                External::Apply { function, argument } => {
                    let before = self.found.len();
                    self.thunk(evaluator, argument, depth + 1);
                    for mention in self.found.iter_mut().skip(before) {
                        mention.privileged |= privileged;
                    }
                    function
                }
            };
        }
    }

    fn text(&mut self, text: &str, privileged: bool) {
        for secret in self.scene.secrets {
            let Some(path) = secret.path.known() else {
                continue;
            };
            if path.len() < 2 || secret.path_is_shell_text || !mentions_path(text, path) {
                continue;
            }
            self.add(path, privileged);
        }
    }

    /// Paths below the directories of a manager that no declared secret has.
    fn managed_paths(&mut self, text: &str, is_whole: (bool, bool), privileged: bool) {
        for path in written_paths(text, is_whole) {
            self.add(path, privileged);
        }
    }

    fn add(&mut self, path: &str, privileged: bool) {
        if !self.found.iter().any(|mention| mention.path == path) {
            let (path, at) = (path.to_owned(), self.at);
            self.found.push(Mention {
                path,
                at,
                privileged,
            });
        }
    }
}

/// Directories of managers, with the slash that ends them.
const MANAGED: [&str; 4] = [
    "/run/secrets/",
    "/run/secrets-for-users/",
    "/run/agenix/",
    "/.config/sops-nix/secrets/",
];

/// The paths below a manager's directory that are written out in a text. What touches its start or
/// end counts only if the text starts or ends there and does not go on in an interpolation. Nothing
/// in commands that start containers, where these directories are the container's own.
fn written_paths(text: &str, (starts, ends): (bool, bool)) -> Vec<&str> {
    let of_a_container = ["podman", "docker", "nspawn", "--volume", "--mount"];
    if of_a_container.iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '+');
    let mut paths = Vec::new();
    let mut from = 0;
    for piece in text.split(|c| !is_path(c)) {
        let start = from;
        from += piece.len()
            + text
                .get(start + piece.len()..)
                .and_then(|rest| rest.chars().next())
                .map_or(0, char::len_utf8);
        let end = start + piece.len();
        let is_cut = (start == 0 && !starts) || (end == text.len() && !ends);
        let Some(managed) = MANAGED
            .iter()
            .find(|managed| match managed.starts_with("/run") {
                true => piece.starts_with(**managed),
                false => piece.starts_with('/') && piece.contains(**managed),
            })
        else {
            continue;
        };
        let has_name = !piece.ends_with('/') && piece.len() > managed.len();
        if has_name && !is_cut {
            paths.push(piece);
        }
    }
    paths
}

/// `+` and `!` before a command keep root's privileges (systemd.service(5)).
fn is_privileged(command: &str) -> bool {
    command
        .chars()
        .take_while(|c| matches!(c, '+' | '!' | '-' | '@' | ':' | '|'))
        .any(|c| matches!(c, '+' | '!'))
}

/// Whether a text holds a path as a whole, not as the beginning of a longer name.
pub(super) fn mentions_path(text: &str, path: &str) -> bool {
    text.match_indices(path).any(|(at, found)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text
            .get(at + found.len()..)
            .and_then(|after| after.chars().next());
        let continues = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        !before.is_some_and(continues) && !after.is_some_and(continues)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_paths_below_a_managers_directory_are_found() {
        let whole = (true, true);
        assert_eq!(
            written_paths("x --token /run/secrets/a/b;y", whole),
            ["/run/secrets/a/b"]
        );
        assert_eq!(
            written_paths("token:/run/agenix/t", whole),
            ["/run/agenix/t"]
        );
        assert_eq!(
            written_paths("/home/a/.config/sops-nix/secrets/t", whole),
            ["/home/a/.config/sops-nix/secrets/t"]
        );
        assert!(written_paths("/run/secrets/ and /run/secrets", whole).is_empty());
        assert!(written_paths("/srv/run/secrets/t", whole).is_empty());
        assert!(written_paths("podman run -v /x:/run/secrets/t", whole).is_empty());
    }

    #[test]
    fn a_path_that_goes_on_in_an_interpolation_is_not_whole() {
        assert!(written_paths("/run/secrets/t-", (true, false)).is_empty());
        assert!(written_paths("/run/secrets/t", (false, true)).is_empty());
        assert_eq!(
            written_paths("/run/secrets/t -", (true, false)),
            ["/run/secrets/t"]
        );
    }
}
