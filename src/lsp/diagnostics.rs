//! Findings as an editor shows them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Range,
};
use inventory::{Inventory, Problem, ProblemKind, SourceMap, Span};
use mcp_lint_lints::{Diagnostic as Finding, Severity};

use super::analyse::Snapshot;
use super::documents::Document;
use super::view::View;
use crate::display::escape;
use crate::output::link;

/// The findings of a project in the files that are wanted, what is wrong with the syntax of open ones,
/// and what was not inspected. A finding without a place is shown at the top of `flake.nix`.
pub(crate) fn by_file(
    view: &View<'_>,
    snapshot: &Snapshot,
    is_wanted: impl Fn(&Path) -> bool,
) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let mut files: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    let top = || (snapshot.inventory.root.join("flake.nix"), Range::default());
    let path = |at: Span| Some(snapshot.sources.get(at.file)?.path().to_owned());
    let is_wanted_at = |at: Option<Span>| match at {
        Some(at) => path(at).is_some_and(|path| is_wanted(&path)),
        None => is_wanted(&top().0),
    };
    for (path, document) in view.open() {
        if is_wanted(path) && snapshot.file(path).is_some() {
            let found = syntax(view, snapshot, path, document);
            if !found.is_empty() {
                files.insert(path.clone(), found);
            }
        }
    }
    for finding in &snapshot.diagnostics {
        let at = finding.primary.as_ref().map(|label| label.at);
        if !is_wanted_at(at)
            || (is_syntax(finding) && at.is_some_and(|at| view.is_parsed(snapshot, at)))
        {
            continue;
        }
        let place = at.map_or_else(|| Some(top()), |at| view.place_around(snapshot, at));
        if let Some((path, range)) = place {
            let shown = diagnostic(view, snapshot, finding, range);
            files.entry(path).or_default().push(shown);
        }
    }
    let (gaps, level) = &snapshot.gaps;
    for gap in gaps {
        if !is_wanted_at(gap.at) {
            continue;
        }
        let place = gap.at.and_then(|at| view.place_around(snapshot, at));
        let (path, range) = place.unwrap_or_else(top);
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

/// Whether a finding says that a text is not Nix.
fn is_syntax(finding: &Finding) -> bool {
    finding.subject == ProblemKind::Syntax.name()
}

/// What is wrong with the syntax of an open text as it is now, with the level that the user gives it.
fn syntax(
    view: &View<'_>,
    snapshot: &Snapshot,
    path: &Path,
    document: &Document,
) -> Vec<Diagnostic> {
    let errors = document.errors.as_deref().unwrap_or_default();
    let Some(file) = snapshot.file(path).filter(|_| !errors.is_empty()) else {
        return Vec::new();
    };
    let sources = SourceMap::new();
    sources.add(file, path.to_owned(), Arc::clone(&document.text));
    let problems = errors.iter().map(|error| Problem {
        at: Some(error.span.in_file(file)),
        kind: ProblemKind::Syntax,
        reason: error.message.as_str().into(),
    });
    let inventory = Inventory {
        root: snapshot.inventory.root.clone(),
        problems: problems.collect(),
        ..Inventory::default()
    };
    let found = snapshot.policy.decide(&inventory, &sources).diagnostics;
    let shown = found.iter().filter_map(|finding| {
        let at = finding.primary.as_ref()?.at;
        let range = view.range(path, &document.text, at);
        Some(diagnostic(view, snapshot, finding, range))
    });
    shown.collect()
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
        code_description: view.client.code_descriptions.then(|| CodeDescription {
            href: link::page(finding.lint).into(),
        }),
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
