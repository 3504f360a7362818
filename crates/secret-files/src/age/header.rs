//! The header of an age file: version, recipient stanzas, MAC.

use data_encoding::BASE64_NOPAD;

use super::error::{AgeError, AgeErrorKind};
use crate::{AgeStanza, Span};

/// The first line.
pub(crate) const INTRO: &[u8] = b"age-encryption.org/v1\n";
/// Columns of a full line of a stanza's body.
const COLUMNS: usize = 64;
/// Length of the header's MAC in bytes.
const MAC_LENGTH: usize = 32;
/// More recipients than any file has.
const MAX_STANZAS: usize = 20_000;

pub(super) struct Header {
    pub(super) stanzas: Vec<AgeStanza>,
    /// Length of the header in bytes.
    pub(super) length: usize,
}

struct Lines<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Lines<'a> {
    /// The next line with its place; `None` if it has no line feed.
    fn next(&mut self) -> Result<(&'a [u8], Span), AgeError> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let Some(length) = memchr::memchr(b'\n', rest) else {
            return Err(AgeError::new(
                AgeErrorKind::HeaderEnd,
                Span::new(self.offset, self.bytes.len()),
            ));
        };
        let span = Span::new(self.offset, self.offset + length);
        self.offset += length + 1;
        Ok((rest.get(..length).unwrap_or_default(), span))
    }
}

pub(super) fn parse(bytes: &[u8]) -> Result<Header, AgeError> {
    if !bytes.starts_with(INTRO) {
        let first_line = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len()).min(80);
        return Err(AgeError::new(AgeErrorKind::Intro, Span::new(0, first_line)));
    }
    let mut lines = Lines {
        bytes,
        offset: INTRO.len(),
    };
    let mut stanzas = Vec::new();
    loop {
        let (line, span) = lines.next()?;
        let error = |kind| AgeError::new(kind, span);
        if let Some(mac) = line.strip_prefix(b"---") {
            let mac = mac
                .strip_prefix(b" ")
                .and_then(|mac| BASE64_NOPAD.decode(mac).ok());
            if mac.is_none_or(|mac| mac.len() != MAC_LENGTH) {
                return Err(error(AgeErrorKind::Footer));
            }
            if stanzas.is_empty() {
                return Err(error(AgeErrorKind::NoStanza));
            }
            return Ok(Header {
                stanzas,
                length: lines.offset,
            });
        }
        let arguments = line
            .strip_prefix(b"-> ")
            .ok_or_else(|| error(AgeErrorKind::Stanza))?;
        let mut words = Vec::new();
        for word in arguments.split(|byte| *byte == b' ') {
            if word.is_empty() || !word.iter().all(u8::is_ascii_graphic) {
                return Err(error(AgeErrorKind::Stanza));
            }
            words.push(String::from_utf8_lossy(word).into_owned());
        }
        body(&mut lines)?;
        if words.is_empty() || stanzas.len() >= MAX_STANZAS {
            return Err(error(AgeErrorKind::Stanza));
        }
        let kind = words.remove(0);
        let tag = has_tag(&kind)
            .then(|| words.first().cloned())
            .flatten()
            .filter(|tag| is_tag(tag));
        stanzas.push(AgeStanza {
            kind,
            arguments: words,
            tag,
            span,
        });
    }
}

/// The lines of a stanza's body; a line shorter than 64 columns, perhaps empty, is the last.
fn body(lines: &mut Lines<'_>) -> Result<(), AgeError> {
    loop {
        let (line, span) = lines.next()?;
        if line.len() > COLUMNS || BASE64_NOPAD.decode(line).is_err() {
            return Err(AgeError::new(AgeErrorKind::HeaderBase64, span));
        }
        if line.len() < COLUMNS {
            return Ok(());
        }
    }
}

fn has_tag(kind: &str) -> bool {
    matches!(
        kind,
        "ssh-ed25519" | "ssh-rsa" | "piv-p256" | "p256tag" | "mlkem768p256tag"
    )
}

fn is_tag(text: &str) -> bool {
    BASE64_NOPAD
        .decode(text.as_bytes())
        .is_ok_and(|bytes| bytes.len() == 4)
}
