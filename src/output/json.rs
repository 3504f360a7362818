//! The findings as one JSON document: see `docs/schemas/check.schema.json`.

use std::io::{self, Write};

use mcp_lint_lints::{Confidence, Diagnostic, Edit, Fix, Group, Help, Label};
use serde::Serialize;

use super::place::{Extent, extent};
use super::{document, gap_text};
use crate::report::{Names, Report};
use crate::report_summary::{Gap, InputSummary};

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    root: String,
    diagnostics: Vec<Finding<'a>>,
    gaps: Vec<GapEntry<'a>>,
    inputs: &'a [InputSummary],
    summary: Summary,
}

#[derive(Serialize)]
struct GapEntry<'a> {
    kind: &'static str,
    subjects: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    options: &'a [String],
    reason: &'a str,
    message: String,
    at: Option<Extent>,
}

#[derive(Serialize)]
struct ConfigurationsEntry {
    defined: Option<usize>,
    evaluated: usize,
    hollow: usize,
    failed: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    lint: &'static str,
    group: &'static str,
    severity: &'static str,
    message: &'a str,
    note: Option<&'a str>,
    help: Option<String>,
    confidence: &'static str,
    hosts: Vec<&'a str>,
    primary: Option<Labelled<'a>>,
    secondary: Vec<Labelled<'a>>,
    fixes: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Labelled<'a> {
    #[serde(flatten)]
    at: Extent,
    label: &'a str,
}

#[derive(Serialize)]
struct Change<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
struct Replacement<'a> {
    #[serde(flatten)]
    at: Extent,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    infos: usize,
    hidden: usize,
    ignored: usize,
    switched_off: usize,
    baselined: usize,
    stale_in_baseline: usize,
    elsewhere: usize,
    part: Vec<String>,
    hosts: usize,
    secrets: usize,
    readers: usize,
    readers_not_determined: usize,
    files: usize,
    configurations: ConfigurationsEntry,
    modules_alone: usize,
    complete: bool,
}

/// Writes the document.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::in_project(&report.summary.root);
    let counts = report.counts();
    let document = Document {
        schema: 1,
        root: report.summary.root.to_string_lossy().into_owned(),
        diagnostics: report
            .diagnostics
            .iter()
            .map(|found| finding(report, &names, found))
            .collect(),
        gaps: { report.summary.gaps.iter() }
            .map(|gap| GapEntry {
                kind: gap.kind.name(),
                subjects: &gap.subjects,
                options: &gap.options,
                reason: &gap.reason,
                message: gap.message(),
                at: gap.at.and_then(|at| extent(&report.sources, &names, at)),
            })
            .collect(),
        inputs: &report.summary.inputs,
        summary: Summary {
            errors: counts.errors,
            warnings: counts.warnings,
            infos: counts.infos,
            hidden: report.hidden,
            ignored: report.ignored,
            switched_off: report.switched_off,
            baselined: report.baselined,
            stale_in_baseline: report.stale.len(),
            elsewhere: report.elsewhere,
            part: report.part.iter().map(|path| names.of(path)).collect(),
            hosts: counts.hosts,
            secrets: counts.secrets,
            readers: counts.readers,
            readers_not_determined: counts.readers_not_determined,
            files: counts.files,
            configurations: ConfigurationsEntry {
                defined: counts.configurations.defined,
                evaluated: counts.configurations.evaluated,
                hollow: counts.configurations.hollow,
                failed: counts.configurations.failed,
            },
            modules_alone: counts.modules,
            complete: report.is_complete(),
        },
    };
    document::write(&document, out)
}

/// What was not inspected as a finding of the analysis itself.
fn of_gap<'a>(report: &Report, names: &Names, gap: &'a Gap, message: &'a str) -> Finding<'a> {
    let at = gap_text::anchor(report, gap);
    let primary = at.and_then(|at| extent(&report.sources, names, at));
    Finding {
        lint: gap.kind.name(),
        group: Group::Analysis.name(),
        severity: gap_text::severity(report).name(),
        message,
        note: None,
        help: None,
        confidence: Confidence::High.name(),
        hosts: gap.subjects.iter().map(String::as_str).collect(),
        primary: primary.map(|at| Labelled { at, label: "" }),
        secondary: Vec::new(),
        fixes: Vec::new(),
    }
}

/// Writes what was not inspected and the findings, each on its own line.
pub(crate) fn render_lines(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let names = Names::in_project(&report.summary.root);
    for gap in &report.summary.gaps {
        let message = gap.message();
        document::write_line(&of_gap(report, &names, gap, &message), out)?;
    }
    for found in &report.diagnostics {
        document::write_line(&finding(report, &names, found), out)?;
    }
    Ok(())
}

fn finding<'a>(report: &Report, names: &Names, found: &'a Diagnostic) -> Finding<'a> {
    let labelled = |label: &'a Label| {
        Some(Labelled {
            at: extent(&report.sources, names, label.at)?,
            label: &label.text,
        })
    };
    let replacement = |edit: &'a Edit| {
        Some(Replacement {
            at: extent(&report.sources, names, edit.span)?,
            replacement: &edit.replacement,
        })
    };
    let change = |fix: &'a Fix| Change {
        title: &fix.title,
        safe: fix.safe,
        edits: fix.edits.iter().filter_map(replacement).collect(),
    };
    Finding {
        lint: found.lint.name,
        group: found.lint.group.name(),
        severity: found.severity.name(),
        message: &found.message,
        note: found.note.as_deref(),
        help: found.help.as_ref().map(help),
        confidence: found.confidence.name(),
        hosts: found.hosts.iter().map(String::as_str).collect(),
        primary: found.primary.as_ref().and_then(labelled),
        secondary: found.secondary.iter().filter_map(labelled).collect(),
        fixes: found.fixes.iter().map(change).collect(),
    }
}

/// The words, then the code on lines of its own.
fn help(help: &Help) -> String {
    let parts = [Some(help.text.as_str()), help.code.as_deref()];
    let parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("\n")
}
