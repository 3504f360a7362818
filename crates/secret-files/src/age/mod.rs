//! age files without a key: recipients, damage, length of the plaintext.

mod armor;
mod compare;
mod error;
mod header;
mod rekey;

use crate::{AgeFacts, AgeStanza, Code, FileFacts, Format, Problem, Span, State};

pub(crate) use armor::BEGIN;
pub use compare::{AgeRecipientDiff, KnownRecipients, compare_age};
pub use error::{AgeError, AgeErrorKind};
pub use rekey::{REKEY_DUMMY_PUBLIC_KEY, rekey_identifier};

/// Nonce at the beginning of the payload, in bytes.
const NONCE: usize = 16;
/// Authentication tag of each chunk, in bytes.
const TAG: usize = 16;
/// Plaintext of a full chunk, in bytes.
const CHUNK: usize = 65_536;
/// So much of an armored file is decoded to find the end of the header.
const MAX_HEADER: usize = 32 << 20;
/// What every version of the format begins with.
const ANY_INTRO: &[u8] = b"age-encryption.org/";
/// The same in base64.
const INTRO_IN_BASE64: &[u8] = b"YWdlLWVuY3J5cHRpb24ub3Jn";
/// U+FFFD, which a text decoder writes for bytes that are no text.
const REPLACEMENT: &[u8] = b"\xef\xbf\xbd";

/// Reads the structure of an age file, binary or armored.
///
/// # Errors
/// The first damage that shows without a key.
pub fn inspect(file: &[u8]) -> Result<AgeFacts, AgeError> {
    let Some(decoded) = armor::decode(file, MAX_HEADER) else {
        return binary(file, file.len()).map(|(stanzas, plaintext_length)| AgeFacts {
            armored: false,
            stanzas,
            plaintext_length,
        });
    };
    let decoded = decoded?;
    let whole = decoded.begin;
    let (mut stanzas, plaintext_length) =
        binary(&decoded.bytes, decoded.length).map_err(|error| AgeError::new(error.kind, whole))?;
    for stanza in &mut stanzas {
        stanza.span = whole;
    }
    Ok(AgeFacts {
        armored: true,
        stanzas,
        plaintext_length,
    })
}

/// `bytes` are at least the header of a file of `length` bytes.
fn binary(bytes: &[u8], length: usize) -> Result<(Vec<AgeStanza>, usize), AgeError> {
    let header = header::parse(bytes)?;
    let payload = length - header.length;
    let span = Span::new(header.length, length);
    if payload < NONCE + TAG {
        return Err(AgeError::new(AgeErrorKind::PayloadShort(payload), span));
    }
    let encrypted = payload - NONCE;
    let chunks = encrypted.div_ceil(CHUNK + TAG);
    let plaintext = encrypted.checked_sub(TAG * chunks).filter(|plaintext| {
        plaintext.div_ceil(CHUNK) == chunks || (*plaintext == 0 && chunks == 1)
    });
    match plaintext {
        Some(plaintext) => Ok((header.stanzas, plaintext)),
        None => Err(AgeError::new(AgeErrorKind::PayloadSize, span)),
    }
}

/// Whether the bytes are, or once were, an age file.
pub(crate) fn looks_like_age(bytes: &[u8]) -> bool {
    let start = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    start.starts_with(ANY_INTRO)
        || start.starts_with(BEGIN.as_bytes())
        || start.starts_with(INTRO_IN_BASE64)
}

/// Describes a file that [`looks_like_age`], or that has an armor after some text.
pub(crate) fn describe(bytes: &[u8]) -> FileFacts {
    let format = if crate::text::contains(bytes, BEGIN) {
        Format::AgeArmored
    } else {
        Format::Age
    };
    match inspect(bytes) {
        Ok(facts) => sound(bytes, format, facts),
        Err(error) => {
            let problem = cause(bytes).unwrap_or_else(|| error.problem());
            FileFacts::new(format, State::Broken).with(problem)
        }
    }
}

