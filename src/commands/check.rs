//! `mcp-lint check`

use std::io::Write;
use std::time::Instant;

use crate::analysis::{Analysis, analyse};
use crate::cli::{CheckArguments, CommonArguments};
use crate::display::escape;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::report::Report;
use crate::selection::Selection;

/// Checks the project and writes what was found.
pub(crate) fn run(
    arguments: &CheckArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let started = Instant::now();
    let selection = Selection::new(
        &arguments.select,
        &arguments.ignore,
        arguments.pedantic,
        arguments.fail_on,
    )?;
    let Analysis {
        inventory, sources, ..
    } = analyse(&arguments.input, common)?;
    let findings = mcp_lint_lints::run(&inventory, &sources, selection.lints());
    let (diagnostics, hidden) = selection.apply(findings.diagnostics);
    let took = started.elapsed();
    let report = Report {
        inventory,
        sources,
        diagnostics,
        hidden,
        crashes: findings.crashes,
        took,
    };
    for crash in &report.crashes {
        let text = escape(&format!(
            "mcp-lint has a defect: the lint {} stopped: {}",
            crash.lint, crash.message
        ));
        // Nothing is left to be told if standard error is closed.
        let _ = writeln!(std::io::stderr(), "{text}");
    }
    output::check(arguments.format, &report, common.quiet, out)?;
    Ok(if report.is_incomplete() {
        Exit::Incomplete
    } else if selection.fails(&report.diagnostics) {
        Exit::Findings
    } else {
        Exit::Clean
    })
}
