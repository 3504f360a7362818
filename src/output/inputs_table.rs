//! The inputs of a flake for people.

use std::io::{self, Write};

use super::style::{BAD, CAUTION, FAINT, GOOD, styled};
use crate::display::escape;
use inventory::{FlakeInput, InputSource};

const TITLES: [&str; 5] = ["input", "from", "revision", "source", "evaluated"];

/// Digits of a revision that are shown.
const REVISION: usize = 12;

/// Writes a line for each input, with the reason below it if its source is not here.
pub(crate) fn render(inputs: &[FlakeInput], out: &mut dyn Write) -> io::Result<()> {
    if inputs.is_empty() {
        return writeln!(
            out,
            "no inputs: there is no flake here, or its flake.lock has none"
        );
    }
    let rows: Vec<[String; 5]> = inputs.iter().map(columns).collect();
    let titles = TITLES.map(ToOwned::to_owned);
    let mut widths = [0; 5];
    for row in rows.iter().chain([&titles]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; 5], style: anstyle::Style| {
        let [name, from, revision, source, used] = row;
        let [first, second, third, fourth, _] = widths;
        let padding = " ".repeat(fourth.saturating_sub(source.chars().count()));
        let source = format!("{}{padding}", styled(style, source));
        let line = format!("{name:first$}  {from:second$}  {revision:third$}  {source}  {used}");
        line.trim_end().to_owned()
    };
    let heading = line(&titles, anstyle::Style::new());
    writeln!(out, "{}", styled(FAINT, &heading))?;
    for (row, input) in rows.iter().zip(inputs) {
        writeln!(out, "{}", line(row, colour(&input.source)))?;
        if let InputSource::Missing(why) = &input.source {
            writeln!(out, "    {}", styled(FAINT, &escape(why)))?;
        }
    }
    summary(inputs, out)
}

fn columns(input: &FlakeInput) -> [String; 5] {
    let revision = input.revision.as_deref().unwrap_or("-");
    let used = if input.used { "yes" } else { "-" };
    [
        escape(&input.name),
        escape(input.reference.as_deref().unwrap_or("-")),
        escape(&revision.chars().take(REVISION).collect::<String>()),
        input.source.word().to_owned(),
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
