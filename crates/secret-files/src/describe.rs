//! The entry points: what is this file?

use std::path::Path;

use crate::{
    Code, FileFacts, Format, Problem, SopsFormat, Span, State, age, other_tool, private_key, sops,
    text, tree,
};

/// Describes a file by its content, and by its name where the content leaves it open: sops
/// takes the format from the extension, and what is named `.age` should be an age file.
///
/// Only structure is inspected, no key is needed. Whatever the bytes are, the answer comes in
/// time that grows with their number only.
#[must_use]
pub fn describe(name: impl AsRef<Path>, bytes: &[u8]) -> FileFacts {
    let name = name.as_ref();
    if name.extension().is_some_and(|extension| extension == "age") {
        return describe_age(bytes);
    }
    if age::looks_like_age(bytes) {
        return age::describe(bytes).finish();
    }
    by_content(bytes).unwrap_or_else(|| sops::describe(SopsFormat::from_name(name), bytes, false))
}

/// Describes a file that is declared to be a sops file of `format`, whatever its name; as
/// sops-nix reads it.
#[must_use]
pub fn describe_sops(format: SopsFormat, bytes: &[u8]) -> FileFacts {
    if age::looks_like_age(bytes) {
        return by_other_tool(
            age::describe(bytes),
            "an age file, but sops is to decrypt it",
        );
    }
    by_content(bytes).unwrap_or_else(|| sops::describe(format, bytes, true))
}

/// Describes a file that is declared to be a sops file, in the format that sops wrote it in ([`sops_format`]); in
/// `otherwise` if that does not show.
#[must_use]
pub fn describe_as_written(otherwise: SopsFormat, bytes: &[u8]) -> FileFacts {
    match mark(bytes) {
        // Whether it is one shows only when it is parsed: once is enough.
        Some(Mark::MaybeEnvelope) if !age::looks_like_age(bytes) => {
            by_content(bytes).unwrap_or_else(|| sops::describe_json(bytes))
        }
        Some(Mark::Format(format)) => describe_sops(format, bytes),
        _ => describe_sops(otherwise, bytes),
    }
}

/// Describes a file that is declared to be an age file, whatever its name; as agenix reads it.
#[must_use]
pub fn describe_age(bytes: &[u8]) -> FileFacts {
    if age::looks_like_age(bytes) {
        return age::describe(bytes).finish();
    }
    if bytes.trim_ascii().is_empty() {
        let problem = Problem::new(
            Code::EmptyFile,
            Span::new(0, bytes.len()),
            "the file is empty: age refuses it",
        );
        return FileFacts::new(Format::Text, State::Empty).with(problem);
    }
    if let Some(facts) = by_content(bytes) {
        return facts;
    }
    if let Some(format) = sops_format(bytes) {
        let facts = sops::describe(format, bytes, true);
        if facts.sops.is_some() {
            return by_other_tool(facts, "a sops file, but age is to decrypt it");
        }
    }
    if text::contains(bytes, age::BEGIN) {
        return age::describe(bytes).finish();
    }
    let is_text = std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0);
    let format = if is_text {
        Format::Text
    } else {
        Format::Binary
    };
    let mut facts = FileFacts::new(format, State::Plaintext);
    facts.plaintext_length = Some(bytes.len());
    facts.with(Problem::new(
        Code::PlaintextFile,
        Span::at(0),
        "the file is not encrypted",
    ))
}

fn by_content(bytes: &[u8]) -> Option<FileFacts> {
    other_tool::describe(bytes).or_else(|| private_key::describe(bytes))
}

fn by_other_tool(mut facts: FileFacts, message: &str) -> FileFacts {
    if facts.state == State::Encrypted {
        facts.state = State::OtherEncrypted;
    }
    facts
        .with(Problem::new(Code::OtherTool, Span::at(0), message))
        .finish()
}

/// The format in which sops wrote the file, by its metadata, whatever its name; `None` if it
/// has none. Damaged files may still be recognised.
#[must_use]
pub fn sops_format(bytes: &[u8]) -> Option<SopsFormat> {
    Some(match mark(bytes)? {
        Mark::Format(format) => format,
        Mark::MaybeEnvelope if is_envelope(bytes) => SopsFormat::Binary,
        Mark::MaybeEnvelope => SopsFormat::Json,
    })
}

/// Whether a file has the metadata of sops: whether [`sops_format`] gives a format.
#[must_use]
pub fn is_marked_by_sops(bytes: &[u8]) -> bool {
    mark(bytes).is_some()
}

/// What the first look shows of the format in which sops wrote a file.
enum Mark {
    Format(SopsFormat),
    /// JSON whose first key is one of an envelope.
    MaybeEnvelope,
}

fn mark(bytes: &[u8]) -> Option<Mark> {
    let start = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    if start.starts_with(b"{") {
        if !text::contains(bytes, "\"sops\"") {
            return None;
        }
        // An envelope has no other keys, so that most files need not be parsed for this.
        let after_brace = start.get(1..).unwrap_or_default().trim_ascii_start();
        let may_be = after_brace.starts_with(b"\"data\"") || after_brace.starts_with(b"\"sops\"");
        return Some(if may_be {
            Mark::MaybeEnvelope
        } else {
            Mark::Format(SopsFormat::Json)
        });
    }
    let mut found = None;
    for at in memchr::memmem::find_iter(bytes, "sops") {
        let (before, rest) = bytes.split_at_checked(at)?;
        let begins_line = |before: &[u8]| before.is_empty() || before.ends_with(b"\n");
        if begins_line(before) {
            if rest.starts_with(b"sops_mac=") || rest.starts_with(b"sops_version=") {
                return Some(Mark::Format(SopsFormat::Dotenv));
            }
            if rest.starts_with(b"sops:") {
                found.get_or_insert(SopsFormat::Yaml);
            }
        } else if rest.starts_with(b"sops]") && before.strip_suffix(b"[").is_some_and(begins_line) {
            found = Some(SopsFormat::Ini);
        }
    }
    found.map(Mark::Format)
}

/// Whether the only key beside the metadata is `data`.
fn is_envelope(bytes: &[u8]) -> bool {
    if bytes.len() > crate::MAX_PARSED_BYTES {
        return false;
    }
    let (source, _) = text::decode(bytes);
    tree::json::parse(&source).is_ok_and(|tree| tree.is_envelope())
}
