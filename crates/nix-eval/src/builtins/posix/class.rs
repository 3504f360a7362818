//! Bracket expressions: sets of bytes.

/// A set of bytes.
#[derive(Debug, Clone)]
pub(super) struct Class([bool; 256]);

impl Default for Class {
    fn default() -> Self {
        Self([false; 256])
    }
}

impl Class {
    fn fill(&mut self, belongs: impl Fn(u8) -> bool) {
        for (byte, member) in (0..=u8::MAX).zip(&mut self.0) {
            *member |= belongs(byte);
        }
    }

    pub(super) fn add(&mut self, byte: u8) {
        self.fill(|other| other == byte);
    }

    /// A range, in the order of C's `char`, which has a sign; nothing if it is empty.
    pub(super) fn add_range(&mut self, first: u8, last: u8) -> Option<()> {
        let (first, last) = (first.cast_signed(), last.cast_signed());
        self.fill(|byte| (first..=last).contains(&byte.cast_signed()));
        (first <= last).then_some(())
    }

    /// `[:alpha:]` and the like; nothing if there is no such class.
    pub(super) fn add_named(&mut self, name: &str) -> Option<()> {
        let belongs: fn(u8) -> bool = match name.to_ascii_lowercase().as_str() {
            "alnum" => |byte| byte.is_ascii_alphanumeric(),
            "alpha" => |byte| byte.is_ascii_alphabetic(),
            "blank" => |byte| matches!(byte, b' ' | b'\t'),
            "cntrl" => |byte| byte.is_ascii_control(),
            "digit" | "d" => |byte| byte.is_ascii_digit(),
            "graph" => |byte| byte.is_ascii_graphic(),
            "lower" => |byte| byte.is_ascii_lowercase(),
            "print" => |byte| byte.is_ascii_graphic() || byte == b' ',
            "punct" => |byte| byte.is_ascii_punctuation(),
            "space" | "s" => |byte| matches!(byte, b' ' | b'\t'..=b'\r'),
            "upper" => |byte| byte.is_ascii_uppercase(),
            "w" => |byte| byte.is_ascii_alphanumeric() || byte == b'_',
            "xdigit" => |byte| byte.is_ascii_hexdigit(),
            _ => return None,
        };
        self.fill(belongs);
        Some(())
    }

    pub(super) fn contains(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or(false)
    }

    pub(super) fn negate(&mut self) {
        for member in &mut self.0 {
            *member = !*member;
        }
    }

    /// As the `regex` crates write it.
    pub(super) fn push(&self, out: &mut String) {
        let members: Vec<u8> = (0..=u8::MAX)
            .zip(self.0)
            .filter(|(_, member)| *member)
            .map(|(byte, _)| byte)
            .collect();
        if members.is_empty() {
            return out.push_str("[^\\x00-\\xff]");
        }
        out.push('[');
        for run in members.chunk_by(|a, b| a + 1 == *b) {
            if let (Some(first), Some(last)) = (run.first(), run.last()) {
                out.push_str(&format!("\\x{first:02x}-\\x{last:02x}"));
            }
        }
        out.push(']');
    }
}
