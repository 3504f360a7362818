//! Options that no module of the project declares: their definitions merge by their shape.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::definition::{Definition, Pushed};
use super::presence::Conditional;
use super::priority;
use super::resolved::Resolved;
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, Location, OptionState, Position, Presence, Reason, Symbol,
    Thunk, UnknownId, Value, child, well_known,
};

/// A definition of an undeclared option, its properties pushed down.
struct Part {
    definition: Definition,
    value: Pushed,
    /// Whether a priority is given to the option itself, not to a set that it is in.
    is_overridden_here: bool,
}

impl Evaluator {
    /// The entry of an undeclared option in `config`. What it may hold beside its definitions is
    /// not known, so a set stays open.
    pub(crate) fn structural_entry(
        &mut self,
        name: Symbol,
        location: Location,
        definitions: Vec<Definition>,
        default: Option<Thunk>,
    ) -> Entry {
        let position = definitions
            .first()
            .map_or(Position::NONE, |first| first.position);
        // Whether a condition holds is decided when the value is needed, not for its name.
        let is_conditional =
            default.is_none() && definitions.iter().all(Definition::is_conditional);
        let maybe =
            is_conditional.then(|| self.option_unknown(&location, OptionState::Conditional));
        let conditional = maybe.map(|why| Conditional {
            why,
            definitions: definitions.as_slice().into(),
        });
        let value = self.structural_thunk(location, definitions, default);
        if let Some(conditional) = conditional {
            self.modules_mut().conditional.insert(value, conditional);
        }
        Entry {
            name,
            value,
            position,
            maybe,
        }
    }

    /// Why nothing certain is known of an option.
    fn option_unknown(&mut self, location: &Location, state: OptionState) -> UnknownId {
        self.unknown(Reason::Option(Location::clone(location), state))
    }

    fn structural_thunk(
        &mut self,
        location: Location,
        definitions: Vec<Definition>,
        default: Option<Thunk>,
    ) -> Thunk {
        self.lazy_with_itself(move |evaluator, thunk| {
            evaluator.merge_structurally(&location, definitions, (thunk, default))
        })
    }

    /// Merges definitions of which no type is known, for a thunk; with what the option is without
    /// them, where that is known.
    pub(super) fn merge_structurally(
        &mut self,
        location: &Location,
        definitions: Vec<Definition>,
        (target, default): (Thunk, Option<Thunk>),
    ) -> Eval<Value> {
        self.check_depth(location)?;
        // Sets merge level by level, before any condition is evaluated.
        let mut parts = Vec::new();
        for definition in &definitions {
            let is_free = definition.outer_override().is_none();
            let pushed = self.push_down(definition).into_iter();
            parts.extend(pushed.map(|(part, value)| Part {
                is_overridden_here: is_free && part.outer_override().is_some(),
                definition: part,
                value,
            }));
        }
        let mergeable = |part: &Part| match part.value {
            Pushed::Set(set) => !self.is_opaque(set),
            Pushed::Unknown(_) => true,
            Pushed::Other(_) => false,
        };
        let is_set = |part: &Part| matches!(part.value, Pushed::Set(_));
        if parts.iter().all(mergeable) && parts.iter().any(is_set) {
            return self.merge_sets(location, parts, (target, default));
        }
        let mut resolved = Vec::new();
        for definition in definitions {
            self.resolve(definition, &mut resolved)?;
        }
        self.remember(location, &resolved, target, false);
        match default {
            Some(default) if resolved.is_empty() => self.default_value(default),
            _ => self.merge_scalars(location, resolved),
        }
    }

    fn merge_scalars(&mut self, location: &Location, resolved: Vec<Resolved>) -> Eval<Value> {
        if resolved.is_empty() {
            return Err(self.option_unknown(location, OptionState::OnlyDefault));
        }
        if let Some(list) = self.uncertain_definitions_list(&resolved)? {
            return Ok(list);
        }
        let winners = priority::candidates(resolved)?;
        self.merge_values(location, winners)
    }

    /// A list of elements that may be there, where every definition is a list that may be: what the
    /// list is without them is not known.
    fn uncertain_definitions_list(&mut self, resolved: &[Resolved]) -> Eval<Option<Value>> {
        let Some(why) = resolved.iter().find_map(|definition| definition.maybe) else {
            return Ok(None);
        };
        let first = resolved.first().map(|definition| definition.priority);
        for definition in resolved {
            let is_list = matches!(self.force(definition.value), Ok(Value::List(_)));
            if !is_list || definition.maybe.is_none() || Some(definition.priority) != first {
                return Ok(None);
            }
        }
        let mut items = self.elements_of(resolved)?;
        items.push((self.arena.failed(why), Presence::Many(why)));
        Ok(Some(Value::List(self.arena.list_of(&items))))
    }

    /// Sets that are a value of their own: derivations, functions, option types.
    fn is_opaque(&self, set: AttrsId) -> bool {
        [
            well_known::TYPE,
            well_known::OUT_PATH,
            well_known::DRV_PATH,
            well_known::FUNCTOR,
        ]
        .iter()
        .any(|name| self.arena.attribute(set, *name).is_some())
    }

