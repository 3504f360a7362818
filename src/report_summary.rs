//! A project in numbers and names, beyond its findings, and what of its sources may be shown.

use std::path::{Path, PathBuf};

use inventory::{
    Configurations, GapKind, Inventory, ProblemKind, Readable, Reason, SourceMap, Span,
};

use serde::{Deserialize, Serialize};

use crate::display::{Known, Redaction};

/// A project in numbers and names. Unlike an [`Inventory`], it is small and can be kept between runs.
#[derive(Debug, Clone)]
pub(crate) struct ReportSummary {
    /// The project root: absolute, without symbolic links.
    pub(crate) root: PathBuf,
    /// Its configurations and the modules that were inspected on their own, in the order of the inventory.
    pub(crate) hosts: Vec<HostSummary>,
    /// Its configurations in numbers.
    pub(crate) configurations: Configurations,
    /// What was not inspected, the largest first; each cause once.
    pub(crate) gaps: Vec<Gap>,
    pub(crate) readers_not_determined: usize,
    /// How many Nix files of the project were read.
    pub(crate) files: usize,
    /// The inputs of the flake that are its own, and those that evaluations asked for.
    pub(crate) inputs: Vec<InputSummary>,
    /// What could not be read or evaluated.
    pub(crate) problems: Vec<Problem>,
    /// What could not be read of the files that no configuration loads.
    pub(crate) unloaded_problems: Vec<Problem>,
    /// Which characters of the sources may be shown.
    pub(crate) redaction: Redaction,
    /// The start of the uppermost file, the first by name.
    pub(crate) top: Option<Span>,
}

/// An input of the flake.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct InputSummary {
    /// `a/b`
    pub(crate) name: String,
    /// The locked revision.
    pub(crate) rev: Option<String>,
    /// Where its source was found: `store`.
    pub(crate) source: String,
    /// Whether an evaluation asked for it.
    pub(crate) used: bool,
}

/// A configuration.
#[derive(Debug, Clone)]
pub(crate) struct HostSummary {
    /// `nixosConfigurations.desk`
    pub(crate) attribute: String,
    /// `nixos`
    pub(crate) class: String,
    /// Whether it is a module that no configuration loads.
    pub(crate) is_module: bool,
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

/// A part of the project that was not inspected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) kind: GapKind,
    /// What was not inspected, sorted: several configurations for the same reason.
    pub(crate) subjects: Vec<String>,
    /// The options of secrets that depend on it, sorted.
    pub(crate) options: Vec<String>,
    pub(crate) reason: String,
    /// The input of the flake that would be needed and is not here.
    pub(crate) input: Option<String>,
    /// Where it became so, else where the first of the configurations is defined.
    pub(crate) at: Option<Span>,
}

impl Gap {
    /// The gaps of an inventory, those of one cause together.
    pub(crate) fn all(inventory: &Inventory) -> Vec<Self> {
        let mut gaps = Self::by_cause(inventory.all_gaps());
        for gap in &mut gaps {
            let mut hosts = inventory.hosts.iter();
            let host = hosts.find(|host| gap.subjects.contains(&host.attribute));
            gap.at = gap.at.or_else(|| host?.at);
        }
        gaps
    }

    /// Gaps, those of one cause together.
    pub(crate) fn by_cause(all: Vec<inventory::Gap>) -> Vec<Self> {
        let mut gaps: Vec<Self> = Vec::new();
        for gap in all {
            let found = Self {
                kind: gap.kind,
                reason: match &gap.why.reason {
                    Reason::Source(words) => format!("{words}, which is not here"),
                    reason => reason.to_string(),
                },
                input: gap.why.reason.input().map(ToOwned::to_owned),
                at: gap.why.at,
                subjects: vec![gap.subject],
                options: gap.options,
            };
            let is_same = |known: &&mut Self| {
                // A limit is one, wherever it was reached.
                let at = |gap: &Self| gap.at.filter(|_| gap.kind != GapKind::Limit);
                let key = |gap: &Self| (gap.kind, at(gap));
                key(known) == key(&found) && known.reason == found.reason
            };
            match gaps.iter_mut().find(is_same) {
                Some(known) => {
                    known.subjects.extend(found.subjects);
                    known.options.extend(found.options);
                }
                None => gaps.push(found),
            }
        }
        for gap in &mut gaps {
            gap.subjects.retain(|subject| !subject.is_empty());
            gap.subjects.sort();
            gap.subjects.dedup();
            gap.options.sort();
            gap.options.dedup();
        }
        gaps
    }

    /// What was not inspected and why, in one line; not yet inert.
    pub(crate) fn message(&self) -> String {
        let reason = match &self.input {
            Some(_) => format!("{} is not here", self.reason),
            None => self.reason.clone(),
        };
        let subjects = few(&self.subjects);
        match (self.kind, self.subjects.is_empty()) {
            (GapKind::Configurations, _) => {
                format!("nothing can be said about {subjects}: {reason}")
            }
            (GapKind::MoreConfigurations, _) => {
                format!("there may be more configurations in {subjects}: {reason}")
            }
            (GapKind::NotEvaluated, _) => format!("{subjects} was not evaluated: {reason}"),
            (GapKind::Failed, _) => format!("{subjects} could not be evaluated: {reason}"),
            (GapKind::Hollow, _) => {
                format!("nothing can be said about {subjects}: its modules are not known: {reason}")
            }
            (GapKind::Modules, _) => {
                format!("a module of {subjects} could not be loaded: {reason}")
            }
            (GapKind::Secrets, _) => format!("{subjects} may declare more secrets: {reason}"),
            (GapKind::Undecided, _) => {
                let options = few(&self.options);
                let verb = if self.options.len() == 1 {
                    "depends"
                } else {
                    "depend"
                };
                format!(
                    "{options} of {subjects} {verb} on a condition that is not decided: {reason}"
                )
            }
            (GapKind::Search, _) => format!("{subjects} is not whole: {reason}"),
            (GapKind::Limit, true) => format!("an evaluation was cut short: {reason}"),
            (GapKind::Limit, false) => {
                format!("the evaluation of {subjects} was cut short: {reason}")
            }
        }
    }

