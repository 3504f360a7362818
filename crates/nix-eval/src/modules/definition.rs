//! Definitions and their properties: `mkIf`, `mkMerge`, `mkOverride`, `mkOrder`, `mkDefinition`.

use std::rc::Rc;

use super::resolved::{Priority, Resolved};
use crate::eval::Evaluator;
use crate::value::{
    AttrsId, Entry, Eval, Position, Presence, Reason, Symbol, Thunk, UnknownId, Value, well_known,
};

/// A property that stood around a set and now stands around each of its attributes.
#[derive(Debug, Clone, Copy)]
enum Property {
    /// `mkIf`, by its condition.
    If(Thunk),
    /// `mkOverride`, by its priority.
    Override(Thunk),
}

/// Properties around a value, the innermost first.
#[derive(Debug, Clone)]
struct Properties(Option<Rc<(Property, Properties)>>);

impl Properties {
    const NONE: Self = Self(None);

    fn around(&self, inner: Property) -> Self {
        Self(Some(Rc::new((inner, self.clone()))))
    }

    fn outermost_first(&self) -> Vec<Property> {
        let mut properties = Vec::new();
        let mut next = self;
        while let Self(Some(link)) = next {
            properties.push(link.0);
            next = &link.1;
        }
        properties.reverse();
        properties
    }
}

impl Drop for Properties {
    /// Link by link: a program makes as many of them as it likes, and Rust would recurse.
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(link) = next {
            next = Rc::try_unwrap(link)
                .ok()
                .and_then(|(_, mut rest)| rest.0.take());
        }
    }
}

/// One definition of an option, or of what is still above options.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The file that it stands in, as module messages name it.
    pub file: Rc<str>,
    /// Its value. Properties that are part of it are not taken off yet.
    pub value: Thunk,
    /// Properties that apply to it from further out.
    properties: Properties,
    /// Why it may not be there, apart from its conditions.
    pub maybe: Option<UnknownId>,
    /// The binding that writes it.
    pub position: Position,
}

impl Resolved {
    /// As a definition of a part of it.
    pub(crate) fn part(&self, value: Thunk, position: Position) -> Definition {
        let mut definition = Definition::new(Rc::clone(&self.file), value, position);
        definition.maybe = self.maybe;
        definition
    }
}

impl Definition {
    pub(crate) const fn new(file: Rc<str>, value: Thunk, position: Position) -> Self {
        Self {
            file,
            value,
            properties: Properties::NONE,
            maybe: None,
            position,
        }
    }

    /// The definition of one attribute in a set that this definition is.
    fn of_entry(&self, entry: Entry) -> Self {
        Self {
            file: Rc::clone(&self.file),
            value: entry.value,
            properties: self.properties.clone(),
            maybe: self.maybe.or(entry.maybe),
            position: if entry.position == Position::NONE {
                self.position
            } else {
                entry.position
            },
        }
    }

    /// Whether something from further out decides that it is there at all.
    pub(crate) fn is_conditional(&self) -> bool {
        let conditional = |property: &Property| matches!(property, Property::If(_));
        self.maybe.is_some() || self.properties.outermost_first().iter().any(conditional)
    }

    /// The conditions from further out, the outermost first.
    pub(super) fn conditions(&self) -> impl Iterator<Item = Thunk> + use<> {
        let properties = self.properties.outermost_first();
        properties
            .into_iter()
            .filter_map(|property| match property {
                Property::If(condition) => Some(condition),
                Property::Override(_) => None,
            })
    }

    /// The priority that a `mkOverride` further out gives, if there is one.
    pub(super) fn outer_override(&self) -> Option<Thunk> {
        self.properties
            .outermost_first()
            .into_iter()
            .find_map(|property| match property {
                Property::Override(priority) => Some(priority),
                Property::If(_) => None,
            })
    }
}

/// What a definition of a set is, once its properties are moved to the attributes.
pub(crate) enum Pushed {
    /// A set.
    Set(AttrsId),
    /// Another value.
    Other(Value),
    /// Not known: it may be anything, properties included.
    Unknown(UnknownId),
}

