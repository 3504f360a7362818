//! Which file of an input declares an option: by the form of its modules, without evaluating them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use nix_eval::Workspace;
use nix_source::FileKind;
use nix_syntax::hir::{Expr, File, Part, StringId};
use rustc_hash::FxHashMap;

use crate::attribute_paths::each_value;
use crate::readers::ELEMENT;

/// How many modules of one tree are read: nixpkgs has some two thousand.
const MAX_FILES: usize = 6_000;

/// How deep directories are followed, in directories: nixpkgs' modules are at most six deep.
const MAX_DEPTH: usize = 12;

/// The attribute below which a module declares options.
const OPTIONS: &str = "options";

/// Directories of a tree whose files no host loads.
const ASIDE: [&str; 9] = [
    "checks",
    "ci",
    "dev",
    "doc",
    "docs",
    "example",
    "examples",
    "templates",
    "tests",
];

/// Names without which a module neither declares a secret nor reads one that no option gives it.
const OF_SECRETS: [&str; 4] = ["sops", "age", "agenix", "vaultix"];

/// Directories in which secrets land, likewise.
const LANDINGS: [&str; 2] = ["/run/secrets", "/run/agenix"];

/// Names without which a module declares no users and no groups.
const OF_USERS: [&str; 3] = ["users", "extraUsers", "extraGroups"];

/// What is written about an option, and is no value of anything.
const ABOUT_AN_OPTION: [&str; 3] = ["example", "description", "defaultText"];

/// Outputs that hold modules.
const MODULES: [&str; 6] = [
    ".nixosModule",
    ".darwinModule",
    ".homeModule",
    ".homeManagerModule",
    ".modules.nixos",
    ".modules.darwin",
];

/// What flakes call themselves.
const ITSELF: [&str; 4] = ["self", "outputs", "self'", "flake"];

/// What the modules of a tree may declare, by the words in its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MayDeclare {
    /// Users or groups.
    pub(crate) users: bool,
    /// Secrets, or readers of secrets that no option of a host gives them.
    pub(crate) secrets: bool,
}

impl MayDeclare {
    const ANYTHING: Self = Self {
        users: true,
        secrets: true,
    };

    fn add(&mut self, workspace: &Workspace, file: &Path, text: &str) {
        if takes_modules(text) {
            *self = Self::ANYTHING;
        }
        let has = |names: &[&str]| names.iter().any(|name| has_word(text, name));
        let lands = LANDINGS.iter().any(|landing| text.contains(landing));
        let users = !self.users && has(&OF_USERS);
        let secrets = !self.secrets && (lands || has(&OF_SECRETS));
        if !users && !secrets {
            return;
        }
        let Ok(parsed) = workspace.parse(file) else {
            *self = Self::ANYTHING;
            return;
        };
        let names = |names: &[&str]| parsed.hir.names.iter().any(|name| names.contains(&name));
        self.users |= users && names(&OF_USERS);
        self.secrets |= secrets && (names(&OF_SECRETS) || lands && has_landing(&parsed.hir));
    }
}

/// Whether a word occurs in a text.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + word.len()..).unwrap_or_default();
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// Whether a value names a directory in which secrets land.
fn has_landing(file: &File) -> bool {
    let lands = |text: Option<&str>| {
        text.is_some_and(|text| LANDINGS.iter().any(|landing| text.contains(landing)))
    };
    let string = |id: &StringId| file.strings.get(id.0 as usize);
    let mut found = false;
    each_value(file, |_, expr, path| {
        let is_about = path
            .last()
            .is_some_and(|name| ABOUT_AN_OPTION.contains(name));
        let is_there = match expr {
            Expr::String(id) | Expr::Path(id) => lands(string(&id)),
            Expr::Interpolation(run) | Expr::PathInterpolation(run) => {
                let parts = file.parts.get(run.range()).unwrap_or_default();
                parts.iter().any(|part| match part {
                    Part::Text(id) => lands(string(id)),
                    Part::Expr(_) => false,
                })
            }
            _ => false,
        };
        found |= is_there && !is_about;
    });
    found
}

/// Whether a text selects modules of another flake.
fn takes_modules(text: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\'');
    MODULES.iter().any(|output| {
        text.match_indices(output).any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default();
            let name = before.rsplit(|c| !is_name(c)).next().unwrap_or_default();
            !ITSELF.contains(&name)
        })
    })
}

/// The modules of trees, read once in a run.
#[derive(Debug, Default)]
pub(crate) struct ModuleIndex {
    trees: Mutex<FxHashMap<PathBuf, Arc<Tree>>>,
}

/// The first names of an option, and whether only files were searched that are called after it.
type Asked = (Vec<String>, bool);

/// The modules below a directory.
#[derive(Debug, Default)]
struct Tree {
    /// The files, and whether they lie aside: what those say is nothing of a host's.
    files: Vec<(PathBuf, bool)>,
    /// Whether some of them were not found.
    is_cut_short: bool,
    contents: OnceLock<Contents>,
    /// By what was asked for.
    declared: Mutex<FxHashMap<Asked, Arc<[Declared]>>>,
}

