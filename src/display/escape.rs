//! Text from a repository, made inert for a terminal.

use super::cover::cover;

/// Whether a terminal could take this character for a command, or show the text in another order
/// or not at all.
pub(crate) fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// The longest text that is shown, in characters.
const LONGEST: usize = 400;

/// One line of text with every dangerous character spelled out: `\x1b`, `\n`, `\u{202e}`. Very long
/// text is cut.
pub(crate) fn escape(text: &str) -> String {
    let text = cover(text);
    let mut safe = String::with_capacity(text.len().min(LONGEST));
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            safe.push('…');
            break;
        }
        push_safe(&mut safe, character);
    }
    safe
}

/// Text of several lines, however long, with the same characters spelled out.
pub(crate) fn escape_whole(text: &str) -> String {
    let text = cover(text);
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => safe.push('\n'),
            character => push_safe(&mut safe, character),
        }
    }
    safe
}

/// The name of a file, however long, on one line.
pub(crate) fn escape_path(text: &str) -> String {
    escape_whole(text).replace('\n', "\\n")
}

fn push_safe(safe: &mut String, character: char) {
    match character {
        '\n' => safe.push_str("\\n"),
        '\r' => safe.push_str("\\r"),
        '\t' => safe.push_str("\\t"),
        character if is_dangerous(character) && character.is_ascii() => {
            safe.push_str(&format!("\\x{:02x}", u32::from(character)));
        }
        character if is_dangerous(character) => safe.extend(character.escape_unicode()),
        character => safe.push(character),
    }
}

/// The same for text of several lines, which stay lines.
pub(crate) fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_to_the_terminal_are_spelled_out() {
        assert_eq!(
            escape("a\x1b[31mX\n::error::pwn"),
            "a\\x1b[31mX\\n::error::pwn"
        );
        assert_eq!(escape("a\u{202e}b\u{9b}c"), "a\\u{202e}b\\u{9b}c");
        assert_eq!(escape("é 😀 ✓"), "é 😀 ✓");
    }

    #[test]
    fn endless_text_is_cut() {
        assert_eq!(escape(&"x".repeat(100_000)).chars().count(), LONGEST + 1);
    }
}
