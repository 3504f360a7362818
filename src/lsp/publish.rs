//! Findings to the editor: sent as soon as there are new ones, or when it asks for them.
//!
//! What is shown of a file are the findings of the last analysis, at their places in the text as it is
//! now, and what is wrong with the syntax of that text.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport,
    PublishDiagnosticsParams, RelatedFullDocumentDiagnosticReport,
    RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
    WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::server::Server;
use super::view::View;
use super::{diagnostics, uri};

/// What an editor shows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The number of the text; `None` if it is not open.
    version: Option<i32>,
    /// Tells lists of findings apart.
    result: String,
}

/// The same for the same findings, from run to run.
fn result(found: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(found)
        .unwrap_or_default()
        .hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

impl<W: Write> Server<W> {
    /// The findings by file; of these files only, if there is a list. Open files are there without
    /// findings, too, if they were read.
    fn findings(&self, files: Option<&BTreeSet<PathBuf>>) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
        let view = View::new(&self.documents, &self.client);
        let mut all: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
        let is_wanted = |file: &Path| files.is_none_or(|files| files.contains(file));
        for snapshot in self.projects.values().filter_map(|it| it.snapshot.as_ref()) {
            for (file, found) in diagnostics::by_file(&view, snapshot, is_wanted) {
                let known = all.entry(file).or_default();
                // Two projects that share a file find the same.
                let news: Vec<_> = { found.into_iter() }
                    .filter(|found| !known.contains(found))
                    .collect();
                known.extend(news);
            }
            let open = self.documents.iter().map(|(file, _)| file);
            let read = open.filter(|file| is_wanted(file) && snapshot.file(file).is_some());
            for file in read {
                all.entry(file.clone()).or_default();
            }
        }
        all
    }

    /// Sends what is not shown yet; of these files only, if there is a list.
    pub(super) fn publish(&mut self, files: Option<&BTreeSet<PathBuf>>) -> io::Result<()> {
        if self.client.pulls {
            return Ok(());
        }
        let mut found = self.findings(files);
        let is_wanted = |file: &&PathBuf| files.is_none_or(|files| files.contains(*file));
        for file in self.shown.keys().filter(is_wanted) {
            found.entry(file.clone()).or_default();
        }
        let (open, closed): (Vec<_>, Vec<_>) =
            { found.into_iter() }.partition(|(file, _)| self.documents.get(file).is_some());
        for (file, diagnostics) in open.into_iter().chain(closed) {
            let version = self.documents.get(&file).map(|document| document.version);
            let result = result(&diagnostics);
            let shown = Shown { version, result };
            if self.shown.get(&file) == Some(&shown) {
                continue;
            }
            if diagnostics.is_empty() && version.is_none() {
                self.shown.remove(&file);
            } else {
                self.shown.insert(file.clone(), shown);
            }
            let parameters = PublishDiagnosticsParams {
                uri: uri::of_path(&file),
                version,
                diagnostics,
            };
            self.notify("textDocument/publishDiagnostics", &parameters)?;
        }
        Ok(())
    }

    /// The findings of one file, for an editor that asks.
    pub(super) fn document_report(
        &self,
        parameters: &DocumentDiagnosticParams,
    ) -> DocumentDiagnosticReport {
        let path = uri::to_path(&parameters.text_document.uri);
        let wanted: BTreeSet<PathBuf> = path.into_iter().collect();
        let items: Vec<_> = { self.findings(Some(&wanted)).into_values() }
            .flatten()
            .collect();
        let result_id = result(&items);
        if parameters.previous_result_id.as_ref() == Some(&result_id) {
            let unchanged_document_diagnostic_report =
                UnchangedDocumentDiagnosticReport { result_id };
            return RelatedUnchangedDocumentDiagnosticReport {
                related_documents: None,
                unchanged_document_diagnostic_report,
            }
            .into();
        }
        RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport {
                result_id: Some(result_id),
                items,
            },
        }
        .into()
    }

    /// The findings of all files, for an editor that asks.
    pub(super) fn workspace_report(
        &self,
        parameters: &WorkspaceDiagnosticParams,
    ) -> WorkspaceDiagnosticReport {
        let mut found = self.findings(None);
        let known: HashMap<PathBuf, &str> = { parameters.previous_result_ids.iter() }
            .filter_map(|known| Some((uri::to_path(&known.uri)?, known.value.as_str())))
            .collect();
        for known in &parameters.previous_result_ids {
            // What it shows and what is no longer there.
            found.extend(uri::to_path(&known.uri).and_then(|file| {
                let is_gone = !found.contains_key(&file);
                is_gone.then(|| (file, Vec::new()))
            }));
        }
        let report = |(file, items): (PathBuf, Vec<Diagnostic>)| {
            let result_id = result(&items);
            let version = self.documents.get(&file).map(|document| document.version);
            let uri = uri::of_path(&file);
            if known.get(&file) == Some(&result_id.as_str()) {
                return WorkspaceDocumentDiagnosticReport::from(
                    WorkspaceUnchangedDocumentDiagnosticReport {
                        uri,
                        version,
                        unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport {
                            result_id,
                        },
                    },
                );
            }
            WorkspaceFullDocumentDiagnosticReport {
                uri,
                version,
                full_document_diagnostic_report: FullDocumentDiagnosticReport {
                    result_id: Some(result_id),
                    items,
                },
            }
            .into()
        };
        WorkspaceDiagnosticReport {
            items: found.into_iter().map(report).collect(),
        }
    }
}
