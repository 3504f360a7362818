//! One level of the option tree: what is declared and what is defined in one attribute set.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::definition::{Definition, Pushed};
use super::definitions::{Declaration, Definitions, DefinitionsByName, Source};
use super::id::ConfigurationId;
use super::lazy::Lazy;
use super::option::OptionNode;
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, Location, Position, Symbol, Thunk, UnknownId, Value, child,
    show_location,
};

/// A level of the option tree.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) configuration: ConfigurationId,
    pub(crate) location: Location,
    /// Whether it is the top of its configuration.
    pub(crate) is_root: bool,
    declarations: Vec<Declaration>,
    pub(crate) definitions: Rc<Definitions>,
    /// Why there may be more than the project shows.
    pub(crate) open: Option<UnknownId>,
    declared: Lazy<Rc<[Rc<Declared>]>>,
    pub(crate) config: Lazy<AttrsId>,
    options: Lazy<AttrsId>,
}

/// A name that modules declare: an option, or a level of them.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) name: Symbol,
    configuration: ConfigurationId,
    level: Location,
    declarations: Vec<Declaration>,
    /// The definitions of the level that it is in.
    definitions: Rc<Definitions>,
    open: Option<UnknownId>,
    node: Lazy<Node>,
    /// Its value in `config`.
    pub(crate) value: Thunk,
}

/// What a declared name is.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Option(Rc<OptionNode>),
    Level(Rc<Level>),
    /// Its declarations are not known: its definitions merge by their shape.
    Unknown(Location, UnknownId),
}

impl Declared {
    /// Why it may not be declared at all.
    pub(crate) fn maybe(&self) -> Option<UnknownId> {
        self.declarations
            .iter()
            .map(|declaration| declaration.maybe)
            .reduce(|a, b| a.and(b))
            .flatten()
    }

    /// Its location.
    pub(crate) fn location(&self, evaluator: &Evaluator) -> Location {
        child(&self.level, &evaluator.name(self.name))
    }
}

impl Level {
    pub(crate) fn new(
        configuration: ConfigurationId,
        location: Location,
        is_root: bool,
        declarations: Vec<Declaration>,
        definitions: Rc<Definitions>,
        open: Option<UnknownId>,
    ) -> Rc<Self> {
        Rc::new(Self {
            configuration,
            location,
            is_root,
            declarations,
            definitions,
            open,
            declared: Lazy::new(),
            config: Lazy::new(),
            options: Lazy::new(),
        })
    }
}

impl Evaluator {
    // Definitions

    /// The definitions of a level by attribute. Conditions are not evaluated for it, only what they
    /// guard.
    pub(crate) fn definitions_by_name(
        &mut self,
        definitions: &Rc<Definitions>,
    ) -> Eval<Rc<DefinitionsByName>> {
        definitions.by_name.get(self, |evaluator| {
            evaluator.sort_by_name(definitions).map(Rc::new)
        })
    }

    /// The definitions of one attribute of a level.
    pub(crate) fn definitions_of(
        &mut self,
        definitions: &Rc<Definitions>,
        name: Symbol,
    ) -> Eval<Rc<[Definition]>> {
        let by_name = self.definitions_by_name(definitions)?;
        Ok(by_name.of(self, name))
    }

    fn sort_by_name(&mut self, definitions: &Rc<Definitions>) -> Eval<DefinitionsByName> {
        let raw = match &definitions.source {
            Source::Modules(definitions) => Rc::clone(definitions),
            Source::Attribute(above, name) => self.definitions_of(above, *name)?,
        };
        let mut named: FxHashMap<Symbol, Vec<Definition>> = FxHashMap::default();
        let mut sorted = DefinitionsByName::default();
        for definition in raw.iter() {
            for (definition, value) in self.push_down(definition) {
                let why = match value {
                    Pushed::Set(set) => {
                        sorted.open = sorted.open.or(self.arena.attrs_data(set).open);
                        for (name, inner) in self.entry_definitions(&definition, set) {
                            let list = named.entry(name).or_insert_with(|| {
                                sorted.names.push(name);
                                Vec::new()
                            });
                            list.push(inner);
                        }
                        continue;
                    }
                    Pushed::Unknown(why) => {
                        self.tolerate(why)?;
                        why
                    }
                    Pushed::Other(Value::External(external)) => self.external_unknown(external),
                    Pushed::Other(other) => {
                        return Err(self.not_a_set(&definitions.location, &definition, other));
                    }
                };
                sorted.open = sorted.open.or(Some(why));
                // A module that is not known is the open world; it is not taken to redefine
                // everything. A set that is not known may well define what it is there for.
                if !definitions.location.is_empty() && !self.is_error(why) {
                    sorted.unknown.push((definition, why));
                }
            }
        }
        sorted.named = named
            .into_iter()
            .map(|(name, all)| (name, Rc::from(all)))
            .collect();
        Ok(sorted)
    }

