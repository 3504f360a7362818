//! From a locked reference to a tree in the cache.

use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use flake_lock::{Locked, NarHash, cached_tree, nar_hash, nix32};
use ureq::Agent;

use crate::archive_url::archive_request;
use crate::download::{Partial, agent};
use crate::environment::Environment;
use crate::error::FetchError;
use crate::unpack::{Limits, unpack};

/// How often a connection that breaks is made again; the next goes on where it broke.
const ATTEMPTS: u32 = 4;

/// How long to wait before the second attempt; before each further one twice as long.
const WAIT: Duration = Duration::from_millis(500);

/// The directory of archives that have come in part, in the cache.
const PARTIAL: &str = "partial";

/// How the names of directories begin that archives are unpacked in.
const STAGING: &str = ".unpack-";

/// What an archive is unpacked into, in such a directory.
const TREE: &str = "tree";

/// How old the directory of a killed run is when it is removed: no run takes as long for one source.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// Fetches into one cache.
#[derive(Debug)]
pub struct Fetcher {
    agent: Agent,
    cache: PathBuf,
    environment: Environment,
    limits: Limits,
}

/// A tree that is in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where.
    pub path: PathBuf,
    /// The bytes that came for it; 0 if it was there.
    pub received: u64,
}

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the archive that are here.
    pub received: u64,
    /// Bytes of the archive; `None` if the server does not say.
    pub total: Option<u64>,
}

impl Fetcher {
    /// Makes the cache's directories, which nobody else can look into, and the client.
    ///
    /// # Errors
    ///
    /// If they cannot be made, or the file of certificates cannot be read.
    pub fn new(
        cache: PathBuf,
        environment: Environment,
        limits: Limits,
    ) -> Result<Self, FetchError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(cache.join(PARTIAL))?;
        remove_stale(&cache);
        Ok(Self {
            agent: agent(&environment)?,
            cache,
            environment,
            limits,
        })
    }

    /// Fetches a source unless it is there, and verifies it by its hash before it enters the cache.
    ///
    /// # Errors
    ///
    /// If it cannot be fetched, or is something else than the lock says; then nothing enters.
    pub fn fetch(
        &self,
        locked: &Locked,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Fetched, FetchError> {
        let hash = locked.nar_hash.ok_or(FetchError::NoHash)?;
        let path = cached_tree(&self.cache, &hash);
        if path.is_dir() {
            return Ok(Fetched { path, received: 0 });
        }
        let request = archive_request(locked, &self.environment)?;
        let partial = Partial::new(&self.cache.join(PARTIAL), &nix32(&hash.0));
        let mut received = 0;
        let mut attempt = 0;
        let mut file = loop {
            attempt += 1;
            let mut seen = |received, total| progress(Progress { received, total });
            let download = self.limits.download;
            match partial.complete(&self.agent, &request, download, &mut seen) {
                Ok((file, came)) => {
                    received += came;
                    break file;
                }
                Err(error) if attempt < ATTEMPTS && may_pass(&error) => {
                    std::thread::sleep(WAIT * 2_u32.pow(attempt - 1));
                }
                Err(error) => return Err(error),
            }
        };
        let entered = self.enter(&mut file, &hash, &path);
        // Right or wrong: it is not needed any more.
        partial.remove();
        entered?;
        Ok(Fetched { path, received })
    }

    /// Unpacks an archive beside the cache's trees, and moves it among them if it is the right one.
    fn enter(
        &self,
        archive: &mut std::fs::File,
        wanted: &NarHash,
        path: &Path,
    ) -> Result<(), FetchError> {
        let staging = tempfile::Builder::new()
            .prefix(STAGING)
            .tempdir_in(&self.cache)?;
        let unpacked = staging.path().join(TREE);
        std::fs::create_dir(&unpacked)?;
        unpack(archive, &unpacked, &self.limits)?;
        let tree = only_directory(&unpacked)?;
        let got = nar_hash(&tree)?;
        if got != *wanted {
            return Err(FetchError::Hash {
                wanted: *wanted,
                got,
            });
        }
        match std::fs::rename(&tree, path) {
            // Another run was faster, with the same tree.
            Err(_) if path.is_dir() => Ok(()),
            moved => Ok(moved?),
        }
    }
}

/// Removes what killed runs left half unpacked; what cannot be removed stays until another time.
fn remove_stale(cache: &Path) {
    let entries = cache.read_dir().into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if is_stale(&path) {
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

/// Whether that is a directory of ours that a run unpacked in long ago: by its name, its owner, and that
/// there is nothing but a tree in it.
fn is_stale(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (Ok(metadata), Ok(of_cache)) = (path.symlink_metadata(), path.join("..").metadata()) else {
        return false;
    };
    let is_old = metadata.modified().ok();
    let is_old = is_old.and_then(|modified| modified.elapsed().ok());
    let holds_a_tree_alone = |path: &Path| {
        let mut entries = path.read_dir().into_iter().flatten();
        entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == TREE))
    };
    name.starts_with(STAGING)
        && metadata.is_dir()
        && metadata.uid() == of_cache.uid()
        && is_old.is_some_and(|age| age > STALE)
        && holds_a_tree_alone(path)
}

/// Whether an error may be another one the next time.
const fn may_pass(error: &FetchError) -> bool {
    matches!(
        error,
        FetchError::Network { .. }
            | FetchError::Status {
                code: 416 | 500..=599,
                ..
            }
    )
}

/// The tree of an archive: as Nix has it, the only directory in it, else all of it.
fn only_directory(unpacked: &Path) -> Result<PathBuf, FetchError> {
    let mut entries = unpacked.read_dir()?;
    let (first, second) = (entries.next().transpose()?, entries.next());
    match (first, second) {
        (Some(first), None) if first.file_type()?.is_dir() => Ok(first.path()),
        _ => Ok(unpacked.to_owned()),
    }
}
