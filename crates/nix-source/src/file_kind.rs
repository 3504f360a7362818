//! Kinds of directory entries, and reasons why a file cannot be read.

/// The largest file that is read, in bytes.
pub const MAX_FILE_SIZE: u64 = 64 << 20;

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// It is in no root, or a symbolic link leads out of its root.
    NotAllowed,
    /// It is in an input that `flake.lock` does not name.
    NotLocked,
    /// It is in a locked input whose source is not on this machine.
    NotInStore,
    /// It does not exist.
    Missing,
    /// It is a directory, a device, a pipe, …
    NotAFile,
    /// It is larger than [`MAX_FILE_SIZE`].
    TooLarge,
    /// A filter of Git encrypts it, and this clone is locked; the name of the tool.
    Encrypted(&'static str),
    /// More of its input was read than is allowed.
    InputTooLarge,
    /// It is not UTF-8; the first bad byte's offset.
    NotUtf8(usize),
    /// The operating system refused.
    Io(String),
}

impl ReadError {
    /// Whether the file is merely not known: Nix could have it.
    #[must_use]
    pub const fn is_outside(&self) -> bool {
        matches!(
            self,
            Self::NotAllowed
                | Self::NotLocked
                | Self::NotInStore
                | Self::Encrypted(_)
                | Self::InputTooLarge
        )
    }
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAllowed => f.write_str("it lies outside the project"),
            Self::NotLocked => f.write_str("it lies in an input that is not locked"),
            Self::NotInStore => f.write_str("it lies in an input whose source is not here"),
            Self::Missing => f.write_str("it does not exist"),
            Self::NotAFile => f.write_str("it is not a regular file"),
            Self::TooLarge => write!(f, "it is larger than {} MiB", MAX_FILE_SIZE >> 20),
            Self::Encrypted(tool) => write!(f, "it is encrypted by {tool}"),
            Self::InputTooLarge => f.write_str("its input is too large to be read whole"),
            Self::NotUtf8(at) => write!(f, "it is not UTF-8 (byte {at})"),
            Self::Io(message) => f.write_str(message),
        }
    }
}

impl From<std::io::Error> for ReadError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Self::Missing,
            _ => Self::Io(error.to_string()),
        }
    }
}

/// The kind of a directory entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Anything else.
    Unknown,
}

impl FileKind {
    /// As `builtins.readDir` names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Directory => "directory",
            Self::Symlink => "symlink",
            Self::Unknown => "unknown",
        }
    }
}

impl From<rustix::fs::FileType> for FileKind {
    fn from(kind: rustix::fs::FileType) -> Self {
        if kind.is_symlink() {
            Self::Symlink
        } else if kind.is_dir() {
            Self::Directory
        } else if kind.is_file() {
            Self::Regular
        } else {
            Self::Unknown
        }
    }
}

impl Ord for FileKind {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name().cmp(other.name())
    }
}

impl PartialOrd for FileKind {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
