//! Commands of a shell: which program one runs, and what a test asks for.

use rustc_hash::{FxHashMap, FxHashSet};

/// What comes before a command and is none itself.
const KEYWORDS: [&str; 16] = [
    "!", "builtin", "command", "do", "elif", "else", "env", "exec", "if", "nohup", "setsid",
    "then", "time", "until", "while", "\\",
];

/// Shells, which run the command after `-c`.
const SHELLS: [&str; 6] = ["ash", "bash", "dash", "ksh", "sh", "zsh"];

/// Programs that start another, which is named after options of theirs.
const STARTERS: [&str; 11] = [
    "chronic",
    "flock",
    "ionice",
    "nice",
    "stdbuf",
    "strace",
    "systemd-inhibit",
    "timeout",
    "unshare",
    "watch",
    "xargs",
];

/// Programs that become another user.
const BECOME: [&str; 10] = [
    "doas",
    "gosu",
    "machinectl",
    "pkexec",
    "run0",
    "runuser",
    "setpriv",
    "su",
    "su-exec",
    "sudo",
];

/// The program that a command runs, without its directory: `test` of `if ! /bin/test -e`, of `sh -c 'test -e`.
pub(super) fn program_of<'a>(words: &[&'a str]) -> Option<&'a str> {
    position_of_program(words).map(|(_, program)| program)
}

/// The same with its place among the words.
fn position_of_program<'a>(words: &[&'a str]) -> Option<(usize, &'a str)> {
    let mut words = words.iter().enumerate();
    while let Some((at, word)) = words.next() {
        // Quotes of `sh -c '…'` and of lists, and what a unit has before a command (systemd.service(5)).
        let element = word.strip_prefix('[');
        let element = element.filter(|it| it.starts_with(['"', '\'']));
        let bare = element.unwrap_or(word);
        let bare = bare.trim_start_matches(['"', '\'', '-', '+', '@', ':', '|', '!', ',']);
        let bare = bare.trim_end_matches(['"', '\'', ',']);
        let program = bare.rsplit('/').next().unwrap_or_default();
        let is_assignment = bare.split_once('=').is_some_and(|(name, _)| is_name(name));
        if bare.is_empty() || is_assignment || KEYWORDS.contains(&bare) {
            continue;
        }
        if SHELLS.contains(&program) {
            let mut rest = words.clone();
            let flag = rest.find(|(_, word)| {
                let flags = word.strip_prefix('-');
                flags.is_some_and(|flags| flags.ends_with('c') && !flags.starts_with('-'))
            });
            if flag.is_some() {
                words = rest;
                continue;
            }
        }
        return Some((at, program));
    }
    None
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(is_of_name)
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A program of a line that becomes another user, as whom it runs what the line ends in, or on another machine:
/// `sudo cat`, `su bob -c "cat`. `None` if there is none. `is_cut` tells that the line begins in the midst of a command.
pub(super) fn becomes_another(line: &str, is_cut: bool) -> Option<&str> {
    let separators = line.match_indices([';', '|', '&', '(', '`', '{', '\n']);
    let mut starts = vec![0];
    starts.extend(separators.map(|(at, _)| at + 1));
    let ends = starts.iter().skip(1).map(|at| at - 1).chain([line.len()]);
    for (at, end) in starts.iter().zip(ends) {
        let command = line.get(*at..end).unwrap_or_default();
        let words: Vec<&str> = command.split_whitespace().collect();
        if let Some(program) = becomes(&words, is_cut && *at == 0) {
            let rest = line.get(*at..).unwrap_or_default();
            let is_open = |quote: char| rest.matches(quote).count() % 2 == 1;
            // What the caller's own shell runs for `"$(cat PATH)"`.
            let is_substituted = rest.contains("$(") || rest.contains('`');
            if end == line.len() || is_open('\'') || is_open('"') && !is_substituted {
                return Some(program);
            }
        }
    }
    None
}

fn becomes<'a>(words: &[&'a str], is_cut: bool) -> Option<&'a str> {
    let (at, program) = position_of_program(words)?;
    let is_user_manager = words.contains(&"--user");
    let is_it = |name: &str| {
        BECOME.contains(&name)
            || matches!(name, "ssh" | "autossh")
            || name == "systemd-run" && !is_user_manager
    };
    if is_it(program) {
        return Some(program);
    }
    if !is_cut && !STARTERS.contains(&program) {
        return None;
    }
    let mut rest = words.get(at..)?.iter().filter_map(|word| {
        let bare = word.trim_matches(['"', '\'', ',']);
        bare.rsplit('/').next()
    });
    rest.find(|name| is_it(name))
}

