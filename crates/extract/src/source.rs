//! Where a host comes from: what any evaluator needs to set it up.

use std::path::{Path, PathBuf};

use nix_eval::Evaluator;
use nix_eval::flake::{HostConfiguration, HostName};

use crate::module_kind::module_kind;

/// The file that hosts come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The flake in a directory.
    Flake(PathBuf),
    /// A file that gives what a flake would, or a hive.
    File(PathBuf),
    /// A module, which is a host of its own.
    Module(PathBuf),
}

/// A host before it is evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) origin: Origin,
    pub(crate) name: HostName,
}

/// A host in an evaluator, nothing of which is evaluated yet.
#[derive(Debug)]
pub(crate) struct SetUp {
    source: Source,
    pub(crate) configuration: HostConfiguration,
}

impl Source {
    /// The module in a file.
    pub(crate) fn module(evaluator: &Evaluator, file: &Path) -> Self {
        let name = HostName {
            attribute: evaluator.sources.workspace().display(file),
            name: nix_eval::flake::module_name(file),
            kind: module_kind(evaluator, file),
        };
        Self {
            origin: Origin::Module(file.to_owned()),
            name,
        }
    }

    /// Whether it is a module.
    pub(crate) const fn is_module(&self) -> bool {
        matches!(self.origin, Origin::Module(_))
    }

    /// The file that it comes from; `None` for a flake.
    pub(crate) fn origin_file(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(file) | Origin::Module(file) => Some(file),
            Origin::Flake(_) => None,
        }
    }

    /// The one of these that comes from here; `None` if an evaluator did not find it again.
    pub(crate) fn find<'a>(&self, hosts: &'a [SetUp]) -> Option<&'a HostConfiguration> {
        let mut hosts = hosts.iter();
        // Names differ sooner than paths, and are compared faster.
        let is_it =
            |host: &&SetUp| host.source.name == self.name && host.source.origin == self.origin;
        let found = hosts.find(is_it);
        found.map(|host| &host.configuration)
    }
}

/// Sets up hosts of which those of one origin are in a row and sorted by name.
pub(crate) fn set_up(evaluator: &mut Evaluator, sources: &[Source]) -> Vec<SetUp> {
    let mut hosts = Vec::new();
    for sources in sources.chunk_by(|a, b| a.origin == b.origin) {
        let Some(Source {
            origin,
            name: first,
        }) = sources.first()
        else {
            continue;
        };
        let position = |name: &HostName| sources.binary_search_by(|known| known.name.cmp(name));
        let is_wanted = |name: &HostName| position(name).is_ok();
        let found = match origin {
            Origin::Flake(directory) => match evaluator.flake_hosts(directory, &is_wanted) {
                Ok(found) => found.hosts,
                Err(_) => Vec::new(),
            },
            Origin::File(file) => evaluator.file_hosts(file, &is_wanted).hosts,
            Origin::Module(file) => vec![evaluator.module_host(file, first.kind, None)],
        };
        hosts.extend(found.into_iter().map(|configuration| SetUp {
            source: Source {
                origin: origin.clone(),
                name: HostName {
                    attribute: configuration.attribute.clone(),
                    name: configuration.name.clone(),
                    kind: configuration.kind,
                },
            },
            configuration,
        }));
    }
    hosts
}
