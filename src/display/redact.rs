//! Which characters of a source line may be shown.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use inventory::secret_files::{is_credential_name, plausible_secret};
use inventory::{FileId, Inventory, LiteralTarget, Span};

use super::literals::literals;
use super::public_names::{PublicNames, names_of_code};

/// Places of text in each file, in bytes.
type Texts = BTreeMap<FileId, Arc<[Range<usize>]>>;

/// Knows which files hold secrets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redaction {
    pub(crate) secret_files: BTreeSet<FileId>,
    /// Files with a private key among other text.
    pub(crate) key_files: BTreeSet<FileId>,
    /// Credentials that were found by their name, in bytes of their file.
    credentials: BTreeMap<FileId, Vec<Range<usize>>>,
    /// The same, sorted, and those that overlap as one.
    covered: BTreeMap<FileId, Vec<Range<usize>>>,
    /// What is shown of texts all the same.
    names: PublicNames,
    /// What of a file is text of its own: found once for all excerpts of the file.
    texts: Arc<Mutex<Texts>>,
}

impl Redaction {
    /// The files that the secrets of an inventory come from, and others of secrets.
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
            { inventory.files.iter().chain(&repository.unnamed_files) }
                .map(|file| file.id)
                .chain(repository.plain_files.iter().map(|file| file.id))
                .flatten()
                .collect(),
            keys.map(|at| at.file).collect(),
            named.chain(inline.map(|literal| literal.at)),
            PublicNames::of(inventory),
        )
    }

    /// Of files that hold secrets, files with a private key, places of credentials, and names.
    pub(crate) fn of(
        secret_files: BTreeSet<FileId>,
        key_files: BTreeSet<FileId>,
        places: impl Iterator<Item = Span>,
        names: PublicNames,
    ) -> Self {
        let mut credentials: BTreeMap<FileId, Vec<Range<usize>>> = BTreeMap::new();
        for at in places {
            let of_file = credentials.entry(at.file).or_default();
            of_file.push(at.start as usize..at.end as usize);
        }
        let covered = { credentials.iter() }.map(|(file, ranges)| (*file, merged(ranges.clone())));
        Self {
            secret_files,
            key_files,
            covered: covered.collect(),
            credentials,
            names,
            texts: Arc::default(),
        }
    }

    /// The names that are shown.
    pub(crate) const fn names(&self) -> &PublicNames {
        &self.names
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
        let body = key_body(line).filter(|_| self.key_files.contains(&file));
        let known = self.covered.get(&file).map_or(&[][..], Vec::as_slice);
        let first = known.partition_point(|range| range.end <= start);
        let end = start + line.len();
        let known = known.get(first..).unwrap_or_default().iter();
        let within = known
            .take_while(|range| range.start < end)
            .map(|range| range.start.max(start) - start..range.end.min(end) - start);
        let found = shapes(line).into_iter().chain(assigned(line));
        found.chain(within).chain(body).collect()
    }

    /// What of a Nix file is text of its own: the contents of strings and comments that are long enough to
    /// hold a credential, without the words that are names. Nobody knows what is in them, so they are shown
    /// only where a label is.
    pub(crate) fn texts(&self, file: FileId, text: &str) -> Arc<[Range<usize>]> {
        let mut known = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.entry(file).or_insert_with(|| {
            let all = literals(text);
            let of_code = names_of_code(text, &all);
            let is_name = |word: &Range<usize>| {
                { text.get(word.clone()) }.is_some_and(|word| self.names.has(word, &of_code))
            };
            { all.into_iter() }
                .filter(|range| may_hide(text, range))
                .flat_map(|range| {
                    // Single words of a sentence say nothing.
                    let is_sentence = is_comment(text, &range);
                    let shown = directive(text, &range);
                    let words = words(text, range.start + shown..range.end).into_iter();
                    words.filter(move |word| is_sentence || !is_name(word))
                })
                .collect()
        });
        Arc::clone(found)
    }
}

/// Ranges in order, and those that overlap or touch as one.
pub(super) fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// The next of some characters in a text for positions that only grow: found once for all positions before it.
struct Next<'t, F> {
    text: &'t str,
    is_end: F,
    from: usize,
    end: Option<usize>,
}

