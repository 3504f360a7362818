//! Which definitions of an option count: those of the best priority, as far as that is known.

use std::rc::Rc;

use super::resolved::{OPTION_DEFAULT_PRIORITY, Priority, Resolved};
use super::types::kind::{Kind, TypeId};
use crate::eval::Evaluator;
use crate::value::{Eval, Location, Reason, UnknownId, Value};

/// The definitions by which of them may count.
struct Contest {
    /// What counts if none of the rivals does. Empty where no definition is certain.
    fallback: Vec<Resolved>,
    /// Groups that count if they are there and nothing better is, the weakest first, with why that
    /// is not known.
    rivals: Vec<(UnknownId, Vec<Resolved>)>,
}

fn contest(resolved: Vec<Resolved>) -> Contest {
    let best = |certain: bool| {
        let counts = |d: &&Resolved| !certain || d.maybe.is_none();
        resolved
            .iter()
            .filter(counts)
            .filter_map(|d| d.priority.known())
            .min()
    };
    let certain = best(true);
    let mut fallback = Vec::new();
    let mut rivals: Vec<(i64, UnknownId, Vec<Resolved>)> = Vec::new();
    let mut unplaced: Vec<(UnknownId, Resolved)> = Vec::new();
    let is_alone = resolved.len() == 1;
    for definition in resolved {
        let priority = match (definition.priority, certain) {
            (Priority::Unknown(why), _) if !is_alone => {
                unplaced.push((why, definition));
                continue;
            }
            (Priority::Unknown(_), _) => i64::MIN,
            (Priority::Known(priority), Some(best)) if priority > best => continue,
            (Priority::Known(priority), _) => priority,
        };
        match (Some(priority) == certain, definition.maybe) {
            (false, Some(why)) => match rivals.iter_mut().find(|(at, ..)| *at == priority) {
                Some((.., group)) => group.push(definition),
                None => rivals.push((priority, why, vec![definition])),
            },
            _ => fallback.push(definition),
        }
    }
    rivals.sort_by_key(|(priority, ..)| std::cmp::Reverse(*priority));
    let mut rivals: Vec<_> = rivals
        .into_iter()
        .map(|(_, why, group)| (why, group))
        .collect();
    // One of unknown priority may lose to all, win over all, or count beside the fallback.
    for (why, definition) in unplaced {
        let mut beside = fallback.clone();
        beside.push(definition.clone());
        if fallback.iter().any(|other| other.maybe.is_none()) {
            rivals.push((why, beside));
        }
        rivals.push((why, vec![definition]));
    }
    Contest { fallback, rivals }
}

/// Puts definitions into the order in which they merge.
fn sorted(mut definitions: Vec<Resolved>) -> Vec<Resolved> {
    definitions.sort_by_key(|definition| definition.order);
    definitions
}

/// The definitions that win, in the order in which they merge; why that is not known.
pub(crate) fn winners(resolved: Vec<Resolved>) -> Result<Vec<Resolved>, UnknownId> {
    let candidates = candidates(resolved)?;
    match candidates.iter().find_map(|definition| definition.maybe) {
        Some(why) => Err(why),
        None => Ok(candidates),
    }
}

/// The definitions of the best priority, in order, at least one of which is certain; the others may
/// be missing. Why that is not known where another priority may win, or no definition be there.
pub(crate) fn candidates(resolved: Vec<Resolved>) -> Result<Vec<Resolved>, UnknownId> {
    let Contest { fallback, rivals } = contest(resolved);
    match rivals.first() {
        Some((why, _)) => Err(*why),
        None => Ok(sorted(fallback)),
    }
}

impl Evaluator {
    /// The value of an option, or of an element of one, that these definitions give.
    pub(crate) fn merge_resolved(
        &mut self,
        location: &Location,
        kind: TypeId,
        resolved: Vec<Resolved>,
    ) -> Eval<Value> {
        self.check_depth(location)?;
        if resolved.is_empty() {
            return match self.empty_value(kind)? {
                Some(value) => self.force(value),
                None => Err(self.no_value(location)),
            };
        }
        let Contest { fallback, rivals } = contest(resolved);
        let holds_parts = self.holds_parts(kind);
        let mut value = if fallback.is_empty() {
            // Only uncertain definitions: parts say for themselves that they may be missing.
            match self.empty_value(kind) {
                Ok(Some(empty)) if !holds_parts => Some(self.force(empty)),
                _ => None,
            }
        } else if !rivals.is_empty() && holds_parts && self.is_empty_default(&fallback) {
            None
        } else {
            Some(self.merge_type(location, kind, sorted(fallback)))
        };
        for (why, group) in rivals {
            let rival = self.merge_type(location, kind, sorted(group));
            value = Some(match value {
                Some(value) => self.join(why, rival, value),
                None => rival,
            });
        }
        match value {
            Some(value) => value,
            None => Err(self.no_value(location)),
        }
    }

    /// The error of an option without a value.
    pub(crate) fn no_value(&mut self, location: &Location) -> UnknownId {
        self.unknown(Reason::NoDefinition(Rc::clone(location)))
    }

    /// Whether a value of that type holds parts, each of which can say that it may be missing.
    fn holds_parts(&mut self, kind: TypeId) -> bool {
        match self.type_of(kind).kind {
            Kind::List { .. }
            | Kind::Attributes { .. }
            | Kind::OpenAttributes(_)
            | Kind::AnyAttributes
            | Kind::Submodule(_)
            | Kind::DeferredModule { .. } => true,
            Kind::Checked(inner, _) | Kind::Unique(inner, _) => self.holds_parts(inner),
            _ => false,
        }
    }

    /// Whether a group is nothing but a default of `{ }` or `[ ]`, which adds nothing to a merge.
    fn is_empty_default(&mut self, group: &[Resolved]) -> bool {
        let [only] = group else { return false };
        if only.priority != Priority::Known(OPTION_DEFAULT_PRIORITY) {
            return false;
        }
        match self.force(only.value) {
            Ok(Value::Attrs(set)) => {
                let open = self.arena.attrs_data(set).open;
                self.arena.entries(set).is_empty() && open.is_none()
            }
            Ok(Value::List(list)) => self.arena.list_data(list).slots() == 0,
            _ => false,
        }
    }
}
