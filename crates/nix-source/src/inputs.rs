//! The inputs of a project whose sources are here: a root for each that is asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flake_lock::{
    DEFAULT_STORE, Located, NodeId, NotFound, Pin, SOURCE_NAME, SourceKind, Sources, store_path,
};
use nix_syntax::source::{FileKey, Root};
use rustc_hash::FxHashMap;

use crate::root::OpenRoot;
use crate::workspace::Workspace;

/// The directory that inputs without a hash seem to be in: as deep as the store, so that every root
/// of an input is found by the first components of a path.
const WITHOUT_HASH: &str = "/«input»/source";

/// How many components the path of such a root has: `/`, two directories, and its own name.
const COMPONENTS: usize = 4;

/// The roots of inputs. Each is opened when it is asked for, and stays.
#[derive(Debug, Default)]
pub(crate) struct InputRoots {
    sources: Option<Arc<Sources>>,
    opened: Mutex<Opened>,
}

#[derive(Debug, Default)]
struct Opened {
    /// By the name of the root.
    by_name: BTreeMap<Arc<str>, Result<OpenInput, NotFound>>,
    by_path: FxHashMap<PathBuf, Arc<OpenRoot>>,
}

#[derive(Debug, Clone)]
struct OpenInput {
    root: Arc<OpenRoot>,
    source: SourceKind,
    /// The flake below the root.
    directory: PathBuf,
}

/// Where the source of an input is, as evaluations see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputPlace {
    /// Its tree.
    pub tree: PathBuf,
    /// The directory of its `flake.nix` in the tree; the tree where it has no outputs.
    pub directory: PathBuf,
}

/// An input whose source was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputUse {
    /// The name of its node in the lock; that of the input if the lock does not have it.
    pub name: Arc<str>,
    /// How its source was found, or why it was not.
    pub source: Result<SourceKind, NotFound>,
}

