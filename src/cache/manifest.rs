//! Everything of a project that a run can read, as one hash.
//!
//! More is hashed than a run reads, so that a change is never missed: every file below the root, where
//! symbolic links lead, and what Git and ignore files say, above the root as well. Left out are the
//! objects of Git, which no evaluation may read, and the results that the cache keeps.

use std::collections::HashMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

use super::key::Hasher;
use super::known_files::{Stat, encode, is_kept};
use super::links::Links;

/// A project with more is evaluated every time: looking for changes would take as long.
const MOST_ENTRIES: usize = 50_000;
const MOST_BYTES: u64 = 512 << 20;
/// Larger files are not read by an evaluation either.
const LARGEST: u64 = nix_source::MAX_FILE_SIZE;
/// Threads that hash.
const MOST_THREADS: usize = 4;

/// Fewer files are hashed by one thread: to start others takes about as long.
const FEW_FILES: usize = 32;

/// SHA-256.
pub(super) type Hash = [u8; 32];

/// The state of a project.
#[derive(Debug)]
pub(super) struct Manifest {
    /// Differs when anything does.
    pub(super) digest: Hash,
    /// The hash of every file, and what was known of it before it was read.
    contents: HashMap<PathBuf, (Stat, Hash)>,
    /// The files, in the order in which they were found.
    files: Vec<PathBuf>,
    /// When all that was not known was read, or before.
    read: SystemTime,
    /// Whether files were read whose hash can be kept.
    has_new: bool,
}

/// What lies in a project, in the order in which it is found.
struct Found<'a> {
    entries: Vec<(PathBuf, What)>,
    bytes: u64,
    known: &'a dyn Fn(&Path, &Stat) -> Option<Hash>,
    links: Links,
}

enum What {
    /// What is said of it: kind, size, where a link leads.
    Told(String),
    /// A file whose content counts; its hash, if that is known.
    File(Stat, Option<Hash>),
}

impl Manifest {
    /// The state of the project at `root`; nothing if it is too large or part of it cannot be read. `known` gives the
    /// hashes of files that are what they were.
    pub(super) fn of(
        root: &Path,
        cache: &Path,
        known: &dyn Fn(&Path, &Stat) -> Option<Hash>,
    ) -> Option<Self> {
        let read = SystemTime::now();
        let mut found = Found {
            entries: Vec::new(),
            bytes: 0,
            known,
            links: Links::default(),
        };
        found.tree(root, cache)?;
        for above in root.ancestors().skip(1) {
            found.above(above)?;
        }
        let hashes = hash_all(&found.entries)?;
        let mut hasher = Hasher::default();
        let mut contents = HashMap::new();
        let mut files = Vec::new();
        let mut has_new = false;
        for ((path, what), hash) in found.entries.into_iter().zip(hashes) {
            hasher.add(path.as_os_str().as_bytes());
            match what {
                What::Told(said) => hasher.add(said.as_bytes()),
                What::File(stat, known) => {
                    hasher.add(&hash);
                    has_new |= known.is_none() && is_kept(&stat, read);
                    contents.insert(path.clone(), (stat, hash));
                    files.push(path);
                }
            }
        }
        Some(Self {
            digest: hasher.finish(),
            contents,
            files,
            read,
            has_new,
        })
    }

    /// The hash of a file that is what it was.
    pub(super) fn known(&self, path: &Path, stat: &Stat) -> Option<Hash> {
        let (known, hash) = self.contents.get(path)?;
        (known == stat && is_kept(stat, self.read)).then_some(*hash)
    }

    /// What is kept of the files for a later run, under that name; `None` if an earlier run has kept it.
    pub(super) fn kept_files(&self, name: &str) -> Option<Vec<u8>> {
        let files = self.files.iter().filter_map(|path| {
            let (stat, hash) = self.contents.get(path)?;
            Some((path.as_path(), *stat, *hash))
        });
        self.has_new.then(|| encode(files, self.read, name))
    }

    /// The text of a file, if it is what it was.
    pub(super) fn text(&self, path: &Path) -> Option<String> {
        // Through a symbolic link it has another name; where links lead is part of the digest.
        let (_, known) = match self.contents.get(path) {
            Some(known) => known,
            None => self.contents.get(&path.canonicalize().ok()?)?,
        };
        let bytes = read(path)?;
        let hash: Hash = Sha256::digest(&bytes).into();
        (hash == *known).then(|| String::from_utf8(bytes).ok())?
    }
}

