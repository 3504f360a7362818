//! How far an analysis reached: which of the written declarations the inventory has, what of them is
//! known, and why the rest is not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use nix_eval::Workspace;
use nix_syntax::source::{FileId, Span};
use rustc_hash::FxHashMap;

use crate::unreached::declarations::modules_like;
use inventory::model::{Declaration, Host, HostClass, Inventory, Secret, Unknown};

/// How many reasons are kept.
const REASONS: usize = 10;

/// How many places of a reason are kept.
const PLACES: usize = 3;

/// How many of a number of declarations are known in which respect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Declarations that are written out in the project's files.
    pub written: usize,
    /// Of these, the ones that the inventory has: the sum of the next three.
    pub found: usize,
    /// The ones that some configuration has, or a module that is inspected instead of one.
    pub on_hosts: usize,
    /// The ones in modules that configurations load and do not turn on.
    pub switched_off: usize,
    /// The ones in modules that no configuration loads.
    pub not_loaded: usize,
    /// Of those found, the ones whose path is known on every host that has them.
    pub path: usize,
    /// Likewise the owner on the machine.
    pub owner: usize,
    /// Likewise the group on the machine.
    pub group: usize,
    /// Likewise the mode.
    pub mode: usize,
    /// Likewise the encrypted file; a template has none, and counts.
    pub file: usize,
    /// Of those whose file is not known, the ones that lie in another repository, an input.
    pub external_file: usize,
    /// The ones of which path, owner and mode are known, and the file or the input that it lies in.
    pub resolved: usize,
}

/// Why values are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// In a few words.
    pub reason: String,
    /// How many values of written declarations it concerns.
    pub count: usize,
    /// Up to three places, the first ones.
    pub places: Vec<Span>,
}

/// A declaration of which something is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// Which.
    pub declaration: Declaration,
    /// The reason for each of `path`, `owner`, `group`, `mode` and `file` that is not known.
    pub unknown: BTreeMap<&'static str, Unknown>,
}

/// How far an analysis reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The declarations.
    pub figures: Figures,
    /// The declarations that the inventory does not have, by place.
    pub missing: Vec<Declaration>,
    /// The declarations of which something is not known, by place.
    pub unresolved: Vec<Unresolved>,
    /// Configurations that were evaluated: modules on their own not counted.
    pub hosts: usize,
    /// Configurations that the project has and that could not be evaluated, with the reason.
    pub failed_hosts: Vec<(String, String)>,
    /// Files that a configuration loads as a module.
    pub modules_reached: usize,
    /// Files that look like a module and that no configuration loads, sorted.
    pub modules_not_reached: Vec<PathBuf>,
    /// The commonest reasons why something is not known, the most frequent first.
    pub reasons: Vec<Reason>,
}

/// The secrets of some hosts by where they are declared.
#[derive(Debug)]
pub(crate) struct Index<'a> {
    by_place: FxHashMap<Span, Vec<Position>>,
    /// By file, option and attribute.
    by_name: FxHashMap<(FileId, &'static str, &'a str), Vec<Position>>,
}

/// The numbers of a host and of one of its secrets.
type Position = (usize, usize);

impl<'a> Index<'a> {
    pub(crate) fn of(hosts: &'a [Host]) -> Self {
        let mut index = Self {
            by_place: FxHashMap::default(),
            by_name: FxHashMap::default(),
        };
        for (number, host) in hosts.iter().enumerate() {
            for (position, secret) in host.secrets.iter().enumerate() {
                let found = (number, position);
                for at in &secret.declared_at {
                    index.by_place.entry(*at).or_default().push(found);
                    let name = (
                        at.file,
                        secret.declaring_option(),
                        secret.attribute.as_str(),
                    );
                    index.by_name.entry(name).or_default().push(found);
                }
            }
        }
        index
    }

