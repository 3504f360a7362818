//! What an evaluation of Nix files may read, and nothing else: roots, files, parsed trees.
//!
//! This crate knows nothing of what an expression means.

mod contents;
mod file_kind;
mod inputs;
mod named_files;
mod normalise;
mod owner;
mod parse_cache;
mod read;
mod read_ahead;
mod read_log;
mod regular_file;
mod resolve;
mod root;
mod source_reader;
mod workspace;

pub use file_kind::{FileKind, MAX_FILE_SIZE, ReadError};
pub use inputs::{InputPlace, InputUse};
pub use normalise::{normalise, normalise_text};
pub use owner::foreign_owner;
pub use parse_cache::ParseCache;
pub use read::{GIT_CRYPT, encrypting_filter};
pub use read_ahead::ReadAhead;
pub use read_log::{Glances, Observation, ReadLog, Subject};
pub use regular_file::{read_regular, read_start};
pub use resolve::is_git_object;
pub use source_reader::SourceReader;
pub use workspace::{Digest, EMBEDDED, ParsedFile, Workspace};
