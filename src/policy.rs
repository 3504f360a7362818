//! What the command line, the configuration file and the baseline say together of the findings: the
//! one point that decides.

use std::path::{Path, PathBuf};

use extract::discover;
use inventory::{Inventory, SourceMap};
use mcp_lint_lints::{Confidence, Crash, Diagnostic, Ignored, LINTS, Severity, run};

use crate::baseline::Baseline;
use crate::changed_files::{ChangedFiles, concerns};
use crate::cli::check::CheckArguments;
use crate::config::Configuration;
use crate::display::{Known, Redaction};
use crate::fix::{Key, key};
use crate::report::{Incomplete, Stale};
use crate::selection::{Asked, Selection};
use crate::usage::UsageError;

/// What decides which findings are reported.
#[derive(Debug)]
pub(crate) struct Policy {
    selection: Selection,
    baseline: Option<Baseline>,
    fails_on_stale: bool,
    changed: Option<ChangedFiles>,
    incomplete: Incomplete,
    part: Vec<PathBuf>,
}

/// The findings of a run, decided.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// What is reported, with its levels, sorted by file, start and lint.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How many are not shown because they are only worth knowing.
    pub(crate) hidden: usize,
    /// How many the configuration file switches off.
    pub(crate) switched_off: usize,
    /// What comments in the files ignore.
    pub(crate) ignored: Vec<Ignored>,
    /// How many the baseline holds.
    pub(crate) baselined: usize,
    /// The entries of the baseline that are of findings that are no longer there.
    pub(crate) stale: Vec<Stale>,
    /// How many touch none of the files that were asked for.
    pub(crate) elsewhere: usize,
    /// What each finding is about, whether it is reported or not.
    pub(crate) found: Vec<Key>,
    /// The lints that panicked.
    pub(crate) crashes: Vec<Crash>,
}

/// Covers credentials in the texts of a finding, its identity included: it is written to baselines.
fn conceal(found: &mut Diagnostic, known: &Known) {
    known.conceal(&mut found.message);
    known.conceal(&mut found.subject);
    let labels = found.primary.iter_mut().chain(&mut found.secondary);
    for label in labels {
        known.conceal(&mut label.text);
    }
    if let Some(note) = &mut found.note {
        known.conceal(note);
    }
    if let Some(help) = &mut found.help {
        known.conceal(&mut help.text);
        if let Some(code) = &mut help.code {
            known.conceal(code);
        }
    }
}

impl Policy {
    /// From the arguments of `check`, over the configuration file.
    pub(crate) fn new(
        arguments: &CheckArguments,
        configuration: &Configuration,
    ) -> Result<Self, UsageError> {
        let asked = Asked {
            select: &arguments.select,
            ignore: &arguments.ignore,
            pedantic: arguments.pedantic,
            min_confidence: arguments.more.min_confidence.map(Confidence::from),
            fail_on: arguments.fail_on,
        };
        // What is written anew is not what was there.
        let configured = configuration.baseline.as_deref();
        let configured = configured.filter(|_| arguments.write_baseline.is_none());
        let baseline = arguments.baseline.as_deref().or(configured);
        // What cannot be looked at is told by the run itself.
        let part = discover(&arguments.input.paths).map(|found| found.part().to_vec());
        Ok(Self {
            part: part.unwrap_or_default(),
            selection: Selection::new(asked, configuration)?,
            baseline: baseline.map(Baseline::read).transpose()?,
            fails_on_stale: arguments.more.fail_on_stale || configuration.fails_on_stale,
            incomplete: configuration.incomplete(arguments.input.require_complete),
            changed: ChangedFiles::new(
                &arguments.input.paths,
                &arguments.only,
                arguments.changed_since.as_deref(),
            )?,
        })
    }

    /// Runs the lints and decides.
    pub(crate) fn decide(&self, inventory: &Inventory, sources: &SourceMap) -> Decided {
        let mut findings = run(inventory, sources, self.selection.lints());
        let known = Known::new(&Redaction::new(inventory), sources);
        let ignored = { findings.ignored.iter_mut() }.map(|ignored| &mut ignored.diagnostic);
        for found in findings.diagnostics.iter_mut().chain(ignored) {
            conceal(found, &known);
        }
        let ignored = findings.ignored.iter().map(|ignored| &ignored.diagnostic);
        let found = findings
            .diagnostics
            .iter()
            .chain(ignored)
            .map(key)
            .collect();
        let selected = self.selection.apply(&inventory.root, findings.diagnostics);
        // They are counted, so that a summary without findings can be trusted.
        let off = match self.selection.switched_off() {
            [] => 0,
            off => self
                .selection
                .shown(&run(inventory, sources, off).diagnostics),
        };
        let mut decided = Decided {
            hidden: selected.hidden,
            switched_off: selected.switched_off + off,
            diagnostics: selected.diagnostics,
            ignored: findings.ignored,
            crashes: findings.crashes,
            found,
            ..Decided::default()
        };
        if let Some(baseline) = &self.baseline {
            let parted = baseline.part(decided.diagnostics, self.selection.lints());
            decided.diagnostics = parted.new;
            decided.baselined = parted.known;
            if !inventory.is_partial {
                decided.stale = parted.stale;
            }
        }
        let before = decided.diagnostics.len();
        let mut keep = |counts: &dyn Fn(&Path) -> bool| {
            let concerns = |found: &Diagnostic| concerns(counts, inventory, sources, found);
            decided.diagnostics.retain(concerns);
        };
        if let Some(changed) = &self.changed {
            keep(&|file| changed.has(file));
        }
        if !self.part.is_empty() {
            keep(&|file| self.part.iter().any(|part| file.starts_with(part)));
        }
        decided.elsewhere = before - decided.diagnostics.len();
        decided
    }

    /// The files and directories below the flake that were named: findings that touch none of them are
    /// not reported. Empty if all are.
    pub(crate) fn part(&self) -> &[PathBuf] {
        &self.part
    }

    /// What decides beyond the arguments and the configuration file, in parts that are the same from
    /// run to run.
    pub(crate) fn describe(&self, part: &mut dyn FnMut(&[u8])) {
        part(
            &self
                .baseline
                .as_ref()
                .map(Baseline::describe)
                .unwrap_or_default(),
        );
        for file in &self.part {
            part(file.as_os_str().as_encoded_bytes());
        }
        match &self.changed {
            None => part(b"all files"),
            Some(changed) => changed.describe(part),
        }
    }

    /// What a run is worth of which a part was not inspected.
    pub(crate) const fn incomplete(&self) -> Incomplete {
        self.incomplete
    }

    /// Whether entries of the baseline that are of no finding make the run fail.
    pub(crate) const fn fails_on_stale(&self) -> bool {
        self.fails_on_stale
    }

    /// How many lints the command line leaves, and how many there are. What the configuration file switches off is
    /// told with what it would have found.
    pub(crate) fn lints(&self) -> (usize, usize) {
        let selection = &self.selection;
        (
            selection.lints().len() + selection.switched_off().len(),
            LINTS.len(),
        )
    }

    /// The level from which on findings make the run fail; `None` if none does.
    pub(crate) const fn fails_from(&self) -> Option<Severity> {
        self.selection.fails_from()
    }

    /// Whether these findings make the run fail.
    pub(crate) fn fails(&self, diagnostics: &[Diagnostic]) -> bool {
        self.selection.fails(diagnostics)
    }
}
