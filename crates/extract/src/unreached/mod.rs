//! Declarations that no host has: modules that are switched off, and modules that no output reaches.
//!
//! A module that a host loads is looked at among that host's modules, with the switches undecided
//! that nothing sets. Any other is looked at alone, in an open world. What is found that way goes
//! into the inventory as a host of class `module` for each file, with the secrets that the file
//! declares: who reads them there is not known.

pub(crate) mod declarations;
mod naming;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix_eval::flake::{CommonArguments, HostConfiguration, SystemKind};
use nix_eval::modules::Configuration;
use nix_eval::{Evaluator, Workspace};
use nix_syntax::source::FileId;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::coverage::Index;
use crate::discover::entry_point;
use crate::host::containers::containers;
use crate::host::{home_manager_users, host};
use crate::module_kind::{kind_by_path, module_kind};
use crate::source::{SetUp, Source};
use crate::unreached::declarations::module::{is_set, looks_like_one};
use crate::unreached::declarations::{Declared, DeclaringFile};
use crate::unreached::naming::Names;
use crate::values::Options;
use inventory::model::{Host, HostClass, Settings, Unknown};

/// How many hosts are looked at with undecided switches.
const MAX_HOSTS: usize = 6;

/// What the project's configurations of each kind have in common.
type Common = [(SystemKind, CommonArguments); 3];

fn of_kind(common: &Common, kind: SystemKind) -> Option<CommonArguments> {
    let mut all = common.iter();
    all.find(|(known, _)| *known == kind)
        .map(|(_, found)| *found)
}

/// Files of modules.
pub(crate) type Files = FxHashSet<PathBuf>;

/// A host and the files of its modules.
pub(crate) struct Reached {
    pub(crate) source: Source,
    pub(crate) files: Files,
}

/// The files of the modules that these configurations have loaded: what was imported by its path, and
/// what holds the definitions of a module that has none.
pub(crate) fn files<'a>(
    evaluator: &Evaluator,
    configurations: impl Iterator<Item = &'a Rc<Configuration>>,
) -> Files {
    let workspace = evaluator.sources.workspace();
    // Many modules share a file, and whole paths are costly to compare: keys and files come first.
    let mut keys: FxHashSet<&str> = FxHashSet::default();
    let mut ids: FxHashSet<FileId> = FxHashSet::default();
    let mut found: Vec<PathBuf> = Vec::new();
    for module in configurations.flat_map(|configuration| configuration.loaded_modules()) {
        if keys.insert(&module.key) {
            found.push(PathBuf::from(&*module.key));
        }
        let files = evaluator.files_of_module(module);
        let new = files.filter(|file| ids.insert(*file));
        found.extend(new.filter_map(|file| workspace.path(file.key())));
    }
    found.retain(|path| path.starts_with(workspace.project_root()));
    found.iter().map(|path| file_of(workspace, path)).collect()
}

/// The file of a module's key, which may be its directory.
fn file_of(workspace: &Workspace, path: &Path) -> PathBuf {
    use nix_source::FileKind;
    match workspace.kind(path) {
        Ok(Some(FileKind::Directory)) => path.join("default.nix"),
        _ => path.to_owned(),
    }
}

/// The files that any host has loaded.
pub(crate) fn modules(workspace: &Workspace, reached: &[Reached]) -> Vec<PathBuf> {
    let files: FxHashSet<&PathBuf> = reached.iter().flat_map(|host| &host.files).collect();
    let is_nix = |path: &&PathBuf| {
        path.extension().is_some_and(|extension| extension == "nix")
            && workspace.entry_kind(path).is_ok_and(|kind| kind.is_some())
    };
    let mut files: Vec<PathBuf> = files.into_iter().filter(is_nix).cloned().collect();
    files.sort_unstable();
    files
}

/// The files among what was named that no host loads: of a directory, its entry point or all files
/// that look like modules if hosts load none of it. `modules` are those that hosts load, sorted.
pub(crate) fn named(workspace: &Workspace, named: &[PathBuf], modules: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            let is_nix = path.extension().is_some_and(|extension| extension == "nix");
            files.extend(is_nix.then(|| path.clone()));
        } else if !modules.iter().any(|module| module.starts_with(path)) {
            match entry_point(path) {
                Some(entry) => files.push(entry),
                None => files.extend(declarations::modules_like(workspace, path, modules)),
            }
        }
    }
    files.retain(|file| modules.binary_search(file).is_err());
    files.sort();
    files.dedup();
    files
}

/// Whether a file that was named may be a module: anything that gives a set without being asked for
/// what only a package takes.
pub(crate) fn may_be_module(workspace: &Workspace, file: &Path) -> bool {
    let parsed = workspace.parse(file);
    parsed.is_ok_and(|parsed| is_set(&parsed.hir) || looks_like_one(&parsed.hir))
}

/// Loads the modules of hosts, and sets up the Home Manager configurations inside.
pub(crate) fn load(evaluator: &mut Evaluator, hosts: &[SetUp]) {
    for host in hosts {
        if let Ok(configuration) = &host.configuration.configuration
            && let Ok(set) = evaluator.force_attrs(configuration.config)
        {
            home_manager_users(evaluator, Options { set });
        }
        evaluator.reset_limits();
    }
}

