//! Findings as an editor shows them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gen_lsp_types::{Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Range};
use mcp_lint_lints::{Diagnostic as Finding, Severity};

use super::analyse::Snapshot;
use super::requests::View;
use crate::display::escape;

/// The findings of a project by file, and what was not inspected. One without a place is shown at the top
/// of `flake.nix`.
pub(crate) fn by_file(view: &View<'_>, snapshot: &Snapshot) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let mut files: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    for finding in &snapshot.diagnostics {
        let place = match &finding.primary {
            Some(label) => view.place(snapshot, label.at),
            None => Some((snapshot.inventory.root.join("flake.nix"), Range::default())),
        };
        if let Some((path, range)) = place {
            let shown = diagnostic(view, snapshot, finding, range);
            files.entry(path).or_default().push(shown);
        }
    }
    let (gaps, level) = &snapshot.gaps;
    for gap in gaps {
        let place = gap.at.and_then(|at| view.place(snapshot, at));
        let (path, range) =
            place.unwrap_or_else(|| (snapshot.inventory.root.join("flake.nix"), Range::default()));
        files.entry(path).or_default().push(Diagnostic {
            range,
            severity: Some(severity(*level)),
            code: Some(gap.kind.name().to_owned().into()),
            code_description: None,
            source: Some("mcp-lint".to_owned()),
            message: escape(&gap.message()).into(),
            tags: None,
            related_information: None,
            data: None,
        });
    }
    files
}

const fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
        Severity::Info => DiagnosticSeverity::Information,
    }
}

/// One finding at its place.
pub(crate) fn diagnostic(
    view: &View<'_>,
    snapshot: &Snapshot,
    finding: &Finding,
    range: Range,
) -> Diagnostic {
    let related = finding.secondary.iter().filter_map(|label| {
        Some(DiagnosticRelatedInformation {
            location: view.location(snapshot, label.at)?,
            message: escape(&label.text),
        })
    });
    let related: Vec<_> = related.collect();
    let shows_related = view.client.related_information && !related.is_empty();
    Diagnostic {
        range,
        severity: Some(severity(finding.severity)),
        code: Some(finding.lint.name.to_owned().into()),
        code_description: None,
        source: Some("mcp-lint".to_owned()),
        message: message(finding).into(),
        tags: None,
        related_information: shows_related.then_some(related),
        data: None,
    }
}

/// The message, what will happen, and the change to make, each on lines of its own.
fn message(finding: &Finding) -> String {
    let mut lines = vec![escape(&finding.message)];
    if let Some(label) = &finding.primary
        && !label.text.is_empty()
    {
        lines.push(escape(&label.text));
    }
    lines.extend(finding.note.as_deref().map(escape));
    if let Some(help) = &finding.help {
        if !help.text.is_empty() {
            lines.push(format!("help: {}", escape(&help.text)));
        }
        let code = help.code.iter().flat_map(|code| code.lines());
        lines.extend(code.map(|line| format!("    {}", escape(line))));
    }
    lines.join("\n")
}
