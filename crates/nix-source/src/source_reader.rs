//! The door through which one evaluation reads the workspace.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use flake_lock::{NodeId, NotFound, Pin};
use nix_syntax::source::FileId;

use crate::file_kind::{FileKind, ReadError};
use crate::inputs::InputPlace;
use crate::read_log::{InputQuestion, Observation, ReadLog, Subject};
use crate::workspace::{ParsedFile, Workspace};

/// Reads a workspace for one evaluation, and keeps a log of it if that is wanted.
#[derive(Debug, Clone)]
pub struct SourceReader {
    workspace: Arc<Workspace>,
    log: Option<Rc<RefCell<ReadLog>>>,
    /// Whether what it parses counts as evaluated: see [`Workspace::evaluated_files`].
    counts: bool,
}

impl SourceReader {
    /// A reader without a log.
    #[must_use]
    pub const fn new(workspace: Arc<Workspace>) -> Self {
        Self {
            workspace,
            log: None,
            counts: true,
        }
    }

    /// A reader that logs every question and answer.
    #[must_use]
    pub fn logging(workspace: Arc<Workspace>) -> Self {
        Self {
            workspace,
            log: Some(Rc::default()),
            counts: true,
        }
    }

    /// Counts no more files as evaluated: what is evaluated from now on is no configuration's.
    pub const fn stop_counting(&mut self) {
        self.counts = false;
    }

    /// The workspace. What is read of it directly is not logged: texts of files that were read,
    /// names, the roots.
    #[must_use]
    pub const fn workspace(&self) -> &Arc<Workspace> {
        &self.workspace
    }

    /// Takes the log; empty without one.
    #[must_use]
    pub fn take_log(&self) -> ReadLog {
        self.log.as_ref().map(|log| log.take()).unwrap_or_default()
    }

