//! Who gets the text of a command substitution, as far as the words of a shell show.

use std::cell::OnceCell;
use std::ops::Range;

use crate::search::holes::HOLE;
use inventory::model::Form;

/// Words after which a command begins.
const BEFORE_A_COMMAND: [&str; 19] = [
    "if",
    "then",
    "else",
    "elif",
    "while",
    "until",
    "do",
    "!",
    "{",
    "time",
    "exec",
    "command",
    "nohup",
    "sudo",
    "env",
    "builtin",
    // Of Home Manager's activation.
    "run",
    "$DRY_RUN_CMD",
    "${DRY_RUN_CMD}",
];

/// Commands that the shell runs itself: their arguments are in no process's command line.
const OF_THE_SHELL: [&str; 24] = [
    "echo", "printf", "export", "local", "read", "declare", "typeset", "readonly", "test", "[",
    "[[", "case", "for", "set", "eval", "return", "exit", ":", "source", ".", "unset", "trap",
    "let", "mapfile",
];

/// A text as a shell reads it: looked through once, whichever paths are in it.
pub(crate) struct ShellText<'a> {
    text: &'a str,
    /// The offsets of `$(`.
    substitutions: Vec<usize>,
    /// The offsets of backquotes.
    backquotes: Vec<usize>,
    /// Where the texts of shells are that this one starts, sorted.
    shells: Vec<Range<usize>>,
    /// The offset of the first here-document.
    document: Option<usize>,
    /// Where commands begin, sorted.
    commands: OnceCell<Vec<usize>>,
}

impl<'a> ShellText<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let all = |wanted| text.match_indices(wanted).map(|(at, _)| at).collect();
        Self {
            text,
            substitutions: all("$("),
            backquotes: all("`"),
            shells: own_shells(text),
            document: text.find(HERE_DOCUMENT),
            commands: OnceCell::new(),
        }
    }

    /// How the text before a path and the text of the value use the path at `at`.
    pub(crate) fn form(&self, at: usize, length: usize) -> Form {
        if at == 0 && length == self.text.len() {
            return Form::Whole;
        }
        let Some(open) = self.open_substitution(at) else {
            return Form::Part;
        };
        match self.program(open) {
            Some(program) => Form::Argument(program),
            None => Form::Substitution,
        }
    }

    /// Whether the path at `at` is in the text of a shell that this text starts: `sh -c '…'`.
    pub(crate) fn is_in_own_shell(&self, at: usize) -> bool {
        self.own_shell(at).is_some()
    }

    /// Where the text of the shell begins that a path at `at` is in.
    fn own_shell(&self, at: usize) -> Option<usize> {
        let around = { self.shells.iter().rev() }.find(|shell| shell.contains(&at));
        around.map(|shell| shell.start)
    }

    /// Where the innermost `$(` or backquote that is still open before an offset begins, if what it runs only
    /// prints the file: `cat`, `<`, `head`, `tr`.
    fn open_substitution(&self, at: usize) -> Option<usize> {
        let before = self.text.get(..at)?;
        let dollar = at.checked_sub("$(".len());
        let dollar = dollar.and_then(|latest| last(&self.substitutions, latest));
        let start = match dollar {
            Some(start) if is_open(before.get(start + 1..)?) => start,
            _ => {
                let quotes = self.backquotes.partition_point(|quote| *quote < at);
                let quotes = self.backquotes.get(..quotes)?;
                quotes.last().copied().filter(|_| quotes.len() % 2 == 1)?
            }
        };
        let inside = before.get(start..)?.trim_start_matches(['$', '(', '`']);
        prints(inside.trim_start()).then_some(start)
    }

    /// The program to whose arguments a word at this offset belongs; `None` for a command of the shell itself,
    /// an assignment, a here-document.
    fn program(&self, at: usize) -> Option<String> {
        let (start, has_document) = match self.own_shell(at) {
            Some(start) => {
                let own = self.text.get(start..at)?;
                (start, own.contains(HERE_DOCUMENT))
            }
            None => {
                let commands = self.commands.get_or_init(|| {
                    let mut starts = Vec::new();
                    last_command(self.text, |start| starts.push(start));
                    starts
                });
                let is_before = |document| document + HERE_DOCUMENT.len() <= at;
                let start = last(commands, at).unwrap_or_default();
                (start, self.document.is_some_and(is_before))
            }
        };
        if has_document {
            return None;
        }
        program(&last_command(self.text.get(start..at)?, |_| ()))
    }
}

/// What a here-document begins with.
const HERE_DOCUMENT: &str = "<<";