    fn merge_sets(
        &mut self,
        location: &Location,
        parts: Vec<Part>,
        (target, default): (Thunk, Option<Thunk>),
    ) -> Eval<Value> {
        let outranked = self.outranked(location, &parts);
        let mut names: Vec<(Symbol, Vec<Definition>)> = Vec::new();
        let mut index: FxHashMap<Symbol, usize> = FxHashMap::default();
        let mut open = None;
        let mut resolved = Vec::new();
        for (index_of_part, part) in parts.into_iter().enumerate() {
            let (mut part, value) = (part.definition, part.value);
            if let Some((why, outranked)) = &outranked
                && outranked.contains(&index_of_part)
            {
                part.maybe = part.maybe.or(Some(*why));
            }
            resolved.push(Resolved {
                priority: self.outer_priority(&part),
                maybe: part.maybe,
                position: part.position,
                ..Resolved::plain(Rc::clone(&part.file), part.value)
            });
            match value {
                Pushed::Set(set) => {
                    open = open.or(self.arena.attrs_data(set).open);
                    for (name, inner) in self.entry_definitions(&part, set) {
                        let at = *index.entry(name).or_insert_with(|| {
                            names.push((name, Vec::new()));
                            names.len() - 1
                        });
                        if let Some((_, all)) = names.get_mut(at) {
                            all.push(inner);
                        }
                    }
                }
                Pushed::Unknown(why) => open = open.or(Some(why)),
                Pushed::Other(_) => {}
            }
        }
        self.remember(location, &resolved, target, false);
        let mut builder = AttrsBuilder::with_capacity(names.len());
        for (name, definitions) in names {
            let text = self.name(name);
            let below = default.and_then(|default| self.default_below(default, &text));
            let location = child(location, &text);
            builder.push(self.structural_entry(name, location, definitions, below));
        }
        let open = match open {
            Some(why) => why,
            None => self.option_unknown(location, OptionState::OpenBelow),
        };
        builder.open(open);
        let merged = self.arena.attrs(builder);
        self.fall_back(merged, default);
        Ok(Value::Attrs(merged))
    }

    /// The parts that another one with a better priority drops if the option is one of sets, which is not known: in a
    /// set of options each keeps its own.
    fn outranked(
        &mut self,
        location: &Location,
        parts: &[Part],
    ) -> Option<(UnknownId, Vec<usize>)> {
        // `services` and its kind are sets of options.
        if location.len() < 2 || !parts.iter().any(|part| part.is_overridden_here) {
            return None;
        }
        let priorities: Vec<Option<i64>> = { parts.iter() }
            .map(|part| self.outer_priority(&part.definition).known())
            .collect();
        let places = |index: usize| Some((parts.get(index)?, (*priorities.get(index)?)?));
        let loses = |index: usize| {
            let mut others = (0..parts.len()).filter_map(places);
            places(index).is_some_and(|(part, priority)| {
                others.any(|(other, better)| {
                    let is_here = part.is_overridden_here || other.is_overridden_here;
                    better < priority && is_here
                })
            })
        };
        let outranked: Vec<usize> = (0..parts.len()).filter(|index| loses(*index)).collect();
        if outranked.is_empty() {
            return None;
        }
        let why = self.option_unknown(location, OptionState::Uncertain);
        Some((why, outranked))
    }

    /// The value of definitions of one priority, at least one of which is certain.
    fn merge_values(&mut self, location: &Location, winners: Vec<Resolved>) -> Eval<Value> {
        let mut values = Vec::new();
        let mut unknown: Option<UnknownId> = None;
        for definition in &winners {
            match self.force(definition.value) {
                Ok(value) => values.push((value, definition.maybe)),
                Err(why) => unknown = Some(why),
            }
        }
        let is_list = |(value, _): &(Value, Option<UnknownId>)| matches!(value, Value::List(_));
        if !values.is_empty() && values.iter().all(is_list) {
            let items = self.elements_of(&winners)?;
            return Ok(Value::List(self.arena.list_of(&items)));
        }
        if let Some(why) = unknown {
            return Err(why);
        }
        let mut certain = values
            .iter()
            .filter(|(_, maybe)| maybe.is_none())
            .map(|(value, _)| *value);
        let Some(first) = certain.next() else {
            return Err(self.option_unknown(location, OptionState::Uncertain));
        };
        let others: Vec<Value> = certain.collect();
        for other in others {
            if !self.equal(first, other)? {
                // Perhaps text that is joined line by line.
                return Err(self.option_unknown(location, OptionState::SeveralDefinitions));
            }
        }
        // One that may be there and differs is joined to it, or cannot be.
        for (value, maybe) in &values {
            if let Some(why) = maybe
                && !matches!(self.equal(first, *value), Ok(true))
                && matches!(value, Value::String(_))
            {
                return Err(*why);
            }
        }
        Ok(first)
    }

    fn elements_of(&mut self, definitions: &[Resolved]) -> Eval<Vec<(Thunk, Presence)>> {
        let mut items = Vec::new();
        for definition in definitions {
            let value = self.force(definition.value);
            for (item, presence) in self.concat_operand(value)? {
                let presence = match (presence, definition.maybe) {
                    (Presence::Certain, Some(why)) => Presence::Maybe(why),
                    (presence, _) => presence,
                };
                items.push((item, presence));
            }
        }
        Ok(items)
    }
}