impl<'t, F: Fn(char) -> bool> Next<'t, F> {
    const fn new(text: &'t str, is_end: F) -> Self {
        Self {
            text,
            is_end,
            from: 0,
            end: None,
        }
    }

    /// Where the next one is from a position on; the end of the text if there is none.
    fn after(&mut self, at: usize) -> usize {
        match self.end {
            Some(end) if self.from <= at && at <= end => end,
            _ => {
                let rest = self.text.get(at..).unwrap_or_default();
                let end = at + rest.find(&self.is_end).unwrap_or(rest.len());
                (self.from, self.end) = (at, Some(end));
                end
            }
        }
    }
}

/// A text that stands for a credential and is longer is covered whatever it is, in bytes: to look at it again
/// for every name before it would take as long as its square.
const LONG: usize = 4096;

/// Shorter texts hold nothing that is worth stealing, in bytes.
const SHORTEST: usize = 8;

/// Beginnings of paths, which say where a secret is.
const PATHS: [&str; 17] = [
    "/bin/", "/lib/", "/share/", "/run/", "/etc/", "/var/", "/nix/", "/home/", "/root/",
    "/persist", "/mnt/", "/srv/", "/usr/", "/opt/", "./", "../", "~/",
];

/// Whether the content of a string or comment could be a credential: neither short nor the name of an
/// attribute.
fn may_hide(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let rest = after.strip_prefix('"').map(str::trim_start);
    let is_attribute = rest.is_some_and(|rest| {
        (rest.starts_with('=') && !rest.starts_with("==")) || rest.starts_with('.')
    }) || before.ends_with(".\"");
    range.len() >= SHORTEST && !is_attribute && !is_program(text, range)
}

/// Whether a string is one word and the value of an attribute that names a program, which is no credential.
fn is_program(text: &str, range: &Range<usize>) -> bool {
    const NAMES: [&str; 2] = ["command", "type"];
    let is_of_word = |c: char| c.is_ascii_lowercase() || c == '-';
    let value = text.get(range.clone()).unwrap_or_default();
    let before = text.get(..range.start).and_then(|it| it.strip_suffix('"'));
    let name = before.and_then(|it| it.trim_end().strip_suffix('='));
    let name = name.map(str::trim_end).unwrap_or_default();
    let is_named = |wanted: &&str| {
        let rest = name.strip_suffix(*wanted);
        rest.is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || "_-'".contains(c)))
    };
    value.chars().all(is_of_word) && NAMES.iter().any(is_named)
}

/// How much of a comment is what this program reads, in bytes: up to the end of the list of lints, or the word after
/// the mark; nothing of another comment. A misspelt name is shown, so that it can be corrected.
fn directive(text: &str, range: &Range<usize>) -> usize {
    const MARK: &str = "mcp-lint";
    let content = text.get(range.clone()).unwrap_or_default();
    let Some(rest) = content.trim_start().strip_prefix(MARK) else {
        return 0;
    };
    let before = content.len() - rest.len();
    let rest = rest.lines().next().unwrap_or_default();
    let end = rest.find(']').map(|end| end + 1).or_else(|| {
        let word = rest.trim_start_matches([':', ' ']);
        let start = rest.len() - word.len();
        Some(start + word.find(' ').unwrap_or(word.len()))
    });
    let shown = rest.get(..end.unwrap_or_default()).unwrap_or_default();
    let is_of_names = |c: char| c.is_ascii_lowercase() || "-,[]: ".contains(c);
    if shown.chars().all(is_of_names) {
        before + shown.len()
    } else {
        0
    }
}

/// Whether a text of its own is that of a comment, and none that this program reads.
fn is_comment(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let content = text.get(range.clone()).unwrap_or_default();
    (before.ends_with('#') || before.ends_with("/*"))
        && !content.trim_start().starts_with("mcp-lint:")
}

/// The words of a text that are neither paths nor flags of a command.
fn words(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let content = text.get(range.clone()).unwrap_or_default();
    let mut found = Vec::new();
    let mut start = 0;
    for piece in content.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let inner = word.trim_start_matches([':', '=', '<', '>', '"', '\'', '(']);
        let is_path = PATHS.iter().any(|start| inner.starts_with(start));
        let is_flag = word.starts_with('-')
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        if !word.is_empty() && !is_path && !is_flag {
            let from = range.start + start;
            found.push(from..from + word.len());
        }
        start += piece.len();
    }
    found
}

