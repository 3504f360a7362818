//! Where the source of a lock's node is: once for each node, when it is asked for.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::lock::{Fetcher, Lock, Locked, NodeId};
use crate::nar_hash::{NarHash, SOURCE_NAME, nix32, store_path};
use crate::places::{Override, OverrideOrigin, Places};

/// More flakes than these that start from each other's relative paths are a mistake.
const MAX_PARENTS: usize = 32;

/// More pins than these are not remembered: a project has some dozens.
const MAX_PINS: usize = 10_000;

/// Digits of a hash that tell sources of one name apart.
const LABEL_DIGITS: usize = 8;

/// Finds the sources of one lock.
#[derive(Debug)]
pub struct Sources {
    lock: Arc<Lock>,
    places: Places,
    overrides: Vec<(NodeId, Override)>,
    found: Vec<OnceLock<Result<Located, NotFound>>>,
    /// Which nodes [`Sources::locate`] was asked for.
    asked: Vec<AtomicBool>,
    pins: Mutex<BTreeSet<Pin>>,
}

/// A source that is pinned by its hash outside `flake.lock`: what `fetchTarball { url, sha256 }` gives,
/// which npins, niv, lon and tack use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pin {
    /// The name in the store, [`SOURCE_NAME`] by default.
    pub name: Arc<str>,
    /// Where it is fetched from; `None` if that is not known.
    pub url: Option<Arc<str>>,
    /// SHA-256 of the tree.
    pub hash: NarHash,
}

impl Pin {
    /// A short name that no other source has: the repository's in the URL, and digits of the hash.
    #[must_use]
    pub fn label(&self) -> String {
        let url = self.url.as_deref().unwrap_or("");
        let url = url.split(['?', '#']).next().unwrap_or("");
        let parts: Vec<&str> = url.split('/').collect();
        // `https://host/owner/repository/archive/…`
        let repository = parts.get(4).filter(|part| !part.is_empty());
        let name = match (&*self.name == SOURCE_NAME, repository) {
            (true, Some(repository)) => repository,
            _ => &*self.name,
        };
        let digits: String = nix32(&self.hash.0).chars().take(LABEL_DIGITS).collect();
        format!("{name}-{digits}")
    }

    /// The reference that fetches it; `None` without a URL.
    #[must_use]
    pub fn reference(&self) -> Option<Locked> {
        Some(Locked::tarball(self.url.clone()?, self.hash))
    }
}

/// A source that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The directory that may be read, and nothing outside it: absolute, without links.
    pub tree: PathBuf,
    /// The node whose tree that is: the root for a path of the project, an input for a path of it;
    /// `None` for a directory that the user gives for an input that the lock does not have.
    pub owner: Option<NodeId>,
    /// The directory of the flake, or of the files, below the tree; empty if it is the tree.
    pub directory: PathBuf,
    /// How it was found.
    pub source: SourceKind,
}

/// How a source was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// `--input`, or `[inputs]` of the configuration.
    Override(OverrideOrigin),
    /// A relative path of a flake that is here.
    Path,
    /// The store, by the hash.
    Store,
    /// What `mcp-lint inputs fetch` brought.
    Cache,
}

impl Located {
    /// The directory of the flake, or of the files.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match self.directory.as_os_str().is_empty() {
            true => self.tree.clone(),
            false => self.tree.join(&self.directory),
        }
    }
}

/// Why a source is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotFound {
    /// It has a hash, and no place that was looked at has it.
    NotHere,
    /// The lock has no hash for it.
    NoHash,
    /// One file (`type = "file"`), whose store path is made another way.
    SingleFile,
    /// The lock has no such input.
    NotLocked,
    /// A path that leaves the tree it starts from.
    OutsideTree(PathBuf),
    /// A path that does not exist in the tree it starts from, or is no directory.
    NoDirectory(PathBuf),
    /// The flake that a relative path starts from is not here, or not known.
    NoParent,
}

impl fmt::Display for NotFound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHere => out.write_str("not on this machine"),
            Self::NoHash => out.write_str("the lock has no `narHash` for it"),
            Self::SingleFile => out.write_str("a single file, which is not read"),
            Self::NotLocked => out.write_str("`flake.lock` does not have it"),
            Self::OutsideTree(path) => {
                write!(out, "`{}` leaves the tree it is in", path.display())
            }
            Self::NoDirectory(path) => write!(out, "`{}` is no directory", path.display()),
            Self::NoParent => out.write_str("the flake that its path starts from is not here"),
        }
    }
}