/// The last of these offsets that is not after another.
fn last(offsets: &[usize], at: usize) -> Option<usize> {
    let end = offsets.partition_point(|offset| *offset <= at);
    offsets.get(..end)?.last().copied()
}

/// Whether a text that begins with a parenthesis does not close it.
fn is_open(text: &str) -> bool {
    let mut depth = 0_usize;
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return false;
        }
    }
    true
}

/// Whether a command that begins like this prints the file that it is given.
fn prints(command: &str) -> bool {
    if command.starts_with('<') {
        return true;
    }
    let word = command.split_whitespace().next().unwrap_or_default();
    let name = word.rsplit(['/', HOLE]).next().unwrap_or_default();
    matches!(name, "cat" | "head" | "tail" | "tr" | "systemd-creds")
}

/// Where the texts of shells are that a text starts, sorted.
fn own_shells(text: &str) -> Vec<Range<usize>> {
    const SHELLS: [&str; 7] = ["sh", "bash", "zsh", "dash", "ksh", "su", "runuser"];
    let quotes = ["c \"", "c '"];
    let starts = quotes.iter().flat_map(|quote| text.match_indices(quote));
    let starts = starts.filter_map(|(at, quote)| {
        let options = text.get(..at)?.rsplit_once(char::is_whitespace)?;
        let words = options.0.split_whitespace().next_back()?;
        let name = words.rsplit('/').next()?;
        let is_shell = SHELLS.contains(&name) || words.chars().all(|c| c == HOLE);
        let start = at + quote.len();
        let rest = text.get(start..)?;
        let end = start + quoted_length(rest, quote.ends_with('"'));
        (options.1.starts_with('-') && is_shell).then_some(start..end)
    });
    let mut shells: Vec<Range<usize>> = starts.collect();
    shells.sort_unstable_by_key(|shell| shell.start);
    shells
}

