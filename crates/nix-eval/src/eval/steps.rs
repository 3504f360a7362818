//! Counting steps, and ending what takes too many.

use super::budget::{BUDGETS, INTERVAL, MAX_STRING, stack_address};
use super::evaluator::Evaluator;
use crate::value::{Eval, Limit, Reason, UnknownId};

impl Evaluator {
    /// How many steps were taken so far.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.budget.steps_before + self.budget.steps
    }

    /// Why the evaluation is cut short, if it is.
    #[must_use]
    pub const fn limit_reached(&self) -> Option<UnknownId> {
        self.budget.reached
    }

    /// Why the evaluation was cut short, each time that it was.
    #[must_use]
    pub fn limits_reached(&self) -> &[UnknownId] {
        &self.budget.ever_reached
    }

    /// Whether a limit cut something short since the limits were renewed: values that the next host
    /// would share may be missing then.
    #[must_use]
    pub(crate) const fn is_cut_short(&self) -> bool {
        self.budget.is_too_deep || !self.budget.ever_reached.is_empty()
    }

    /// Lets evaluation go on with the next part of a host, such as a container, which has a budget of
    /// its own. It is half as large for each budget that was used up, and all of them together are
    /// bounded, so that many endless parts end as soon as one of two.
    pub fn reset_limits(&mut self) {
        let budget = &mut self.budget;
        budget.steps_before += budget.steps;
        budget.steps = 0;
        let whole = budget.limits.steps;
        let used_up = u32::try_from(budget.ever_reached.len()).unwrap_or(u32::MAX);
        let left = whole
            .saturating_mul(BUDGETS)
            .saturating_sub(budget.steps_before);
        budget.allowed = whole.checked_shr(used_up).unwrap_or(0).min(left);
        budget.checkpoint = 0;
        budget.reached = None;
    }

    /// Gives the next host a budget of its own, of steps and of memory: what earlier hosts used of
    /// this evaluator does not count.
    pub(crate) fn renew_limits(&mut self) {
        self.budget.steps_before = 0;
        self.budget.steps = 0;
        self.budget.ever_reached.clear();
        self.budget.memory_before = self.memory();
        self.reset_limits();
    }

    /// Counts a step; an error once a limit is reached.
    #[inline]
    pub(super) fn step(&mut self) -> Eval<()> {
        let too_deep = self.is_stack_used_up();
        let budget = &mut self.budget;
        budget.steps += 1;
        if too_deep || budget.steps >= budget.checkpoint {
            return self.checkpoint(too_deep);
        }
        Ok(())
    }

    /// Whether the stack that evaluation may use is used up. What recurses without taking steps
    /// (over types, over printed values) asks this at each level.
    #[inline]
    pub(crate) fn is_stack_used_up(&self) -> bool {
        // The stack grows downwards; a shallower frame than the base wraps around.
        let used = self.budget.stack_base.wrapping_sub(stack_address());
        used > self.budget.limits.stack && used < usize::MAX / 2
    }

    #[cold]
    fn checkpoint(&mut self, too_deep: bool) -> Eval<()> {
        if too_deep {
            self.budget.is_too_deep = true;
            return Err(self.unknown(Reason::Limit(Limit::Stack)));
        }
        if let Some(why) = self.budget.reached {
            return Err(why);
        }
        if self.sources.workspace().is_cancelled() {
            return Err(self.reach(Limit::Cancelled));
        }
        let steps = self.budget.allowed;
        if self.budget.steps > steps {
            return Err(self.reach(Limit::Steps {
                steps,
                are_left_over: steps != self.budget.limits.steps,
            }));
        }
        self.check_memory(0)?;
        self.budget.checkpoint = (self.budget.steps + INTERVAL).min(steps + 1);
        Ok(())
    }

    /// Remembers that a limit was reached: every step from now on fails.
    fn reach(&mut self, limit: Limit) -> UnknownId {
        let why = self.unknown(Reason::Limit(limit));
        self.budget.reached = Some(why);
        self.budget.ever_reached.push(why);
        self.budget.checkpoint = 0;
        why
    }

    /// Checks that so many bytes more may be used.
    fn check_memory(&mut self, more: usize) -> Eval<()> {
        let limit = self.budget.limits.memory;
        let used = self.memory().saturating_sub(self.budget.memory_before);
        if used.saturating_add(more) <= limit {
            return Ok(());
        }
        let mebibytes = limit >> 20;
        Err(self.reach(Limit::Memory { mebibytes }))
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
            let mebibytes = MAX_STRING >> 20;
            return Err(self.unknown(Reason::Limit(Limit::String { mebibytes })));
        }
        if bytes > 1 << 20 {
            self.check_memory(bytes)?;
        }
        self.step()
    }
}
