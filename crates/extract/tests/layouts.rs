//! Every way to lay out a project: which secrets of which hosts are found, and what is known of them.
//!
//! A folder of `layouts` is a project and a test; `expected.txt` has a line for each secret. `UPDATE=1` writes them
//! anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use extract::{BuildOptions, Built, build, coverage};
use inventory::{Certainty, Fact};
use test_support::{case, cases, copy_of, folders, run};

fn layouts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts")
}

/// A copy outside the checkout, so that paths are shown alike wherever that is.
fn copied(folder: &Path) -> tempfile::TempDir {
    let copy = copy_of(folder);
    // The root of a project without a flake.
    std::fs::create_dir(copy.path().join(".git")).unwrap();
    copy
}

/// A copy of a layout, which lives as long as it is looked at, and what the analysis of it, or of a
/// file in it, gives.
fn analysed(layout: &str, file: &str) -> (tempfile::TempDir, Built) {
    let copy = copied(&layouts().join(layout));
    let options = BuildOptions {
        paths: vec![copy.path().join(file)],
        ..BuildOptions::default()
    };
    let built = build(&options).expect("a project");
    (copy, built)
}

fn shown<T: ToString>(fact: &Fact<T>) -> String {
    match &fact.value {
        Ok(value) => value.to_string(),
        Err(unknown) => format!("? {}", unknown.reason),
    }
}

/// One line for each secret of each host.
fn lines(built: &Built) -> String {
    let mut lines = Vec::new();
    for host in &built.inventory.hosts {
        for secret in &host.secrets {
            let file = match &secret.file.value {
                Ok(Some(file)) => file.display.clone(),
                Ok(None) => "-".to_owned(),
                Err(unknown) => format!("? {}", unknown.reason),
            };
            let maybe = match &secret.certainty {
                Certainty::Certain => "",
                Certainty::Maybe(_) => " (maybe)",
            };
            lines.push(format!(
                "{} {} {}{maybe} | {} | {} {} | {file}",
                host.class.name(),
                host.attribute,
                secret.option,
                shown(&secret.path),
                shown(&secret.effective_owner),
                shown(&secret.mode),
            ));
        }
    }
    lines.sort();
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn main() -> ExitCode {
    let mut cases = cases![
        the_coverage_counts_what_is_written,
        of_a_part_of_a_project_no_other_module_is_inspected,
        a_secret_is_declared_wherever_it_is_defined,
        outputs_of_flake_parts_may_hold_the_flake_itself,
        what_nixpkgs_declares_as_well_is_not_undeclared,
    ];
    let folders = folders(&layouts());
    assert!(folders.len() >= 18, "layouts are missing");
    cases.extend(folders.into_iter().map(|folder| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        case(&name.clone(), move || it_shows_its_secrets(&name, &folder))
    }));
    run(cases)
}

fn it_shows_its_secrets(name: &str, folder: &Path) {
    let found = lines(&analysed(name, "").1);
    let file = folder.join("expected.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let agrees = found == expected && !found.is_empty();
    assert!(agrees, "{name}\nexpected\n{expected}found\n{found}");
}

fn the_coverage_counts_what_is_written() {
    let (_copy, built) = analysed("unreached", "");
    let found = coverage(&built.inventory, &built.project);
    let figures = found.figures;
    assert_eq!(figures.written, 6, "{found:#?}");
    assert_eq!(figures.found, 6, "{found:#?}");
    // The file of one lies in another repository; the owner of another depends on the host.
    assert_eq!((figures.file, figures.external_file), (5, 1), "{found:#?}");
    assert_eq!((figures.owner, figures.resolved), (5, 5), "{found:#?}");
    let reach = (figures.on_hosts, figures.switched_off, figures.not_loaded);
    assert_eq!(reach, (1, 1, 4), "{found:#?}");
    // The flake holds the definitions of a module.
    assert_eq!((found.hosts, found.modules_reached), (2, 2), "{found:#?}");
    let not_reached: Vec<_> = found
        .modules_not_reached
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(
        not_reached.contains(&"alone.nix".to_owned()),
        "{not_reached:?}"
    );
    assert!(
        !not_reached.contains(&"switched.nix".to_owned()),
        "{not_reached:?}"
    );
    let file = found
        .unresolved
        .iter()
        .find_map(|unresolved| unresolved.unknown.get("file"))
        .expect("a file in another repository");
    assert!(
        file.reason
            .to_string()
            .contains("git+ssh://git@example.org/vault"),
        "{file:?}"
    );
}

fn of_a_part_of_a_project_no_other_module_is_inspected() {
    let (_copy, built) = analysed("unreached", "modules/alone.nix");
    let files: Vec<_> = built
        .inventory
        .hosts
        .iter()
        .map(|host| host.attribute.as_str())
        .collect();
    // A module that no host loads is inspected alone; the hosts say that none does.
    let hosts = ["nixosConfigurations.east", "nixosConfigurations.west"];
    assert_eq!(files, [&["modules/alone.nix"][..], &hosts].concat());
}

fn a_secret_is_declared_wherever_it_is_defined() {
    let (_copy, built) = analysed("clan", "");
    let found = coverage(&built.inventory, &built.project);
    assert_eq!(found.missing, [], "{found:#?}");
    // By the machine, and by a service that it takes part in.
    let secrets = built.inventory.hosts.iter().flat_map(|host| &host.secrets);
    let anvil = secrets
        .into_iter()
        .find(|secret| secret.attribute == "anvil");
    assert_eq!(anvil.expect("a secret").declared_at.len(), 2, "{anvil:#?}");
}

fn outputs_of_flake_parts_may_hold_the_flake_itself() {
    let (_copy, built) = analysed("flake-parts-self", "");
    assert_eq!(built.inventory.problems.len(), 0, "{built:#?}");
    let problems = &built.inventory.hosts[0].problems;
    assert_eq!(problems.len(), 0, "{problems:#?}");
}

fn what_nixpkgs_declares_as_well_is_not_undeclared() {
    let (_copy, built) = analysed("by-system", "");
    assert_eq!(built.inventory.problems.len(), 0, "{built:#?}");
    let attributes = built.inventory.hosts.iter().map(|host| &*host.attribute);
    let attributes: Vec<_> = attributes.collect();
    // One of the systems is enough.
    assert_eq!(
        attributes,
        ["packages.x86_64-linux.nixosConfigurations.loft"]
    );
    let problems = &built.inventory.hosts[0].problems;
    assert_eq!(problems.len(), 0, "{problems:#?}");
}
