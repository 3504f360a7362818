//! Names to complete: secrets after `sops.secrets.`, keys of sops files in `key = "`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use extract::{MANAGERS, module_kind_of};
use gen_lsp_types::{CompletionItem, CompletionItemKind, Range, TextEdit};
use inventory::{Capability, Host, HostClass, Scope, Secret};
use nix_eval::flake::SystemKind;
use nix_syntax::quote::attribute_name;

use super::analyse::Snapshot;
use super::index::Name;
use crate::display::escape;

/// More are not offered.
const MOST: usize = 500;

/// The file in which a name is being written.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    /// Whose module it seems to be.
    kind: SystemKind,
}

impl Place {
    /// A file with this text, which parses.
    pub(crate) fn of(path: &Path, text: &str) -> Self {
        let parsed = nix_syntax::parse(text).file;
        Self {
            kind: module_kind_of(path, Some(&parsed)),
            path: path.to_owned(),
        }
    }

    /// Whether a secret is one of the configurations that this file is a module of.
    fn is_of(&self, host: &Host, secret: &Secret, is_of_system: bool) -> bool {
        let is_users = matches!(secret.scope, Scope::User(_));
        match self.kind {
            SystemKind::HomeManager => is_users != is_of_system,
            SystemKind::Darwin => !is_users && host.class == HostClass::Darwin,
            SystemKind::Nixos | SystemKind::SystemManager => !is_users,
        }
    }

    /// Whether secrets of this file are known to be of one kind: what it declares says more than its
    /// words.
    fn scope(&self, snapshot: &Snapshot) -> Option<bool> {
        let file = snapshot.file(&self.path)?;
        let hosts = snapshot.inventory.hosts.iter();
        let secrets = hosts.flat_map(|host| &host.secrets);
        let mut here = secrets.filter(|secret| secret.declared_at.iter().any(|at| at.file == file));
        let is_users = |secret: &Secret| matches!(secret.scope, Scope::User(_));
        let first = is_users(here.next()?);
        here.all(|secret| is_users(secret) == first)
            .then_some(first)
    }

    /// The secrets of a name that can be meant here: (host, secret).
    fn meant<'s>(
        &self,
        snapshot: &'s Snapshot,
        name: &Name,
        is_of_system: bool,
    ) -> impl Iterator<Item = (&'s Host, &'s Secret)> {
        let scope = self.scope(snapshot);
        let all = snapshot.index.secrets(name).to_vec().into_iter();
        let all = all.filter_map(move |(host, secret)| {
            let host = snapshot.inventory.hosts.get(host)?;
            Some((host, host.secrets.get(secret)?))
        });
        all.filter(move |(host, secret)| match scope {
            Some(is_users) if !is_of_system => matches!(secret.scope, Scope::User(_)) == is_users,
            _ => self.is_of(host, secret, is_of_system),
        })
    }
}

/// What is being written at the end of a line up to the cursor.
#[derive(Debug, PartialEq, Eq)]
enum Wanted<'t> {
    /// The name of a secret.
    Secret {
        option: &'static str,
        /// Read from `config`, so it must be declared.
        is_use: bool,
        /// Read from `osConfig`: the system's, in a module of Home Manager.
        is_of_system: bool,
        typed: &'t str,
    },
    /// A key in an encrypted file.
    Key { typed: &'t str },
}

fn wanted(line: &str) -> Option<Wanted<'_>> {
    let sets = MANAGERS.iter().flat_map(|it| it.naming_options());
    for (set, option) in sets {
        let Some((before, typed)) = line.rsplit_once(&format!("{set}.")) else {
            continue;
        };
        let is_name = |character: char| character.is_alphanumeric() || "_-'".contains(character);
        let is_typed = match typed.strip_prefix('"') {
            Some(quoted) => !quoted.contains(['"', '$', '\\']),
            None => typed.chars().all(is_name),
        };
        if is_typed && !before.ends_with(is_name) {
            let is_use = before.ends_with('.');
            return Some(Wanted::Secret {
                option,
                is_use,
                is_of_system: before.ends_with("osConfig."),
                typed,
            });
        }
    }
    let (before, typed) = line.rsplit_once('"')?;
    let name = before.trim_end().strip_suffix('=')?.trim_end();
    let is_key = name == "key" || name.ends_with([' ', '.', '{', ';']) || name.ends_with("key");
    let ends_in_key = name
        .strip_suffix("key")
        .is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '\t', '.', '{', ';']));
    (is_key && ends_in_key && !typed.contains(['$', '\\'])).then_some(Wanted::Key { typed })
}

