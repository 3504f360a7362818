//! Whether real Nix has the secrets of many projects as this program has them: which, and the owner, group, mode and
//! path of each.
//!
//!     cargo run --release -p mcp-lint-extract --example real_nix -- SOURCES PROJECT…
//!
//! SOURCES holds the sources of inputs, a folder OWNER+NAME for each: at least `nix-community+nixpkgs.lib`,
//! `Mic92+sops-nix`, `ryantm+agenix` and `nix-community+home-manager`, and the frameworks that projects use. What is not there, and
//! nixpkgs, is a stub (`project.nix`, `stubs.nix`), so that Nix cannot evaluate every host: those are counted apart.
//! Exits with 1 if a host differs. Nix evaluates with the rights of whoever runs this.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for a terminal"
)]

mod real;
mod stub_names;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use extract::{BuildOptions, build};
use inventory::{Certainty, Host, HostClass, Scope, Secret, SecretKind};

use crate::real::{Facts, RealNix};

/// How many hosts of a project are compared: those of one project are mostly alike.
const MOST_HOSTS: usize = 6;

/// After so many hosts that Nix cannot evaluate, with none that it could, the others are not tried.
const MOST_FAILURES: usize = 2;

/// How many differences of a host are shown.
const MOST_SHOWN: usize = 8;

#[derive(Debug, Default)]
struct Count {
    same: usize,
    different: usize,
    failed: usize,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let Some(sources) = arguments.next() else {
        eprintln!("usage: real_nix SOURCES PROJECT…");
        return ExitCode::from(2);
    };
    let mut all = Count::default();
    let mut projects = 0;
    for project in arguments {
        let count = compared(&sources, &project);
        projects += usize::from(count.same > 0);
        all.same += count.same;
        all.different += count.different;
        all.failed += count.failed;
    }
    println!(
        "{} hosts of {projects} projects agree, {} differ, {} Nix cannot evaluate",
        all.same, all.different, all.failed
    );
    ExitCode::from(u8::from(all.different > 0))
}

fn compared(sources: &Path, project: &Path) -> Count {
    let mut count = Count::default();
    let shown = project.display();
    let options = BuildOptions {
        paths: vec![project.to_owned()],
        ..BuildOptions::default()
    };
    let Ok(built) = build(&options) else {
        println!("{shown}: no project");
        return count;
    };
    let real = match RealNix::of(sources, project) {
        Ok(real) => real,
        Err(why) => {
            println!("{shown}: {why}");
            return count;
        }
    };
    let hosts = built.inventory.hosts.iter().filter(|host| {
        host.class == HostClass::Nixos
            && host.container.is_none()
            && host.attribute == format!("nixosConfigurations.{}", host.name)
            && !host.secrets.is_empty()
    });
    for host in hosts.take(MOST_HOSTS) {
        if count.failed >= MOST_FAILURES && count.same + count.different == 0 {
            break;
        }
        match real.secrets(&host.name) {
            Ok(facts) => {
                let differences = differences(host, &facts);
                if differences.is_empty() {
                    count.same += 1;
                    println!("{shown}: {} agrees, {} secrets", host.name, facts.len());
                } else {
                    count.different += 1;
                    println!("{shown}: {} differs", host.name);
                    for difference in differences.iter().take(MOST_SHOWN) {
                        println!("\t{difference}");
                    }
                }
            }
            Err(why) => {
                count.failed += 1;
                println!("{shown}: {}: {why}", host.name);
            }
        }
    }
    count
}

/// The secrets of a system, by the manager's root and their attribute.
fn ours(host: &Host) -> BTreeMap<(&str, &str), &Secret> {
    let secrets = host.secrets.iter().filter(|secret| {
        secret.kind == SecretKind::Secret
            && secret.scope == Scope::System
            && matches!(secret.manager.root, "sops" | "age")
    });
    secrets
        .map(|secret| ((secret.manager.root, secret.attribute.as_str()), secret))
        .collect()
}

fn differences(host: &Host, real: &BTreeMap<(String, String), Facts>) -> Vec<String> {
    let ours = ours(host);
    let mut found = Vec::new();
    for ((root, name), facts) in real {
        match ours.get(&(root.as_str(), name.as_str())) {
            None => found.push(format!("{root}.secrets.{name:?} is not found")),
            Some(secret) => found.extend(
                { of_facts(secret, facts) }.map(|it| format!("{root}.secrets.{name:?}: {it}")),
            ),
        }
    }
    for ((root, name), secret) in &ours {
        let is_real = real.contains_key(&((*root).to_owned(), (*name).to_owned()));
        if !is_real && matches!(secret.certainty, Certainty::Certain) {
            found.push(format!("{root}.secrets.{name:?} is not declared"));
        }
    }
    found
}

/// Where a secret is not as Nix has it. What is not known never differs, nor does the group of a user that a module
/// of nixpkgs declares: the stubs have no such user, and so none of its groups.
fn of_facts(secret: &Secret, real: &Facts) -> impl Iterator<Item = String> {
    let is_root = |name: &str| matches!(name, "root" | "0");
    let has_no_user = !is_root(&real.owner) && matches!(real.group.as_str(), "" | "0");
    let name = |given: Option<&Option<String>>| Some(given?.clone().unwrap_or_default());
    let group = name(secret.group.known()).filter(|_| !has_no_user);
    let pairs = [
        ("owner", name(secret.owner.known()), &real.owner),
        ("group", group, &real.group),
        ("mode", secret.mode.known().cloned(), &real.mode),
        ("path", secret.path.known().cloned(), &real.path),
    ];
    let differ = pairs.into_iter().filter_map(move |(what, ours, real)| {
        let ours = ours?;
        let is_same = match what {
            "mode" => ours.trim_start_matches('0') == real.trim_start_matches('0'),
            "path" => ours == *real,
            _ => ours == *real || is_root(&ours) && is_root(real),
        };
        (!is_same).then(|| format!("{what} {ours:?}, in Nix {real:?}"))
    });
    differ.collect::<Vec<_>>().into_iter()
}
