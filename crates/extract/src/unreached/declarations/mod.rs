//! The declarations of secrets that are written out in a project's files, found by their syntax.
//!
//! What evaluation finds is compared with them: a declaration that no host has is analysed with its
//! module alone, and `inventory --coverage` counts both.

pub(crate) mod module;
mod names;
mod walk;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use nix_eval::Workspace;

use crate::discover::nix_files;
use crate::managers::MANAGERS;
use inventory::model::Declaration;

/// A file with declarations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeclaringFile {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// In order of place; never empty.
    pub(crate) declarations: Vec<Declaration>,
    /// The attributes that lead to the modules which declare them, from the file's value.
    pub(crate) modules: Vec<Vec<String>>,
}

/// What is declared in the files among and below some.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// The files that declare secrets, by path.
    pub(crate) files: Vec<DeclaringFile>,
    /// All Nix files of the project, by path; `None` if only some of them were searched.
    pub(crate) all: Option<Vec<PathBuf>>,
}

/// The declarations in the files among and below these of the project.
pub(crate) fn find(project: &Workspace, roots: &[PathBuf]) -> Declared {
    let mut files = Vec::new();
    let paths: BTreeSet<PathBuf> = roots.iter().flat_map(|root| nix_files(root)).collect();
    let is_whole = roots == [project.project_root()];
    let all = is_whole.then(|| paths.iter().cloned().collect());
    for path in paths {
        if !may_declare(project, &path) {
            continue;
        }
        let Ok(parsed) = project.parse(&path) else {
            continue;
        };
        let Some(source) = project.sources().get(parsed.id) else {
            continue;
        };
        let walk::Found {
            mut declarations,
            modules,
        } = walk::declarations(&parsed, source.text());
        declarations.sort();
        declarations.dedup();
        if !declarations.is_empty() {
            files.push(DeclaringFile {
                path,
                declarations,
                modules,
            });
        }
    }
    Declared { files, all }
}

/// Whether a file's text has the words of a declaration: most files need not be parsed.
fn may_declare(project: &Workspace, path: &Path) -> bool {
    let Ok(text) = project.read_text(path) else {
        return false;
    };
    let mut options = MANAGERS.iter().flat_map(|it| it.declaring_options());
    options.any(|option| option.split('.').all(|part| text.contains(part)))
}

/// The files below a directory that look like a module and are not among `reached`, which is sorted.
pub(crate) fn modules_like(
    project: &Workspace,
    directory: &Path,
    reached: &[PathBuf],
) -> Vec<PathBuf> {
    nix_files(directory)
        .into_iter()
        .filter(|path| reached.binary_search(path).is_err())
        .filter(|path| {
            let parsed = project.parse(path);
            parsed.is_ok_and(|parsed| module::looks_like_one(&parsed.hir))
        })
        .collect()
}
