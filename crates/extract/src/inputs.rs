//! The inputs of a project's flake: its lock, and where their sources may be.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use flake_lock::{
    Located, Lock, LockError, LockErrorKind, MAX_LOCK_SIZE, NodeId, Override, OverrideOrigin, Pin,
    Places, SourceKind, Sources,
};
use nix_eval::Workspace;
use nix_eval::flake::project_of_input;
use nix_eval::value::KnownProject;
use nix_source::{FileKind, ReadError, SourceReader};
use nix_syntax::source::TextSpan;

use inventory::model::{FlakeInput, InputSource, Problem, ProblemKind};

use crate::discover::{DiscoverError, Discovery, UnknownInput};
use crate::managers::DESCRIPTORS;

/// Where the sources of inputs may be. Nothing by default: who runs this decides.
#[derive(Debug, Clone, Default)]
pub struct InputOptions {
    /// Directories that stand for inputs; the first one for an input counts.
    pub overrides: Vec<Override>,
    /// The store; `None` to use none.
    pub store: Option<PathBuf>,
    /// Trees that `mcp-lint inputs fetch` verified; `None` to use none.
    pub cache: Option<PathBuf>,
    /// The directory of the nixpkgs whose modules say who opens the files of their options; `None` for the
    /// one of the lock.
    pub nixpkgs: Option<PathBuf>,
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
        below_flake: Vec::new(),
        is_part: false,
    };
    let (inputs, _) = sources(&project, &discovery, options);
    Ok(project.with_inputs(Arc::new(inputs)))
}

/// What the nixpkgs that the user gives is called, as no input can be.
const GIVEN_NIXPKGS: &str = "<nixpkgs>";

/// The modules of the nixpkgs that the project's hosts are made of; `None` if its source is not here.
pub(crate) fn nixpkgs_modules(project: &SourceReader) -> Option<PathBuf> {
    let sources = project.workspace().input_sources()?;
    let lock = sources.lock();
    let locked = || {
        let root = [NIXPKGS];
        let node = lock.node_at(&root).ok().flatten();
        match node {
            Some(node) => project.open_input(node).ok(),
            None => project.open_unlocked_input(&root).ok(),
        }
    };
    let given = project.open_unlocked_input(&[GIVEN_NIXPKGS]).ok();
    let modules = given.or_else(locked)?.tree.join("nixos/modules");
    let kind = project.kind(&modules);
    matches!(kind, Ok(Some(FileKind::Directory))).then_some(modules)
}

/// What nearly all flakes call the nixpkgs that their hosts are made of.
const NIXPKGS: &str = "nixpkgs";

/// The flake whose lock counts: the one that is evaluated, or the one around lone modules.
fn flake_directory(discovery: &Discovery, project: &Workspace) -> Option<PathBuf> {
    let has_flake = |directory: &PathBuf| {
        let kind = project.kind(&directory.join("flake.nix"));
        kind.is_ok_and(|kind| kind == Some(FileKind::Regular))
    };
    let root = || Some(project.project_root().to_owned()).filter(has_flake);
    discovery.flake.clone().or_else(root)
}

/// The sources of the project's inputs. A lock that cannot be used is a problem, and as good as none.
pub(crate) fn sources(
    project: &Workspace,
    discovery: &Discovery,
    options: &InputOptions,
) -> (Sources, Option<Problem>) {
    let flake = flake_directory(discovery, project);
    let read = flake
        .as_ref()
        .map(|flake| lock(project, &flake.join("flake.lock")));
    let (lock, problem) = match read {
        Some(Ok(lock)) => (lock, None),
        Some(Err(problem)) => (Lock::empty(), Some(problem)),
        // What is pinned without a flake is looked for as well.
        None => (Lock::empty(), None),
    };
    let root = project.project_root();
    let flake = flake.unwrap_or_else(|| root.to_owned());
    let nixpkgs = options.nixpkgs.iter().map(|directory| Override {
        input: vec![Arc::from(GIVEN_NIXPKGS)],
        directory: directory.clone(),
        origin: OverrideOrigin::CommandLine,
    });
    let places = Places {
        project: root.to_owned(),
        flake: flake.strip_prefix(root).unwrap_or(Path::new("")).to_owned(),
        overrides: options.overrides.iter().cloned().chain(nixpkgs).collect(),
        store: options.store.clone(),
        cache: options.cache.clone(),
    };
    (Sources::new(Arc::new(lock), places), problem)
}

