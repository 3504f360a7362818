//! A static, abstract evaluator of the Nix language.
//!
//! It evaluates a project's files lazily, as Nix does, but without Nix, network or a store. What is
//! not on disk — nixpkgs, flake inputs, packages — is an *external* value that remembers how it was
//! reached; what is undetermined is *unknown*, with its reason and place. Every other value is the
//! value that Nix would give.
//!
//! Values are small `Copy` ids into the arenas of one [`Evaluator`]: no reference cycles, no
//! recursive drop, everything is freed at once. An evaluation never panics and never runs away: a
//! step budget and a stack limit turn endless or too deep evaluation into an unknown.
//!
//! This crate knows nothing of secrets.

mod builtins;
mod engine;
pub mod eval;
pub mod flake;
pub mod modules;
pub mod nixlib;
pub mod print;
pub mod value;

pub use builtins::Marks;
pub use engine::{EvaluatorOptions, Part};
pub use eval::{Environment, Evaluator, Limits, Withheld};
pub use nix_source::Workspace;
pub use value::{Eval, Thunk, UnknownId, UnknownKind, Value};
