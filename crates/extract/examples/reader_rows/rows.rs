//! What the modules of a nixpkgs say of the options in the table of readers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use extract::{BuildOptions, InputOptions, READER_TABLE, build};
use inventory::model::{Host, Moment, Reader, ReaderOrigin, Via};

const FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  outputs = { nixpkgs, sops-nix, ... }: {
    nixosConfigurations = builtins.mapAttrs (_: module: nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ sops-nix.nixosModules.sops module ./common.nix ];
    }) (import ./rows.nix);
  };
}"#;

const COMMON: &str = r#"{
  sops.defaultSopsFile = ./secrets.yaml;
  sops.secrets.marker = { };
}"#;

/// A row of the table, or an option of which there is none.
#[derive(Debug, Default)]
struct Row {
    option: String,
    /// The user that opens the file; `None` if the row does not say.
    user: Option<String>,
    enable: Vec<String>,
}

/// What a module says of an option.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The option, as the table writes it.
    pub(crate) option: String,
    /// The rows that the module makes: unit, user and how it opens the file; empty if it decides nothing.
    pub(crate) rows: Vec<String>,
    /// Whether the table has another user.
    pub(crate) has_drifted: bool,
}

/// Asks the modules below `nixpkgs` for these options, or, if there are none, for all of the table. Each is given the
/// path of a secret, on a host of its own whose module is on; the hosts are written to `folder`.
///
/// # Errors
///
/// If the project cannot be written or has nothing to evaluate.
pub(crate) fn outcomes(
    nixpkgs: PathBuf,
    wanted: &BTreeSet<String>,
    folder: &Path,
) -> io::Result<Vec<Outcome>> {
    let rows = asked(wanted);
    let files = [
        ("flake.nix", FLAKE),
        ("common.nix", COMMON),
        ("rows.nix", &modules(&rows)),
    ];
    for (name, text) in files {
        fs::write(folder.join(name), text)?;
    }
    let options = BuildOptions {
        paths: vec![folder.to_owned()],
        inputs: InputOptions {
            nixpkgs: Some(nixpkgs),
            ..InputOptions::default()
        },
        ..BuildOptions::default()
    };
    let built = build(&options).map_err(|error| io::Error::other(error.to_string()))?;
    let hosts: BTreeMap<&str, &Host> = { built.inventory.hosts.iter() }
        .map(|host| (host.name.as_str(), host))
        .collect();
    let outcomes = rows.iter().enumerate().map(|(number, row)| {
        let forms = FORMS.map(|(form, _)| format!("row-{number}-{form}"));
        let found = forms.iter().filter_map(|name| hosts.get(name.as_str()));
        let mut found = found.map(|host| readers(host));
        let found = found.find(|found| !found.is_empty()).unwrap_or_default();
        let is_other = |user: &String| !found.contains_key(user);
        Outcome {
            option: row.option.clone(),
            has_drifted: !found.is_empty() && row.user.as_ref().is_some_and(is_other),
            rows: found.into_values().collect(),
        }
    });
    Ok(outcomes.collect())
}

/// The option takes one path, or a list of them.
const FORMS: [(&str, &str); 2] = [("one", "(s config)"), ("list", "[ (s config) ]")];

/// The rows to ask for.
fn asked(wanted: &BTreeSet<String>) -> Vec<Row> {
    let lines = READER_TABLE.lines();
    let lines = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
    let rows = lines.skip(1).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let column = |at: usize| columns.get(at).copied().unwrap_or("-");
        let as_root = !matches!(column(6), "process" | "container-engine");
        let user = match column(2) {
            _ if as_root => Some("root"),
            "-" | "dynamic" => None,
            user => Some(user.trim_start_matches("dynamic:")),
        };
        let enable = column(7).split('|').filter(|it| *it != "-");
        Row {
            option: column(0).to_owned(),
            user: user.filter(|user| !user.contains('<')).map(str::to_owned),
            enable: enable.map(str::to_owned).collect(),
        }
    });
    let mut rows: Vec<Row> = rows.collect();
    if wanted.is_empty() {
        return rows;
    }
    rows.retain(|row| wanted.contains(&row.option));
    let known: BTreeSet<String> = rows.iter().map(|row| row.option.clone()).collect();
    rows.extend(wanted.difference(&known).map(|option| Row {
        option: option.clone(),
        ..Row::default()
    }));
    rows
}

/// A module for each host.
fn modules(rows: &[Row]) -> String {
    let mut modules = String::from("{\n");
    for (number, row) in rows.iter().enumerate() {
        for (form, value) in FORMS {
            let option = definition(&row.option, value);
            let service: Vec<&str> = row.option.split('.').take(2).collect();
            let own = vec![format!("{}.enable", service.join("."))];
            let enable = if row.enable.is_empty() {
                &own
            } else {
                &row.enable
            };
            let enable: String = enable.iter().map(|it| definition(it, "true")).collect();
            let _ = writeln!(
                modules,
                "row-{number}-{form} = {{ config, lib, ... }}: let s = c: c.sops.secrets.marker.path; in \
                 lib.mkMerge [ {{{option}}} {{{enable}}} ];"
            );
        }
    }
    modules.push('}');
    modules
}

/// The definition of an option; `*` is an element of a list, other placeholders are a name.
fn definition(option: &str, value: &str) -> String {
    let mut text = String::new();
    let mut ends = String::new();
    let parts = option.split('.');
    let parts = parts.filter(|part| *part != "**" && !part.ends_with("{}"));
    let mut is_first = true;
    for part in parts {
        if part == "*" {
            text.push_str(" = [ {");
            ends.insert_str(0, "} ];");
            is_first = true;
            continue;
        }
        let name = match part.strip_prefix('<') {
            Some(_) => "a".to_owned(),
            None => part.replace('*', "A"),
        };
        let separator = if is_first { " " } else { "." };
        let _ = write!(text, "{separator}\"{name}\"");
        is_first = false;
    }
    format!("{text} = {value};{ends}")
}

/// How a reader opens the file, as the table names it.
const fn opens(reader: &Reader) -> &'static str {
    match reader.moment {
        Moment::ServiceManager => "environment-file|credential",
        _ => "process",
    }
}

/// The rows that modules make, by their users.
fn readers(host: &Host) -> BTreeMap<String, String> {
    let by_module = { host.readers.iter() }
        .filter(|reader| reader.from == ReaderOrigin::Module && reader.secret.is_some());
    let rows = by_module.filter_map(|reader| {
        let user = reader.user.known()?.name.clone()?;
        let unit = match &reader.via {
            Via::Unit { name, .. } => name.as_str(),
            _ => "-",
        };
        let dynamic = if reader.dynamic_user { "dynamic:" } else { "" };
        let row = format!("{unit}\t{dynamic}{user}\t{}", opens(reader));
        Some((user, row))
    });
    rows.collect()
}
