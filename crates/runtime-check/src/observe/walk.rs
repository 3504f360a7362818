//! From `/` to a file, one descriptor at a time.
//!
//! No component is followed by the kernel: each is looked at by itself, a symbolic link is read
//! and its target walked in turn. So every fact in the result belongs to the way that was really
//! taken, and nothing that somebody swaps between two steps is followed unseen.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::acl::Acl;
use crate::escape::WirePath;
use crate::facts::{Facts, Kind};
use crate::sys::{self, Node};

/// As the kernel: more links than this on one way are a loop.
pub(crate) const MAXIMUM_LINKS: usize = 40;
/// As the kernel: a longer path cannot be opened.
const MAXIMUM_PATH: usize = 4096;
/// How many directories stay open for reuse; each holds a few descriptors.
const OPEN_DIRECTORIES: usize = 32;

/// One component of a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// Where it is, without links before it.
    pub(crate) path: WirePath,
    /// What it is.
    pub(crate) facts: Facts,
    /// Where it points, if it is a symbolic link.
    pub(crate) target: Option<WirePath>,
    /// Its access ACL.
    pub(crate) acl: Option<Acl>,
    /// Its default ACL: what new files in it get.
    pub(crate) default_acl: Option<Acl>,
}

/// Why a way ends before its goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reason {
    /// There is no such entry.
    Missing,
    /// The last directory reached may not be entered.
    Denied,
    /// It is not a directory, but the way goes on.
    NotADirectory,
    /// More links than [`MAXIMUM_LINKS`].
    TooManyLinks,
    /// No file can have this path: it is too long, or a directory.
    Impossible(String),
    /// Something else, by the error's name: what is there is not known.
    Failed(String),
    /// The file system did not answer in time: what is there is not known.
    NoAnswer,
}

impl Reason {
    /// For a sentence about what could not be looked at; `None` if the way's end is certain.
    pub(crate) fn uncertain(&self) -> Option<String> {
        match self {
            Self::Failed(error) => Some(format!("the system answers {error}")),
            Self::NoAnswer => Some("its file system does not answer".to_owned()),
            Self::Missing
            | Self::Denied
            | Self::NotADirectory
            | Self::TooManyLinks
            | Self::Impossible(_) => None,
        }
    }
}

/// The place where a way ends before its goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stop {
    /// The component that could not be reached; for [`Reason::Denied`] the directory that keeps
    /// us out.
    pub(crate) at: WirePath,
    /// Why.
    pub(crate) reason: Reason,
}

/// The way to a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chain {
    /// The directory as asked for.
    pub(crate) path: WirePath,
    /// Every directory and link on the way, the root directory first.
    pub(crate) steps: Vec<Step>,
    /// Why it ends before the goal, if it does.
    pub(crate) stop: Option<Stop>,
    /// `f_type` of the file system that the directory is on.
    pub(crate) file_system: Option<u64>,
}

impl Chain {
    /// The directory itself, if it was reached.
    pub(crate) fn directory(&self) -> Option<&Step> {
        match self.stop {
            None => self
                .steps
                .iter()
                .rev()
                .find(|step| step.facts.kind == Kind::Directory),
            Some(_) => None,
        }
    }

    /// Whether a symbolic link is on the way.
    pub(crate) fn has_link(&self) -> bool {
        self.steps.iter().any(|step| step.target.is_some())
    }
}

/// A directory that is open.
#[derive(Debug)]
struct Reached {
    /// Its place in [`Walker::chains`].
    chain: usize,
    /// The node, unless the way stopped before.
    node: Option<Rc<Node>>,
    /// Its path without links.
    real: PathBuf,
    /// Links on the way.
    links: usize,
}

/// What a path leads to.
#[derive(Debug)]
pub(crate) struct Located {
    /// The ways to the directories, in the order taken: indices of chains.
    pub(crate) directories: Vec<usize>,
    /// The links in the last component.
    pub(crate) links: Vec<Step>,
    /// The file, or why it was not reached.
    pub(crate) end: Result<Target, Stop>,
}

/// A file, with the directory and name through which it was reached.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) directory: Rc<Node>,
    pub(crate) name: OsString,
    pub(crate) node: Node,
    /// Its path without links.
    pub(crate) real: PathBuf,
}

/// Walks paths below one root directory and remembers the directories on the way.
#[derive(Debug)]
pub(crate) struct Walker {
    root: Rc<Node>,
    open: BTreeMap<PathBuf, Rc<Reached>>,
    known: BTreeMap<PathBuf, usize>,
    chains: Vec<Chain>,
}

