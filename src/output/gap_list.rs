//! What was not inspected, for the tables.

use std::collections::BTreeSet;
use std::io::{self, Write};

use anstyle::Style;
use inventory::{Inventory, SourceMap};

use super::place::place;
use super::style::{CAUTION, FAINT, styled};
use super::width::Width;
use crate::display::escape;
use crate::report::Names;
use crate::report_summary::Gap;

/// Writes a line for each cause, and an empty line if there is any.
pub(super) fn render(
    inventory: &Inventory,
    sources: &SourceMap,
    names: &Names,
    width: Width,
    out: &mut dyn Write,
) -> io::Result<()> {
    let gaps = Gap::all(inventory);
    for gap in &gaps {
        writeln!(out, "{}", width.line(&text(gap, CAUTION, sources, names)))?;
    }
    if let Some(help) = Gap::help(&gaps) {
        let help = styled(FAINT, &escape(&help));
        writeln!(out, "{}", width.line(&format!("  {help}")))?;
    }
    if let Some(meaning) = meaning(&gaps) {
        let meaning = styled(FAINT, &meaning);
        writeln!(out, "{}", width.line(&format!("  {meaning}")))?;
    }
    if gaps.is_empty() {
        Ok(())
    } else {
        writeln!(out)
    }
}

/// What gaps do to the result, and where that is explained; `None` if there are none.
pub(super) fn meaning(gaps: &[Gap]) -> Option<String> {
    let kinds: BTreeSet<&str> = gaps.iter().map(|gap| gap.kind.name()).collect();
    let kinds: Vec<&str> = kinds.into_iter().collect();
    let first = kinds.first()?;
    let pages = match kinds.len() {
        1 => format!("mcp-lint explain {first}"),
        _ => format!(
            "mcp-lint explain {first} (or {})",
            kinds.get(1..).unwrap_or_default().join(", ")
        ),
    };
    Some(format!("findings may be missing there: {pages}"))
}

/// The line of one cause.
pub(super) fn text(gap: &Gap, style: Style, sources: &SourceMap, names: &Names) -> String {
    let at = gap.at.and_then(|at| place(sources, names, at));
    let at = at.map(|at| format!(" ({}:{})", escape(&at.file), at.line));
    let at = styled(FAINT, &at.unwrap_or_default());
    format!("{}{at}", styled(style, &escape(&gap.message())))
}
