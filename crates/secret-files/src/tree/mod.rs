//! One document model for the five formats of sops files, with spans and comments.

pub(crate) mod dotenv;
pub(crate) mod ini;
pub(crate) mod json;
pub(crate) mod yaml;
mod yaml_scalar;

use std::borrow::Cow;
use std::cell::Cell;

use crate::{Code, Problem, Span};

/// Most values that are kept of one file; aliases count each time that they are followed.
pub(crate) const MAX_NODES: usize = 500_000;
/// Deepest nesting that is followed, aliases included.
pub(crate) const MAX_DEPTH: usize = 600;

/// Most work that is done on one file, in units of 64 bytes; without a limit, aliases of aliases
/// would make a small file endless.
const MAX_WORK: usize = 8_000_000;

/// The place of a node in [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeId(u32);

/// What a scalar is, as Go's yaml.v3 or encoding/json would decode it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarClass {
    String,
    Integer,
    Float,
    Bool,
    Null,
    Timestamp,
}

pub(crate) struct Scalar<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) class: ScalarClass,
    /// Whether it is `<<` as a merge key.
    pub(crate) merge: bool,
}

pub(crate) struct Comment<'a> {
    /// The comment with its marker.
    pub(crate) span: Span,
    /// The text after the marker.
    pub(crate) text: Cow<'a, str>,
    /// Whether it precedes the next entry; otherwise it belongs to nothing.
    pub(crate) above: bool,
}

pub(crate) enum Entry<'a> {
    Comment(Comment<'a>),
    Pair { key: NodeId, value: NodeId },
    Item(NodeId),
}

pub(crate) enum Kind<'a> {
    Scalar(Scalar<'a>),
    Mapping(Vec<Entry<'a>>),
    Sequence(Vec<Entry<'a>>),
    Alias(NodeId),
    /// An alias without an anchor.
    UnknownAlias,
}

pub(crate) struct Node<'a> {
    pub(crate) span: Span,
    pub(crate) kind: Kind<'a>,
}

/// A parsed file. Values are only kept as long as the file is described.
#[derive(Default)]
pub(crate) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    /// The root of every document.
    pub(crate) documents: Vec<NodeId>,
    /// Names of anchors, with the node that they name.
    pub(crate) anchors: Vec<(NodeId, String)>,
    /// The first byte after the document, in formats where the rest is ignored.
    pub(crate) end: Option<usize>,
    /// Work done so far, in units of 64 bytes.
    work: Cell<usize>,
}

impl<'a> Tree<'a> {
    pub(crate) fn push(&mut self, span: Span, kind: Kind<'a>) -> Result<NodeId, Problem> {
        let id = u32::try_from(self.nodes.len())
            .ok()
            .filter(|_| self.nodes.len() < MAX_NODES);
        let id = id.ok_or_else(|| too_complex(span))?;
        self.nodes.push(Node { span, kind });
        Ok(NodeId(id))
    }

    /// Counts the work of looking at something of this length; `false` once it is too much.
    pub(crate) fn spend(&self, bytes: usize) -> bool {
        self.work
            .set(self.work.get().saturating_add(1 + bytes / 64));
        !self.is_spent()
    }

    /// Whether the limit of work was reached, so that something was left out.
    pub(crate) fn is_spent(&self) -> bool {
        self.work.get() > MAX_WORK
    }

