//! How a run ends.

use std::io;
use std::process::ExitCode;

use crate::usage::UsageError;

/// The end of a run that went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing to report.
    Clean,
    /// Findings at or above the failing level.
    Findings,
    /// Part of the input could not be looked at, or a lint panicked.
    Incomplete,
}

/// The end of a run that did not.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The user has to change something.
    Usage(UsageError),
    /// The configuration file is wrong: what, ready to be printed.
    Configuration(String),
    /// Writing failed.
    Output(io::Error),
}

impl Failure {
    /// What went wrong, for who does not read standard error.
    pub(crate) fn into_message(self) -> String {
        match self {
            Self::Usage(error) => error.to_string(),
            Self::Configuration(what) => what,
            Self::Output(error) => error.to_string(),
        }
    }
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Incomplete => 2,
        })
    }
}
