//! What an evaluation of Nix files may read, and nothing else: roots, files, parsed trees.
//!
//! This crate knows nothing of what an expression means.

mod file_kind;
mod parse_cache;
mod read_ahead;
mod resolve;
mod sources;

pub use file_kind::{FileKind, ReadError};
pub use parse_cache::ParseCache;
pub use read_ahead::ReadAhead;
pub use resolve::normalise;
pub use sources::{MAX_FILE_SIZE, ParsedFile, Project};
