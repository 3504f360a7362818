//! Which findings count, and how much: the one point that decides.

use std::collections::BTreeSet;

use mcp_lint_lints::{Diagnostic, Group, LINTS, Lint, Severity};

use crate::cli::FailOn;
use crate::usage::UsageError;

/// What the user asked for.
#[derive(Debug)]
pub(crate) struct Selection {
    lints: Vec<&'static Lint>,
    /// Lints that were selected by their own name: all their findings are shown.
    by_name: BTreeSet<&'static str>,
    shows_info: bool,
    fail_on: FailOn,
}

impl Selection {
    /// From the arguments. A name that is neither a lint nor a group is an error.
    pub(crate) fn new(
        select: &[String],
        ignore: &[String],
        pedantic: bool,
        fail_on: FailOn,
    ) -> Result<Self, UsageError> {
        let selected = match select {
            [] => LINTS.to_vec(),
            names => named(names)?,
        };
        let ignored = named(ignore)?;
        let by_name = selected
            .iter()
            .map(|lint| lint.name)
            .filter(|name| select.iter().any(|asked| asked == name));
        Ok(Self {
            by_name: by_name.collect(),
            lints: selected
                .iter()
                .copied()
                .filter(|lint| !ignored.contains(lint))
                .collect(),
            shows_info: pedantic || fail_on == FailOn::Info,
            fail_on,
        })
    }

    /// The lints to run, sorted by name.
    pub(crate) fn lints(&self) -> &[&'static Lint] {
        &self.lints
    }

    /// Drops the findings that are not asked for, and says how many.
    pub(crate) fn apply(&self, diagnostics: Vec<Diagnostic>) -> (Vec<Diagnostic>, usize) {
        let found = diagnostics.len();
        let is_shown = |diagnostic: &Diagnostic| {
            diagnostic.severity > Severity::Info
                || self.shows_info
                || self.by_name.contains(diagnostic.lint.name)
        };
        let shown: Vec<Diagnostic> = diagnostics.into_iter().filter(is_shown).collect();
        let hidden = found - shown.len();
        (shown, hidden)
    }

    /// Whether these findings make the run fail.
    pub(crate) fn fails(&self, diagnostics: &[Diagnostic]) -> bool {
        let level = match self.fail_on {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Info => Severity::Info,
            FailOn::Never => return false,
        };
        diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity >= level)
    }
}

/// The lints that these names and groups mean, sorted by name.
fn named(names: &[String]) -> Result<Vec<&'static Lint>, UsageError> {
    let mut lints: Vec<&'static Lint> = Vec::new();
    for name in names {
        let before = lints.len();
        lints.extend(LINTS.iter().copied().filter(|lint| means(name, lint)));
        if lints.len() == before && group(name).is_none() {
            return Err(unknown(name));
        }
    }
    lints.sort_by_key(|lint| lint.name);
    lints.dedup();
    Ok(lints)
}

fn means(name: &str, lint: &Lint) -> bool {
    lint.name == name || name == "all" || group(name) == Some(lint.group)
}

fn group(name: &str) -> Option<Group> {
    Group::ALL
        .into_iter()
        .find(|group| group.name() == name || group.letter().to_string() == name)
}

/// The error for a name that is no lint, with the one that may be meant.
pub(crate) fn unknown(name: &str) -> UsageError {
    let names = LINTS
        .iter()
        .map(|lint| lint.name)
        .chain(Group::ALL.into_iter().map(Group::name));
    UsageError::new(format!("there is no lint or group `{name}`"))
        .did_you_mean(name, names)
        .help("mcp-lint lints shows them all")
}
