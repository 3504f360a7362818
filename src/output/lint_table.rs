//! The list of lints.

use std::io::{self, Write};

use mcp_lint_lints::{Group, LINTS, Lint};
use serde::Serialize;

use super::document;
use super::style::STRONG;
use super::table::{Table, painted};
use super::width::Width;

/// Narrower tables have the summary below each lint, in columns: beside the longest names it would be a column of
/// single words.
const BESIDE: usize = 100;

/// Narrower tables have level and fix below each lint too, in columns: beside the longest names they would be columns
/// of single letters.
const NARROW: usize = 64;

/// Writes a table of the lints of these groups, group by group.
pub(crate) fn table(groups: &[Group], width: Width, out: &mut dyn Write) -> io::Result<()> {
    let is_beside = width.columns >= BESIDE;
    let is_narrow = width.columns < NARROW;
    let titles = ["lint", "level", "fix", "what it finds"];
    let shown = match (is_beside, is_narrow) {
        (true, _) => 4,
        (false, false) => 3,
        (false, true) => 1,
    };
    let titles = titles.get(..shown).unwrap_or(&titles);
    let mut table = Table::new(width, titles);
    for group in groups {
        let of_group = || { LINTS.iter() }.filter(|lint| lint.group == *group);
        if of_group().next().is_some() {
            let name = format!("{} ({})", group.name(), group.letter());
            table.heading(format!("\n{}", painted(STRONG, &name)));
        }
        for lint in of_group() {
            let columns = [lint.name, lint.severity.name(), fix_word(lint)].map(str::to_owned);
            if is_beside {
                table.row(columns.into_iter().chain([lint.summary.to_owned()]));
            } else if is_narrow {
                let [name, level, fix] = columns;
                table.row([name]);
                let fix = Some(fix).filter(|fix| !fix.is_empty());
                let fix = fix.map(|fix| format!(" · fix: {fix}")).unwrap_or_default();
                table.below(&format!("{level}{fix} · {}", lint.summary));
            } else {
                table.row(columns);
                table.below(lint.summary);
            }
        }
    }
    table.keep_whole(0);
    table.write(out)
}

fn fix_word(lint: &Lint) -> &'static str {
    match lint.fixable.name() {
        "no" => "",
        name => name,
    }
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    group: &'static str,
    severity: &'static str,
    fixable: &'static str,
    since: &'static str,
    summary: &'static str,
}

/// Writes the same as JSON, sorted by name.
pub(crate) fn json(out: &mut dyn Write) -> io::Result<()> {
    let rows = LINTS.iter().map(|lint| Row {
        name: lint.name,
        group: lint.group.name(),
        severity: lint.severity.name(),
        fixable: lint.fixable.name(),
        since: lint.since,
        summary: lint.summary,
    });
    document::write(&rows.collect::<Vec<_>>(), out)
}
