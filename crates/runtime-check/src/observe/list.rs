//! The files below a directory, for discovery.
//!
//! Not with `walkdir`, which opens each directory by its path: what is listed here is open already, each name is
//! opened below that descriptor, and links are those of the root that stands for `/`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::Dir;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::walk::Walker;
use crate::escape::Escaped;
use crate::escape::WirePath;
use crate::facts::Kind;
use crate::sys;

/// A secret's name can have parts; nobody nests deeper than this.
const DEEPEST: usize = 8;
/// More files than this in one directory tree are not secrets.
pub(crate) const MOST_ENTRIES: usize = 100_000;

/// How much of a directory to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Extent {
    /// Nothing: only the way to it counts.
    Way,
    /// What is in it.
    Entries,
    /// That, and everything below.
    Tree,
}

/// What is in a directory and below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listing {
    /// The directory as asked for.
    pub(crate) path: WirePath,
    /// The way to it: an index of the survey's chains.
    pub(crate) chain: usize,
    /// The names of what is there, relative to it: everything but directories, sorted.
    pub(crate) files: Vec<WirePath>,
    /// The directories below it, relative, sorted.
    pub(crate) directories: Vec<WirePath>,
    /// Why the list is not complete, if it is not.
    pub(crate) incomplete: Option<String>,
}

impl Listing {
    /// Of a directory that was not looked at, because its file system does not answer.
    pub(crate) fn unanswered(walker: &mut Walker, path: &Path) -> Self {
        Self {
            path: WirePath(path.to_owned()),
            chain: walker.unanswered(path),
            files: Vec::new(),
            directories: Vec::new(),
            incomplete: None,
        }
    }
}

/// Lists a directory as far as asked for; no links in it are followed.
pub(crate) fn list(walker: &mut Walker, path: &Path, extent: Extent) -> Listing {
    let (chain, _) = walker.directory(path);
    let mut listing = Listing {
        path: WirePath(path.to_owned()),
        chain,
        files: Vec::new(),
        directories: Vec::new(),
        incomplete: None,
    };
    let mut pending = match extent {
        Extent::Way => Vec::new(),
        Extent::Entries | Extent::Tree => vec![PathBuf::new()],
    };
    while let Some(relative) = pending.pop() {
        let (chain, node) = walker.directory(&path.join(&relative));
        let Some(node) = node else {
            // Of the directory itself its chain reports it.
            if chain != listing.chain {
                listing.incomplete = Some(format!("{} cannot be entered", shown(&relative)));
            }
            continue;
        };
        let names = match node.open_directory().and_then(names) {
            Ok(names) => names,
            Err(error) => {
                listing.incomplete = Some(sys::error_name(error));
                continue;
            }
        };
        for name in names {
            if listing.files.len() + listing.directories.len() >= MOST_ENTRIES {
                listing.incomplete = Some(format!("more than {MOST_ENTRIES} entries"));
                break;
            }
            let child = match node.child(&name) {
                Ok(child) => child,
                // Gone since it was listed.
                Err(Errno::NOENT) => continue,
                Err(error) => {
                    listing.incomplete = Some(sys::error_name(error));
                    continue;
                }
            };
            let below = relative.join(&name);
            if child.facts.kind == Kind::Directory {
                let shallow = below.components().count() < DEEPEST;
                if extent == Extent::Tree && shallow {
                    pending.push(below.clone());
                } else if extent == Extent::Tree {
                    listing.incomplete = Some(format!("more than {DEEPEST} levels"));
                }
                listing.directories.push(WirePath(below));
            } else {
                listing.files.push(WirePath(below));
            }
        }
    }
    listing.files.sort();
    listing.directories.sort();
    listing
}

fn shown(path: &Path) -> String {
    Escaped::path(path).to_string()
}

fn names(directory: std::os::fd::OwnedFd) -> Result<Vec<OsString>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.push(OsString::from_vec(name));
        }
        if names.len() > MOST_ENTRIES {
            break;
        }
    }
    names.sort();
    Ok(names)
}
