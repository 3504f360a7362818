//! Conditions that are not decided, and the texts that depend on them.

use nix_syntax::source::{FileId, Root};
use rustc_hash::{FxHashMap, FxHashSet};

use super::evaluator::Evaluator;
use crate::value::{Thunk, UnknownId, Value};

/// How many texts that may be there are kept: more than the scripts of any host have, and few against a memory limit.
const MAX_POSSIBLE: usize = 1 << 14;

/// What is kept of conditions that are not decided.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    /// Why they are not.
    undecided: FxHashSet<UnknownId>,
    /// By the reason for which a value is not known, made for that value, the values that it may have.
    possible: FxHashMap<UnknownId, Vec<Thunk>>,
}

impl Evaluator {
    /// Notes that a condition in a file of the project is not decided because of `why`. One of a schema is not what the
    /// user wrote.
    pub(crate) fn note_condition(&mut self, at: FileId, why: UnknownId) {
        if at.key().root == Root::Project {
            self.conditions.undecided.insert(why);
        }
    }

    /// The same of the condition of a `mkIf`.
    pub(crate) fn note_property(&mut self, condition: Thunk, why: UnknownId) {
        if let Some(at) = self.origin_span(condition) {
            self.note_condition(at.file, why);
        }
    }

    /// The reasons for which conditions are not decided.
    pub fn undecided_conditions(&self) -> impl Iterator<Item = UnknownId> + use<'_> {
        self.conditions.undecided.iter().copied()
    }

    /// The reason for which a value is not known that has one of these values, by a condition that is not decided
    /// because of `why`: a reason of its own if one of them is a text, which may name something.
    pub(crate) fn one_of(&mut self, why: UnknownId, values: &[Value]) -> UnknownId {
        let is_text = |value: &&Value| matches!(value, Value::String(_) | Value::Path(_));
        let texts = values.iter().filter(is_text);
        let texts: Vec<Thunk> = texts.map(|text| self.arena.ready(*text)).collect();
        if texts.is_empty() || self.conditions.possible.len() >= MAX_POSSIBLE {
            return why;
        }
        let reason = self.arena.unknown_data(why).clone();
        let own = self.arena.unknown(reason);
        if self.conditions.undecided.contains(&why) {
            self.conditions.undecided.insert(own);
        }
        self.conditions.possible.insert(own, texts);
        own
    }

    /// The texts that a value may have that is not known because of `why`; empty if none are known.
    #[must_use]
    pub fn possible_texts(&self, why: UnknownId) -> Vec<Thunk> {
        self.conditions
            .possible
            .get(&why)
            .cloned()
            .unwrap_or_default()
    }
}