/// Evaluates the files with declarations that no host has: gives a host of class `module` for
/// each. All hosts are set up in the evaluator.
pub(crate) fn analyse(
    evaluator: &mut Evaluator,
    Declared {
        files: mut left,
        all,
    }: Declared,
    (reached, set_up): (&[Reached], &[SetUp]),
    hosts: &mut Vec<Host>,
) {
    let common = [
        SystemKind::Nixos,
        SystemKind::Darwin,
        SystemKind::HomeManager,
    ]
    .map(|kind| {
        let configurations = evaluator.configurations().to_vec();
        (kind, evaluator.arguments_of_kind(kind, &configurations))
    });
    let first = hosts.len();
    let exported = exported_kinds(evaluator);
    evaluator.with_undecided_switches(|evaluator| {
        switched_off(evaluator, (reached, set_up), &mut left, hosts);
        for file in left {
            // An earlier module may import this one.
            let Some(file) = missing(vec![file], hosts).pop() else {
                continue;
            };
            let of_output = exported.get(&file.path).copied().flatten();
            let kind = of_output.unwrap_or_else(|| module_kind(evaluator, &file.path));
            let source = evaluator.module_host(&file.path, kind, of_kind(&common, kind));
            let left = look_at(evaluator, &source, file, hosts);
            inside(evaluator, left, &common, hosts);
        }
    });
    let alone = hosts.iter_mut().skip(first).filter(|host| host.is_unloaded);
    let mut alone = alone.peekable();
    if alone.peek().is_some() {
        let workspace = evaluator.sources.workspace();
        let names = Names::of(workspace, all);
        for host in alone {
            host.is_unnamed = !names.has(&workspace.project_root().join(&host.attribute));
        }
    }
}

/// The systems that files are modules for, by the names of the outputs that give them; `None` for a file that is
/// given for several.
fn exported_kinds(evaluator: &mut Evaluator) -> FxHashMap<PathBuf, Option<SystemKind>> {
    let mut kinds: FxHashMap<PathBuf, Option<SystemKind>> = FxHashMap::default();
    for (file, path) in evaluator.exported_modules() {
        let Some(kind) = kind_by_path(&path) else {
            continue;
        };
        let known = kinds.entry(file).or_insert(Some(kind));
        if *known != Some(kind) {
            *known = None;
        }
    }
    kinds
}

/// Evaluates a module and keeps what it has of a file's declarations; gives those that are left.
fn look_at(
    evaluator: &mut Evaluator,
    source: &HostConfiguration,
    file: DeclaringFile,
    hosts: &mut Vec<Host>,
) -> Option<DeclaringFile> {
    for found in with_containers(evaluator, source) {
        keep(evaluator, found, std::slice::from_ref(&file), true, hosts);
    }
    missing(vec![file], hosts).pop()
}

/// What is declared in a configuration and in its containers.
fn with_containers(evaluator: &mut Evaluator, source: &HostConfiguration) -> Vec<Host> {
    let mut whole = host(evaluator, source, None, true).host;
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
    hosts: &mut Vec<Host>,
) {
    let paths = left.iter().flat_map(|file| file.modules.clone());
    for path in paths.collect::<Vec<_>>() {
        let Some(file) = left else { return };
        let kind = kind_by_path(&path).unwrap_or_else(|| module_kind(evaluator, &file.path));
        let common = of_kind(common, kind);
        let source = evaluator.inner_module_host(&file.path, &path, kind, common);
        left = look_at(evaluator, &source, file, hosts);
    }
}

/// Looks at the modules that are loaded and switched off, among the modules of a host that loads
/// them.
fn switched_off(
    evaluator: &mut Evaluator,
    (reached, set_up): (&[Reached], &[SetUp]),
    left: &mut Vec<DeclaringFile>,
    hosts: &mut Vec<Host>,
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
        let Some(host) = chosen.source.find(set_up) else {
            continue;
        };
        let host = evaluator.again(host);
        let found = with_containers(evaluator, &host);
        let (of_host, others): (Vec<_>, Vec<_>) = std::mem::take(left)
            .into_iter()
            .partition(|file| chosen.files.contains(&file.path));
        for found in found {
            keep(evaluator, found, &of_host, false, hosts);
        }
        *left = missing(of_host, hosts);
        left.extend(others);
        left.sort_by(|a, b| a.path.cmp(&b.path));
    }
}

/// The files with those of their declarations that no host has.
pub(crate) fn missing(files: Vec<DeclaringFile>, hosts: &[Host]) -> Vec<DeclaringFile> {
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
fn keep(
    evaluator: &Evaluator,
    found: Host,
    files: &[DeclaringFile],
    is_unloaded: bool,
    hosts: &mut Vec<Host>,
) {
    let index = Index::of(std::slice::from_ref(&found));
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
        hosts.push(Host {
            name: nix_eval::flake::module_name(path),
            class: HostClass::Module,
            is_unloaded,
            is_unnamed: false,
            is_inner: false,
            attribute,
            at: None,
            container: None,
            failed: None,
            gaps: Vec::new(),
            open: open().into_iter().collect(),
            secrets: secrets.collect(),
            undeclared: Vec::new(),
            secrets_open: open(),
            readers_open: open(),
            readers: Vec::new(),
            mcp: Vec::new(),
            users: found.users.clone(),
            groups: found.groups.clone(),
            users_open: open(),
            declares_users: false,
            services_of_nixpkgs: Vec::new(),
            memberships: Vec::new(),
            processes: Vec::new(),
            copies: Vec::new(),
            given: Vec::new(),
            key_sources: found.key_sources.clone(),
            refused_keys: Vec::new(),
            loads_nixpkgs_modules: false,
            sops: Vec::new(),
            references: Vec::new(),
            settings: Settings::default(),
            problems: Vec::new(),
        });
    }
}
