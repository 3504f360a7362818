//! What is known of a value when it is not known which of two it is.

use super::evaluator::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, ListId, Presence, Thunk, UnknownId, Value, well_known,
};

impl Evaluator {
    /// The value of `if c then yes else no` where `c` is not known because of `why`.
    pub(crate) fn join(
        &mut self,
        why: UnknownId,
        yes: Eval<Value>,
        no: Eval<Value>,
    ) -> Eval<Value> {
        match (yes, no) {
            // A branch that fails in Nix cannot be the one that is taken.
            (Ok(value), Err(error)) | (Err(error), Ok(value)) if self.is_error(error) => Ok(value),
            (Ok(Value::Attrs(yes)), Ok(Value::Attrs(no))) => self.join_sets(why, yes, no),
            (Ok(Value::List(yes)), Ok(Value::List(no))) => self.join_lists(why, yes, no),
            (Ok(yes), Ok(no)) => match self.equal(yes, no) {
                Ok(true) => Ok(yes),
                _ => Err(self.one_of(why, &[yes, no])),
            },
            _ => Err(why),
        }
    }

    fn join_sets(&mut self, why: UnknownId, yes: AttrsId, no: AttrsId) -> Eval<Value> {
        if yes == no {
            return Ok(Value::Attrs(yes));
        }
        // `mkIf` on one side only: the sides do not mean the same kind of thing.
        let tagged = |evaluator: &Self, set| {
            [well_known::TYPE, well_known::FUNCTOR]
                .iter()
                .any(|name| evaluator.arena.attribute(set, *name).is_some())
        };
        if tagged(self, yes) || tagged(self, no) {
            return Err(why);
        }
        let mut builder = AttrsBuilder::new();
        for entry in self.arena.entries(yes).to_vec() {
            match self.arena.attribute(no, entry.name) {
                Some(other) => {
                    let (a, b) = (entry.value, other.value);
                    let value = self.join_lazily(why, a, b);
                    builder.push(Entry {
                        value,
                        maybe: self.arena.both_doubts(entry.maybe, other.maybe),
                        ..entry
                    });
                }
                None => {
                    builder.push(Entry {
                        maybe: self.arena.both_doubts(entry.maybe, Some(why)),
                        ..entry
                    });
                }
            }
        }
        for entry in self.arena.entries(no).to_vec() {
            if self.arena.attribute(yes, entry.name).is_none() {
                builder.push(Entry {
                    maybe: self.arena.both_doubts(entry.maybe, Some(why)),
                    ..entry
                });
            }
        }
        let open = self
            .arena
            .attrs_data(yes)
            .open
            .or(self.arena.attrs_data(no).open);
        if let Some(open) = open {
            builder.open(open);
        }
        Ok(Value::Attrs(self.arena.attrs(builder)))
    }

    /// The join of two thunks, when it is needed.
    pub(crate) fn join_lazily(&mut self, why: UnknownId, yes: Thunk, no: Thunk) -> Thunk {
        if yes == no {
            return yes;
        }
        let origin = self.arena.origin(yes);
        let thunk = self.lazy(move |evaluator| {
            let yes = evaluator.force(yes);
            let no = evaluator.force(no);
            evaluator.join(why, yes, no)
        });
        self.arena.set_origin(thunk, origin);
        thunk
    }

    fn join_lists(&mut self, why: UnknownId, yes: ListId, no: ListId) -> Eval<Value> {
        if yes == no {
            return Ok(Value::List(yes));
        }
        // Joined again and again, a list doubles each time.
        let count = |list| self.arena.list_data(list).slots() as u64;
        self.check_size(count(yes).saturating_add(count(no)))?;
        let mut items = Vec::new();
        for list in [yes, no] {
            for (thunk, presence) in self.arena.list_items(list) {
                let presence = match presence {
                    Presence::Certain => Presence::Maybe(why),
                    uncertain => uncertain,
                };
                items.push((thunk, presence));
            }
        }
        Ok(Value::List(self.arena.list_of(&items)))
    }
}