impl Walker {
    /// A walker for paths below `root`, which is `/` for the running system.
    ///
    /// # Errors
    ///
    /// If `root` cannot be opened.
    pub(crate) fn new(root: &Path) -> Result<Self, Errno> {
        Ok(Self {
            root: Rc::new(Node::root(root)?),
            open: BTreeMap::new(),
            known: BTreeMap::new(),
            chains: Vec::new(),
        })
    }

    /// The ways to all directories that were needed, in the order first taken.
    pub(crate) fn into_chains(self) -> Vec<Chain> {
        self.chains
    }

    /// The chain of a path that is not walked: its file system does not answer.
    pub(crate) fn unanswered(&mut self, path: &Path) -> usize {
        self.chains.push(Chain {
            path: WirePath(path.to_owned()),
            steps: Vec::new(),
            stop: Some(stop(path.to_owned(), Reason::NoAnswer)),
            file_system: None,
        });
        self.chains.len() - 1
    }

    /// The directory that a path leads to, links followed, and its chain's index.
    pub(crate) fn directory(&mut self, path: &Path) -> (usize, Option<Rc<Node>>) {
        let reached = self.reach(path);
        (reached.chain, reached.node.clone())
    }

    /// Whether every link on the ways to the directories still points where it did.
    pub(crate) fn links_unchanged(&mut self) -> bool {
        let links: Vec<usize> = (0..self.chains.len())
            .filter(|&index| self.chains.get(index).is_some_and(Chain::has_link))
            .collect();
        links.into_iter().all(|index| {
            self.chains.get(index).is_some_and(|before| {
                let (now, _) = self.walk(&before.path.0);
                let targets = |chain: &Chain| -> Vec<_> {
                    let links = chain.steps.iter().filter(|step| step.target.is_some());
                    links
                        .map(|step| (step.path.clone(), step.target.clone()))
                        .collect()
                };
                targets(before) == targets(&now) && before.stop == now.stop
            })
        })
    }

