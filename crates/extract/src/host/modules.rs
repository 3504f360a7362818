//! Modules of inputs and of nixpkgs, for the options of a host that receive a secret: evaluated with its
//! configuration, so that their users and units are seen like those of the project.
//!
//! Only those are loaded that declare such an option. What they add never takes anything away: one that
//! cannot be evaluated is left out, and the host stays what it was without.

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
#[derive(Debug, Clone, Default)]
pub(crate) struct Modules {
    all: Vec<Module>,
}

/// What is loaded as one.
#[derive(Debug, Clone)]
enum Module {
    /// The modules of an input that the host imports.
    Input(SourcedInput),
    /// A module of nixpkgs.
    File(PathBuf),
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
        let inputs = missing_inputs(evaluator, configuration);
        let workspace = evaluator.sources.workspace();
        let declares = |input: &SourcedInput| {
            let files = |option| index.declaring(workspace, &input.directory, option);
            options.iter().any(|option| !files(option).is_empty())
        };
        let inputs = inputs.into_iter().filter(declares);
        let mut all: Vec<Module> = inputs.map(Module::Input).collect();
        let nixpkgs = match source.kind {
            SystemKind::Nixos => nixpkgs_modules(&evaluator.sources),
            SystemKind::Darwin | SystemKind::HomeManager | SystemKind::SystemManager => None,
        };
        if let Some(directory) = nixpkgs {
            let files = options.iter();
            let files = files.flat_map(|option| index.declaring(workspace, &directory, option));
            let mut files: Vec<PathBuf> = files.collect();
            files.sort();
            files.dedup();
            all.extend(files.into_iter().map(Module::File));
        }
        (!all.is_empty()).then_some(Self { all })
    }

    /// These and others.
    pub(crate) fn with(&self, more: &Self) -> Self {
        let all = self.all.iter().chain(&more.all);
        Self {
            all: all.cloned().collect(),
        }
    }

    /// What is left to try when these cannot be evaluated together: those of other files than the ones with
    /// an error, else each half; nothing of a single one.
    pub(crate) fn parts(mut self, errors: &[PathBuf]) -> Vec<Self> {
        let before = self.all.len();
        let is_sound = |module: &Module| {
            let mut errors = errors.iter();
            match module {
                Module::Input(input) => errors.all(|error| !error.starts_with(&input.directory)),
                Module::File(file) => errors.all(|error| error != file),
            }
        };
        self.all.retain(is_sound);
        match self.all.len() {
            0 => Vec::new(),
            left if left < before => vec![self],
            1 => Vec::new(),
            left => {
                let all = self.all.split_off(left / 2);
                vec![self, Self { all }]
            }
        }
    }

    /// The facts of the host with these modules.
    pub(crate) fn host(
        &self,
        evaluator: &mut Evaluator,
        source: &HostConfiguration,
        additions: &Additions,
    ) -> Option<HostFacts> {
        let configuration = source.configuration.as_ref().ok()?;
        let (mut inputs, mut files) = (Vec::new(), Vec::new());
        for module in &self.all {
            match module {
                Module::Input(input) => inputs.push(input.clone()),
                Module::File(file) => files.push(file.clone()),
            }
        }
        evaluator.with_modules_of(&inputs, |evaluator| {
            let more = evaluator.configuration_with(configuration, &files);
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