impl Found<'_> {
    /// The project's directory and what is below it, without the history of Git and the cache.
    fn tree(&mut self, root: &Path, cache: &Path) -> Option<()> {
        let counts = |entry: &DirEntry| !is_kept_result(entry, cache) && !is_history(entry, root);
        let walk = WalkDir::new(root).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(counts) {
            let entry = entry.ok()?;
            let kind = entry.file_type();
            let is_git = entry.file_name() == ".git";
            let path = entry.into_path();
            if is_git {
                self.owner(&path)?;
            }
            if kind.is_dir() {
                self.told(path, "directory".to_owned())?;
            } else if kind.is_symlink() {
                self.link(path)?;
            } else if kind.is_file() {
                if is_git {
                    self.git_link(&path)?;
                }
                self.file(path)?;
            } else {
                self.told(path, "special".to_owned())?;
            }
        }
        Some(())
    }

    /// What a directory above the root can change: Git's index, what is ignored, creation rules.
    fn above(&mut self, directory: &Path) -> Option<()> {
        let is_there = directory.join("flake.nix").exists();
        self.told(directory.join("flake.nix"), is_there.to_string())?;
        for name in [".gitignore", ".ignore", ".sops.yaml"] {
            self.file_if_there(&directory.join(name))?;
        }
        let git = directory.join(".git");
        self.owner(&git)?;
        match fs::metadata(&git) {
            Ok(metadata) if metadata.is_dir() => self.git_directory(&git),
            Ok(metadata) if metadata.is_file() => {
                self.git_link(&git)?;
                self.file(git)
            }
            _ => Some(()),
        }
    }

    /// A file `.git`, which names the directory where it is.
    fn git_link(&mut self, path: &Path) -> Option<()> {
        let text = String::from_utf8(read(path)?).ok()?;
        let named = text.trim().strip_prefix("gitdir:").map(str::trim);
        let Some(directory) = named.zip(path.parent()) else {
            return Some(());
        };
        let directory = directory.1.join(directory.0);
        self.owner(&directory)?;
        self.git_directory(&directory)?;
        let common = directory.join("commondir");
        self.file_if_there(&common)?;
        let common = read(&common).unwrap_or_default();
        let common = String::from_utf8(common).ok()?;
        match common.trim() {
            "" => Some(()),
            common => self.git_directory(&directory.join(common)),
        }
    }

    /// What Git tracks and ignores.
    fn git_directory(&mut self, directory: &Path) -> Option<()> {
        let mut names: Vec<PathBuf> = fs::read_dir(directory)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name == "index" || name == "HEAD" || name.starts_with("sharedindex.")
            })
            .collect();
        names.sort();
        names.push(directory.join("info/exclude"));
        names.iter().try_for_each(|path| self.file_if_there(path))
    }

    /// Whether what Git says is believed.
    fn owner(&mut self, git: &Path) -> Option<()> {
        let owner = [git, &git.join("index")].map(nix_source::foreign_owner);
        self.told(git.to_owned(), format!("{owner:?}"))
    }

    fn file_if_there(&mut self, path: &Path) -> Option<()> {
        if path.is_file() {
            self.file(path.to_owned())
        } else {
            self.told(path.to_owned(), "missing".to_owned())
        }
    }

    fn file(&mut self, path: PathBuf) -> Option<()> {
        let metadata = fs::metadata(&path).ok()?;
        let size = metadata.len();
        if size > LARGEST {
            return self.told(path, format!("{size} bytes"));
        }
        self.bytes += size;
        if self.bytes > MOST_BYTES {
            return None;
        }
        let stat = Stat::of(&metadata);
        let hash = (self.known)(&path, &stat);
        self.add(path, What::File(stat, hash))
    }

    /// Where a link leads, and what is there: its content is elsewhere, or outside and not read.
    fn link(&mut self, path: PathBuf) -> Option<()> {
        let target = fs::read_link(&path).ok()?;
        let (real, there) = self.links.end(&path, &target).unzip();
        let kind = there.map(|metadata: fs::Metadata| (metadata.is_file(), metadata.is_dir()));
        let said = format!("{target:?} {real:?} {kind:?}");
        self.told(path, said)
    }

    fn told(&mut self, path: PathBuf, said: String) -> Option<()> {
        self.add(path, What::Told(said))
    }

    fn add(&mut self, path: PathBuf, what: What) -> Option<()> {
        self.entries.push((path, what));
        (self.entries.len() <= MOST_ENTRIES).then_some(())
    }
}

