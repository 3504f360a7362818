//! Who gets the text of a command substitution, as far as the words of a shell show.

mod variables;

use std::cell::{OnceCell, RefCell};
use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::search::holes::HOLE;
use inventory::model::Form;
use variables::Variables;

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
const OF_THE_SHELL: [&str; 32] = [
    "echo", "printf", "export", "local", "read", "declare", "typeset", "readonly", "test", "[",
    "[[", "case", "for", "set", "eval", "return", "exit", ":", "source", ".", "unset", "trap",
    "let", "mapfile", "cd", "shift", "alias", "true", "false", "wait", "function", "select",
];

/// Those of them that give variables a value.
const DECLARE: [&str; 5] = ["export", "local", "declare", "typeset", "readonly"];

/// Programs that hand an argument to a shell.
const HANDS_OVER: [&str; 4] = ["ssh", "autossh", "watch", "eval"];

/// A text as a shell reads it: looked through once, whichever paths are in it.
pub(crate) struct ShellText<'a> {
    text: &'a str,
    /// The offsets of `$(`.
    substitutions: Vec<usize>,
    /// The offsets of backquotes.
    backquotes: Vec<usize>,
    /// Where the texts of shells are that this one starts, sorted.
    shells: Vec<Range<usize>>,
    /// Where commands begin, sorted.
    commands: OnceCell<Vec<usize>>,
    variables: OnceCell<Variables<'a>>,
    /// Whether the text defines functions of these names.
    functions: RefCell<FxHashMap<String, bool>>,
}

