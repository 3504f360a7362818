//! Names to complete: secrets after `sops.secrets.`, keys of sops files in `key = "`.

use std::collections::BTreeMap;

use extract::MANAGERS;
use gen_lsp_types::{CompletionItem, CompletionItemKind, Range, TextEdit};
use inventory::Capability;
use nix_syntax::quote::attribute_name;

use super::analyse::Snapshot;
use super::index::Name;
use crate::display::escape;

/// More are not offered.
const MOST: usize = 500;

/// What is being written at the end of a line up to the cursor.
#[derive(Debug, PartialEq, Eq)]
enum Wanted<'t> {
    /// The name of a secret.
    Secret {
        option: &'static str,
        /// Read from `config`, so it must be declared.
        is_use: bool,
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
            typed,
        } => {
            for snapshot in snapshots {
                secrets(snapshot, option, &mut offers);
                if !is_use && chooses_keys(option) {
                    for (key, file) in keys(snapshot) {
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

fn secrets(snapshot: &Snapshot, option: &str, offers: &mut BTreeMap<String, (String, String)>) {
    let names = snapshot.index.names().filter(|name| name.option == option);
    for name in names {
        let insert = attribute_name(&name.attribute);
        let offer = (name.attribute.clone(), lands_at(snapshot, name));
        offers.entry(insert).or_insert(offer);
    }
}

fn lands_at(snapshot: &Snapshot, name: &Name) -> String {
    let of_hosts = snapshot.index.secrets(name).iter();
    let mut paths = of_hosts.filter_map(|(host, secret)| {
        let host = snapshot.inventory.hosts.get(*host)?;
        host.secrets.get(*secret)?.path.known()
    });
    match paths.next() {
        Some(path) => format!("lands at {path}"),
        None => "lands at a path that is not known".to_owned(),
    }
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
                secret("age.secrets", true, "x-y"),
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
