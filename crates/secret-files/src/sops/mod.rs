//! sops files: the decision whether one is encrypted.
//!
//! The order of the questions is that of a table which was checked against the real sops on
//! 130 files: empty, not parseable, no metadata, metadata that sops refuses, damaged values,
//! no MAC, values that are plaintext but should not be.

pub(crate) mod encrypted_value;
mod meta_value;
mod metadata;
mod notes;
mod rule;
mod walk;

use self::encrypted_value::EncryptedValue;
use self::meta_value::MetaValue;
use self::metadata::Metadata;
use self::rule::Rule;
use self::walk::{Summary, walk};
use crate::tree::{self, NodeId, Tree};
use crate::{
    Code, EncryptionRule, FileFacts, MAX_PARSED_BYTES, Problem, SopsFormat, Span, State, text,
};

/// Length of the MAC's plaintext: SHA-512 in hexadecimal.
const MAC_LENGTH: usize = 128;

/// Describes a file that is to be a sops file of `format`, or the plaintext of one. `declared`
/// says that somebody wants it decrypted; otherwise only its name gave the format, and text
/// that merely quotes sops is text.
pub(crate) fn describe(format: SopsFormat, bytes: &[u8], declared: bool) -> FileFacts {
    let file = File {
        format,
        declared,
        bytes,
        whole: Span::new(0, bytes.len()),
    };
    file.describe().finish()
}

/// Describes a file of JSON that somebody wants decrypted: as an envelope if it is one.
pub(crate) fn describe_json(bytes: &[u8]) -> FileFacts {
    let mut file = File {
        format: SopsFormat::Json,
        declared: true,
        bytes,
        whole: Span::new(0, bytes.len()),
    };
    if bytes.len() > MAX_PARSED_BYTES {
        return file.too_large().finish();
    }
    let (source, invalid) = text::decode(bytes);
    let is_text = invalid.is_none() && !bytes.contains(&0);
    let facts = match tree::json::parse(&source) {
        Ok(tree) => {
            if tree.is_envelope() {
                file.format = SopsFormat::Binary;
            }
            file.parsed(&tree, &source, is_text)
        }
        Err(problem) => file.unparsed(problem, is_text),
    };
    facts.finish()
}

struct File<'a> {
    format: SopsFormat,
    declared: bool,
    bytes: &'a [u8],
    whole: Span,
}

impl<'a> File<'a> {
    fn describe(&self) -> FileFacts {
        if self.bytes.len() > MAX_PARSED_BYTES {
            return self.too_large();
        }
        let (source, invalid) = text::decode(self.bytes);
        if is_empty(self.format, &source) {
            let problem = Problem::new(Code::EmptyFile, self.whole, "the file is empty");
            return FileFacts::new(self.format.plain(true), State::Empty).with(problem);
        }
        let is_text = invalid.is_none() && !self.bytes.contains(&0);
        if let Some(span) = invalid.filter(|_| self.format == SopsFormat::Yaml) {
            let problem = Problem::new(
                Code::NotUtf8,
                span,
                "YAML must be UTF-8, and this byte is not",
            );
            return self.unparsed(problem, is_text);
        }
        match self.parse(&source) {
            Ok(tree) => self.parsed(&tree, &source, is_text),
            Err(problem) => self.unparsed(problem, is_text),
        }
    }

    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>, Problem> {
        match self.format {
            SopsFormat::Yaml => tree::yaml::parse(source),
            SopsFormat::Json | SopsFormat::Binary => tree::json::parse(source),
            SopsFormat::Dotenv => tree::dotenv::parse(source),
            SopsFormat::Ini => tree::ini::parse(source),
        }
    }

    fn plaintext(&self, is_text: bool) -> FileFacts {
        let mut facts = FileFacts::new(self.format.plain(is_text), State::Plaintext);
        facts.plaintext_length = Some(self.bytes.len());
        facts.with(Problem::new(
            Code::PlaintextFile,
            Span::at(0),
            "the file is not encrypted",
        ))
    }

    fn broken(&self, problem: Problem) -> FileFacts {
        FileFacts::new(self.format.encrypted(), State::Broken).with(problem)
    }