impl std::error::Error for NotFound {}

impl Sources {
    /// The sources of a lock. Overrides of inputs that the lock does not have are kept for
    /// [`Sources::unlocked`].
    #[must_use]
    pub fn new(lock: Arc<Lock>, places: Places) -> Self {
        let known = |it: &Override| Some((lock.node_at(&it.input).ok()??, it.clone()));
        let overrides = places.overrides.iter().filter_map(known).collect();
        let slots = lock.nodes().count() + 1;
        Self {
            overrides,
            places,
            lock,
            found: (0..slots).map(|_| OnceLock::new()).collect(),
            pins: Mutex::default(),
            asked: (0..slots).map(|_| AtomicBool::new(false)).collect(),
        }
    }

    /// The lock.
    #[must_use]
    pub const fn lock(&self) -> &Arc<Lock> {
        &self.lock
    }

    /// The directory of the flake that has the lock.
    #[must_use]
    pub fn flake_directory(&self) -> PathBuf {
        self.places.project.join(&self.places.flake)
    }

    /// Where the source of a node is, for an evaluation, which [`Sources::was_asked_for`] remembers.
    ///
    /// # Errors
    ///
    /// Why it is not here.
    pub fn locate(&self, node: NodeId) -> Result<Located, NotFound> {
        if let Some(asked) = self.asked.get(node.index()) {
            asked.store(true, Ordering::Relaxed);
        }
        self.state(node)
    }

    /// Where the source of a node is, for a report.
    ///
    /// # Errors
    ///
    /// Why it is not here.
    pub fn state(&self, node: NodeId) -> Result<Located, NotFound> {
        self.locate_below(node, 0)
    }

    /// Whether an evaluation asked for the source of a node.
    #[must_use]
    pub fn was_asked_for(&self, node: NodeId) -> bool {
        let asked = self.asked.get(node.index());
        asked.is_some_and(|asked| asked.load(Ordering::Relaxed))
    }

    /// Whether the user gives a directory for a node.
    #[must_use]
    pub fn is_given(&self, node: NodeId) -> bool {
        self.overrides.iter().any(|(given, _)| *given == node)
    }

    /// The directory that the user gives for an input that the lock does not have.
    ///
    /// # Errors
    ///
    /// [`NotFound::NotLocked`] if there is none.
    pub fn unlocked<S: AsRef<str>>(&self, input: &[S]) -> Result<Located, NotFound> {
        let is_input = |it: &&Override| {
            it.input.len() == input.len() && { it.input.iter().zip(input) }
                .all(|(a, b)| **a == *b.as_ref())
        };
        let mut overrides = self.places.overrides.iter();
        let found = overrides.find(is_input).ok_or(NotFound::NotLocked)?;
        self.overridden(found, None)
    }

    /// Where a source is that is pinned by its hash outside `flake.lock`, for an evaluation, which
    /// [`Sources::pins`] remembers.
    ///
    /// # Errors
    ///
    /// [`NotFound::NotHere`].
    pub fn locate_pin(&self, pin: &Pin) -> Result<Located, NotFound> {
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        if pins.len() < MAX_PINS && !pins.contains(pin) {
            pins.insert(pin.clone());
        }
        self.pin_state(pin)
    }

    /// Where a source is that is pinned by its hash outside `flake.lock`, for a report.
    ///
    /// # Errors
    ///
    /// [`NotFound::NotHere`].
    pub fn pin_state(&self, pin: &Pin) -> Result<Located, NotFound> {
        let (tree, source) = self.by_hash(&pin.hash, &pin.name)?;
        Ok(Located {
            tree,
            owner: None,
            directory: PathBuf::new(),
            source,
        })
    }

    /// The pins that evaluations asked for, sorted by their names.
    #[must_use]
    pub fn pins(&self) -> Vec<Pin> {
        let pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        pins.iter().cloned().collect()
    }