/// Credentials that their shape tells, in bytes of the text.
pub(super) fn shapes(text: &str) -> Vec<Range<usize>> {
    let found = inventory::secret_files::scan(text).into_iter();
    let found = found.map(|finding| finding.span.start..finding.span.end);
    found.chain(credentials(text)).collect()
}

/// Values of what has the name of a credential: `token = "…"`, `API_KEY=…`, `--password …`, `?apikey=…`.
pub(super) fn assigned(line: &str) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    let mut done = 0;
    let mut double = Next::new(line, |c| c == '"');
    let mut single = Next::new(line, |c| c == '\'');
    let mut bare = Next::new(line, |c| " ;,\"'&)}\n".contains(c));
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    for (at, _) in line.match_indices(is_name) {
        if at < done {
            continue;
        }
        let before = line.get(..at).unwrap_or_default();
        if before.ends_with(is_name) {
            continue;
        }
        let rest = line.get(at..).unwrap_or_default();
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(length);
        let between = after.len()
            - after
                .trim_start_matches(['"', '\'', '=', ':', ' ', '\\'])
                .len();
        let joint = after.get(..between).unwrap_or_default();
        let is_flag = name.starts_with("--") && !joint.is_empty();
        // `sops.secrets.db_password.owner = "postgres"`: the last name says what the value is.
        let last = name.rsplit('.').next().unwrap_or(name);
        if !(is_flag || joint.contains(['=', ':'])) || !is_credential_name(last) {
            continue;
        }
        let start = at + length + between;
        let quote = joint.chars().rev().find(|c| *c != '\\');
        let end = match quote {
            Some('"') => double.after(start),
            Some('\'') => single.after(start),
            _ => bare.after(start),
        };
        let value = line.get(start..end).unwrap_or_default();
        let is_quoted = matches!(quote, Some('"' | '\''));
        if value.len() >= SHORTEST && (value.len() > LONG || is_value(value, is_quoted)) {
            hidden.push(start..end);
            done = end;
        }
    }
    hidden
}

