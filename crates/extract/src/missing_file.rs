//! Files of the project that are imported and are not there.

use std::path::Path;

use ignore::gitignore::GitignoreBuilder;
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

/// Whether a file, relative to the project, is one that this copy of it leaves out on purpose: Git ignores it, a
/// submodule has it, or there is no flake, whose files Git has to have.
pub(crate) fn is_left_out(workspace: &Workspace, path: &Path) -> bool {
    let flake = workspace.project_root().join("flake.nix");
    let is_flake = workspace.kind(&flake).is_ok_and(|kind| kind.is_some());
    !is_flake || is_of_a_submodule(workspace, path) || is_ignored(workspace, path)
}

/// The text of a file of the project; empty if there is none.
fn text(workspace: &Workspace, path: &Path) -> String {
    let bytes = workspace.read(&workspace.project_root().join(path));
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}

fn is_of_a_submodule(workspace: &Workspace, path: &Path) -> bool {
    text(workspace, Path::new(".gitmodules"))
        .lines()
        .any(|line| {
            let directory = line.split_once('=').filter(|(key, _)| key.trim() == "path");
            directory.is_some_and(|(_, directory)| path.starts_with(directory.trim()))
        })
}

/// Whether a rule of the project for Git names a file or a directory above it. The closest file of rules that has
/// something to say of it counts.
fn is_ignored(workspace: &Workspace, path: &Path) -> bool {
    let directories = path.ancestors().skip(1);
    let mut said = directories.filter_map(|directory| {
        let mut rules = GitignoreBuilder::new(directory);
        for line in text(workspace, &directory.join(".gitignore")).lines() {
            // Git passes over a rule that is none, too.
            let _ = rules.add_line(None, line);
        }
        let rules = rules.build().ok()?;
        let found = rules.matched_path_or_any_parents(path, false);
        (!found.is_none()).then(|| found.is_ignore())
    });
    said.next().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_left_out_by_the_rules_of_git() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        };
        write("flake.nix", "{ }");
        write(".gitignore", "# mine\n/private\n*.local.nix\nsecret*.nix\n");
        write("hosts/.gitignore", "!secret-but-there.nix\nhardware.nix\n");
        write(".gitmodules", "[submodule \"x\"]\n\tpath = vendor/x\n");
        let workspace = Workspace::open(&root).expect("a project");
        for path in [
            "private/a.nix",
            "hosts/desk.local.nix",
            "secrets.nix",
            "hosts/hardware.nix",
            "hosts/desk/hardware.nix",
            "vendor/x/default.nix",
        ] {
            assert!(is_left_out(&workspace, Path::new(path)), "{path}");
        }
        for path in [
            "hosts/private.nix",
            "hosts/private/a.nix",
            "local.nix",
            "hosts/secret-but-there.nix",
            "hardware.nix",
            "vendor/xy/default.nix",
            "mine",
        ] {
            assert!(!is_left_out(&workspace, Path::new(path)), "{path}");
        }
        std::fs::remove_file(root.join("flake.nix")).expect("a file");
        let workspace = Workspace::open(&root).expect("a project");
        assert!(is_left_out(&workspace, Path::new("local.nix")));
    }
}
