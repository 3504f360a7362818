//! The formats, one file each. They render what they are given and decide nothing.
//!
//! To add a format for `check`, add its file here, a value to
//! [`CheckFormat`] and one line to [`check`].

mod checkstyle;
pub(crate) mod coverage_json;
pub(crate) mod coverage_table;
mod document;
mod duration;
pub(crate) mod exposure_text;
mod files;
pub(crate) mod files_json;
pub(crate) mod files_table;
mod finding_text;
mod gap_list;
mod gap_text;
mod github;
mod gitlab;
mod html;
mod human;
pub(crate) mod inputs_json;
pub(crate) mod inputs_table;
pub(crate) mod inventory_flat;
pub(crate) mod inventory_json;
pub(crate) mod inventory_table;
mod json;
mod junit;
pub(crate) mod link;
pub(crate) mod lint_table;
mod markdown;
mod markdown_text;
pub(crate) mod mcp_text;
mod place;
mod sarif;
mod short;
mod statistics;
mod style;
mod table;
mod width;
mod xml;

pub(crate) use document::write as write_document;
#[cfg(feature = "mcp")]
pub(crate) use place::place;
pub(crate) use style::Styled;
pub(crate) use width::Width;

pub(crate) use duration::duration;
pub(crate) use files::write_files;
pub(crate) use statistics::render as statistics;

use std::io::{self, Write};

use crate::cli::check::CheckArguments;
use crate::cli::formats::CheckFormat;
use crate::report::Report;
use crate::usage::UsageError;

/// What the place where a report goes can show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// Findings only, no summary.
    pub(crate) quiet: bool,
    /// A terminal that follows links.
    pub(crate) links: bool,
    /// How wide it is.
    pub(crate) width: Width,
}

/// The format for standard output.
pub(crate) fn standard(arguments: &CheckArguments) -> Result<CheckFormat, UsageError> {
    let to_standard_output = arguments.outputs.iter().filter(|file| file.path.is_none());
    let asked: Vec<CheckFormat> = arguments
        .format
        .into_iter()
        .chain(to_standard_output.map(|file| file.format))
        .collect();
    match asked.as_slice() {
        [] => Ok(CheckFormat::Human),
        [format] => Ok(*format),
        _ => Err(UsageError::new("standard output takes one format")
            .help("write the others to files: --output sarif=mcp-lint.sarif")),
    }
}

/// Renders the findings of `check`.
pub(crate) fn check(
    format: CheckFormat,
    report: &Report,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        CheckFormat::Human => human::render(report, look, out),
        CheckFormat::Short => short::render(report, out),
        CheckFormat::Json => json::render(report, out),
        CheckFormat::Jsonl => json::render_lines(report, out),
        CheckFormat::Sarif => sarif::render(report, out),
        CheckFormat::Github => github::render(report, out),
        CheckFormat::Gitlab => gitlab::render(report, out),
        CheckFormat::Junit => junit::render(report, out),
        CheckFormat::Checkstyle => checkstyle::render(report, out),
        CheckFormat::Markdown => markdown::render(report, out),
        CheckFormat::Html => html::render(report, out),
    }
}