/// Whether a text that stands for a credential may be one: no path, reference, placeholder or name of one.
fn is_value(text: &str, is_quoted: bool) -> bool {
    let is_reference =
        text.starts_with(['/', '.', '~', '$', '<', '{', '[', '(', '%', '@']) || text.contains("${");
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    // What is not quoted in a Nix file is an expression: `config.sops.placeholder.token`.
    let is_expression = !is_quoted && (!has_digit || text.contains('.'));
    !is_reference && !is_expression && !is_credential_name(text) && plausible_secret(text)
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
const TOKENS: [(&str, usize); 24] = [
    ("ghp_", 16),
    ("gho_", 16),
    ("ghs_", 16),
    ("ghu_", 16),
    ("ghr_", 16),
    ("glrt-", 16),
    ("xapp-", 16),
    ("hvs.", 16),
    ("ATATT", 16),
    ("dop_v1_", 16),
    ("eyJ", 40),
    ("hooks.slack.com/services/", 16),
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
    let is_token =
        |character: char| character.is_ascii_alphanumeric() || "_-+/=.".contains(character);
    for (start, rest) in TOKENS {
        let mut ends = Next::new(line, |character| !is_token(character));
        let mut from = 0;
        while let Some(at) = line.get(from..).and_then(|text| text.find(start)) {
            let body = from + at + start.len();
            let before = line.get(..from + at).unwrap_or_default();
            let end = ends.after(body);
            let text = line.get(body..end).unwrap_or_default();
            // `umask-poisons` has no `sk-`, and a token of words alone is a name.
            let is_within = before.ends_with(|c: char| c.is_ascii_alphanumeric());
            let is_random = || text.contains(|c: char| !c.is_ascii_lowercase() && c != '-');
            let is_one = || text.len() > LONG || (is_random() && !is_placeholder(text));
            from = body;
            if text.len() >= rest && !is_within && is_one() {
                hidden.push(body..end);
                from = end;
            }
        }
    }
    hidden.extend(passwords_in_urls(line));
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

/// `scheme://user:password@host`, `scheme://token@host`
fn passwords_in_urls(line: &str) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    let mut authorities = Next::new(line, |c| "/ \"'\n".contains(c));
    let mut texts = Next::new(line, |c| " \"'\n".contains(c));
    // The last `@` before the end of a text.
    let mut last_at = (0, None);
    for (at, mark) in line.match_indices("://") {
        let start = at + mark.len();
        let mut end = authorities.after(start);
        let mut authority = line.get(start..end).unwrap_or_default();
        // `scheme://user:pass/word@host`: what follows the colon is no port.
        let port = { authority.split_once(':') }.filter(|_| !authority.contains('@'));
        if port.is_some_and(|(_, port)| port.contains(|c: char| !c.is_ascii_digit())) {
            end = texts.after(start);
        }
        if last_at.0 != end {
            last_at = (end, line.get(..end).unwrap_or_default().rfind('@'));
        }
        let Some(at) = last_at.1.filter(|at| *at >= start) else {
            continue;
        };
        authority = line.get(start..at).unwrap_or_default();
        // `git@host`, `user@host`: a name, as long as it is short and nothing but letters.
        let colon = authority.find(':').map(|colon| start + colon + 1);
        let is_token =
            || authority.len() >= SHORTEST && authority.contains(|c: char| c.is_ascii_digit());
        if let Some(from) = colon
            .or_else(|| is_token().then_some(start))
            .filter(|from| *from < at)
        {
            hidden.push(from..at);
        }
    }
    hidden
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
    fn what_a_comment_tells_this_program_is_shown_and_its_reason_is_not() {
        let shown = |comment: &str| {
            let text = format!("#{comment}\n");
            directive(&text, &(1..text.len() - 1))
        };
        assert_eq!(shown(" mcp-lint: ignore[nope, no-such] hunter2"), 32);
        assert_eq!(shown(" mcp-lint: ignore-access hunter2"), 24);
        assert_eq!(shown(" mcp-lint ignore[nope] hunter2"), 22);
        assert_eq!(shown(" mcp-lint: hunter2hunter2"), 0);
        assert_eq!(shown(" a comment"), 0);
        let is_shown = |text: &str| {
            let start = text.find('"').unwrap() + 1;
            is_program(text, &(start..text.len() - 1))
        };
        assert!(is_shown("{ command = \"github-mcp-server\""));
        assert!(is_shown("servers.x.command=\"github-mcp-server\""));
        assert!(!is_shown("{ passcommand = \"correct-horse\""));
        assert!(!is_shown("{ command = \"correct horse\""));
        assert!(!is_shown("{ command = \"x1y2z3a4b5c6\""));
        assert!(!is_shown("{ password = \"correct-horse\""));
    }

    #[test]
    fn the_next_sign_is_that_of_each_position() {
        let text = "ab;c;;d";
        let mut next = Next::new(text, |c| c == ';');
        let ends: Vec<usize> = (0..=text.len()).map(|at| next.after(at)).collect();
        assert_eq!(ends, [2, 2, 2, 4, 4, 5, 7, 7]);
    }

    #[test]
    fn ranges_that_overlap_are_one() {
        assert_eq!(merged(vec![5..9, 0..2, 1..3, 3..4]), [0..4, 5..9]);
    }

    #[test]
    fn long_lines_of_beginnings_are_covered_in_one_pass() {
        let count = 100_000;
        for piece in [
            "eyJ",
            "eyJ-",
            "sk-",
            "://x:y/",
            "://",
            "token=a:",
            "token=\"",
            "password: '",
        ] {
            let line = piece.repeat(count);
            let found = merged(shapes(&line).into_iter().chain(assigned(&line)).collect());
            assert!(found.len() <= count, "{piece}");
        }
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
        assert_eq!(
            shown("db = \"postgres://me:hun/ter2@db/x\";", false),
            "db = \"postgres://me:********@db/x\";"
        );
        let jwt = format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{}", "a1B2".repeat(9));
        let shown_jwt = shown(&format!("owner = {jwt}"), false);
        assert!(!shown_jwt.contains("a1B2"), "{shown_jwt}");
        let url = "https://example.org:8080/@scope/x";
        assert_eq!(shown(url, false), url);
        for line in [
            "owner = \"alice\";",
            "sops.secrets.db_password.owner = \"postgres12\";",
        ] {
            assert_eq!(shown(line, false), line);
        }
        assert_eq!(
            shown("services.x.db.password = \"Tr0ub4dor&3xYz9\";", false),
            "services.x.db.password = \"***************\";"
        );
    }
}
