//! One option: its declarations, its definitions, and the value that they give.

use std::cell::OnceCell;
use std::rc::Rc;

use super::definition::{DEFAULT_ORDER, DEFAULT_PRIORITY, Definition, Discharged};
use super::level::Declaration;
use super::types::TypeId;
use super::{Location, OPTION_DEFAULT_PRIORITY, show_location};
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Eval, Position, Symbol, Thunk, UnknownId, Value, well_known,
};

/// An option that is declared.
#[derive(Debug)]
pub(crate) struct OptionNode {
    pub(crate) location: Location,
    pub(crate) declarations: Vec<Declaration>,
    /// Sets of options declared inside an option whose type is a submodule.
    pub(crate) nested: Vec<Declaration>,
    pub(crate) definitions: Vec<Definition>,
    /// The value in `config`.
    pub(crate) value: Thunk,
    merged: OnceCell<MergedDeclaration>,
}

/// The declarations of one option, merged.
#[derive(Debug, Clone, Copy)]
struct MergedDeclaration {
    set: AttrsId,
    kind: TypeId,
}

/// An attribute of an option that its winning definitions give.
type FromDefinitions = fn(&mut Evaluator, Vec<Resolved>) -> Value;

/// A definition with its properties taken off and its conditions decided.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub(crate) file: Rc<str>,
    pub(crate) value: Thunk,
    pub(crate) priority: i64,
    pub(crate) order: i64,
    pub(crate) maybe: Option<UnknownId>,
    pub(crate) position: Position,
}

impl Resolved {
    /// As a definition again, for a type that merges its parts.
    pub(crate) fn definition(&self, value: Thunk, position: Position) -> Definition {
        let mut definition = Definition::new(Rc::clone(&self.file), value, position);
        definition.maybe = self.maybe;
        definition
    }
}

/// One definition of an option, as it took part in the merge.
#[derive(Debug, Clone)]
pub struct DefinitionRecord {
    /// The file, as module messages name it.
    pub file: Rc<str>,
    /// Its value.
    pub value: Thunk,
    /// Its priority; lower wins.
    pub priority: i64,
    /// Why it may not be there.
    pub maybe: Option<UnknownId>,
    /// The binding that writes it.
    pub position: Position,
    /// Whether its priority is the one that wins.
    pub wins: bool,
}

/// What is known of an option, or of an element of one, beside its value.
#[derive(Debug, Clone)]
pub struct OptionRecord {
    /// Its path.
    pub location: Location,
    /// Its definitions, those that lost and the default included; none that is conditioned away.
    pub definitions: Vec<DefinitionRecord>,
    /// Whether a module declares it.
    pub declared: bool,
}

impl OptionRecord {
    /// The definitions that win.
    pub fn winners(&self) -> impl Iterator<Item = &DefinitionRecord> {
        self.definitions.iter().filter(|definition| definition.wins)
    }

    /// Whether nothing but the option's default defines it.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.winners()
            .all(|definition| definition.priority >= OPTION_DEFAULT_PRIORITY)
    }
}

impl OptionNode {
    pub(crate) fn new(
        evaluator: &mut Evaluator,
        location: Location,
        declarations: Vec<Declaration>,
        nested: Vec<Declaration>,
        definitions: Vec<Definition>,
    ) -> Rc<Self> {
        let cell: Rc<OnceCell<Rc<Self>>> = Rc::new(OnceCell::new());
        let shared = Rc::clone(&cell);
        let value = evaluator.arena.lazy(move |evaluator| match shared.get() {
            Some(node) => {
                let node = Rc::clone(node);
                evaluator.option_value(&node)
            }
            None => Err(evaluator.error("option is not set up")),
        });
        let node = Rc::new(Self {
            location,
            declarations,
            nested,
            definitions,
            value,
            merged: OnceCell::new(),
        });
        let _ = cell.set(Rc::clone(&node));
        node
    }

    /// Where the first definition was written.
    pub(crate) fn position(&self) -> Position {
        self.definitions
            .first()
            .map_or(Position::NONE, |definition| definition.position)
    }
}

