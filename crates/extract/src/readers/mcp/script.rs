//! The scripts that start a server, and the credentials that they take from what other programs print.

use nix_eval::Evaluator;
use nix_eval::value::{External, ExternalId, Thunk, UnknownId, Value};
use secret_files::is_credential_name;

use crate::search::holes::with_holes;
use crate::values::Options;

/// Programs whose output is made of a file, of their arguments or of other commands' output: what these open is known.
const OF_FILES: [&str; 15] = [
    "cat", "head", "tail", "tr", "sed", "cut", "awk", "gawk", "grep", "jq", "printf", "echo", "<",
    "base64", "xargs",
];

/// The text of a script of nixpkgs, which a file of the project may make; `None` if it is none.
pub(super) fn script_text(
    evaluator: &mut Evaluator,
    external: ExternalId,
) -> Option<Result<String, UnknownId>> {
    let mut arguments: Vec<Thunk> = Vec::new();
    let mut current = external;
    while let Some(Value::External(made)) = evaluator.called_value(current) {
        current = made;
    }
    let name = loop {
        match evaluator.external_data(current) {
            External::Apply { function, argument } => {
                arguments.push(*argument);
                current = *function;
            }
            External::Select { name, .. } => break evaluator.name_ref(*name).to_owned(),
            External::Root { .. } => return None,
        }
    };
    let text = match (name.as_str(), arguments.as_slice()) {
        (
            "writeShellScript" | "writeShellScriptBin" | "writeScript" | "writeScriptBin",
            [text, _],
        ) => *text,
        ("writeShellApplication", [set]) => {
            let set = evaluator.force_attrs(*set).ok()?;
            (Options { set }).entry(evaluator, "text")?.value
        }
        _ => return None,
    };
    match evaluator.force(text) {
        Ok(Value::String(id)) => Some(Ok(with_holes(evaluator.string_parts(id)).into_owned())),
        Ok(_) => None,
        Err(why) => Some(Err(why)),
    }
}

/// The variables of a script that have the name of a credential and get what a command prints, with the program if its
/// name is written out.
pub(super) fn printed_by_commands(script: &str) -> Vec<(&str, Option<&str>)> {
    let assigned = |line: &'_ str| -> Option<(usize, usize)> {
        let (name, value) = line.split_once('=')?;
        let value = value.trim_start_matches('"').strip_prefix("$(")?;
        Some((name.len(), line.len() - value.len()))
    };
    let mut found: Vec<(&str, Option<&str>)> = Vec::new();
    for line in script.split(['\n', ';']) {
        let words = line.trim_start();
        let words = ["export ", "local ", "readonly "]
            .iter()
            .find_map(|word| words.strip_prefix(word))
            .unwrap_or(words);
        let Some((name, command)) = assigned(words) else {
            continue;
        };
        let name = words.get(..name).unwrap_or_default();
        let is_name = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let command = words.get(command..).unwrap_or_default().trim_start();
        let first = command.split([' ', ')']).next().unwrap_or_default();
        let program = first.trim_matches(['"', '\'']);
        let program = program.rsplit('/').next().unwrap_or_default();
        let is_plain = !program.is_empty()
            && program
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        let is_of_file = OF_FILES.contains(&program) || first.starts_with('<');
        if is_name
            && is_credential_name(name)
            && !is_of_file
            && !found.iter().any(|(known, _)| *known == name)
        {
            found.push((name, is_plain.then_some(program)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::printed_by_commands;

    #[test]
    fn a_credential_of_a_command_is_found() {
        let script = "set -e\nA_TOKEN=\"$(rbw get a 2>/dev/null)\"\nexport B_API_KEY=$(\u{fffc}/bin/op read x); C_TOKEN=\"$(\"$bin\" x)\"";
        assert_eq!(
            printed_by_commands(script),
            [
                ("A_TOKEN", Some("rbw")),
                ("B_API_KEY", Some("op")),
                ("C_TOKEN", None)
            ]
        );
    }

    #[test]
    fn what_comes_of_files_or_is_no_credential_is_not() {
        for script in [
            "A_TOKEN=\"$(cat /run/secrets/a)\"",
            "A_TOKEN=$(</run/secrets/a)",
            "A_TOKEN=\"$(\u{fffc}/bin/cat x | cut -d= -f2)\"",
            "HOST=\"$(hostname)\"",
            "A_TOKEN=x",
            "echo A_TOKEN=$(x)",
        ] {
            assert_eq!(printed_by_commands(script), [], "{script}");
        }
    }
}
