//! Where a Nix text holds text of its own: the contents of strings and comments.
//!
//! A lexer of one pass that takes any text, also what does not parse: what it takes for text is covered in
//! excerpts, so that a mistake shows too little.

use std::ops::Range;

/// What the lexer is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Code, with the number of open braces since `${`.
    Code(usize),
    /// `"…"`
    String,
    /// `''…''`
    Indented,
}

/// The contents of strings, between interpolations, and of comments; in order.
pub(crate) fn literals(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or_default();
    let mut found = Vec::new();
    let mut stack = vec![Inside::Code(0)];
    let mut start = 0;
    let mut index = 0;
    while index < bytes.len() {
        let is_code = matches!(stack.last(), None | Some(Inside::Code(_)));
        let two = (at(index), at(index + 1));
        if is_code {
            index += match (at(index), at(index + 1)) {
                (b'#', _) => comment(text, index + 1, "\n", &mut found),
                (b'/', b'*') => comment(text, index + 2, "*/", &mut found) + 1,
                (b'"', _) => {
                    stack.push(Inside::String);
                    start = index + 1;
                    1
                }
                (b'\'', b'\'') => {
                    stack.push(Inside::Indented);
                    start = index + 2;
                    2
                }
                (b'{', _) => {
                    if let Some(Inside::Code(open)) = stack.last_mut() {
                        *open += 1;
                    }
                    1
                }
                (b'}', _) => {
                    let is_nested = stack.len() > 1;
                    match stack.last_mut() {
                        Some(Inside::Code(0)) if is_nested => {
                            stack.pop();
                            start = index + 1;
                        }
                        Some(Inside::Code(open)) => *open = open.saturating_sub(1),
                        _ => {}
                    }
                    1
                }
                _ => 1,
            };
            continue;
        }
        let is_string = stack.last() == Some(&Inside::String);
        index += match two {
            (b'$', b'{') => {
                found.push(start..index);
                stack.push(Inside::Code(0));
                2
            }
            (b'$', b'$') => 2,
            (b'\\', _) if is_string => 2,
            (b'"', _) if is_string => {
                found.push(start..index);
                stack.pop();
                1
            }
            (b'\'', b'\'') if !is_string => match at(index + 2) {
                // `'''`, `''$`, `''\`
                b'\'' | b'$' => 3,
                b'\\' => 4,
                _ => {
                    found.push(start..index);
                    stack.pop();
                    2
                }
            },
            _ => 1,
        };
    }
    if !matches!(stack.last(), None | Some(Inside::Code(_))) {
        found.push(start.min(text.len())..text.len());
    }
    found.retain(|range| !range.is_empty());
    found
}

/// Adds a comment from its content on; gives how far it reaches from the character before.
fn comment(text: &str, start: usize, end: &str, found: &mut Vec<Range<usize>>) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let length = rest.find(end).unwrap_or(rest.len());
    found.push(start..start + length);
    length + end.len()
}

#[cfg(test)]
mod tests {
    use super::literals;

    fn texts(text: &str) -> Vec<&str> {
        literals(text)
            .into_iter()
            .map(|range| text.get(range).unwrap())
            .collect()
    }

    #[test]
    fn strings_and_comments() {
        assert_eq!(
            texts(
                "{ a = \"x\\\"y\"; # c\n b = ''l1 ''${no} '''\n${f \"in\" { }} l2''; /* d */ c = 1; }"
            ),
            ["x\\\"y", " c", "l1 ''${no} '''\n", "in", " l2", " d "]
        );
    }

    #[test]
    fn what_does_not_parse_is_text_to_its_end() {
        assert_eq!(texts("a = \"open; b = 1;"), ["open; b = 1;"]);
        assert_eq!(texts("}}} ''x"), ["x"]);
        assert_eq!(texts("\"${"), [""; 0]);
        assert_eq!(texts("/* x"), [" x"]);
    }
}
