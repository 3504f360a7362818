//! Ratios of one run: describing and scanning, each against reading the same bytes.
//!
//! `cargo bench -p secret-files`. With `MCP_LINT_CORPUS=DIR` all files below `DIR` are scanned
//! too. Only the ratios mean something; the times depend on the machine.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use secret_files::{
    SopsConfig, UNSEARCHED_EXTENSIONS, describe, scan, scan_private_keys, sops_format,
};

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() && entry.file_name() != ".git" {
            files_below(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}

/// Prints the ratio of the shortest runs of both, which take turns so that a busy machine
/// slows both down.
fn compare(name: &str, runs: usize, mut work: impl FnMut(), mut base: impl FnMut()) {
    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let (mut shortest, mut shortest_base) = (Duration::MAX, Duration::MAX);
    for _ in 0..runs {
        shortest = shortest.min(time(&mut work));
        shortest_base = shortest_base.min(time(&mut base));
    }
    let ratio = shortest.as_secs_f64() / shortest_base.as_secs_f64();
    println!("{name:<56} {ratio:>7.2}   ({shortest:?} / {shortest_base:?})");
}

fn each(files: &[PathBuf], mut work: impl FnMut(&Path, &[u8])) {
    for file in files {
        if let Ok(bytes) = std::fs::read(file) {
            work(file, &bytes);
        }
    }
}

fn parse(text: &str) {
    for event in granit_parser::Parser::new_from_str(text) {
        let _ = black_box(event);
    }
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files = Vec::new();
    files_below(&root, &mut files);
    files.retain(|file| !file.to_string_lossy().contains("go_regex"));
    let read = |files: &[PathBuf]| {
        each(files, |_, bytes| {
            black_box(bytes);
        });
    };
    let describe_all = || {
        each(&files, |file, bytes| {
            black_box(describe(file, bytes));
        });
    };
    println!("{} sample files", files.len());
    compare(
        "read and describe the samples / read",
        40,
        describe_all,
        || read(&files),
    );

    let yaml = root.join("sops/enc_full.yaml");
    let Ok(text) = std::fs::read_to_string(&yaml) else {
        return;
    };
    let describe_one = || {
        black_box(describe(&yaml, text.as_bytes()));
    };
    compare(
        "describe enc_full.yaml / granit-parser alone",
        400,
        describe_one,
        || parse(&text),
    );

    let large: String = (0..20_000)
        .map(|number| format!("key{number}: value {number}\n"))
        .collect();
    let describe_large = || {
        black_box(describe("large.yaml", large.as_bytes()));
    };
    compare(
        "describe 20 000 plain YAML keys / granit-parser alone",
        15,
        describe_large,
        || parse(&large),
    );
    let config = || {
        black_box(SopsConfig::parse(large.as_bytes()));
    };
    compare(
        "read them as .sops.yaml / granit-parser alone",
        15,
        config,
        || parse(&large),
    );

    let Some(corpus) = std::env::var_os("MCP_LINT_CORPUS") else {
        return;
    };
    let mut files = Vec::new();
    files_below(Path::new(&corpus), &mut files);
    // The formats that need a look, as `mcp-lint check` picks them.
    files.retain(|file| {
        let extension = file.extension().unwrap_or_default().to_string_lossy();
        !UNSEARCHED_EXTENSIONS.contains(&&*extension.to_ascii_lowercase())
    });
    let mut count = 0;
    each(&files, |_, bytes| count += bytes.len());
    println!("{} corpus files, {count} bytes", files.len());
    let all = || {
        each(&files, |_, bytes| {
            black_box(scan(bytes));
        });
    };
    compare("read and scan / read", 15, all, || read(&files));
    let keys = || {
        each(&files, |_, bytes| {
            black_box(scan_private_keys(bytes));
        });
    };
    compare("read and scan for private keys / read", 60, keys, || {
        read(&files)
    });
    let check = || {
        each(&files, |_, bytes| {
            black_box((scan_private_keys(bytes), sops_format(bytes)));
        });
    };
    compare("read and look as `check` does / read", 60, check, || {
        read(&files)
    });
}
