//! A Git index without Git: tests must pass where it is not installed.

use std::path::Path;

/// Makes `project` the work tree of a repository that tracks these files, as `git add` leaves it.
pub(crate) fn track(project: &Path, files: &[&str]) {
    let directory = project.join(".git");
    std::fs::create_dir_all(directory.join("objects")).unwrap();
    std::fs::create_dir_all(directory.join("refs")).unwrap();
    std::fs::write(directory.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    std::fs::write(directory.join("index"), index(files)).unwrap();
}

/// Version 2 of the format, with a checksum of zeros, which means that there is none.
fn index(files: &[&str]) -> Vec<u8> {
    let mut files = files.to_vec();
    files.sort_unstable();
    let mut bytes = b"DIRC\0\0\0\x02".to_vec();
    bytes.extend((files.len() as u32).to_be_bytes());
    for file in files {
        let start = bytes.len();
        bytes.extend([0; 24]);
        bytes.extend(0o100_644_u32.to_be_bytes());
        bytes.extend([0; 12]);
        bytes.extend([0x11; 20]);
        bytes.extend((file.len() as u16).to_be_bytes());
        bytes.extend(file.as_bytes());
        // At least one zero, up to a multiple of eight.
        let length = (bytes.len() - start) / 8 * 8 + 8;
        bytes.resize(start + length, 0);
    }
    bytes.extend([0; 20]);
    bytes
}
