//! Answers, from the last finished analysis and the texts as they are now.

use gen_lsp_types::{
    CodeActionParams, CodeLens, CodeLensParams, CompletionItem, CompletionParams, DefinitionParams,
    Hover, HoverParams, InlayHint, InlayHintParams, Location, MarkupContent, PrepareRenameParams,
    PrepareRenamePlaceholder, ReferenceParams, RenameParams, TextDocumentPositionParams, Uri,
    WorkspaceEdit, WorkspaceSymbol, WorkspaceSymbolParams,
};
use inventory::FileId;

use super::analyse::Snapshot;
use super::index::Occurrence;
use super::view::View;
use super::{actions, completion, hints, hover, navigation, rename, symbols, uri};

/// What requests are answered from.
pub(crate) struct Answers<'s> {
    pub(crate) view: View<'s>,
    /// The projects with an analysis, the innermost first.
    pub(crate) snapshots: Vec<&'s Snapshot>,
}

impl Answers<'_> {
    /// Where a position is in one of the analyses.
    fn found(&self, at: &TextDocumentPositionParams) -> Option<(&Snapshot, FileId, usize)> {
        let path = uri::to_path(&at.text_document.uri)?;
        let mut snapshots = self.snapshots.iter();
        snapshots.find_map(|snapshot| {
            let (file, offset) = self.view.locate(snapshot, &path, at.position)?;
            Some((*snapshot, file, offset))
        })
    }

    /// The secret at a position.
    fn secret(&self, at: &TextDocumentPositionParams) -> Option<(&Snapshot, &Occurrence)> {
        let (snapshot, file, offset) = self.found(at)?;
        Some((snapshot, snapshot.index.at(file, offset)?))
    }

    pub(crate) fn hover(&self, parameters: &HoverParams) -> Option<Hover> {
        let at = &parameters.text_document_position_params;
        let (snapshot, file, offset) = self.found(at)?;
        let (text, at) = match snapshot.index.server_at(file, offset) {
            Some(place) => (hover::server(snapshot, place)?, place.at),
            None => {
                let found = snapshot.index.at(file, offset)?;
                (hover::secret(snapshot, &found.name)?, found.at)
            }
        };
        let kind = self.view.client.markup();
        Some(Hover {
            contents: MarkupContent { kind, value: text }.into(),
            range: self.view.place(snapshot, at).map(|(_, range)| range),
        })
    }

    pub(crate) fn definition(&self, parameters: &DefinitionParams) -> Vec<Location> {
        let found = self.secret(&parameters.text_document_position_params);
        found.map_or_else(Vec::new, |(snapshot, found)| {
            navigation::definition(&self.view, snapshot, found)
        })
    }

    pub(crate) fn references(&self, parameters: &ReferenceParams) -> Vec<Location> {
        let with_declaration = parameters.context.include_declaration;
        let found = self.secret(&parameters.text_document_position_params);
        found.map_or_else(Vec::new, |(snapshot, found)| {
            navigation::references(&self.view, snapshot, found, with_declaration)
        })
    }

    pub(crate) fn completion(&self, parameters: &CompletionParams) -> Vec<CompletionItem> {
        let at = &parameters.text_document_position_params;
        let Some(path) = uri::to_path(&at.text_document.uri) else {
            return Vec::new();
        };
        let Some(document) = self.view.document(&path) else {
            return Vec::new();
        };
        let lines = self.view.lines(&path, &document.text);
        let cursor = lines.offset(at.position);
        let before = document.text.get(..cursor).unwrap_or_default();
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        let reader = completion::Place::of(&path, document.sound());
        completion::complete(&self.snapshots, line, &reader, |bytes| {
            lines.range(cursor.saturating_sub(bytes), cursor)
        })
    }

    /// The analyses that read a file.
    fn of_file(&self, uri: &Uri) -> impl Iterator<Item = (&Snapshot, FileId)> {
        let path = uri::to_path(uri);
        self.snapshots.iter().filter_map(move |snapshot| {
            let file = snapshot.file(path.as_ref()?)?;
            Some((*snapshot, file))
        })
    }

    pub(crate) fn hints(&self, parameters: &InlayHintParams) -> Vec<InlayHint> {
        { self.of_file(&parameters.text_document.uri).take(1) }
            .flat_map(|(snapshot, file)| hints::hints(&self.view, snapshot, file, parameters.range))
            .collect()
    }

    pub(crate) fn lenses(&self, parameters: &CodeLensParams) -> Vec<CodeLens> {
        { self.of_file(&parameters.text_document.uri).take(1) }
            .flat_map(|(snapshot, file)| hints::lenses(&self.view, snapshot, file))
            .collect()
    }

    pub(crate) fn symbols(&self, parameters: &WorkspaceSymbolParams) -> Vec<WorkspaceSymbol> {
        symbols::symbols(&self.view, &self.snapshots, &parameters.query)
    }

    /// # Errors
    ///
    /// Why what is at the place cannot be renamed.
    pub(crate) fn prepare_rename(
        &self,
        parameters: &PrepareRenameParams,
    ) -> Result<Option<PrepareRenamePlaceholder>, String> {
        let Some((snapshot, found)) = self.secret(&parameters.text_document_position_params) else {
            return Ok(None);
        };
        let (range, placeholder) = rename::prepare(&self.view, snapshot, found)?;
        Ok(Some(PrepareRenamePlaceholder { range, placeholder }))
    }

    /// # Errors
    ///
    /// Why what is at the place cannot be renamed.
    pub(crate) fn rename(
        &self,
        parameters: &RenameParams,
    ) -> Result<Option<WorkspaceEdit>, String> {
        let Some((snapshot, found)) = self.secret(&parameters.text_document_position_params) else {
            return Ok(None);
        };
        let edit = rename::rename(&self.view, snapshot, &found.name, &parameters.new_name)?;
        Ok(Some(edit))
    }

    pub(crate) fn code_actions(
        &self,
        parameters: &CodeActionParams,
    ) -> Vec<gen_lsp_types::CodeAction> {
        let only = parameters.context.only.as_deref();
        let is_wanted = |kind: &gen_lsp_types::CodeActionKind| {
            matches!(
                kind,
                gen_lsp_types::CodeActionKind::QuickFix | gen_lsp_types::CodeActionKind::Empty
            )
        };
        if only.is_some_and(|only| !only.iter().any(is_wanted)) {
            return Vec::new();
        }
        let Some(path) = uri::to_path(&parameters.text_document.uri) else {
            return Vec::new();
        };
        let snapshots = self.snapshots.iter();
        let all = snapshots.filter_map(|snapshot| {
            let file = snapshot.file(&path)?;
            Some(actions::fixes(&self.view, snapshot, file, parameters.range))
        });
        let mut actions: Vec<_> = all.flatten().collect();
        let mut seen: Vec<gen_lsp_types::CodeAction> = Vec::new();
        // Two projects that share a file find the same.
        actions.retain(|action| {
            let is_new = !seen.contains(action);
            if is_new {
                seen.push(action.clone());
            }
            is_new
        });
        actions
    }
}
