//! The formats, one file each. They render what they are given and decide nothing.
//!
//! To add a format for `check`, add its file here, a value to
//! [`CheckFormat`] and one line to [`check`].

pub(crate) mod coverage_json;
pub(crate) mod coverage_table;
mod document;
mod human;
pub(crate) mod inventory_json;
pub(crate) mod inventory_table;
mod json;
pub(crate) mod lint_table;
mod place;
mod short;
mod style;

pub(crate) use document::write as write_document;
pub(crate) use style::Styled;

use std::io::{self, Write};

use crate::cli::CheckFormat;
use crate::report::Report;

/// Renders the findings of `check`.
pub(crate) fn check(
    format: CheckFormat,
    report: &Report,
    quiet: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        CheckFormat::Human => human::render(report, quiet, out),
        CheckFormat::Short => short::render(report, out),
        CheckFormat::Json => json::render(report, out),
    }
}