impl Evaluator {
    /// What is known of the option whose `config` value `thunk` is.
    #[must_use]
    pub fn option_record(&self, thunk: Thunk) -> Option<Rc<OptionRecord>> {
        self.modules.records.get(&thunk).cloned()
    }

    fn merged_declaration(&mut self, node: &OptionNode) -> Eval<MergedDeclaration> {
        if let Some(merged) = node.merged.get() {
            return Ok(*merged);
        }
        let mut set: Option<AttrsId> = None;
        let mut kind: Option<TypeId> = None;
        for (file, declaration, _) in &node.declarations {
            let next = self.force_attrs(*declaration)?;
            if let Some(entry) = self.arena.attribute(next, well_known::OPTION_TYPE) {
                let declared = self.resolve_type(entry.value)?;
                kind = Some(match kind {
                    None => declared,
                    Some(before) => match self.merge_types(before, declared)? {
                        Some(merged) => merged,
                        None => {
                            let shown = show_location(&node.location);
                            return Err(self.error(format!(
                                "The option `{shown}' in `{file}' is already declared with another type."
                            )));
                        }
                    },
                });
            }
            if let Some(before) = set {
                for name in [
                    well_known::DEFAULT,
                    well_known::EXAMPLE,
                    well_known::DESCRIPTION,
                    well_known::APPLY,
                ] {
                    let both = self.arena.attribute(before, name).is_some()
                        && self.arena.attribute(next, name).is_some();
                    if both {
                        let shown = show_location(&node.location);
                        return Err(self.error(format!(
                            "The option `{shown}' in `{file}' is already declared."
                        )));
                    }
                }
            }
            set = Some(match set {
                None => next,
                Some(before) => self.update_sets(before, next),
            });
        }
        let mut kind = kind.unwrap_or(TypeId::UNSPECIFIED);
        if !node.nested.is_empty() {
            kind = self.nest_options(node, kind)?;
        }
        let merged = MergedDeclaration {
            set: set.unwrap_or(AttrsId(0)),
            kind,
        };
        Ok(*node.merged.get_or_init(|| merged))
    }

    /// Options declared inside an option: its type must be a submodule, which they extend.
    fn nest_options(&mut self, node: &OptionNode, kind: TypeId) -> Eval<TypeId> {
        let mut modules = Vec::new();
        for (file, options, _) in &node.nested {
            let file = self.string_thunk(file);
            let set = self.set_of(&[("_file", file), ("options", *options)]);
            modules.push(self.arena.ready(Value::Attrs(set)));
        }
        match self.extend_submodule(kind, modules) {
            Some(extended) => Ok(extended),
            None => {
                let shown = show_location(&node.location);
                Err(self.error(format!(
                    "The option `{shown}' is a prefix of other options, but its type does not support nested options"
                )))
            }
        }
    }

    /// The value of an option: its definitions merged, `apply` applied.
    pub(crate) fn option_value(&mut self, node: &Rc<OptionNode>) -> Eval<Value> {
        let merged = self.merged_declaration(node)?;
        let resolved = self.option_definitions(node, merged)?;
        let read_only = self.flag(merged.set, well_known::READ_ONLY)?;
        if read_only && resolved.iter().filter(|d| d.maybe.is_none()).count() > 1 {
            let shown = show_location(&node.location);
            return Err(self.error(format!(
                "The option `{shown}' is read-only, but it's set multiple times."
            )));
        }
        let value = self.merge_resolved(&node.location, merged.kind, resolved, Some(node.value))?;
        match self.arena.attribute(merged.set, well_known::APPLY) {
            Some(apply) => {
                let value = self.arena.ready(value);
                self.call(apply.value, value)
            }
            None => Ok(value),
        }
    }

    fn flag(&mut self, set: AttrsId, name: Symbol) -> Eval<bool> {
        match self.arena.attribute(set, name) {
            Some(entry) => match self.force(entry.value)? {
                Value::Bool(value) => Ok(value),
                _ => Ok(false),
            },
            None => Ok(false),
        }
    }

