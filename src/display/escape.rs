//! Text from a repository, made inert for a terminal.

use super::cover::cover;

/// Whether a terminal could take this character for a command, or show the text in another order
/// or not at all.
pub(crate) fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}'
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
    without_commands(safe)
}

/// A line without what a CI system takes for a command to its runner, by spelling out a character of it:
/// `::name::` at the start of a line (GitHub), `##[name]` and `##vso[name]` anywhere (GitHub, Azure Pipelines).
/// <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>
fn without_commands(line: String) -> String {
    let start = line.len() - line.trim_start().len();
    let is_command = line.get(start..).is_some_and(|text| text.starts_with("::"));
    let mut safe = line;
    if is_command {
        safe.replace_range(start..=start, "\\u{3a}");
    }
    for command in ["##[", "##vso["] {
        if safe.contains(command) {
            safe = safe.replace(command, &command.replacen('#', "\\u{23}", 1));
        }
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
    let may_command = safe.contains("::") || safe.contains("##");
    if !may_command {
        return safe;
    }
    let lines = safe
        .split('\n')
        .map(|line| without_commands(line.to_owned()));
    lines.collect::<Vec<_>>().join("\n")
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
    fn commands_to_a_ci_runner_are_spelled_out() {
        assert_eq!(
            escape("::stop-commands::x/a.nix"),
            "\\u{3a}:stop-commands::x/a.nix"
        );
        assert_eq!(escape("  ::add-mask::e"), "  \\u{3a}:add-mask::e");
        assert_eq!(
            escape("a ##vso[task.setvariable]b"),
            "a \\u{23}#vso[task.setvariable]b"
        );
        assert_eq!(
            escape_whole("a\n##[error]x\n::debug::"),
            "a\n\\u{23}#[error]x\n\\u{3a}:debug::"
        );
        assert_eq!(escape("std::fs ## title"), "std::fs ## title");
    }

    #[test]
    fn endless_text_is_cut() {
        assert_eq!(escape(&"x".repeat(100_000)).chars().count(), LONGEST + 1);
    }
}