    /// Host and secret of a declaration: declared at that very place, or under that name in that file
    /// by a function such as `genAttrs`.
    pub(crate) fn secrets(&self, declaration: &Declaration) -> Vec<Position> {
        let name = (
            declaration.at.file,
            declaration.option,
            declaration.attribute.as_str(),
        );
        let found = self
            .by_place
            .get(&declaration.at)
            .or_else(|| self.by_name.get(&name));
        let mut found = found.cloned().unwrap_or_default();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The fields that count, with the reason why each is not known.
fn fields(secret: &Secret) -> [(&'static str, Option<&Unknown>); 5] {
    [
        ("path", secret.path.value.as_ref().err()),
        ("owner", secret.effective_owner.value.as_ref().err()),
        ("group", secret.effective_group.value.as_ref().err()),
        ("mode", secret.mode.value.as_ref().err()),
        ("file", secret.file.value.as_ref().err()),
    ]
}

/// How far the analysis of a project reached that gave `inventory`.
#[must_use]
pub fn coverage(inventory: &Inventory, project: &Workspace) -> Coverage {
    let mut coverage = Coverage::default();
    let index = Index::of(&inventory.hosts);
    let mut reasons: BTreeMap<String, (usize, BTreeSet<Span>)> = BTreeMap::new();
    let has_configurations = !inventory.hosts.iter().all(Host::is_module);
    for declaration in &inventory.declarations {
        coverage.figures.written += 1;
        let found = index.secrets(declaration);
        let hosts = { found.iter() }.filter_map(|(host, _)| inventory.hosts.get(*host));
        coverage.figures.count_reach(hosts, has_configurations);
        let secrets = decisive(&inventory.hosts, found);
        if secrets.is_empty() {
            coverage.missing.push(declaration.clone());
            continue;
        }
        let mut unknown: BTreeMap<&'static str, &Unknown> = BTreeMap::new();
        for secret in secrets {
            for (field, why) in fields(secret) {
                if let Some(why) = why {
                    unknown.entry(field).or_insert(why);
                }
            }
        }
        for why in unknown.values() {
            let (count, places) = reasons.entry(why.reason.to_string()).or_default();
            *count += 1;
            places.insert(why.at.unwrap_or(declaration.at));
        }
        coverage.figures.count(&unknown);
        if !unknown.is_empty() {
            let unknown = unknown.into_iter().map(|(field, why)| (field, why.clone()));
            coverage.unresolved.push(Unresolved {
                declaration: declaration.clone(),
                unknown: unknown.collect(),
            });
        }
    }
    for host in &inventory.hosts {
        if host.class == HostClass::Module {
            continue;
        }
        match &host.failed {
            None => coverage.hosts += 1,
            Some(why) => {
                let failed = (host.attribute.clone(), why.reason.to_string());
                coverage.failed_hosts.push(failed);
            }
        }
    }
    coverage.modules_reached = inventory.modules.len();
    coverage.modules_not_reached =
        modules_like(project, project.project_root(), &inventory.modules);
    coverage.reasons = commonest(reasons);
    coverage
}

/// The secrets that decide what is known of a declaration: those of systems, if there are any.
fn decisive(hosts: &[Host], found: Vec<Position>) -> Vec<&Secret> {
    let secrets: Vec<(&Host, &Secret)> = found
        .into_iter()
        .filter_map(|(host, secret)| {
            let host = hosts.get(host)?;
            Some((host, host.secrets.get(secret)?))
        })
        .collect();
    let is_system = |host: &Host| host.class != HostClass::Module;
    let any_system = secrets.iter().any(|(host, _)| is_system(host));
    let decisive = secrets
        .into_iter()
        .filter(|(host, _)| is_system(host) == any_system);
    decisive.map(|(_, secret)| secret).collect()
}

fn commonest(reasons: BTreeMap<String, (usize, BTreeSet<Span>)>) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = reasons
        .into_iter()
        .map(|(reason, (count, places))| Reason {
            reason,
            count,
            places: places.into_iter().take(PLACES).collect(),
        })
        .collect();
    // Stable: equal counts stay in the order of their texts.
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    reasons.truncate(REASONS);
    reasons
}

impl Figures {
    /// Counts a declaration by the hosts that have it, which is none if it is missing.
    fn count_reach<'a>(
        &mut self,
        hosts: impl Iterator<Item = &'a Host> + Clone,
        has_configurations: bool,
    ) {
        let is_host = |host: &Host| !host.is_module() || !has_configurations;
        if hosts.clone().any(is_host) {
            self.on_hosts += 1;
        } else if hosts.clone().any(|host| !host.is_unloaded) {
            self.switched_off += 1;
        } else if hosts.clone().next().is_some() {
            self.not_loaded += 1;
        }
    }

    fn count(&mut self, unknown: &BTreeMap<&'static str, &Unknown>) {
        let known = |field: &str| usize::from(!unknown.contains_key(field));
        self.found += 1;
        self.path += known("path");
        self.owner += known("owner");
        self.group += known("group");
        self.mode += known("mode");
        self.file += known("file");
        let is_external = unknown
            .get("file")
            .is_some_and(|why| why.reason.is_external());
        self.external_file += usize::from(is_external);
        let is_resolved = ["path", "owner", "mode"]
            .iter()
            .all(|field| known(field) == 1);
        let has_file = is_external || known("file") == 1;
        self.resolved += usize::from(is_resolved && has_file);
    }
}
