//! Bounds of an evaluation.

use std::num::{NonZeroU64, NonZeroUsize};

use clap::Args;
use nix_eval::Limits;

/// How much an evaluation may take. What goes beyond it is not known.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LimitArguments {
    /// Evaluate within so many MiB of memory, all hosts together. Unless given, each host has 1024, of
    /// which fewer the more hosts there are.
    #[arg(long, value_name = "MIB")]
    pub(crate) memory_limit: Option<NonZeroUsize>,
    /// Evaluate each host within so many steps, 50000000 unless given.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) step_limit: Option<NonZeroU64>,
}

impl LimitArguments {
    /// The limits of an evaluation.
    pub(crate) fn limits(&self) -> Limits {
        let bytes = |mebibytes: NonZeroUsize| mebibytes.get().saturating_mul(1 << 20);
        let limits =
            { self.memory_limit }.map_or_else(Limits::default, |it| Limits::within(bytes(it)));
        Limits {
            steps: { self.step_limit }.map_or(limits.steps, NonZeroU64::get),
            ..limits
        }
    }
}
