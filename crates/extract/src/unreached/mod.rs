//! Declarations that no host has: modules that are switched off, and modules that no output reaches.
//!
//! A module that a host loads is looked at among that host's modules, with the switches undecided
//! that nothing sets. Any other is looked at alone, in an open world. What is found that way goes
//! into the inventory as a host of class `module` for each file, with the secrets that the file
//! declares: who reads them there is not known.

pub(crate) mod declarations;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use nix_eval::Evaluator;
use nix_eval::flake::{CommonArguments, HostConfiguration, SystemKind};

use crate::coverage::Index;
use crate::host::containers::containers;
use crate::host::host;
use crate::module_kind::{kind_by_path, module_kind};
use crate::unreached::declarations::DeclaringFile;
use inventory::model::{Host, HostClass, Inventory, Settings, Unknown};

/// How many hosts are looked at with undecided switches.
const MAX_HOSTS: usize = 6;

/// What the project's configurations of each kind have in common.
type Common = [(SystemKind, CommonArguments); 3];

fn of_kind(common: &Common, kind: SystemKind) -> Option<CommonArguments> {
    let mut all = common.iter();
    all.find(|(known, _)| *known == kind)
        .map(|(_, found)| *found)
}

/// A host and the files of its modules.
pub(crate) struct Reached {
    host: HostConfiguration,
    files: BTreeSet<PathBuf>,
}

impl Reached {
    /// What `host` has loaded: its own modules, and those of every configuration set up since there
    /// were `first` (Home Manager's, containers').
    pub(crate) fn by(evaluator: &Evaluator, host: HostConfiguration, first: usize) -> Self {
        let own = host.configuration.iter();
        let inner = evaluator.configurations().iter().skip(first);
        let modules = own
            .chain(inner)
            .flat_map(|configuration| configuration.loaded_modules());
        let files = modules.filter_map(|module| {
            let path = Path::new(&*module.key);
            let is_file = path.starts_with(evaluator.sources.workspace().project_root());
            is_file.then(|| file_of(evaluator, path))
        });
        Self {
            files: files.collect(),
            host,
        }
    }
}

/// The file of a module's key, which may be its directory.
fn file_of(evaluator: &Evaluator, path: &Path) -> PathBuf {
    use nix_source::FileKind;
    match evaluator.sources.kind(path) {
        Ok(Some(FileKind::Directory)) => path.join("default.nix"),
        _ => path.to_owned(),
    }
}

/// The files that any host has loaded.
pub(crate) fn modules(evaluator: &Evaluator, reached: &[Reached]) -> Vec<PathBuf> {
    let files: BTreeSet<&PathBuf> = reached.iter().flat_map(|host| &host.files).collect();
    let is_nix = |path: &&PathBuf| {
        path.extension().is_some_and(|extension| extension == "nix")
            && evaluator
                .sources
                .entry_kind(path)
                .is_ok_and(|kind| kind.is_some())
    };
    files.into_iter().filter(is_nix).cloned().collect()
}

/// Adds a host of class `module` for every file with a declaration that no host has.
pub(crate) fn analyse(
    evaluator: &mut Evaluator,
    directory: &Path,
    reached: &[Reached],
    inventory: &mut Inventory,
) {
    let files = declarations::find(evaluator.sources.workspace(), directory);
    inventory.declarations = files
        .iter()
        .flat_map(|file| file.declarations.iter().cloned())
        .collect();
    inventory.declarations.sort();
    let mut left = missing(files, &inventory.hosts);
    if left.is_empty() {
        return;
    }
    let common = [
        SystemKind::Nixos,
        SystemKind::Darwin,
        SystemKind::HomeManager,
    ]
    .map(|kind| {
        let configurations = evaluator.configurations().to_vec();
        (kind, evaluator.arguments_of_kind(kind, &configurations))
    });
    evaluator.set_undecided_switches(true);
    switched_off(evaluator, reached, &mut left, inventory);
    for file in std::mem::take(&mut left) {
        // An earlier module may import this one.
        let Some(file) = missing(vec![file], &inventory.hosts).pop() else {
            continue;
        };
        let kind = module_kind(evaluator, &file.path);
        let source = evaluator.module_host(&file.path, kind, of_kind(&common, kind));
        let left = look_at(evaluator, &source, file, inventory);
        inside(evaluator, left, &common, inventory);
    }
    evaluator.set_undecided_switches(false);
}

/// Evaluates a module and keeps what it has of a file's declarations; gives those that are left.
fn look_at(
    evaluator: &mut Evaluator,
    source: &HostConfiguration,
    file: DeclaringFile,
    inventory: &mut Inventory,
) -> Option<DeclaringFile> {
    for found in with_containers(evaluator, source) {
        keep(evaluator, found, std::slice::from_ref(&file), inventory);
    }
    missing(vec![file], &inventory.hosts).pop()
}