    /// What a path leads to.
    pub(crate) fn locate(&mut self, path: &Path) -> Located {
        let mut located = Located {
            directories: Vec::new(),
            links: Vec::new(),
            end: Err(Stop {
                at: WirePath(path.to_owned()),
                reason: Reason::TooManyLinks,
            }),
        };
        let mut path = path.to_owned();
        let mut hops = 0;
        while hops <= MAXIMUM_LINKS {
            let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
                located.end = Err(stop(path.clone(), Reason::Impossible("EISDIR".to_owned())));
                return located;
            };
            if path.as_os_str().len() >= MAXIMUM_PATH {
                let reason = Reason::Impossible(sys::error_name(Errno::NAMETOOLONG));
                located.end = Err(stop(path.clone(), reason));
                return located;
            }
            let reached = self.reach(parent);
            located.directories.push(reached.chain);
            let Some(directory) = &reached.node else {
                if let Some(stop) = self.chains.get(reached.chain).and_then(|c| c.stop.clone()) {
                    located.end = Err(stop);
                }
                return located;
            };
            let real = reached.real.join(name);
            let node = match directory.child(name) {
                Ok(node) => node,
                Err(error) => {
                    located.end = Err(refusal(error, &reached.real, real));
                    return located;
                }
            };
            if node.facts.kind != Kind::Symlink {
                located.end = Ok(Target {
                    directory: Rc::clone(directory),
                    name: name.to_owned(),
                    node,
                    real,
                });
                return located;
            }
            let target = match node.link_target(directory, name) {
                Ok(target) => target,
                Err(error) => {
                    located.end = Err(refusal(error, &reached.real, real));
                    return located;
                }
            };
            hops += 1 + reached.links;
            path = reached.real.join(&target);
            located.links.push(Step {
                path: WirePath(real),
                facts: node.facts,
                target: Some(WirePath(target)),
                acl: None,
                default_acl: None,
            });
        }
        located
    }

    /// A directory, from memory or by walking.
    fn reach(&mut self, path: &Path) -> Rc<Reached> {
        if let Some(reached) = self.open.get(path) {
            return Rc::clone(reached);
        }
        if self.open.len() >= OPEN_DIRECTORIES {
            self.open.clear();
        }
        let (chain, place) = self.walk(path);
        let links = chain
            .steps
            .iter()
            .filter(|step| step.target.is_some())
            .count();
        // The same way walked again is the same chain; if it changed meanwhile, both count.
        let index = match self.known.get(path) {
            Some(&index) if self.chains.get(index) == Some(&chain) => index,
            _ => {
                self.chains.push(chain);
                let index = self.chains.len() - 1;
                self.known.insert(path.to_owned(), index);
                index
            }
        };
        let (node, real) = match place {
            Some((node, real)) => (Some(node), real),
            None => (None, PathBuf::new()),
        };
        let reached = Rc::new(Reached {
            chain: index,
            node,
            real,
            links,
        });
        self.open.insert(path.to_owned(), Rc::clone(&reached));
        reached
    }

    /// Walks to a directory. Gives the way, and the directory with its path if it was reached.
    fn walk(&self, path: &Path) -> (Chain, Option<(Rc<Node>, PathBuf)>) {
        let mut chain = Chain {
            path: WirePath(path.to_owned()),
            steps: vec![directory_step(Path::new("/"), &self.root)],
            stop: None,
            file_system: None,
        };
        let mut stack: Vec<(PathBuf, Rc<Node>)> = vec![(PathBuf::from("/"), Rc::clone(&self.root))];
        let mut pending: VecDeque<OsString> = VecDeque::new();
        push_front(&mut pending, path);
        let mut links = 0;
        while let Some(name) = pending.pop_front() {
            let Some((here, directory)) = stack.last() else {
                break;
            };
            if name == ".." {
                if stack.len() > 1 {
                    stack.pop();
                }
                continue;
            }
            let at = here.join(&name);
            let result = directory.child(&name).and_then(|node| {
                let target = match node.facts.kind {
                    Kind::Symlink => Some(node.link_target(directory, &name)?),
                    _ => None,
                };
                Ok((node, target))
            });
            match result {
                Err(error) => {
                    chain.stop = Some(refusal(error, here, at));
                    return (chain, None);
                }
                Ok((node, Some(target))) => {
                    links += 1;
                    let facts = node.facts;
                    let long = target.as_os_str().len() >= MAXIMUM_PATH;
                    push_front(&mut pending, &target);
                    if target.is_absolute() {
                        stack.truncate(1);
                    }
                    chain.steps.push(Step {
                        path: WirePath(at.clone()),
                        facts,
                        target: Some(WirePath(target)),
                        acl: None,
                        default_acl: None,
                    });
                    if links > MAXIMUM_LINKS || long {
                        chain.stop = Some(stop(at, Reason::TooManyLinks));
                        return (chain, None);
                    }
                }
                Ok((node, None)) if node.facts.kind == Kind::Directory => {
                    chain.steps.push(directory_step(&at, &node));
                    stack.push((at, Rc::new(node)));
                }
                Ok(_) => {
                    chain.stop = Some(stop(at, Reason::NotADirectory));
                    return (chain, None);
                }
            }
        }
        match stack.pop() {
            Some((real, node)) => {
                chain.file_system = sys::file_system(&node).ok().and_then(|fs| fs.magic);
                (chain, Some((node, real)))
            }
            None => (chain, None),
        }
    }
}

fn directory_step(path: &Path, node: &Node) -> Step {
    Step {
        path: WirePath(path.to_owned()),
        facts: node.facts,
        target: None,
        acl: Acl::of(sys::file_acl(node)),
        default_acl: Acl::of(sys::default_acl(node)),
    }
}

/// Puts the components of a path before those that are still to come.
fn push_front(pending: &mut VecDeque<OsString>, path: &Path) {
    for component in path.components().rev() {
        match component {
            Component::Normal(name) => pending.push_front(name.to_owned()),
            Component::ParentDir => pending.push_front(OsString::from("..")),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
}

fn stop(at: PathBuf, reason: Reason) -> Stop {
    Stop {
        at: WirePath(at),
        reason,
    }
}

/// What an error at the entry `at` of `directory` means.
fn refusal(error: Errno, directory: &Path, at: PathBuf) -> Stop {
    match error {
        Errno::NOENT => stop(at, Reason::Missing),
        Errno::ACCESS => stop(directory.to_owned(), Reason::Denied),
        Errno::NOTDIR => stop(at, Reason::NotADirectory),
        Errno::LOOP => stop(at, Reason::TooManyLinks),
        Errno::NAMETOOLONG => stop(at, Reason::Impossible(sys::error_name(error))),
        other => stop(at, Reason::Failed(sys::error_name(other))),
    }
}
