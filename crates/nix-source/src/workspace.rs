//! The workspace: the roots that evaluations may read, and what was read of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use flake_lock::Sources;
use nix_syntax::source::{FileId, FileKey, Root, SourceMap};
use nix_syntax::{SyntaxError, hir};
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use crate::contents::Contents;
use crate::file_kind::{FileKind, ReadError};
use crate::inputs::InputRoots;
use crate::normalise::{is_within, normalise};
use crate::parse_cache::{ParseCache, Tree};
use crate::read_ahead::Ahead;
use crate::root::OpenRoot;

/// SHA-256 of a content.
pub type Digest = [u8; 32];

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

pub(crate) type Parsed = Result<Arc<ParsedFile>, ReadError>;

/// Where something is, and its kind.
pub(crate) type Location = Result<(PathBuf, FileKind), ReadError>;

/// The directory that files of this program seem to be in.
pub const EMBEDDED: &str = "/«mcp-lint»";

/// The roots that evaluations may read. Shared by all threads; for an evaluation nothing in it
/// changes: what was read once stays as it is.
#[derive(Debug)]
pub struct Workspace {
    project: Arc<OpenRoot>,
    pub(crate) inputs: InputRoots,
    sources: Arc<SourceMap>,
    parsed: Mutex<FxHashMap<PathBuf, Parsed>>,
    /// Trees of the files of this program, parsed once for all evaluations.
    embedded: Mutex<FxHashMap<PathBuf, Arc<ParsedFile>>>,
    digests: Mutex<FxHashMap<FileId, Digest>>,
    pub(crate) contents: Contents,
    pub(crate) overlays: BTreeMap<PathBuf, Arc<str>>,
    pub(crate) overlays_read: Mutex<BTreeSet<PathBuf>>,
    /// Where directories really are.
    pub(crate) directories: Mutex<FxHashMap<PathBuf, Result<PathBuf, ReadError>>>,
    /// The entries of directories that were looked up, and their kinds, by normal path: as a whole it is
    /// hashed faster than part by part.
    pub(crate) entries: Mutex<FxHashMap<OsString, Location>>,
    pub(crate) ahead: Ahead,
    /// The files that evaluations asked for, whether they could be read or not, by normal path.
    evaluated: Mutex<BTreeSet<PathBuf>>,
    cache: Option<Arc<ParseCache>>,
    cancelled: Option<Arc<AtomicBool>>,
}

impl Workspace {
    /// Opens a workspace whose project is the directory `root`.
    ///
    /// # Errors
    ///
    /// If the root is not a directory that can be read.
    pub fn open(root: &Path) -> std::io::Result<Self> {
        Ok(Self {
            project: Arc::new(OpenRoot::open(Root::Project, root)?),
            inputs: InputRoots::default(),
            sources: Arc::new(SourceMap::new()),
            parsed: Mutex::default(),
            embedded: Mutex::default(),
            digests: Mutex::default(),
            contents: Contents::default(),
            overlays: BTreeMap::new(),
            overlays_read: Mutex::default(),
            directories: Mutex::default(),
            entries: Mutex::default(),
            ahead: Ahead::default(),
            evaluated: Mutex::default(),
            cache: None,
            cancelled: None,
        })
    }

    /// The same workspace with other text for a file: an editor's buffer, standard input.
    #[must_use]
    pub fn with_overlay(mut self, path: PathBuf, text: Arc<str>) -> Self {
        self.overlays.insert(path, text);
        self
    }

    /// The overlays that were read so far: a change of any other one changes nothing of what was found.
    #[must_use]
    pub fn overlays_read(&self) -> BTreeSet<PathBuf> {
        let read = { self.overlays_read.lock() }.unwrap_or_else(PoisonError::into_inner);
        read.clone()
    }

    /// The same workspace, which takes its trees from a cache and adds to it.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<ParseCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// The same workspace, whose evaluations end soon after the flag is set. What it found by then means
    /// nothing.
    #[must_use]
    pub fn with_cancellation(mut self, cancelled: Arc<AtomicBool>) -> Self {
        self.cancelled = Some(cancelled);
        self
    }

    /// The same workspace, whose inputs may be read where their sources are found.
    #[must_use]
    pub fn with_inputs(mut self, sources: Arc<Sources>) -> Self {
        self.inputs = InputRoots::new(sources);
        self
    }

    /// Whether the evaluation should end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        let flag = self.cancelled.as_ref();
        flag.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// The project's directory: absolute, without symbolic links.
    #[must_use]
    pub fn project_root(&self) -> &Path {
        &self.project.path
    }

    /// The root that an absolute path without links is in; `None` if no root may be read there.
    pub(crate) fn root_of(&self, path: &Path) -> Option<Arc<OpenRoot>> {
        match is_within(path, &self.project.path) {
            true => Some(Arc::clone(&self.project)),
            false => self.inputs.root_of(path),
        }
    }

