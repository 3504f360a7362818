//! What was not inspected, for the tables.

use std::io::{self, Write};

use inventory::{Inventory, SourceMap};

use super::place::place;
use super::style::{CAUTION, FAINT, styled};
use crate::display::escape;
use crate::report::Names;
use crate::report_summary::Gap;

/// Writes a line for each cause, and an empty line if there is any.
pub(super) fn render(
    inventory: &Inventory,
    sources: &SourceMap,
    names: &Names,
    out: &mut dyn Write,
) -> io::Result<()> {
    let gaps = Gap::all(inventory);
    for gap in &gaps {
        write(gap, sources, names, out)?;
    }
    if let Some(help) = Gap::help(&gaps) {
        writeln!(out, "  {}", styled(FAINT, &escape(&help)))?;
    }
    if gaps.is_empty() {
        Ok(())
    } else {
        writeln!(out)
    }
}

/// Writes the line of one cause.
pub(super) fn write(
    gap: &Gap,
    sources: &SourceMap,
    names: &Names,
    out: &mut dyn Write,
) -> io::Result<()> {
    let at = gap.at.and_then(|at| place(sources, names, at));
    let at = at.map(|at| format!(" ({}:{})", escape(&at.file), at.line));
    let at = styled(FAINT, &at.unwrap_or_default());
    writeln!(out, "{}{at}", styled(CAUTION, &escape(&gap.message())))
}
