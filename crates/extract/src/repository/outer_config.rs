//! `.sops.yaml` above the project: sops looks upwards from where it is started, and a flake may be one of
//! several in a repository.

use std::path::{Path, PathBuf};

use secret_files::SOPS_CONFIG_NAME;

/// sops gives up after so many directories (config.go).
const MAX_LEVELS: usize = 100;

/// The `.sops.yaml` files above the project's root that sops may find, the nearest first.
///
/// In a repository these are all up to its top: which one counts depends on where sops is started. Without a
/// repository sops goes on to the root of the file system; that is followed to the first, and only if the
/// project has none itself.
pub(crate) fn beyond(root: &Path, has_own: bool) -> Vec<PathBuf> {
    let mut above = root
        .ancestors()
        .skip(1)
        .take(MAX_LEVELS)
        .map(|directory| directory.join(SOPS_CONFIG_NAME))
        .filter(|file| file.is_file());
    match top(root) {
        Some(top) => above.take_while(|file| file.starts_with(top)).collect(),
        None if has_own => Vec::new(),
        None => above.next().into_iter().collect(),
    }
}

/// The top of the work tree around a directory.
pub(crate) fn top(directory: &Path) -> Option<&Path> {
    directory
        .ancestors()
        .find(|above| above.join(".git").exists())
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test that meets what it does not expect has to fail"
    )]

    use std::fs;

    use super::beyond;
    use inventory::model::name_from;

    #[test]
    fn the_search_ends_at_the_top_of_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("repository/nix/desk");
        fs::create_dir_all(&root).unwrap();
        for directory in ["", "repository", "repository/nix"] {
            fs::write(folder.path().join(directory).join(".sops.yaml"), "").unwrap();
        }
        let found = |has_own: bool| {
            let shown = |file: &std::path::PathBuf| name_from(&root, file);
            beyond(&root, has_own).iter().map(shown).collect::<Vec<_>>()
        };
        // As sops does: the first on the way to the root of the file system.
        assert_eq!(found(false), ["../.sops.yaml"]);
        assert!(found(true).is_empty());
        fs::create_dir(folder.path().join("repository/.git")).unwrap();
        for has_own in [false, true] {
            assert_eq!(found(has_own), ["../.sops.yaml", "../../.sops.yaml"]);
        }
    }
}
