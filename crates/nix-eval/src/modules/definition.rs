//! Definitions and their properties: `mkIf`, `mkMerge`, `mkOverride`, `mkOrder`.

use std::rc::Rc;

use crate::eval::Evaluator;
use crate::value::{AttrsId, Entry, Eval, Position, Presence, Thunk, UnknownId, Value, well_known};

/// The priority of a definition without `mkOverride`. Lower wins.
pub const DEFAULT_PRIORITY: i64 = 100;
/// The priority of an option's own default.
pub const OPTION_DEFAULT_PRIORITY: i64 = 1500;
/// The order of a definition without `mkOrder`. Lower comes first.
pub(crate) const DEFAULT_ORDER: i64 = 1000;

/// A chain of conditions that all must hold, the innermost first.
#[derive(Debug, Clone)]
pub(crate) struct Conditions(Option<Rc<(Thunk, Conditions)>>);

impl Conditions {
    pub(crate) const NONE: Self = Self(None);

    fn and(&self, condition: Thunk) -> Self {
        Self(Some(Rc::new((condition, self.clone()))))
    }
}

/// One definition of an option, or of what is still above options.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The file that it stands in, as module messages name it.
    pub file: Rc<str>,
    /// Its value; its own properties are not taken off yet.
    pub value: Thunk,
    /// The conditions around it.
    pub(crate) conditions: Conditions,
    /// The priority that a `mkOverride` around it gives.
    pub priority: Option<i64>,
    /// The order that a `mkOrder` around it gives.
    pub order: Option<i64>,
    /// Why it may not be there, apart from its conditions.
    pub maybe: Option<UnknownId>,
    /// The binding that writes it.
    pub position: Position,
}

impl Definition {
    pub(crate) const fn new(file: Rc<str>, value: Thunk, position: Position) -> Self {
        Self {
            file,
            value,
            conditions: Conditions::NONE,
            priority: None,
            order: None,
            maybe: None,
            position,
        }
    }
}

impl Definition {
    /// Whether a condition decides that it is there at all.
    pub(crate) fn is_conditional(&self) -> bool {
        self.maybe.is_some() || self.conditions.0.is_some()
    }
}

/// What a definition's value is, once its own properties are taken off.
pub(crate) enum Discharged {
    /// A set without property tag.
    Set(AttrsId),
    /// Any other value.
    Other(Value),
    /// Not known: it may be anything, properties included.
    Unknown(UnknownId),
}

/// The properties that a set can be.
enum Property {
    Merge,
    If,
    Override,
    Order,
}

impl Evaluator {
    /// `_type` of a set, if it is a string.
    pub(crate) fn type_tag(&mut self, set: AttrsId) -> Eval<Option<Rc<str>>> {
        let Some(entry) = self.arena.attribute(set, well_known::TYPE) else {
            return Ok(None);
        };
        match self.force(entry.value)? {
            Value::String(id) => Ok(self.arena.text(id).cloned()),
            _ => Ok(None),
        }
    }

    fn property_of(&mut self, set: AttrsId) -> Option<Property> {
        let tag = self.type_tag(set).ok()??;
        match &*tag {
            "merge" => Some(Property::Merge),
            "if" => Some(Property::If),
            "override" => Some(Property::Override),
            "order" => Some(Property::Order),
            _ => None,
        }
    }

    fn tagged(&self, set: AttrsId, name: crate::value::Symbol) -> Option<Entry> {
        self.arena.attribute(set, name)
    }

    /// Takes the properties off a definition: one definition for each value behind them, with the
    /// conditions, priority and order that apply to it. No condition is evaluated.
    pub(crate) fn discharge(&mut self, definition: Definition) -> Vec<(Definition, Discharged)> {
        let mut done = Vec::new();
        let mut pending = vec![definition];
        while let Some(mut definition) = pending.pop() {
            let value = match self.force(definition.value) {
                Ok(value) => value,
                Err(why) => {
                    done.push((definition, Discharged::Unknown(why)));
                    continue;
                }
            };
            let Value::Attrs(set) = value else {
                done.push((definition, Discharged::Other(value)));
                continue;
            };
            match self.property_of(set) {
                None => done.push((definition, Discharged::Set(set))),
                Some(Property::Merge) => {
                    let contents = self.tagged(set, well_known::CONTENTS).map(|e| e.value);
                    let items = match contents.map(|contents| self.force_list(contents)) {
                        Some(Ok(list)) => self.arena.list_items(list),
                        Some(Err(why)) => {
                            done.push((definition, Discharged::Unknown(why)));
                            continue;
                        }
                        None => Vec::new(),
                    };
                    // The stack gives them back in order.
                    for (item, presence) in items.into_iter().rev() {
                        let mut part = definition.clone();
                        part.value = item;
                        if let Presence::Maybe(why) | Presence::Many(why) = presence {
                            part.maybe = part.maybe.or(Some(why));
                        }
                        pending.push(part);
                    }
                }
                Some(Property::If) => {
                    let condition = self.tagged(set, well_known::CONDITION);
                    let content = self.tagged(set, well_known::CONTENT);
                    if let (Some(condition), Some(content)) = (condition, content) {
                        definition.conditions = definition.conditions.and(condition.value);
                        definition.value = content.value;
                        pending.push(definition);
                    }
                }
                Some(Property::Override) => {
                    self.enter(&mut definition, set, |definition, priority| {
                        definition.priority.get_or_insert(priority);
                    });
                    pending.push(definition);
                }
                Some(Property::Order) => {
                    self.enter(&mut definition, set, |definition, order| {
                        definition.order.get_or_insert(order);
                    });
                    pending.push(definition);
                }
            }
        }
        done
    }

    /// Goes into `{ priority; content; }`.
    fn enter(
        &mut self,
        definition: &mut Definition,
        set: AttrsId,
        apply: impl Fn(&mut Definition, i64),
    ) {
        let priority = self
            .tagged(set, well_known::PRIORITY)
            .map(|entry| entry.value);
        match priority.map(|priority| self.force_int(priority)) {
            Some(Ok(priority)) => apply(definition, priority),
            Some(Err(why)) => definition.maybe = definition.maybe.or(Some(why)),
            None => {}
        }
        match self.tagged(set, well_known::CONTENT) {
            Some(content) => definition.value = content.value,
            None => {
                let why = self.error("attribute 'content' missing");
                definition.value = self.arena.failed(why);
            }
        }
    }

    /// Whether a definition's conditions hold: `None` if one certainly does not, else why it may
    /// not be there, if so.
    pub(crate) fn decide(&mut self, definition: &Definition) -> Option<Option<UnknownId>> {
        let mut maybe = definition.maybe;
        let mut conditions = Vec::new();
        let mut next = &definition.conditions;
        while let Conditions(Some(link)) = next {
            conditions.push(link.0);
            next = &link.1;
        }
        // The outermost first, as Nix evaluates them.
        for condition in conditions.into_iter().rev() {
            match self.force_bool(condition) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(why) => {
                    maybe = maybe.or(Some(why));
                }
            }
        }
        Some(maybe)
    }

    /// The definitions of each name in a set of definitions whose values are sets.
    pub(crate) fn definition_of_entry(definition: &Definition, entry: Entry) -> Definition {
        Definition {
            file: Rc::clone(&definition.file),
            value: entry.value,
            conditions: definition.conditions.clone(),
            priority: definition.priority,
            order: None,
            maybe: definition.maybe.or(entry.maybe),
            position: if entry.position == Position::NONE {
                definition.position
            } else {
                entry.position
            },
        }
    }
}