/// The properties that a set can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Merge,
    If,
    Override,
    Order,
    Definition,
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

    pub(super) fn property_tag(&mut self, set: AttrsId) -> Option<Tag> {
        match &*self.type_tag(set).ok()?? {
            "merge" => Some(Tag::Merge),
            "if" => Some(Tag::If),
            "override" => Some(Tag::Override),
            "order" => Some(Tag::Order),
            "definition" => Some(Tag::Definition),
            _ => None,
        }
    }

    /// An attribute of a property; a failing thunk where it is missing.
    pub(super) fn property_field(&mut self, set: AttrsId, name: Symbol) -> Thunk {
        match self.arena.attribute(set, name) {
            Some(entry) => entry.value,
            None => {
                let name = self.name(name);
                let why = self.unknown(Reason::MissingAttribute(name));
                self.arena.failed(why)
            }
        }
    }

    /// The parts of a `mkMerge`, in order, each with why it may not be there.
    pub(super) fn merged_contents(
        &mut self,
        set: AttrsId,
    ) -> Eval<Vec<(Thunk, Option<UnknownId>)>> {
        let contents = self.property_field(set, well_known::CONTENTS);
        let list = self.force_list(contents)?;
        let items = self.arena.list_items(list);
        Ok(items
            .into_iter()
            .map(|(item, presence)| match presence {
                Presence::Certain => (item, None),
                Presence::Maybe(why) | Presence::Many(why) => (item, Some(why)),
            })
            .collect())
    }

    /// Moves the properties around a definition's set to the attributes in it: the definitions of
    /// each set that is left. No condition is evaluated.
    pub(crate) fn push_down(&mut self, definition: &Definition) -> Vec<(Definition, Pushed)> {
        let mut done = Vec::new();
        let mut pending = vec![definition.clone()];
        let mut made = 0;
        while let Some(mut definition) = pending.pop() {
            // A `mkMerge` or `mkIf` that contains itself has no end.
            let size = (done.len() + pending.len() + made) as u64;
            if let Err(why) = self.check_size(size) {
                done.push((definition, Pushed::Unknown(why)));
                break;
            }
            let set = match self.force(definition.value) {
                Ok(Value::Attrs(set)) => set,
                Ok(other) => {
                    done.push((definition, Pushed::Other(other)));
                    continue;
                }
                Err(why) => {
                    done.push((definition, Pushed::Unknown(why)));
                    continue;
                }
            };
            let property = match self.property_tag(set) {
                Some(Tag::Merge) => {
                    match self.merged_contents(set) {
                        // The stack gives them back in order.
                        Ok(parts) => {
                            pending.extend(parts.into_iter().rev().map(|(part, maybe)| {
                                let mut inner = definition.clone();
                                inner.value = part;
                                inner.maybe = inner.maybe.or(maybe);
                                inner
                            }))
                        }
                        Err(why) => done.push((definition, Pushed::Unknown(why))),
                    }
                    continue;
                }
                Some(Tag::If) => Property::If(self.property_field(set, well_known::CONDITION)),
                Some(Tag::Override) => {
                    Property::Override(self.property_field(set, well_known::PRIORITY))
                }
                Some(Tag::Order | Tag::Definition) | None => {
                    done.push((definition, Pushed::Set(set)));
                    continue;
                }
            };
            definition.value = self.property_field(set, well_known::CONTENT);
            definition.properties = definition.properties.around(property);
            made += 1;
            pending.push(definition);
        }
        done
    }

    /// The definitions of the attributes of a set of definitions, by name.
    pub(crate) fn entry_definitions(
        &self,
        definition: &Definition,
        set: AttrsId,
    ) -> impl Iterator<Item = (Symbol, Definition)> {
        self.arena
            .entries(set)
            .iter()
            .map(|entry| (entry.name, definition.of_entry(*entry)))
    }

    /// Takes the properties off a definition and drops what is conditioned away, as Nix does for an
    /// option: conditions and merges, then one priority, then one order.
    pub(crate) fn resolve(&mut self, definition: Definition, out: &mut Vec<Resolved>) -> Eval<()> {
        let mut resolved = Resolved {
            file: Rc::clone(&definition.file),
            value: definition.value,
            priority: Priority::DEFAULT,
            order: super::resolved::DEFAULT_ORDER,
            maybe: definition.maybe,
            position: definition.position,
        };
        let properties = definition.properties.outermost_first();
        for (index, property) in properties.iter().enumerate() {
            match property {
                Property::If(condition) => {
                    if !self.holds(*condition, &mut resolved.maybe)? {
                        return Ok(());
                    }
                }
                Property::Override(priority) => {
                    resolved.priority = self.priority(*priority)?;
                    let inner = properties.get(index + 1..).unwrap_or_default();
                    if inner.is_empty() {
                        resolved = self.strip_order(resolved);
                    } else {
                        // Nix looks no deeper: the value is the property itself.
                        resolved.value = self.wrapped(inner, resolved.value);
                    }
                    out.push(resolved);
                    return Ok(());
                }
            }
        }
        self.resolve_value(resolved, out)
    }

    /// The same for a value that nothing applies to from further out.
    fn resolve_value(&mut self, resolved: Resolved, out: &mut Vec<Resolved>) -> Eval<()> {
        let mut pending = vec![resolved];
        while let Some(mut part) = pending.pop() {
            self.check_size((pending.len() + out.len()) as u64)?;
            let tag = match self.force(part.value) {
                Ok(Value::Attrs(set)) => self.property_tag(set).map(|tag| (tag, set)),
                // As in Nix, which looks at every definition for its properties.
                Err(why)
                    if self.is_error(why) && part.maybe.is_none() && !self.modules().is_lenient =>
                {
                    return Err(why);
                }
                _ => None,
            };
            match tag {
                Some((Tag::Merge, set)) => match self.merged_contents(set) {
                    Ok(parts) => pending.extend(parts.into_iter().rev().map(|(value, maybe)| {
                        let mut inner = part.clone();
                        inner.value = value;
                        inner.maybe = inner.maybe.or(maybe);
                        inner
                    })),
                    Err(why) => {
                        part.value = self.arena.failed(why);
                        out.push(part);
                    }
                },
                Some((Tag::If, set)) => {
                    let condition = self.property_field(set, well_known::CONDITION);
                    if self.holds(condition, &mut part.maybe)? {
                        part.value = self.property_field(set, well_known::CONTENT);
                        pending.push(part);
                    }
                }
                Some((Tag::Definition, set)) => {
                    let part = self.placed(part, set)?;
                    let part = self.strip_override(part)?;
                    out.push(self.strip_order(part));
                }
                Some((Tag::Override | Tag::Order, _)) => {
                    let part = self.strip_override(part)?;
                    out.push(self.strip_order(part));
                }
                None => out.push(part),
            }
        }
        Ok(())
    }

    /// Goes into `mkDefinition { file; value; }`.
    fn placed(&mut self, mut part: Resolved, set: AttrsId) -> Eval<Resolved> {
        if let Some(entry) = self.arena.attribute(set, well_known::SOURCE_FILE) {
            let file = self.force(entry.value)?;
            let file = self.coerce(file, crate::eval::Coercion::ToString)?;
            part.file = self.expect_text(file)?;
        }
        part.value = self.property_field(set, well_known::VALUE);
        Ok(part)
    }

    fn strip_override(&mut self, mut part: Resolved) -> Eval<Resolved> {
        if let Ok(Value::Attrs(set)) = self.force(part.value)
            && self.property_tag(set) == Some(Tag::Override)
        {
            let priority = self.property_field(set, well_known::PRIORITY);
            part.priority = self.priority(priority)?;
            part.value = self.property_field(set, well_known::CONTENT);
        }
        Ok(part)
    }

    fn strip_order(&mut self, mut part: Resolved) -> Resolved {
        if let Ok(Value::Attrs(set)) = self.force(part.value)
            && self.property_tag(set) == Some(Tag::Order)
        {
            let order = self.property_field(set, well_known::PRIORITY);
            // An order that is not known is taken for the usual one.
            part.order = self.force_int(order).unwrap_or(part.order);
            part.value = self.property_field(set, well_known::CONTENT);
        }
        part
    }

    /// Whether a condition holds, as far as is known; `maybe` says why it may not.
    fn holds(&mut self, condition: Thunk, maybe: &mut Option<UnknownId>) -> Eval<bool> {
        match self.force_bool(condition) {
            Ok(holds) => Ok(holds),
            Err(why) => {
                self.tolerate(why)?;
                self.note_property(condition, why);
                maybe.get_or_insert(why);
                Ok(true)
            }
        }
    }

    fn priority(&mut self, priority: Thunk) -> Eval<Priority> {
        match self.force_int(priority) {
            Ok(priority) => Ok(Priority::Known(priority)),
            Err(why) => {
                self.tolerate(why)?;
                Ok(Priority::Unknown(why))
            }
        }
    }

    /// Passes an error on, unless some configuration is an open world: there one broken definition
    /// must not hide the others, and the error is kept as a problem.
    pub(crate) fn tolerate(&mut self, why: UnknownId) -> Eval<()> {
        if self.is_error(why) {
            if !self.modules().is_lenient {
                return Err(why);
            }
            self.modules_mut().problems.push(why);
        }
        Ok(())
    }

    /// Resolves many definitions.
    pub(crate) fn resolve_all(&mut self, definitions: &[Definition]) -> Eval<Vec<Resolved>> {
        let mut resolved = Vec::with_capacity(definitions.len());
        for definition in definitions {
            self.resolve(definition.clone(), &mut resolved)?;
        }
        Ok(resolved)
    }

    /// A definition's value with the properties that apply to it from further out.
    pub(crate) fn with_properties(&mut self, definition: &Definition) -> Thunk {
        let properties = definition.properties.outermost_first();
        self.wrapped(&properties, definition.value)
    }

    fn wrapped(&mut self, properties: &[Property], value: Thunk) -> Thunk {
        let origin = self.arena.origin(value);
        let mut value = value;
        for property in properties.iter().rev() {
            let (kind, field, argument) = match property {
                Property::If(condition) => ("if", "condition", *condition),
                Property::Override(priority) => ("override", "priority", *priority),
            };
            let kind = self.string_thunk(kind);
            let set = self.set_of(&[("_type", kind), (field, argument), ("content", value)]);
            value = self.arena.ready(Value::Attrs(set));
            self.arena.set_origin(value, origin);
        }
        value
    }

    /// The priority that a property from further out gives a definition.
    pub(crate) fn outer_priority(&mut self, definition: &Definition) -> Priority {
        let Some(priority) = definition.outer_override() else {
            return Priority::DEFAULT;
        };
        match self.force_int(priority) {
            Ok(priority) => Priority::Known(priority),
            Err(why) => Priority::Unknown(why),
        }
    }
}
