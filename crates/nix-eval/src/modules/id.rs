//! Numbers of module evaluations.

/// A module evaluation: an index into the evaluator's table of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConfigurationId(pub u32);
