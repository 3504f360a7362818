//! The thread that analyses: one state of a project after another.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use extract::{BuildOptions, HostCache, ParseCache, build};
use inventory::{FileId, Inventory, SourceMap};
use mcp_lint_lints::{Diagnostic, Severity};
use nix_source::ParsedFile;
use rustix::time::{ClockId, clock_gettime};

use super::index::Index;
use crate::analysis;
use crate::cli::check::CheckArguments;
use crate::config;
use crate::display::{Known, Redaction};
use crate::exit::Failure;
use crate::policy::Policy;
use crate::report_summary::{Gap, ReportSummary};

/// One state of a project to analyse.
#[derive(Debug)]
pub(crate) struct Job {
    /// The project: a directory, or a file that belongs to none.
    pub(crate) project: PathBuf,
    /// The open texts.
    pub(crate) texts: BTreeMap<PathBuf, Arc<str>>,
    /// Set once nobody waits for it any more.
    pub(crate) cancelled: Arc<AtomicBool>,
}

/// What an analysis found.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) project: PathBuf,
    /// The facts, or why there are none; `None` if it was cancelled.
    pub(crate) result: Option<Result<Snapshot, String>>,
    /// The time of processors that it took.
    pub(crate) cost: Duration,
}

/// The facts of one state of a project.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) inventory: Inventory,
    pub(crate) sources: Arc<SourceMap>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The credentials that no text may show.
    pub(crate) known: Known,
    /// What was not inspected, and the level that this has.
    pub(crate) gaps: (Vec<Gap>, Severity),
    pub(crate) index: Index,
    /// What decides which findings are shown.
    pub(crate) policy: Policy,
    /// The open texts that were read: a change of any other one changes nothing.
    pub(crate) texts_read: BTreeSet<PathBuf>,
    /// The Nix files, sorted by path.
    pub(crate) parsed: Vec<Arc<ParsedFile>>,
    files: BTreeMap<PathBuf, FileId>,
}

impl Snapshot {
    /// A file that was read.
    pub(crate) fn file(&self, path: &Path) -> Option<FileId> {
        self.files.get(path).copied()
    }
}

/// What is kept from one analysis to the next.
#[derive(Debug, Default)]
struct Caches {
    trees: Arc<ParseCache>,
    hosts: Arc<HostCache>,
}

/// Works until there are no more senders. Every job has one outcome.
pub(crate) fn work(
    jobs: &Receiver<Job>,
    arguments: &CheckArguments,
    mut done: impl FnMut(Outcome) -> bool,
) {
    let caches = Caches::default();
    for job in jobs {
        let (project, cancelled) = (job.project.clone(), Arc::clone(&job.cancelled));
        let before = processor_time();
        let result = catch_unwind(AssertUnwindSafe(|| analyse(job, &caches, arguments)))
            .unwrap_or_else(|_| Err("mcp-lint has a defect: the analysis stopped".to_owned()));
        let is_cancelled = cancelled.load(Ordering::Relaxed);
        let outcome = Outcome {
            project,
            result: (!is_cancelled).then_some(result),
            cost: processor_time().saturating_sub(before),
        };
        if !done(outcome) {
            return;
        }
    }
}

/// What this process has taken of all processors so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// As `mcp-lint check` does, with the project's own configuration file.
fn analyse(job: Job, caches: &Caches, arguments: &CheckArguments) -> Result<Snapshot, String> {
    let paths = vec![job.project];
    let cancelled = Arc::clone(&job.cancelled);
    let is_cancelled = || cancelled.load(Ordering::Relaxed);
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
        cache: Some(Arc::clone(&caches.trees)),
        host_cache: Some(Arc::clone(&caches.hosts)),
        cancelled: Some(job.cancelled),
        ..analysis::options(&arguments.input, &configuration)
    };
    let built = build(&options).map_err(|error| error.to_string())?;
    analysis::require_inputs(&arguments.input.sources, &built.inventory.inputs)
        .map_err(|error| error.to_string())?;
    if is_cancelled() {
        return Err(String::new());
    }
    let index = Index::new(&built);
    if is_cancelled() {
        return Err(String::new());
    }
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
        known: Known::new(&Redaction::new(&built.inventory), &built.sources),
        inventory: built.inventory,
        sources: built.sources,
        diagnostics,
        gaps: (gaps, level),
        index,
        policy,
        texts_read: built.project.overlays_read(),
        parsed: built.project.parsed_files(),
    })
}
