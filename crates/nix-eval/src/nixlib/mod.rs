//! nixpkgs' `lib`, natively: one file per namespace of `lib`, each with a table of its functions.
//!
//! The behaviour follows nixpkgs' documentation and what the real functions give; the code is ours.
//! `lib` is an open set: nixpkgs has functions that are not here and gets new ones, so a name that
//! is missing is not determined and never an error.
//!
//! To add a function, add a line to the table of its namespace. Functions that are builtins under
//! the same name are in `aliases`. What is not on disk (licences, maintainers, kernels) is an
//! external under its own name.

mod asserts;
mod attrsets;
mod cli;
mod customisation;
mod debug;
mod deprecated;
mod derivations;
mod fileset;
mod filesystem;
mod fixed_points;
mod generators;
mod hm;
mod kernel;
mod lists;
mod make;
mod meta;
mod modules;
mod namespace;
mod options;
mod path;
mod sources;
mod state;
mod strings;
mod strings_with_deps;
mod support;
mod systems;
mod trivial;
mod types;
mod versions;

pub(crate) use namespace::{Constant, Exported, Namespace};
pub(crate) use state::LibState;
