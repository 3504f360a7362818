//! Bounds of an evaluation: steps, stack and memory.

use super::Evaluator;
use crate::value::{Eval, UnknownId, UnknownKind};

/// Bounds of one evaluation.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Thunks forced, functions called and the like before the evaluation ends.
    pub steps: u64,
    /// Bytes of stack that evaluation may use; the thread must have that much and 16 MiB more.
    pub stack: usize,
    /// Bytes that values may take together.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 50_000_000,
            stack: 224 << 20,
            memory: 1 << 30,
        }
    }
}

/// The longest string, in bytes.
const MAX_STRING: usize = 256 << 20;

/// How often the memory is looked at, in steps.
const INTERVAL: u64 = 4096;

/// What is used of the limits.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    steps: u64,
    /// The step at which the memory is looked at next, or the limit is reached.
    checkpoint: u64,
    stack_base: usize,
    /// Why the evaluation was cut short.
    reached: Option<UnknownId>,
}

/// The address of the current stack frame, roughly.
#[inline]
fn stack_address() -> usize {
    let marker = 0u8;
    std::ptr::addr_of!(marker) as usize
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            steps: 0,
            checkpoint: 0,
            stack_base: stack_address(),
            reached: None,
        }
    }
}

impl Evaluator {
    /// How many steps were taken so far.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.budget.steps
    }

    /// Why the evaluation was cut short, if it was.
    #[must_use]
    pub const fn limit_reached(&self) -> Option<UnknownId> {
        self.budget.reached
    }

    /// Lets evaluation go on after the steps were used up: the next host has its own budget.
    pub const fn reset_limits(&mut self) {
        self.budget.steps = 0;
        self.budget.checkpoint = 0;
        self.budget.reached = None;
    }

    /// Counts a step; an error once a limit is reached.
    #[inline]
    pub(super) fn step(&mut self) -> Eval<()> {
        let budget = &mut self.budget;
        budget.steps += 1;
        // The stack grows downwards; a shallower frame than the base wraps around.
        let used = budget.stack_base.wrapping_sub(stack_address());
        let too_deep = used > budget.limits.stack && used < usize::MAX / 2;
        if too_deep || budget.steps >= budget.checkpoint {
            return self.checkpoint(too_deep);
        }
        Ok(())
    }

    #[cold]
    fn checkpoint(&mut self, too_deep: bool) -> Eval<()> {
        if too_deep {
            return Err(self.unknown(
                UnknownKind::Limit,
                "stack overflow; max-call-depth exceeded (evaluation nests too deeply)",
            ));
        }
        if let Some(why) = self.budget.reached {
            return Err(why);
        }
        if self.project.is_cancelled() {
            return Err(self.reach("the evaluation was cancelled".to_owned()));
        }
        let Limits { steps, .. } = self.budget.limits;
        if self.budget.steps > steps {
            return Err(self.reach(format!("the step budget of {steps} steps is used up")));
        }
        self.check_memory(0)?;
        self.budget.checkpoint = (self.budget.steps + INTERVAL).min(steps + 1);
        Ok(())
    }

    /// Remembers that a limit was reached: every step from now on fails.
    fn reach(&mut self, message: String) -> UnknownId {
        let why = self.unknown(UnknownKind::Limit, message);
        self.budget.reached = Some(why);
        self.budget.checkpoint = 0;
        why
    }

    /// Checks that so many bytes more may be used.
    fn check_memory(&mut self, more: usize) -> Eval<()> {
        let limit = self.budget.limits.memory;
        if self.arena.memory().saturating_add(more) <= limit {
            return Ok(());
        }
        let mebibytes = limit >> 20;
        Err(self.reach(format!("the memory limit of {mebibytes} MiB is reached")))
    }

    /// Counts work that was done without forcing or calling anything: eight units are a step.
    pub(crate) fn count_work(&mut self, units: u64) -> Eval<()> {
        self.budget.steps = self.budget.steps.saturating_add(units / 8);
        self.step()
    }

    /// Checks that `count` more elements may be made at once.
    pub(crate) fn check_size(&mut self, count: u64) -> Eval<()> {
        if count > 4096 {
            let bytes = usize::try_from(count)
                .unwrap_or(usize::MAX)
                .saturating_mul(32);
            self.check_memory(bytes)?;
        }
        self.count_work(count)
    }

    /// Checks that a text in the making, of so many bytes by now, may go on.
    pub(crate) fn check_text(&mut self, bytes: usize) -> Eval<()> {
        if bytes > MAX_STRING {
            let why = format!("a string of more than {} MiB", MAX_STRING >> 20);
            return Err(self.unknown(UnknownKind::Limit, why));
        }
        if bytes > 1 << 20 {
            self.check_memory(bytes)?;
        }
        self.step()
    }
}
