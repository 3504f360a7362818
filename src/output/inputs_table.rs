//! The inputs of a flake for people.

use std::io::{self, Write};
use std::path::Path;

use super::style::{BAD, CAUTION, FAINT, GOOD};
use super::table::{Table, painted};
use super::width::Width;
use crate::display::escape;
use inventory::{FlakeInput, InputSource};

const TITLES: [&str; 5] = ["input", "from", "revision", "source", "asked for"];

/// Digits of a revision that are shown.
const REVISION: usize = 12;

/// Writes a line for each input, with the reason below it if its source is not here; without inputs why there are none,
/// of the project in this directory.
pub(crate) fn render(
    inputs: &[FlakeInput],
    root: &Path,
    width: Width,
    out: &mut dyn Write,
) -> io::Result<()> {
    if inputs.is_empty() {
        let why = match ["flake.nix", "flake.lock"].map(|name| root.join(name).exists()) {
            [false, _] => "there is no flake here",
            [true, false] => "flake.nix has no flake.lock beside it, which `nix flake lock` makes",
            [true, true] => "flake.lock has none",
        };
        return writeln!(out, "no inputs: {why}");
    }
    let mut table = Table::new(width, &TITLES);
    for input in inputs {
        table.row(columns(input));
        if let InputSource::Missing(why) = &input.source {
            table.below(&painted(FAINT, &escape(why)));
        }
    }
    table.write(out)?;
    summary(inputs, out)
}

fn columns(input: &FlakeInput) -> [String; 5] {
    let revision = input.revision.as_deref().unwrap_or("-");
    let used = if input.used { "yes" } else { "-" };
    [
        escape(&input.name),
        escape(input.reference.as_deref().unwrap_or("-")),
        escape(&revision.chars().take(REVISION).collect::<String>()),
        painted(colour(&input.source), input.source.word()),
        used.to_owned(),
    ]
}

const fn colour(source: &InputSource) -> anstyle::Style {
    match source {
        InputSource::Emulated => CAUTION,
        InputSource::Missing(_) => BAD,
        _ => GOOD,
    }
}

fn summary(inputs: &[FlakeInput], out: &mut dyn Write) -> io::Result<()> {
    let count = |is: fn(&InputSource) -> bool| {
        let matching = inputs.iter().filter(|input| is(&input.source));
        matching.count()
    };
    let here = count(InputSource::is_here);
    let emulated = count(|source| matches!(source, InputSource::Emulated));
    let missing = count(|source| matches!(source, InputSource::Missing(_)));
    let noun = if inputs.len() == 1 { "input" } else { "inputs" };
    writeln!(
        out,
        "\n{} {noun}: {here} here, {emulated} emulated, {missing} missing",
        inputs.len()
    )?;
    if inputs.iter().any(FlakeInput::is_missed) {
        writeln!(
            out,
            "`mcp-lint inputs fetch` brings those that an evaluation asked for"
        )?;
    }
    Ok(())
}
