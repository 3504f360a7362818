//! `flake.lock`: nodes, the inputs of each, and what they are locked to.

mod error;
mod follows;
mod parse;
mod reference;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

pub use error::{FollowsError, FollowsErrorKind, LockError, LockErrorKind};
pub use parse::MAX_LOCK_SIZE;

use crate::nar_hash::NarHash;

/// A node of one lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A parsed lock. Every edge leads to a node: see [`Lock::input`].
#[derive(Debug, Clone)]
pub struct Lock {
    version: u32,
    root: NodeId,
    nodes: Vec<Node>,
    by_name: BTreeMap<Arc<str>, NodeId>,
    /// Where the edges of each node lead.
    targets: Vec<Targets>,
    /// The flake that a relative `path:` of each node starts from.
    parents: Vec<Option<NodeId>>,
}

/// Where the inputs of a node lead, by their names.
type Targets = BTreeMap<Arc<str>, Result<NodeId, FollowsError>>;

/// The longest path of inputs that names a node, in inputs: deeper ones are named by the lock's name, or
/// the names of a chain would take the square of its length. Public locks go 8 deep.
const MAX_PATH_DEPTH: usize = 32;

/// What stands for the inputs on the way to a node that is deeper.
const ELIDED: &str = "…";

/// One source that a lock names.
#[derive(Debug, Clone)]
pub struct Node {
    /// The name in the lock: `nixpkgs_2`.
    pub name: Arc<str>,
    /// Its inputs, sorted by name.
    pub inputs: BTreeMap<Arc<str>, Edge>,
    /// What it is locked to; `None` for the root.
    pub locked: Option<Locked>,
    /// The reference as `flake.nix` has it; `None` for the root.
    pub original: Option<Locked>,
    /// Whether it has outputs; false for `flake = false`.
    pub is_flake: bool,
    /// The flake that a relative `path:` starts from, as a path of inputs from the root.
    pub parent: Option<Vec<Arc<str>>>,
    /// The bytes of the lock that hold it.
    pub span: Range<usize>,
}

/// What a node has for one of its inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The node, or the inputs to follow from the root.
    pub target: EdgeTarget,
    /// The bytes of the lock that hold it.
    pub span: Range<usize>,
}

/// Where an edge of a lock leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EdgeTarget {
    /// A node.
    Node(NodeId),
    /// The node that is reached from the root over these inputs.
    Follows(Vec<Arc<str>>),
}

/// The attributes of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// What fetches it.
    pub fetcher: Fetcher,
    /// SHA-256 of the tree; `None` if the lock has none.
    pub nar_hash: Option<NarHash>,
    attributes: BTreeMap<Arc<str>, Attribute>,
}

/// What fetches a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetcher {
    /// `github`.
    Github,
    /// `gitlab`.
    Gitlab,
    /// `sourcehut`.
    Sourcehut,
    /// `git`.
    Git,
    /// `hg`.
    Mercurial,
    /// `tarball`.
    Tarball,
    /// `file`: one file, whose hash is made another way.
    File,
    /// `path`.
    Path,
    /// `indirect`: a name in the registry.
    Indirect,
    /// A type that this program does not know, by its name.
    Other(Arc<str>),
}

/// A value of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// A text.
    Text(Arc<str>),
    /// A number: `lastModified` in seconds since 1970, `revCount`.
    Integer(i64),
    /// A switch: `submodules`, `shallow`.
    Bool(bool),
}

impl Locked {
    /// The reference to a tarball of that hash.
    #[must_use]
    pub fn tarball(url: Arc<str>, hash: NarHash) -> Self {
        Self {
            fetcher: Fetcher::Tarball,
            nar_hash: Some(hash),
            attributes: BTreeMap::from([(Arc::from("url"), Attribute::Text(url))]),
        }
    }

    /// The text of an attribute (`url`, `owner`, `rev`, `path`, `dir`); `None` if it has no such text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.attributes.get(name)? {
            Attribute::Text(text) => Some(text),
            Attribute::Integer(_) | Attribute::Bool(_) => None,
        }
    }

    /// Every attribute with its name, sorted.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        { self.attributes.iter() }.map(|(name, value)| (&**name, value))
    }

    /// The locked revision; `None` if the fetcher has none.
    #[must_use]
    pub fn revision(&self) -> Option<&str> {
        self.text("rev")
    }

    /// Whether it is a path that starts from the parent's flake.
    #[must_use]
    pub fn is_relative_path(&self) -> bool {
        let path = self.text("path");
        self.fetcher == Fetcher::Path && path.is_some_and(|path| !path.starts_with('/'))
    }
}

impl Lock {
    /// The lock of a flake that has none: a root without inputs.
    #[must_use]
    pub fn empty() -> Self {
        let name: Arc<str> = Arc::from("root");
        let root = Node {
            name: Arc::clone(&name),
            inputs: BTreeMap::new(),
            locked: None,
            original: None,
            is_flake: true,
            parent: None,
            span: 0..0,
        };
        Self {
            version: 7,
            root: NodeId(0),
            nodes: vec![root],
            by_name: BTreeMap::from([(name, NodeId(0))]),
            targets: vec![Targets::new()],
            parents: vec![None],
        }
    }

