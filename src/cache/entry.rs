//! A report as it is kept: findings, numbers and places, without the text of any source.
//!
//! ```text
//! mcp-lint cache 2
//! SHA-256 of the key and what follows, in hexadecimal digits
//! JSON
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use inventory::{Configurations, FileId, GapKind, ProblemKind, SourceMap, Span};
use mcp_lint_lints::Diagnostic;
use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::key::{FORMAT, Hasher, hex};
use crate::display::{PublicNames, Redaction};
use crate::report::{Incomplete, Report, Stale};
use crate::report_summary::{Gap, HostSummary, InputSummary, Problem, ReportSummary};

/// A place: the index of its file in the list of the entry, first byte, one past the last.
pub(super) type Place = (u32, u32, u32);

#[derive(Serialize, Deserialize)]
struct Entry {
    /// The files that something points to.
    files: Vec<PathBuf>,
    root: PathBuf,
    hosts: Vec<Host>,
    /// Those of `Configurations`: defined, evaluated, hollow, failed.
    configurations: (Option<usize>, usize, usize, usize),
    gaps: Vec<Unseen>,
    readers_not_determined: usize,
    nix_files: usize,
    problems: Vec<Trouble>,
    unloaded_problems: Vec<Trouble>,
    redaction: Covered,
    inputs: Vec<InputSummary>,
    top: Option<Place>,
    findings: Vec<Finding>,
    hidden: usize,
    switched_off: usize,
    idle_readers: Vec<String>,
    ignored: usize,
    baselined: usize,
    stale: Vec<Stale>,
    elsewhere: usize,
}

#[derive(Serialize, Deserialize)]
struct Host {
    attribute: String,
    class: String,
    is_module: bool,
    at: Option<Place>,
    secrets: usize,
    readers: usize,
    problems: Vec<Trouble>,
}

#[derive(Serialize, Deserialize)]
struct Trouble {
    at: Option<Place>,
    code: String,
    message: String,
}

#[derive(Serialize, Deserialize)]
struct Unseen {
    code: String,
    subjects: Vec<String>,
    options: Vec<String>,
    reason: String,
    input: Option<String>,
    at: Option<Place>,
}

/// What of the files may not be shown.
#[derive(Serialize, Deserialize)]
struct Covered {
    secret_files: Vec<u32>,
    key_files: Vec<u32>,
    credentials: Vec<Place>,
    names: Vec<String>,
}

/// The bytes of an entry; nothing if the report points into a file that cannot be had again.
pub(super) fn encode(
    report: &Report,
    key: &str,
    can_be_had: &dyn Fn(&Path) -> bool,
) -> Option<Vec<u8>> {
    let mut files = Files::default();
    for span in spans(report) {
        files.note(span.file);
    }
    let paths = { files.ids() }.map(|id| Some(report.sources.get(id)?.path().to_owned()));
    let paths: Vec<PathBuf> = paths.collect::<Option<_>>()?;
    if !paths.iter().all(|path| can_be_had(path)) {
        return None;
    }
    let summary = &report.summary;
    let hosts = summary.hosts.iter().map(|host| Host {
        attribute: host.attribute.clone(),
        class: host.class.clone(),
        is_module: host.is_module,
        at: host.at.and_then(|at| files.place(at)),
        secrets: host.secrets,
        readers: host.readers,
        problems: troubles(&host.problems, &files),
    });
    let entry = Entry {
        files: paths,
        root: summary.root.clone(),
        hosts: hosts.collect(),
        configurations: {
            let numbers = summary.configurations;
            (
                numbers.defined,
                numbers.evaluated,
                numbers.hollow,
                numbers.failed,
            )
        },
        gaps: { summary.gaps.iter() }
            .map(|gap| Unseen {
                code: gap.kind.name().to_owned(),
                subjects: gap.subjects.clone(),
                options: gap.options.clone(),
                reason: gap.reason.clone(),
                input: gap.input.clone(),
                at: gap.at.and_then(|at| files.place(at)),
            })
            .collect(),
        readers_not_determined: summary.readers_not_determined,
        nix_files: summary.files,
        inputs: summary.inputs.clone(),
        problems: troubles(&summary.problems, &files),
        unloaded_problems: troubles(&summary.unloaded_problems, &files),
        redaction: covered(&summary.redaction, &files),
        top: summary.top.and_then(|at| files.place(at)),
        findings: { report.diagnostics.iter() }
            .map(|found| Finding::of(found, &|at| files.place(at)))
            .collect::<Option<_>>()?,
        hidden: report.hidden,
        switched_off: report.switched_off,
        idle_readers: report.idle_readers.clone(),
        ignored: report.ignored,
        baselined: report.baselined,
        stale: report.stale.clone(),
        elsewhere: report.elsewhere,
    };
    let json = serde_json::to_vec(&entry).ok()?;
    let mut bytes = format!("{FORMAT}\n{}\n", checksum(key, &json)).into_bytes();
    bytes.extend(json);
    Some(bytes)
}