    fn option_definitions(
        &mut self,
        node: &OptionNode,
        merged: MergedDeclaration,
    ) -> Eval<Vec<Resolved>> {
        let mut definitions = Vec::new();
        if let Some(default) = self.arena.attribute(merged.set, well_known::DEFAULT) {
            let file = node
                .declarations
                .first()
                .map_or_else(|| Rc::from(""), |d| Rc::clone(&d.0));
            let mut definition = Definition::new(file, default.value, Position::NONE);
            definition.priority = Some(OPTION_DEFAULT_PRIORITY);
            definitions.push(definition);
        }
        definitions.extend(node.definitions.iter().cloned());
        Ok(self.resolve_definitions(definitions))
    }

    /// Takes the properties off definitions and drops those whose condition does not hold.
    pub(crate) fn resolve_definitions(&mut self, definitions: Vec<Definition>) -> Vec<Resolved> {
        let mut resolved = Vec::new();
        for definition in definitions {
            for (part, _) in self.discharge(definition) {
                if let Some(maybe) = self.decide(&part) {
                    resolved.push(Resolved {
                        priority: part.priority.unwrap_or(DEFAULT_PRIORITY),
                        order: part.order.unwrap_or(DEFAULT_ORDER),
                        file: part.file,
                        value: part.value,
                        maybe,
                        position: part.position,
                    });
                }
            }
        }
        resolved
    }

    /// Merges resolved definitions as `mergeDefinitions` does; remembers them for `target`.
    pub(crate) fn merge_resolved(
        &mut self,
        location: &Location,
        kind: TypeId,
        resolved: Vec<Resolved>,
        target: Option<Thunk>,
    ) -> Eval<Value> {
        let (winners, contested) = split_by_priority(&resolved);
        if let Some(target) = target {
            self.remember(location, &resolved, target, true);
        }
        if winners.is_empty() && contested.is_empty() {
            return match self.empty_value(kind)? {
                Some(value) => Ok(value),
                None => {
                    let shown = show_location(location);
                    Err(self.error(format!(
                        "The option `{shown}' was accessed but has no value defined. Try setting the option."
                    )))
                }
            };
        }
        if contested.is_empty() {
            return self.merge_sorted(location, kind, winners);
        }
        // Which priority wins is not decided.
        let why = contested.iter().find_map(|definition| definition.maybe);
        let certain = if winners.is_empty() {
            None
        } else {
            Some(self.merge_sorted(location, kind, winners))
        };
        let possible = self.merge_sorted(location, kind, contested);
        match (why, certain) {
            (Some(why), Some(certain)) => self.join(why, possible, certain),
            _ => possible,
        }
    }

    fn merge_sorted(
        &mut self,
        location: &Location,
        kind: TypeId,
        mut definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        definitions.sort_by_key(|definition| definition.order);
        self.merge_type(location, kind, definitions)
    }

    /// Keeps the definitions of an option, and says where its value was written.
    pub(crate) fn remember(
        &mut self,
        location: &Location,
        resolved: &[Resolved],
        target: Thunk,
        declared: bool,
    ) {
        let best = resolved
            .iter()
            .filter(|d| d.maybe.is_none())
            .map(|d| d.priority)
            .min()
            .unwrap_or(i64::MAX);
        let definitions: Vec<_> = resolved
            .iter()
            .map(|definition| DefinitionRecord {
                file: Rc::clone(&definition.file),
                value: definition.value,
                priority: definition.priority,
                maybe: definition.maybe,
                position: definition.position,
                wins: definition.priority <= best,
            })
            .collect();
        if let Some(winner) = definitions.iter().find(|definition| definition.wins) {
            let origin = self.arena.origin(winner.value);
            self.arena.set_origin(target, origin);
        }
        let location = Rc::clone(location);
        self.modules.records.insert(
            target,
            Rc::new(OptionRecord {
                location,
                definitions,
                declared,
            }),
        );
    }