/// The bytes of a quoted text before its closing quote. What `$(…)` has in double quotes has quotes of its own.
fn quoted_length(text: &str, is_double: bool) -> usize {
    let mut depth = 0_usize;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' if !is_double => return at,
            '"' if is_double && depth == 0 => return at,
            '\\' if is_double => {
                characters.next();
            }
            '$' if is_double && characters.next_if(|(_, next)| *next == '(').is_some() => {
                depth += 1;
            }
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

/// The program that the words of a command run; `None` for a command of the shell itself, an assignment.
fn program(words: &[String]) -> Option<String> {
    let mut words = words.iter().map(String::as_str).peekable();
    while words
        .peek()
        .is_some_and(|word| BEFORE_A_COMMAND.contains(word) || is_assignment(word))
    {
        words.next();
    }
    let first = words.next()?;
    // The substitution itself is the command, or begins its name.
    words.next()?;
    let name = first
        .rsplit('/')
        .next()
        .unwrap_or(first)
        .trim_matches(['"', '\'']);
    if OF_THE_SHELL.contains(&name) || name.ends_with("()") {
        return None;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
    let is_hole = first.chars().all(|c| c == HOLE || c == '"');
    if !name.is_empty() && name.chars().all(is_name) {
        // `${pkgs.curl}/bin/curl`, or a name that the search path finds.
        return Some(name.to_owned());
    }
    is_hole.then(|| "a program".to_owned())
}

fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else {
        return false;
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(is_name)
}

/// The words of the last command in a text, the unfinished one at its end included. Calls `begins` with the
/// offset of every command but the first.
fn last_command(text: &str, mut begins: impl FnMut(usize)) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut nested = 0_usize;
    let mut characters = text.char_indices().peekable();
    let mut comment = false;
    while let Some((at, character)) = characters.next() {
        if comment {
            comment = character != '\n';
            if comment {
                continue;
            }
        }
        match (character, quote) {
            ('\\', Some('"') | None) => {
                if characters.next_if(|(_, c)| *c == '\n').is_none() {
                    word.extend(characters.next().map(|(_, c)| c));
                }
            }
            (c, Some(open)) => {
                if c == open {
                    quote = None;
                }
                word.push(c);
            }
            (c @ ('"' | '\''), None) => {
                quote = Some(c);
                word.push(c);
            }
            ('$', None) if characters.peek().is_some_and(|(_, c)| *c == '(') => {
                characters.next();
                nested += 1;
                word.push('$');
            }
            (')', None) if nested > 0 => nested -= 1,
            (c, None) if nested > 0 => word.push(c),
            ('#', None) if word.is_empty() => comment = true,
            (';' | '\n' | '|' | '&' | '(' | ')', None) => {
                words.clear();
                word.clear();
                begins(at + character.len_utf8());
            }
            (c, None) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (c, None) => word.push(c),
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form_of(text: &str) -> Form {
        let path = "/run/secrets/token";
        ShellText::new(text).form(text.find(path).unwrap_or_default(), path.len())
    }

    fn argument(program: &str) -> Form {
        Form::Argument(program.to_owned())
    }

    #[test]
    fn a_path_alone_is_whole() {
        assert_eq!(form_of("/run/secrets/token"), Form::Whole);
        assert_eq!(form_of("app --token-file /run/secrets/token"), Form::Part);
    }

    #[test]
    fn a_substitution_belongs_to_the_program_that_gets_it() {
        assert_eq!(
            form_of("cloudflared tunnel run --token $(cat /run/secrets/token)"),
            argument("cloudflared")
        );
        assert_eq!(
            form_of("set -e\n\u{fffc}/bin/curl -H \"Bearer $(cat /run/secrets/token)\" x"),
            argument("curl")
        );
        assert_eq!(
            form_of("\u{fffc} --api-key `cat /run/secrets/token`"),
            argument("a program")
        );
        assert_eq!(
            form_of("A=b exec foo \\\n  --key \"$(< /run/secrets/token)\""),
            argument("foo")
        );
        assert_eq!(
            form_of("sh -c 'foo --key $(cat /run/secrets/token)'"),
            argument("foo")
        );
        assert_eq!(
            form_of("echo a | foo $(cat /run/secrets/token)"),
            argument("foo")
        );
        assert_eq!(
            form_of("run \u{fffc}/bin/yq -i \".a = '$(cat /run/secrets/token)'\" f"),
            argument("yq")
        );
        assert_eq!(
            form_of("$DRY_RUN_CMD foo --key $(cat /run/secrets/token)"),
            argument("foo")
        );
        // The text of the shell has ended before.
        assert_eq!(
            form_of("foo --check \"/bin/sh -c 'a | b'\" \\\n -e KEY=$(cat \"/run/secrets/token\")"),
            argument("foo")
        );
        assert_eq!(
            form_of("foo --check 'sh -c \"a | b\"' --key $(cat /run/secrets/token)"),
            argument("foo")
        );
        assert_eq!(
            form_of("sh -c \"foo --key $(cat \"/run/secrets/token\") --user b\""),
            argument("foo")
        );
    }

    #[test]
    fn only_a_shell_makes_a_shells_text_of_its_argument() {
        let is_in = |text: &str| {
            let at = text.find("/run").unwrap_or_default();
            ShellText::new(text).is_in_own_shell(at)
        };
        assert!(is_in(
            "\u{fffc}/bin/bash -c 'app --key $(cat /run/secrets/token)'"
        ));
        assert!(!is_in("app --key $(cat /run/secrets/token)"));
        assert!(!is_in("psql -c \"SELECT '$(cat /run/secrets/token)'"));
    }

    #[test]
    fn what_the_shell_keeps_to_itself_is_no_argument() {
        for text in [
            "export TOKEN=\"$(cat /run/secrets/token)\"",
            "TOKEN=$(cat /run/secrets/token) app",
            "TOKEN=\"$(cat /run/secrets/token)\"",
            "echo \"token: $(cat /run/secrets/token)\" > /etc/x",
            "if [ -z \"$(cat /run/secrets/token)\" ]; then",
            "cat <<EOF\ntoken=$(cat /run/secrets/token)",
            "$(cat /run/secrets/token)",
        ] {
            assert_eq!(form_of(text), Form::Substitution, "{text}");
        }
    }

    #[test]
    fn a_path_is_used_as_its_own_command_uses_it() {
        let text = "export A=\"$(cat /run/secrets/a)\"\n\u{fffc}/bin/curl -H \"$(cat /run/secrets/b)\"\n\
            sh -c 'foo --key $(cat /run/secrets/c)' && cat /run/secrets/d";
        let whole = ShellText::new(text);
        let forms = ["a", "b", "c", "d"].map(|name| {
            let path = format!("/run/secrets/{name}");
            whole.form(text.find(&path).unwrap_or_default(), path.len())
        });
        let expected = [
            Form::Substitution,
            argument("curl"),
            argument("foo"),
            Form::Part,
        ];
        assert_eq!(forms, expected);
    }

    #[test]
    fn a_substitution_that_is_closed_or_prints_something_else_is_none() {
        assert_eq!(form_of("x $(date) /run/secrets/token"), Form::Part);
        assert_eq!(form_of("x $(sha256sum /run/secrets/token)"), Form::Part);
    }
}
