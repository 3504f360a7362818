//! The walk over a project's files that leaves out what is ignored, whatever lies where rules are looked for.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ignore::{DirEntry, Error, WalkBuilder};
use nix_source::read_regular;

/// The largest file of rules that is read, in bytes: a thousand times what one has.
const MAX_RULES: u64 = 1 << 20;
/// The largest file `.git` or `commondir`, in bytes: it holds one path.
const MAX_LINK: u64 = 16 << 10;

/// Makes something of the entries below a directory, by path, without ignored ones; links are not followed.
///
/// The walk opens every file of rules that it meets and would wait for a pipe's writer. Where one is no
/// regular file, nothing is taken for ignored, so that nothing stays unseen; `collect` is called twice then.
pub(crate) fn walk<T>(
    directory: &Path,
    depth: Option<usize>,
    is_listed: fn(&DirEntry) -> bool,
    collect: impl Fn(&mut dyn Iterator<Item = Result<DirEntry, Error>>) -> T,
) -> T {
    let has_odd_rules = Arc::new(AtomicBool::new(
        directory.ancestors().any(|above| !are_rules(above)),
    ));
    if !has_odd_rules.load(Ordering::Relaxed) {
        let odd = Arc::clone(&has_odd_rules);
        let mut builder = builder(directory, depth);
        builder.filter_entry(move |entry| {
            if entry.depth() == 0 || !is_listed(entry) {
                return entry.depth() == 0;
            }
            let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
            if is_directory && !are_rules(entry.path()) {
                odd.store(true, Ordering::Relaxed);
            }
            !odd.load(Ordering::Relaxed)
        });
        let collected = collect(&mut builder.build());
        if !has_odd_rules.load(Ordering::Relaxed) {
            return collected;
        }
    }
    let mut builder = builder(directory, depth);
    builder
        .git_ignore(false)
        .git_exclude(false)
        .parents(false)
        .filter_entry(move |entry| entry.depth() == 0 || is_listed(entry));
    collect(&mut builder.build())
}

fn builder(directory: &Path, depth: Option<usize>) -> WalkBuilder {
    let mut builder = WalkBuilder::new(directory);
    builder
        .hidden(false)
        // Of other programs: neither Git nor Nix leaves out what it names.
        .ignore(false)
        .git_global(false)
        .require_git(false)
        .follow_links(false)
        .max_depth(depth)
        .sort_by_file_name(OsStr::cmp);
    builder
}

/// Whether what is opened in a directory for rules can be read: files, or nothing at all.
fn are_rules(directory: &Path) -> bool {
    let git = directory.join(".git");
    let kind = git.metadata();
    let of_git = match kind {
        Ok(kind) if kind.is_dir() => can_be_opened(&git.join("info/exclude"), MAX_RULES),
        Ok(kind) if kind.is_file() => is_link(&git),
        _ => true,
    };
    of_git && can_be_opened(&directory.join(".gitignore"), MAX_RULES)
}

/// Whether a file `.git` leads to files that can be opened.
fn is_link(git: &Path) -> bool {
    let Ok(text) = read_regular(git, MAX_LINK) else {
        return false;
    };
    let Ok(text) = String::from_utf8(text) else {
        return true;
    };
    let Some(named) = text
        .lines()
        .next()
        .and_then(|it| it.strip_prefix("gitdir:"))
    else {
        return true;
    };
    // From the working directory, as the walk has it, and from the link's, as Git has it.
    let bases = [Path::new(""), git.parent().unwrap_or(Path::new(""))];
    bases.iter().all(|base| {
        let common = base.join(named.trim()).join("commondir");
        if !can_be_opened(&common, MAX_LINK) {
            return false;
        }
        let text = read_regular(&common, MAX_LINK).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let directory = PathBuf::from(text.lines().next().unwrap_or_default().trim());
        [common.with_file_name("").join(&directory), directory]
            .iter()
            .all(|it| can_be_opened(&it.join("info/exclude"), MAX_RULES))
    })
}

/// Whether opening what is at a path neither waits nor is endless.
fn can_be_opened(path: &Path, limit: u64) -> bool {
    match fs::metadata(path) {
        Ok(found) => found.is_dir() || (found.is_file() && found.len() <= limit),
        Err(_) => true,
    }
}
