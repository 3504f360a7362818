//! `valueMeta`: what a type knows of a value beside it.

use std::rc::Rc;

use super::kind::{Kind, TypeId};
use crate::eval::Evaluator;
use crate::modules::resolved::Resolved;
use crate::value::Location;
use crate::value::{AttrsBuilder, AttrsId, Entry, Eval, Position, Value};

impl Evaluator {
    /// Whether a type knows anything of its values beside them.
    pub(crate) fn has_meta(&mut self, id: TypeId) -> bool {
        match &self.type_of(id).kind {
            Kind::Attributes { .. }
            | Kind::OpenAttributes(_)
            | Kind::List { .. }
            | Kind::Submodule(_)
            | Kind::Either(..)
            | Kind::Custom(_) => true,
            Kind::Unique(inner, _)
            | Kind::Checked(inner, _)
            | Kind::Coerced { to: inner, .. }
            | Kind::NullOr(inner) => self.has_meta(*inner),
            _ => false,
        }
    }

    /// What a type knows of a merged value: of a submodule its evaluation, of lists and sets what
    /// is known of each element.
    pub(crate) fn value_meta(
        &mut self,
        location: &Location,
        id: TypeId,
        value: Value,
        definitions: &[Resolved],
    ) -> Eval<AttrsId> {
        let known = self.type_of(id);
        match (&known.kind, value) {
            (
                Kind::Attributes { element, .. } | Kind::OpenAttributes(element),
                Value::Attrs(set),
            ) => {
                let entries = self.arena.entries(set).to_vec();
                let mut builder = AttrsBuilder::with_capacity(entries.len());
                for entry in entries {
                    let value = self.element_meta(*element, entry.value);
                    builder.push(Entry {
                        value,
                        position: Position::NONE,
                        ..entry
                    });
                }
                if let Some(why) = self.arena.attrs_data(set).open {
                    builder.open(why);
                }
                let attributes = self.arena.attrs(builder);
                let attributes = self.arena.ready(Value::Attrs(attributes));
                Ok(self.set_of(&[("attrs", attributes)]))
            }
            (Kind::List { element, .. }, Value::List(list)) => {
                let items: Vec<_> = self
                    .arena
                    .list_items(list)
                    .into_iter()
                    .map(|(item, presence)| (self.element_meta(*element, item), presence))
                    .collect();
                let list = self.arena.list_of(&items);
                let list = self.arena.ready(Value::List(list));
                Ok(self.set_of(&[("list", list)]))
            }
            (Kind::Submodule(_), Value::Attrs(set)) => {
                let Some(id) = self.modules().config_sets.get(&set).copied() else {
                    return Ok(AttrsId(0));
                };
                let Some(configuration) = self.configuration_of(id) else {
                    return Ok(AttrsId(0));
                };
                let evaluation = self.configuration_value(&configuration);
                let evaluation = self.arena.ready(evaluation);
                Ok(self.set_of(&[("configuration", evaluation)]))
            }
            (
                Kind::Unique(inner, _) | Kind::Checked(inner, _) | Kind::Coerced { to: inner, .. },
                _,
            ) => self.value_meta(location, *inner, value, definitions),
            (Kind::NullOr(inner), value) if value != Value::Null => {
                self.value_meta(location, *inner, value, definitions)
            }
            (Kind::Either(a, b), _) => {
                let thunk = self.arena.ready(value);
                let chosen = if self.accepts(*a, thunk)? { *a } else { *b };
                self.value_meta(location, chosen, value, definitions)
            }
            (Kind::Custom(custom), _) => match self.custom_meta(location, *custom, definitions)? {
                Some(Value::Attrs(set)) => Ok(set),
                _ => match custom.base {
                    Some(base) => self.value_meta(location, base, value, definitions),
                    None => Ok(AttrsId(0)),
                },
            },
            _ => Ok(AttrsId(0)),
        }
    }

    fn element_meta(&mut self, element: TypeId, value: crate::value::Thunk) -> crate::value::Thunk {
        self.lazy(move |evaluator| {
            let record = evaluator.option_record(value);
            let forced = evaluator.force(value)?;
            // Evaluating it is what gives it a record.
            let record = record.or_else(|| evaluator.option_record(value));
            let (location, definitions) = match record {
                Some(record) => {
                    let plain = |d: &crate::modules::record::DefinitionRecord| {
                        Resolved::plain(Rc::clone(&d.file), d.value)
                    };
                    (
                        Rc::clone(&record.location),
                        record.winners().map(plain).collect(),
                    )
                }
                None => (Location::from([]), Vec::new()),
            };
            let meta = evaluator.value_meta(&location, element, forced, &definitions)?;
            Ok(Value::Attrs(meta))
        })
    }
}
