//! Files of secrets whose content a Nix file takes while it is evaluated: `builtins.readFile ./secrets.json`.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::Workspace;
use nix_source::{GIT_CRYPT, ParsedFile, encrypting_filter};
use nix_syntax::hir::{Expr, ExprId};
use secret_files::{Confidence, TokenClass, TokenFinding, scan};

use crate::attribute_paths::called_name;
use crate::repository::constants::{Constant, Constants};
use crate::repository::scope::Scope;
use crate::values::file_path;
use inventory::model::{FileEvaluated, Repository};

/// Functions whose value is made of the content of the file that they are given.
const READS: [&str; 5] = [
    "fileContents",
    "import",
    "importJSON",
    "importTOML",
    "readFile",
];

/// Searches these files.
pub(crate) fn find(
    project: &Workspace,
    files: &[Arc<ParsedFile>],
    scope: &Scope,
    repository: &mut Repository,
) {
    for file in files.iter().filter(|file| !scope.is_fixture(&file.path)) {
        let directory = file.path.parent().unwrap_or_else(|| Path::new("/"));
        let constants = OnceCell::new();
        let exprs = file.hir.exprs.iter().zip(&file.hir.spans);
        for (expr, span) in exprs {
            let Expr::Apply { function, argument } = *expr else {
                continue;
            };
            let name = called_name(&file.hir, function).filter(|name| READS.contains(name));
            let Some(name) = name else { continue };
            let constants = constants.get_or_init(|| Constants::of(&file.hir, directory));
            let found = named(constants, argument).and_then(|path| {
                // What is written out in a Nix file is reported there.
                let filter = secret(project, &path)?;
                (name != "import" || filter.is_some()).then_some(())?;
                Some(FileEvaluated {
                    path: file_path(project, &path),
                    at: span.in_file(file.id),
                    filter,
                    option: None,
                })
            });
            repository.files_evaluated.extend(found);
        }
    }
    repository.files_evaluated.sort();
}

/// The file that an argument names, as far as its own file says so.
fn named(constants: &Constants<'_>, argument: ExprId) -> Option<PathBuf> {
    match constants.fold(argument)? {
        Constant::Path(path) | Constant::PathText(path) => Some(path),
        Constant::Text(_) => None,
    }
}

/// The filter of Git that encrypts a file with secrets of the project, if one does; `None` if there are no secrets.
#[expect(
    clippy::option_option,
    reason = "a file with secrets may have no filter"
)]
fn secret(project: &Workspace, path: &Path) -> Option<Option<&'static str>> {
    path.strip_prefix(project.project_root()).ok()?;
    let bytes = project.read(path).ok()?;
    let filter = encrypting_filter(&bytes);
    if filter == Some(GIT_CRYPT) {
        return Some(filter);
    }
    // By the form of what is in it alone: a file that is called so may hold public keys, or code.
    let is_secret = |found: &TokenFinding| {
        matches!(found.class, TokenClass::PrivateKey | TokenClass::Credential)
            && found.confidence == Confidence::High
    };
    let has_secret = filter.is_none() && scan(&bytes).iter().any(is_secret);
    has_secret.then_some(None)
}
