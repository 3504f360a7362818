//! What of a project's outputs is not known, or not evaluated: configurations that nobody sees.

use std::path::Path;

use crate::eval::Evaluator;
use crate::value::{AttrsId, Eval, UnknownId, UnknownKind};
use nix_syntax::quote::attribute_name;
use nix_syntax::source::Span;

/// An output that may hold configurations which are not evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownOutput {
    /// `nixosConfigurations`; `None` for the outputs as a whole.
    pub output: Option<String>,
    /// What the matter is.
    pub state: OutputState,
    /// Where it is defined.
    pub at: Option<Span>,
}

/// What is the matter with an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputState {
    /// None of its attributes is known.
    Unknown(UnknownId),
    /// There may be more attributes than those that are known.
    Open(UnknownId),
    /// It holds configurations of a kind that is not evaluated.
    NotEvaluated,
}

/// The outputs whose attributes are configurations.
const EVALUATED: [&str; 6] = [
    "nixosConfigurations",
    "darwinConfigurations",
    "homeConfigurations",
    "systemConfigs",
    "colmena",
    "colmenaHive",
];

/// The ends of the names of outputs that hold configurations, of whatever kind.
const OF_CONFIGURATIONS: [&str; 4] = ["Configurations", "Configs", "nixosTests", "microvms"];

/// Such outputs that no machine runs: layouts of disks.
const NOT_RUN: [&str; 1] = ["diskoConfigurations"];

impl Evaluator {
    /// The outputs of a flake that may hold configurations which are not evaluated, in the order of their
    /// names; first of all the outputs as a whole.
    ///
    /// # Errors
    ///
    /// If `flake.nix` cannot be evaluated at all.
    pub fn unknown_outputs(&mut self, directory: &Path) -> Eval<Vec<UnknownOutput>> {
        let flake = self.flake(directory)?;
        let outputs = self.force_attrs(flake.outputs)?;
        Ok(self.unknown_among(outputs))
    }

    /// Those of a file that gives what a flake's `outputs` would; none if it gives anything else.
    pub fn unknown_outputs_of_file(&mut self, file: &Path) -> Vec<UnknownOutput> {
        let outputs = match self.file_outputs(file) {
            Ok(outputs) => outputs,
            Err(why) => {
                let is_unknown = self.is_unknown_file(file);
                let (output, at) = (None, None);
                let state = OutputState::Unknown(why);
                let unknown = is_unknown.then_some(UnknownOutput { output, state, at });
                return unknown.into_iter().collect();
            }
        };
        if file.file_name().is_some_and(|name| name == "hive.nix") {
            let state = self.state_of_set(Ok(outputs));
            let output = Some("hive".to_owned());
            return { state.into_iter() }
                .map(|state| UnknownOutput {
                    output: output.clone(),
                    state,
                    at: None,
                })
                .collect();
        }
        self.unknown_among(outputs)
    }

    /// Whether the value of a file is not known at all: it may hold configurations.
    fn is_unknown_file(&mut self, file: &Path) -> bool {
        let path = self.arena.path(&file.to_string_lossy());
        let value = { self.import_path(path) }.and_then(|thunk| self.force(thunk));
        value.is_err_and(|why| self.arena.unknown_kind(why) == UnknownKind::Undetermined)
    }

    fn unknown_among(&mut self, outputs: AttrsId) -> Vec<UnknownOutput> {
        let mut found = Vec::new();
        let entries = self.entries_by_name(outputs);
        let mut is_any_known = false;
        for entry in entries {
            let name = self.name(entry.name).to_string();
            let state = if EVALUATED.contains(&&*name) {
                let set = self.force_attrs(entry.value);
                is_any_known |= set.is_ok_and(|set| !self.arena.entries(set).is_empty());
                let state = self.state_of_set(set);
                // A set that may not be there at all.
                state.or(entry.maybe.map(OutputState::Open))
            } else if is_of_configurations(&name) {
                let set = self.force_attrs(entry.value);
                let is_empty = set.is_ok_and(|set| {
                    self.arena.entries(set).is_empty() && self.open_reason(set).is_none()
                });
                (!is_empty).then_some(OutputState::NotEvaluated)
            } else {
                None
            };
            let at = self.binding_place(entry.position).map(|place| place.name);
            found.extend(state.map(|state| UnknownOutput {
                output: Some(attribute_name(&name)),
                state,
                at,
            }));
        }
        // What a package set has beyond its overlays is a package.
        if let Some(why) = self.open_reason(outputs)
            && !super::packages::is_overlaid(self, outputs)
            && !self.defines_no_configuration(why)
        {
            let state = if is_any_known {
                OutputState::Open(why)
            } else {
                OutputState::Unknown(why)
            };
            let (output, at) = (None, None);
            found.insert(0, UnknownOutput { output, state, at });
        }
        found
    }

    /// What is the matter with a set of configurations, if anything.
    fn state_of_set(&mut self, set: Eval<AttrsId>) -> Option<OutputState> {
        let set = match set {
            Ok(set) => set,
            Err(why) => return Some(OutputState::Unknown(why)),
        };
        let why = self.open_reason(set)?;
        Some(if self.arena.entries(set).is_empty() {
            OutputState::Unknown(why)
        } else {
            OutputState::Open(why)
        })
    }
}

fn is_of_configurations(name: &str) -> bool {
    let is_of = |end: &&str| name.ends_with(end);
    OF_CONFIGURATIONS.iter().any(is_of) && !NOT_RUN.contains(&name)
}
