//! Fixes as code actions.

use std::collections::BTreeMap;

use gen_lsp_types::{CodeAction, CodeActionKind, Range, TextEdit, Uri, WorkspaceEdit};
use inventory::FileId;
use mcp_lint_lints::{Fix, Severity};

use super::analyse::Snapshot;
use super::diagnostics;
use super::uri;
use super::view::View;
use crate::display::escape;

/// The fixes of the findings that a range touches.
pub(crate) fn fixes(
    view: &View<'_>,
    snapshot: &Snapshot,
    file: FileId,
    wanted: Range,
) -> Vec<CodeAction> {
    let mut actions: Vec<(Severity, CodeAction)> = Vec::new();
    for finding in &snapshot.diagnostics {
        let Some(label) = finding
            .primary
            .as_ref()
            .filter(|label| label.at.file == file)
        else {
            continue;
        };
        let Some((_, range)) = view.place(snapshot, label.at) else {
            continue;
        };
        if range.end < wanted.start || wanted.end < range.start {
            continue;
        }
        for (index, fix) in finding.fixes.iter().enumerate() {
            let Some(edit) = edit(view, snapshot, fix) else {
                continue;
            };
            let diagnostic = diagnostics::diagnostic(view, snapshot, finding, range);
            let action = CodeAction {
                title: escape(&fix.title),
                kind: Some(CodeActionKind::QuickFix),
                diagnostics: Some(vec![diagnostic]),
                is_preferred: Some(fix.safe && index == 0),
                edit: Some(edit),
                ..CodeAction::default()
            };
            actions.push((finding.severity, action));
        }
    }
    actions.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    actions.into_iter().map(|(_, action)| action).collect()
}

/// The changes of a fix in the texts as they are now; nothing if one of the places has changed since.
fn edit(view: &View<'_>, snapshot: &Snapshot, fix: &Fix) -> Option<WorkspaceEdit> {
    let mut changes: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    for edit in &fix.edits {
        let (path, range) = view.place(snapshot, edit.span)?;
        let edits = changes.entry(uri::of_path(&path).0).or_default();
        edits.push(TextEdit {
            range,
            new_text: edit.replacement.clone(),
        });
    }
    let changes = changes.into_iter().map(|(uri, edits)| (Uri(uri), edits));
    Some(WorkspaceEdit {
        changes: Some(changes.collect()),
        ..WorkspaceEdit::default()
    })
}