    /// Whether sops ever wrote this, as far as the bytes show.
    fn has_marks(&self) -> bool {
        let marks = [encrypted_value::MARK, "\nsops:", "\"sops\":", "sops_mac="];
        self.bytes.starts_with(b"sops:")
            || marks.iter().any(|mark| text::contains(self.bytes, mark))
    }

    /// The file is one of sops, but in another format than it is read in.
    fn wrong_format(&self) -> Option<Problem> {
        let actual = crate::sops_format(self.bytes).filter(|actual| *actual != self.format)?;
        // Once only: the other format is not asked again.
        let is_sops = self.declared || describe(actual, self.bytes, true).sops.is_some();
        let message = format!(
            "sops wrote this file as {actual}, but it is read as {}",
            self.format
        );
        is_sops.then(|| Problem::new(Code::WrongFormat, Span::at(0), message))
    }

    fn has_ciphertext(&self) -> bool {
        text::contains(self.bytes, encrypted_value::MARK)
    }

    fn too_large(&self) -> FileFacts {
        if !self.has_marks() {
            return self.plaintext(std::str::from_utf8(self.bytes).is_ok());
        }
        let message = format!(
            "{} bytes are too many for a sops file to be judged; at most {MAX_PARSED_BYTES} are read",
            self.bytes.len()
        );
        self.broken(Problem::new(Code::FileTooLarge, Span::at(0), message))
    }

    fn unparsed(&self, problem: Problem, is_text: bool) -> FileFacts {
        if !self.has_marks() {
            return self.plaintext(is_text);
        }
        if let Some(problem) = self.wrong_format() {
            return self.broken(problem);
        }
        let is_envelope = self.bytes.trim_ascii_start().starts_with(b"{");
        if self.format == SopsFormat::Binary && !self.declared && !is_envelope {
            return self.plaintext(is_text);
        }
        let markers =
            text::contains(self.bytes, "\n=======") && text::contains(self.bytes, "\n>>>>>>> ");
        if let Some(place) = memchr::memmem::find(self.bytes, b"<<<<<<< ").filter(|_| markers) {
            let message = "markers of an unresolved merge";
            return self.broken(Problem::new(
                Code::MergeConflict,
                Span::new(place, place + 7),
                message,
            ));
        }
        self.broken(problem)
    }

    fn parsed(&self, tree: &Tree<'_>, source: &str, is_text: bool) -> FileFacts {
        let Some(root) = tree.documents.first().copied() else {
            return self.unparsed(self.no_mapping(Span::at(0)), is_text);
        };
        let is_null = |id: NodeId| {
            tree.scalar(id)
                .is_some_and(|scalar| scalar.class == tree::ScalarClass::Null)
        };
        let odd = tree
            .documents
            .iter()
            .copied()
            .find(|id| tree.mapping(*id).is_none() && !is_null(*id));
        if let Some(odd) = odd {
            let span = tree.node(odd).map_or_else(Span::default, |node| node.span);
            if self.has_ciphertext() {
                let problem = self
                    .wrong_format()
                    .unwrap_or_else(|| self.no_mapping(Span::at(span.start)));
                return self.broken(problem);
            }
            return self.plaintext(is_text);
        }
        if let Some(problem) = self.duplicate(tree, root) {
            return if self.has_marks() {
                self.broken(problem)
            } else {
                self.plain(tree, is_text)
            };
        }
        let Some((value, span)) = self.metadata_value(tree, root) else {
            return self.without_metadata(tree, is_text, None);
        };
        let metadata = match &value {
            Some(value @ MetaValue::Map(_)) => {
                metadata::read(value, span, self.format == SopsFormat::Yaml)
            }
            _ => return self.without_metadata(tree, is_text, Some(span)),
        };
        if !metadata.is_metadata && !self.has_ciphertext() {
            return self.without_metadata(tree, is_text, Some(span));
        }
        self.judge(tree, source, metadata)
    }

    fn no_mapping(&self, span: Span) -> Problem {
        Problem::new(
            Code::TopLevelNotAMapping,
            span,
            "the top level is not a mapping of keys to values",
        )
    }