/// The report of an entry; nothing if it is not what was written, or a file is not what it was.
pub(super) fn decode(
    bytes: &[u8],
    key: &str,
    text: &dyn Fn(&Path) -> Option<String>,
) -> Option<Report> {
    let rest = bytes.strip_prefix(FORMAT.as_bytes())?.strip_prefix(b"\n")?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (sum, json) = rest.split_at_checked(end)?;
    let json = json.strip_prefix(b"\n")?;
    if sum != checksum(key, json).as_bytes() {
        return None;
    }
    let entry: Entry = serde_json::from_slice(json).ok()?;
    let sources = SourceMap::new();
    let mut files = Numbered(Vec::new());
    for path in entry.files {
        let id = FileId::in_project(path.strip_prefix(&entry.root).unwrap_or(&path));
        let text = Arc::from(text(&path)?);
        sources.add(id, path, text);
        files.0.push(id);
    }
    let hosts = entry.hosts.into_iter().map(|host| {
        Some(HostSummary {
            attribute: host.attribute,
            class: host.class,
            is_module: host.is_module,
            at: files.optional(host.at)?,
            secrets: host.secrets,
            readers: host.readers,
            problems: files.problems(host.problems)?,
        })
    });
    let found = entry.findings.into_iter();
    let gaps = entry.gaps.into_iter().map(|gap| {
        Some(Gap {
            kind: GapKind::named(&gap.code)?,
            subjects: gap.subjects,
            options: gap.options,
            reason: gap.reason,
            input: gap.input,
            at: files.optional(gap.at)?,
        })
    });
    let (defined, evaluated, hollow, failed) = entry.configurations;
    Some(Report {
        summary: ReportSummary {
            root: entry.root,
            hosts: hosts.collect::<Option<_>>()?,
            configurations: Configurations {
                defined,
                evaluated,
                hollow,
                failed,
            },
            gaps: gaps.collect::<Option<_>>()?,
            readers_not_determined: entry.readers_not_determined,
            files: entry.nix_files,
            inputs: entry.inputs,
            problems: files.problems(entry.problems)?,
            unloaded_problems: files.problems(entry.unloaded_problems)?,
            redaction: files.redaction(&entry.redaction)?,
            top: files.optional(entry.top)?,
        },
        inventory: None,
        sources: Arc::new(sources),
        diagnostics: { found.map(|found| found.diagnostic(&files)) }.collect::<Option<_>>()?,
        hidden: entry.hidden,
        switched_off: entry.switched_off,
        idle_readers: entry.idle_readers,
        ignored: entry.ignored,
        baselined: entry.baselined,
        stale: entry.stale,
        elsewhere: entry.elsewhere,
        part: Vec::new(),
        crashes: Vec::new(),
        lints: (0, 0),
        fails_from: None,
        incomplete: Incomplete::default(),
        took: Duration::ZERO,
    })
}

fn checksum(key: &str, json: &[u8]) -> String {
    let mut hasher = Hasher::default();
    hasher.add(key.as_bytes());
    hasher.add(json);
    hex(&hasher.finish())
}

/// The files that are pointed to, numbered anew.
#[derive(Default)]
struct Files {
    numbers: BTreeMap<FileId, u32>,
}

impl Files {
    fn note(&mut self, file: FileId) {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.entry(file).or_insert(next);
    }

    /// By their numbers.
    fn ids(&self) -> impl Iterator<Item = FileId> {
        let mut ids: Vec<(u32, FileId)> = self.numbers.iter().map(|(id, n)| (*n, *id)).collect();
        ids.sort_unstable();
        ids.into_iter().map(|(_, id)| id)
    }

