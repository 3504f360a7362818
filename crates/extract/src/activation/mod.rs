//! The settings of a host that decide when secrets are installed and used.

mod directories;
pub(crate) mod mounts;
mod oci;
pub(crate) mod tmpfiles;
mod units;

use std::collections::BTreeSet;

use nix_eval::Evaluator;
use nix_eval::value::{Entry, StringPart, Value};

use crate::host_view::Home;
use crate::managers::MANAGERS;
use crate::search::holes::with_holes;
use crate::search::narrow_span::narrow_to_text;
use crate::values::{Options, definitions, items, text, unknown, written};
use inventory::model::{ActivationScript, Fact, InstallerUnit, Manager, Secret, Settings, Unknown};

pub(crate) use crate::managers::agenix_rekey::files as rekeyed_files;

/// The settings of a host with these configurations.
pub(crate) fn find(
    evaluator: &mut Evaluator,
    system: Option<Options>,
    homes: &[Home],
    secrets: &[Secret],
    tmpfiles: &tmpfiles::Rules,
) -> Settings {
    let mut settings = Settings::default();
    if let Some(config) = system {
        settings.userborn = boolean(evaluator, config, &["services", "userborn"], "enable");
        settings.sysusers = boolean(evaluator, config, &["systemd", "sysusers"], "enable");
        settings.in_a_unit = MANAGERS
            .iter()
            .map(|manager| (*manager, in_a_unit(evaluator, config, manager, &settings)))
            .collect();
        settings.ldap_password = ldap_password(evaluator, config);
        settings.mounts = mounts::find(evaluator, config);
        settings.forgets_root = mounts::forgets_root(evaluator, config, &settings.mounts);
        let given = directories::find(evaluator, config, tmpfiles);
        settings.directories = given.directories;
        settings.directories_open = given.open;
        settings.scripts = scripts(evaluator, config);
        settings.foreign = foreign(evaluator, config, "");
        settings.rekey = crate::managers::agenix_rekey::find(evaluator, config, secrets);
        units::find(evaluator, config, None, &mut settings.units);
        settings.units_of_users = units::of_all_users(evaluator, config);
        settings.oci_containers = oci::find(evaluator, config);
    }
    for home in homes {
        units::find(
            evaluator,
            home.config,
            Some(&home.user),
            &mut settings.units,
        );
        let scripts = home_scripts(evaluator, home.config);
        let scripts = scripts.into_iter();
        let of_user = scripts.map(|script| (home.user.clone(), script));
        settings.home_scripts.extend(of_user);
        let foreign = foreign(evaluator, home.config, &home.prefix());
        settings.foreign.extend(foreign);
        if runs_the_check(evaluator, home.config) {
            settings.checked_users.push(home.user.clone());
        }
    }
    settings
        .units
        .sort_by(|a, b| (&a.user, &a.name).cmp(&(&b.user, &b.name)));
    settings
}

fn boolean(evaluator: &mut Evaluator, config: Options, path: &[&str], name: &str) -> Fact<bool> {
    match config.path(evaluator, path) {
        Ok(options) => options.boolean(evaluator, name),
        Err(why) => Fact::unknown(unknown(evaluator, why)),
    }
}

/// Whether a unit and no activation script installs the secrets of a manager.
fn in_a_unit(
    evaluator: &mut Evaluator,
    config: Options,
    manager: &Manager,
    settings: &Settings,
) -> Fact<bool> {
    match manager.installer.unit {
        InstallerUnit::Never => Fact::default_value(false),
        InstallerUnit::Option(option) => {
            let path: Vec<&str> = option.split('.').collect();
            let (last, above) = path.split_last().unwrap_or((&option, &[]));
            boolean(evaluator, config, above, last)
        }
        InstallerUnit::WithUsers => match (&settings.userborn, &settings.sysusers) {
            (userborn, _) if userborn.known() == Some(&true) => userborn.clone(),
            (userborn, _)
                if userborn.known().is_none() && settings.sysusers.known() == Some(&false) =>
            {
                userborn.clone()
            }
            (_, sysusers) => sysusers.clone(),
        },
    }
}