    /// An option as it stands in `options`.
    pub(crate) fn option_set(&mut self, node: &Rc<OptionNode>) -> Eval<AttrsId> {
        let merged = self.merged_declaration(node)?;
        let mut builder = AttrsBuilder::new();
        for entry in self.arena.entries(merged.set).to_vec() {
            builder.push(entry);
        }
        let location: Vec<Thunk> = node
            .location
            .iter()
            .map(|name| self.string_thunk(name))
            .collect();
        let location = self.list(&location);
        let location = self.arena.ready(location);
        let kind = self.type_value(merged.kind);
        let declarations: Vec<Thunk> = node
            .declarations
            .iter()
            .map(|(file, ..)| self.string_thunk(file))
            .collect();
        let declarations = self.list(&declarations);
        let declarations = self.arena.ready(declarations);
        builder
            .insert(well_known::VALUE, node.value)
            .insert(well_known::LOCATION, location)
            .insert(well_known::OPTION_TYPE, kind)
            .insert(well_known::DECLARATIONS, declarations);
        let lazily: [(Symbol, FromDefinitions); 5] = [
            (well_known::DEFINITIONS, |e, d| {
                let values: Vec<_> = d.iter().map(|definition| definition.value).collect();
                e.list(&values)
            }),
            (well_known::FILES, |e, d| {
                let files: Vec<_> = d.iter().map(|d| e.string_thunk(&d.file)).collect();
                e.list(&files)
            }),
            (well_known::DEFINITIONS_WITH_LOCATIONS, |e, d| {
                let sets = e.definition_sets(&d);
                e.list(&sets)
            }),
            (well_known::IS_DEFINED, |_, d| Value::Bool(!d.is_empty())),
            (well_known::HIGHEST_PRIO, |_, d| {
                Value::Int(d.iter().map(|d| d.priority).min().unwrap_or(9999))
            }),
        ];
        for (name, compute) in lazily {
            let node = Rc::clone(node);
            let value = self.arena.lazy(move |evaluator| {
                let merged = evaluator.merged_declaration(&node)?;
                let resolved = evaluator.option_definitions(&node, merged)?;
                let (mut winners, contested) = split_by_priority(&resolved);
                if let Some(why) = contested.iter().find_map(|definition| definition.maybe) {
                    return Err(why);
                }
                if let Some(why) = winners.iter().find_map(|definition| definition.maybe) {
                    return Err(why);
                }
                winners.sort_by_key(|definition| definition.order);
                Ok(compute(evaluator, winners))
            });
            builder.insert(name, value);
        }
        Ok(self.arena.attrs(builder))
    }

    /// `{ file; value; }` for each definition.
    pub(crate) fn definition_sets(&mut self, definitions: &[Resolved]) -> Vec<Thunk> {
        definitions
            .iter()
            .map(|definition| {
                let file = self.string_thunk(&definition.file);
                let set = self.set_of(&[("file", file), ("value", definition.value)]);
                self.arena.ready(Value::Attrs(set))
            })
            .collect()
    }
}

/// The definitions that certainly win or tie, and the uncertain ones of a better priority.
fn split_by_priority(resolved: &[Resolved]) -> (Vec<Resolved>, Vec<Resolved>) {
    let certain = resolved
        .iter()
        .filter(|d| d.maybe.is_none())
        .map(|d| d.priority)
        .min();
    let best = match certain {
        Some(best) => best,
        // All are uncertain: those of the best priority count.
        None => resolved
            .iter()
            .map(|d| d.priority)
            .min()
            .unwrap_or(i64::MAX),
    };
    let winners = resolved
        .iter()
        .filter(|d| d.priority == best)
        .cloned()
        .collect();
    let contested = resolved
        .iter()
        .filter(|d| d.priority < best)
        .cloned()
        .collect();
    (winners, contested)
}

/// Unused parts of a discharged definition are what makes it known or not.
impl Discharged {
    /// Why the value is not known, if it is not.
    #[must_use]
    pub(crate) const fn unknown(&self) -> Option<UnknownId> {
        match self {
            Self::Unknown(why) => Some(*why),
            Self::Set(_) | Self::Other(_) => None,
        }
    }
}
