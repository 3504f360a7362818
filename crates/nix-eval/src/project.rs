//! The project on disk: what an evaluation may read, and nothing else.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nix_syntax::source::{FileId, SourceMap};
use nix_syntax::{SyntaxError, hir};
use rustc_hash::FxHashMap;

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

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// It lies outside the project root, after following symbolic links.
    Outside,
    /// It is not there.
    Missing,
    /// It is a directory, a device, a pipe, …
    NotAFile,
    /// It is larger than [`MAX_FILE_SIZE`].
    TooLarge,
    /// It is not UTF-8; the first bad byte's offset.
    NotUtf8(usize),
    /// The operating system said no.
    Io(String),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Outside => f.write_str("it lies outside the project"),
            Self::Missing => f.write_str("it does not exist"),
            Self::NotAFile => f.write_str("it is not a regular file"),
            Self::TooLarge => write!(f, "it is larger than {} MiB", MAX_FILE_SIZE >> 20),
            Self::NotUtf8(at) => write!(f, "it is not UTF-8 (byte {at})"),
            Self::Io(message) => f.write_str(message),
        }
    }
}

/// What a directory entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Anything else.
    Unknown,
}

impl FileKind {
    /// As `builtins.readDir` names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Directory => "directory",
            Self::Symlink => "symlink",
            Self::Unknown => "unknown",
        }
    }
}

impl From<std::fs::FileType> for FileKind {
    fn from(kind: std::fs::FileType) -> Self {
        if kind.is_symlink() {
            Self::Symlink
        } else if kind.is_dir() {
            Self::Directory
        } else if kind.is_file() {
            Self::Regular
        } else {
            Self::Unknown
        }
    }
}

/// Trees of earlier runs, for a program that looks at the same files again and again. A tree is used for a
/// file of the same path whose text is the same, byte for byte.
#[derive(Debug, Default)]
pub struct ParseCache {
    files: Mutex<FxHashMap<PathBuf, Tree>>,
    parsed: AtomicUsize,
}

#[derive(Debug, Clone)]
struct Tree {
    text: Arc<str>,
    hir: Arc<hir::File>,
    errors: Vec<SyntaxError>,
}

impl Tree {
    fn of(text: Arc<str>) -> Self {
        let nix_syntax::Parsed { file, errors } = nix_syntax::parse(&text);
        let hir = Arc::new(file);
        Self { text, hir, errors }
    }
}

impl ParseCache {
    /// How many texts were parsed because no tree was known for them.
    #[must_use]
    pub fn parsed(&self) -> usize {
        self.parsed.load(Ordering::Relaxed)
    }

    fn tree(&self, path: &Path, text: String) -> Tree {
        let files = || self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = files().get(path)
            && *known.text == *text
        {
            return known.clone();
        }
        self.parsed.fetch_add(1, Ordering::Relaxed);
        let tree = Tree::of(Arc::from(text));
        files().insert(path.to_owned(), tree.clone());
        tree
    }
}

type Parsed = Result<Arc<ParsedFile>, ReadError>;

/// A project: a root directory that is read, and never left. Shared by all threads.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
    sources: Arc<SourceMap>,
    parsed: Mutex<FxHashMap<PathBuf, Parsed>>,
    overlays: BTreeMap<PathBuf, Arc<str>>,
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

    /// Where `path` really is, if that is inside the root.
    ///
    /// # Errors
    ///
    /// Where it is missing or outside.
    pub fn resolve(&self, path: &Path) -> Result<PathBuf, ReadError> {
        let path = normalise(path);
        if !path.starts_with(&self.root) {
            return Err(ReadError::Outside);
        }
        let real = path.canonicalize().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => ReadError::Missing,
            _ => ReadError::Io(error.to_string()),
        })?;
        if real.starts_with(&self.root) {
            Ok(real)
        } else {
            Err(ReadError::Outside)
        }
    }

    /// What lies at `path`; nothing if it is missing.
    ///
    /// # Errors
    ///
    /// Where it lies outside, or cannot be looked at.
    pub fn kind(&self, path: &Path) -> Result<Option<FileKind>, ReadError> {
        if self.overlays.contains_key(path) {
            return Ok(Some(FileKind::Regular));
        }
        match self.resolve(path) {
            Ok(real) => match std::fs::metadata(&real) {
                Ok(metadata) => Ok(Some(metadata.file_type().into())),
                Err(error) => Err(ReadError::Io(error.to_string())),
            },
            Err(ReadError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What lies at `path` itself: a symbolic link is one, wherever it leads. Nothing if it is
    /// missing.
    ///
    /// # Errors
    ///
    /// Where it lies outside, or cannot be looked at.
    pub fn entry_kind(&self, path: &Path) -> Result<Option<FileKind>, ReadError> {
        let path = normalise(path);
        if self.overlays.contains_key(&path) {
            return Ok(Some(FileKind::Regular));
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(ReadError::Outside);
        };
        // The root's parent is outside the project; the root itself is not a link.
        if path == self.root {
            return self.kind(&path);
        }
        let entry = match self.resolve(parent) {
            Ok(parent) => parent.join(name),
            Err(ReadError::Missing) => return Ok(None),
            Err(error) => return Err(error),
        };
        match std::fs::symlink_metadata(&entry) {
            Ok(metadata) => Ok(Some(metadata.file_type().into())),
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(ReadError::Io(error.to_string())),
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
        let real = self.resolve(path)?;
        let io = |error: std::io::Error| ReadError::Io(error.to_string());
        // The kind first: opening a pipe would wait for its writer.
        if !std::fs::metadata(&real).map_err(io)?.is_file() {
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
        let real = self.resolve(path)?;
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
        let result = self
            .read_text(&path)
            .map(|text| match &self.cache {
                Some(cache) => self.parsed_file(&path, cache.tree(&path, text)),
                None => self.parse_text(&path, text),
            })
            .map(Arc::new);
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been faster: every thread must see one tree.
        parsed.entry(path).or_insert(result).clone()
    }

    /// Parses text that is not on disk (`mcp-lint eval -E`), as if it stood in a file `path`.
    #[must_use]
    pub fn parse_text(&self, path: &Path, text: String) -> ParsedFile {
        self.parsed_file(path, Tree::of(Arc::from(text)))
    }

    fn parsed_file(&self, path: &Path, tree: Tree) -> ParsedFile {
        ParsedFile {
            id: self.sources.add(path.to_owned(), tree.text),
            path: path.to_owned(),
            hir: tree.hir,
            errors: tree.errors,
        }
    }
}

impl Ord for FileKind {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name().cmp(other.name())
    }
}

impl PartialOrd for FileKind {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// An absolute path without `.`, `..` and doubled slashes, lexically, as Nix does it.
#[must_use]
pub fn normalise(path: &Path) -> PathBuf {
    let mut normal = PathBuf::from("/");
    for component in path.components() {
        match component {
            Component::Normal(name) => normal.push(name),
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    normal
}
