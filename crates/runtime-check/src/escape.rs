//! Names and paths made inert before anybody sees them.
//!
//! A file name may hold terminal escapes, line breaks or characters that reverse the text
//! direction. Nothing of that reaches a terminal, a log or an XML file: [`Escaped`] spells it out.

use std::ffi::OsStr;
use std::fmt::{self, Display, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Displays bytes with every character that is not plain text spelled out: `\n`, `\x1b`,
/// `\u{202e}`, and bytes that are not UTF-8 as `\xff`.
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a>(&'a [u8]);

impl<'a> Escaped<'a> {
    /// Of a text.
    pub fn text(text: &'a str) -> Self {
        Self(text.as_bytes())
    }

    /// Of a path.
    pub fn path(path: &'a Path) -> Self {
        Self(path.as_os_str().as_bytes())
    }

    /// Of a file name.
    pub fn name(name: &'a OsStr) -> Self {
        Self(name.as_bytes())
    }
}

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '\n' => f.write_str("\\n")?,
                    '\r' => f.write_str("\\r")?,
                    '\t' => f.write_str("\\t")?,
                    c if c.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(c))?,
                    c if is_inert(c) => f.write_char(c)?,
                    c => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// Whether a character changes nothing but the cell that it stands in.
///
/// Not inert: C0, DEL, C1; the bidirectional controls; zero-width characters and the byte order
/// mark; line and paragraph separators; tags and variation selectors; unassigned specials.
pub(crate) fn is_inert(character: char) -> bool {
    !matches!(character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// A path that survives JSON even where it is not UTF-8: a string, or else its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WirePath(pub(crate) PathBuf);

impl Serialize for WirePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.to_str() {
            Some(text) => serializer.serialize_str(text),
            None => self.0.as_os_str().as_bytes().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for WirePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Bytes(Vec<u8>),
        }
        Ok(Self(match Form::deserialize(deserializer)? {
            Form::Text(text) => PathBuf::from(text),
            Form::Bytes(bytes) => PathBuf::from(OsStr::from_bytes(&bytes)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_a_terminal_would_act_on() {
        let shown = Escaped::text("a\x1b[31mX\n::error::\u{202e}b\u{9b}2J\u{200b}").to_string();
        assert_eq!(shown, "a\\x1b[31mX\\n::error::\\u{202e}b\\u{9b}2J\\u{200b}");
    }

    #[test]
    fn keeps_names_in_any_script() {
        assert_eq!(Escaped::text("ключ/秘密 é").to_string(), "ключ/秘密 é");
    }

    #[test]
    fn spells_out_bytes_that_are_not_text() {
        assert_eq!(Escaped(b"a\xffb").to_string(), "a\\xffb");
    }

    #[test]
    fn wire_paths_keep_every_byte() {
        for bytes in [&b"/run/secrets/a"[..], b"/run/\xff\x1b"] {
            let path = WirePath(PathBuf::from(OsStr::from_bytes(bytes)));
            let json = serde_json::to_string(&path).unwrap();
            assert_eq!(serde_json::from_str::<WirePath>(&json).unwrap(), path);
        }
    }
}