/// How much of a text before or after a place is read, in bytes: no command is longer, and a text may have thousands.
const MAX_COMMAND: usize = 4 << 10;

/// The last [`MAX_COMMAND`] bytes of a text.
fn end_of(text: &str) -> &str {
    let from = text.len().saturating_sub(MAX_COMMAND);
    let end = (from..text.len()).find_map(|at| text.get(at..));
    end.unwrap_or_default()
}

/// The beginning of a text up to the end of its first command.
fn command_at_start(text: &str) -> &str {
    let to = text.len().min(MAX_COMMAND);
    let start = (0..=to).rev().find_map(|at| text.get(..at));
    let mut ends = start.unwrap_or_default().split(['\n', ';', '|', '&']);
    ends.next().unwrap_or_default()
}

/// Whether a text ends in a test whose next word is what it asks to read: `[ -r `, `[[ -f x && -r "`.
pub(super) fn asks_to_read(before: &str) -> bool {
    let before = end_of(before).trim_end_matches(['"', '\'']);
    let Some(before) = before.strip_suffix("-r ") else {
        return false;
    };
    let line = before.rsplit(['\n', ';']).next().unwrap_or_default();
    // `&&` and `||` within `[[ … ]]` part no commands.
    if let Some((_, inside)) = line.rsplit_once("[[ ") {
        return !inside.contains("]]");
    }
    let command = line.rsplit(['|', '&', '(', '`', '{']).next();
    let words: Vec<&str> = command.unwrap_or_default().split_whitespace().collect();
    matches!(program_of(&words), Some("[" | "test")) && !words.contains(&"]")
}

/// The variables of a script of which it asks whether the file in them can be read, `[ -r "$f" ]`, and those that hand
/// theirs on to one; found once, whichever paths are in the script.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The variables, without parameters.
    variables: FxHashSet<String>,
    /// Those of them that are arrays.
    has_arrays: bool,
    /// The functions of the script, if a parameter is asked for.
    functions: FxHashSet<String>,
}

impl Asked {
    /// Those of a script.
    pub(super) fn of(script: &str) -> Self {
        /// A script hands a path from variable to variable no further than this, in steps.
        const MAX_STEPS: usize = 4;
        let asked = script.match_indices('$').filter_map(|(at, _)| {
            let before = script.get(..at)?;
            asks_to_read(before.trim_end_matches('\\')).then_some(())?;
            variable_at(script.get(at + 1..)?)
        });
        let mut fresh: Vec<&str> = asked.collect();
        if fresh.is_empty() {
            return Self::default();
        }
        let script = Script::of(script);
        let mut names: FxHashSet<&str> = fresh.iter().copied().collect();
        for step in 0..=MAX_STEPS {
            let is_parameter = fresh.iter().any(|name| is_number(name));
            let given = { fresh.iter() }.flat_map(|name| script.values.get(name));
            let given = given.flatten().copied();
            let arguments = is_parameter.then_some(&script.arguments);
            let given = given.chain(arguments.into_iter().flatten().copied());
            let used = given.flat_map(|value| value.split('$').skip(1).filter_map(variable_at));
            let used: Vec<&str> = used.filter(|name| names.insert(name)).collect();
            if used.is_empty() || step == MAX_STEPS {
                break;
            }
            fresh = used;
        }
        let has_parameter = names.iter().any(|name| is_number(name));
        let functions = script.functions.iter().filter(|_| has_parameter);
        Self {
            has_arrays: names.iter().any(|name| script.arrays.contains(name)),
            variables: names.iter().map(|&name| name.to_owned()).collect(),
            functions: functions.map(|&name| name.to_owned()).collect(),
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.variables.is_empty()
    }

    /// Whether one of them may hold the path that follows `line`.
    pub(super) fn may_be_for(&self, line: &str) -> bool {
        let command = line.rsplit([';', '|', '&', '`']).next().unwrap_or_default();
        let is_asked = |name: &str| self.variables.contains(name);
        let words: Vec<&str> = command.split_whitespace().collect();
        // An array whose elements have lines of their own.
        let is_alone = command.trim_matches(['"', '\'', ' ', '\t']).is_empty();
        is_alone && self.has_arrays
            || default_of(command).is_some_and(is_asked)
            || given_in(command).any(|(name, _)| is_asked(name))
            || program_of(&words).is_some_and(|program| self.functions.contains(program))
    }
}

/// What a script gives to its variables and functions.
struct Script<'a> {
    /// The rest of each line after `NAME=`, `for NAME in`.
    values: FxHashMap<&'a str, Vec<&'a str>>,
    /// The variables that are given an array.
    arrays: FxHashSet<&'a str>,
    functions: FxHashSet<&'a str>,
    /// The rest of each line after the name of a function.
    arguments: Vec<&'a str>,
}