    /// As [`Workspace::read`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let read = self.workspace.read(path);
        self.record(path, Subject::Content, &read, |bytes| {
            Observation::of_bytes(bytes)
        });
        read
    }

    /// As [`Workspace::read_text`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn read_text(&self, path: &Path) -> Result<String, ReadError> {
        crate::read::text(self.read(path)?)
    }

    /// As [`Workspace::read_text`], of a file in which places are shown.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn read_source(&self, path: &Path) -> Result<(FileId, Arc<str>), ReadError> {
        let read = self.workspace.read(path);
        self.record(path, Subject::Text, &read, |bytes| {
            Observation::of_bytes(bytes)
        });
        let text: Arc<str> = crate::read::text(read?)?.into();
        let id = self.workspace.add_source(path, Arc::clone(&text));
        Ok((id, text))
    }

    /// As [`Workspace::parse`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn parse(&self, path: &Path) -> Result<Arc<ParsedFile>, ReadError> {
        if self.counts {
            self.workspace.add_evaluated(path);
        }
        self.inspect(path)
    }

    /// As [`Workspace::parse`], of a file that does not count as evaluated.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn inspect(&self, path: &Path) -> Result<Arc<ParsedFile>, ReadError> {
        let parsed = self.workspace.parse(path);
        if self.log.is_none() {
            return parsed;
        }
        // The content is what counts of a file that is not UTF-8, or locked.
        if let Err(ReadError::NotUtf8(_) | ReadError::Encrypted(_)) = parsed {
            let read = self.workspace.read(path);
            self.record(path, Subject::Tree, &read, |bytes| {
                Observation::of_bytes(bytes)
            });
        } else {
            self.record(path, Subject::Tree, &parsed, |file| {
                Observation::Hash(self.workspace.digest(file))
            });
        }
        parsed
    }

    /// As [`Workspace::kind`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn kind(&self, path: &Path) -> Result<Option<FileKind>, ReadError> {
        let kind = self.workspace.kind(path);
        self.record(path, Subject::Kind, &kind, |kind| {
            Observation::of_kind(*kind)
        });
        kind
    }

    /// As [`Workspace::entry_kind`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn entry_kind(&self, path: &Path) -> Result<Option<FileKind>, ReadError> {
        let kind = self.workspace.entry_kind(path);
        self.record(path, Subject::EntryKind, &kind, |kind| {
            Observation::of_kind(*kind)
        });
        kind
    }

    /// As [`Workspace::read_directory`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn read_directory(&self, path: &Path) -> Result<Vec<(String, FileKind)>, ReadError> {
        let entries = self.workspace.read_directory(path);
        self.record(path, Subject::Entries, &entries, |entries| {
            Observation::of_entries(entries)
        });
        entries
    }

    /// As [`Workspace::open_input`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open_input(&self, node: NodeId) -> Result<InputPlace, NotFound> {
        self.record_input(|| InputQuestion::Node(node));
        self.workspace.open_input(node)
    }

    /// As [`Workspace::open_unlocked_input`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open_unlocked_input(&self, path: &[&str]) -> Result<InputPlace, NotFound> {
        let question = || path.iter().map(|name| (*name).to_owned()).collect();
        self.record_input(|| InputQuestion::Unlocked(question()));
        self.workspace.open_unlocked_input(path)
    }

    /// As [`Workspace::open_pin`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open_pin(&self, pin: &Pin) -> Result<PathBuf, NotFound> {
        self.record_input(|| InputQuestion::Pin(pin.clone()));
        self.workspace.open_pin(pin)
    }

    fn record_input(&self, question: impl FnOnce() -> InputQuestion) {
        if let Some(log) = &self.log {
            log.borrow_mut().record_input(question());
        }
    }

    fn record<T>(
        &self,
        path: &Path,
        subject: Subject,
        result: &Result<T, ReadError>,
        seen: impl FnOnce(&T) -> Observation,
    ) {
        if let Some(log) = &self.log {
            let seen = match result {
                Ok(value) => seen(value),
                Err(error) => Observation::of_error(error),
            };
            let file = self.workspace.key(path);
            log.borrow_mut().record(file, subject, seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (tempfile::TempDir, PathBuf) {
        let place = tempfile::tempdir().expect("a folder");
        let root = place.path().canonicalize().expect("a folder");
        std::fs::create_dir(root.join("hosts")).expect("a folder");
        for (name, text) in [("a.nix", "1"), ("data.json", "{}"), ("hosts/b.nix", "2")] {
            std::fs::write(root.join(name), text).expect("a file");
        }
        (place, root)
    }

    /// Asks one of each.
    fn evaluate(root: &Path) -> ReadLog {
        let workspace = Arc::new(Workspace::open(root).expect("a workspace"));
        let reader = SourceReader::logging(workspace);
        reader.parse(&root.join("a.nix")).expect("a file");
        reader.parse(&root.join("none.nix")).expect_err("no file");
        reader.read(&root.join("data.json")).expect("a file");
        reader.read(Path::new("/etc/passwd")).expect_err("outside");
        reader.read_directory(&root.join("hosts")).expect("entries");
        reader.kind(&root.join("optional.nix")).expect("nothing");
        reader.entry_kind(&root.join("hosts")).expect("a kind");
        reader.take_log()
    }

    #[test]
    fn the_log_has_every_question() {
        let (_place, root) = made();
        let log = evaluate(&root);
        let shown: Vec<_> = { log.iter() }
            .map(|(file, subject, seen)| {
                let seen = match seen {
                    Observation::Hash(_) => "hash".to_owned(),
                    other => format!("{other:?}"),
                };
                format!("{} {subject:?} {seen}", file.relative.display())
            })
            .collect();
        assert_eq!(
            shown,
            [
                "/etc/passwd Content Unreadable(NotAllowed)",
                "a.nix Tree hash",
                "data.json Content hash",
                "hosts EntryKind Kind(Directory)",
                "hosts Entries hash",
                "none.nix Tree Missing",
                "optional.nix Kind Missing",
            ]
        );
    }

    /// A change of the project.
    type Change<'a> = &'a dyn Fn();

    #[test]
    fn the_log_holds_until_an_answer_differs() {
        let (_place, root) = made();
        let write = |name: &str, text: &str| std::fs::write(root.join(name), text).expect("a file");
        let remove = |name: &str| std::fs::remove_file(root.join(name)).expect("a file");
        let holds = |log: &ReadLog| log.holds(&Workspace::open(&root).expect("a workspace"));
        let changes: [(Change<'_>, Change<'_>); 6] = [
            (&|| write("a.nix", "3"), &|| write("a.nix", "1")),
            (&|| write("data.json", "[]"), &|| write("data.json", "{}")),
            (&|| remove("a.nix"), &|| write("a.nix", "1")),
            (&|| write("none.nix", ""), &|| remove("none.nix")),
            (&|| write("optional.nix", ""), &|| remove("optional.nix")),
            (&|| write("hosts/c.nix", ""), &|| remove("hosts/c.nix")),
        ];
        let log = evaluate(&root);
        assert!(holds(&log));
        for (number, (change, back)) in changes.iter().enumerate() {
            change();
            assert!(!holds(&log), "change {number}");
            back();
            assert!(holds(&log), "change {number} undone");
        }
        write("unread.nix", "x");
        write(
            "hosts/b.nix",
            "the directory was listed, this file was not read",
        );
        assert!(holds(&log));
    }

    #[test]
    fn without_a_log_nothing_is_kept() {
        let (_place, root) = made();
        let reader = SourceReader::new(Arc::new(Workspace::open(&root).expect("a workspace")));
        reader.read(&root.join("data.json")).expect("a file");
        assert!(reader.take_log().is_empty());
    }
}
