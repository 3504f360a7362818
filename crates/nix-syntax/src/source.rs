//! Source files and places in them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

/// A half-open range of bytes in one file's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TextSpan {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl TextSpan {
    /// The span from `start` up to, but not including, `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// This span in `file`.
    #[must_use]
    pub const fn in_file(self, file: FileId) -> Span {
        Span {
            file,
            start: self.start,
            end: self.end,
        }
    }
}

/// A file of a [`SourceMap`]. Ids are dense and start at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open range of bytes in a file of a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes, without the file.
    #[must_use]
    pub const fn text(self) -> TextSpan {
        TextSpan {
            start: self.start,
            end: self.end,
        }
    }
}

/// A line and a column, both from 1; the column counts characters (Unicode scalar values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// One file's text, with its line starts.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
}

impl Source {
    /// A source named `path`.
    #[must_use]
    pub fn new(path: PathBuf, text: Arc<str>) -> Self {
        Self {
            path,
            text,
            line_starts: OnceLock::new(),
        }
    }

    /// The path as it was given to [`SourceMap::add`].
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let newlines = self
                .text
                .bytes()
                .enumerate()
                .filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0)
                .chain(newlines.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)))
                .collect()
        })
    }

    /// The bytes of a line, counted from 1, without its line feed; nothing past the last line.
    #[must_use]
    pub fn line_range(&self, line: u32) -> Option<std::ops::Range<usize>> {
        let starts = self.line_starts();
        let index = (line as usize).checked_sub(1)?;
        let start = *starts.get(index)? as usize;
        let next = starts.get(index + 1).map(|next| *next as usize - 1);
        Some(start..next.unwrap_or(self.text.len()))
    }

    /// The line and column of a byte offset; an offset past the end is the end.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let starts = self.line_starts();
        let line = starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = starts.get(line).copied().unwrap_or(0) as usize;
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let column = self
            .text
            .get(start..end)
            .map_or(0, |text| text.chars().count());
        LineColumn {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }
}

/// Every file that a run has read, Nix or not, shared by all threads. A path is added once.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Mutex<Sources>,
}

/// The files of a map, by id and by path.
#[derive(Debug, Default)]
struct Sources {
    by_id: Vec<Arc<Source>>,
    by_path: FxHashMap<PathBuf, FileId>,
}

impl SourceMap {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, or gives the id it already has under that path.
    pub fn add(&self, path: PathBuf, text: Arc<str>) -> FileId {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let Sources { by_id, by_path } = &mut *files;
        *by_path.entry(path).or_insert_with_key(|path| {
            let id = FileId(u32::try_from(by_id.len()).unwrap_or(u32::MAX));
            by_id.push(Arc::new(Source::new(path.clone(), text)));
            id
        })
    }

    /// The file with that id, if there is one.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<Arc<Source>> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.by_id.get(id.0 as usize).cloned()
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .by_id
            .len()
    }

    /// Whether there is no file yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
