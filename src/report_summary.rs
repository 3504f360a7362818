//! A project in numbers and names, beyond its findings, and what of its sources may be shown.

use std::path::{Path, PathBuf};

use inventory::{Inventory, ProblemKind, Readable, SourceMap, Span};

use crate::display::Redaction;

/// A project in numbers and names. Unlike an [`Inventory`], it is small and can be kept between runs.
#[derive(Debug, Clone)]
pub(crate) struct ReportSummary {
    /// The project root: absolute, without symbolic links.
    pub(crate) root: PathBuf,
    /// Its configurations, in the order of the inventory.
    pub(crate) hosts: Vec<HostSummary>,
    pub(crate) readers_not_determined: usize,
    /// How many Nix files of the project were read.
    pub(crate) files: usize,
    /// What could not be read or evaluated.
    pub(crate) problems: Vec<Problem>,
    /// Which characters of the sources may be shown.
    pub(crate) redaction: Redaction,
    /// The start of the uppermost file, the first by name.
    pub(crate) top: Option<Span>,
}

/// A configuration.
#[derive(Debug, Clone)]
pub(crate) struct HostSummary {
    /// `nixosConfigurations.desk`
    pub(crate) attribute: String,
    /// `nixos`
    pub(crate) class: String,
    /// Where it is defined.
    pub(crate) at: Option<Span>,
    pub(crate) secrets: usize,
    pub(crate) readers: usize,
    pub(crate) problems: Vec<Problem>,
}

/// Something that could not be read or evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) at: Option<Span>,
    pub(crate) kind: ProblemKind,
    pub(crate) message: String,
}

impl Problem {
    fn of(problem: &inventory::Problem) -> Self {
        Self {
            at: problem.at,
            kind: problem.kind,
            message: problem.to_string(),
        }
    }

    /// Whether a file could not be looked at: such a run never counts as clean.
    pub(crate) fn is_hole(&self) -> bool {
        self.kind.is_unread()
    }
}

impl ReportSummary {
    /// Of an inventory.
    pub(crate) fn new(inventory: &Inventory, sources: &SourceMap) -> Self {
        let hosts = inventory.hosts.iter().map(|host| HostSummary {
            attribute: host.attribute.clone(),
            class: host.class.name().to_owned(),
            at: host.at,
            secrets: host.secrets.len(),
            readers: host.readers.len(),
            problems: host.problems.iter().map(Problem::of).collect(),
        });
        let readers = inventory.hosts.iter().flat_map(|host| &host.readers);
        let undecided = |reader: &&inventory::Reader| reader.verdict.readable == Readable::Unknown;
        Self {
            root: inventory.root.clone(),
            hosts: hosts.collect(),
            readers_not_determined: readers.filter(undecided).count(),
            files: inventory.files_read,
            problems: inventory.problems.iter().map(Problem::of).collect(),
            redaction: Redaction::new(inventory),
            top: top(&inventory.root, sources),
        }
    }
}

fn top(root: &Path, sources: &SourceMap) -> Option<Span> {
    let files = sources.ids().into_iter().filter_map(|file| {
        let source = sources.get(file)?;
        let path = source.path().strip_prefix(root).ok()?;
        Some((path.components().count(), path.to_owned(), file))
    });
    let (_, _, file) = files.min()?;
    Some(Span {
        file,
        start: 0,
        end: 0,
    })
}