    fn duplicate(&self, tree: &Tree<'_>, root: NodeId) -> Option<Problem> {
        let found = match self.format {
            SopsFormat::Yaml => tree.duplicate_key(root)?,
            // Go's JSON takes the last of two keys, but sops itself refuses a second `sops`.
            SopsFormat::Json | SopsFormat::Binary => {
                let mut metadata = tree.pairs(root).filter(|(key, ..)| *key == "sops").skip(1);
                let (name, key, _) = metadata.next()?;
                (name.to_owned(), tree.node(key)?.span)
            }
            SopsFormat::Dotenv | SopsFormat::Ini => return None,
        };
        let shown: String = found.0.chars().take(80).collect();
        Some(Problem::new(
            Code::DuplicateKey,
            found.1,
            format!("the key `{shown}` stands twice in one mapping"),
        ))
    }

    /// The metadata as a tree (`None` if it is too large), and the place of its key.
    fn metadata_value(&self, tree: &Tree<'_>, root: NodeId) -> Option<(Option<MetaValue>, Span)> {
        match self.format {
            SopsFormat::Dotenv => {
                let mut pairs = flattened(tree, root, "sops_").peekable();
                let span = pairs.peek().map(|(.., span)| *span)?;
                Some((MetaValue::from_flattened(pairs), span))
            }
            SopsFormat::Ini => {
                let (key, section) = tree.get(root, "sops")?;
                let span = tree.node(key)?.span;
                Some((
                    MetaValue::from_flattened(flattened(tree, section, "")),
                    span,
                ))
            }
            _ => {
                let (key, value) = tree.get(root, "sops")?;
                Some((MetaValue::from_tree(tree, value), tree.node(key)?.span))
            }
        }
    }

    /// `odd` is the place of a `sops` key that holds no metadata.
    fn without_metadata(&self, tree: &Tree<'_>, is_text: bool, odd: Option<Span>) -> FileFacts {
        if let Some(place) = memchr::memmem::find(self.bytes, encrypted_value::MARK.as_bytes()) {
            let message = "encrypted values, but no metadata of sops at the top level: the file cannot be decrypted";
            let span = Span::new(place, place + 4);
            let no_metadata = || Problem::new(Code::NoMetadata, span, message);
            let mut facts = self.broken(self.wrong_format().unwrap_or_else(no_metadata));
            if let Ok(summary) = walk(tree, None, |_| false) {
                facts.keys = summary.keys;
            }
            return facts;
        }
        let mut facts = self.plain(tree, is_text);
        if let Some(span) = odd {
            let message = "`sops` is no metadata of sops; sops refuses to encrypt the file until the key is renamed";
            facts
                .problems
                .push(Problem::new(Code::MetadataUnusable, span, message));
        }
        facts
    }

    fn plain(&self, tree: &Tree<'_>, is_text: bool) -> FileFacts {
        let mut facts = self.plaintext(is_text);
        match walk(tree, None, |_| false) {
            Ok(summary) => facts.keys = summary.keys,
            Err(problem) => facts.problems.push(problem),
        }
        facts
    }

