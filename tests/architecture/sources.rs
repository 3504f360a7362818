//! The sources of the workspace as a graph: which file imports what from which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A Rust file that is compiled into a crate's library or program.
pub(crate) struct File {
    /// From the root of the repository: `crates/nix-eval/src/eval/call.rs`.
    pub(crate) path: String,
    /// The crate's name as paths write it: `nix_eval`.
    pub(crate) krate: String,
    /// `["eval", "call"]`; empty for the root.
    pub(crate) module: Vec<String>,
    pub(crate) tokens: Vec<TokenTree>,
    /// Every path of two names or more, those of `use` written out.
    paths: Vec<Vec<String>>,
    /// The paths of `pub use`.
    passed_on: Vec<Vec<String>>,
    /// The names that `use` brings in, with what each stands for.
    names: BTreeMap<String, Vec<String>>,
}

pub(crate) struct Sources {
    pub(crate) files: Vec<File>,
    by_module: BTreeMap<(String, Vec<String>), usize>,
}

impl Sources {
    /// Every crate of the workspace.
    pub(crate) fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![root.join("src"), root.join("lints/src")];
        for entry in std::fs::read_dir(root.join("crates")).unwrap() {
            folders.push(entry.unwrap().path().join("src"));
        }
        folders.sort();
        let mut files = Vec::new();
        for folder in &folders {
            let manifest = std::fs::read_to_string(folder.with_file_name("Cargo.toml")).unwrap();
            let name = manifest
                .lines()
                .find_map(|line| line.strip_prefix("name = "));
            let name = name
                .unwrap()
                .trim_matches('"')
                .trim_start_matches("mcp-lint-");
            files.extend(read_folder(root, folder, &name.replace('-', "_")));
        }
        let by_module = files.iter().enumerate();
        let by_module = by_module
            .map(|(index, file)| ((file.krate.clone(), file.module.clone()), index))
            .collect();
        Self { files, by_module }
    }

    /// The files that each file imports from; what a `mod.rs` passes on counts for where it comes from.
    pub(crate) fn imports(&self) -> Vec<BTreeSet<usize>> {
        let of = |index: usize| {
            let paths = self.files[index].paths.iter();
            let mut targets: BTreeSet<usize> = paths
                .filter_map(|path| self.file_of(index, path, 0))
                .collect();
            targets.remove(&index);
            targets
        };
        (0..self.files.len()).map(of).collect()
    }

    /// The file that defines what a path of another file names; `None` for anything outside.
    fn file_of(&self, from: usize, path: &[String], depth: usize) -> Option<usize> {
        let file = &self.files[from];
        let (mut krate, mut module) = (file.krate.as_str(), file.module.clone());
        let mut rest = path;
        while let [first, more @ ..] = rest {
            match first.as_str() {
                "crate" => module.clear(),
                "self" => {}
                "super" => drop(module.pop()),
                _ => break,
            }
            rest = more;
        }
        let is_relative = rest.len() == path.len();
        let mut current = self.by_module.get(&(krate.to_owned(), module.clone()));
        if is_relative {
            let first = path.first()?;
            let child: Vec<String> = module.iter().chain([first]).cloned().collect();
            let is_module =
                |name: &str| self.by_module.contains_key(&(name.to_owned(), Vec::new()));
            if !self.by_module.contains_key(&(krate.to_owned(), child)) {
                let crate_name = self.crate_of(first).filter(|name| is_module(name))?;
                krate = crate_name;
                module.clear();
                rest = rest.get(1..)?;
                current = self.by_module.get(&(krate.to_owned(), Vec::new()));
            }
        }
        for (at, name) in rest.iter().enumerate() {
            module.push(name.clone());
            match self.by_module.get(&(krate.to_owned(), module.clone())) {
                Some(found) => current = Some(found),
                None => {
                    let within = *current?;
                    let passed_on = self.files[within].names.get(name);
                    return match passed_on {
                        Some(origin) if depth < 8 && within != from => {
                            let full: Vec<_> =
                                origin.iter().chain(&rest[at + 1..]).cloned().collect();
                            self.file_of(within, &full, depth + 1).or(Some(within))
                        }
                        _ => Some(within),
                    };
                }
            }
        }
        current.copied()
    }

    /// A crate of the workspace by the name that paths write.
    fn crate_of<'a>(&'a self, name: &str) -> Option<&'a str> {
        let name = name.strip_prefix("mcp_lint_").unwrap_or(name);
        self.files
            .iter()
            .map(|file| file.krate.as_str())
            .find(|krate| *krate == name)
    }
}

