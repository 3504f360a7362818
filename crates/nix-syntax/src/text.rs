//! The text of string literals: escapes and indentation, to the letter of Nix's lexer and parser.
//!
//! Every function is total: whatever the text, it gives one, and none is ever longer than what it
//! came from.

use std::borrow::Cow;

/// What stands between the quotes of `"…"`, its escapes done and its line ends made `\n`.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'\\' | b'\r')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => out.extend(chars.next().map(escaped)),
            '\r' => {
                out.push('\n');
                chars.next_if_eq(&'\n');
            }
            char => out.push(char),
        }
    }
    Cow::Owned(out)
}

/// What a backslash and this character stand for.
fn escaped(char: char) -> char {
    match char {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        char => char,
    }
}

/// A piece of an indented string, as Nix's lexer cuts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IndentedPiece<'t> {
    /// Text as it stands.
    Text(&'t str),
    /// An escaped character or a sign that the lexer sees alone: `''$`, `'''`, `''\n`, `$`, `'`.
    /// It ends the indentation of its line.
    Escape(Escape),
    /// `${e}`
    Interpolation,
}

/// See [`IndentedPiece::Escape`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    Char(char),
    TwoQuotes,
}

/// What follows the opening `''`, without a first line that has nothing but spaces.
pub(crate) fn without_first_line(content: &str) -> &str {
    content
        .trim_start_matches(' ')
        .strip_prefix('\n')
        .unwrap_or(content)
}

/// Cuts what stands between the quotes of `''…''`, and between its interpolations, into pieces.
pub(crate) fn indented_pieces(content: &str) -> impl Iterator<Item = IndentedPiece<'_>> {
    let mut rest = content;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = indented_piece(rest);
        rest = after;
        Some(piece)
    })
}

/// The first piece of a text that is not empty, and what follows it.
fn indented_piece(content: &str) -> (IndentedPiece<'_>, &str) {
    if let Some(after) = content.strip_prefix("''") {
        let mut chars = after.chars();
        let escape = match chars.next() {
            Some('$') => Escape::Char('$'),
            Some('\'') => Escape::TwoQuotes,
            Some('\\') => match chars.next() {
                Some(char) => Escape::Char(escaped(char)),
                None => Escape::Char('\\'),
            },
            _ => return (IndentedPiece::Text(""), after),
        };
        return (IndentedPiece::Escape(escape), chars.as_str());
    }
    let bytes = content.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        // A pair that the lexer takes together; its second half is no sign on its own.
        let is_pair = match byte {
            b'$' => !matches!(next, None | Some(b'{' | b'\'')),
            b'\'' => !matches!(next, None | Some(b'$' | b'\'')),
            _ => {
                at += 1;
                continue;
            }
        };
        if !is_pair {
            break;
        }
        at += 2;
    }
    let (text, after) = content.split_at_checked(at).unwrap_or((content, ""));
    if text.is_empty() {
        let mut chars = content.chars();
        let sign = chars.next().unwrap_or('$');
        (IndentedPiece::Escape(Escape::Char(sign)), chars.as_str())
    } else {
        (IndentedPiece::Text(text), after)
    }
}

/// Takes the common indentation off an indented string: a text for each piece, none for each
/// interpolation.
pub(crate) fn strip_indentation(pieces: Vec<IndentedPiece<'_>>) -> Vec<Option<String>> {
    let indentation = common_indentation(&pieces);
    let last = pieces.len().saturating_sub(1);
    let mut at_line_start = true;
    let mut dropped = 0;
    let mut buffer = [0; 4];
    pieces
        .into_iter()
        .enumerate()
        .map(|(number, piece)| {
            let text = match piece {
                IndentedPiece::Interpolation => {
                    at_line_start = false;
                    dropped = 0;
                    return None;
                }
                IndentedPiece::Text(text) => text,
                IndentedPiece::Escape(Escape::TwoQuotes) => "''",
                IndentedPiece::Escape(Escape::Char(char)) => char.encode_utf8(&mut buffer),
            };
            let mut out = String::with_capacity(text.len());
            let mut rest = text;
            while !rest.is_empty() {
                if at_line_start {
                    let spaces = rest.len() - rest.trim_start_matches(' ').len();
                    let drop = spaces.min(indentation - indentation.min(dropped));
                    out.extend(rest.get(drop..spaces));
                    dropped += spaces;
                    rest = rest.get(spaces..).unwrap_or("");
                    match rest.bytes().next() {
                        None => break,
                        Some(b'\n') => {
                            dropped = 0;
                            out.push('\n');
                            rest = rest.get(1..).unwrap_or("");
                        }
                        Some(_) => {
                            at_line_start = false;
                            dropped = 0;
                        }
                    }
                } else {
                    let (line, after) = match rest.split_once('\n') {
                        Some((line, after)) => (line, Some(after)),
                        None => (rest, None),
                    };
                    out.push_str(line);
                    if after.is_some() {
                        out.push('\n');
                        at_line_start = true;
                    }
                    rest = after.unwrap_or("");
                }
            }
            if number == last
                && let Some(newline) = out.rfind('\n')
                && out
                    .get(newline + 1..)
                    .is_some_and(|tail| tail.bytes().all(|byte| byte == b' '))
            {
                out.truncate(newline + 1);
            }
            Some(out)
        })
        .collect()
}

/// How many spaces every line that is not blank begins with. The whole string is one run of
/// lines: a piece that is not plain text ends the indentation of its line.
fn common_indentation(pieces: &[IndentedPiece<'_>]) -> usize {
    let mut at_line_start = true;
    // Nix begins with this number, too.
    let mut least = 1_000_000;
    let mut current = 0;
    for piece in pieces {
        let IndentedPiece::Text(text) = piece else {
            if at_line_start {
                at_line_start = false;
                least = least.min(current);
            }
            continue;
        };
        let mut lines = text.split('\n');
        let mut line = lines.next();
        let mut is_first = true;
        while let Some(text) = line {
            if !is_first {
                at_line_start = true;
                current = 0;
            }
            is_first = false;
            if at_line_start {
                let content = text.trim_start_matches(' ');
                current += text.len() - content.len();
                if !content.is_empty() {
                    at_line_start = false;
                    least = least.min(current);
                }
            }
            line = lines.next();
        }
    }
    least
}
