//! The command line of a server, and what of it a shell reads.

use nix_eval::Evaluator;
use nix_eval::value::{AttrsId, Thunk, Value};

use crate::search::holes::{HOLE, with_holes};
use crate::values::{Options, items};
use inventory::mcp_modules::McpModule;

/// Programs that take the text of a script as an argument.
const SHELLS: [&str; 14] = [
    "sh",
    "bash",
    "zsh",
    "dash",
    "ksh",
    "ash",
    "fish",
    "nu",
    "busybox",
    "su",
    "runuser",
    "script",
    "nix-shell",
    "npx",
];

/// Programs that hand their arguments to a shell.
const HAND_OVER: [&str; 3] = ["ssh", "eval", "watch"];

/// The words of a server's command line; `None` for one that is not known.
#[derive(Debug, Default)]
pub(super) struct CommandLine {
    words: Vec<Option<String>>,
    /// The option of the arguments, and how many words come before them.
    arguments: Option<(&'static str, usize)>,
}

impl CommandLine {
    /// Reads the command line of the server with these options.
    pub(super) fn of(evaluator: &mut Evaluator, module: &McpModule, server: AttrsId) -> Self {
        let options = Options { set: server };
        let mut words = Vec::new();
        if let Some(entry) = options.entry(evaluator, "command")
            && matches!(evaluator.force(entry.value), Ok(Value::String(_)))
        {
            words.push(text(evaluator, entry.value));
        }
        let mut arguments = None;
        for name in module.shape.arguments {
            let Some(entry) = options.entry(evaluator, name) else {
                continue;
            };
            if matches!(evaluator.force(entry.value), Ok(Value::List(_))) {
                arguments = Some((*name, words.len()));
                for (item, maybe) in items(evaluator, entry.value) {
                    let word = text(evaluator, item).filter(|_| maybe.is_none());
                    words.push(word);
                }
                break;
            }
        }
        Self { words, arguments }
    }

    /// Whether the argument at this index of an option's list is read by a shell, or may be.
    pub(super) fn is_shell_text(&self, option: &str, index: usize) -> bool {
        let Some((_, before)) = self.arguments.filter(|(name, _)| *name == option) else {
            return false;
        };
        let Some(before) = self.words.get(..before + index) else {
            return false;
        };
        let is_one_of = |names: &[&str], word: &Option<String>| match word {
            Some(word) => {
                let name = word.rsplit('/').next().unwrap_or_default();
                // A program that is not known may be a shell.
                names.contains(&name.trim_matches(HOLE))
                    || (!name.is_empty() && name.chars().all(|character| character == HOLE))
            }
            None => true,
        };
        let hands_over = { before.iter().take(before.len().saturating_sub(1)) }.any(|word| {
            word.is_some() && is_one_of(&HAND_OVER, word) && !word.as_deref().is_some_and(is_hole)
        });
        let Some((flag, programs)) = before.split_last() else {
            return false;
        };
        let takes_script = flag.as_deref().is_some_and(is_script_flag);
        let has_shell = programs.iter().any(|word| is_one_of(&SHELLS, word));
        hands_over || (takes_script && has_shell)
    }
}

fn is_hole(word: &str) -> bool {
    word.chars().all(|character| character == HOLE)
}

/// `-c`, `-lc`, `--run`: what follows is a script.
fn is_script_flag(word: &str) -> bool {
    let short = |rest: &str| rest.ends_with('c') && rest.bytes().all(|it| it.is_ascii_alphabetic());
    match word.strip_prefix("--") {
        Some(long) => matches!(long, "command" | "run" | "call"),
        None => word.strip_prefix('-').is_some_and(short),
    }
}

/// The text of a value, with holes; `None` if it is none.
fn text(evaluator: &mut Evaluator, value: Thunk) -> Option<String> {
    match evaluator.force(value) {
        Ok(Value::String(id)) => Some(with_holes(evaluator.string_parts(id)).into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_script(words: &[&str]) -> bool {
        let line = CommandLine {
            words: words.iter().map(|word| Some((*word).to_owned())).collect(),
            arguments: Some(("args", 1)),
        };
        line.is_shell_text("args", words.len() - 2)
    }

    #[test]
    fn a_shell_reads_what_follows_its_flag() {
        assert!(is_script(&["bash", "-c", "x"]));
        assert!(is_script(&[
            "\u{fffc}/bin/bash",
            "-euo",
            "pipefail",
            "-lc",
            "x"
        ]));
        assert!(is_script(&["env", "A=b", "sh", "-c", "x"]));
        assert!(is_script(&["\u{fffc}", "-c", "x"]));
        assert!(is_script(&["nix-shell", "-p", "uv", "--run", "x"]));
        assert!(is_script(&["ssh", "host", "x"]));
    }

    #[test]
    fn another_program_gets_it_as_it_is() {
        assert!(!is_script(&["srv", "--token", "x"]));
        assert!(!is_script(&["\u{fffc}", "--token", "x"]));
        assert!(!is_script(&["bash", "script.sh", "x"]));
        assert!(!is_script(&["npx", "-y", "x"]));
        assert!(!is_script(&["srv", "-c", "x"]));
    }
}
