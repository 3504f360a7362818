//! Whatever is typed in whatever order, an editor sees what a server that is started then would show.
//!
//! `MCP_LINT_RANDOM_EDITS=1000 MCP_LINT_RANDOM_PROJECTS=DIRECTORY:… cargo test --test lsp_random` does more
//! steps, on copies of real projects.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test that meets what it does not expect has to fail"
)]

#[allow(dead_code, reason = "a part of it is for other tests")]
#[path = "lsp/client.rs"]
mod client;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use client::{Client, uri};
use serde_json::{Value, json};

/// How long the last analysis may take on a machine that does other things at the same time.
const PATIENCE: Duration = Duration::from_secs(120);

/// Numbers from a seed: the same ones on each machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

fn nix_files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if path.is_dir() && !path.is_symlink() && !is_hidden {
            nix_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "nix") && path.is_file() {
            found.push(path);
        }
    }
}

/// An editor that asks for findings by itself.
fn editor(folder: &Path) -> Client {
    let capabilities = json!({
        "textDocument": { "diagnostic": {}, "publishDiagnostics": { "relatedInformation": true } },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    });
    Client::with_capabilities(folder, &capabilities)
}

/// All findings by file, without what tells texts and answers apart.
fn findings(client: &mut Client) -> Vec<(String, Value)> {
    let report = client.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    client.notifications.clear();
    let files = report["items"].as_array().unwrap().iter();
    let mut found: Vec<_> = files
        .map(|file| {
            (
                file["uri"].as_str().unwrap().to_owned(),
                file["items"].clone(),
            )
        })
        .filter(|(_, items)| items.as_array().is_some_and(|items| !items.is_empty()))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// Findings of a server that is started now.
fn fresh(folder: &Path, texts: &[(PathBuf, String)]) -> Vec<(String, Value)> {
    let mut client = Client::start();
    let mut parameters = client::initialize(folder, &["utf-16"]);
    parameters["capabilities"] = json!({
        "textDocument": { "diagnostic": {}, "publishDiagnostics": { "relatedInformation": true } },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    });
    client.request("initialize", parameters);
    for (file, text) in texts {
        client.open(file, text);
    }
    client.notify("initialized", json!({}));
    while client.next()["method"] != "workspace/diagnostic/refresh" {}
    let found = findings(&mut client);
    assert_eq!(client.end(), 0);
    found
}

/// One edit of a line: taken away, doubled, moved, another one's place, a word of it, a comment.
fn edit(random: &mut Random, text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    if lines.is_empty() {
        return "{ }".to_owned();
    }
    let (at, other) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(7) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[other].clone()),
        2 => lines.swap(at, other),
        3 => lines[at] = lines[at].replace("true", "false"),
        4 => lines[at] = lines[at].replace('"', "\"x"),
        5 => lines.insert(at, "  # 🔑 a comment".to_owned()),
        _ => {
            let words: Vec<_> = lines[at]
                .split_whitespace()
                .map(ToOwned::to_owned)
                .collect();
            let word = words
                .get(random.below(words.len()))
                .cloned()
                .unwrap_or_default();
            lines[at] = lines[at].replacen(&word, &format!("{word}y"), 1);
        }
    }
    lines.join("\n") + "\n"
}

fn parses(text: &str) -> bool {
    rnix::Root::parse(text).errors().is_empty() && nix_syntax::parse(text).errors.is_empty()
}

/// Edits files of a project, a few at once; after each burst, what is shown is what a new server shows.
fn random_edits(folder: &Path, steps: usize, seed: u64) {
    let mut random = Random(seed);
    let mut files = Vec::new();
    nix_files(folder, &mut files);
    files.sort();
    let mut client = editor(folder);
    let mut open: Vec<(PathBuf, String)> = Vec::new();
    let (mut version, mut compared) = (1, 0);
    for step in 0..steps {
        for _ in 0..=random.below(4) {
            let file = files[random.below(files.len())].clone();
            let index = open
                .iter()
                .position(|(known, _)| *known == file)
                .unwrap_or_else(|| {
                    let text = std::fs::read_to_string(&file).unwrap_or_default();
                    client.open(&file, &text);
                    open.push((file.clone(), text));
                    open.len() - 1
                });
            let text = edit(&mut random, &open[index].1);
            version += 1;
            client.change(&file, version, json!([{ "text": text }]));
            // What does not parse is typed, and taken back.
            if parses(&text) {
                open[index].1 = text;
            } else {
                version += 1;
                client.change(&file, version, json!([{ "text": open[index].1 }]));
            }
            if random.below(3) == 0 {
                std::thread::sleep(Duration::from_millis(
                    u64::try_from(random.below(40)).unwrap(),
                ));
            }
        }
        if open.len() > 4 {
            let (file, _) = open.remove(0);
            let document = json!({ "textDocument": { "uri": uri(&file) } });
            client.notify("textDocument/didClose", document);
        }
        let expected = fresh(folder, &open);
        let started = Instant::now();
        loop {
            let found = findings(&mut client);
            if found == expected {
                break;
            }
            if started.elapsed() > PATIENCE {
                let files = open
                    .iter()
                    .map(|(file, text)| format!("{}:\n{text}", file.display()));
                let files: Vec<_> = files.collect();
                panic!(
                    "step {step}, seed {seed}: {found:#?}\nbut a new server: {expected:#?}\n{}",
                    files.join("\n")
                );
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        compared += 1;
    }
    println!("{}: {compared} comparisons", folder.display());
    assert_eq!(client.end(), 0);
}

/// A copy that is no repository.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() && !path.is_symlink() {
            if entry.file_name() != ".git" {
                copy(&path, &target);
            }
        } else if path.is_file() {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn random_edits_end_as_a_new_server_begins() {
    let steps = std::env::var("MCP_LINT_RANDOM_EDITS").ok();
    let steps = steps.map_or(12, |steps| steps.parse().unwrap());
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let projects = std::env::var("MCP_LINT_RANDOM_PROJECTS").ok();
    let projects: Vec<PathBuf> = match &projects {
        Some(list) => std::env::split_paths(list).collect(),
        None => vec![
            examples.join("nixos-sops-wrong"),
            examples.join("home-manager-sops"),
        ],
    };
    for (seed, project) in (1..).zip(projects) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        copy(&project, &path);
        random_edits(&path, steps, seed * 0x9E37_79B9);
    }
}
