//! Commands of a shell: which program one runs, and what a test asks for.

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

/// Whether a text ends in a test whose next word is what it asks to read: `[ -r `, `[[ -f x && -r "`.
pub(super) fn asks_to_read(before: &str) -> bool {
    let before = before.trim_end_matches(['"', '\'']);
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

/// The variables of which a script asks whether the file in them can be read: `[ -r "$f" ]`.
fn asked_variables(script: &str) -> impl Iterator<Item = &str> {
    script.match_indices('$').filter_map(|(at, _)| {
        let before = script.get(..at)?;
        asks_to_read(before.trim_end_matches('\\')).then_some(())?;
        let rest = script.get(at + 1..)?;
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len());
        rest.get(..end).filter(|name| !name.is_empty())
    })
}

/// Whether a script asks for a variable that may hold the path which follows `line`.
pub(super) fn may_be_asked_for(script: &str, line: &str) -> bool {
    /// A script hands a path from variable to variable no further than this, in steps.
    const MAX_STEPS: usize = 4;
    let mut names: Vec<&str> = asked_variables(script).collect();
    if names.is_empty() {
        return false;
    }
    let mut done = 0;
    for _ in 0..MAX_STEPS {
        let fresh: Vec<&str> = names.iter().skip(done).copied().collect();
        done = names.len();
        for name in fresh {
            let is_parameter = name.chars().all(|c| c.is_ascii_digit());
            let given = is_parameter.then(|| arguments(script));
            for value in values_of(script, name).chain(given.into_iter().flatten()) {
                let used = value.split('$').skip(1).filter_map(|rest| {
                    let rest = rest.strip_prefix('{').unwrap_or(rest);
                    let end = rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len());
                    rest.get(..end).filter(|name| !name.is_empty())
                });
                for name in used {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        }
    }
    names.iter().any(|name| holds(script, line, name))
}

/// What a script gives the functions that it has: the rest of each line after a name of one.
fn arguments(script: &str) -> impl Iterator<Item = &str> {
    let heads = script.match_indices("()").filter_map(|(at, _)| {
        let before = script.get(..at)?;
        let start = before
            .rfind(|c: char| !is_of_name(c))
            .map_or(0, |at| at + 1);
        before.get(start..).filter(|name| is_name(name))
    });
    heads.flat_map(move |name| {
        let calls = script.match_indices(name);
        calls.filter_map(move |(at, _)| {
            let rest = script.get(at + name.len()..)?;
            let mut ends = rest.split(['\n', ';', '|', '&']);
            ends.next().filter(|rest| rest.starts_with(' '))
        })
    })
}

/// What a script gives a variable: the rest of each line after `NAME=`, `for NAME in`.
fn values_of<'a>(script: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    script.match_indices(name).filter_map(move |(at, _)| {
        let before = script.get(..at)?;
        let rest = script.get(at + name.len()..)?;
        let is_apart = !before.ends_with(is_of_name);
        let is_given =
            rest.starts_with('=') || rest.starts_with("+=") || rest.trim_start().starts_with("in ");
        let mut ends = rest.split(['\n', ';', '|', '&']);
        (is_apart && is_given).then(|| ends.next().unwrap_or_default())
    })
}

/// Whether a variable of a script is given the path that follows `line`.
fn holds(script: &str, line: &str, name: &str) -> bool {
    let command = line.rsplit([';', '|', '&', '`']).next().unwrap_or_default();
    let is_number = name.chars().all(|c| c.is_ascii_digit());
    if is_number {
        let words: Vec<&str> = command.split_whitespace().collect();
        let is_function = |program: &str| {
            script.contains(&format!("{program}()"))
                || script.contains(&format!("function {program}"))
        };
        return program_of(&words).is_some_and(is_function);
    }
    // An array whose elements have lines of their own.
    let is_alone = command.trim_matches(['"', '\'', ' ', '\t']).is_empty();
    let is_given = |text: &str| values_of(text, name).next().is_some();
    is_given(command) || default_of(command) == Some(name) || is_alone && is_array(script, name)
}

fn is_array(script: &str, name: &str) -> bool {
    script.contains(&format!("{name}=(")) || script.contains(&format!("{name}+=("))
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
