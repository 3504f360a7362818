//! Whether an option that no module declares is there: its conditions, decided when somebody asks.
//!
//! While modules are merged only the shape of definitions counts, for a condition may need what is being
//! merged. Who reads a finished configuration can have the conditions decided.

use std::rc::Rc;

use super::definition::{Definition, Tag};
use crate::eval::Evaluator;
use crate::value::{
    Arena, AttrsId, Entry, Eval, OptionState, Reason, Thunk, UnknownId, Value, well_known,
};

/// What decides whether an option is there whose definitions are all under conditions.
#[derive(Debug)]
pub(crate) struct Conditional {
    /// The reason in its entry for which it may not be there.
    pub(super) why: UnknownId,
    pub(super) definitions: Rc<[Definition]>,
}

impl Evaluator {
    /// Returns an entry with its conditions decided: without a doubt if one of its definitions is certainly
    /// there, `None` if none is.
    pub fn decide_presence(&mut self, entry: Entry) -> Option<Entry> {
        let conditional = self.modules().conditional.get(&entry.value);
        let Some(conditional) = conditional.filter(|it| entry.maybe == Some(it.why)) else {
            return Some(entry);
        };
        let definitions = Rc::clone(&conditional.definitions);
        let mut undecided = None;
        for definition in definitions.iter() {
            match self.is_there(definition) {
                Ok(true) => {
                    return Some(Entry {
                        maybe: None,
                        ..entry
                    });
                }
                Ok(false) => {}
                Err(why) => {
                    undecided.get_or_insert(why);
                }
            }
        }
        undecided.map(|why| Entry {
            maybe: Some(why),
            ..entry
        })
    }

    /// Whether a definition is there. `Err` if that is not decided.
    fn is_there(&mut self, definition: &Definition) -> Eval<bool> {
        if let Some(why) = definition.maybe {
            return Err(why);
        }
        for condition in definition.conditions() {
            if !self.force_bool(condition)? {
                return Ok(false);
            }
        }
        self.has_content(definition.value)
    }

    /// Whether a value is more than properties around nothing: a `mkIf` whose condition does not hold, a
    /// `mkMerge` of such. `Err` if that is not decided.
    fn has_content(&mut self, mut value: Thunk) -> Eval<bool> {
        loop {
            let Ok(Value::Attrs(set)) = self.force(value) else {
                return Ok(true);
            };
            match self.property_tag(set) {
                Some(Tag::If) => {
                    let condition = self.property_field(set, well_known::CONDITION);
                    if !self.force_bool(condition)? {
                        return Ok(false);
                    }
                }
                Some(Tag::Merge) => return self.has_any_content(set),
                Some(Tag::Override | Tag::Order) => {}
                Some(Tag::Definition) | None => return Ok(true),
            }
            value = self.property_field(set, well_known::CONTENT);
        }
    }

    /// The same for a `mkMerge`.
    fn has_any_content(&mut self, merge: AttrsId) -> Eval<bool> {
        let mut undecided = None;
        for (part, maybe) in self.merged_contents(merge)? {
            match (self.has_content(part), maybe) {
                (Ok(false), _) => {}
                (Ok(true), None) => return Ok(true),
                (Ok(true), Some(why)) | (Err(why), _) => {
                    undecided.get_or_insert(why);
                }
            }
        }
        undecided.map_or(Ok(false), Err)
    }
}

impl Arena {
    /// The doubt that two doubts amount to. That of a condition gives way to any other: it may be decided
    /// later, and the other one must not be lost.
    pub(crate) fn both_doubts(
        &self,
        one: Option<UnknownId>,
        other: Option<UnknownId>,
    ) -> Option<UnknownId> {
        let is_condition = one.is_some_and(|why| {
            matches!(
                self.unknown_data(why).reason,
                Reason::Option(_, OptionState::Conditional)
            )
        });
        if is_condition {
            other.or(one)
        } else {
            one.or(other)
        }
    }
}
