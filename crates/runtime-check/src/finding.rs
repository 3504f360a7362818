//! What a check found.

use std::path::PathBuf;

use crate::checks::Check;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// It fails or leaks under conditions that are likely.
    Warning,
    /// It certainly fails, leaks or locks out.
    Error,
}

impl Severity {
    /// The name in JSON and JUnit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One finding. Every text in it is already escaped and holds no byte of a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file or directory that it is about.
    pub path: PathBuf,
    /// Which check.
    pub check: Check,
    /// The secret's name, where it is about one.
    pub secret: Option<String>,
    /// The user whom it concerns, where it concerns one.
    pub user: Option<String>,
    /// How bad it is here.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// The change to make.
    pub help: Option<String>,
}

/// Something that could not be checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotChecked {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}
