//! A secret file in the repository.

use nix_syntax::source::{FileId, TextSpan};
use secret_files::{Code, FileFacts};

use super::FilePath;

/// What lies in the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileState {
    /// Every value is encrypted.
    Encrypted,
    /// Some values are in clear that nothing excuses.
    Partial,
    /// sops metadata, but no value.
    MetadataOnly,
    /// sops metadata, and not one value is encrypted.
    NothingEncrypted,
    /// Not encrypted.
    Plaintext,
    /// No bytes.
    Empty,
    /// Damaged: the manager cannot decrypt it.
    Broken,
    /// Encrypted with something else (git-crypt, PGP, …).
    OtherEncrypted,
    /// Not there.
    Missing,
    /// There, but it could not be read, or it lies outside the project.
    Unreadable,
}

impl FileState {
    /// The name in the JSON output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::Partial => "partial",
            Self::MetadataOnly => "metadata-only",
            Self::NothingEncrypted => "nothing-encrypted",
            Self::Plaintext => "plaintext",
            Self::Empty => "empty",
            Self::Broken => "broken",
            Self::OtherEncrypted => "other-encrypted",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Something about a secret file that needs saying. Never holds content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// Which.
    pub code: Code,
    /// Where in the file.
    pub span: TextSpan,
    /// What, in one line.
    pub message: String,
}

/// A file that a secret names.
#[derive(Debug, Clone)]
pub struct SecretFile {
    /// Which.
    pub path: FilePath,
    /// Its id in the source map, for spans into it; nothing if it was not read or is not text.
    pub id: Option<FileId>,
    /// `sops-yaml`, `sops-json`, `sops-dotenv`, `sops-ini`, `sops-binary`, `age`, `age-armored`, …
    pub format: &'static str,
    /// The verdict.
    pub state: FileState,
    /// Whether Git tracks it; nothing where that is not known.
    pub tracked: Option<bool>,
    /// What needs saying, in order of place.
    pub problems: Vec<FileProblem>,
    /// Everything that its structure shows: keys, lengths, recipients; nothing if it was not read.
    pub facts: Option<FileFacts>,
    /// The secrets that use it: (index of the host, index of the secret).
    pub used_by: Vec<(usize, usize)>,
}