    fn number(&self, file: FileId) -> Option<u32> {
        self.numbers.get(&file).copied()
    }

    fn place(&self, at: Span) -> Option<Place> {
        Some((self.number(at.file)?, at.start, at.end))
    }
}

/// The files of an entry by their numbers. What has another number makes the entry useless.
pub(super) struct Numbered(Vec<FileId>);

impl Numbered {
    /// A place in a report; `None` if its file has no such number.
    pub(super) fn span(&self, (file, start, end): Place) -> Option<Span> {
        let file = *self.0.get(usize::try_from(file).ok()?)?;
        Some(Span { file, start, end })
    }

    fn spans<C: FromIterator<Span>>(&self, places: &[Place]) -> Option<C> {
        places.iter().map(|place| self.span(*place)).collect()
    }

    #[expect(
        clippy::option_option,
        reason = "a place that is not there is not a place that is wrong"
    )]
    fn optional(&self, at: Option<Place>) -> Option<Option<Span>> {
        match at {
            Some(at) => self.span(at).map(Some),
            None => Some(None),
        }
    }

    fn problems(&self, troubles: Vec<Trouble>) -> Option<Vec<Problem>> {
        let problem = |trouble: Trouble| {
            Some(Problem {
                at: self.optional(trouble.at)?,
                kind: ProblemKind::named(&trouble.code)?,
                message: trouble.message,
            })
        };
        troubles.into_iter().map(problem).collect()
    }

    fn redaction(&self, covered: &Covered) -> Option<Redaction> {
        let ids = |numbers: &[u32]| {
            let ids = numbers.iter();
            let ids = ids.map(|number| self.0.get(usize::try_from(*number).ok()?).copied());
            ids.collect::<Option<_>>()
        };
        let credentials: Vec<Span> = self.spans(&covered.credentials)?;
        Some(Redaction::of(
            ids(&covered.secret_files)?,
            ids(&covered.key_files)?,
            credentials.into_iter(),
            PublicNames::from_names(covered.names.iter().cloned()),
        ))
    }
}

/// Every place that a renderer can ask for.
fn spans(report: &Report) -> impl Iterator<Item = Span> {
    let summary = &report.summary;
    // Only a finding without a place of its own is shown at that of its host.
    let has_place = |found: &Diagnostic| found.primary.is_some() || !found.secondary.is_empty();
    let all_have =
        report.diagnostics.iter().all(has_place) && summary.gaps.iter().all(|gap| gap.at.is_some());
    let needs_place = !all_have;
    let hosts = summary.hosts.iter().filter_map(|host| host.at);
    let others = hosts.chain(summary.top).filter(move |_| needs_place);
    let holes = report.unreadable().chain(summary.unloaded_unread());
    let holes = holes.filter_map(|problem| problem.at);
    let holes = holes.chain(summary.gaps.iter().filter_map(|gap| gap.at));
    let found = report.diagnostics.iter().flat_map(|found| {
        let labels = found.primary.iter().chain(&found.secondary);
        let edits = found.fixes.iter().flat_map(|fix| &fix.edits);
        let labels = labels.map(|label| label.at);
        labels.chain(edits.map(|edit| edit.span))
    });
    others.chain(holes).chain(found)
}

/// The places of what was only left out of the evaluation are shown by no format.
fn troubles(problems: &[Problem], files: &Files) -> Vec<Trouble> {
    let trouble = |problem: &Problem| Trouble {
        at: problem.at.and_then(|at| files.place(at)),
        code: problem.kind.name().to_owned(),
        message: problem.message.clone(),
    };
    problems.iter().map(trouble).collect()
}

fn covered(redaction: &Redaction, files: &Files) -> Covered {
    let numbers = |ids: &BTreeSet<FileId>| ids.iter().filter_map(|id| files.number(*id)).collect();
    Covered {
        secret_files: numbers(&redaction.secret_files),
        key_files: numbers(&redaction.key_files),
        credentials: { redaction.places() }
            .filter_map(|at| files.place(at))
            .collect(),
        names: redaction.names().iter().map(str::to_owned).collect(),
    }
}
