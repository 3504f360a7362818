//! From facts to findings. Nothing here touches a file, except to ask how names and numbers of
//! users belong together.

pub(crate) mod access;
pub(crate) mod client;
pub(crate) mod content;
pub(crate) mod directory;
pub(crate) mod file;
pub(crate) mod fix;
pub(crate) mod key;
pub(crate) mod managed;
pub(crate) mod recipients;
pub(crate) mod storage;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::accounts::Accounts;
use crate::checks::Check;
use crate::escape::Escaped;
use crate::finding::{Finding, NotChecked, Severity};
use crate::observe::mounts::Mounts;

/// What the judges share.
#[derive(Debug)]
pub(crate) struct JudgeContext<'a> {
    pub(crate) accounts: &'a mut Accounts,
    pub(crate) mounts: &'a Mounts,
    /// Swap areas that are not encrypted.
    pub(crate) swap: &'a [String],
    /// The paths are those of the running system, so mounts and processes mean something.
    pub(crate) is_live: bool,
    findings: Vec<Finding>,
    not_checked: Vec<NotChecked>,
    shared: BTreeMap<(PathBuf, Check, String), Shared>,
}

/// A finding about a directory or mount that several secrets have in common.
#[derive(Debug)]
struct Shared {
    severity: Severity,
    help: Option<String>,
    secrets: Vec<String>,
}

/// The parts of a finding that are not the same everywhere.
#[derive(Debug, Default)]
pub(crate) struct Details<'d> {
    pub(crate) secret: Option<&'d str>,
    pub(crate) user: Option<&'d str>,
    pub(crate) severity: Option<Severity>,
    pub(crate) help: Option<String>,
}

impl<'a> JudgeContext<'a> {
    pub(crate) fn new(
        accounts: &'a mut Accounts,
        mounts: &'a Mounts,
        swap: &'a [String],
        is_live: bool,
    ) -> Self {
        Self {
            accounts,
            mounts,
            swap,
            is_live,
            findings: Vec::new(),
            not_checked: Vec::new(),
            shared: BTreeMap::new(),
        }
    }

    /// Adds a finding about one file. The message must be escaped already.
    pub(crate) fn add(&mut self, check: Check, path: &Path, message: String, details: Details<'_>) {
        self.findings.push(Finding {
            path: path.to_owned(),
            check,
            secret: details.secret.map(str::to_owned),
            user: details.user.map(str::to_owned),
            severity: details.severity.unwrap_or(check.about().severity),
            message,
            help: details.help,
        });
    }

    /// Adds a finding about a directory or mount on the way to a secret: told once, however many
    /// secrets it concerns.
    pub(crate) fn add_shared(
        &mut self,
        check: Check,
        path: &Path,
        message: String,
        details: Details<'_>,
    ) {
        let shared = self
            .shared
            .entry((path.to_owned(), check, message))
            .or_insert_with(|| Shared {
                severity: details.severity.unwrap_or(check.about().severity),
                help: details.help,
                secrets: Vec::new(),
            });
        if let Some(secret) = details.secret
            && shared.secrets.last().is_none_or(|last| last != secret)
        {
            shared.secrets.push(secret.to_owned());
        }
    }

    /// Adds that a part of the check of `path` could not be made. `why` must be escaped already.
    pub(crate) fn not_checked(&mut self, path: &Path, why: impl Into<String>) {
        self.not_checked.push(NotChecked {
            what: shown(path),
            why: why.into(),
        });
    }

    /// All findings, sorted by path, check, secret; and what could not be checked.
    pub(crate) fn finish(self) -> (Vec<Finding>, Vec<NotChecked>) {
        let mut findings = self.findings;
        for ((path, check, message), shared) in self.shared {
            let mut secrets = shared.secrets;
            secrets.sort();
            secrets.dedup();
            let (secret, message) = match secrets.as_slice() {
                [] => (None, message),
                [only] => {
                    let on_the_way = format!("{message} (on the way to `{}`)", Escaped::text(only));
                    (Some(only.clone()), on_the_way)
                }
                [first, others @ ..] => {
                    let first = Escaped::text(first);
                    let count = others.len();
                    (
                        None,
                        format!("{message} (on the way to `{first}` and {count} more)"),
                    )
                }
            };
            findings.push(Finding {
                path,
                check,
                secret,
                user: None,
                severity: shared.severity,
                message,
                help: shared.help,
            });
        }
        findings.sort();
        findings.dedup();
        (findings, self.not_checked)
    }
}

/// A path for a sentence.
pub(crate) fn shown(path: &Path) -> String {
    Escaped::path(path).to_string()
}
