//! The project on disk: what an evaluation may read, and nothing else.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nix_syntax::source::{FileId, SourceMap};
use nix_syntax::{SyntaxError, hir};
use rustc_hash::FxHashMap;

use crate::file_kind::{FileKind, ReadError};
use crate::parse_cache::{ParseCache, Tree};
use crate::read_ahead::Ahead;
use crate::resolve::normalise;

/// The largest file that is read, in bytes.
pub const MAX_FILE_SIZE: u64 = 64 << 20;

/// A parsed Nix file, shared by all threads.
#[derive(Debug)]
pub struct ParsedFile {
    /// Its id in the source map.
    pub id: FileId,
    /// Its absolute path.
    pub path: PathBuf,
    /// The lowered tree.
    pub hir: Arc<hir::File>,
    /// What is wrong with its text.
    pub errors: Vec<SyntaxError>,
}

type Parsed = Result<Arc<ParsedFile>, ReadError>;

/// Where something is, and what it is.
pub(crate) type Place = Result<(PathBuf, FileKind), ReadError>;

/// A project: a root directory that is read, and never left. Shared by all threads.
#[derive(Debug)]
pub struct Project {
    pub(crate) root: PathBuf,
    sources: Arc<SourceMap>,
    parsed: Mutex<FxHashMap<PathBuf, Parsed>>,
    pub(crate) overlays: BTreeMap<PathBuf, Arc<str>>,
    /// Where directories really are.
    pub(crate) directories: Mutex<FxHashMap<PathBuf, Result<PathBuf, ReadError>>>,
    /// The entries of directories that were looked up, and what they are.
    pub(crate) entries: Mutex<FxHashMap<PathBuf, Place>>,
    pub(crate) ahead: Ahead,
    cache: Option<Arc<ParseCache>>,
    cancelled: Option<Arc<AtomicBool>>,
}

impl Project {
    /// The project at `root`, which must exist.
    ///
    /// # Errors
    ///
    /// Where the root cannot be resolved.
    pub fn new(root: &Path) -> std::io::Result<Self> {
        Ok(Self {
            root: root.canonicalize()?,
            sources: Arc::new(SourceMap::new()),
            parsed: Mutex::default(),
            overlays: BTreeMap::new(),
            directories: Mutex::default(),
            entries: Mutex::default(),
            ahead: Ahead::default(),
            cache: None,
            cancelled: None,
        })
    }

    /// The same project with other text for a file: an editor's buffer, standard input.
    #[must_use]
    pub fn with_overlay(mut self, path: PathBuf, text: Arc<str>) -> Self {
        self.overlays.insert(path, text);
        self
    }

    /// The same project, which takes its trees from a cache and adds to it.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<ParseCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// The same project, whose evaluation ends soon after the flag is set. What it found by then means
    /// nothing.
    #[must_use]
    pub fn with_cancellation(mut self, cancelled: Arc<AtomicBool>) -> Self {
        self.cancelled = Some(cancelled);
        self
    }

    /// Whether the evaluation should end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        let flag = self.cancelled.as_ref();
        flag.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// The root: absolute, without symbolic links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every file read so far.
    #[must_use]
    pub const fn sources(&self) -> &Arc<SourceMap> {
        &self.sources
    }