/// What can stand at the end of this line up to the cursor. `range` gives the range of so many of its
/// last bytes.
pub(crate) fn complete(
    snapshots: &[&Snapshot],
    line: &str,
    place: &Place,
    range: impl Fn(usize) -> Range,
) -> Vec<CompletionItem> {
    let Some(wanted) = wanted(line) else {
        return Vec::new();
    };
    // By what is inserted: what people see, and what it is.
    let mut offers: BTreeMap<String, (String, String)> = BTreeMap::new();
    let typed = match wanted {
        Wanted::Secret {
            option,
            is_use,
            is_of_system,
            typed,
        } => {
            for snapshot in snapshots {
                let mut known = secrets(snapshot, option, &|name| {
                    place.meant(snapshot, name, is_of_system).next()
                });
                // Where none can be meant, the kind of the file may not be what it seems.
                if known.is_empty() {
                    known = secrets(snapshot, option, &|name| {
                        let (host, secret) = snapshot.index.secrets(name).first()?;
                        let host = snapshot.inventory.hosts.get(*host)?;
                        Some((host, host.secrets.get(*secret)?))
                    });
                }
                offers.extend(known);
                if !is_use && chooses_keys(option) {
                    let declared = declared_keys(snapshot, option);
                    for (key, file) in keys(snapshot) {
                        if declared.contains(key.as_str()) {
                            continue;
                        }
                        let offer = (key.clone(), format!("key in {file}, not declared yet"));
                        offers.entry(attribute_name(&key)).or_insert(offer);
                    }
                }
            }
            typed
        }
        Wanted::Key { typed } => {
            for snapshot in snapshots {
                for (key, file) in keys(snapshot) {
                    let offer = (key.clone(), format!("key in {file}"));
                    offers.entry(key).or_insert(offer);
                }
            }
            typed
        }
    };
    let range = range(typed.len());
    offers
        .into_iter()
        .take(MOST)
        .map(|(insert, (label, detail))| CompletionItem {
            label: escape(&label),
            kind: Some(CompletionItemKind::Value),
            detail: Some(escape(&detail)),
            filter_text: Some(insert.clone()),
            text_edit: Some(
                TextEdit {
                    range,
                    new_text: insert,
                }
                .into(),
            ),
            ..CompletionItem::default()
        })
        .collect()
}

/// Whether an option declares secrets that choose a key of their file.
fn chooses_keys(option: &str) -> bool {
    let mut managers = MANAGERS.iter();
    managers.any(|manager| manager.secrets == option && manager.has(Capability::HasFormats))
}

/// The keys of which a secret is declared already, under whatever name.
fn declared_keys<'s>(snapshot: &'s Snapshot, option: &str) -> BTreeSet<&'s str> {
    let hosts = snapshot.inventory.hosts.iter();
    let secrets = hosts.flat_map(|host| &host.secrets);
    { secrets.filter(|secret| secret.declaring_option() == option) }
        .filter_map(|secret| secret.key.known()?.as_deref())
        .collect()
}

/// What is inserted for the secrets that can be meant: what people see, and where it lands.
fn secrets<'s>(
    snapshot: &Snapshot,
    option: &str,
    meant: &dyn Fn(&Name) -> Option<(&'s Host, &'s Secret)>,
) -> BTreeMap<String, (String, String)> {
    let names = snapshot.index.names().filter(|name| name.option == option);
    let offers = names.filter_map(|name| {
        let (_, secret) = meant(name)?;
        let lands = match secret.path.known() {
            Some(path) => format!("lands at {path}"),
            None => "lands at a path that is not known".to_owned(),
        };
        Some((
            attribute_name(&name.attribute),
            (name.attribute.clone(), lands),
        ))
    });
    offers.collect()
}

/// The keys of all sops files with the file, paths joined with `/`.
fn keys(snapshot: &Snapshot) -> impl Iterator<Item = (String, String)> {
    snapshot.inventory.files.iter().flat_map(|file| {
        let facts = file
            .facts
            .iter()
            .filter(|facts| facts.format.sops().is_some());
        facts.flat_map(|facts| {
            let leaves = facts.keys.leaves().take(MOST);
            leaves.map(|(id, _)| (facts.keys.path_text(id), file.path.display.clone()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(option: &'static str, is_use: bool, typed: &'static str) -> Option<Wanted<'static>> {
        Some(Wanted::Secret {
            option,
            is_use,
            is_of_system: false,
            typed,
        })
    }

    #[test]
    fn what_is_being_written_shows_in_the_line() {
        for (line, expected) in [
            (
                "  path = config.sops.secrets.",
                secret("sops.secrets", true, ""),
            ),
            (
                "  x = \"${config.sops.secrets.git",
                secret("sops.secrets", true, "git"),
            ),
            ("  sops.secrets.gi", secret("sops.secrets", false, "gi")),
            (
                "  config.sops.secrets.\"a/b",
                secret("sops.secrets", true, "\"a/b"),
            ),
            (
                "  config.sops.placeholder.t",
                secret("sops.secrets", true, "t"),
            ),
            (
                "  osConfig.age.secrets.x-y",
                Some(Wanted::Secret {
                    option: "age.secrets",
                    is_use: true,
                    is_of_system: true,
                    typed: "x-y",
                }),
            ),
            ("  config.sops.secrets.x.pa", None),
            ("  homepage.secrets.x", None),
            (
                "  sops.secrets.x = { key = \"db/",
                Some(Wanted::Key { typed: "db/" }),
            ),
            ("  key=\"", Some(Wanted::Key { typed: "" })),
            (
                "  sops.secrets.x.key = \"a",
                Some(Wanted::Key { typed: "a" }),
            ),
            ("  monkey = \"a", None),
            ("  x = \"a", None),
            ("", None),
        ] {
            assert_eq!(wanted(line), expected, "{line}");
        }
    }
}
