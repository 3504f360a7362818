//! What a report of a defect needs, and nothing that its sender would not show: no name of a host, secret or
//! file, unless asked for.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::display::escape;
use crate::report::{Report, near};
use crate::usage::UsageError;
use crate::write::replace_file;

/// The document.
#[derive(Serialize)]
struct Bundle<'a> {
    /// The version of this program, with its commit.
    version: &'static str,
    os: &'static str,
    architecture: &'static str,
    processors: usize,
    /// What was switched on when it was compiled.
    features: Vec<&'static str>,
    /// How long each phase took, in milliseconds, in their order.
    milliseconds: &'a [(&'static str, u64)],
    hosts: usize,
    secrets: usize,
    readers: usize,
    readers_not_determined: usize,
    files: usize,
    /// How many findings each lint has.
    findings: BTreeMap<&'static str, usize>,
    /// How many parts were not inspected, by kind.
    gaps: BTreeMap<&'static str, usize>,
    /// How many problems there are, by kind.
    problems: BTreeMap<&'static str, usize>,
    /// How the sources of inputs were found: how many in each way.
    inputs: BTreeMap<&'a str, usize>,
    /// Why parts were not inspected, which may hold names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
}

/// Writes the bundle of a run.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn write(
    path: &Path,
    report: &Report,
    phases: &[(&'static str, Duration)],
    with_names: bool,
) -> Result<(), UsageError> {
    let counts = report.counts();
    let summary = &report.summary;
    let milliseconds: Vec<(&'static str, u64)> = { phases.iter() }
        .map(|(name, took)| (*name, u64::try_from(took.as_millis()).unwrap_or(u64::MAX)))
        .collect();
    let of_hosts = summary.hosts.iter().flat_map(|host| &host.problems);
    let problems = summary.problems.iter().chain(of_hosts);
    let features = [
        ("fetch", cfg!(feature = "fetch")),
        ("mcp", cfg!(feature = "mcp")),
    ];
    let bundle = Bundle {
        version: env!("MCP_LINT_VERSION"),
        os: std::env::consts::OS,
        architecture: std::env::consts::ARCH,
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        features: { features.into_iter() }
            .filter(|(_, is_on)| *is_on)
            .map(|(name, _)| name)
            .collect(),
        milliseconds: &milliseconds,
        hosts: counts.hosts,
        secrets: counts.secrets,
        readers: counts.readers,
        readers_not_determined: counts.readers_not_determined,
        files: counts.files,
        findings: tally(report.diagnostics.iter().map(|found| found.lint.name)),
        gaps: tally(summary.gaps.iter().map(|gap| gap.kind.name())),
        problems: tally(problems.map(|problem| problem.kind.name())),
        inputs: tally(summary.inputs.iter().map(|input| input.source.as_str())),
        reasons: { summary.gaps.iter().filter(|_| with_names) }
            .map(|gap| escape(&gap.message()))
            .collect(),
    };
    let cannot = |why: &dyn std::fmt::Display| {
        UsageError::new(format!("cannot write {}: {why}", near(path)))
    };
    let mut text = Vec::new();
    crate::output::write_document(&bundle, &mut text).map_err(|error| cannot(&error))?;
    replace_file(path, &text).map_err(|error| cannot(&error))
}

fn tally<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut count = BTreeMap::new();
    for name in names {
        *count.entry(name).or_default() += 1;
    }
    count
}
