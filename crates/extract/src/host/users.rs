//! Users and groups of a system.

use nix_eval::Evaluator;
use nix_eval::flake::SystemKind;
use nix_eval::value::Thunk;

use crate::values::{Options, definitions};
use inventory::model::{Fact, Group, User};

/// The users of a system's `config`, sorted by name, with all their groups.
pub(crate) fn users(evaluator: &mut Evaluator, config: Options, kind: SystemKind) -> Vec<User> {
    let Ok(set) = config.path(evaluator, &["users", "users"]) else {
        return Vec::new();
    };
    let memberships = memberships(evaluator, config);
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
            let more = memberships.iter().filter(|(_, member)| *member == name);
            for (group, _) in more {
                if !groups.contains(group) {
                    groups.push(group.clone());
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

/// (group, member) for `users.groups.<group>.members`.
fn memberships(evaluator: &mut Evaluator, config: Options) -> Vec<(String, String)> {
    let Ok(set) = config.path(evaluator, &["users", "groups"]) else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for (group, entry) in set.entries(evaluator) {
        let Ok(inner) = evaluator.force_attrs(entry.value) else {
            continue;
        };
        let members = Options { set: inner }.texts(evaluator, "members");
        for member in members.value.unwrap_or_default() {
            pairs.push((group.clone(), member));
        }
    }
    pairs
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
