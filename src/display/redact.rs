//! Which characters of a source line may be shown.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use inventory::{FileId, Inventory, LiteralTarget, Span};

/// Knows which files hold secrets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redaction {
    pub(crate) secret_files: BTreeSet<FileId>,
    /// Files with a private key among other text.
    pub(crate) key_files: BTreeSet<FileId>,
    /// Credentials that were found by their name, in bytes of their file.
    credentials: BTreeMap<FileId, Vec<Range<usize>>>,
}

impl Redaction {
    /// The files that the secrets of an inventory come from.
    pub(crate) fn new(inventory: &Inventory) -> Self {
        let repository = &inventory.repository;
        let keys = repository.private_keys.iter().filter_map(|key| key.at);
        let inline = repository.path_literals.iter();
        let inline = inline.filter(|literal| literal.target == LiteralTarget::Inline);
        let named = repository
            .credentials
            .iter()
            .map(|credential| credential.at);
        Self::of(
            inventory.files.iter().filter_map(|file| file.id).collect(),
            keys.map(|at| at.file).collect(),
            named.chain(inline.map(|literal| literal.at)),
        )
    }

    /// Of files that hold secrets, files with a private key, and places of credentials.
    pub(crate) fn of(
        secret_files: BTreeSet<FileId>,
        key_files: BTreeSet<FileId>,
        places: impl Iterator<Item = Span>,
    ) -> Self {
        let mut credentials: BTreeMap<FileId, Vec<Range<usize>>> = BTreeMap::new();
        for at in places {
            let of_file = credentials.entry(at.file).or_default();
            of_file.push(at.start as usize..at.end as usize);
        }
        Self {
            secret_files,
            key_files,
            credentials,
        }
    }

    /// The places of credentials, file by file.
    pub(crate) fn places(&self) -> impl Iterator<Item = Span> {
        let span = |file: FileId, range: &Range<usize>| {
            Some(Span {
                file,
                start: u32::try_from(range.start).ok()?,
                end: u32::try_from(range.end).ok()?,
            })
        };
        let files = self.credentials.iter();
        files.flat_map(move |(file, ranges)| {
            ranges.iter().filter_map(move |range| span(*file, range))
        })
    }

    /// The bytes of a line that must not be shown. In a secret file that is every value, encrypted
    /// or not; elsewhere whatever looks like a credential. `start` is where the line begins.
    pub(crate) fn hidden(&self, file: FileId, start: usize, line: &str) -> Vec<Range<usize>> {
        if self.secret_files.contains(&file) {
            let start = after_key(line);
            return std::iter::once(start..line.len())
                .filter(|range| !range.is_empty())
                .collect();
        }
        let found = inventory::secret_files::scan(line);
        let found = found
            .into_iter()
            .map(|finding| finding.span.start..finding.span.end);
        let body = key_body(line).filter(|_| self.key_files.contains(&file));
        let known = self.credentials.get(&file).into_iter().flatten();
        let within = known.filter_map(|range| {
            let from = range.start.max(start);
            let to = range.end.min(start + line.len());
            (from < to).then(|| from - start..to - start)
        });
        found
            .chain(within)
            .chain(body)
            .chain(credentials(line))
            .collect()
    }
}

/// A line of a private key: base64 and nothing else that would fill a line.
fn key_body(line: &str) -> Option<Range<usize>> {
    const LONG: usize = 20;
    let is_body =
        |character: char| character.is_ascii_alphanumeric() || "+/=\\".contains(character);
    let longest = line
        .split(|character| !is_body(character))
        .map(str::len)
        .max();
    longest
        .filter(|length| *length >= LONG)
        .map(|_| 0..line.len())
}

/// Where the value of `key: value`, `key = value` or `- value` starts; a line without a key is all
/// value.
fn after_key(line: &str) -> usize {
    let name_ends = line.find([':', '=']).filter(|end| {
        let name = line.get(..*end).unwrap_or_default();
        let is_name =
            |character: char| character.is_ascii_alphanumeric() || " _-./\"'\t".contains(character);
        name.chars().all(is_name) && name.len() < 80 && !name.contains("PRIVATE")
    });
    let indentation = line.len() - line.trim_start().len();
    let Some(end) = name_ends else {
        return indentation;
    };
    let value = line.get(end + 1..).unwrap_or_default();
    line.len() - value.trim_start().len()
}

/// Beginnings of well-known tokens, and the shortest length of the rest. The scanner of `secret-files`
/// wants valid checksums; here whatever looks like a token is covered.
const TOKENS: [(&str, usize); 15] = [
    ("ghp_", 16),
    ("gho_", 16),
    ("ghs_", 16),
    ("github_pat_", 16),
    ("glpat-", 16),
    ("sk-", 16),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("AKIA", 16),
    ("AIza", 20),
    ("hf_", 20),
    ("npm_", 20),
    ("AGE-SECRET-KEY-1", 4),
    ("AGE-PLUGIN-", 8),
    ("-----BEGIN", 4),
];

fn credentials(line: &str) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    for (start, rest) in TOKENS {
        let mut from = 0;
        while let Some(at) = line.get(from..).and_then(|text| text.find(start)) {
            let body = from + at + start.len();
            let is_token =
                |character: char| character.is_ascii_alphanumeric() || "_-+/=.".contains(character);
            let text = line.get(body..).unwrap_or_default();
            let length = text
                .find(|character: char| !is_token(character))
                .unwrap_or(text.len());
            if length >= rest && !is_placeholder(text.get(..length).unwrap_or_default()) {
                hidden.push(body..body + length);
            }
            from = body;
        }
    }
    hidden.extend(password_in_url(line));
    hidden
}

fn is_placeholder(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "your_",
        "your-",
        "example",
        "xxxx",
        "changeme",
        "placeholder",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// `scheme://user:password@host`
fn password_in_url(line: &str) -> Option<Range<usize>> {
    let start = line.find("://")? + 3;
    let rest = line.get(start..)?;
    let end = rest.find(['/', ' ', '"', '\'']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let at = authority.rfind('@')?;
    let colon = authority.get(..at)?.find(':')? + 1;
    (at > colon).then(|| start + colon..start + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, of_secret_file: bool) -> String {
        let mut redaction = Redaction::default();
        if of_secret_file {
            redaction.secret_files.insert(FileId::in_project("a.nix"));
        }
        let mut text: Vec<u8> = line.bytes().collect();
        for range in redaction.hidden(FileId::in_project("a.nix"), 0, line) {
            text[range].fill(b'*');
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn values_of_a_secret_file_are_never_shown() {
        assert_eq!(
            shown("github_token: hunter2", true),
            "github_token: *******"
        );
        assert_eq!(
            shown("  GITHUB_TOKEN=hunter2", true),
            "  GITHUB_TOKEN=*******"
        );
        assert_eq!(shown("hunter2", true), "*******");
        assert_eq!(
            shown("-----BEGIN OPENSSH PRIVATE KEY-----: x", true),
            "*".repeat(38)
        );
        assert_eq!(shown("pa$$word: hunter2", true), "*****************");
    }

    #[test]
    fn credentials_in_a_nix_file_are_not_shown() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let line = format!("env.GITHUB_TOKEN = \"{token}\";");
        assert_eq!(
            shown(&line, false),
            format!("env.GITHUB_TOKEN = \"{}\";", "*".repeat(40))
        );
        assert_eq!(
            shown("db = \"postgres://me:hunter2@db/x\";", false),
            "db = \"postgres://me:*******@db/x\";"
        );
        assert_eq!(shown("owner = \"alice\";", false), "owner = \"alice\";");
    }
}
