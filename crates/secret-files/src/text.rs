//! Bytes as text without moving a byte, and a few byte helpers.

use std::borrow::Cow;

use crate::Span;

/// The bytes as text in which every offset is the offset in the file: each byte that is not
/// part of valid UTF-8 becomes one `?`. Also gives the place of the first such byte.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<Span>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(error) => {
            let first = error.valid_up_to();
            let mut text = String::with_capacity(bytes.len());
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                text.extend(chunk.invalid().iter().map(|_| '?'));
            }
            (Cow::Owned(text), Some(Span::new(first, first + 1)))
        }
    }
}

/// Whether `bytes` holds `needle`.
pub(crate) fn contains(bytes: &[u8], needle: &str) -> bool {
    memchr::memmem::find(bytes, needle.as_bytes()).is_some()
}

/// The bytes without ASCII white space at both ends, and the offset of the first one kept.
pub(crate) fn trim(bytes: &[u8]) -> (&[u8], usize) {
    let trimmed = bytes.trim_ascii_start();
    (trimmed.trim_ascii_end(), bytes.len() - trimmed.len())
}

/// The lines with their offsets, without their line feed (a carriage return stays).
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = offset;
        offset += line.len();
        (start, line.strip_suffix('\n').unwrap_or(line))
    })
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn invalid_bytes_keep_every_offset() {
        let (text, first) = decode(b"ab\xff\xc3 \xc3\xa9z");
        assert_eq!(text, "ab?? \u{e9}z");
        assert_eq!(first.map(|span| span.start), Some(2));
        assert_eq!(text.len(), 8);
    }
}
