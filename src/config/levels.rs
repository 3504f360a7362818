//! Levels by lint and group.

use std::collections::BTreeMap;

use mcp_lint_lints::{Group, Lint, Severity};

/// The level of a lint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Its findings have this severity.
    Severity(Severity),
    /// It does not run, or nothing of it is shown.
    Off,
}

/// What a level was given for, the less specific first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Specificity {
    /// `all`
    All,
    /// A group.
    Group,
    /// The lint itself.
    Lint,
}

/// Levels, each for a lint, a group, or all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Levels {
    pub(super) lints: BTreeMap<&'static str, Level>,
    pub(super) groups: BTreeMap<Group, Level>,
    pub(super) all: Option<Level>,
}

impl Levels {
    /// The level of a lint, with what it was given for: itself before its group before all.
    pub(crate) fn of(&self, lint: &Lint) -> Option<(Level, Specificity)> {
        let own = self.lints.get(lint.name).copied();
        let of_group = || self.groups.get(&lint.group).copied();
        own.map(|level| (level, Specificity::Lint))
            .or_else(|| of_group().map(|level| (level, Specificity::Group)))
            .or_else(|| self.all.map(|level| (level, Specificity::All)))
    }
}
