//! Writes what was fixed.

use std::path::{Path, PathBuf};

use super::rounds::{ChangedFile, Fixed};
use crate::write::Prepared;

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// The files.
    pub(crate) written: Vec<PathBuf>,
    /// Files that were left alone, and why.
    pub(crate) refused: Vec<(PathBuf, String)>,
}

/// Writes every file that can be written. All new texts are on the disk before the first file is
/// replaced.
pub(crate) fn apply(root: &Path, fixed: &Fixed) -> Applied {
    let mut applied = Applied::default();
    let mut prepared: Vec<(PathBuf, PathBuf, Prepared)> = Vec::new();
    for file in &fixed.files {
        let ready = target(root, file).and_then(|target| {
            if prepared.iter().any(|(_, other, _)| *other == target) {
                return Err("it is the same file as another one".to_owned());
            }
            let new = Prepared::new(&target, file.after.as_bytes());
            new.map(|new| (target, new))
                .map_err(|error| error.to_string())
        });
        match ready {
            Ok((target, new)) => prepared.push((file.path.clone(), target, new)),
            Err(why) => applied.refused.push((file.path.clone(), why)),
        }
    }
    for (path, _, new) in prepared {
        match new.commit() {
            Ok(()) => applied.written.push(path),
            Err(error) => applied.refused.push((path, error.to_string())),
        }
    }
    applied
}

/// The file itself, behind symbolic links, if it is still as it was looked at.
fn target(root: &Path, file: &ChangedFile) -> Result<PathBuf, String> {
    let target = file
        .path
        .canonicalize()
        .map_err(|error| error.to_string())?;
    if !target.starts_with(root) {
        return Err("it lies outside the project".to_owned());
    }
    let now = std::fs::read(&target).map_err(|error| error.to_string())?;
    if now != file.before.as_bytes() {
        return Err("it changed while mcp-lint looked at it".to_owned());
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn fixed(path: &Path, before: &str, after: &str) -> Fixed {
        Fixed {
            files: vec![ChangedFile {
                path: path.to_owned(),
                before: Arc::from(before),
                after: Arc::from(after),
            }],
            ..Fixed::default()
        }
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let project = tempfile::tempdir().unwrap();
        let root = project.path().canonicalize().unwrap();
        let file = root.join("a.nix");
        std::fs::write(&file, "{ a = 2; }").unwrap();
        let applied = apply(&root, &fixed(&file, "{ a = 1; }", "{ }"));
        assert!(applied.written.is_empty());
        assert_eq!(
            applied.refused,
            [(
                file.clone(),
                "it changed while mcp-lint looked at it".to_owned()
            )]
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{ a = 2; }");
        let applied = apply(&root, &fixed(&file, "{ a = 2; }", "{ }"));
        assert_eq!(applied.written, [file.clone()]);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{ }");
        assert_eq!(std::fs::read_dir(&root).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_within_the_project_only() {
        let project = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let root = project.path().canonicalize().unwrap();
        for (target, may) in [
            (root.join("real.nix"), true),
            (outside.path().join("b.nix"), false),
        ] {
            std::fs::write(&target, "{ a = 1; }").unwrap();
            let link = root.join("link.nix");
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(&target, &link).unwrap();
            let applied = apply(&root, &fixed(&link, "{ a = 1; }", "{ }"));
            assert_eq!(
                applied.written.len(),
                usize::from(may),
                "{:?}",
                applied.refused
            );
            let text = std::fs::read_to_string(&target).unwrap();
            assert_eq!(text, if may { "{ }" } else { "{ a = 1; }" });
            assert!(link.symlink_metadata().unwrap().is_symlink());
        }
    }
}
