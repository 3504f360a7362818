//! The hash of a tree as Nix makes it: SHA-256 of its archive in the NAR format.
//!
//! Only the hash is wanted, never an archive, and names need not be UTF-8: that is less than what a
//! crate for the format brings (nine crates with its own). Tests compare with `nix-store`.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::nar_hash::NarHash;

/// Deeper trees are an error, in directories: a path of the system (4,096 bytes) has room for twice as
/// many, and no source comes near.
const MAX_DEPTH: usize = 1_000;

/// Bytes that are hashed at a time.
const CHUNK: usize = 64 << 10;

/// Makes the hash of a file, a link or a tree of these. Links are hashed, never followed.
///
/// # Errors
///
/// If something cannot be read, changes meanwhile, or is neither of them.
pub fn nar_hash(path: &Path) -> io::Result<NarHash> {
    let mut nar = Nar(Sha256::new());
    nar.text(b"nix-archive-1");
    nar.node(path, 0)?;
    Ok(NarHash(nar.0.finalize().into()))
}

struct Nar(Sha256);

impl Nar {
    /// A text: its length in 8 bytes, itself, and zeros up to a multiple of 8.
    fn text(&mut self, text: &[u8]) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
        self.pad(text.len() as u64);
    }

    fn texts(&mut self, texts: &[&str]) {
        for text in texts {
            self.text(text.as_bytes());
        }
    }

    fn pad(&mut self, written: u64) {
        for _ in 0..(8 - written % 8) % 8 {
            self.0.update([0]);
        }
    }

    fn node(&mut self, path: &Path, depth: usize) -> io::Result<()> {
        let found = path.symlink_metadata()?;
        let kind = found.file_type();
        self.texts(&["(", "type"]);
        if kind.is_symlink() {
            self.texts(&["symlink", "target"]);
            self.text(path.read_link()?.as_os_str().as_bytes());
        } else if kind.is_file() {
            self.file(path, &found)?;
        } else if kind.is_dir() {
            self.directory(path, depth)?;
        } else {
            return Err(io::Error::other("neither a file, a link nor a directory"));
        }
        self.text(b")");
        Ok(())
    }

    fn file(&mut self, path: &Path, found: &Metadata) -> io::Result<()> {
        self.text(b"regular");
        if found.permissions().mode() & 0o100 != 0 {
            self.texts(&["executable", ""]);
        }
        self.text(b"contents");
        let length = found.len();
        self.0.update(length.to_le_bytes());
        let mut file = File::open(path)?.take(length);
        let mut chunk = vec![0; CHUNK];
        let mut hashed = 0_u64;
        loop {
            let read = file.read(&mut chunk)?;
            let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            self.0.update(bytes);
            hashed += read as u64;
        }
        if hashed != length {
            return Err(io::Error::other("a file became shorter while it was read"));
        }
        self.pad(length);
        Ok(())
    }

    fn directory(&mut self, path: &Path, depth: usize) -> io::Result<()> {
        if depth >= MAX_DEPTH {
            return Err(io::Error::other("the directories are nested too deeply"));
        }
        self.text(b"directory");
        let entries = path.read_dir()?.map(|entry| Ok(entry?.file_name()));
        let mut names = entries.collect::<io::Result<Vec<_>>>()?;
        names.sort();
        for name in names {
            self.texts(&["entry", "(", "name"]);
            self.text(name.as_bytes());
            self.text(b"node");
            self.node(&path.join(&name), depth + 1)?;
            self.text(b")");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// The hash of a tree with each kind of node: `nix-hash --type sha256 --sri` gave it.
    #[test]
    fn hashes_are_those_of_nix() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        std::fs::create_dir_all(root.join("sub/empty")).expect("folders");
        std::fs::write(root.join("file"), "text\n").expect("a file");
        std::fs::write(root.join("sub/eight..."), "12345678").expect("a file");
        std::fs::write(root.join("Zero"), "").expect("a file");
        std::fs::write(root.join("run"), "#!/bin/sh\n").expect("a file");
        let executable = std::fs::Permissions::from_mode(0o744);
        std::fs::set_permissions(root.join("run"), executable).expect("a mode");
        symlink("/nowhere/at/all", root.join("link")).expect("a link");
        let hash = nar_hash(root).expect("a hash").to_string();
        assert_eq!(hash, "sha256-ws5R0dlJeFzcfUtNz4KxyvxvHPB4eY5qsPAtYjTUMTM=");
        std::fs::remove_file(root.join("run")).expect("removed");
        assert_ne!(nar_hash(root).expect("a hash").to_string(), hash);
    }

    #[test]
    fn what_nix_has_no_word_for_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
        assert!(nar_hash(folder.path()).is_err());
        assert!(nar_hash(&folder.path().join("missing")).is_err());
    }
}
