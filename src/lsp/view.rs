//! What requests are answered from: the texts as they are now, beside those that were analysed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use gen_lsp_types::{Location, Position, Range};
use inventory::{FileId, Span};

use super::analyse::Snapshot;
use super::capabilities::Client;
use super::carry::Carry;
use super::documents::{Document, Documents};
use super::position::Lines;
use super::uri;

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

    /// The lines of the text of a file, found once.
    pub(crate) fn lines<'t>(&self, path: &Path, text: &'t str) -> Lines<'t> {
        if let Some(known) = self.starts.borrow().get(path) {
            return Lines::with_starts(text, self.client.encoding, Rc::clone(known));
        }
        let lines = Lines::new(text, self.client.encoding);
        self.starts
            .borrow_mut()
            .insert(path.to_owned(), lines.starts());
        lines
    }

    /// The text of a file, if it is open.
    pub(crate) fn document(&self, path: &Path) -> Option<&'s Document> {
        self.documents.get(path)
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
    pub(crate) fn locate(
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
