//! The list of lints.

use std::io::{self, Write};

use mcp_lint_lints::{Group, LINTS, Lint};
use serde::Serialize;

use super::document;
use super::style::{STRONG, styled};

/// Writes a table, group by group.
pub(crate) fn table(out: &mut dyn Write) -> io::Result<()> {
    let widest = LINTS.iter().map(|lint| lint.name.len()).max().unwrap_or(0);
    for group in Group::ALL {
        let lints: Vec<&&Lint> = LINTS.iter().filter(|lint| lint.group == group).collect();
        if lints.is_empty() {
            continue;
        }
        writeln!(
            out,
            "{}",
            styled(STRONG, &format!("{} ({})", group.name(), group.letter()))
        )?;
        for lint in lints {
            let (name, severity, fixable) = (lint.name, lint.severity.name(), fix_word(lint));
            writeln!(
                out,
                "  {name:widest$}  {severity:7}  {fixable:10}  {}",
                lint.summary
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn fix_word(lint: &Lint) -> String {
    match lint.fixable.name() {
        "no" => String::new(),
        name => format!("fix {name}"),
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