    fn judge(&self, tree: &Tree<'_>, source: &str, metadata: Metadata) -> FileFacts {
        let span = metadata.facts.span;
        let (rule, error) = Rule::new(&metadata.facts.rule);
        let mut facts = FileFacts::new(self.format.encrypted(), State::Broken);
        facts.problems = metadata.accepted;
        if let Some(error) = error {
            let name = metadata.facts.rule.name();
            let message = format!("`{name}` of the file is ignored by sops: {error}");
            facts
                .problems
                .push(Problem::new(Code::BadRuleRegex, span, message));
        }
        let is_metadata_key = |name: &str| match self.format {
            SopsFormat::Dotenv => name.starts_with("sops_"),
            _ => name == "sops",
        };
        let summary = match walk(tree, Some(&rule), is_metadata_key) {
            Ok(summary) => summary,
            Err(problem) => {
                facts.sops = Some(metadata.facts);
                return facts.with(problem);
            }
        };
        let mac = mac_problem(metadata.mac.as_ref(), span);
        let refused = metadata.refused;
        let is_refused = !refused.is_empty();
        facts.state = self.state(&summary, is_refused, mac.is_some());
        facts.problems.extend(refused.into_iter().chain(mac));
        self.verdict_problem(&mut facts, &summary, &metadata.facts.rule, span);
        if facts.state != State::Broken || is_refused {
            notes::trailing(tree, source, &mut facts);
            notes::copies(tree, &mut facts);
            notes::comments(tree, &metadata.facts.rule, &mut facts);
        }
        facts.problems.extend(summary.problems);
        facts.keys = summary.keys;
        facts.sops = Some(metadata.facts);
        if self.format == SopsFormat::Binary {
            let data = facts
                .keys
                .children(None)
                .find(|(_, key)| key.name.to_string() == "data");
            facts.plaintext_length = data.and_then(|(_, key)| key.value.plaintext_length());
            if data.is_none() {
                facts.state = State::Broken;
                let message = "a binary sops file without `data`: nothing of the content is left";
                facts
                    .problems
                    .push(Problem::new(Code::NoData, span, message));
            }
        }
        facts
    }

    fn state(&self, summary: &Summary, is_refused: bool, mac_is_bad: bool) -> State {
        let has_odd_key = summary
            .problems
            .iter()
            .any(|problem| problem.code == Code::KeyNotAString);
        let only_plaintext =
            summary.encrypted == 0 && summary.malformed == 0 && summary.plaintext > 0;
        if only_plaintext {
            State::MetadataOnly
        } else if is_refused || has_odd_key || summary.malformed > 0 || mac_is_bad {
            State::Broken
        } else if summary.plaintext > 0 {
            State::Partial
        } else if summary.encrypted == 0 && summary.left_plain > 0 {
            State::NothingEncrypted
        } else {
            State::Encrypted
        }
    }

    fn verdict_problem(
        &self,
        facts: &mut FileFacts,
        summary: &Summary,
        rule: &EncryptionRule,
        span: Span,
    ) {
        match facts.state {
            State::MetadataOnly => {
                let count = summary.plaintext;
                let message = format!(
                    "the file has the metadata of sops, but all {count} values that should be encrypted are plaintext"
                );
                facts
                    .problems
                    .push(Problem::new(Code::MetadataOnly, span, message));
            }
            State::NothingEncrypted => {
                let message = format!(
                    "nothing is encrypted: `{}` of the file covers none of its {} values",
                    rule.name(),
                    summary.left_plain
                );
                facts
                    .problems
                    .push(Problem::new(Code::NothingEncrypted, span, message));
            }
            _ => {}
        }
    }
}

/// The pairs of a mapping whose key begins with `prefix`, without it.
fn flattened<'t>(
    tree: &'t Tree<'t>,
    id: NodeId,
    prefix: &'static str,
) -> impl Iterator<Item = (&'t str, &'t str, Span)> {
    tree.pairs(id).filter_map(move |(key, _, value)| {
        let name = key.strip_prefix(prefix)?;
        Some((name, tree.string(value)?, tree.node(value)?.span))
    })
}

fn is_empty(format: SopsFormat, source: &str) -> bool {
    let is_comment = |line: &str| match format {
        SopsFormat::Yaml | SopsFormat::Dotenv => line.starts_with('#'),
        SopsFormat::Ini => line.starts_with(['#', ';']),
        SopsFormat::Json | SopsFormat::Binary => false,
    };
    source
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .all(|line| line.is_empty() || is_comment(line))
}

fn mac_problem(mac: Option<&(String, Span)>, metadata: Span) -> Option<Problem> {
    let Some((text, span)) = mac else {
        let message = "the metadata of sops has no `mac`: sops refuses the file";
        return Some(Problem::new(Code::NoMac, metadata, message));
    };
    let is_mac = matches!(
        encrypted_value::parse(text),
        Some(EncryptedValue::Valid {
            length: MAC_LENGTH,
            ..
        })
    );
    (!is_mac).then(|| {
        Problem::new(
            Code::BadMac,
            *span,
            "`mac` is not the encrypted checksum that sops writes",
        )
    })
}
