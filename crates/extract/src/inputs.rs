//! The inputs of a project's flake: its lock, and where their sources may be.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use flake_lock::{Lock, LockError, LockErrorKind, MAX_LOCK_SIZE, Override, Places, Sources};
use nix_eval::Workspace;
use nix_source::{FileKind, ReadError};
use nix_syntax::source::TextSpan;

use inventory::model::{Problem, ProblemKind};

use crate::discover::Discovery;

/// Where the sources of inputs may be. Nothing by default: who runs this decides.
#[derive(Debug, Clone, Default)]
pub struct InputOptions {
    /// Directories that stand for inputs; the first one for an input counts.
    pub overrides: Vec<Override>,
    /// The store; `None` to use none.
    pub store: Option<PathBuf>,
    /// Trees that `mcp-lint inputs fetch` verified; `None` to use none.
    pub cache: Option<PathBuf>,
}

/// Opens a project whose inputs may be read where their sources are.
///
/// # Errors
///
/// If the root is not a directory that can be read.
pub fn open_project(root: &Path, options: &InputOptions) -> std::io::Result<Workspace> {
    let project = Workspace::open(root)?;
    let discovery = Discovery {
        root: root.to_owned(),
        flake: None,
        modules: Vec::new(),
        directory: None,
    };
    let (inputs, _) = sources(&project, &discovery, options);
    Ok(match inputs {
        Some(inputs) => project.with_inputs(Arc::new(inputs)),
        None => project,
    })
}

/// The flake whose lock counts: the one that is evaluated, or the one around lone modules.
fn flake_directory(discovery: &Discovery, project: &Workspace) -> Option<PathBuf> {
    let has_flake = |directory: &PathBuf| {
        let kind = project.kind(&directory.join("flake.nix"));
        kind.is_ok_and(|kind| kind == Some(FileKind::Regular))
    };
    let root = || Some(project.project_root().to_owned()).filter(has_flake);
    discovery.flake.clone().or_else(root)
}

/// The sources of the project's inputs; `None` without a flake. A lock that cannot be used is a
/// problem, and as good as none.
pub(crate) fn sources(
    project: &Workspace,
    discovery: &Discovery,
    options: &InputOptions,
) -> (Option<Sources>, Option<Problem>) {
    let Some(flake) = flake_directory(discovery, project) else {
        return (None, None);
    };
    let (lock, problem) = match lock(project, &flake.join("flake.lock")) {
        Ok(lock) => (lock, None),
        Err(problem) => (Lock::empty(), Some(problem)),
    };
    let root = project.project_root();
    let places = Places {
        project: root.to_owned(),
        flake: flake.strip_prefix(root).unwrap_or(Path::new("")).to_owned(),
        overrides: options.overrides.clone(),
        store: options.store.clone(),
        cache: options.cache.clone(),
    };
    (Some(Sources::new(Arc::new(lock), places)), problem)
}

/// Where the source of each input is, or why it is not here, as texts that differ if that does:
/// what a result depends on beside the files of the project. Empty without a flake.
#[must_use]
pub fn input_states(discovery: &Discovery, options: &InputOptions) -> Vec<String> {
    let project = Workspace::open(&discovery.root).ok();
    let sources = project.and_then(|project| sources(&project, discovery, options).0);
    let Some(sources) = sources else {
        return Vec::new();
    };
    let lock = sources.lock();
    let state = |node| format!("{} {:?}", lock.node(node).name, sources.state(node));
    lock.nodes().map(state).collect()
}

/// The lock of a flake; an empty one if it has none.
fn lock(project: &Workspace, path: &Path) -> Result<Lock, Problem> {
    let shown = project.display(path);
    let unread = |why: &dyn std::fmt::Display| Problem {
        at: None,
        kind: ProblemKind::Unreadable,
        reason: format!("cannot read {shown}: {why}").into(),
    };
    let text = match project.read_text(path) {
        Ok(text) => text,
        Err(ReadError::Missing) => return Ok(Lock::empty()),
        Err(error) => return Err(unread(&error)),
    };
    // So large a text is not kept for showing a place in it.
    if text.len() > MAX_LOCK_SIZE {
        return Err(unread(&LockErrorKind::TooLarge));
    }
    Lock::parse(&text).map_err(|error| {
        let file = project.add_source(path, Arc::from(text));
        let LockError { kind, span } = error;
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Problem {
            at: Some(TextSpan::new(offset(span.start), offset(span.end)).in_file(file)),
            kind: ProblemKind::Unreadable,
            reason: format!("cannot use {shown}: {kind}").into(),
        }
    })
}
