//! What earlier evaluations of a project found, for a program that evaluates it again and again.
//!
//! A result holds for as long as the logs of what was read for it do: those of the evaluator that gave it, up
//! to the moment when it did, as values are shared within an evaluator.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use nix_eval::{Limits, Workspace};
use nix_source::{Glances, ReadLog};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::source::Source;
use crate::unreached::declarations::DeclaringFile;
use inventory::model::{Gap, Host, Problem};

/// The results of earlier evaluations, by project.
#[derive(Debug, Default)]
pub struct HostCache {
    projects: Mutex<FxHashMap<PathBuf, Known>>,
}

/// What was read, a part for each step of an evaluator.
pub(crate) type Logs = Vec<Arc<ReadLog>>;

/// A result, and what was read for it.
#[derive(Debug)]
pub(crate) struct Logged<T> {
    pub(crate) logs: Logs,
    pub(crate) result: T,
}

/// What is found of a host, as plain data: its evaluator may be gone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evaluated {
    /// The host and its containers.
    pub(crate) hosts: Vec<Host>,
    /// The files of its modules.
    pub(crate) files: FxHashSet<PathBuf>,
    pub(crate) problems: Vec<Problem>,
    /// The limits that nothing reached; `None` if something did, or if nothing is logged.
    pub(crate) limits: Option<Limits>,
    pub(crate) logs: Logs,
}

/// The hosts that there are.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) sources: Vec<Source>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) problems: Vec<Problem>,
}

/// Declarations that no host has, and what they give.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unreached {
    pub(crate) left: Vec<DeclaringFile>,
    /// The hosts and the files of their modules.
    pub(crate) reached: Vec<(Source, BTreeSet<PathBuf>)>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) problems: Vec<Problem>,
}

impl Unreached {
    /// Whether another one has the same declarations and hosts.
    fn asks_the_same(&self, other: &Self) -> bool {
        self.left == other.left && self.reached == other.reached
    }
}

/// What is known of one project.
#[derive(Debug, Default)]
struct Known {
    /// What all results depend on beside the files that were read.
    settings: String,
    sources: Option<Arc<Logged<Sources>>>,
    /// By the attribute of the host.
    hosts: FxHashMap<String, (Source, Arc<Evaluated>)>,
    unreached: Option<Arc<Logged<Unreached>>>,
}

/// The results of earlier evaluations during another one. Does nothing without a cache.
#[derive(Debug)]
pub(crate) struct Recall<'a> {
    cache: Option<&'a HostCache>,
    workspace: &'a Workspace,
    known: Known,
    glances: Glances,
}

impl<'a> Recall<'a> {
    /// Takes what is known of a project; `settings` are what results depend on beside what is logged, as a
    /// text that differs if that does.
    pub(crate) fn new(
        workspace: &'a Workspace,
        cache: Option<&'a HostCache>,
        settings: impl FnOnce() -> String,
    ) -> Self {
        let known = cache.map(|cache| {
            let settings = settings();
            let known = cache.lock().remove(workspace.project_root());
            let known = known.filter(|known| known.settings == settings);
            known.unwrap_or_else(|| Known {
                settings,
                ..Known::default()
            })
        });
        Self {
            cache,
            workspace,
            known: known.unwrap_or_default(),
            glances: Glances::default(),
        }
    }

    /// Whether results are kept.
    pub(crate) const fn is_kept(&self) -> bool {
        self.cache.is_some()
    }

    /// Whether any host is known, whether that still holds or not.
    pub(crate) fn knows_hosts(&self) -> bool {
        !self.known.hosts.is_empty()
    }

    /// Whether logs hold; if so, what they have is read again.
    fn holds(&mut self, logs: &[Arc<ReadLog>], counts: bool) -> bool {
        if !{ logs.iter() }.all(|log| log.holds_with(self.workspace, &mut self.glances)) {
            return false;
        }
        for log in logs {
            log.read_again(self.workspace, counts);
        }
        true
    }

    /// The hosts that there are.
    pub(crate) fn sources(&mut self) -> Option<Sources> {
        let known = self.known.sources.clone()?;
        self.holds(&known.logs, true).then(|| known.result.clone())
    }

    pub(crate) fn keep_sources(&mut self, found: Logged<Sources>) {
        self.known.sources = Some(Arc::new(found));
    }

    /// The facts of a host.
    pub(crate) fn host(&mut self, source: &Source, limits: &Limits) -> Option<Evaluated> {
        let (known_source, known) = self.known.hosts.get(&source.name.attribute)?;
        let known = Arc::clone(known);
        if known_source != source || known.limits.as_ref() != Some(limits) {
            return None;
        }
        (self.holds(&known.logs, true)).then(|| Evaluated::clone(&known))
    }

    /// Keeps the facts of a host, unless a limit cut something short.
    pub(crate) fn keep_host(&mut self, source: &Source, found: &Evaluated) {
        if !self.is_kept() || found.limits.is_none() {
            return;
        }
        let attribute = source.name.attribute.clone();
        let found = (source.clone(), Arc::new(found.clone()));
        self.known.hosts.insert(attribute, found);
    }

    /// Forgets the hosts that there are no longer.
    pub(crate) fn retain_hosts(&mut self, sources: &[Source]) {
        { &mut self.known.hosts }
            .retain(|_, (known, _)| sources.iter().any(|source| source == known));
    }

    /// What declarations give that no host has.
    pub(crate) fn unreached(&mut self, asked: &Unreached) -> Option<Unreached> {
        let known = self.known.unreached.clone()?;
        let is_same = known.result.asks_the_same(asked);
        (is_same && self.holds(&known.logs, false)).then(|| known.result.clone())
    }

    pub(crate) fn keep_unreached(&mut self, found: Logged<Unreached>) {
        self.known.unreached = Some(Arc::new(found));
    }

    /// Keeps what is known for the next evaluation.
    pub(crate) fn finish(self) {
        if let Some(cache) = self.cache {
            let root = self.workspace.project_root().to_owned();
            cache.lock().insert(root, self.known);
        }
    }
}

impl HostCache {
    fn lock(&self) -> std::sync::MutexGuard<'_, FxHashMap<PathBuf, Known>> {
        { self.projects.lock() }.unwrap_or_else(PoisonError::into_inner)
    }
}
