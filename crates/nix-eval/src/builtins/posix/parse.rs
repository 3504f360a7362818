//! The grammar of POSIX extended regular expressions, as `std::regex` reads it.

use super::class::Class;

/// Longer patterns are refused.
const MAX_LENGTH: usize = 1 << 16;

/// Groups nest no deeper.
const MAX_DEPTH: usize = 200;

/// The characters that are not themselves outside brackets, and the only ones that a backslash may
/// stand before.
const SPECIAL: &[u8] = b".[\\()*+?{|^$";

/// A parsed pattern.
#[derive(Debug)]
pub(super) enum Node {
    /// One byte.
    Byte(u8),
    /// Any byte.
    Any,
    /// One of a set of bytes.
    Class(Box<Class>),
    /// `^`
    Begin,
    /// `$`
    End,
    /// `( … )`, numbered from 1.
    Group(usize, Box<Self>),
    /// One after another.
    Concat(Vec<Self>),
    /// The first or the second.
    Either(Box<Self>, Box<Self>),
    /// At least and at most so many times.
    Repeat(Box<Self>, u32, Option<u32>),
}

/// Reads a pattern and counts its groups; nothing if it is not valid.
pub(super) fn parse(pattern: &str) -> Option<(Node, usize)> {
    if pattern.len() > MAX_LENGTH {
        return None;
    }
    let mut parser = Parser {
        rest: pattern.as_bytes(),
        groups: 0,
    };
    let node = parser.disjunction(0)?;
    parser.rest.is_empty().then_some((node, parser.groups))
}

struct Parser<'a> {
    rest: &'a [u8],
    groups: usize,
}

impl Parser<'_> {
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

    fn disjunction(&mut self, depth: usize) -> Option<Node> {
        let mut node = self.alternative(depth)?;
        while self.eat(b'|') {
            let other = self.alternative(depth)?;
            node = Node::Either(Box::new(node), Box::new(other));
        }
        Some(node)
    }

    fn alternative(&mut self, depth: usize) -> Option<Node> {
        let mut nodes = Vec::new();
        while let Some(byte) = self.rest.first().copied()
            && !matches!(byte, b'|' | b')')
        {
            self.next();
            nodes.push(match byte {
                b'^' => Node::Begin,
                b'$' => Node::End,
                _ => {
                    let atom = self.atom(byte, depth)?;
                    self.quantified(atom)?
                }
            });
        }
        Some(Node::Concat(nodes))
    }

    fn atom(&mut self, byte: u8, depth: usize) -> Option<Node> {
        Some(match byte {
            b'(' if depth >= MAX_DEPTH => return None,
            b'(' => {
                self.groups += 1;
                let index = self.groups;
                let inner = self.disjunction(depth + 1)?;
                self.eat(b')').then_some(())?;
                Node::Group(index, Box::new(inner))
            }
            b'.' => Node::Any,
            b'[' => Node::Class(Box::new(self.bracket()?)),
            b'\\' => Node::Byte(self.next().filter(|byte| SPECIAL.contains(byte))?),
            b'*' | b'+' | b'?' | b'{' => return None,
            literal => Node::Byte(literal),
        })
    }

    /// An atom with the quantifiers after it. Each applies to all before: `a*?` is `(a*)?`.
    fn quantified(&mut self, mut node: Node) -> Option<Node> {
        // Each makes the tree one level deeper.
        for _ in 0..MAX_DEPTH {
            let (least, most) = match self.rest.first() {
                Some(b'*') => (0, None),
                Some(b'+') => (1, None),
                Some(b'?') => (0, Some(1)),
                Some(b'{') => {
                    self.next();
                    let (least, most) = self.interval()?;
                    node = Node::Repeat(Box::new(node), least, most);
                    continue;
                }
                _ => return Some(node),
            };
            self.next();
            node = Node::Repeat(Box::new(node), least, most);
        }
        None
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
            let names = matches!(self.rest.first(), Some(b'.' | b':' | b'='));
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
                        let names = matches!(self.rest.first(), Some(b'.' | b':' | b'='));
                        if last == b'[' && names {
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
                b'[' if names => {
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

/// The character of `[.x.]` and `[=x=]`: letters by themselves, others by name.
fn collating_element(name: &str) -> Option<u8> {
    const NAMES: &[(&str, u8)] = &[
        ("space", b' '),
        ("hyphen", b'-'),
        ("period", b'.'),
        ("slash", b'/'),
        ("underscore", b'_'),
        ("comma", b','),
        ("colon", b':'),
        ("left-square-bracket", b'['),
        ("right-square-bracket", b']'),
        ("circumflex", b'^'),
        ("backslash", b'\\'),
    ];
    match name.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => Some(*letter),
        _ => NAMES
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, byte)| *byte),
    }
}
