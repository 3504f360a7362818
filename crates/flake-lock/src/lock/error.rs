//! What can be wrong with a lock.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A lock that cannot be used at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockError {
    /// What is wrong.
    pub kind: LockErrorKind,
    /// The bytes of the lock that are wrong.
    pub span: Range<usize>,
}

/// Why a lock cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockErrorKind {
    /// The file has more bytes than [`crate::MAX_LOCK_SIZE`].
    TooLarge,
    /// Not JSON.
    Syntax,
    /// A format that is not known, by its number if it has one.
    Version(Option<i64>),
    /// Something has another type than the format wants: what, and the type that is wanted.
    Type {
        /// The attribute.
        what: Arc<str>,
        /// The type: `a set`, `a text`.
        wanted: &'static str,
    },
    /// An attribute is missing, by its name.
    Missing(&'static str),
    /// A node that the lock does not have, by its name.
    NoSuchNode(Arc<str>),
    /// A name of a node or an input with more than 255 bytes.
    LongName,
    /// The nodes have more inputs together than these.
    TooManyInputs(usize),
    /// `narHash` is not a SHA-256 hash.
    Hash,
}

impl fmt::Display for LockErrorKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => {
                let mebibytes = super::MAX_LOCK_SIZE >> 20;
                write!(out, "a lock of more than {mebibytes} MiB is not read")
            }
            Self::Syntax => out.write_str("not valid JSON"),
            Self::Version(Some(version)) => {
                write!(out, "version {version} is not known (5, 6 and 7 are)")
            }
            Self::Version(None) => out.write_str("`version` is missing or not a number"),
            Self::Type { what, wanted } => write!(out, "`{what}` is not {wanted}"),
            Self::Missing(name) => write!(out, "`{name}` is missing"),
            Self::NoSuchNode(name) => write!(out, "there is no node `{name}`"),
            Self::LongName => out.write_str("a name in it has more than 255 bytes"),
            Self::TooManyInputs(bound) => write!(out, "its nodes have more than {bound} inputs"),
            Self::Hash => out.write_str("`narHash` is not a SHA-256 hash"),
        }
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.kind, out)
    }
}

impl std::error::Error for LockError {}

/// `follows` that lead to no node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowsError {
    /// The node and the input whose `follows` these are: `sops-nix/nixpkgs`.
    pub input: Arc<str>,
    /// What is wrong.
    pub kind: FollowsErrorKind,
    /// The bytes of the lock that hold the `follows`.
    pub span: Range<usize>,
}

/// Why `follows` lead to no node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FollowsErrorKind {
    /// They lead back to themselves.
    Cycle,
    /// An input on the way does not exist: the node, and the input it lacks.
    NoSuchInput(Arc<str>, Arc<str>),
    /// Other `follows` on the way lead to no node.
    Broken,
}

impl fmt::Display for FollowsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let input = &self.input;
        match &self.kind {
            FollowsErrorKind::Cycle => write!(out, "`{input}` follows itself"),
            FollowsErrorKind::NoSuchInput(node, name) => {
                write!(
                    out,
                    "`{input}` follows the input `{name}` of `{node}`, which has none of that name"
                )
            }
            FollowsErrorKind::Broken => {
                write!(out, "`{input}` follows an input that leads nowhere")
            }
        }
    }
}

impl std::error::Error for FollowsError {}
