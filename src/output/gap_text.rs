//! What the formats say about a part of the project that was not inspected.

use inventory::Span;
use mcp_lint_lints::Severity;
use sha2::{Digest, Sha256};

use crate::display::escape;
use crate::report::Report;
use crate::report_summary::Gap;

/// What was not inspected and why, in one inert line.
pub(super) fn message(gap: &Gap) -> String {
    escape(&gap.message())
}

/// The level: an error if the run fails because of it.
pub(super) fn severity(report: &Report) -> Severity {
    if report.gaps_fail() {
        Severity::Error
    } else {
        Severity::Warning
    }
}

/// The place that stands for it: its own, else the start of the project's uppermost file.
pub(super) fn anchor(report: &Report, gap: &Gap) -> Option<Span> {
    gap.at.or(report.summary.top)
}

/// A name that survives moved lines: 32 hexadecimal digits of a hash.
pub(super) fn fingerprint(gap: &Gap) -> String {
    let mut hash = Sha256::new();
    for part in [gap.kind.name(), &gap.reason]
        .into_iter()
        .chain(gap.subjects.iter().map(String::as_str))
    {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digits = hash.finalize();
    digits
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
