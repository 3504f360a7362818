//! The index of Git on any bytes, with the checksum that makes Git's library look at them: no panic, and whether
//! a file is tracked is known or not, never an error.
//!
//! `cargo +nightly fuzz run git_index -- -max_len=4096 -timeout=60`
#![no_main]

use std::cell::LazyCell;
use std::fs;

use sha1::{Digest, Sha1};

thread_local! {
    static PROJECT: LazyCell<tempfile::TempDir> = LazyCell::new(|| {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        fs::create_dir_all(folder.path().join(".git")).expect("writable");
        fs::create_dir_all(folder.path().join("secrets")).expect("writable");
        fs::write(folder.path().join("secrets/a.age"), "plain\n").expect("writable");
        folder
    });
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    PROJECT.with(|project| {
        let mut index = bytes.to_vec();
        index.extend(Sha1::digest(bytes));
        fs::write(project.path().join(".git/index"), index).expect("writable");
        // All of the index for the directory, one entry for the file.
        let below = extract::list_files(
            &project.path().join("secrets"),
            extract::InputOptions::default(),
            None,
            nix_eval::Limits::default(),
        )
        .expect("it is there");
        let alone = extract::list_files(
            &project.path().join("secrets/a.age"),
            extract::InputOptions::default(),
            None,
            nix_eval::Limits::default(),
        )
        .expect("it is there");
        let tracked = |listing: &extract::Listing| {
            listing
                .files
                .iter()
                .find(|file| file.format == "text")
                .map(|file| file.tracked)
        };
        assert_eq!(tracked(&below), tracked(&alone));
    });
});