/// The files of a crate, without those that are tests of others.
fn read_folder(root: &Path, folder: &Path, krate: &str) -> Vec<File> {
    let mut paths = test_support::files_with(folder, "rs");
    paths.retain(|path| {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        stem != "tests" && !stem.ends_with("_tests")
    });
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let tokens: TokenStream = text.parse().unwrap();
        let tokens = without_tests(tokens.into_iter().collect());
        let mut file = File {
            path: path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned(),
            krate: krate.to_owned(),
            module: module_of(path.strip_prefix(folder).unwrap()),
            paths: Vec::new(),
            passed_on: Vec::new(),
            names: BTreeMap::new(),
            tokens: Vec::new(),
        };
        collect(&tokens, &mut file);
        file.tokens = tokens;
        file
    };
    paths.iter().map(read).collect()
}

fn module_of(relative: &Path) -> Vec<String> {
    let path = relative.with_extension("");
    let mut names: Vec<String> = path
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    if matches!(
        names.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        names.pop();
    }
    names
}

/// The tokens without `#[cfg(test)] mod … { … }`.
fn without_tests(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut skip = false;
    for token in tokens {
        match &token {
            TokenTree::Group(group)
                if group.stream().to_string().replace(' ', "") == "cfg(test)" =>
            {
                skip = true;
            }
            TokenTree::Group(group) if skip && group.delimiter() == Delimiter::Brace => {
                skip = false
            }
            TokenTree::Punct(punct) if skip && punct.as_char() == ';' => skip = false,
            _ if skip => {}
            _ => kept.push(token),
        }
    }
    kept
}

/// Collects the paths of two names or more, in macros, too.
fn collect(tokens: &[TokenTree], file: &mut File) {
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(word) if word == "use" => {
                let end = tokens[at..]
                    .iter()
                    .position(is_semicolon)
                    .map_or(tokens.len(), |n| at + n);
                let mut paths = Vec::new();
                use_tree(&tokens[at + 1..end], Vec::new(), file, &mut paths);
                if is_public(&tokens[..at]) {
                    file.passed_on.append(&mut paths);
                } else {
                    file.paths.append(&mut paths);
                }
                at = end;
            }
            TokenTree::Ident(word) => {
                let mut path = vec![word.to_string()];
                while let [
                    TokenTree::Punct(a),
                    TokenTree::Punct(b),
                    TokenTree::Ident(next),
                ] = tokens.get(at + 1..at + 4).unwrap_or_default()
                    && (a.as_char(), b.as_char()) == (':', ':')
                {
                    path.push(next.to_string());
                    at += 3;
                }
                if path.len() > 1 {
                    file.paths.push(path);
                }
                at += 1;
            }
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                collect(&inner, file);
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// `a::{b, c as d}` after a prefix.
fn use_tree(
    tokens: &[TokenTree],
    mut prefix: Vec<String>,
    file: &mut File,
    paths: &mut Vec<Vec<String>>,
) {
    let mut alias = None;
    let mut tokens = tokens.iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "as" => {
                alias = tokens.next().map(ToString::to_string);
            }
            TokenTree::Ident(word) => prefix.push(word.to_string()),
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let is_comma =
                    |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ',');
                for part in inner.split(is_comma).filter(|part| !part.is_empty()) {
                    use_tree(part, prefix.clone(), file, paths);
                }
                return;
            }
            _ => {}
        }
    }
    if prefix.len() > 1 && prefix.last().is_some_and(|name| name == "self") {
        prefix.pop();
    }
    if let Some(name) = alias.or_else(|| prefix.last().cloned()) {
        file.names.insert(name, prefix.clone());
    }
    paths.push(prefix);
}

/// Whether `pub` or `pub(…)` ends these tokens.
fn is_public(before: &[TokenTree]) -> bool {
    let before = match before {
        [rest @ .., TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => rest,
        whole => whole,
    };
    matches!(before.last(), Some(TokenTree::Ident(word)) if word == "pub")
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}
