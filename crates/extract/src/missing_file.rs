//! Files of the project that are imported and are not there.

use nix_eval::Workspace;
use nix_syntax::hir::Expr;
use nix_syntax::source::Span;

/// Where a path of the project is written as one; `None` if it is put together.
pub(crate) fn place(workspace: &Workspace, path: &str) -> Option<Span> {
    let wanted = workspace.project_root().join(path);
    let files = workspace.parsed_files();
    files.iter().find_map(|file| {
        let directory = file.path.parent()?;
        let mut expressions = file.hir.exprs.iter().zip(&file.hir.spans);
        expressions.find_map(|(expr, span)| {
            let Expr::Path(text) = expr else { return None };
            let text = file.hir.strings.get(text.0 as usize)?;
            let is_it = nix_source::normalise(&directory.join(text)) == wanted;
            is_it.then(|| span.in_file(file.id))
        })
    })
}

/// Whether a file is one that this copy of the project leaves out on purpose: Git ignores it, a submodule has it,
/// or there is no flake, whose files Git has to have.
pub(crate) fn is_left_out(workspace: &Workspace, path: &str) -> bool {
    let root = workspace.project_root();
    let text = |name: &str| {
        let bytes = workspace.read(&root.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let is_flake = workspace
        .kind(&root.join("flake.nix"))
        .is_ok_and(|kind| kind.is_some());
    let of_a_submodule = text(".gitmodules").lines().any(|line| {
        let directory = line.split_once('=').filter(|(key, _)| key.trim() == "path");
        directory.is_some_and(|(_, directory)| path.starts_with(directory.trim()))
    });
    // Patterns are compared by their last name alone: to be silent once too often is the lesser fault.
    let mut parts = path.split('/').filter(|part| part.len() > 1);
    let ignored = text(".gitignore");
    let names_it = |part: &str| {
        ignored.lines().any(|line| {
            let pattern = line.trim().trim_matches('/');
            let last = pattern.rsplit('/').next().unwrap_or_default();
            let fits = last == part
                || last.trim_matches('*').len() > 2
                    && part.contains(last.trim_matches('*'))
                    && last.contains('*');
            !pattern.starts_with('#') && !last.is_empty() && fits
        })
    };
    !is_flake || of_a_submodule || parts.any(names_it)
}