impl<'a> Script<'a> {
    fn of(text: &'a str) -> Self {
        let mut values: FxHashMap<_, Vec<_>> = FxHashMap::default();
        let mut arrays = FxHashSet::default();
        for (name, value) in given_in(text) {
            if value.starts_with("=(") || value.starts_with("+=(") {
                arrays.insert(name);
            }
            values.entry(name).or_default().push(value);
        }
        let is_of_function = |c: char| is_of_name(c) || matches!(c, '-' | '.' | ':');
        let heads = text.match_indices("()").filter_map(|(at, _)| {
            let before = text.get(..at)?.trim_end_matches([' ', '\t']);
            let name = before.trim_end_matches(is_of_function).len();
            before.get(name..)
        });
        let after_word = text.match_indices("function ").filter_map(|(at, word)| {
            let rest = text.get(at + word.len()..)?.trim_start_matches(' ');
            let end = rest.find(|c| !is_of_function(c)).unwrap_or(rest.len());
            rest.get(..end)
        });
        let functions = heads.chain(after_word).filter(|name| !name.is_empty());
        let functions: FxHashSet<&str> = functions.collect();
        let mut end = 0;
        let pieces = text.split_inclusive(|c| !is_of_function(c));
        let arguments = pieces.filter_map(|piece| {
            let word = piece.trim_end_matches(|c| !is_of_function(c));
            let rest = text.get(end + word.len()..);
            end += piece.len();
            let rest = rest.filter(|rest| rest.starts_with(' ') && functions.contains(word));
            rest.map(command_at_start)
        });
        let arguments = arguments.collect();
        Self {
            values,
            arrays,
            functions,
            arguments,
        }
    }
}

/// What a text gives to variables: each with the rest of its line after the name.
fn given_in(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let assigned = text.match_indices('=').filter_map(|(at, _)| {
        let before = text.get(..at)?;
        Some(before.strip_suffix('+').unwrap_or(before))
    });
    let looped = text.match_indices(" in ").filter_map(|(at, _)| {
        let before = text.get(..at)?;
        Some(before.trim_end_matches(' '))
    });
    assigned.chain(looped).filter_map(|before| {
        let name = before.trim_end_matches(is_of_name).len();
        let name = before.get(name..).filter(|name| !name.is_empty())?;
        Some((name, command_at_start(text.get(before.len()..)?)))
    })
}

/// The variable with which a text begins after `$`; `None` if it is none.
fn variable_at(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('{').unwrap_or(text);
    let end = rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len());
    rest.get(..end).filter(|name| !name.is_empty())
}

/// Whether a variable is a parameter: `$1`.
fn is_number(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_digit())
}

/// The variable for which a path is what it holds else: `${NAME:-PATH}`.
fn default_of(before: &str) -> Option<&str> {
    let (_, name) = before
        .trim_end_matches(['-', '=', ':', '"', '\''])
        .rsplit_once("${")?;
    is_name(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::becomes_another;

    #[test]
    fn a_command_becomes_another_user() {
        fn becomes(line: &str) -> Option<&str> {
            becomes_another(line, false)
        }
        for line in [
            "sudo cat ",
            "/run/wrappers/bin/sudo -u bob cat ",
            "x; exec sudo -u bob cat ",
            "if ! sudo test -f ",
            "echo a | sudo tee ",
            "su bob -c \"a; cat ",
            "sudo sh -c 'a && cat ",
            "sudo sh -c 'x=$(cat ",
            "timeout 5 sudo cat ",
            "A=b doas cat ",
            "bash -c 'runuser -u bob -- cat ",
            "systemd-run -p LoadCredential=x:",
            "subprocess.run([\"sudo\", \"cat\", \"",
        ] {
            assert!(becomes(line).is_some(), "{line}");
        }
        assert_eq!(becomes("ssh -i "), Some("ssh"));
        for line in [
            "echo su is great; cat ",
            "echo su ",
            "sudo true; cat ",
            "sudo app --token \"$(cat ",
            "systemd-run --user -p LoadCredential=x:",
            "cat sudo/",
            "app --ssh ssh://x ",
        ] {
            assert_eq!(becomes(line), None, "{line}");
        }
        assert_eq!(becomes_another("-x sudo cat ", true), Some("sudo"));
    }
}
