//! The formats of clients' configuration files.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A format that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClientFormat {
    /// JSON.
    Json,
    /// JSON with comments and trailing commas.
    Jsonc,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
}

impl ClientFormat {
    /// For a sentence.
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::Json | Self::Jsonc => "JSON",
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
        }
    }
}

/// JSON with comments as JSON: comments and trailing commas become blanks, so that places stay. The copy
/// is wiped like the buffer that it is of.
pub(crate) fn without_comments(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut plain = Zeroizing::new(bytes.to_vec());
    let mut rest = 0;
    // A comma that nothing but blanks has followed so far.
    let mut comma = None;
    while let Some(&byte) = bytes.get(rest) {
        let length = match (byte, bytes.get(rest + 1)) {
            (b'"', _) => string(bytes.get(rest..).unwrap_or_default()),
            (b'/', Some(b'/')) => blank(&mut plain, rest, b"\n"),
            (b'/', Some(b'*')) => blank(&mut plain, rest, b"*/"),
            _ => 1,
        };
        let is_comment = byte == b'/' && length > 1;
        if matches!(byte, b']' | b'}')
            && let Some(comma) = comma
            && let Some(byte) = plain.get_mut::<usize>(comma)
        {
            *byte = b' ';
        }
        if byte == b',' {
            comma = Some(rest);
        } else if !byte.is_ascii_whitespace() && !is_comment {
            comma = None;
        }
        rest += length;
    }
    plain
}

/// The length of a string with its quotes.
fn string(bytes: &[u8]) -> usize {
    let mut length = 1;
    while let Some(&byte) = bytes.get(length) {
        match byte {
            b'\\' => length += 2,
            b'"' => return length + 1,
            _ => length += 1,
        }
    }
    length
}

/// Blanks a comment up to its end; line feeds stay. Gives its length.
fn blank(plain: &mut [u8], start: usize, end: &[u8]) -> usize {
    let comment = plain.get_mut(start..).unwrap_or_default();
    let body = comment.get(2..).unwrap_or_default();
    let found = body.windows(end.len()).position(|window| window == end);
    let length = found.map_or(comment.len(), |at| 2 + at + end.len());
    for byte in comment
        .iter_mut()
        .take(length)
        .filter(|byte| **byte != b'\n')
    {
        *byte = b' ';
    }
    length
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn comments_and_trailing_commas_become_blanks() {
        let text = b"{ // a \"b\n \"x\": [1, 2, /* c */ ], \"y\": \"// \\\" no,}\", }";
        let plain = without_comments(text);
        assert_eq!(plain.len(), text.len());
        let value: serde_json::Value = serde_json::from_slice(&plain).unwrap();
        assert_eq!(value["x"][1], 2);
        assert_eq!(value["y"], "// \" no,}");
        for odd in [&b"/*"[..], b"//", b"\"\\", b"{,", b",]"] {
            assert_eq!(without_comments(odd).len(), odd.len());
        }
    }
}