    /// Whether an absolute path is that of a root itself.
    #[must_use]
    pub fn is_root(&self, path: &Path) -> bool {
        { self.root_of(path) }.is_some_and(|root| root.relative(path) == Some(Path::new("")))
    }

    /// Every file read so far.
    #[must_use]
    pub const fn sources(&self) -> &Arc<SourceMap> {
        &self.sources
    }

    /// What became of a file that evaluations or others asked for as Nix; `None` if nobody did.
    pub(crate) fn parsed_as(&self, path: &Path) -> Option<Parsed> {
        let parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        parsed.get(path).cloned()
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

    /// The Nix files that evaluations asked for, whether they could be read or not. What else was parsed was
    /// only inspected.
    #[must_use]
    pub fn evaluated_files(&self) -> BTreeSet<PathBuf> {
        let evaluated = self.evaluated.lock();
        evaluated.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a file among those that evaluations asked for.
    pub(crate) fn add_evaluated(&self, path: &Path) {
        let evaluated = self.evaluated.lock();
        let mut evaluated = evaluated.unwrap_or_else(PoisonError::into_inner);
        evaluated.insert(normalise(path));
    }

    /// Root and path of an absolute path, whether there is a file or not.
    #[must_use]
    pub fn key(&self, path: &Path) -> FileKey {
        let (root, relative) = match (self.root_of(path), path.strip_prefix(EMBEDDED)) {
            (Some(root), _) => (root.root.clone(), root.relative(path).unwrap_or(path)),
            (None, Ok(name)) => (Root::Embedded, name),
            (None, Err(_)) => (Root::Project, path),
        };
        let relative = relative.to_owned();
        FileKey { root, relative }
    }

    /// The absolute path of a file; `None` if its root is not open.
    #[must_use]
    pub fn path(&self, file: &FileKey) -> Option<PathBuf> {
        match &file.root {
            Root::Project => Some(self.project.path.join(&file.relative)),
            Root::Embedded => Some(Path::new(EMBEDDED).join(&file.relative)),
            Root::Input(name) => Some(self.inputs.root_named(name)?.path.join(&file.relative)),
        }
    }

    /// SHA-256 of a parsed file's text, made once for all evaluations.
    pub(crate) fn digest(&self, file: &ParsedFile) -> Digest {
        let lock = || self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&file.id) {
            return *known;
        }
        let source = self.sources.get(file.id);
        let text = source.as_ref().map_or("", |source| source.text());
        let digest = self.digest_of(&file.path, text.as_bytes());
        lock().insert(file.id, digest);
        digest
    }

    /// SHA-256 of the content of a Nix file, which is made once for each text if trees are kept.
    pub(crate) fn digest_of(&self, path: &Path, bytes: &[u8]) -> Digest {
        let known = self.cache.as_ref();
        let known = known.and_then(|cache| cache.digest(path, bytes));
        known.unwrap_or_else(|| Sha256::digest(bytes).into())
    }

    /// Keeps the text of a file, so that places in it can be shown.
    pub fn add_source(&self, path: &Path, text: Arc<str>) -> FileId {
        let key = self.key(path);
        let id = FileId::new(&key.root, &key.relative);
        self.sources.add(id, path.to_owned(), text);
        id
    }

    /// A path relative to the project with `/`; `input:path` in an input; the whole path elsewhere.
    #[must_use]
    pub fn display(&self, path: &Path) -> String {
        if let Some(shown) = self.display_in_input(path) {
            return shown;
        }
        let shown = self.project.relative(path).unwrap_or(path);
        if shown.as_os_str().is_empty() {
            ".".to_owned()
        } else {
            shown.display().to_string()
        }
    }

    /// A Nix file, parsed once.
    ///
    /// # Errors
    ///
    /// If it cannot be read; syntax errors are in the parsed file.
    pub fn parse(&self, path: &Path) -> Parsed {
        let path = normalise(path);
        if let Some(known) = self.parsed_as(&path) {
            return known;
        }
        let read = match self.ahead.take(&path) {
            Some(read) => read,
            None => self.read_and_parse(&path),
        };
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

    /// A file of this program, by its name below [`EMBEDDED`].
    #[must_use]
    pub fn parse_embedded(&self, name: &str, text: &str) -> Arc<ParsedFile> {
        let path = Path::new(EMBEDDED).join(name);
        let lock = || self.embedded.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |file: &&Arc<ParsedFile>| {
            { self.sources.get(file.id) }.is_some_and(|source| **source.text() == *text)
        };
        if let Some(known) = lock().get(&path).filter(is_same) {
            return Arc::clone(known);
        }
        let tree = self.tree(&path, text.to_owned());
        let parsed = Arc::new(self.parsed_file(&path, tree));
        lock().insert(path, Arc::clone(&parsed));
        parsed
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