    fn not_a_set(
        &mut self,
        location: &Location,
        definition: &Definition,
        value: Value,
    ) -> UnknownId {
        let shown = show_location(location);
        let kind = super::messages::type_name(value);
        let message = format!(
            "In module `{}', you're trying to define a value of type `{kind}'\nrather than an attribute set for the option\n`{shown}'!\n\nThis usually happens if `{shown}' has option\ndefinitions inside that are not matched. Please check how to properly define\nthis option by e.g. referring to `man 5 configuration.nix'!",
            definition.file
        );
        self.throw_at(message, definition.value, definition.position)
    }

    // Declarations

    /// The names that a level declares, sorted by symbol.
    pub(crate) fn declared_names(&mut self, level: &Rc<Level>) -> Eval<Rc<[Rc<Declared>]>> {
        level.declared.get(self, |evaluator| {
            let mut names: Vec<(Symbol, Vec<Declaration>)> = Vec::new();
            let mut index: FxHashMap<Symbol, usize> = FxHashMap::default();
            for declaration in &level.declarations {
                let set = match evaluator.force(declaration.options) {
                    Ok(Value::Attrs(set)) => set,
                    Ok(Value::External(_)) => continue,
                    Ok(other) => return Err(evaluator.not_a_declaration(&level.location, other)),
                    Err(why) => {
                        evaluator.tolerate(why)?;
                        continue;
                    }
                };
                for entry in evaluator.arena.entries(set) {
                    let inner = Declaration {
                        file: Rc::clone(&declaration.file),
                        options: entry.value,
                        position: entry.position,
                        maybe: declaration.maybe.or(entry.maybe),
                    };
                    let at = *index.entry(entry.name).or_insert_with(|| {
                        names.push((entry.name, Vec::new()));
                        names.len() - 1
                    });
                    if let Some((_, all)) = names.get_mut(at) {
                        all.push(inner);
                    }
                }
            }
            names.sort_by_key(|(name, _)| *name);
            Ok(names
                .into_iter()
                .map(|(name, declarations)| evaluator.declared(level, name, declarations))
                .collect())
        })
    }

    fn declared(
        &mut self,
        level: &Rc<Level>,
        name: Symbol,
        declarations: Vec<Declaration>,
    ) -> Rc<Declared> {
        let cell: Rc<std::cell::OnceCell<Rc<Declared>>> = Rc::default();
        let shared = Rc::clone(&cell);
        let value = self.lazy(move |evaluator| match shared.get() {
            Some(declared) => {
                let declared = Rc::clone(declared);
                evaluator.declared_value(&declared)
            }
            None => Err(evaluator.error("the option is not set up")),
        });
        let declared = Rc::new(Declared {
            name,
            configuration: level.configuration,
            level: Rc::clone(&level.location),
            declarations,
            definitions: Rc::clone(&level.definitions),
            open: level.open,
            node: Lazy::new(),
            value,
        });
        // The computation is dropped once it has run, and with it the cycle.
        let _ = cell.set(Rc::clone(&declared));
        declared
    }

    fn not_a_declaration(&mut self, location: &Location, value: Value) -> UnknownId {
        let shown = show_location(location);
        let kind = super::messages::type_name(value);
        self.throw(format!(
            "An option declaration for `{shown}' has type\n`{kind}' rather than an attribute set.\nDid you mean to define this outside of `options'?"
        ))
    }