    /// What to do about the inputs that are not here; `None` if none is missing.
    pub(crate) fn help(gaps: &[Self]) -> Option<String> {
        const SHOWN: usize = 3;
        let mut names: Vec<&str> = { gaps.iter() }
            .filter_map(|gap| gap.input.as_deref())
            .collect();
        names.sort_unstable();
        names.dedup();
        let options: Vec<String> = { names.iter().take(SHOWN) }
            .map(|name| format!("--input {name}=PATH"))
            .collect();
        let pronoun = match names.as_slice() {
            [] => return None,
            [_] => "it",
            _ => "them",
        };
        let more = if names.len() > SHOWN { " …" } else { "" };
        Some(format!(
            "run `nix flake archive`, or give {pronoun}: {}{more}",
            options.join(" ")
        ))
    }
}

/// The names, the first ones of many.
fn few(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let mut shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = format!("{} more", names.len().saturating_sub(SHOWN));
    if names.len() > SHOWN {
        shown.push(&more);
    }
    match shown.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}

impl Problem {
    fn of(problem: &inventory::Problem) -> Self {
        Self {
            at: problem.at,
            kind: problem.kind,
            message: problem.to_string(),
        }
    }

    /// Whether something was not inspected: such a run never counts as clean.
    pub(crate) fn is_hole(&self) -> bool {
        self.kind.is_hole()
    }
}

impl ReportSummary {
    /// Whether nothing can be concluded from the absence of findings: the project has configurations, and
    /// none was evaluated or their set is not known, a bound ended the evaluation, or no module could be loaded.
    pub(crate) fn is_blind(&self) -> bool {
        let none = self.configurations.evaluated == 0;
        let of_configurations = |gap: &Gap| match gap.kind {
            GapKind::MoreConfigurations
            | GapKind::NotEvaluated
            | GapKind::Failed
            | GapKind::Hollow => none,
            kind => kind.is_blinding(),
        };
        self.gaps.iter().any(of_configurations) || self.has_hollow_modules_only()
    }

    /// Whether there are lone modules only, none could be loaded whole, and no secret was seen in them.
    fn has_hollow_modules_only(&self) -> bool {
        let is_hollow = |host: &HostSummary| {
            let of_modules = { self.gaps.iter() }.filter(|gap| gap.kind == GapKind::Modules);
            let mut subjects = of_modules.flat_map(|gap| &gap.subjects);
            host.is_module && host.secrets == 0 && subjects.any(|it| *it == host.attribute)
        };
        !self.hosts.is_empty() && self.hosts.iter().all(is_hollow)
    }

    /// What could not be read and no configuration loads: a run does not fail for it, and did not see all.
    pub(crate) fn unloaded_unread(&self) -> impl Iterator<Item = &Problem> {
        let unloaded = self.unloaded_problems.iter();
        unloaded.filter(|problem| problem.is_hole())
    }

    /// Of an inventory.
    pub(crate) fn new(inventory: &Inventory, sources: &SourceMap) -> Self {
        let hosts = inventory.hosts.iter().map(|host| HostSummary {
            attribute: host.attribute.clone(),
            class: host.class.name().to_owned(),
            is_module: host.is_module(),
            at: host.at,
            secrets: host.secrets.len(),
            readers: host.readers.len(),
            problems: host.problems.iter().map(Problem::of).collect(),
        });
        let readers = inventory.hosts.iter().flat_map(|host| &host.readers);
        let undecided = |reader: &&inventory::Reader| reader.verdict.readable == Readable::Unknown;
        let redaction = Redaction::new(inventory);
        let known = Known::new(&redaction, sources);
        let mut summary = Self {
            root: inventory.root.clone(),
            hosts: hosts.collect(),
            configurations: inventory.configurations(),
            gaps: Gap::all(inventory),
            readers_not_determined: readers.filter(undecided).count(),
            files: inventory.files_read,
            inputs: { inventory.inputs.iter() }
                .filter(|input| input.used || input.is_direct())
                .map(|input| InputSummary {
                    name: input.name.clone(),
                    rev: input.revision.clone(),
                    source: input.source.word().to_owned(),
                    used: input.used,
                })
                .collect(),
            problems: inventory.problems.iter().map(Problem::of).collect(),
            unloaded_problems: { inventory.unloaded_problems.iter() }
                .map(Problem::of)
                .collect(),
            redaction,
            top: top(&inventory.root, sources),
        };
        summary.conceal(&known);
        summary
    }

    /// Covers credentials in the texts that tell why something is not known.
    fn conceal(&mut self, known: &Known) {
        let of_hosts = self.hosts.iter_mut().flat_map(|host| &mut host.problems);
        let of_files = self.problems.iter_mut().chain(&mut self.unloaded_problems);
        for problem in of_files.chain(of_hosts) {
            known.conceal(&mut problem.message);
        }
        for gap in &mut self.gaps {
            known.conceal(&mut gap.reason);
            { gap.subjects.iter_mut() }
                .chain(&mut gap.options)
                .for_each(|subject| known.conceal(subject));
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
