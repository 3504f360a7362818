//! Why a source was not fetched. No text here has a token, a password or a query in it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use flake_lock::NarHash;

/// Why a source was not fetched.
#[derive(Debug)]
#[non_exhaustive]
pub enum FetchError {
    /// The lock has no hash to verify it by.
    NoHash,
    /// A kind of source that is not offered as an archive: what it is.
    Unsupported(&'static str),
    /// The archive is compressed in a way that is not known.
    Compression,
    /// The server answered with that status; the host's name.
    Status {
        /// The status.
        code: u16,
        /// The host.
        host: String,
    },
    /// The server could not be reached, or the connection broke.
    Network {
        /// What the matter is.
        what: String,
        /// The host.
        host: String,
    },
    /// The archive, or what is in it, has more bytes than are allowed; the bound in bytes.
    TooLarge(u64),
    /// The archive has more entries than are allowed; the bound.
    TooManyEntries(usize),
    /// The paths in the archive are longer together than is allowed; the bound in bytes.
    PathsTooLong(usize),
    /// An entry that would leave the directory, or is neither a file, a link nor a directory.
    Entry(PathBuf),
    /// The archive is damaged.
    Archive(io::Error),
    /// What was fetched is something else.
    Hash {
        /// The hash in the lock.
        wanted: NarHash,
        /// The hash of what came.
        got: NarHash,
    },
    /// A file could not be written.
    Io(io::Error),
}

impl FetchError {
    /// Whether a token may be what lacks: servers hide what one may not see.
    #[must_use]
    pub const fn may_need_token(&self) -> bool {
        matches!(
            self,
            Self::Status {
                code: 401 | 403 | 404 | 429,
                ..
            }
        )
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHash => out.write_str("the lock has no `narHash` to verify it by"),
            Self::Unsupported(what) => write!(out, "{what} is not fetched"),
            Self::Compression => out.write_str("the archive is neither tar nor tar.gz"),
            Self::Status { code, host } => write!(out, "{host} answered with status {code}"),
            Self::Network { what, host } => write!(out, "{host}: {what}"),
            Self::TooLarge(bound) => {
                write!(out, "it is larger than {} MiB", bound >> 20)
            }
            Self::TooManyEntries(bound) => write!(out, "it has more than {bound} entries"),
            Self::PathsTooLong(bound) => {
                write!(out, "its paths have more than {} MiB", bound >> 20)
            }
            Self::Entry(path) => {
                write!(
                    out,
                    "the archive's entry {path:?} does not stay in its directory, or is no file"
                )
            }
            Self::Archive(error) => write!(out, "the archive is damaged: {error}"),
            Self::Hash { wanted, got } => {
                write!(
                    out,
                    "its hash is {got}, and the lock has {wanted}: it was thrown away"
                )
            }
            Self::Io(error) => write!(out, "cannot write: {error}"),
        }
    }
}

impl std::error::Error for FetchError {}

impl From<io::Error> for FetchError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