    /// The Nix files parsed so far, sorted by path.
    #[must_use]
    pub fn parsed_files(&self) -> Vec<Arc<ParsedFile>> {
        let parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<_> = parsed
            .values()
            .filter_map(|file| file.as_ref().ok())
            .cloned()
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// The Nix files that could not be read, sorted by path.
    #[must_use]
    pub fn unreadable_files(&self) -> Vec<(PathBuf, ReadError)> {
        let parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<_> = parsed
            .iter()
            .filter_map(|(path, file)| Some((path.clone(), file.as_ref().err()?.clone())))
            .collect();
        files.sort_by(|a, b| a.0.cmp(&b.0));
        files
    }

    /// The handle of the file at an absolute path, whether it exists or not.
    #[must_use]
    pub fn file_id(&self, path: &Path) -> FileId {
        FileId::in_project(path.strip_prefix(&self.root).unwrap_or(path))
    }

    /// Keeps the text of a file, so that places in it can be shown.
    pub fn add_source(&self, path: &Path, text: Arc<str>) -> FileId {
        let id = self.file_id(path);
        self.sources.add(id, path.to_owned(), text);
        id
    }

    /// A path relative to the root with `/`, or the whole path outside it.
    #[must_use]
    pub fn display(&self, path: &Path) -> String {
        let shown = path.strip_prefix(&self.root).unwrap_or(path);
        if shown.as_os_str().is_empty() {
            ".".to_owned()
        } else {
            shown.display().to_string()
        }
    }

    /// The bytes of a file of the project.
    ///
    /// # Errors
    ///
    /// As [`ReadError`] says.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        if let Some(text) = self.overlays.get(path) {
            return Ok(text.as_bytes().to_vec());
        }
        let (real, kind) = self.place(path)?;
        let io = |error: std::io::Error| ReadError::Io(error.to_string());
        // The kind first: opening a pipe would wait for its writer.
        if kind != FileKind::Regular {
            return Err(ReadError::NotAFile);
        }
        let file = std::fs::File::open(&real).map_err(io)?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE_SIZE + 1)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        if bytes.len() as u64 > MAX_FILE_SIZE {
            Err(ReadError::TooLarge)
        } else {
            Ok(bytes)
        }
    }

    /// The text of a file of the project.
    ///
    /// # Errors
    ///
    /// As [`ReadError`] says.
    pub fn read_text(&self, path: &Path) -> Result<String, ReadError> {
        String::from_utf8(self.read(path)?)
            .map_err(|error| ReadError::NotUtf8(error.utf8_error().valid_up_to()))
    }

    /// The entries of a directory of the project, sorted by name.
    ///
    /// # Errors
    ///
    /// As [`ReadError`] says; names that are not UTF-8 are left out.
    pub fn read_directory(&self, path: &Path) -> Result<Vec<(String, FileKind)>, ReadError> {
        let (real, _) = self.place(path)?;
        let io = |error: std::io::Error| ReadError::Io(error.to_string());
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(real).map_err(io)? {
            let entry = entry.map_err(io)?;
            let kind = entry.file_type().map_err(io)?.into();
            if let Ok(name) = entry.file_name().into_string() {
                entries.push((name, kind));
            }
        }
        entries.sort();
        Ok(entries)
    }

    /// A Nix file, parsed once.
    ///
    /// # Errors
    ///
    /// As [`ReadError`] says; syntax errors are in the parsed file.
    pub fn parse(&self, path: &Path) -> Parsed {
        let path = normalise(path);
        {
            let parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = parsed.get(&path) {
                return known.clone();
            }
        }
        let read = match self.ahead.take(&path) {
            Some(read) => read,
            None => self.read_and_parse(&path),
        };
        // The id is given here and not where the file was parsed, so that ids do not depend on
        // which thread was faster.
        let result = read.map(|tree| Arc::new(self.parsed_file(&path, tree)));
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been faster: every thread must see one tree.
        parsed.entry(path).or_insert(result).clone()
    }

    /// Parses text that is not on disk (`mcp-lint eval -E`), as if it stood in a file `path`.
    #[must_use]
    pub fn parse_text(&self, path: &Path, text: String) -> ParsedFile {
        self.parsed_file(path, Tree::of(Arc::from(text)))
    }

    /// The tree of a text, parsed unless it is known.
    pub(crate) fn tree(&self, path: &Path, text: String) -> Tree {
        match &self.cache {
            Some(cache) => cache.tree(path, text),
            None => Tree::of(Arc::from(text)),
        }
    }

    fn parsed_file(&self, path: &Path, tree: Tree) -> ParsedFile {
        ParsedFile {
            id: self.add_source(path, tree.text),
            path: path.to_owned(),
            hir: tree.hir,
            errors: tree.errors,
        }
    }
}
