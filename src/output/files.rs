//! Reports that go to files.

use std::io::Write as _;

use super::{Look, check};
use crate::cli::formats::{CheckFormat, OutputFile};
use crate::display::Covering;
use crate::exit::Failure;
use crate::report::Report;
use crate::usage::UsageError;
use crate::write::replace_or_write;

/// Writes every report that goes to a file. A file is there as a whole or not at all.
pub(crate) fn write_files(files: &[OutputFile], report: &Report) -> Result<(), Failure> {
    for file in files {
        let Some(path) = &file.path else { continue };
        let mut content = Vec::new();
        let mut covering = Covering::new(&mut content);
        check(file.format, report, Look::default(), &mut covering)?;
        covering.flush()?;
        if file.format == CheckFormat::Human {
            content = anstream::adapter::strip_bytes(&content).into_vec();
        }
        replace_or_write(path, &content).map_err(|error| {
            UsageError::new(format!("cannot write {}: {error}", path.display()))
                .help("give a file in a directory that is there: --output sarif=mcp-lint.sarif")
        })?;
    }
    Ok(())
}
