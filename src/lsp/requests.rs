//! Answers, from the last finished analysis and the texts as they are now.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use gen_lsp_types::{
    CodeActionParams, CodeLens, CodeLensParams, CompletionItem, CompletionParams, DefinitionParams,
    Hover, HoverParams, InlayHint, InlayHintParams, Location, MarkupContent, Position,
    PrepareRenameParams, PrepareRenamePlaceholder, Range, ReferenceParams, RenameParams,
    TextDocumentPositionParams, Uri, WorkspaceEdit, WorkspaceSymbol, WorkspaceSymbolParams,
};
use inventory::{FileId, Span};

use super::analyse::Snapshot;
use super::capabilities::Client;
use super::carry::Carry;
use super::documents::{Document, Documents};
use super::index::Occurrence;
use super::position::Lines;
use super::{actions, completion, hints, hover, navigation, rename, symbols, uri};

/// The texts as they are now, and what the editor can.
pub(crate) struct View<'s> {
    documents: &'s Documents,
    pub(crate) client: &'s Client,
    /// Where the lines of each file start, once they were asked for.
    starts: RefCell<BTreeMap<PathBuf, Rc<[usize]>>>,
    /// What each open file has of the text that was analysed, by the addresses of that text.
    carries: RefCell<BTreeMap<(PathBuf, usize), Rc<Carry>>>,
}

impl<'s> View<'s> {
    pub(crate) fn new(documents: &'s Documents, client: &'s Client) -> Self {
        Self {
            documents,
            client,
            starts: RefCell::default(),
            carries: RefCell::default(),
        }
    }

    fn lines<'t>(&self, path: &Path, text: &'t str) -> Lines<'t> {
        if let Some(known) = self.starts.borrow().get(path) {
            return Lines::with_starts(text, self.client.encoding, Rc::clone(known));
        }
        let lines = Lines::new(text, self.client.encoding);
        self.starts
            .borrow_mut()
            .insert(path.to_owned(), lines.starts());
        lines
    }

    /// The open texts.
    pub(crate) fn open(&self) -> impl Iterator<Item = (&'s PathBuf, &'s Document)> {
        self.documents.iter()
    }

    /// Whether the syntax of the file of a place is known without the analysis.
    pub(crate) fn is_parsed(&self, snapshot: &Snapshot, at: Span) -> bool {
        let source = snapshot.sources.get(at.file);
        let document = source.and_then(|source| self.documents.get(source.path()));
        document.is_some_and(|document| document.errors.is_some())
    }

    /// The range of a place in a text.
    pub(crate) fn range(&self, path: &Path, text: &str, at: Span) -> Range {
        self.lines(path, text)
            .range(at.start as usize, at.end as usize)
    }

    /// The end of the line of a position in the text of a file as it is now.
    pub(crate) fn end_of_line(
        &self,
        snapshot: &Snapshot,
        file: FileId,
        at: Position,
    ) -> Option<Position> {
        let source = snapshot.sources.get(file)?;
        let path = source.path();
        let text = self
            .documents
            .get(path)
            .map_or(source.text(), |now| &now.text);
        let lines = self.lines(path, text);
        let end = Position {
            line: at.line,
            character: u32::MAX,
        };
        Some(lines.position(lines.offset(end)))
    }

    fn carry(&self, path: &Path, old: &Arc<str>, new: &str) -> Rc<Carry> {
        let key = (path.to_owned(), old.as_ptr().addr());
        if let Some(known) = self.carries.borrow().get(&key) {
            return Rc::clone(known);
        }
        let carry = Rc::new(Carry::between(old, new));
        self.carries.borrow_mut().insert(key, Rc::clone(&carry));
        carry
    }

    /// A place of an analysis as it is now; `None` if the text there has changed since.
    pub(crate) fn place(&self, snapshot: &Snapshot, at: Span) -> Option<(PathBuf, Range)> {
        self.placed(snapshot, at, Carry::to_new)
    }

    /// The same for a place that may have changed within, if both of its ends are there still.
    pub(crate) fn place_around(&self, snapshot: &Snapshot, at: Span) -> Option<(PathBuf, Range)> {
        self.placed(snapshot, at, Carry::around)
    }

    fn placed(
        &self,
        snapshot: &Snapshot,
        at: Span,
        carried: impl Fn(&Carry, usize, usize) -> Option<(usize, usize)>,
    ) -> Option<(PathBuf, Range)> {
        let source = snapshot.sources.get(at.file)?;
        let path = source.path();
        let (start, end) = (at.start as usize, at.end as usize);
        let range = match self.documents.get(path) {
            Some(now) if !Arc::ptr_eq(&now.text, source.text()) => {
                let carry = self.carry(path, source.text(), &now.text);
                let (start, end) = carried(&carry, start, end)?;
                self.lines(path, &now.text).range(start, end)
            }
            _ => self.lines(path, source.text()).range(start, end),
        };
        Some((path.to_owned(), range))
    }

    /// The same as a location.
    pub(crate) fn location(&self, snapshot: &Snapshot, at: Span) -> Option<Location> {
        let (path, range) = self.place(snapshot, at)?;
        Some(Location {
            uri: uri::of_path(&path),
            range,
        })
    }

    /// Where a position is in the text that was analysed; nothing if the text there is new.
    fn locate(
        &self,
        snapshot: &Snapshot,
        path: &Path,
        position: Position,
    ) -> Option<(FileId, usize)> {
        let file = snapshot.file(path)?;
        let source = snapshot.sources.get(file)?;
        let offset = match self.documents.get(path) {
            Some(now) => {
                let offset = self.lines(path, &now.text).offset(position);
                let carry = self.carry(path, source.text(), &now.text);
                carry.to_old(offset, offset)?.0
            }
            None => self.lines(path, source.text()).offset(position),
        };
        Some((file, offset))
    }
}

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
        let Some(document) = self.view.documents.get(&path) else {
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