/// Whether an entry is a result that is kept, or one that is being written; what else is in that directory
/// can be read like any file.
fn is_kept_result(entry: &DirEntry, cache: &Path) -> bool {
    let name = entry.file_name().to_string_lossy();
    let is_named = crate::write::is_unfinished(&name) || super::directory::is_of_the_cache(&name);
    is_named && entry.path().parent() == Some(cache)
}

/// Whether an entry is a directory of objects in a Git directory below the root: names of what is in them.
fn is_history(entry: &DirEntry, root: &Path) -> bool {
    let below = entry.path().strip_prefix(root).unwrap_or(Path::new(""));
    entry.file_type().is_dir() && nix_source::is_git_object(below)
}

/// The hashes of the files, in their order, zero for what is none; nothing if one cannot be read.
fn hash_all(entries: &[(PathBuf, What)]) -> Option<Vec<Hash>> {
    let open: Vec<(usize, &Path)> = { entries.iter().enumerate() }
        .filter_map(|(index, (path, what))| match what {
            What::File(_, None) => Some((index, path.as_path())),
            What::File(_, Some(_)) | What::Told(_) => None,
        })
        .collect();
    let threads = match open.len() {
        ..FEW_FILES => 1,
        _ => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut hashes = Vec::new();
        loop {
            match open.get(next.fetch_add(1, Ordering::Relaxed)) {
                None => return Some(hashes),
                Some((index, path)) => hashes.push((*index, hash(path)?)),
            }
        }
    };
    let parts: Vec<Option<Vec<(usize, Hash)>>> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(MOST_THREADS))
            .map(|_| std::thread::Builder::new().spawn_scoped(scope, work))
            .collect();
        let own = work();
        // A thread that could not be had leaves its work to the others.
        let others = others.into_iter().filter_map(Result::ok);
        let others = others.map(|thread| thread.join().ok().flatten());
        std::iter::once(own).chain(others).collect()
    });
    let known = entries.iter().map(|(_, what)| match what {
        What::File(_, Some(hash)) => *hash,
        What::File(_, None) | What::Told(_) => Hash::default(),
    });
    let mut hashes: Vec<Hash> = known.collect();
    for part in parts {
        for (index, hash) in part? {
            *hashes.get_mut(index)? = hash;
        }
    }
    Some(hashes)
}

fn hash(path: &Path) -> Option<Hash> {
    Some(Sha256::digest(read(path)?).into())
}

fn read(path: &Path) -> Option<Vec<u8>> {
    nix_source::read_regular(path, LARGEST).ok()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test that meets what it does not expect has to fail"
    )]

    use std::cell::RefCell;

    use super::*;

    #[test]
    fn a_file_whose_hash_is_known_is_not_read() {
        let project = tempfile::tempdir().unwrap();
        let root = project.path().canonicalize().unwrap();
        fs::write(root.join("a.nix"), "{ }").unwrap();
        fs::write(root.join("b.nix"), "{ }").unwrap();
        let digest = |known: &dyn Fn(&Path, &Stat) -> Option<Hash>| {
            Manifest::of(&root, Path::new(""), known).unwrap().digest
        };
        let asked = RefCell::new(Vec::new());
        let read = digest(&|path, _| {
            asked.borrow_mut().push(path.to_owned());
            None
        });
        let asked = asked.into_inner();
        for name in ["a.nix", "b.nix"] {
            assert!(asked.contains(&root.join(name)), "{asked:?}");
        }
        let right: Hash = Sha256::digest("{ }").into();
        let known =
            |hash: Hash| move |path: &Path, _: &Stat| path.ends_with("a.nix").then_some(hash);
        assert_eq!(digest(&known(right)), read);
        assert_ne!(digest(&known([1; 32])), read, "it was read again");
    }
}