/// Checks that the project has every input that somebody gives a directory for: one that is
/// misspelt would not be used, without a word. A flake without a lock has the inputs that it names.
///
/// # Errors
///
/// The first one that it does not have.
pub(crate) fn all_known(
    project: &Workspace,
    sources: &Sources,
    options: &InputOptions,
) -> Result<(), DiscoverError> {
    let lock = sources.lock();
    let flake = sources.flake_directory();
    let parsed = project.parse(&flake.join("flake.nix")).ok();
    let is_named = |name: &str| {
        let mut names = { parsed.iter() }.flat_map(|parsed| parsed.hir.names.iter());
        names.any(|known| known == name)
    };
    let is_known = |it: &&Override| {
        lock.node_at(&it.input).is_ok_and(|node| node.is_some())
            || matches!(it.input.as_slice(), [name] if is_named(name))
    };
    let Some(unknown) = options.overrides.iter().find(|it| !is_known(it)) else {
        return Ok(());
    };
    let mut known: Vec<String> = { lock.input_paths().into_values() }
        .filter(|path| !path.is_empty())
        .map(|path| path.join("/"))
        .collect();
    known.sort();
    let name = unknown.input.join("/");
    let mut error = DiscoverError::new(flake, format!("there is no input `{name}`"));
    error.unknown_input = Some(UnknownInput {
        name,
        known,
        origin: unknown.origin,
    });
    Err(error)
}

/// Where the source of each input is, or why it is not here, as texts that differ if that does:
/// what a result depends on beside the files of the project. Empty without a flake.
#[must_use]
pub fn input_states(discovery: &Discovery, options: &InputOptions) -> Vec<String> {
    let Ok(project) = Workspace::open(&discovery.root) else {
        return Vec::new();
    };
    let (sources, _) = sources(&project, discovery, options);
    let lock = sources.lock();
    let state = |node| format!("{} {:?}", lock.node(node).name, sources.state(node));
    lock.nodes().map(state).collect()
}

/// Every input of a flake that was evaluated, sorted by depth and name.
#[must_use]
pub fn flake_inputs(sources: &Sources) -> Vec<FlakeInput> {
    let lock = sources.lock();
    let paths = lock.input_paths().into_iter();
    let nodes = paths.filter(|(node, _)| *node != lock.root());
    let mut inputs: Vec<FlakeInput> = nodes
        .map(|(node, path)| input_of_node(sources, node, &path.join("/")))
        .collect();
    inputs.extend(lock.follows_errors().map(|error| FlakeInput {
        name: error.input.to_string(),
        reference: None,
        revision: None,
        nar_hash: None,
        source: InputSource::Missing(error.to_string()),
        directory: None,
        used: false,
        is_nixpkgs: false,
        is_pin: false,
    }));
    inputs.extend(sources.pins().iter().map(|pin| input_of_pin(sources, pin)));
    let depth = |input: &FlakeInput| input.name.matches('/').count();
    inputs.sort_by(|a, b| (depth(a), &a.name).cmp(&(depth(b), &b.name)));
    inputs
}

fn input_of_pin(sources: &Sources, pin: &Pin) -> FlakeInput {
    let state = sources.pin_state(pin);
    let source = match &state {
        Ok(located) => source_of(located),
        Err(why) => InputSource::Missing(why.to_string()),
    };
    FlakeInput {
        name: pin.label(),
        reference: pin.reference().map(|reference| reference.to_string()),
        revision: None,
        nar_hash: Some(pin.hash.to_string()),
        source,
        directory: state.ok().map(|located| located.path()),
        used: true,
        is_nixpkgs: false,
        is_pin: true,
    }
}

const fn source_of(located: &Located) -> InputSource {
    match located.source {
        SourceKind::Override(_) => InputSource::Override,
        SourceKind::Path => InputSource::Path,
        SourceKind::Store => InputSource::Store,
        SourceKind::Cache => InputSource::Cache,
    }
}

fn input_of_node(sources: &Sources, node: NodeId, name: &str) -> FlakeInput {
    let locked = sources.lock().node(node).locked.as_ref();
    let reference = locked.map(ToString::to_string);
    let last = name.rsplit('/').next().unwrap_or(name);
    let known = project_of_input(last, reference.as_deref().unwrap_or(""));
    let state = sources.state(node);
    let source = match (&state, known) {
        (Ok(located), _) => source_of(located),
        (Err(_), Some(_)) => InputSource::Emulated,
        (Err(_), None) if is_of_manager(last) => InputSource::Emulated,
        (Err(why), None) => InputSource::Missing(why.to_string()),
    };
    FlakeInput {
        name: name.to_owned(),
        reference,
        revision: { locked.and_then(|it| it.revision()) }.map(ToOwned::to_owned),
        nar_hash: { locked.and_then(|it| it.nar_hash) }.map(|hash| hash.to_string()),
        source,
        directory: state.ok().map(|located| located.path()),
        used: sources.was_asked_for(node),
        is_nixpkgs: known == Some(KnownProject::Nixpkgs),
        is_pin: false,
    }
}

/// Whether flakes call a secret manager's project so, whose options are built in.
fn is_of_manager(name: &str) -> bool {
    DESCRIPTORS.iter().any(|it| it.inputs.contains(&name))
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
