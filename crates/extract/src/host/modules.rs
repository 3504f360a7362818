//! Modules of inputs and of nixpkgs, for the options of a host that receive a secret: evaluated with its
//! configuration, so that their users and units are seen like those of the project.
//!
//! Only those are loaded that declare such an option. What they add never takes anything away: if one of
//! them cannot be evaluated, the host stays what it was without.

use std::path::PathBuf;
use std::rc::Rc;

use nix_eval::Evaluator;
use nix_eval::flake::{HostConfiguration, SourcedInput, SystemKind};
use nix_eval::modules::Configuration;
use rustc_hash::FxHashMap;

use crate::host::{HostFacts, host};
use crate::inputs::nixpkgs_modules;
use crate::options::Additions;
use crate::readers::{is_of_option, prefer_modules};
use inventory::model::{Host, Reader, Secret, sort_readers};

/// The modules that declare options of a host.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    inputs: Vec<SourcedInput>,
    /// Those of nixpkgs.
    files: Vec<PathBuf>,
}

impl Modules {
    /// The modules that are here and declare one of these options; `None` if there are none.
    pub(crate) fn declaring(
        evaluator: &mut Evaluator,
        source: &HostConfiguration,
        options: &[Vec<String>],
        additions: &Additions,
    ) -> Option<Self> {
        let configuration = source.configuration.as_ref().ok()?;
        if options.is_empty() {
            return None;
        }
        let index = &additions.modules;
        let mut found = Self::default();
        let inputs = missing_inputs(evaluator, configuration);
        let workspace = evaluator.sources.workspace();
        for input in inputs {
            let declares = |option: &Vec<String>| {
                let files = index.declaring(workspace, &input.directory, option);
                !files.is_empty()
            };
            if options.iter().any(declares) {
                found.inputs.push(input);
            }
        }
        let nixpkgs = match source.kind {
            SystemKind::Nixos => nixpkgs_modules(workspace),
            SystemKind::Darwin | SystemKind::HomeManager => None,
        };
        if let Some(directory) = nixpkgs {
            let files = options.iter();
            let files = files.flat_map(|option| index.declaring(workspace, &directory, option));
            found.files.extend(files);
            found.files.sort();
            found.files.dedup();
        }
        (!found.inputs.is_empty() || !found.files.is_empty()).then_some(found)
    }

    /// The facts of the host with these modules.
    pub(crate) fn host(
        &self,
        evaluator: &mut Evaluator,
        source: &HostConfiguration,
        additions: &Additions,
    ) -> Option<HostFacts> {
        let configuration = source.configuration.as_ref().ok()?;
        evaluator.with_modules_of(&self.inputs, |evaluator| {
            let more = evaluator.configuration_with(configuration, &self.files);
            let source = HostConfiguration {
                name: source.name.clone(),
                kind: source.kind,
                attribute: source.attribute.clone(),
                at: source.at,
                configuration: Ok(more),
            };
            Some(host(evaluator, &source, Some(additions), false))
        })
    }
}

/// The inputs whose sources are here, and of which the configuration misses modules.
fn missing_inputs(
    evaluator: &mut Evaluator,
    configuration: &Rc<Configuration>,
) -> Vec<SourcedInput> {
    let mut inputs = Vec::new();
    for why in configuration.missing_modules() {
        let input = evaluator.input_of_module(*why);
        inputs.extend(input.filter(|input| !inputs.contains(input)));
    }
    inputs
}

/// A host with the modules that declare its options, from what it is without them and with them; `None` if
/// they take something away.
pub(crate) fn joined(before: &Host, mut after: Host) -> Option<Host> {
    if after.failed.is_some()
        || after
            .problems
            .iter()
            .any(|it| !before.problems.contains(it))
    {
        return None;
    }
    let by_name: FxHashMap<_, usize> = { after.secrets.iter().enumerate() }
        .map(|(index, secret)| (name_of(secret), index))
        .collect();
    let places: Option<Vec<usize>> = { before.secrets.iter() }
        .map(|secret| by_name.get(&name_of(secret)).copied())
        .collect();
    let places = places?;
    let place_of = |reader: &Reader| match reader.secret {
        Some(index) => places.get(index).copied().map(Some),
        None => Some(None),
    };
    for reader in &before.readers {
        let secret = place_of(reader)?;
        let is_known = |other: &Reader| other.secret == secret && other.via == reader.via;
        let is_left = is_of_option(reader) || reader.container.is_some();
        if is_left && !after.readers.iter().any(is_known) {
            after.readers.push(Reader {
                secret,
                ..reader.clone()
            });
        }
    }
    prefer_modules(&mut after.readers);
    sort_readers(&mut after.readers);
    after.problems.clone_from(&before.problems);
    after.gaps.retain(|gap| before.gaps.contains(gap));
    let of_others = before
        .gaps
        .iter()
        .filter(|gap| gap.subject != before.attribute);
    after.gaps.extend(of_others.cloned());
    after.gaps.sort();
    after.gaps.dedup();
    Some(after)
}

/// What makes a secret the same one.
fn name_of(secret: &Secret) -> impl std::hash::Hash + Eq + use<> {
    (
        secret.manager.name,
        format!("{:?}", secret.scope),
        format!("{:?}", secret.kind),
        secret.attribute.clone(),
    )
}