/// Why a damaged file is damaged, where the bytes give it away.
fn cause(bytes: &[u8]) -> Option<Problem> {
    let first_line = Span::new(
        0,
        memchr::memchr(b'\n', bytes).unwrap_or(bytes.len()).min(80),
    );
    let start = bytes.trim_ascii_start();
    if bytes.starts_with(b"age-encryption.org/v1\r\n") {
        let message = "line ends were converted to CRLF: mark `*.age` as binary in .gitattributes";
        return Some(Problem::new(Code::LineEndingsChanged, first_line, message));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Some(Problem::new(
            Code::AgeHeader,
            first_line,
            "a byte order mark before the age header",
        ));
    }
    if start.len() < bytes.len() && start.starts_with(ANY_INTRO) {
        return Some(Problem::new(
            Code::AgeHeader,
            first_line,
            "white space before the age header",
        ));
    }
    if start.starts_with(ANY_INTRO) && !start.starts_with(header::INTRO) {
        let is_version_1 = start.starts_with(header::INTRO.trim_ascii_end());
        let message = if is_version_1 {
            "the age header is cut off"
        } else {
            "an age file of an unknown version"
        };
        return Some(Problem::new(Code::AgeHeader, first_line, message));
    }
    if start.starts_with(INTRO_IN_BASE64) {
        let message =
            "an age file in bare base64: age reads it only between its BEGIN and END lines";
        return Some(Problem::new(Code::Base64OfAge, first_line, message));
    }
    if !start.starts_with(BEGIN.as_bytes()) && crate::text::contains(bytes, BEGIN) {
        return Some(Problem::new(
            Code::AgeArmor,
            first_line,
            "text before the armor of the age file",
        ));
    }
    None
}

fn sound(bytes: &[u8], format: Format, facts: AgeFacts) -> FileFacts {
    let mut described = FileFacts::new(format, State::Encrypted);
    described.plaintext_length = Some(facts.plaintext_length);
    let mut problem = |code, span, message: &str, state| {
        described.problems.push(Problem::new(code, span, message));
        described.state = state;
    };
    let first = facts
        .stanzas
        .first()
        .map_or_else(Span::default, |stanza| stanza.span);
    let count = facts.recipients().count();
    if count == 0 {
        let message = "the age header names no recipient that could decrypt";
        problem(Code::AgeNoRecipient, first, message, State::Broken);
    }
    if let Some(stanza) = facts.stanzas.iter().find(|stanza| stanza.kind == "scrypt") {
        if facts.stanzas.len() > 1 {
            let message = "a passphrase beside other recipients: age refuses such a file";
            problem(
                Code::AgeMixedRecipients,
                stanza.span,
                message,
                State::Broken,
            );
        } else {
            let message = "encrypted with a passphrase: no key of a machine can decrypt it";
            problem(Code::AgePassphrase, stanza.span, message, State::Encrypted);
        }
    }
    let is_hybrid = |stanza: &&AgeStanza| stanza.kind.starts_with("mlkem768");
    let hybrid = facts.recipients().filter(is_hybrid).count();
    if hybrid > 0 && hybrid < count {
        let message = "post-quantum and classic recipients in one file";
        problem(Code::AgeMixedRecipients, first, message, State::Encrypted);
    }
    if !facts.armored
        && memchr::memmem::find_iter(bytes, REPLACEMENT)
            .take(3)
            .count()
            == 3
    {
        let place = memchr::memmem::find(bytes, REPLACEMENT).unwrap_or_default();
        let is_small = bytes.len() < 1 << 20;
        if is_small {
            let message = "the file was read and written as text: its bytes are lost for good";
            problem(
                Code::TextMangled,
                Span::new(place, place + REPLACEMENT.len()),
                message,
                State::Broken,
            );
        }
    }
    described.age = Some(facts);
    described.finish()
}
