//! What `check` found, ready to be rendered: renderers decide nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use inventory::{Configurations, Inventory, SourceMap};
use mcp_lint_lints::{Crash, Diagnostic, Severity};
use serde::{Deserialize, Serialize};

use crate::report_summary::{HostSummary, Problem, ReportSummary};

/// The findings of one run and what they were drawn from.
#[derive(Debug)]
pub(crate) struct Report {
    /// The project.
    pub(crate) summary: ReportSummary,
    /// The facts, for the format that draws them; nothing where the report was kept from an earlier run.
    pub(crate) inventory: Option<Inventory>,
    /// The source files.
    pub(crate) sources: Arc<SourceMap>,
    /// Sorted by file, start and lint.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How many findings are not shown because they are only worth knowing.
    pub(crate) hidden: usize,
    /// How many findings the configuration file switches off.
    pub(crate) switched_off: usize,
    /// The options of `[[reader]]` tables to which nothing that was evaluated gives a secret; none where a part
    /// was not.
    pub(crate) idle_readers: Vec<String>,
    /// How many findings comments in the files ignore.
    pub(crate) ignored: usize,
    /// How many findings the baseline holds.
    pub(crate) baselined: usize,
    /// The entries of the baseline that are of findings that are no longer there.
    pub(crate) stale: Vec<Stale>,
    /// How many findings touch none of the files that were asked for.
    pub(crate) elsewhere: usize,
    /// The files and directories below the flake that were named; empty if all findings count.
    pub(crate) part: Vec<PathBuf>,
    /// The lints that panicked.
    pub(crate) crashes: Vec<Crash>,
    /// How many lints the command line leaves, and how many there are.
    pub(crate) lints: (usize, usize),
    /// The level from which on findings make the run fail; `None` if none does.
    pub(crate) fails_from: Option<Severity>,
    /// What it is worth if a part was not inspected.
    pub(crate) incomplete: Incomplete,
    /// How long it took. Only for people: every other output is the same from run to run.
    pub(crate) took: Duration,
}

/// An entry of a baseline of which there is no finding any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stale {
    /// The name of its lint.
    pub(crate) lint: String,
    /// Relative to the project root; `None` for a finding without a place.
    pub(crate) file: Option<String>,
    /// The option or file that it was about.
    pub(crate) subject: String,
}

/// What a run is worth of which a part of the input was not inspected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Incomplete {
    /// It fails if nothing can be concluded from it.
    #[default]
    Fails,
    /// It fails, however little is missing.
    Error,
    /// It does not fail for what the evaluation does not show; files that cannot be read still count.
    Warning,
}

/// The numbers of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) infos: usize,
    /// Configurations and containers.
    pub(crate) hosts: usize,
    pub(crate) hosts_with_findings: usize,
    /// Modules that no configuration loads, inspected on their own.
    pub(crate) modules: usize,
    pub(crate) modules_with_findings: usize,
    pub(crate) configurations: Configurations,
    pub(crate) secrets: usize,
    pub(crate) readers: usize,
    pub(crate) readers_not_determined: usize,
    pub(crate) files: usize,
}

/// What marks a finding that `--fix` mends.
pub(crate) const FIXABLE: &str = "[*]";

/// Which fixes a finding has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fixability {
    /// One that changes nothing but what the finding is about.
    Safe,
    /// Such that want a look alone.
    Unsafe,
}

impl Fixability {
    /// `None` if the finding has no fix.
    pub(crate) fn of(found: &Diagnostic) -> Option<Self> {
        let is_safe = found.fixes.iter().any(|fix| fix.safe);
        match (is_safe, found.fixes.is_empty()) {
            (true, _) => Some(Self::Safe),
            (false, false) => Some(Self::Unsafe),
            (false, true) => None,
        }
    }

    /// `3 more with --fix=unsafe`; `None` if there are none.
    pub(crate) fn more(diagnostics: &[Diagnostic]) -> Option<String> {
        let found = diagnostics.iter();
        let number = { found.filter(|found| Self::of(found) == Some(Self::Unsafe)) }.count();
        (number > 0).then(|| format!("{number} more with --fix=unsafe"))
    }
}

