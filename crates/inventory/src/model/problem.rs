//! What could not be read or evaluated.

use std::cmp::Ordering;
use std::fmt;

use nix_syntax::source::Span;

use super::Reason;

/// Something that could not be read or evaluated.
///
/// Problems are ordered by place, kind and message. Displayed, one is its whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub at: Option<Span>,
    /// Which kind it is.
    pub kind: ProblemKind,
    /// What the matter is.
    pub reason: Reason,
}

/// A kind of problem, in the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// Something could not be evaluated.
    Evaluation,
    /// This program failed at a host, which is a defect of it.
    Internal,
    /// A module or a part of one could not be evaluated, while the rest was.
    Module,
    /// The evaluation of a host was cut short.
    Limit,
    /// A Nix file does not parse.
    Syntax,
    /// A file could not be read.
    Unreadable,
}

impl ProblemKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Evaluation,
        Self::Internal,
        Self::Module,
        Self::Limit,
        Self::Syntax,
        Self::Unreadable,
    ];

    /// The stable code in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evaluation => "evaluation-error",
            Self::Internal => "internal-error",
            Self::Module => "module-problem",
            Self::Limit => "step-budget",
            Self::Syntax => "syntax-error",
            Self::Unreadable => "unreadable-file",
        }
    }

    /// The kind with that code; `None` if there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a file could not be inspected: what it contains is not known, and a run in which that
    /// occurs never counts as clean.
    #[must_use]
    pub const fn is_unread(self) -> bool {
        matches!(self, Self::Syntax | Self::Unreadable)
    }

    /// Whether part of the project was not inspected: a file that could not be, or a host at which
    /// this program failed. Such a run never counts as clean.
    #[must_use]
    pub const fn is_hole(self) -> bool {
        self.is_unread() || matches!(self, Self::Internal)
    }
}

impl Problem {
    /// Whether a file could not be inspected: see [`ProblemKind::is_unread`].
    #[must_use]
    pub const fn is_unread(&self) -> bool {
        self.kind.is_unread()
    }

    /// Whether an evaluation was cut short, so that not everything in it was seen.
    #[must_use]
    pub fn is_cut_short(&self) -> bool {
        matches!(self.kind, ProblemKind::Limit | ProblemKind::Internal) || self.reason.is_limit()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Error(error) => error.fmt(f),
            Reason::Input { words: text, .. }
            | Reason::Source(text)
            | Reason::Switch { words: text, .. }
            | Reason::Limit(text)
            | Reason::Other(text) => f.write_str(text),
        }
    }
}

impl Ord for Problem {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_place = (self.at, self.kind).cmp(&(other.at, other.kind));
        by_place
            .then_with(|| self.to_string().cmp(&other.to_string()))
            .then_with(|| self.reason.cmp(&other.reason))
    }
}

impl PartialOrd for Problem {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_in_the_order_of_their_names_and_found_by_them() {
        let names = ProblemKind::ALL.map(ProblemKind::name);
        assert!(names.is_sorted(), "{names:?}");
        assert!(ProblemKind::ALL.is_sorted());
        for kind in ProblemKind::ALL {
            assert_eq!(ProblemKind::named(kind.name()), Some(kind));
        }
    }
}