/// What is declared in a configuration and in its containers.
fn with_containers(evaluator: &mut Evaluator, source: &HostConfiguration) -> Vec<Host> {
    let mut whole = host(evaluator, source, None, true);
    evaluator.reset_limits();
    let mut found = containers(evaluator, source, &mut whole, None);
    found.insert(0, whole);
    found
}

/// Looks at the modules inside a file that is no module itself, such as the `flake.modules.nixos.mail`
/// of a flake-parts module.
fn inside(
    evaluator: &mut Evaluator,
    mut left: Option<DeclaringFile>,
    common: &Common,
    inventory: &mut Inventory,
) {
    let paths = left.iter().flat_map(|file| file.modules.clone());
    for path in paths.collect::<Vec<_>>() {
        let Some(file) = left else { return };
        let kind = kind_by_path(&path).unwrap_or_else(|| module_kind(evaluator, &file.path));
        let common = of_kind(common, kind);
        let source = evaluator.inner_module_host(&file.path, &path, kind, common);
        left = look_at(evaluator, &source, file, inventory);
    }
}

/// Looks at the modules that are loaded and switched off, among the modules of a host that loads
/// them.
fn switched_off(
    evaluator: &mut Evaluator,
    reached: &[Reached],
    left: &mut Vec<DeclaringFile>,
    inventory: &mut Inventory,
) {
    let mut done: BTreeSet<usize> = BTreeSet::new();
    while done.len() < MAX_HOSTS {
        let covers = |host: &Reached| {
            let files = left.iter();
            files.filter(|file| host.files.contains(&file.path)).count()
        };
        let best = reached
            .iter()
            .enumerate()
            .filter(|(index, _)| !done.contains(index))
            .map(|(index, host)| (covers(host), std::cmp::Reverse(index)))
            .max();
        let Some((1.., std::cmp::Reverse(index))) = best else {
            return;
        };
        done.insert(index);
        let Some(chosen) = reached.get(index) else {
            return;
        };
        let again = evaluator.again(&chosen.host);
        let found = with_containers(evaluator, &again);
        let (of_host, others): (Vec<_>, Vec<_>) = std::mem::take(left)
            .into_iter()
            .partition(|file| chosen.files.contains(&file.path));
        for found in found {
            keep(evaluator, found, &of_host, inventory);
        }
        *left = missing(of_host, &inventory.hosts);
        left.extend(others);
        left.sort_by(|a, b| a.path.cmp(&b.path));
    }
}

/// The files with those of their declarations that no host has.
fn missing(files: Vec<DeclaringFile>, hosts: &[Host]) -> Vec<DeclaringFile> {
    let index = Index::of(hosts);
    let mut left = Vec::new();
    for mut file in files {
        file.declarations
            .retain(|declaration| index.secrets(declaration).is_empty());
        if !file.declarations.is_empty() {
            left.push(file);
        }
    }
    left
}

/// Keeps the secrets of a host that these files declare, as one module for each file.
fn keep(evaluator: &Evaluator, found: Host, files: &[DeclaringFile], inventory: &mut Inventory) {
    let hosts = std::slice::from_ref(&found);
    let index = Index::of(hosts);
    let mut by_file: BTreeMap<&Path, BTreeSet<usize>> = BTreeMap::new();
    for file in files {
        for declaration in &file.declarations {
            let secrets = index.secrets(declaration).into_iter();
            let of_file = by_file.entry(&file.path).or_default();
            of_file.extend(secrets.map(|(_, secret)| secret));
        }
    }
    for (path, secrets) in by_file {
        if secrets.is_empty() {
            continue;
        }
        let attribute = evaluator.sources.workspace().display(path);
        let secrets = secrets
            .into_iter()
            .filter_map(|secret| found.secrets.get(secret).cloned());
        let open = || {
            Some(Unknown {
                reason: "a module on its own".into(),
                at: None,
            })
        };
        inventory.hosts.push(Host {
            name: nix_eval::flake::module_name(path),
            class: HostClass::Module,
            attribute,
            at: None,
            container: None,
            failed: None,
            gaps: Vec::new(),
            open: open().into_iter().collect(),
            secrets: secrets.collect(),
            secrets_open: open(),
            readers: Vec::new(),
            mcp: Vec::new(),
            users: found.users.clone(),
            groups: found.groups.clone(),
            users_open: open(),
            declares_users: false,
            services_of_nixpkgs: Vec::new(),
            key_sources: found.key_sources.clone(),
            sops: Vec::new(),
            references: Vec::new(),
            settings: Settings::default(),
            problems: Vec::new(),
        });
    }
}