/// What is in all of the files.
#[derive(Debug, Default)]
struct Contents {
    /// Those that may declare options, with their texts.
    texts: Vec<(PathBuf, String)>,
    may_declare: MayDeclare,
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
        // Most are in a file that is called after the service, and to read all of nixpkgs takes longer
        // than to evaluate a host.
        for is_called_so in [true, false] {
            let declared = tree.below(workspace, option, is_called_so);
            let declared = declared.iter().filter(|it| is_same(&it.option, option));
            let mut files: Vec<PathBuf> = declared.map(|it| it.file.clone()).collect();
            files.dedup();
            if !files.is_empty() {
                return files;
            }
        }
        Vec::new()
    }

    /// What the modules below a directory may declare.
    pub(crate) fn may_declare(&self, workspace: &Workspace, directory: &Path) -> MayDeclare {
        let tree = self.tree(workspace, directory);
        tree.contents(workspace).may_declare
    }

    fn tree(&self, workspace: &Workspace, directory: &Path) -> Arc<Tree> {
        let mut trees = lock(&self.trees);
        if let Some(known) = trees.get(directory) {
            return Arc::clone(known);
        }
        let mut tree = Tree::default();
        tree.add(workspace, directory, false, 0);
        tree.files.sort();
        let tree = Arc::new(tree);
        trees.insert(directory.to_owned(), Arc::clone(&tree));
        tree
    }
}

impl Tree {
    /// Adds the modules below a directory, which may be `aside`.
    fn add(&mut self, workspace: &Workspace, directory: &Path, aside: bool, depth: usize) {
        let Ok(entries) = workspace.read_directory(directory) else {
            self.is_cut_short = true;
            return;
        };
        for (name, kind) in entries
            .into_iter()
            .filter(|(name, _)| !name.starts_with('.'))
        {
            if self.files.len() >= MAX_FILES || depth > MAX_DEPTH {
                self.is_cut_short = true;
                return;
            }
            let path = directory.join(&name);
            match kind {
                FileKind::Directory => {
                    let aside = aside || ASIDE.contains(&name.as_str());
                    self.add(workspace, &path, aside, depth + 1);
                }
                FileKind::Regular if name.ends_with(".nix") => self.files.push((path, aside)),
                _ => {}
            }
        }
    }

    fn contents(&self, workspace: &Workspace) -> &Contents {
        self.contents.get_or_init(|| {
            let mut contents = Contents::default();
            if self.is_cut_short {
                contents.may_declare = MayDeclare::ANYTHING;
            }
            for (path, aside) in &self.files {
                let Ok(text) = workspace.read_text(path) else {
                    contents.may_declare = MayDeclare::ANYTHING;
                    continue;
                };
                if !aside {
                    contents.may_declare.add(workspace, path, &text);
                }
                if text.contains(OPTIONS) {
                    contents.texts.push((path.clone(), text));
                }
            }
            contents
        })
    }

    /// The options that are declared with the first two names of one: in all files, or in those that are
    /// called after it.
    fn below(
        &self,
        workspace: &Workspace,
        option: &[String],
        is_called_so: bool,
    ) -> Arc<[Declared]> {
        let first: Vec<String> = option.iter().take(2).cloned().collect();
        let key = (first, is_called_so);
        if let Some(known) = lock(&self.declared).get(&key) {
            return Arc::clone(known);
        }
        let (first, _) = &key;
        let mut declared = Vec::new();
        if is_called_so {
            let name = first.last().map(String::as_str).unwrap_or_default();
            for (file, _) in self.files.iter().filter(|(file, _)| is_called(file, name)) {
                add_declared(workspace, file, first, &mut declared);
            }
        } else {
            let is_named = |text: &str| {
                let names = first.iter().filter(|name| *name != ELEMENT);
                names.clone().all(|name| text.contains(name.as_str()))
            };
            let texts = self.contents(workspace).texts.iter();
            for (file, _) in texts.filter(|(_, text)| is_named(text)) {
                add_declared(workspace, file, first, &mut declared);
            }
        }
        let declared: Arc<[Declared]> = declared.into();
        lock(&self.declared).insert(key, Arc::clone(&declared));
        declared
    }
}

/// Whether a file, or its directory, is called so.
fn is_called(file: &Path, name: &str) -> bool {
    let stem = file.file_stem();
    let directory = file.parent().and_then(Path::file_name);
    [stem, directory].into_iter().flatten().any(|it| it == name)
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

    #[test]
    fn what_a_tree_may_declare_is_told_by_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let may_declare = |text: &str| {
            std::fs::write(folder.path().join("a.nix"), text).unwrap();
            let workspace = Workspace::open(folder.path()).unwrap();
            let index = ModuleIndex::default();
            let MayDeclare { users, secrets } =
                index.may_declare(&workspace, workspace.project_root());
            (users, secrets)
        };
        assert_eq!(
            may_declare("{ pkgs, ... }: { a = pkgs.package; }"),
            (false, false)
        );
        assert_eq!(may_declare("{ users.users.a = { }; }"), (true, false));
        assert_eq!(
            may_declare("{ users = { groups.a = { }; }; }"),
            (true, false)
        );
        assert_eq!(
            may_declare("{ a = \"for users\"; } # users"),
            (false, false)
        );
        assert_eq!(
            may_declare("{ config, ... }: { a = config.sops.secrets.b.path; }"),
            (false, true)
        );
        assert_eq!(may_declare("{ age.secrets.a = { }; }"), (false, true));
        assert_eq!(
            may_declare("{ a = \"cat /run/secrets/b\"; }"),
            (false, true)
        );
        assert_eq!(
            may_declare("{ a = \"cat /run/secrets/${b}\"; }"),
            (false, true)
        );
        assert_eq!(
            may_declare("{ lib, ... }: { a = lib.mkOption { example = \"/run/secrets/b\"; }; }"),
            (false, false)
        );
        assert_eq!(
            may_declare("{ inputs, ... }: { imports = [ inputs.b.nixosModules.c ]; }"),
            (true, true)
        );
        assert_eq!(
            may_declare("{ self, ... }: { imports = [ self.nixosModules.c ]; }"),
            (false, false)
        );
        assert_eq!(may_declare("{"), (false, false));
    }
}