    /// Parses the text of a `flake.lock`, version 5 to 7.
    ///
    /// # Errors
    ///
    /// If it is not JSON, has another version or shape, or names a node that it lacks.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        parse::parse(text)
    }

    /// The version of its format.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The flake that the lock belongs to.
    #[must_use]
    pub const fn root(&self) -> NodeId {
        self.root
    }

    /// The node of that id.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        match self.nodes.get(id.index()) {
            Some(node) => node,
            // An id of another lock: any node is as good.
            None => self.node(self.root),
        }
    }

    /// The node of that name in the lock; `None` if there is none.
    #[must_use]
    pub fn node_named(&self, name: &str) -> Option<NodeId> {
        self.by_name.get(name).copied()
    }

    /// Every node but the root, sorted by name.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        let nodes = self.by_name.values().copied();
        nodes.filter(|node| *node != self.root)
    }

    /// The node that is the input `name` of `node`, as Nix's `call-flake.nix` finds it: `follows`
    /// are paths from the root, and an empty one is the root itself. `None` if it has no such input.
    ///
    /// # Errors
    ///
    /// If its `follows` name an input that does not exist, or lead back to themselves.
    pub fn input(&self, node: NodeId, name: &str) -> Result<Option<NodeId>, FollowsError> {
        let target = self.targets.get(node.index());
        let target = target.and_then(|targets| targets.get(name));
        target.cloned().transpose()
    }

    /// The inputs of a node with the nodes that they lead to, sorted by name.
    pub fn inputs(
        &self,
        node: NodeId,
    ) -> impl Iterator<Item = (&Arc<str>, &Result<NodeId, FollowsError>)> {
        self.targets.get(node.index()).into_iter().flatten()
    }

    /// The node that is reached from the root over these inputs, or that [`Lock::input_paths`] names so;
    /// `None` if one does not exist.
    ///
    /// # Errors
    ///
    /// If the `follows` on the way do not lead to a node.
    pub fn node_at<S: AsRef<str>>(&self, inputs: &[S]) -> Result<Option<NodeId>, FollowsError> {
        if let [elided, name] = inputs
            && elided.as_ref() == ELIDED
        {
            return Ok(self.node_named(name.as_ref()));
        }
        let mut node = self.root;
        for name in inputs {
            match self.input(node, name.as_ref())? {
                Some(next) => node = next,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// The shortest path of inputs from the root to each node that is reached, the first one by
    /// name if there are more; direct inputs before `follows`. A node that is deeper than 32 inputs has `…`
    /// and its name in the lock for a path.
    #[must_use]
    pub fn input_paths(&self) -> BTreeMap<NodeId, Vec<Arc<str>>> {
        let elided: Arc<str> = Arc::from(ELIDED);
        let mut paths = BTreeMap::from([(self.root, Vec::new())]);
        let mut queue = VecDeque::from([self.root]);
        while let Some(id) = queue.pop_front() {
            let path = paths.get(&id).cloned().unwrap_or_default();
            for (name, edge) in &self.node(id).inputs {
                if let EdgeTarget::Node(next) = edge.target
                    && !paths.contains_key(&next)
                {
                    let is_deep = path.len() >= MAX_PATH_DEPTH || path.first() == Some(&elided);
                    let longer = if is_deep {
                        vec![Arc::clone(&elided), Arc::clone(&self.node(next).name)]
                    } else {
                        let name = std::iter::once(Arc::clone(name));
                        path.iter().cloned().chain(name).collect()
                    };
                    paths.insert(next, longer);
                    queue.push_back(next);
                }
            }
        }
        paths
    }

    /// The `follows` that lead nowhere, in the order of the lock's nodes.
    pub fn follows_errors(&self) -> impl Iterator<Item = &FollowsError> {
        let all = self.targets.iter().flat_map(BTreeMap::values);
        all.filter_map(|target| target.as_ref().err())
    }

    /// The flake that a relative `path:` starts from: what `parent` names or, in locks without it,
    /// the first node that has this one as a direct input. `None` if there is none.
    pub(crate) fn parent_of(&self, id: NodeId) -> Option<NodeId> {
        self.parents.get(id.index()).copied().flatten()
    }
}

impl Lock {
    /// Finds what `parent` of each node names, once for all.
    fn resolve_parents(&mut self) {
        let named = |node: &Node| Some(self.node_at(node.parent.as_ref()?).ok().flatten());
        let named: Vec<_> = self.nodes.iter().map(named).collect();
        for (slot, named) in self.parents.iter_mut().zip(named) {
            *slot = named.unwrap_or(*slot);
        }
    }
}

/// The first node, by distance from the root and then by name, that has each node as a direct input.
fn first_parents(nodes: &[Node], root: NodeId) -> Vec<Option<NodeId>> {
    let mut parents = vec![None; nodes.len()];
    let mut queue = VecDeque::from([root]);
    while let Some(id) = queue.pop_front() {
        let edges = nodes
            .get(id.index())
            .into_iter()
            .flat_map(|node| node.inputs.values());
        for edge in edges {
            if let EdgeTarget::Node(next) = edge.target
                && next != root
                && let Some(slot @ None) = parents.get_mut(next.index())
            {
                *slot = Some(id);
                queue.push_back(next);
            }
        }
    }
    parents
}
