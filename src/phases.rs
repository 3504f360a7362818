//! The phases of a run and how long they took: for `-v` and for reports of defects.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::cli::common::CommonArguments;
use crate::output::duration;

/// The phases that ended.
#[derive(Debug)]
pub(crate) struct Phases {
    began: Instant,
    ended: Vec<(&'static str, Duration)>,
    tells: bool,
}

impl Phases {
    /// The first one begins.
    pub(crate) fn new(common: &CommonArguments) -> Self {
        Self {
            began: Instant::now(),
            ended: Vec::new(),
            tells: common.verbose > 0,
        }
    }

    /// One ends, the next one begins.
    pub(crate) fn end(&mut self, name: &'static str) {
        let took = self.began.elapsed();
        self.began = Instant::now();
        self.ended.push((name, took));
        if self.tells {
            // Nothing is left to be told if standard error is closed.
            let _ = writeln!(std::io::stderr(), "{name}: {}", duration(took));
        }
    }

    /// All that ended, in their order.
    pub(crate) fn all(&self) -> &[(&'static str, Duration)] {
        &self.ended
    }
}
