//! Which findings the comments in a project's files ignore.

use std::collections::BTreeSet;

use inventory::{Inventory, SourceMap, Span};

use crate::directives::{Ignore, Malformed, read};
use crate::{Diagnostic, Lint, ProjectContext};

/// A finding that a comment ignores.
#[derive(Debug, Clone)]
pub struct Ignored {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// The comment.
    pub by: Span,
    /// Why, if the comment says so.
    pub reason: Option<String>,
}

/// The comments of a project, and which of their names were of use.
#[derive(Debug, Default)]
pub(crate) struct Ignores {
    /// Those with the right form, in the order of the inventory.
    pub(crate) ignores: Vec<Ignore>,
    /// The others.
    pub(crate) malformed: Vec<Malformed>,
    /// (index of the comment, index of the name)
    used: BTreeSet<(usize, usize)>,
}

/// What a lint sees that looks at what the others found.
#[derive(Debug, Clone, Copy)]
pub struct FindingsContext<'a> {
    /// The project.
    pub(crate) project: ProjectContext<'a>,
    /// The comments, with those that were of use.
    pub(crate) ignores: &'a Ignores,
    /// The lints that ran.
    pub(crate) ran: &'a [&'static Lint],
}

impl Ignores {
    /// Reads the comments of a project.
    pub(crate) fn of(inventory: &Inventory, sources: &SourceMap) -> Self {
        let mut ignores = Self::default();
        for directive in &inventory.directives {
            let source = sources.get(directive.at.file);
            match source.and_then(|source| read(directive, source.text())) {
                Some(Ok(ignore)) => ignores.ignores.push(ignore),
                Some(Err(malformed)) => ignores.malformed.push(malformed),
                None => {}
            }
        }
        ignores
    }

    /// Whether this name of this comment ignored something.
    pub(crate) fn is_used(&self, ignore: usize, name: usize) -> bool {
        self.used.contains(&(ignore, name))
    }

    /// Parts the findings in those that stay and those that a comment ignores. A finding is ignored
    /// by what covers the start of its primary label, and by nothing where it has no place.
    pub(crate) fn part(&mut self, diagnostics: Vec<Diagnostic>) -> (Vec<Diagnostic>, Vec<Ignored>) {
        let (mut stay, mut ignored) = (Vec::new(), Vec::new());
        for diagnostic in diagnostics {
            match self.covering(&diagnostic) {
                Some((by, reason)) => ignored.push(Ignored {
                    diagnostic,
                    by,
                    reason,
                }),
                None => stay.push(diagnostic),
            }
        }
        (stay, ignored)
    }

    /// Notes every comment that covers a finding; the first is given.
    fn covering(&mut self, diagnostic: &Diagnostic) -> Option<(Span, Option<String>)> {
        let at = diagnostic.primary.as_ref()?.at;
        let mut first = None;
        for (index, ignore) in self.ignores.iter().enumerate() {
            if !ignore.holds(at) {
                continue;
            }
            let is_meant = |name: &str| name == diagnostic.lint.name;
            if let Some(name) = ignore.lints.iter().position(|named| is_meant(&named.name)) {
                self.used.insert((index, name));
                first.get_or_insert_with(|| (ignore.at, ignore.reason.clone()));
            }
        }
        first
    }
}
