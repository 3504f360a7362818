//! Comments that ignore findings, as fixes: what does not make its finding go away is taken back like any
//! other.

use inventory::{SourceMap, Span};
use mcp_lint_lints::{Diagnostic, Edit, Fix};

/// The finding with nothing to fix but a comment above its line, which ignores it for this reason; with no
/// fix at all if it has no place.
pub(crate) fn ignoring(mut found: Diagnostic, sources: &SourceMap, reason: &str) -> Diagnostic {
    found.fixes = comment(&found, sources, reason).into_iter().collect();
    found
}

fn comment(found: &Diagnostic, sources: &SourceMap, reason: &str) -> Option<Fix> {
    let at = found.primary.as_ref()?.at;
    let source = sources.get(at.file)?;
    let line = source.line_range(source.line_column(at.start).line)?;
    let text = source.text().get(line.clone())?;
    let indentation = text.len() - text.trim_start_matches([' ', '\t']).len();
    let start = u32::try_from(line.start).ok()?;
    Some(Fix {
        title: "ignore it".to_owned(),
        safe: true,
        edits: vec![Edit {
            span: Span {
                file: at.file,
                start,
                end: start,
            },
            replacement: format!(
                "{}# mcp-lint: ignore[{}] {reason}\n",
                text.get(..indentation)?,
                found.lint.name
            ),
        }],
    })
}
