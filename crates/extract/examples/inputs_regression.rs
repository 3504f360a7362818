//! What inputs' sources change: hosts and secrets of many projects, without and with them.
//!
//!     cargo run --release -p mcp-lint-extract --example inputs_regression -- PROJECTS STORE [NAME…]
//!
//! PROJECTS holds a directory for each project. STORE is as `NIX_STORE_DIR`: a source of a lock's node lies at its
//! store path there. Exits with 1 if a project loses a host or a secret.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for a terminal"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use extract::{BuildOptions, InputOptions, build};

/// The hosts of a project and their secrets, by name.
#[derive(Debug, Default)]
struct Seen {
    hosts: BTreeSet<String>,
    secrets: BTreeSet<(String, String)>,
    open: usize,
    milliseconds: u128,
}

fn look(project: &Path, store: Option<&Path>) -> Option<Seen> {
    let options = BuildOptions {
        paths: vec![project.to_owned()],
        inputs: InputOptions {
            store: store.map(Path::to_owned),
            ..InputOptions::default()
        },
        ..BuildOptions::default()
    };
    let start = Instant::now();
    let inventory = build(&options).ok()?.inventory;
    let mut seen = Seen {
        milliseconds: start.elapsed().as_millis(),
        open: inventory.problems.len(),
        ..Seen::default()
    };
    for host in &inventory.hosts {
        seen.hosts.insert(host.attribute.clone());
        for secret in &host.secrets {
            let name = secret.name.value.as_deref().unwrap_or("?");
            let secret = (host.attribute.clone(), name.to_owned());
            seen.secrets.insert(secret);
        }
    }
    // A configuration that is known now is no longer looked at as a lone module.
    seen.hosts.retain(|host| !is_module(host));
    seen.secrets.retain(|(host, _)| !is_module(host));
    Some(seen)
}

fn is_module(host: &str) -> bool {
    Path::new(host).extension().is_some_and(|end| end == "nix")
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(projects), Some(store)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: inputs_regression PROJECTS STORE [NAME…]");
        return ExitCode::from(2);
    };
    let store = PathBuf::from(store);
    let mut names: Vec<String> = arguments.collect();
    if names.is_empty() {
        let entries = std::fs::read_dir(&projects).into_iter().flatten().flatten();
        names.extend(entries.map(|entry| entry.file_name().to_string_lossy().into_owned()));
        names.sort();
    }
    let mut is_worse = false;
    for name in names {
        let project = Path::new(&projects).join(&name);
        if !project.join("flake.lock").is_file() {
            continue;
        }
        let (Some(before), Some(after)) = (look(&project, None), look(&project, Some(&store)))
        else {
            continue;
        };
        let lost_hosts: Vec<_> = before.hosts.difference(&after.hosts).collect();
        let lost_secrets: Vec<_> = before.secrets.difference(&after.secrets).collect();
        println!(
            "{name}\thosts {} -> {}\tsecrets {} -> {}\tproblems {} -> {}\tms {} -> {}",
            before.hosts.len(),
            after.hosts.len(),
            before.secrets.len(),
            after.secrets.len(),
            before.open,
            after.open,
            before.milliseconds,
            after.milliseconds,
        );
        is_worse |= !lost_hosts.is_empty() || !lost_secrets.is_empty();
        for host in lost_hosts {
            println!("\tlost: {host}");
        }
        for (host, secret) in lost_secrets {
            println!("\tlost: {secret} of {host}");
        }
    }
    ExitCode::from(u8::from(is_worse))
}
