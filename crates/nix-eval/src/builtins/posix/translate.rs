//! From a POSIX extended regular expression to the syntax of the `regex` crates, byte by byte.

/// Longer patterns are refused.
const MAX_LENGTH: usize = 1 << 16;

/// The characters that are not themselves outside brackets, and the only ones that a backslash may
/// stand before.
const SPECIAL: &[u8] = b".[\\()*+?{|^$";

/// The translation; nothing if the pattern is not valid.
pub(super) fn translate(pattern: &str) -> Option<String> {
    if pattern.len() > MAX_LENGTH {
        return None;
    }
    let mut translator = Translator {
        rest: pattern.as_bytes(),
        out: String::with_capacity(pattern.len() * 2),
        groups: Vec::new(),
        atom: None,
    };
    while let Some(byte) = translator.next() {
        translator.token(byte)?;
    }
    translator.groups.is_empty().then_some(translator.out)
}

struct Translator<'a> {
    rest: &'a [u8],
    out: String,
    /// Where in `out` each open group begins.
    groups: Vec<usize>,
    /// Where in `out` the atom begins that a quantifier would apply to.
    atom: Option<usize>,
}

impl Translator<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn eat(&mut self, byte: u8) -> bool {
        match self.rest.strip_prefix(&[byte]) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn token(&mut self, byte: u8) -> Option<()> {
        let start = self.out.len();
        match byte {
            b'|' => {
                self.out.push('|');
                self.atom = None;
            }
            b'^' => {
                self.out.push_str("\\A");
                self.atom = None;
            }
            b'$' => {
                self.out.push_str("\\z");
                self.atom = None;
            }
            b'(' => {
                self.groups.push(start);
                self.out.push('(');
                self.atom = None;
            }
            b')' => {
                let start = self.groups.pop()?;
                self.out.push(')');
                self.atom = Some(start);
            }
            b'*' | b'+' | b'?' => self.quantify(|out| out.push(char::from(byte)))?,
            b'{' => {
                let (least, most) = self.interval()?;
                self.quantify(|out| {
                    out.push_str(&match most {
                        Some(most) => format!("{{{least},{most}}}"),
                        None => format!("{{{least},}}"),
                    });
                })?;
            }
            b'.' => {
                self.out.push('.');
                self.atom = Some(start);
            }
            b'[' => {
                let class = self.bracket()?;
                push_class(&class, &mut self.out);
                self.atom = Some(start);
            }
            b'\\' => {
                let escaped = self.next().filter(|byte| SPECIAL.contains(byte))?;
                push_literal(escaped, &mut self.out);
                self.atom = Some(start);
            }
            literal => {
                push_literal(literal, &mut self.out);
                self.atom = Some(start);
            }
        }
        Some(())
    }

    /// Puts a quantifier behind the last atom, which it becomes a part of: `a*?` is `(a*)?`.
    fn quantify(&mut self, push: impl FnOnce(&mut String)) -> Option<()> {
        let start = self.atom?;
        push(&mut self.out);
        self.out.insert_str(start, "(?:");
        self.out.push(')');
        Some(())
    }

    /// `2}`, `2,}` or `2,3}`
    fn interval(&mut self) -> Option<(u32, Option<u32>)> {
        let least = self.number()?;
        if self.eat(b'}') {
            return Some((least, Some(least)));
        }
        self.eat(b',').then_some(())?;
        if self.eat(b'}') {
            return Some((least, None));
        }
        let most = self.number()?;
        (self.eat(b'}') && least <= most).then_some((least, Some(most)))
    }

    fn number(&mut self) -> Option<u32> {
        let length = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (digits, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// What stands between brackets, the opening one behind us.
    fn bracket(&mut self) -> Option<Class> {
        let negated = self.eat(b'^');
        let mut class = Class::default();
        // The character that may be the first of a range.
        let mut pending: Option<u8> = None;
        let mut is_first = true;
        loop {
            let byte = self.next()?;
            match byte {
                b']' if !is_first => break,
                b'-' if !is_first => match pending.take() {
                    Some(first) => {
                        if self.eat(b']') {
                            class.add(first);
                            class.add(b'-');
                            break;
                        }
                        let last = self.next()?;
                        if last == b'[' && matches!(self.rest.first(), Some(b'.' | b':' | b'=')) {
                            return None;
                        }
                        class.add_range(first, last)?;
                    }
                    // A dash means itself first and last only.
                    None => {
                        self.eat(b']').then_some(())?;
                        class.add(b'-');
                        break;
                    }
                },
                b'[' if matches!(self.rest.first(), Some(b'.' | b':' | b'=')) => {
                    if let Some(first) = pending.take() {
                        class.add(first);
                    }
                    let kind = self.next()?;
                    let name = self.name(kind)?;
                    match kind {
                        b':' => class.add_named(&name)?,
                        b'.' => pending = Some(collating_element(&name)?),
                        _ => {
                            let element = collating_element(&name)?;
                            class.add(element.to_ascii_lowercase());
                            class.add(element.to_ascii_uppercase());
                        }
                    }
                }
                literal => {
                    if let Some(first) = pending.replace(literal) {
                        class.add(first);
                    }
                }
            }
            is_first = false;
        }
        if let Some(first) = pending {
            class.add(first);
        }
        if negated {
            class.negate();
        }
        Some(class)
    }

    /// `alpha:]`
    fn name(&mut self, kind: u8) -> Option<String> {
        let length = self.rest.windows(2).position(|pair| pair == [kind, b']'])?;
        let (name, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest.get(2..)?;
        std::str::from_utf8(name).ok().map(str::to_owned)
    }
}

/// The character of `[.x.]` and `[=x=]`: letters by themselves; the names of others are not known
/// to anybody.
fn collating_element(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => Some(*letter),
        _ => match name {
            "space" => Some(b' '),
            "hyphen" => Some(b'-'),
            "period" => Some(b'.'),
            "slash" => Some(b'/'),
            "underscore" => Some(b'_'),
            "comma" => Some(b','),
            "colon" => Some(b':'),
            "left-square-bracket" => Some(b'['),
            "right-square-bracket" => Some(b']'),
            "circumflex" => Some(b'^'),
            "backslash" => Some(b'\\'),
            _ => None,
        },
    }
}

/// A set of bytes.
struct Class([bool; 256]);

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

    fn add(&mut self, byte: u8) {
        self.fill(|other| other == byte);
    }

    /// A range, in the order of C's `char`, which has a sign.
    fn add_range(&mut self, first: u8, last: u8) -> Option<()> {
        let (first, last) = (first.cast_signed(), last.cast_signed());
        self.fill(|byte| (first..=last).contains(&byte.cast_signed()));
        (first <= last).then_some(())
    }

    fn add_named(&mut self, name: &str) -> Option<()> {
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

    fn negate(&mut self) {
        for member in &mut self.0 {
            *member = !*member;
        }
    }
}

fn push_literal(byte: u8, out: &mut String) {
    if byte.is_ascii_alphanumeric() {
        out.push(char::from(byte));
    } else {
        out.push_str(&format!("\\x{byte:02x}"));
    }
}

fn push_class(class: &Class, out: &mut String) {
    let members: Vec<u8> = (0..=u8::MAX)
        .zip(class.0)
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
