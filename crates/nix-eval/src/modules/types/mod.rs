//! Option types: what they accept and how they merge definitions.
//!
//! A type is a value like any other, a set with `_type = "option-type"`, so that a project can look
//! into it, extend it with `//`, or make its own with `mkOptionType`. A native one carries the number
//! of its [`Type`] besides; what a project changes in its set takes precedence over the native one.

mod attributes;
mod check;
mod custom;
mod description;
mod functions;
mod join;
pub(crate) mod kind;
mod merge;
mod meta;
mod shape;
mod submodule;
mod table;
mod value;

pub(crate) use join::{DEFAULT_PLACEHOLDER, DEFAULT_TYPE_MERGE};
pub(crate) use kind::{InnerSystem, Kind, Submodule, Text, TypeId};
