//! Sets `MCP_LINT_VERSION`: the version, and the commit where it is known.
//!
//! The commit comes from the environment (`MCP_LINT_COMMIT`, which the Nix package sets) or from the
//! files of the git repository, without git. Debug builds leave it out, so that a commit does not
//! make anybody compile again.

#![allow(
    clippy::print_stdout,
    reason = "cargo reads what a build script prints"
)]

use std::path::{Path, PathBuf};

fn main() {
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=MCP_LINT_COMMIT");
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let given = std::env::var("MCP_LINT_COMMIT").ok();
    let commit = given.or_else(|| is_release.then(commit_of_repository).flatten());
    let commit = commit
        .map(|commit| commit.chars().take(12).collect::<String>())
        .filter(|commit| !commit.is_empty() && commit.chars().all(|c| c.is_ascii_alphanumeric()));
    match commit {
        Some(commit) => println!("cargo::rustc-env=MCP_LINT_VERSION={version} ({commit})"),
        None => println!("cargo::rustc-env=MCP_LINT_VERSION={version}"),
    }
}

/// The commit that is checked out, if this is the root of a repository or a work tree of one.
fn commit_of_repository() -> Option<String> {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?);
    let directory = git_directory(&root.join(".git"))?;
    let head = read(&directory.join("HEAD"))?;
    let Some(name) = head.strip_prefix("ref: ") else {
        return Some(head);
    };
    // A work tree keeps its branches in the repository that it belongs to.
    let common = read(&directory.join("commondir"));
    let common = common.map_or_else(|| directory.clone(), |path| directory.join(path));
    read(&common.join(name)).or_else(|| packed(&common.join("packed-refs"), name))
}

/// `.git`, or the directory that it names.
fn git_directory(path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        return Some(path.to_owned());
    }
    let named = read(path)?;
    Some(path.parent()?.join(named.strip_prefix("gitdir: ")?))
}

/// The commit of a branch among those that git keeps in one file.
fn packed(path: &Path, name: &str) -> Option<String> {
    let text = read(path)?;
    let mut lines = text.lines();
    let line = lines.find(|line| line.ends_with(&format!(" {name}")))?;
    Some(line.split(' ').next()?.to_owned())
}

/// The text of a file without white space at its ends; the build runs again when it changes.
fn read(path: &Path) -> Option<String> {
    if path.exists() {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    Some(std::fs::read_to_string(path).ok()?.trim().to_owned())
}