impl Report {
    /// How many findings can be fixed, and with what; `None` if none can.
    pub(crate) fn fixable(&self) -> Option<String> {
        let found = self.diagnostics.iter();
        let safe = found.filter(|found| Fixability::of(found) == Some(Fixability::Safe));
        let safe = match safe.count() {
            0 => None,
            number => Some(format!("{FIXABLE} {number} fixable with --fix")),
        };
        let more = Fixability::more(&self.diagnostics);
        let parts: Vec<String> = safe.into_iter().chain(more).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The numbers.
    pub(crate) fn counts(&self) -> Counts {
        let of = |severity| {
            self.diagnostics
                .iter()
                .filter(|found| found.severity == severity)
                .count()
        };
        let named: BTreeSet<&String> = self
            .diagnostics
            .iter()
            .flat_map(|found| &found.hosts)
            .collect();
        let all = &self.summary.hosts;
        let (modules, hosts): (Vec<&HostSummary>, Vec<&HostSummary>) =
            all.iter().partition(|host| host.is_module);
        let with_findings = |hosts: &[&HostSummary]| {
            let named = hosts.iter().filter(|host| named.contains(&host.attribute));
            named.count()
        };
        Counts {
            errors: of(Severity::Error),
            warnings: of(Severity::Warning),
            infos: of(Severity::Info),
            hosts: hosts.len(),
            hosts_with_findings: with_findings(&hosts),
            modules: modules.len(),
            modules_with_findings: with_findings(&modules),
            configurations: self.summary.configurations,
            secrets: all.iter().map(|host| host.secrets).sum(),
            readers: all.iter().map(|host| host.readers).sum(),
            readers_not_determined: self.summary.readers_not_determined,
            files: self.summary.files,
        }
    }

    /// Whether everything was read and evaluated, and every lint ran.
    pub(crate) fn is_complete(&self) -> bool {
        !self.is_broken()
            && self.summary.gaps.is_empty()
            && self.summary.unloaded_unread().next().is_none()
    }

    /// Whether the run fails because part of the input was not inspected.
    pub(crate) fn fails_as_incomplete(&self) -> bool {
        self.is_broken() || self.gaps_fail()
    }

    /// Whether the run fails because of what the evaluation does not show.
    pub(crate) fn gaps_fail(&self) -> bool {
        self.incomplete.fails(&self.summary)
    }

    /// Whether a file could not be read, or a lint panicked: such a run never counts as clean.
    fn is_broken(&self) -> bool {
        !self.crashes.is_empty() || self.unreadable().next().is_some()
    }

    /// What could not be read or parsed.
    pub(crate) fn unreadable(&self) -> impl Iterator<Item = &Problem> {
        self.summary
            .problems
            .iter()
            .filter(|problem| problem.is_hole())
    }
}

impl Incomplete {
    /// Whether a run of these gaps fails.
    pub(crate) fn fails(self, summary: &ReportSummary) -> bool {
        match self {
            Self::Error => !summary.gaps.is_empty() || summary.unloaded_unread().next().is_some(),
            Self::Warning => false,
            Self::Fails => summary.is_blind(),
        }
    }
}

/// The name of a file for people: relative to the working directory where it lies below it.
pub(crate) fn near(path: &Path) -> String {
    let here = std::env::current_dir()
        .and_then(|here| here.canonicalize())
        .unwrap_or_default();
    let below = path.strip_prefix(&here).ok();
    let below = below.filter(|below| !below.as_os_str().is_empty());
    below.unwrap_or(path).to_string_lossy().into_owned()
}

/// How files are named in the output.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    root: PathBuf,
    /// The working directory, if the names are for people who click on them.
    from: Option<PathBuf>,
}

impl Names {
    /// Relative to the project root.
    pub(crate) fn in_project(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            from: None,
        }
    }

    /// Relative to the repository that the project lies in, as code hosts name files; to the project
    /// root where there is none.
    pub(crate) fn in_repository(root: &Path) -> Self {
        let repository = root.ancestors().find(|folder| folder.join(".git").exists());
        Self::in_project(repository.unwrap_or(root))
    }

    /// Relative to the working directory where the project lies in it, else to the project root.
    pub(crate) fn for_people(root: &Path) -> Self {
        let here = std::env::current_dir()
            .and_then(|here| here.canonicalize())
            .ok();
        Self {
            root: root.to_owned(),
            from: here.filter(|here| root.starts_with(here)),
        }
    }

    /// The name of a file.
    pub(crate) fn of(&self, path: &Path) -> String {
        let from = self.from.as_deref().unwrap_or(&self.root);
        inventory::name_from(from, path)
    }
}
