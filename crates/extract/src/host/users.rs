//! Users and groups of a system.

use nix_eval::Evaluator;
use nix_eval::flake::SystemKind;
use nix_eval::value::Thunk;
use rustc_hash::FxHashMap;

use crate::values::{Options, definitions, is_users, items, text};
use inventory::model::{Fact, Group, Membership, User};
use nix_syntax::source::Span;

/// The users of a system's `config`, sorted by name, with all their groups.
pub(crate) fn users(evaluator: &mut Evaluator, config: Options, kind: SystemKind) -> Vec<User> {
    let Ok(set) = config.path(evaluator, &["users", "users"]) else {
        return Vec::new();
    };
    let memberships = memberships(evaluator, config);
    let mut groups_of: FxHashMap<&str, Vec<&String>> = FxHashMap::default();
    for member in &memberships {
        let of_user = groups_of.entry(&member.user).or_default();
        of_user.push(&member.group);
    }
    let mut users = Vec::new();
    for (name, entry) in set.entries(evaluator) {
        if entry.maybe.is_some() {
            continue;
        }
        let Ok(inner) = evaluator.force_attrs(entry.value) else {
            continue;
        };
        let options = Options { set: inner };
        let own_name = options.text(evaluator, "name");
        let name = own_name.known().cloned().unwrap_or(name);
        let mut groups = if kind == SystemKind::Darwin {
            // nix-darwin's users have no extraGroups; `staff` is everybody's primary group.
            Fact::default_value(Vec::new())
        } else {
            options.texts(evaluator, "extraGroups")
        };
        if let Ok(groups) = &mut groups.value {
            for group in groups_of.get(name.as_str()).into_iter().flatten() {
                if !groups.contains(*group) {
                    groups.push((*group).clone());
                }
            }
        }
        let group = if kind == SystemKind::Darwin {
            Fact::default_value(Some("staff".to_owned()))
        } else {
            options
                .optional_text(evaluator, "group")
                .map(|group| group.filter(|g| !g.is_empty()))
        };
        let is_normal_user = if kind == SystemKind::Darwin {
            Fact::default_value(!name.starts_with('_') && name != "root")
        } else {
            options.boolean(evaluator, "isNormalUser")
        };
        users.push(User {
            uid: options.optional_int(evaluator, "uid"),
            group,
            groups,
            home: options.optional_text(evaluator, "home"),
            is_normal_user,
            lingers: options.boolean(evaluator, "linger"),
            declared_at: definitions(evaluator, entry),
            name,
        });
    }
    users.sort_by(|a, b| a.name.cmp(&b.name));
    users
}

/// `users.groups.<group>.members`
fn memberships(evaluator: &mut Evaluator, config: Options) -> Vec<Membership> {
    let Ok(set) = config.path(evaluator, &["users", "groups"]) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (group, entry) in set.entries(evaluator) {
        let Ok(inner) = evaluator.force_attrs(entry.value) else {
            continue;
        };
        for (user, at) in names(evaluator, Options { set: inner }, "members") {
            let group = group.clone();
            found.push(Membership { group, user, at });
        }
    }
    found
}

/// Who is in which group beside the primary one, sorted: `users.groups.<group>.members` and
/// `users.users.<user>.extraGroups`.
pub(crate) fn all_memberships(
    evaluator: &mut Evaluator,
    config: Options,
    kind: SystemKind,
) -> Vec<Membership> {
    let mut found = memberships(evaluator, config);
    if kind == SystemKind::Darwin {
        // nix-darwin has `members` alone.
        found.sort();
        return found;
    }
    let users = config.path(evaluator, &["users", "users"]);
    let entries = users.map_or_else(|_| Vec::new(), |set| set.entries(evaluator));
    for (name, entry) in entries {
        let Ok(set) = evaluator.force_attrs(entry.value) else {
            continue;
        };
        if entry.maybe.is_some() {
            continue;
        }
        let options = Options { set };
        let user = options.text(evaluator, "name");
        let user = user.known().cloned().unwrap_or(name);
        for (group, at) in names(evaluator, options, "extraGroups") {
            let user = user.clone();
            found.push(Membership { group, user, at });
        }
    }
    found.sort();
    found.dedup_by(|a, b| (&a.group, &a.user) == (&b.group, &b.user));
    found
}

/// The texts of a list that are certainly in it, each with its place in the project.
fn names(evaluator: &mut Evaluator, options: Options, option: &str) -> Vec<(String, Option<Span>)> {
    let Some(list) = options.entry(evaluator, option) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (item, maybe) in items(evaluator, list.value) {
        let name = evaluator.force(item);
        let name = name.and_then(|value| text(evaluator, value));
        if let (Ok(name), None) = (name, maybe) {
            let at = evaluator.origin_span(item).filter(|at| is_users(*at));
            found.push((name, at));
        }
    }
    found
}

/// The groups of a system's `config`, sorted by name.
pub(crate) fn groups(evaluator: &mut Evaluator, config: Options) -> Vec<Group> {
    let Ok(set) = config.path(evaluator, &["users", "groups"]) else {
        return Vec::new();
    };
    let mut groups = Vec::new();
    for (name, entry) in set.entries(evaluator) {
        if entry.maybe.is_some() {
            continue;
        }
        let Ok(inner) = evaluator.force_attrs(entry.value) else {
            continue;
        };
        let gid = Options { set: inner }.optional_int(evaluator, "gid");
        groups.push(Group {
            name,
            gid,
            declared_at: definitions(evaluator, entry),
        });
    }
    groups
}

/// The services that a configuration sets, does not switch off, and whose options no module here declares; sorted.
pub(crate) fn services_of_nixpkgs(
    evaluator: &mut Evaluator,
    config: Options,
    options: Thunk,
) -> Vec<String> {
    let Ok(set) = config.set(evaluator, "services") else {
        return Vec::new();
    };
    let declared = evaluator.force_attrs(options);
    let declared = declared.and_then(|set| Options { set }.set(evaluator, "services"));
    let mut names = Vec::new();
    for (name, entry) in set.entries(evaluator) {
        let is_declared = declared.is_ok_and(|declared| declared.entry(evaluator, &name).is_some());
        let is_off = match evaluator.force_attrs(entry.value) {
            Ok(set) => (Options { set }).boolean(evaluator, "enable").known() == Some(&false),
            Err(_) => false,
        };
        if !is_declared && !is_off {
            names.push(name);
        }
    }
    names
}
