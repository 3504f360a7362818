//! Which file of an input declares an option: by the form of its modules, without evaluating them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix_eval::Workspace;
use nix_source::FileKind;
use nix_syntax::hir::Expr;
use rustc_hash::FxHashMap;

use crate::readers::ELEMENT;
use crate::repository::each_value;

/// How many modules of one tree are read: nixpkgs has some two thousand.
const MAX_FILES: usize = 6_000;

/// How deep directories are followed, in directories: nixpkgs' modules are at most six deep.
const MAX_DEPTH: usize = 12;

/// The attribute below which a module declares options.
const OPTIONS: &str = "options";

/// The modules of trees, read once in a run.
#[derive(Debug, Default)]
pub(crate) struct ModuleIndex {
    trees: Mutex<FxHashMap<PathBuf, Arc<Tree>>>,
}

/// The modules below a directory.
#[derive(Debug, Default)]
struct Tree {
    /// Those that may declare options, with their texts.
    files: Vec<(PathBuf, String)>,
    declared: Mutex<FxHashMap<Vec<String>, Arc<[Declared]>>>,
}

/// An option that a file declares.
#[derive(Debug)]
struct Declared {
    option: Vec<String>,
    file: PathBuf,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ModuleIndex {
    /// The files below a directory that declare an option, or a set that holds it; sorted.
    pub(crate) fn declaring(
        &self,
        workspace: &Workspace,
        directory: &Path,
        option: &[String],
    ) -> Vec<PathBuf> {
        let tree = self.tree(workspace, directory);
        let declared = tree.below(workspace, option);
        let declared = declared.iter().filter(|it| is_same(&it.option, option));
        let mut files: Vec<PathBuf> = declared.map(|it| it.file.clone()).collect();
        files.dedup();
        files
    }

    fn tree(&self, workspace: &Workspace, directory: &Path) -> Arc<Tree> {
        let mut trees = lock(&self.trees);
        if let Some(known) = trees.get(directory) {
            return Arc::clone(known);
        }
        let mut tree = Tree::default();
        tree.add(workspace, directory, 0);
        tree.files.sort();
        let tree = Arc::new(tree);
        trees.insert(directory.to_owned(), Arc::clone(&tree));
        tree
    }
}

impl Tree {
    fn add(&mut self, workspace: &Workspace, directory: &Path, depth: usize) {
        let entries = workspace.read_directory(directory).unwrap_or_default();
        for (name, kind) in entries {
            if self.files.len() >= MAX_FILES || depth > MAX_DEPTH || name.starts_with('.') {
                return;
            }
            let path = directory.join(&name);
            match kind {
                FileKind::Directory => self.add(workspace, &path, depth + 1),
                FileKind::Regular if name.ends_with(".nix") => {
                    let text = workspace.read_text(&path);
                    let text = text.ok().filter(|text| text.contains(OPTIONS));
                    self.files.extend(text.map(|text| (path, text)));
                }
                _ => {}
            }
        }
    }

    /// The options that are declared with the first two names of one.
    fn below(&self, workspace: &Workspace, option: &[String]) -> Arc<[Declared]> {
        let first: Vec<String> = option.iter().take(2).cloned().collect();
        if let Some(known) = lock(&self.declared).get(&first) {
            return Arc::clone(known);
        }
        let is_named = |text: &str| {
            let names = first.iter().filter(|name| *name != ELEMENT);
            names.clone().all(|name| text.contains(name.as_str()))
        };
        let files = self.files.iter().filter(|(_, text)| is_named(text));
        let mut declared = Vec::new();
        for (file, _) in files {
            add_declared(workspace, file, &first, &mut declared);
        }
        let declared: Arc<[Declared]> = declared.into();
        lock(&self.declared).insert(first, Arc::clone(&declared));
        declared
    }
}

/// Adds the options of a file that begin with these names.
fn add_declared(
    workspace: &Workspace,
    file: &Path,
    first: &[String],
    declared: &mut Vec<Declared>,
) {
    let Ok(parsed) = workspace.parse(file) else {
        return;
    };
    each_value(&parsed.hir, |_, expr, path| {
        let mut names = path.iter();
        let is_option = names.any(|name| *name == OPTIONS);
        let names = names.as_slice();
        let begins = names.len() >= first.len() && { names.iter().zip(first) }
            .all(|(a, b)| a == b || *a == ELEMENT);
        if is_option && begins && !matches!(expr, Expr::Set(_)) {
            declared.push(Declared {
                option: names.iter().map(|name| (*name).to_owned()).collect(),
                file: file.to_owned(),
            });
        }
    });
}

/// Whether a declared option is this one, or a set that holds it.
fn is_same(declared: &[String], option: &[String]) -> bool {
    declared.len() <= option.len() && { declared.iter().zip(option) }
        .all(|(a, b)| a == b || a == ELEMENT)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test that meets what it does not expect has to fail"
    )]

    use super::*;

    #[test]
    fn an_option_is_found_by_the_form_of_its_module() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            (
                "a.nix",
                "{ lib, ... }: with lib; { options = { services.foo = { enable = mkEnableOption \"\"; tokenFile = mkOption { }; }; }; }",
            ),
            (
                "b/c.nix",
                "self: { lib, config, ... }: { options.services.foo.extra = lib.mkOption { }; config.services.bar.file = 1; }",
            ),
            (
                "d.nix",
                "{ config, ... }: { services.foo.tokenFile = \"options\"; }",
            ),
            (
                "flake.nix",
                "{ outputs = _: { nixosModules.x = { lib, ... }: { options.services.inline.keyFile = lib.mkOption { }; }; }; }",
            ),
            (
                "e.nix",
                "{ lib, ... }: { options.services = { many = lib.mkOption { }; } // lib.mapAttrs (_: lib.mkOption) { }; }",
            ),
        ];
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let workspace = Workspace::open(folder.path()).unwrap();
        let index = ModuleIndex::default();
        let declaring = |option: &str| {
            let option: Vec<String> = option.split('.').map(str::to_owned).collect();
            let root = workspace.project_root();
            let files = index.declaring(&workspace, root, &option).into_iter();
            files
                .map(|file| file.strip_prefix(root).unwrap().display().to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(declaring("services.foo.tokenFile"), ["a.nix"]);
        assert_eq!(declaring("services.foo.extra.deep.file"), ["b/c.nix"]);
        assert_eq!(declaring("services.inline.keyFile"), ["flake.nix"]);
        assert_eq!(declaring("services.many.a"), ["e.nix"]);
        // It is defined, not declared.
        assert_eq!(declaring("services.bar.file"), [""; 0]);
        assert_eq!(declaring("services.foo"), [""; 0]);
    }
}
