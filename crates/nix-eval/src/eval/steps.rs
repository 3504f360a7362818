//! Counting steps, and ending what takes too many.

use super::budget::{BUDGETS, INTERVAL, Limits, MAX_STRING, stack_address};
use super::evaluator::Evaluator;
use crate::value::{Eval, Limit, Reason, StringData, StringId, StringPart, UnknownId};

/// How many elements may be made before the memory is looked at.
const MUCH_MADE: u64 = 4096;

/// How many units of work, or elements of about 16 bytes that are made, count as one step: to make
/// them takes about as long.
const MADE_IN_A_STEP: u64 = 8;

/// What an element takes that a builtin is about to make, in bytes: a thunk with its origin, its entry
/// in a set, the copies of it in the lists that the builtin works with.
const BYTES_OF_AN_ELEMENT: usize = 96;

/// What a text in the making takes, in its own lengths: the room it grows in, its copy while that
/// grows, the value that it becomes.
const COPIES_OF_A_TEXT: usize = 3;

/// The most bytes that one byte of a text becomes when it is escaped: `\u0001`, `&quot;`.
const LONGEST_ESCAPE: usize = 6;

/// What a tree takes at most while it is made, in lengths of its text: a list of numbers of one digit.
const TREE_OF_A_TEXT: usize = 160;

/// The longest text that is parsed, in bytes.
const MAX_PARSED: usize = 4 << 20;

/// Lists and sets of more elements than this are checked before anything is made of them.
const MANY: usize = 4096;

/// Texts of more bytes than this are checked before anything is made of them.
const LONG_TEXT: usize = 1 << 16;

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
    pub(crate) fn renew_limits(&mut self, limits: Limits) {
        self.budget.limits = limits;
        self.budget.steps_before = 0;
        self.budget.steps = 0;
        self.budget.ever_reached.clear();
        self.budget.memory_before = self.memory();
        self.budget.resident.restart();
        self.reset_limits();
    }

    /// Counts a step; an error once a limit is reached. Whatever recurses in Rust over values asks this
    /// at each level, or something that does: it is where what nests too deeply ends.
    #[inline]
    pub(crate) fn step(&mut self) -> Eval<()> {
        let too_deep = self.is_stack_used_up();
        let budget = &mut self.budget;
        budget.steps += 1;
        if too_deep || budget.steps >= budget.checkpoint || self.arena.made() >= MUCH_MADE {
            return self.checkpoint(too_deep);
        }
        Ok(())
    }

    /// Checks the limits if much was made since they were last checked. A step does that, too; but where
    /// calls return one after another, each may make much and none takes a step.
    #[inline]
    pub(super) fn check_made(&mut self) -> Eval<()> {
        if self.arena.made() >= MUCH_MADE {
            return self.checkpoint(false);
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
        self.budget.steps = self
            .budget
            .steps
            .saturating_add(self.arena.take_made() / MADE_IN_A_STEP);
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
        let mebibytes = self.budget.limits.mebibytes();
        let used = self.memory().saturating_sub(self.budget.memory_before);
        if used.saturating_add(more) > limit {
            return Err(self.reach(Limit::Memory { mebibytes }));
        }
        let budget = &mut self.budget;
        match budget.limits.of_process() {
            Some(bound) if budget.resident.is_beyond(bound, more, budget.steps) => {
                Err(self.reach(Limit::Memory { mebibytes }))
            }
            _ => Ok(()),
        }
    }

    /// Counts bytes that whoever asks for values keeps of them beside the evaluator.
    ///
    /// # Errors
    ///
    /// A limit was reached: no more may be kept.
    pub fn count_kept(&mut self, bytes: usize) -> Eval<()> {
        self.arena.count_made(bytes / 16);
        self.check_made()?;
        self.budget.reached.map_or(Ok(()), Err)
    }

    /// Counts work that was done without forcing or calling anything, or making elements of values:
    /// eight units are a step.
    pub(crate) fn count_work(&mut self, units: u64) -> Eval<()> {
        self.budget.steps = self.budget.steps.saturating_add(units / MADE_IN_A_STEP);
        self.step()
    }

    /// Checks that `count` more elements may be made at once.
    pub(crate) fn check_size(&mut self, count: u64) -> Eval<()> {
        self.check_room(usize::try_from(count).unwrap_or(usize::MAX))?;
        self.step()
    }

    /// Checks that there is room for what a builtin may make of so many elements. Whatever hands a
    /// builtin a list or a set asks this, so that few builtins need to.
    #[inline]
    pub(super) fn check_room(&mut self, elements: usize) -> Eval<()> {
        if elements > MANY {
            return self.check_memory(elements.saturating_mul(BYTES_OF_AN_ELEMENT));
        }
        Ok(())
    }

    /// The same for what a builtin may make of a text of so many bytes.
    #[inline]
    pub(super) fn check_text_room(&mut self, bytes: usize) -> Eval<()> {
        if bytes > LONG_TEXT {
            self.arena.count_made(bytes / 64);
            return self.check_memory(bytes.saturating_mul(COPIES_OF_A_TEXT));
        }
        Ok(())
    }

    /// The same for what a builtin may make of a string of the arena.
    pub(crate) fn check_string_room(&mut self, string: StringId) -> Eval<()> {
        self.check_text_room(self.string_bytes(string))
    }

    /// The same for the tree of a file of the project, which other hosts may have parsed.
    pub(super) fn check_parse_room(&mut self, file: &std::path::Path) -> Eval<()> {
        if self.budget.limits.process.is_none() {
            return Ok(());
        }
        let bytes = self.sources.workspace().size(file).unwrap_or_default();
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        if bytes > LONG_TEXT && bytes <= MAX_PARSED {
            return self.check_memory(bytes.saturating_mul(TREE_OF_A_TEXT));
        }
        Ok(())
    }

    /// The same for what escapes the text of a string: most of its characters may become several.
    pub(crate) fn check_escape_room(&mut self, string: StringId) -> Eval<()> {
        let bytes = self.string_bytes(string);
        self.check_text_room(bytes.saturating_mul(LONGEST_ESCAPE))
    }

    /// How many bytes a string's text and holes take.
    pub(super) fn string_bytes(&self, string: StringId) -> usize {
        match self.arena.string_parts(string) {
            StringData::Text(text) => text.len(),
            StringData::Parts(parts) => {
                let pieces = parts.iter().map(|part| match part {
                    StringPart::Text(text) => text.len(),
                    StringPart::Hole(_) => size_of::<StringPart>(),
                });
                pieces.sum()
            }
        }
    }

    /// Counts a step of making a text of values, which has so many bytes by now.
    ///
    /// # Errors
    ///
    /// A limit was reached: no more of it may be made.
    pub fn check_text(&mut self, bytes: usize) -> Eval<()> {
        if bytes > MAX_STRING {
            let mebibytes = MAX_STRING >> 20;
            // What was made of it is dropped, and never counted elsewhere.
            self.arena.count_made(bytes / 16);
            return Err(self.unknown(Reason::Limit(Limit::String { mebibytes })));
        }
        if bytes > LONG_TEXT {
            self.check_memory(bytes.saturating_mul(COPIES_OF_A_TEXT))?;
        }
        self.step()
    }
}