fn ldap_password(evaluator: &mut Evaluator, config: Options) -> Option<nix_syntax::source::Span> {
    let ldap = config.path(evaluator, &["users", "ldap"]).ok()?;
    let is_on = ldap.boolean(evaluator, "enable").known() == Some(&true);
    let bind = ldap.path(evaluator, &["bind"]).ok()?;
    let entry = bind.entry(evaluator, "passwordFile")?;
    let value = evaluator.force(entry.value).ok()?;
    (is_on && value != Value::Null && entry.maybe.is_none())
        .then(|| written(evaluator, entry).at)
        .flatten()
}

/// `system.activationScripts`
fn scripts(evaluator: &mut Evaluator, config: Options) -> Vec<ActivationScript> {
    let Ok(scripts) = config.path(evaluator, &["system", "activationScripts"]) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, entry) in scripts.entries(evaluator) {
        let at = definitions(evaluator, entry).first().copied();
        let (after, text) = match evaluator.force(entry.value) {
            Ok(Value::Attrs(set)) => {
                let options = Options { set };
                let after = list(evaluator, options, "deps");
                (after, options.entry(evaluator, "text"))
            }
            Ok(Value::String(_)) => (Fact::default_value(Vec::new()), Some(entry)),
            Ok(_) => (
                Fact::unknown(Unknown {
                    reason: "not a string and not a set".into(),
                    at,
                }),
                None,
            ),
            Err(why) => (Fact::unknown(unknown(evaluator, why)), None),
        };
        // A script that may not be there orders nothing.
        let after = match entry.maybe {
            Some(why) => Fact::unknown(unknown(evaluator, why)),
            None => after,
        };
        let is_string = text.is_some_and(|text| text.value == entry.value);
        found.push(ActivationScript {
            name,
            after,
            is_string,
            value: written(evaluator, entry).at,
            umask: text.and_then(|text| umask(evaluator, text)),
            at,
        });
    }
    found
}

/// `home.activation`
fn home_scripts(evaluator: &mut Evaluator, config: Options) -> Vec<ActivationScript> {
    let Ok(scripts) = config.path(evaluator, &["home", "activation"]) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, entry) in scripts.entries(evaluator) {
        let at = definitions(evaluator, entry).first().copied();
        let (after, is_string) = match evaluator.force(entry.value) {
            Ok(Value::Attrs(set)) => (list(evaluator, Options { set }, "after"), false),
            Ok(Value::String(_)) => (Fact::default_value(Vec::new()), true),
            Ok(_) => continue,
            Err(why) => (Fact::unknown(unknown(evaluator, why)), false),
        };
        found.push(ActivationScript {
            name,
            after,
            is_string,
            value: written(evaluator, entry).at,
            umask: None,
            at,
        });
    }
    found
}

/// A list of strings; an option that is not there is an empty one.
fn list(evaluator: &mut Evaluator, options: Options, name: &str) -> Fact<Vec<String>> {
    let Some(entry) = options.entry(evaluator, name) else {
        return Fact::default_value(Vec::new());
    };
    entry_list(evaluator, entry)
}

/// The strings of a list, or one string; unknown as soon as one of them is.
fn entry_list(evaluator: &mut Evaluator, entry: Entry) -> Fact<Vec<String>> {
    let value = match evaluator.force(entry.value) {
        Ok(value @ Value::String(_)) => text(evaluator, value).map(|text| vec![text]),
        Ok(Value::Null) => Ok(Vec::new()),
        Ok(Value::List(list)) => match evaluator.exact_list(list) {
            Ok(_) => items(evaluator, entry.value)
                .into_iter()
                .map(|(item, _)| {
                    let value = evaluator.force(item)?;
                    text(evaluator, value)
                })
                .collect(),
            Err(why) => Err(why),
        },
        Ok(other) => Err(evaluator.type_error(other, "a list")),
        Err(why) => Err(why),
    };
    let written = written(evaluator, entry);
    Fact {
        value: value.map_err(|why| unknown(evaluator, why)),
        at: written.at,
        binding: written.binding,
        origin: written.origin,
    }
}

