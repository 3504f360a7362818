//! Reports that go to files.

use std::fs::Permissions;
use std::io::{self, Write};
use std::path::Path;

use super::{Look, check};
use crate::cli::{CheckFormat, OutputFile};
use crate::exit::Failure;
use crate::report::Report;
use crate::usage::UsageError;

/// Writes every report that goes to a file. A file is there as a whole or not at all.
pub(crate) fn write_files(files: &[OutputFile], report: &Report) -> Result<(), Failure> {
    for file in files {
        let Some(path) = &file.path else { continue };
        let mut content = Vec::new();
        check(file.format, report, Look::default(), &mut content)?;
        if file.format == CheckFormat::Human {
            content = anstream::adapter::strip_bytes(&content).into_vec();
        }
        replace(path, &content).map_err(|error| {
            UsageError::new(format!("cannot write {}: {error}", path.display()))
                .help("give a file in a directory that is there: --output sarif=mcp-lint.sarif")
        })?;
    }
    Ok(())
}

/// Puts a file with this content in place of what is there; a device or pipe is written to.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // What a symbolic link names is replaced, not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if path.exists() && !path.is_file() {
        return std::fs::OpenOptions::new()
            .write(true)
            .open(&path)?
            .write_all(content);
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new();
    file.prefix(".mcp-lint-").permissions(permissions(&path));
    let mut file = file.tempfile_in(folder)?;
    file.write_all(content)?;
    file.persist(&path)?;
    Ok(())
}

/// Those of the file that is replaced, else what any new file gets.
fn permissions(path: &Path) -> Permissions {
    use std::os::unix::fs::PermissionsExt;
    let known = std::fs::metadata(path).map(|metadata| metadata.permissions());
    known.unwrap_or_else(|_| Permissions::from_mode(0o666))
}
