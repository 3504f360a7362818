//! A project that is analysed: what was found, what it was found in, and whether that still holds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::analyse::{Job, Snapshot};
use super::documents::{Document, Documents};
use super::pace::Pace;

/// The texts of an analysis, by path.
type Texts = BTreeMap<PathBuf, Arc<str>>;

/// An analysis that has not ended.
#[derive(Debug)]
pub(crate) struct Running {
    texts: Texts,
    /// What was opened since with the text that was analysed.
    opened: BTreeSet<PathBuf>,
    cancelled: Arc<AtomicBool>,
    /// Whether it was for more than the open texts.
    is_forced: bool,
    pub(crate) began: Instant,
}

/// A project that is analysed.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) running: Option<Running>,
    pub(crate) pace: Pace,
    /// Why it could not be analysed, as logged last.
    pub(crate) told: Option<String>,
    /// The open texts of the last analysis.
    analysed: Texts,
    /// Something else than an open text may have changed since the last analysis began.
    is_forced: bool,
}

impl Project {
    /// One that waits for its first analysis.
    pub(crate) fn new(now: Instant) -> Self {
        let mut project = Self {
            snapshot: None,
            running: None,
            pace: Pace::default(),
            told: None,
            analysed: Texts::new(),
            is_forced: false,
        };
        project.force(now);
        project
    }

    /// Something else than an open text may have changed.
    pub(crate) fn force(&mut self, now: Instant) {
        self.is_forced = true;
        self.pace.changed(now);
    }

    /// Whether a file lies in the directory of this project, or was read for it.
    pub(crate) fn concerns(&self, directory: &Path, file: &Path) -> bool {
        let reads = |snapshot: &Snapshot| snapshot.file(file).is_some();
        file.starts_with(directory) || self.snapshot.as_ref().is_some_and(reads)
    }

    /// Whether an analysis would see something that the last one, or the one that is running, did not.
    fn is_outdated(&self, directory: &Path, documents: &Documents) -> bool {
        let running = self.running.as_ref().map(|running| &running.texts);
        let texts = running.unwrap_or(&self.analysed);
        let is_read = |file: &Path| match &self.snapshot {
            Some(snapshot) => snapshot.texts_read.contains(file) || !texts.contains_key(file),
            None => true,
        };
        self.is_forced
            || documents.iter().any(|(file, document)| {
                texts.get(file) != Some(document.sound())
                    && self.concerns(directory, file)
                    && is_read(file)
            })
    }

    /// The open texts have changed: an analysis that sees it ends the one that does not.
    pub(crate) fn changed(&mut self, directory: &Path, documents: &Documents, now: Instant) {
        if !self.is_outdated(directory, documents) {
            self.pace.settled();
            return;
        }
        self.pace.changed(now);
        if let Some(running) = &self.running
            && self.pace.may_cancel(now)
        {
            running.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// A file was opened. Its text is what was analysed, if it is what lies on the disk.
    pub(crate) fn opened(&mut self, directory: &Path, file: &Path, document: &Document) {
        if !self.concerns(directory, file) {
            return;
        }
        let source = self.snapshot.as_ref().and_then(|snapshot| {
            let id = snapshot.file(file)?;
            snapshot.sources.get(id)
        });
        let is_known = match source {
            Some(source) => **source.text() == *document.text,
            None => is_on_disk(file, &document.text),
        };
        if !is_known {
            return;
        }
        let text = || Arc::clone(&document.text);
        self.analysed.insert(file.to_owned(), text());
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.texts_read.insert(file.to_owned());
        }
        if let Some(running) = &mut self.running {
            running.texts.insert(file.to_owned(), text());
            running.opened.insert(file.to_owned());
        }
    }

    /// A file was closed: what is on disk counts again.
    pub(crate) fn closed(
        &mut self,
        directory: &Path,
        file: &Path,
        document: &Document,
        now: Instant,
    ) {
        if self.concerns(directory, file) && !is_on_disk(file, document.sound()) {
            self.force(now);
        }
    }

    /// An analysis of the texts as they are now.
    pub(crate) fn start(&mut self, directory: &Path, texts: Texts, now: Instant) -> Job {
        self.pace.started(now);
        let cancelled = Arc::default();
        self.running = Some(Running {
            texts: texts.clone(),
            opened: BTreeSet::new(),
            cancelled: Arc::clone(&cancelled),
            is_forced: std::mem::take(&mut self.is_forced),
            began: now,
        });
        Job {
            project: directory.to_owned(),
            texts,
            cancelled,
        }
    }

    /// The running analysis has ended, with facts unless it failed or was cancelled.
    pub(crate) fn ended(
        &mut self,
        snapshot: Option<Snapshot>,
        is_cancelled: bool,
        cost: Duration,
        now: Instant,
    ) {
        self.pace.ended(now, cost, is_cancelled);
        let Some(running) = self.running.take() else {
            return;
        };
        if is_cancelled {
            self.is_forced |= running.is_forced;
            return;
        }
        self.analysed = running.texts;
        if let Some(mut snapshot) = snapshot {
            snapshot.texts_read.extend(running.opened);
            self.snapshot = Some(snapshot);
        }
    }

    /// Whether the last analysis saw all, as far as is known.
    pub(crate) fn is_settled(&self) -> bool {
        self.running.is_none() && self.pace.due().is_none()
    }

    /// Leaves out the next analysis if the last one saw all.
    pub(crate) fn settle(&mut self, directory: &Path, documents: &Documents) {
        if !self.is_outdated(directory, documents) {
            self.pace.settled();
        }
    }

    /// Nobody waits for what is running.
    pub(crate) fn cancel(&self) {
        if let Some(running) = &self.running {
            running.cancelled.store(true, Ordering::Relaxed);
        }
    }
}

/// Whether a file has this text.
fn is_on_disk(file: &Path, text: &str) -> bool {
    let is_as_long = std::fs::metadata(file)
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() == text.len() as u64);
    is_as_long && std::fs::read(file).is_ok_and(|bytes| bytes == text.as_bytes())
}
