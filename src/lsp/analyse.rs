//! The thread that analyses: always the newest state of a project, never an older one to its end.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use extract::{BuildOptions, ParseCache, build};
use inventory::{FileId, Inventory, SourceMap};
use mcp_lint_lints::{Diagnostic, Severity};

use super::index::Index;
use crate::analysis;
use crate::cli::CheckArguments;
use crate::config;
use crate::exit::Failure;
use crate::policy::Policy;
use crate::report_summary::{Gap, ReportSummary};

/// Changes that come this close after each other are analysed together.
const QUIET: Duration = Duration::from_millis(5);

/// One state of a project to analyse.
#[derive(Debug)]
pub(crate) struct Job {
    /// The project: a directory, or a file that belongs to none.
    pub(crate) project: PathBuf,
    /// Counts the states of all projects.
    pub(crate) number: u64,
    /// The open texts.
    pub(crate) texts: BTreeMap<PathBuf, Arc<str>>,
    /// Set once there is a newer state.
    pub(crate) cancelled: Arc<AtomicBool>,
}

/// What an analysis found.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) project: PathBuf,
    pub(crate) number: u64,
    /// The facts, or why there are none.
    pub(crate) result: Result<Snapshot, String>,
}

/// The facts of one state of a project.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) inventory: Inventory,
    pub(crate) sources: Arc<SourceMap>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What was not inspected, and the level that this has.
    pub(crate) gaps: (Vec<Gap>, Severity),
    pub(crate) index: Index,
    files: BTreeMap<PathBuf, FileId>,
}

impl Snapshot {
    /// A file that was read.
    pub(crate) fn file(&self, path: &Path) -> Option<FileId> {
        self.files.get(path).copied()
    }
}

/// Works until there are no more senders. Every job that was not cancelled has one outcome.
pub(crate) fn work(
    jobs: &Receiver<Job>,
    arguments: &CheckArguments,
    mut done: impl FnMut(Outcome) -> bool,
) {
    let cache = Arc::new(ParseCache::default());
    let mut waiting: BTreeMap<PathBuf, Job> = BTreeMap::new();
    loop {
        if waiting.is_empty() {
            let Ok(job) = jobs.recv() else { return };
            waiting.insert(job.project.clone(), job);
        }
        loop {
            match jobs.recv_timeout(QUIET) {
                Ok(job) => {
                    waiting.insert(job.project.clone(), job);
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        let Some((project, job)) = waiting.pop_first() else {
            continue;
        };
        let cancelled = Arc::clone(&job.cancelled);
        let number = job.number;
        if cancelled.load(Ordering::Relaxed) {
            continue;
        }
        let result = catch_unwind(AssertUnwindSafe(|| analyse(job, &cache, arguments)))
            .unwrap_or_else(|_| Err("mcp-lint has a defect: the analysis stopped".to_owned()));
        if cancelled.load(Ordering::Relaxed) {
            continue;
        }
        let outcome = Outcome {
            project,
            number,
            result,
        };
        if !done(outcome) {
            return;
        }
    }
}

/// As `mcp-lint check` does, with the project's own configuration file.
fn analyse(
    job: Job,
    cache: &Arc<ParseCache>,
    arguments: &CheckArguments,
) -> Result<Snapshot, String> {
    let paths = vec![job.project];
    let said = |failure: Failure| match failure {
        Failure::Usage(error) => error.to_string(),
        Failure::Configuration(what) => what,
        Failure::Output(error) => error.to_string(),
    };
    let configuration = config::load(&paths, &arguments.input.config).map_err(said)?;
    let policy = Policy::new(arguments, &configuration).map_err(|error| error.to_string())?;
    let options = BuildOptions {
        paths,
        overlays: job.texts,
        cache: Some(Arc::clone(cache)),
        cancelled: Some(job.cancelled),
        ..analysis::options(&arguments.input, &configuration)
    };
    let built = build(&options).map_err(|error| error.to_string())?;
    analysis::require_inputs(&arguments.input.sources, &built.inventory.inputs)
        .map_err(|error| error.to_string())?;
    let index = Index::new(&built);
    let diagnostics = policy.decide(&built.inventory, &built.sources).diagnostics;
    let summary = ReportSummary::new(&built.inventory, &built.sources);
    let mut gaps = summary.gaps.clone();
    for gap in &mut gaps {
        gap.at = gap.at.or(summary.top);
    }
    let level = if policy.incomplete().fails(&summary) {
        Severity::Error
    } else {
        Severity::Warning
    };
    let ids = built.sources.ids().into_iter();
    let files = ids.filter_map(|id| Some((built.sources.get(id)?.path().to_owned(), id)));
    Ok(Snapshot {
        files: files.collect(),
        inventory: built.inventory,
        sources: built.sources,
        diagnostics,
        gaps: (gaps, level),
        index,
    })
}
