//! What of the repository is searched, and its files by name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::Workspace;
use nix_syntax::source::FileId;
use secret_files::name_words;

use crate::repository::git::GitIndex;
use crate::repository::walk::is_fixture;

/// What of the repository is searched.
pub(crate) struct Scope {
    /// The directories that the user named.
    pub(crate) directories: Vec<PathBuf>,
    /// Whether a flake was evaluated.
    pub(crate) is_flake: bool,
    /// What Git tracks; `None` if that is not known.
    pub(crate) git: Option<GitIndex>,
}

impl Scope {
    /// Whether Git tracks a file; `None` if that is not known.
    pub(crate) fn is_tracked(&self, file: &Path) -> Option<bool> {
        self.git.as_ref().and_then(|git| git.is_tracked(file))
    }

    /// Whether a file is of a test, an example or the like, by its path below what the user named.
    pub(crate) fn is_fixture(&self, file: &Path) -> bool {
        let mut above = self
            .directories
            .iter()
            .filter_map(|directory| file.strip_prefix(directory).ok());
        let relative = above.next().or_else(|| file.file_name().map(Path::new));
        relative.is_some_and(|relative| is_fixture(&relative.to_string_lossy()))
    }
}

/// The files of this name in the directories above some files, up to the project's root.
pub(crate) fn above(project: &Workspace, files: &[&Path], name: &str) -> BTreeSet<PathBuf> {
    let directories: BTreeSet<&Path> = files
        .iter()
        .flat_map(|file| file.ancestors().skip(1))
        .filter(|directory| directory.starts_with(project.project_root()))
        .collect();
    let named = directories
        .into_iter()
        .map(|directory| directory.join(name));
    named.filter(|file| file.is_file()).collect()
}

/// The id of a file in the source map, so that places in it can be shown.
pub(crate) fn source(project: &Workspace, path: &Path, bytes: &[u8]) -> Option<FileId> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(project.add_source(path, Arc::from(text)))
}

/// Whether a file is for a machine that is there to be tried or installed, by the names on the way to it.
pub(crate) fn is_of_a_try(project: &Workspace, file: &Path) -> bool {
    const WORDS: [&str; 20] = [
        "bootstrap",
        "builder",
        "container",
        "demo",
        "generic",
        "image",
        "images",
        "installer",
        "iso",
        "live",
        "lxc",
        "microvm",
        "netboot",
        "rescue",
        "sandbox",
        "sd",
        "template",
        "templates",
        "vm",
        "vms",
    ];
    let path = file.strip_prefix(project.project_root()).unwrap_or(file);
    let names = name_words(&path.to_string_lossy());
    names.iter().any(|word| WORDS.contains(&word.as_str()))
}