    pub(crate) fn node(&self, id: NodeId) -> Option<&Node<'a>> {
        self.nodes.get(id.0 as usize)
    }

    fn node_mut(&mut self, id: NodeId) -> Option<&mut Node<'a>> {
        self.nodes.get_mut(id.0 as usize)
    }

    /// The node itself, or what the alias stands for. An alias never points at an alias.
    pub(crate) fn resolve(&self, id: NodeId) -> Option<&Node<'a>> {
        let node = self.node(id)?;
        match node.kind {
            Kind::Alias(target) => self.node(target),
            _ => Some(node),
        }
    }

    pub(crate) fn scalar(&self, id: NodeId) -> Option<&Scalar<'a>> {
        match &self.resolve(id)?.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar that is a string.
    pub(crate) fn string(&self, id: NodeId) -> Option<&str> {
        self.scalar(id)
            .filter(|scalar| scalar.class == ScalarClass::String)
            .map(|scalar| &*scalar.text)
    }

    pub(crate) fn mapping(&self, id: NodeId) -> Option<&[Entry<'a>]> {
        match &self.resolve(id)?.kind {
            Kind::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn sequence(&self, id: NodeId) -> Option<&[Entry<'a>]> {
        match &self.resolve(id)?.kind {
            Kind::Sequence(entries) => Some(entries),
            _ => None,
        }
    }

    /// The pairs of a mapping whose key is a string; none if it is no mapping.
    pub(crate) fn pairs(&self, id: NodeId) -> impl Iterator<Item = (&str, NodeId, NodeId)> {
        self.mapping(id)
            .unwrap_or_default()
            .iter()
            .filter_map(|entry| match entry {
                Entry::Pair { key, value } => Some((self.string(*key)?, *key, *value)),
                _ => None,
            })
    }

    /// The value of the first pair with this key: the key's node and the value's.
    pub(crate) fn get(&self, id: NodeId, name: &str) -> Option<(NodeId, NodeId)> {
        self.pairs(id)
            .find(|(key, ..)| *key == name)
            .map(|(_, key, value)| (key, value))
    }

    /// Whether the first document has a value of sops, `data`, beside the metadata, and no other key.
    pub(crate) fn is_envelope(&self) -> bool {
        let Some(root) = self.documents.first() else {
            return false;
        };
        let mut keys: Vec<&str> = self.pairs(*root).map(|(key, ..)| key).collect();
        keys.sort_unstable();
        keys == ["data", "sops"]
    }

    /// All comments of the file.
    pub(crate) fn comments(&self) -> impl Iterator<Item = &Comment<'a>> {
        let entries = self.nodes.iter().filter_map(|node| match &node.kind {
            Kind::Mapping(entries) | Kind::Sequence(entries) => Some(entries),
            _ => None,
        });
        entries.flatten().filter_map(|entry| match entry {
            Entry::Comment(comment) => Some(comment),
            _ => None,
        })
    }

    /// The first key that occurs twice in a mapping of this document. Go refuses such a file.
    pub(crate) fn duplicate_key(&self, document: NodeId) -> Option<(String, Span)> {
        let last = self
            .documents
            .iter()
            .copied()
            .filter(|other| *other > document)
            .min();
        let until = last.map_or(self.nodes.len(), |last| last.0 as usize);
        let nodes = self
            .nodes
            .get(document.0 as usize..until)
            .unwrap_or_default();
        nodes.iter().find_map(|node| match &node.kind {
            Kind::Mapping(entries) => self.duplicate_in(entries),
            _ => None,
        })
    }

    pub(crate) fn duplicate_in(&self, entries: &[Entry<'a>]) -> Option<(String, Span)> {
        let mut keys: Vec<(&str, Span)> = entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Pair { key, .. } => {
                    let span = self.node(*key)?.span;
                    Some((&*self.scalar(*key)?.text, span))
                }
                _ => None,
            })
            .collect();
        keys.sort_unstable();
        let pair = keys
            .windows(2)
            .find(|pair| matches!(pair, [a, b] if a.0 == b.0))?;
        pair.last().map(|(key, span)| ((*key).to_owned(), *span))
    }
}

pub(crate) fn too_complex(span: Span) -> Problem {
    Problem::new(
        Code::FileTooComplex,
        span,
        "too many values, aliases or levels to be judged",
    )
}

/// A scalar that is a plain string, as in formats that know nothing else.
pub(crate) fn plain_string(text: &str) -> Kind<'_> {
    let text = Cow::Borrowed(text);
    Kind::Scalar(Scalar {
        text,
        class: ScalarClass::String,
        merge: false,
    })
}
