//! The result of a run, as data.

use std::path::PathBuf;

use crate::finding::{Finding, NotChecked, Severity};

/// Whether a reader can open a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readable {
    /// It could.
    Yes,
    /// The system refused.
    No,
    /// Not tried.
    Unknown,
}

impl Readable {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// A reader of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderReport {
    /// The user.
    pub user: String,
    /// What reads, for a person: `services.mcp github`; `None` if only the user is known.
    pub via: Option<String>,
    /// Whether it can.
    pub readable: Readable,
    /// Why not.
    pub reason: Option<String>,
}

/// A secret as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretReport {
    /// Its name, not escaped.
    pub name: String,
    /// `sops-nix`, `agenix`, `custom`
    pub manager: &'static str,
    /// The user whose Home Manager configuration declares it; nothing for the system's.
    pub user: Option<String>,
    /// Where readers find it.
    pub path: PathBuf,
    /// Where it really is; nothing if it was not reached.
    pub real_path: Option<PathBuf>,
    /// Its owner, by name where there is one.
    pub owner: Option<String>,
    /// Its group.
    pub group: Option<String>,
    /// Its permission bits.
    pub mode: Option<u32>,
    /// Its length in bytes.
    pub length: Option<u64>,
    /// `ramfs`, `tmpfs`, `ext4`
    pub file_system: Option<String>,
    /// Whether the content was looked at.
    pub content_checked: bool,
    /// Its readers, sorted by user and what reads.
    pub readers: Vec<ReaderReport>,
}

/// What the guide says of a server after activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServerStatus {
    /// Its secret is there, readable and usable, or it needs none.
    Available,
    /// Its secret is not there.
    Missing,
    /// The user cannot read it.
    Unreadable,
    /// The user owns it, but its mode does not let the owner read it.
    WrongMode,
    /// It is empty or holds nothing but blanks.
    Empty,
    /// It is there, but not a secret: still encrypted, a placeholder, not a regular file.
    Unusable,
    /// By the configuration it gets something else than its secret.
    Broken,
    /// Not decided.
    Unknown,
}

impl ServerStatus {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::WrongMode => "wrong-mode",
            Self::Empty => "empty",
            Self::Unusable => "unusable",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
        }
    }
}

/// An MCP server and one secret that it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerReport {
    /// The user who starts it.
    pub user: String,
    /// `github`
    pub name: String,
    /// The file name of the secret; nothing if it needs none.
    pub secret: Option<String>,
    /// Where it reads the secret.
    pub path: Option<PathBuf>,
    /// The verdict.
    pub status: ServerStatus,
    /// The facts for an available one, the reason for any other. Escaped.
    pub detail: Option<String>,
    /// The change to make. Escaped.
    pub help: Option<String>,
}

/// Everything that one run found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The host of the manifest.
    pub host: Option<String>,
    /// The user who ran the check.
    pub checked_as: String,
    /// The secrets, sorted by path.
    pub secrets: Vec<SecretReport>,
    /// The servers, sorted by user and name.
    pub servers: Vec<ServerReport>,
    /// The findings, sorted by path, check and secret.
    pub findings: Vec<Finding>,
    /// What could not be checked, sorted.
    pub not_checked: Vec<NotChecked>,
    /// What was left out on purpose, sorted.
    pub notes: Vec<String>,
    /// From which severity on findings count.
    pub fail_on: Severity,
}

impl Report {
    /// How many findings have a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let findings = self.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// The exit code: 1 with findings that count, else 2 if anything could not be checked, else 0.
    ///
    /// Findings come first: they are certain, whatever else could not be seen.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let counts = |finding: &Finding| finding.severity >= self.fail_on;
        if self.findings.iter().any(counts) {
            1
        } else if self.not_checked.is_empty() {
            0
        } else {
            2
        }
    }
}
