//! Words of a source text that are known to be names and nothing to hide.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use inventory::{Host, Inventory, Principal, Secret};

/// Words of shells, units and comments of this program, which no credential consists of.
const WORDS: [&str; 38] = [
    "and",
    "bash",
    "cat",
    "cd",
    "cp",
    "curl",
    "dash",
    "disable",
    "do",
    "done",
    "echo",
    "else",
    "env",
    "exec",
    "exit",
    "expect",
    "export",
    "fi",
    "file",
    "for",
    "grep",
    "http",
    "https",
    "if",
    "ignore",
    "in",
    "lint",
    "mcp",
    "not",
    "sed",
    "set",
    "sh",
    "source",
    "test",
    "then",
    "true",
    "while",
    "writeBoundary",
];

/// More digits than that make a name look like a token.
const MAX_DIGITS: usize = 4;

/// Parts of words that are no longer are shown, in bytes: `x`, `db`.
const MAX_SHORT: usize = 2;

/// A longer text is no name, in bytes.
const MAX_LENGTH: usize = 64;

/// Names of what an inventory is about: hosts, users, secrets, units, servers, files.
#[derive(Debug, Clone, Default)]
pub(crate) struct PublicNames(BTreeSet<String>);

impl PublicNames {
    /// The names in an inventory.
    pub(crate) fn of(inventory: &Inventory) -> Self {
        let mut names = Self::default();
        for host in &inventory.hosts {
            names.add_host(host);
        }
        for file in &inventory.files {
            names.add(&file.path.display);
        }
        names
    }

    /// Of names that were taken from others by [`Self::iter`].
    pub(crate) fn from_names(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().collect())
    }

    /// All names, sorted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn add_host(&mut self, host: &Host) {
        self.add(&host.name);
        for name in host.users.iter().map(|user| &user.name) {
            self.add(name);
        }
        for name in host.groups.iter().map(|group| &group.name) {
            self.add(name);
        }
        for process in &host.processes {
            self.add(&process.unit);
            self.add_principal(process.user.known());
        }
        for reader in &host.readers {
            self.add_principal(reader.user.known());
        }
        for server in host.mcp.iter().flat_map(|mcp| &mcp.servers) {
            self.add(&server.name);
        }
        for secret in &host.secrets {
            self.add_secret(secret);
        }
    }

    fn add_secret(&mut self, secret: &Secret) {
        self.add(&secret.attribute);
        let optional = [&secret.owner, &secret.group, &secret.key];
        let optional = optional.into_iter().filter_map(|fact| fact.known());
        for name in optional.flatten().chain(secret.name.known()) {
            self.add(name);
        }
        for unit in secret.restart_units.known().into_iter().flatten() {
            self.add(unit);
        }
    }

    fn add_principal(&mut self, principal: Option<&Principal>) {
        if let Some(name) = principal.and_then(|principal| principal.name.as_deref()) {
            self.add(name);
        }
    }

    /// Adds the parts of a name that look like one: a configuration may have a token in its place.
    fn add(&mut self, name: &str) {
        let parts = parts(name).filter(|part| is_name(part));
        self.0.extend(parts.map(str::to_owned));
    }

    /// Whether every part of a word is a name of the inventory, of the file's code, or too short to matter.
    pub(super) fn has(&self, word: &str, of_code: &HashSet<&str>) -> bool {
        parts(word).all(|part| {
            part.len() <= MAX_SHORT
                || self.0.contains(part)
                || of_code.contains(part)
                || WORDS.binary_search(&part).is_ok()
        })
    }
}

/// The parts of a name or word between the signs that join them.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let is_joint = |c: char| !c.is_alphanumeric() && c != '_';
    name.split(is_joint).filter(|part| !part.is_empty())
}

/// Whether a text looks like a name that people give: short, and without the mixture that tokens are.
fn is_name(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_mixed = text.contains(|c: char| c.is_ascii_uppercase())
        && text.contains(|c: char| c.is_ascii_lowercase());
    text.len() <= MAX_LENGTH && text.is_ascii() && digits <= MAX_DIGITS && !(is_mixed && digits > 0)
}

/// The names in the code of a Nix text, which is what is outside of `literals`: sorted ranges in bytes.
pub(super) fn names_of_code<'t>(text: &'t str, literals: &[Range<usize>]) -> HashSet<&'t str> {
    let ends = literals.iter().map(|range| range.end);
    let starts = literals.iter().map(|range| range.start);
    let code = std::iter::once(0)
        .chain(ends)
        .zip(starts.chain([text.len()]));
    code.filter_map(|(start, end)| text.get(start..end))
        .flat_map(parts)
        .filter(|part| is_name(part))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted() {
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn names_are_shown_and_what_may_be_a_token_is_not() {
        let mut names = PublicNames::default();
        for name in [
            "github_token",
            "webapp",
            "nextcloud-setup.service",
            "a1B2a1B2a1B2",
            "x0123456789",
        ] {
            names.add(name);
        }
        let text = "users.alice = \"hunter2hunter2\";";
        let literal = text.find("hunter2").expect("it is there");
        let code = names_of_code(text, std::slice::from_ref(&(literal..literal + 14)));
        for shown in [
            "github_token",
            "webapp:webapp",
            "nextcloud-setup.service",
            "alice",
            "exec",
            "https://x/",
        ] {
            assert!(names.has(shown, &code), "{shown}");
        }
        for covered in [
            "hunter2hunter2",
            "a1B2a1B2a1B2",
            "x0123456789",
            "github_token:hunter2",
            "correct",
        ] {
            assert!(!names.has(covered, &code), "{covered}");
        }
    }
}
