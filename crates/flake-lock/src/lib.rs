//! Which sources a `flake.lock` names, and where they are on this machine.
//!
//! This crate reads no Nix file and knows nothing of an evaluation: it parses locks, resolves
//! `follows`, computes store paths, and finds directories. It uses no network.

mod lock;
mod nar;
mod nar_hash;
mod places;
mod sources;

pub use lock::{
    Attribute, Edge, EdgeTarget, Fetcher, FollowsError, FollowsErrorKind, Lock, LockError,
    LockErrorKind, Locked, MAX_LOCK_SIZE, Node, NodeId,
};
pub use nar::nar_hash;
pub use nar_hash::{DEFAULT_STORE, NarHash, SOURCE_NAME, nix32, store_path};
pub use places::{Override, OverrideOrigin, Places};
pub use sources::{Located, NotFound, Pin, SourceKind, Sources, cached_tree};
