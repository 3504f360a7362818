//! Parsing files on another thread before evaluation asks for them: those that a parsed file names.
//!
//! Only the text and the tree are made ahead. What is given to evaluation, and in which order, does
//! not depend on how fast the threads are.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rustc_hash::FxHashMap;

use crate::file_kind::ReadError;
use crate::named_files::named_files;
use crate::parse_cache::Tree;
use crate::workspace::Workspace;

/// How many files are parsed ahead at most.
const MAX_FILES: usize = 20_000;

/// A file's text and tree.
pub(crate) type Read = Result<Tree, ReadError>;

/// How far a file is.
#[derive(Debug)]
enum Progress {
    Queued,
    Running,
    Done(Box<Read>),
    /// Evaluation has it, or parses it itself.
    Taken,
}

/// What is parsed ahead.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whether a thread is there to parse.
    is_running: bool,
    queue: VecDeque<PathBuf>,
    progress: FxHashMap<PathBuf, Progress>,
}

impl Ahead {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what was made of a file, waiting for it if it is being parsed; nothing if the caller
    /// must parse it.
    pub(crate) fn take(&self, path: &Path) -> Option<Read> {
        let mut state = self.lock();
        loop {
            if !state.is_running && state.progress.is_empty() {
                return None;
            }
            match state.progress.get(path) {
                Some(Progress::Running) => {}
                _ => {
                    let before = state.progress.insert(path.to_owned(), Progress::Taken);
                    return match before {
                        Some(Progress::Done(read)) => Some(*read),
                        _ => None,
                    };
                }
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn enqueue(&self, paths: Vec<PathBuf>) {
        let mut state = self.lock();
        for path in paths {
            if state.progress.len() < MAX_FILES && !state.progress.contains_key(&path) {
                state.progress.insert(path.clone(), Progress::Queued);
                state.queue.push_back(path);
            }
        }
        self.changed.notify_all();
    }

    /// The next file to parse, once there is one; nothing when there is no more need.
    fn next(&self) -> Option<PathBuf> {
        let mut state = self.lock();
        loop {
            if !state.is_running {
                return None;
            }
            while let Some(path) = state.queue.pop_front() {
                if let Some(progress @ Progress::Queued) = state.progress.get_mut(&path) {
                    *progress = Progress::Running;
                    return Some(path);
                }
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn finish(&self, path: &Path, progress: Progress) {
        self.lock().progress.insert(path.to_owned(), progress);
        self.changed.notify_all();
    }
}

/// Says that a file is not being parsed any more, even if parsing it panics.
struct Running<'a> {
    ahead: &'a Ahead,
    path: &'a Path,
    read: Option<Read>,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let progress = match self.read.take() {
            Some(read) => Progress::Done(Box::new(read)),
            None => Progress::Taken,
        };
        self.ahead.finish(self.path, progress);
    }
}

/// Files are parsed ahead for as long as this is there.
#[derive(Debug)]
pub struct ReadAhead {
    workspace: Arc<Workspace>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for ReadAhead {
    fn drop(&mut self) {
        {
            let mut state = self.workspace.ahead.lock();
            state.is_running = false;
            state.queue.clear();
        }
        self.workspace.ahead.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic over there was met here, too, where the file was needed.
            let _ = thread.join();
        }
        self.workspace.ahead.lock().progress.clear();
    }
}

impl Workspace {
    /// Parses these files, and what they name, on another thread until the result is dropped.
    /// Without a second processor nothing is parsed ahead.
    #[must_use]
    pub fn read_ahead(self: &Arc<Self>, files: Vec<PathBuf>) -> ReadAhead {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let mut thread = None;
        if processors > 1 {
            self.ahead.lock().is_running = true;
            self.ahead.enqueue(files);
            let workspace = Arc::clone(self);
            let builder = std::thread::Builder::new().name("parse".to_owned());
            thread = builder.spawn(move || workspace.parse_queue()).ok();
            self.ahead.lock().is_running = thread.is_some();
        }
        ReadAhead {
            workspace: Arc::clone(self),
            thread,
        }
    }

    fn parse_queue(&self) {
        while let Some(path) = self.ahead.next() {
            let mut running = Running {
                ahead: &self.ahead,
                path: &path,
                read: None,
            };
            running.read = Some(self.read_and_parse(&path));
        }
    }

    /// Reads and parses a file, and has parsed what it names.
    pub(crate) fn read_and_parse(&self, path: &Path) -> Read {
        let text = crate::read::text(self.read_now(path)?)?;
        let tree = self.tree(path, text);
        // Little of an input is evaluated.
        if path.starts_with(self.project_root()) && self.ahead.lock().is_running {
            self.ahead.enqueue(named_files(path, &tree.hir));
        }
        Ok(tree)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::Workspace;

    #[test]
    fn what_was_parsed_ahead_is_what_would_have_been_parsed() {
        let directory = tempfile::tempdir().expect("a folder");
        let count = 200;
        for number in 0..count {
            let text = format!("[ ./m{}.nix ./missing.nix {number} ]", number + 1);
            std::fs::write(directory.path().join(format!("m{number}.nix")), text).expect("a file");
        }
        let parse_all = |is_ahead: bool| {
            let workspace = Arc::new(Workspace::open(directory.path()).expect("a workspace"));
            let root = workspace.project_root().to_owned();
            let first = vec![root.join("m0.nix")];
            let _ahead = is_ahead.then(|| workspace.read_ahead(first));
            // The end first, which the other thread comes to last.
            (0..count)
                .rev()
                .map(|number| {
                    let path = root.join(format!("m{number}.nix"));
                    let parsed = workspace.parse(&path).expect("it is there");
                    (parsed.id, parsed.hir.clone())
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(parse_all(true), parse_all(false));
    }
}
