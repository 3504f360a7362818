//! The text form of an age file: strict base64 between two lines.

use data_encoding::BASE64;

use super::error::{AgeError, AgeErrorKind};
use crate::Span;

/// The line that begins an armored file.
pub(crate) const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const END: &[u8] = b"-----END AGE ENCRYPTED FILE-----";
/// age skips this much white space before the armor and accepts as much after it.
const MAX_SPACE: usize = 1024;
/// Columns of a full line, and the bytes that it stands for.
const COLUMNS: usize = 64;
const LINE_BYTES: usize = 48;

/// The beginning of the decoded file (up to `keep` bytes), its whole length, and the place of
/// the first line.
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    pub(super) length: usize,
    pub(super) begin: Span,
}

/// `None` if `file` does not begin with an armor.
pub(super) fn decode(file: &[u8], keep: usize) -> Option<Result<Decoded, AgeError>> {
    let start = file.len() - file.trim_ascii_start().len();
    let rest = file.get(start..).filter(|_| start <= MAX_SPACE)?;
    let body = rest.strip_prefix(BEGIN.as_bytes())?;
    let begin = Span::new(start, start + BEGIN.len());
    Some(lines(body, start + BEGIN.len(), begin, keep))
}

fn lines(body: &[u8], offset: usize, begin: Span, keep: usize) -> Result<Decoded, AgeError> {
    let mut decoded = Decoded {
        bytes: Vec::new(),
        length: 0,
        begin,
    };
    let mut place = offset;
    let mut last_was_short = false;
    let mut buffer = [0; LINE_BYTES];
    for (number, raw) in body.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let line = raw.trim_ascii_end();
        let span = Span::new(place, place + line.len());
        place += raw.len();
        let error = |kind| Err(AgeError::new(kind, span));
        if number == 0 {
            if line.is_empty() && raw.ends_with(b"\n") {
                continue;
            }
            return error(AgeErrorKind::ArmorLine);
        }
        if line == END {
            let after = body.get(place - offset..).unwrap_or_default();
            if !after.trim_ascii().is_empty() || after.len() > MAX_SPACE {
                return Err(AgeError::new(
                    AgeErrorKind::ArmorTrailing,
                    Span::new(place, place + after.len()),
                ));
            }
            return Ok(decoded);
        }
        if last_was_short || line.is_empty() || line.len() > COLUMNS {
            return error(AgeErrorKind::ArmorLine);
        }
        last_was_short = line.len() < COLUMNS;
        let length = BASE64
            .decode_len(line.len())
            .ok()
            .filter(|length| *length <= LINE_BYTES);
        let output = length.and_then(|length| buffer.get_mut(..length));
        let Some(written) = output.and_then(|output| BASE64.decode_mut(line, output).ok()) else {
            return error(AgeErrorKind::ArmorBase64);
        };
        // Padding ends the data.
        last_was_short |= written < LINE_BYTES;
        decoded.length += written;
        if decoded.bytes.len() < keep {
            decoded
                .bytes
                .extend_from_slice(buffer.get(..written).unwrap_or_default());
        }
    }
    Err(AgeError::new(AgeErrorKind::ArmorEnd, Span::at(place)))
}
