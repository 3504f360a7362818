//! From paths to facts.

use inventory::{Inventory, SourceMap};

use crate::cli::{CommonArguments, InputArguments};
use crate::usage::UsageError;

/// The facts of one run and the files they come from.
#[derive(Debug)]
pub(crate) struct Analysis {
    pub(crate) inventory: Inventory,
    pub(crate) sources: SourceMap,
}

/// Finds the project of the given paths and evaluates its hosts.
pub(crate) fn analyse(
    input: &InputArguments,
    _common: &CommonArguments,
) -> Result<Analysis, UsageError> {
    for path in &input.paths {
        if let Err(error) = std::fs::metadata(path) {
            return Err(
                UsageError::new(format!("cannot look at {}: {error}", path.display()))
                    .help("give a flake.nix, a module, or a directory: mcp-lint ./flake.nix"),
            );
        }
    }
    Ok(Analysis {
        inventory: Inventory::default(),
        sources: SourceMap::new(),
    })
}