    fn by_hash(&self, hash: &NarHash, name: &str) -> Result<(PathBuf, SourceKind), NotFound> {
        // The name becomes a part of a path.
        let is_name = |c: char| c.is_ascii_alphanumeric() || "+-._?=".contains(c);
        if name.is_empty() || name.starts_with('.') || !name.chars().all(is_name) {
            return Err(NotFound::NotHere);
        }
        if let Some(store) = &self.places.store {
            let path = store_path(hash, name, store);
            if is_directory(&path) {
                return Ok((path, SourceKind::Store));
            }
        }
        if let Some(cache) = &self.places.cache {
            let path = cached_tree(cache, hash);
            if is_directory(&path) {
                return Ok((path, SourceKind::Cache));
            }
        }
        Err(NotFound::NotHere)
    }

    fn locate_below(&self, node: NodeId, depth: usize) -> Result<Located, NotFound> {
        if depth > MAX_PARENTS {
            return Err(NotFound::NoParent);
        }
        let Some(slot) = self.found.get(node.index()) else {
            return Err(NotFound::NotLocked);
        };
        if let Some(known) = slot.get() {
            return known.clone();
        }
        let found = self.find(node, depth);
        // A parent that was too deep is not so for whoever asks for it directly.
        if depth == 0 {
            return slot.get_or_init(|| found).clone();
        }
        found
    }

    fn find(&self, id: NodeId, depth: usize) -> Result<Located, NotFound> {
        if id == self.lock.root() {
            return Ok(Located {
                tree: self.places.project.clone(),
                owner: Some(id),
                directory: self.places.flake.clone(),
                source: SourceKind::Path,
            });
        }
        if let Some((_, found)) = { self.overrides.iter() }.find(|(node, _)| *node == id) {
            return self.overridden(found, Some(id));
        }
        let node = self.lock.node(id);
        let Some(locked) = &node.locked else {
            return Err(NotFound::NotLocked);
        };
        if locked.is_relative_path() {
            let parent = self.lock.parent_of(id).ok_or(NotFound::NoParent)?;
            let parent = self.locate_below(parent, depth + 1);
            let parent = parent.map_err(|_| NotFound::NoParent)?;
            return self.relative(parent, locked.text("path").unwrap_or(""));
        }
        if locked.fetcher == Fetcher::File {
            return Err(NotFound::SingleFile);
        }
        let hash = locked.nar_hash.as_ref().ok_or(NotFound::NoHash)?;
        let (tree, source) = self.by_hash(hash, SOURCE_NAME)?;
        let directory = below(Path::new(""), locked.text("dir").unwrap_or(""))?;
        Ok(Located {
            tree,
            owner: Some(id),
            directory,
            source,
        })
    }

    /// A directory of the parent's tree.
    fn relative(&self, parent: Located, path: &str) -> Result<Located, NotFound> {
        let directory = below(&parent.directory, path)?;
        let whole = parent.tree.join(&directory);
        // A link may lead out of the tree, or to another place in it.
        let real = whole.canonicalize();
        let real = real.map_err(|_| NotFound::NoDirectory(PathBuf::from(path)))?;
        let Ok(directory) = real.strip_prefix(&parent.tree) else {
            return Err(NotFound::OutsideTree(PathBuf::from(path)));
        };
        if !real.is_dir() {
            return Err(NotFound::NoDirectory(PathBuf::from(path)));
        }
        Ok(Located {
            directory: directory.to_owned(),
            source: SourceKind::Path,
            ..parent
        })
    }

    fn overridden(&self, found: &Override, owner: Option<NodeId>) -> Result<Located, NotFound> {
        let source = SourceKind::Override(found.origin);
        let given = &found.directory;
        let missing = || NotFound::NoDirectory(given.clone());
        let tree = given.canonicalize().map_err(|_| missing())?;
        if found.origin == OverrideOrigin::Configuration && !tree.starts_with(&self.places.project)
        {
            return Err(NotFound::OutsideTree(given.clone()));
        }
        if !tree.is_dir() {
            return Err(missing());
        }
        Ok(Located {
            tree,
            owner,
            directory: PathBuf::new(),
            source,
        })
    }
}

/// Where a tree is in our cache, if it is there.
#[must_use]
pub fn cached_tree(cache: &Path, hash: &NarHash) -> PathBuf {
    cache.join(nix32(&hash.0))
}

/// Whether there is a directory that is not a link to one.
fn is_directory(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_dir())
}

/// The path `path` from `base`, both below a tree.
fn below(base: &Path, path: &str) -> Result<PathBuf, NotFound> {
    let mut reached = base.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => reached.push(name),
            Component::ParentDir if reached.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(NotFound::OutsideTree(PathBuf::from(path)));
            }
        }
    }
    Ok(reached)
}
