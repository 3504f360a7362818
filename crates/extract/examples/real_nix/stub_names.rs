//! What stubs have to have so that Nix can evaluate a project: modules that inputs give, and options that nixpkgs
//! declares, by the names that are written in the project's files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::real::quoted;

/// Outputs of flakes that hold modules.
const MODULES: [&str; 4] = [
    "nixosModules",
    "homeManagerModules",
    "homeModules",
    "darwinModules",
];

/// The argument that modules get for the folder of nixpkgs' modules.
const MODULES_PATH: &str = "modulesPath";

/// Sets of options of nixpkgs: what is below them is a set of any values, with `enable`.
const SETS: [&str; 15] = [
    "boot",
    "console",
    "environment",
    "fonts",
    "hardware",
    "i18n",
    "microvm",
    "networking",
    "nix",
    "nixpkgs",
    "programs",
    "security",
    "services",
    "systemd",
    "virtualisation",
];

/// Options that `stubs.nix` declares, and those whose values are no sets.
const LEFT_OUT: [&str; 32] = [
    "boot.extraModulePackages",
    "boot.kernelModules",
    "boot.kernelPackages",
    "boot.kernelParams",
    "boot.supportedFilesystems",
    "environment.etc",
    "environment.pathsToLink",
    "environment.sessionVariables",
    "environment.shells",
    "environment.systemPackages",
    "environment.variables",
    "fonts.packages",
    "i18n.defaultLocale",
    "networking.domain",
    "networking.enableIPv6",
    "networking.fqdn",
    "networking.hostId",
    "networking.hostName",
    "networking.nameservers",
    "networking.search",
    "networking.useDHCP",
    "networking.useNetworkd",
    "nix.package",
    "nixpkgs.hostPlatform",
    "nixpkgs.overlays",
    "nixpkgs.system",
    "programs.enable",
    "security.sudo-rs",
    "services.enable",
    "services.openssh",
    "systemd.services",
    "systemd.user",
];

/// What stubs have to have for a project.
#[derive(Debug)]
pub(crate) struct Stubs {
    /// The names of modules by their output, as Nix has them.
    pub(crate) modules: String,
    /// The options of nixpkgs, as Nix has them.
    pub(crate) options: String,
    /// The files of nixpkgs that are imported by `modulesPath`, relative to it.
    pub(crate) files: BTreeSet<String>,
}

/// What stubs have to have for a project.
pub(crate) fn stubs(project: &Path) -> Stubs {
    let mut text = String::new();
    add(project, &mut text);
    let mut modules: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for kind in MODULES {
        let names = { below(&text, kind).into_iter() }.chain(["default".to_owned()]);
        modules.entry(kind).or_default().extend(names);
    }
    let modules = modules.iter().map(|(kind, names)| {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        format!("{kind} = [ {} ];", names.join(" "))
    });
    let modules: Vec<String> = modules.collect();
    let mut options = Vec::new();
    for set in SETS {
        let mut names = below(&text, set);
        names.extend(within(&text, set));
        for name in names {
            let option = format!("{set}.{name}");
            let is_own = text.contains(&format!("options.{option}"))
                || text.contains(&format!("options = {{\n    {option}"))
                || text.contains(&format!("options = {{\n      {option}"));
            if !is_own && !LEFT_OUT.contains(&option.as_str()) {
                options.push(format!("[ {} {} ]", quoted(set), quoted(&name)));
            }
        }
    }
    Stubs {
        modules: format!("{{ {} }}", modules.join(" ")),
        options: options.join(" "),
        files: files(&text),
    }
}

/// The paths after `modulesPath` wherever that is written: `modulesPath + "/profiles/minimal.nix"`.
fn files(text: &str) -> BTreeSet<String> {
    let is_of_path = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let places = text.match_indices(MODULES_PATH);
    let paths = places.filter_map(|(at, name)| {
        let rest = text.get(at + name.len()..)?;
        let rest = rest.trim_start_matches([' ', '}', '+', '"', '(']);
        let path = rest.strip_prefix('/')?;
        let end = path.find(|c| !is_of_path(c)).unwrap_or(path.len());
        let path = path.get(..end)?;
        path.ends_with(".nix").then(|| path.to_owned())
    });
    paths.collect()
}

/// Adds the files of Nix below a directory.
fn add(directory: &Path, text: &mut String) {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && entry.file_name() != ".git" => add(&path, text),
            Ok(kind) if kind.is_file() && path.extension().is_some_and(|end| end == "nix") => {
                text.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
                text.push('\n');
            }
            _ => {}
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\'')
}

/// The name with which a text begins.
fn name_of(text: &str) -> Option<&str> {
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let name = text.get(..end)?;
    let is_one = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    is_one.then_some(name)
}

/// The names after `set.` wherever that is written.
fn below(text: &str, set: &str) -> BTreeSet<String> {
    let dotted = format!("{set}.");
    let places = text.match_indices(&dotted).filter(|(at, _)| {
        let before = text
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        before.is_none_or(|c| !is_name(c))
    });
    let names = places.filter_map(|(at, dotted)| name_of(text.get(at + dotted.len()..)?));
    names.map(str::to_owned).collect()
}

/// The names of attributes in `set = { … }`, one a line, wherever that is written.
fn within(text: &str, set: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let opened = format!("{set} = {{");
    for (at, opened) in text.match_indices(&opened) {
        let mut depth = 0_usize;
        let lines = text.get(at + opened.len()..).unwrap_or_default().lines();
        // The first line is what follows the brace.
        for line in lines.skip(1) {
            let line = line.trim_start();
            if depth == 0
                && let Some(name) = name_of(line)
                && let Some(rest) = line.get(name.len()..)
                && (rest.starts_with('.') || rest.trim_start().starts_with('='))
            {
                found.insert(name.to_owned());
            }
            depth += line.matches('{').count();
            match depth.checked_sub(line.matches('}').count()) {
                Some(left) => depth = left,
                None => break,
            }
        }
    }
    found
}
