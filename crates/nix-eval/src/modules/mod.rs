//! The module system.

/// What the module system remembers.
#[derive(Debug, Default)]
pub(crate) struct ModuleState {}
