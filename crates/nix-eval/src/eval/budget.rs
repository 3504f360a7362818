//! Bounds of an evaluation: steps, stack and memory.

use super::resident::Resident;
use crate::value::UnknownId;

/// Bounds of one evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Thunks forced, functions called and the like before the evaluation ends.
    pub steps: u64,
    /// Bytes of stack that evaluation may use; the thread must have that much and 16 MiB more.
    pub stack: usize,
    /// Bytes that values may take together.
    pub memory: usize,
    /// Bytes that the process may take with everything that is in it, if that is bounded. Evaluation
    /// ends at three quarters of them.
    pub process: Option<usize>,
}

impl Limits {
    /// The limits of each of so many hosts, whatever the others do. All hosts of a project together
    /// take no more than ten full budgets of steps, so that many endless ones end; and in a
    /// project of many hosts each may take a quarter of the memory, as several are evaluated at once.
    /// `groups` is how many are.
    #[must_use]
    pub fn of_each(self, hosts: usize, groups: usize) -> Self {
        let memory = self.memory.saturating_mul(4) / hosts.max(4);
        let memory = memory.max(self.memory / 4);
        let share = self.process.map(|_| self.memory / groups.max(1));
        let hosts = u64::try_from(hosts).unwrap_or(u64::MAX).max(BUDGETS);
        Self {
            steps: self.steps.saturating_mul(BUDGETS) / hosts,
            memory: share.map_or(memory, |share| memory.min(share)),
            ..self
        }
    }

    /// The default limits, but for the memory: no more than so many bytes for the process. Values take
    /// half of it.
    #[must_use]
    pub fn within(process: usize) -> Self {
        let default = Self::default();
        Self {
            memory: process / 2,
            process: Some(process),
            stack: default.stack.min(process / 5),
            ..default
        }
    }

    /// Bytes of the process at which evaluation ends: three quarters of what it may take. The rest is for
    /// what is made of it afterwards, findings and documents, which grow with what was found.
    pub(super) fn of_process(&self) -> Option<usize> {
        self.process.map(|process| process / 4 * 3)
    }

    /// The bound on memory that was asked for, in MiB: what a message names.
    pub(super) fn mebibytes(&self) -> usize {
        self.process.unwrap_or(self.memory) >> 20
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 50_000_000,
            stack: 224 << 20,
            memory: 1 << 30,
            process: None,
        }
    }
}

/// The longest string, in bytes.
pub(super) const MAX_STRING: usize = 256 << 20;

/// How often the memory is looked at, in steps.
pub(super) const INTERVAL: u64 = 4096;

/// How many full budgets all hosts of a project, or all parts of a host, may use together.
pub(super) const BUDGETS: u64 = 10;

/// What is used of the limits.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) limits: Limits,
    /// Steps since the limits were last reset.
    pub(super) steps: u64,
    /// Steps up to then.
    pub(super) steps_before: u64,
    /// Bytes that values took when the limits were last renewed.
    pub(super) memory_before: usize,
    /// Bytes that the process takes.
    pub(super) resident: Resident,
    /// How many of them may be taken now.
    pub(super) allowed: u64,
    /// The step at which the memory is looked at next, or the limit is reached.
    pub(super) checkpoint: u64,
    pub(super) stack_base: usize,
    /// Why the evaluation is cut short.
    pub(super) reached: Option<UnknownId>,
    /// Whether something nested too deeply for the stack.
    pub(super) is_too_deep: bool,
    /// Why it ever was.
    pub(super) ever_reached: Vec<UnknownId>,
}

/// The address of the current stack frame, roughly.
#[inline]
pub(super) fn stack_address() -> usize {
    let marker = 0u8;
    std::ptr::addr_of!(marker) as usize
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            steps: 0,
            steps_before: 0,
            memory_before: 0,
            resident: Resident::new(limits.process.is_some()),
            allowed: limits.steps,
            checkpoint: 0,
            stack_base: stack_address(),
            reached: None,
            is_too_deep: false,
            ever_reached: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Limits;

    #[test]
    fn a_message_names_the_bound_that_was_asked_for() {
        let asked = Limits::within(128 << 20);
        assert_eq!(asked.mebibytes(), 128);
        assert_eq!(asked.of_process(), Some(96 << 20));
        assert_eq!(asked.of_each(30, 4).mebibytes(), 128);
        assert_eq!(Limits::default().mebibytes(), 1024);
    }
}
