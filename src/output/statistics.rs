//! How many findings each lint has, for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use mcp_lint_lints::Severity;

use super::style::{FAINT, styled};
use crate::report::{FIXABLE, Fixability, Report};

/// Writes a line for each lint that found something, the one with most findings first.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Default)]
    struct Of {
        count: usize,
        safe: usize,
        severity: Option<Severity>,
    }
    let mut lints: BTreeMap<&str, Of> = BTreeMap::new();
    for found in &report.diagnostics {
        let of = lints.entry(found.lint.name).or_default();
        of.count += 1;
        of.safe += usize::from(Fixability::of(found) == Some(Fixability::Safe));
        of.severity = of.severity.max(Some(found.severity));
    }
    let mut lints: Vec<(&str, Of)> = lints.into_iter().collect();
    lints.sort_by_key(|(_, of)| std::cmp::Reverse(of.count));
    let widest = lints.iter().map(|(_, of)| of.count).max().unwrap_or(0);
    let digits = widest.to_string().len();
    for (name, of) in &lints {
        let level = of.severity.map_or("", Severity::name);
        let mark = if of.safe > 0 { FIXABLE } else { "" };
        let line = format!("{:digits$}  {level:7}  {mark:3}  {name}", of.count);
        writeln!(out, "{}", line.trim_end())?;
    }
    let safe: usize = lints.iter().map(|(_, of)| of.safe).sum();
    if safe > 0 {
        writeln!(
            out,
            "{}",
            styled(FAINT, &format!("{FIXABLE} {safe} fixable with --fix"))
        )?;
    }
    if lints.is_empty() {
        writeln!(out, "no findings")?;
    }
    Ok(())
}