impl<'a> ShellText<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let all = |wanted| text.match_indices(wanted).map(|(at, _)| at).collect();
        Self {
            text,
            substitutions: all("$("),
            backquotes: all("`"),
            shells: own_shells(text),
            commands: OnceCell::new(),
            variables: OnceCell::new(),
            functions: RefCell::default(),
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
        if let Some(program) = self.program(open) {
            // What is in single quotes this shell does not run.
            let in_quotes = self.own_shell(open).is_none() && self.is_literal(open);
            return match in_quotes && !HANDS_OVER.contains(&program.as_str()) {
                true => Form::Substitution,
                false => Form::Argument {
                    program,
                    variable: None,
                },
            };
        }
        match self.program_of_variable(open) {
            Some((program, variable)) => Form::Argument {
                program,
                variable: Some(variable),
            },
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

    /// Whether the text at an offset is in single quotes.
    fn is_literal(&self, at: usize) -> bool {
        let command = self.command(at);
        command.is_some_and(|command| command.quote == Some('\''))
    }

    /// The program to whose arguments a word at this offset belongs; `None` for a command or function of the shell
    /// itself, an assignment, a here-document.
    fn program(&self, at: usize) -> Option<String> {
        let command = self.command(at)?;
        let program = program(&command.words)?;
        (!self.is_function(&program)).then_some(program)
    }

    /// The unfinished command at an offset, from its beginning.
    fn command(&self, at: usize) -> Option<Command> {
        let start = self.own_shell(at).unwrap_or_else(|| {
            let commands = self.commands.get_or_init(|| {
                let mut starts = Vec::new();
                last_command(self.text, |start| starts.push(start));
                starts
            });
            last(commands, at).unwrap_or_default()
        });
        // `ANSWER=$(curl …)`: a command of its own.
        let substitutions = self.substitutions.partition_point(|open| *open < at);
        let mut substitutions = { self.substitutions.get(..substitutions)? }.iter().rev();
        let is_around = |open: &&usize| {
            let inside = self.text.get(**open + 1..at);
            inside.is_some_and(is_open)
        };
        let around = { substitutions.by_ref() }.take_while(|open| **open >= start);
        let around = { around }.find(is_around).map(|open| open + "$(".len());
        let text = self.text.get(around.unwrap_or(start)..at)?;
        Some(last_command(text, |_| ()))
    }

    /// Whether the text defines a function of this name.
    fn is_function(&self, name: &str) -> bool {
        let known = self.functions.borrow().get(name).copied();
        known.unwrap_or_else(|| {
            let is_function = self.defines(name);
            let mut functions = self.functions.borrow_mut();
            functions.insert(name.to_owned(), is_function);
            is_function
        })
    }

    fn defines(&self, name: &str) -> bool {
        self.text.match_indices(name).any(|(at, _)| {
            let before = self.text.get(..at).unwrap_or_default();
            let after = self.text.get(at + name.len()..).unwrap_or_default();
            let begins = before.is_empty() || before.ends_with([' ', '\t', '\n', ';']);
            let is_defined =
                after.trim_start_matches(' ').starts_with("()") || before.ends_with("function ");
            begins && is_defined
        })
    }

    /// The variable that gets the substitution that begins at `open`, and the first program after that to whose
    /// arguments its value belongs: `TOKEN=$(cat PATH)`, and then `curl -H "Bearer $TOKEN"`.
    fn program_of_variable(&self, open: usize) -> Option<(String, String)> {
        if self.own_shell(open).is_some() {
            return None;
        }
        let command = self.command(open)?;
        let (assignment, before) = command.words.split_last()?;
        let mut before = before.iter().map(String::as_str);
        let is_declared = before.clone().any(|word| DECLARE.contains(&word));
        let leads = |word: &str| {
            BEFORE_A_COMMAND.contains(&word) || DECLARE.contains(&word) || word.starts_with('-')
        };
        if !is_assignment(assignment) || !before.all(|word| leads(word) || is_assignment(word)) {
            return None;
        }
        let (name, _) = assignment.split_once('=')?;
        let rest = self.after_substitution(open)?;
        let after = self.text.get(rest..)?.trim_start_matches(['"', ' ', '\t']);
        // `TOKEN=$(cat PATH) app`: that command alone has it, in its environment.
        let is_whole = after.is_empty() || after.starts_with(['\n', ';', '&', '|', ')', '}', '#']);
        if !is_whole && !is_declared {
            return None;
        }
        let end = self.next_assignment(name, rest);
        let uses = self.variables().uses(name, rest, end);
        let mut programs = { uses.iter() }.filter_map(|at| self.program_with(name, *at));
        Some((programs.next()?, name.to_owned()))
    }

    /// The offset after the parenthesis that closes a substitution.
    fn after_substitution(&self, open: usize) -> Option<usize> {
        let text = self.text.get(open..)?;
        if text.starts_with('`') {
            return Some(open + text.get(1..)?.find('`')? + 2);
        }
        let closed = text.match_indices(')').map(|(at, _)| at + 1);
        let mut closed = closed.filter(|end| !text.get(1..*end).is_some_and(is_open));
        closed.next().map(|end| open + end)
    }

    fn variables(&self) -> &Variables<'a> {
        { &self.variables }.get_or_init(|| Variables::of(self.text))
    }

    /// The offset at which the variable gets another value, or the end.
    fn next_assignment(&self, name: &str, from: usize) -> usize {
        let rest = { self.text.get(from..) }.and_then(|rest| rest.strip_prefix(name));
        if rest.is_some_and(|rest| rest.starts_with('=')) {
            return from;
        }
        let next = self.variables().next_assignment(name, from);
        next.unwrap_or(self.text.len())
    }

    /// The program to whose arguments the variable at this `$` belongs; `None` if it is another variable, or the shell
    /// does not put its value there.
    fn program_with(&self, name: &str, dollar: usize) -> Option<String> {
        let before = self.text.get(..dollar)?;
        let after = self.text.get(dollar + 1..)?;
        let is_variable = match after.strip_prefix('{') {
            Some(braced) => {
                let rest = braced.strip_prefix(name)?;
                rest.starts_with('}') || rest.starts_with(":-")
            }
            None => {
                let rest = after.strip_prefix(name)?;
                !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            }
        };
        let command = self.command(dollar)?;
        let is_literal = before.ends_with('\\') || command.quote == Some('\'');
        if !is_variable || is_literal || command.words.iter().any(|word| word.contains("<<<")) {
            return None;
        }
        let program = program(&command.words)?;
        (!self.is_function(&program)).then_some(program)
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
    // An option of what runs the command, or an element of an array.
    if first.starts_with('-') {
        return None;
    }
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
    // `${package}`, or `${lib.getExe package}`: `PACKAGE/bin/NAME`.
    let is_hole = !name.is_empty() && name.chars().all(|c| c == HOLE);
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

/// A command that a text ends in.
struct Command {
    /// Its words, the unfinished one at the end included.
    words: Vec<String>,
    /// The quote that is open at the end; `None` if none is.
    quote: Option<char>,
}

/// The last command in a text. Calls `begins` with the offset of every command but the first.
fn last_command(text: &str, mut begins: impl FnMut(usize)) -> Command {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut nested = 0_usize;
    let mut characters = text.char_indices().peekable();
    let mut comment = false;
    let mut document: Option<String> = None;
    while let Some((at, character)) = characters.next() {
        if comment {
            comment = character != '\n';
            if comment {
                continue;
            }
        }
        let mut end_of_command = at + character.len_utf8();
        if character == '\n'
            && quote.is_none()
            && let Some(end) = document.take()
        {
            let rest = text.get(at + 1..).unwrap_or_default();
            let Some(length) = document_length(rest, &end) else {
                // It holds what is at the end: no argument of anything.
                return Command {
                    words: Vec::new(),
                    quote: None,
                };
            };
            end_of_command += length;
            while { characters.next_if(|(next, _)| *next < end_of_command) }.is_some() {}
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
                begins(end_of_command);
            }
            ('<', None) if document.is_none() => {
                document = document_end(text.get(at..).unwrap_or_default());
                word.push('<');
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
    Command { words, quote }
}

/// The line that ends the here-document that a text begins: `EOF` of `<<-'EOF'`; `None` if it begins none.
fn document_end(text: &str) -> Option<String> {
    let rest = text.strip_prefix(HERE_DOCUMENT)?;
    if rest.starts_with('<') {
        return None;
    }
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let word = rest.trim_start_matches([' ', '\t', '"', '\'', '\\']);
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
    let word = word.get(..end)?;
    (!word.is_empty()).then(|| word.to_owned())
}

/// The bytes of a here-document that ends with this line, without the line feed after that; `None` if it does not end.
fn document_length(text: &str, end: &str) -> Option<usize> {
    let mut length = 0;
    for line in text.split_inclusive('\n') {
        length += line.len();
        if line.trim() == end {
            return Some(length - usize::from(line.ends_with('\n')));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form_of(text: &str) -> Form {
        let path = "/run/secrets/token";
        ShellText::new(text).form(text.find(path).unwrap_or_default(), path.len())
    }

    fn argument(program: &str) -> Form {
        Form::Argument {
            program: program.to_owned(),
            variable: None,
        }
    }

    fn through(variable: &str, program: &str) -> Form {
        Form::Argument {
            program: program.to_owned(),
            variable: Some(variable.to_owned()),
        }
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
    fn a_variable_brings_it_to_a_program() {
        for (text, program) in [
            (
                "TOKEN=$(cat /run/secrets/token)\n\u{fffc}/bin/\u{fffc} --token \"$TOKEN\"",
                "a program",
            ),
            (
                "TOKEN=$(cat /run/secrets/token)\n\u{fffc}/bin/curl -H \"Bearer $TOKEN\" x",
                "curl",
            ),
            (
                "TOKEN=\"$(cat /run/secrets/token)\"\nsend \\\n  --form \"token=$TOKEN\"",
                "send",
            ),
            (
                "export TOKEN=$(< /run/secrets/token) A=b\napp --token ${TOKEN}",
                "app",
            ),
            (
                "TOKEN=`cat /run/secrets/token`; app --token=\"${TOKEN:-}\"",
                "app",
            ),
            (
                "if x; then TOKEN=$(cat /run/secrets/token); fi\napp $TOKEN",
                "app",
            ),
            (
                "TOKEN=\"Bearer $(cat /run/secrets/token)\"\nANSWER=$(curl -H \"$TOKEN\" x)",
                "curl",
            ),
            (
                "TOKEN=$(cat /run/secrets/token)\necho \"$(curl -H \"$TOKEN\" x)\"",
                "curl",
            ),
            (
                "TOKEN=$(cat /run/secrets/token)\ncat > f <<EOF\nit's $TOKEN\nEOF\napp $TOKEN",
                "app",
            ),
        ] {
            assert_eq!(form_of(text), through("TOKEN", program), "{text}");
        }
    }

    #[test]
    fn a_variable_that_stays_in_the_shell_is_no_argument() {
        for text in [
            "TOKEN=$(cat /run/secrets/token) app --token $TOKEN",
            "TOKEN=$(cat /run/secrets/token)\nexport TOKEN\napp --key $TOKENS ${TOKEN_FILE}",
            "TOKEN=$(cat /run/secrets/token)\n[ -n \"$TOKEN\" ] && app",
            "TOKEN=$(cat /run/secrets/token)\nTOKEN=x\napp $TOKEN",
            "TOKEN=$(cat /run/secrets/token)\napp '$TOKEN' \"\\$TOKEN\" ${#TOKEN} ${TOKEN:+set}",
            "TOKEN=$(cat /run/secrets/token)\nprintf %s \"$TOKEN\" | app",
            "TOKEN=$(cat /run/secrets/token)\napp <<< \"$TOKEN\"",
            "TOKEN=$(cat /run/secrets/token)\napp <<EOF\ntoken $TOKEN\nEOF",
            "send() { :; }\nTOKEN=$(cat /run/secrets/token)\nsend \"$TOKEN\"",
            "TOKEN=$(cat /run/secrets/token)\nTOKEN=\"$TOKEN\" app",
            "TOKEN=$(cat /run/secrets/token)\nenv TOKEN=\"$TOKEN\" app",
            "TOKEN=$(cat /run/secrets/token)\n# app $TOKEN\napp",
            "TOKEN=$(cat /run/secrets/token)\nARGS=(--token \"$TOKEN\")",
        ] {
            assert_eq!(form_of(text), Form::Substitution, "{text}");
        }
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
            "wrapProgram $out/bin/a --run 'export TOKEN=$(cat /run/secrets/token)'",
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
