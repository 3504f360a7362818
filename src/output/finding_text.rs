//! What the formats for other programs' pages say about a finding.

use inventory::Span;
use mcp_lint_lints::Diagnostic;
use sha2::{Digest, Sha256};

use crate::display::{escape, escape_lines};
use crate::report::Report;

/// What is wrong, in one inert line.
pub(super) fn message(found: &Diagnostic) -> String {
    escape(&found.message)
}

/// What is wrong, what happens on the machine and the change to make: inert paragraphs.
pub(super) fn story(found: &Diagnostic) -> String {
    let note = found.note.as_deref().map(escape);
    let parts = [Some(message(found)), note, help(found)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// The change to make: the words, then the code on lines of its own.
pub(super) fn help(found: &Diagnostic) -> Option<String> {
    let help = found.help.as_ref()?;
    let code = help.code.as_deref().map(escape_lines);
    let parts = [Some(escape(&help.text)), code];
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    Some(parts.join("\n"))
}

/// The place that stands for a finding: the primary one, else another one that it names, else where
/// its host is defined, else the start of the project's uppermost file: code hosts refuse findings
/// without a place.
pub(super) fn anchor(report: &Report, found: &Diagnostic) -> Option<Span> {
    let named = || found.secondary.first().map(|label| label.at);
    let host = || {
        let mut hosts = report.summary.hosts.iter();
        hosts.find(|host| found.hosts.contains(&host.attribute))?.at
    };
    let primary = found.primary.as_ref().map(|label| label.at);
    primary.or_else(named).or_else(host).or(report.summary.top)
}

/// A name for a finding that survives moved lines: 32 hexadecimal digits of its identity's hash.
pub(super) fn fingerprint(found: &Diagnostic) -> String {
    let hash = Sha256::digest(found.identity().as_bytes());
    hash.iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