    /// What a declared name is.
    pub(crate) fn node(&mut self, declared: &Rc<Declared>) -> Eval<Node> {
        declared
            .node
            .get(self, |evaluator| evaluator.make_node(declared))
    }

    fn make_node(&mut self, declared: &Rc<Declared>) -> Eval<Node> {
        let location = declared.location(self);
        self.check_depth(&location)?;
        let mut options = Vec::new();
        let mut sets = Vec::new();
        let mut unknown = None;
        for declaration in &declared.declarations {
            let set = match self.force(declaration.options) {
                Ok(Value::Attrs(set)) => set,
                Ok(Value::External(external)) => {
                    unknown = Some(self.external_unknown(external));
                    continue;
                }
                Ok(other) => return Err(self.not_a_declaration(&location, other)),
                Err(why) => {
                    self.tolerate(why)?;
                    unknown = Some(why);
                    continue;
                }
            };
            match self.type_tag(set)? {
                Some(tag) if &*tag == "option" => options.push(declaration.clone()),
                None => sets.push(declaration.clone()),
                Some(tag) => {
                    let shown = show_location(&location);
                    let file = &declaration.file;
                    return Err(self.throw(format!(
                        "In module {file}: expected an option declaration at option path `{shown}` but got an attribute set with type {tag}"
                    )));
                }
            }
        }
        if let Some(why) = unknown
            && options.is_empty()
            && sets.is_empty()
        {
            return Ok(Node::Unknown(location, why));
        }
        if !options.is_empty()
            && !sets.is_empty()
            && let Err(why) = self.check_nesting(&location, &options, &sets)
        {
            // A project that declares options in one of a schema of this program, or one in the place of a
            // schema's options, knows better.
            let has_own =
                |declarations: &[Declaration]| declarations.iter().any(|d| !d.is_embedded());
            match (has_own(&options), has_own(&sets)) {
                (false, true) => options.clear(),
                (true, false) => sets.clear(),
                (false, false) => return Err(why),
                (true, true) => {
                    options.retain(|declaration| !declaration.is_embedded());
                    sets.retain(|declaration| !declaration.is_embedded());
                    self.check_nesting(&location, &options, &sets)?;
                }
            }
        }
        if options.is_empty() {
            let definitions = declared
                .definitions
                .of_attribute(declared.name, Rc::clone(&location));
            return Ok(Node::Level(Level::new(
                declared.configuration,
                location,
                false,
                sets,
                definitions,
                declared.open.or(unknown),
            )));
        }
        Ok(Node::Option(Rc::new(OptionNode::new(
            location,
            options,
            sets,
            (Rc::clone(&declared.definitions), declared.name),
            declared.value,
        ))))
    }

    fn declared_value(&mut self, declared: &Rc<Declared>) -> Eval<Value> {
        match self.node(declared)? {
            Node::Option(option) => self.option_value(&option),
            Node::Level(level) => self.level_config(&level).map(Value::Attrs),
            Node::Unknown(location, _) => {
                let definitions = self.definitions_of(&declared.definitions, declared.name)?;
                self.merge_structurally(&location, definitions.to_vec(), (declared.value, None))
            }
        }
    }

    /// The `options` set of a level.
    pub(crate) fn level_options(&mut self, level: &Rc<Level>) -> Eval<AttrsId> {
        level.options.get(self, |evaluator| {
            let mut builder = AttrsBuilder::new();
            for declared in evaluator.declared_names(level)?.iter() {
                let maybe = declared.maybe();
                let name = declared.name;
                let declared = Rc::clone(declared);
                let value = evaluator.lazy(move |evaluator| match evaluator.node(&declared)? {
                    Node::Option(option) => evaluator.option_set(&option).map(Value::Attrs),
                    Node::Level(level) => evaluator.level_options(&level).map(Value::Attrs),
                    Node::Unknown(_, why) => Err(why),
                });
                builder.push(Entry {
                    name,
                    value,
                    position: Position::NONE,
                    maybe,
                });
            }
            if let Some(why) = level.open {
                builder.open(why);
            }
            Ok(evaluator.arena.attrs(builder))
        })
    }
}