impl InputRoots {
    pub(crate) fn new(sources: Arc<Sources>) -> Self {
        Self {
            sources: Some(sources),
            opened: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The root that an absolute path is in; `None` if it is in none that was opened.
    pub(crate) fn root_of(&self, path: &Path) -> Option<Arc<OpenRoot>> {
        self.sources.as_ref()?;
        let at: PathBuf = path.components().take(COMPONENTS).collect();
        self.lock().by_path.get(&at).cloned()
    }

    /// The root of that name; `None` if it was not opened.
    pub(crate) fn root_named(&self, name: &str) -> Option<Arc<OpenRoot>> {
        let opened = self.lock();
        let input = opened.by_name.get(name)?.as_ref().ok()?;
        Some(Arc::clone(&input.root))
    }

    fn open(
        &self,
        name: Arc<str>,
        seen: PathBuf,
        located: Result<Located, NotFound>,
    ) -> Result<OpenInput, NotFound> {
        let mut opened = self.lock();
        if let Some(known) = opened.by_name.get(&name) {
            return known.clone();
        }
        let found = located.and_then(|located| {
            let root = Root::Input(Arc::clone(&name));
            let root = OpenRoot::open_input(root, &located.tree, seen);
            let root = root.map_err(|_| NotFound::NoDirectory(located.tree))?;
            Ok(OpenInput {
                root: Arc::new(root),
                source: located.source,
                directory: located.directory,
            })
        });
        if let Ok(input) = &found {
            let path = input.root.path.clone();
            opened.by_path.insert(path, Arc::clone(&input.root));
        }
        opened.by_name.insert(name, found.clone());
        found
    }
}

/// A directory of a tree, without a slash at its end.
fn below(tree: &Path, directory: &Path) -> PathBuf {
    match directory.as_os_str().is_empty() {
        true => tree.to_owned(),
        false => tree.join(directory),
    }
}

/// A root's path without a hash; a name with a slash is still one directory.
fn without_hash(name: &str) -> PathBuf {
    Path::new(WITHOUT_HASH).join(name.replace('/', "+"))
}

impl Workspace {
    /// The sources that inputs are looked for in; `None` if none are to be read.
    #[must_use]
    pub const fn input_sources(&self) -> Option<&Arc<Sources>> {
        self.inputs.sources.as_ref()
    }

    /// Where the source of a node of the lock is. From now on it may be read.
    ///
    /// # Errors
    ///
    /// Why its source is not here.
    pub fn open_input(&self, node: NodeId) -> Result<InputPlace, NotFound> {
        let sources = self.input_sources().ok_or(NotFound::NotLocked)?;
        let located = sources.locate(node);
        let lock = sources.lock();
        // A path of the project, or of another input: that one's root.
        let owner = located.as_ref().ok().and_then(|found| found.owner);
        if owner == Some(lock.root()) {
            return located.map(|found| InputPlace {
                tree: below(self.project_root(), &found.directory),
                directory: below(self.project_root(), &found.directory),
            });
        }
        let directory = { located.as_ref() }.map_or(PathBuf::new(), |it| it.directory.clone());
        let owner = owner.unwrap_or(node);
        let tree = match owner == node {
            true => located,
            false => sources.locate(owner),
        };
        let data = lock.node(owner);
        let hash = { data.locked.as_ref() }.and_then(|locked| locked.nar_hash.as_ref());
        let seen = match hash {
            Some(hash) => store_path(hash, SOURCE_NAME, Path::new(DEFAULT_STORE)),
            None => without_hash(&data.name),
        };
        let opened = self.inputs.open(Arc::clone(&data.name), seen, tree)?;
        Ok(InputPlace {
            tree: opened.root.path.clone(),
            directory: below(&opened.root.path, &directory),
        })
    }

    /// The directory that the user gives for an input that the lock does not have.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn open_unlocked_input(&self, path: &[&str]) -> Result<InputPlace, NotFound> {
        let sources = self.input_sources().ok_or(NotFound::NotLocked)?;
        let located = sources.unlocked(path);
        if located == Err(NotFound::NotLocked) {
            return Err(NotFound::NotLocked);
        }
        let name: Arc<str> = Arc::from(path.join("/"));
        let seen = without_hash(&name);
        let opened = self.inputs.open(name, seen, located)?;
        Ok(InputPlace {
            tree: opened.root.path.clone(),
            directory: below(&opened.root.path, &opened.directory),
        })
    }

    /// Where a source is that a fetcher pins by its hash. From now on it may be read.
    ///
    /// # Errors
    ///
    /// Why it is not here.
    pub fn open_pin(&self, pin: &Pin) -> Result<PathBuf, NotFound> {
        let sources = self.input_sources().ok_or(NotFound::NotLocked)?;
        let located = sources.locate_pin(pin);
        let seen = store_path(&pin.hash, &pin.name, Path::new(DEFAULT_STORE));
        let name: Arc<str> = Arc::from(pin.label());
        Ok(self.inputs.open(name, seen, located)?.root.path.clone())
    }

    /// The inputs whose sources evaluations asked for so far, sorted by name.
    #[must_use]
    pub fn inputs_used(&self) -> Vec<InputUse> {
        let opened = self.inputs.lock();
        let uses = opened.by_name.iter().map(|(name, found)| InputUse {
            name: Arc::clone(name),
            source: found.as_ref().map(|it| it.source).map_err(Clone::clone),
        });
        uses.collect()
    }

    /// `input:path` of a path in an input; `None` outside of every input.
    pub(crate) fn display_in_input(&self, path: &Path) -> Option<String> {
        let root = self.inputs.root_of(path)?;
        let relative = root.relative(path)?.to_owned();
        let root = root.root.clone();
        display_key(&FileKey { root, relative })
    }
}

/// `input:path` of a file in an input; `None` of any other.
fn display_key(file: &FileKey) -> Option<String> {
    let Root::Input(name) = &file.root else {
        return None;
    };
    Some(match file.relative.as_os_str().is_empty() {
        true => name.to_string(),
        false => format!("{name}:{}", file.relative.display()),
    })
}