/// `umask 077` in the outermost shell of a script: it holds for all scripts after it.
fn umask(
    evaluator: &mut Evaluator,
    entry: Entry,
) -> Option<(Option<nix_syntax::source::Span>, String)> {
    let Ok(Value::String(id)) = evaluator.force(entry.value) else {
        return None;
    };
    let script = with_holes(evaluator.string_parts(id));
    let mask = outer_umask(&script)?;
    let at = written(evaluator, entry).at;
    let line = [format!("umask {mask}")];
    Some((narrow_to_text(evaluator, at, &line, ""), mask))
}

/// The last umask that a script sets outside parentheses and functions.
fn outer_umask(script: &str) -> Option<String> {
    let mut depth = 0_usize;
    let mut mask = None;
    for line in script.lines() {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        if depth == 0
            && let Some(value) = line.strip_prefix("umask ")
        {
            let value = value.split([' ', ';', '#']).next().unwrap_or_default();
            mask = Some(value.to_owned());
        }
        let opened = line.matches(['(', '{']).count();
        let closed = line.matches([')', '}']).count();
        depth = (depth + opened).saturating_sub(closed);
    }
    mask
}

/// Options of managers that this kind of configuration does not have.
fn foreign(
    evaluator: &mut Evaluator,
    config: Options,
    prefix: &str,
) -> Vec<(String, Option<nix_syntax::source::Span>)> {
    let mut found = Vec::new();
    for manager in MANAGERS.iter() {
        let of_manager = manager.limited.iter().filter(|limited| !limited.of_secrets);
        let names: BTreeSet<&str> = of_manager.flat_map(|it| it.names).copied().collect();
        if names.is_empty() {
            continue;
        }
        let root = manager.root;
        let path: Vec<&str> = manager.root_names().collect();
        let Ok(options) = config.path(evaluator, &path) else {
            continue;
        };
        for name in names {
            let Some(entry) = options.entry(evaluator, name) else {
                continue;
            };
            // Only after it is evaluated is it known whether a module declares it.
            let _ = evaluator.force(entry.value);
            let record = evaluator.option_record(entry.value);
            if record.is_some_and(|record| !record.declared) {
                let at = definitions(evaluator, entry).first().copied();
                found.push((format!("{prefix}{root}.{name}"), at));
            }
        }
    }
    found
}

/// Whether `home.activation` runs `mcp-lint`, or its Home Manager module does.
fn runs_the_check(evaluator: &mut Evaluator, config: Options) -> bool {
    let own = boolean(evaluator, config, &["services", "mcp-lint"], "enable");
    if own.known() == Some(&true) {
        return true;
    }
    let Ok(activation) = config.path(evaluator, &["home", "activation"]) else {
        return false;
    };
    let entries = activation.entries(evaluator);
    entries
        .into_iter()
        .any(|(_, entry)| says_mcp_lint(evaluator, entry, 0))
}

fn says_mcp_lint(evaluator: &mut Evaluator, entry: Entry, depth: usize) -> bool {
    match evaluator.force(entry.value) {
        Ok(Value::String(id)) => evaluator
            .string_parts(id)
            .parts()
            .iter()
            .any(|part| matches!(part, StringPart::Text(text) if text.contains("mcp-lint"))),
        Ok(Value::Attrs(set)) if depth < 2 => (Options { set })
            .entries(evaluator)
            .into_iter()
            .any(|(_, inner)| says_mcp_lint(evaluator, inner, depth + 1)),
        // What is not known may run it.
        Ok(Value::External(_)) | Err(_) => true,
        Ok(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::outer_umask;

    #[test]
    fn only_a_umask_of_the_outermost_shell_lasts() {
        assert_eq!(outer_umask("umask 077\nmkdir /x").as_deref(), Some("077"));
        assert_eq!(outer_umask("(\n  umask 077\n  mkdir /x\n)"), None);
        assert_eq!(outer_umask("( umask 077; mkdir /x )"), None);
        assert_eq!(
            outer_umask("umask 077\nmkdir /x\numask 022").as_deref(),
            Some("022")
        );
        assert_eq!(outer_umask("# umask 077"), None);
    }
}
