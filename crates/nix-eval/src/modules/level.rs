//! One level of the option tree: the options and definitions of one attribute set.

use std::cell::OnceCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::definition::{Definition, Discharged};
use super::option::OptionNode;
use super::{ConfigurationId, Location, child, show_location};
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, Position, Symbol, Thunk, UnknownId, Value, well_known,
};

/// A declaration: the file, the option or set of options, where it was written.
pub(crate) type Declaration = (Rc<str>, Thunk, Position);

/// A level of the option tree.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) configuration: ConfigurationId,
    pub(crate) location: Location,
    declarations: Vec<Declaration>,
    definitions: Vec<Definition>,
    /// Why there may be more than the project shows.
    pub(crate) open: Option<UnknownId>,
    children: OnceCell<Rc<Children>>,
    config: OnceCell<AttrsId>,
    options: OnceCell<AttrsId>,
}

/// What a level holds, by name, in order of symbol.
#[derive(Debug, Default)]
pub(crate) struct Children {
    pub(crate) declared: Vec<(Symbol, Child)>,
    /// Definitions of names that no module declares.
    pub(crate) unmatched: Vec<(Symbol, Vec<Definition>)>,
    /// Why there may be more definitions, if so.
    pub(crate) open: Option<UnknownId>,
}

/// A declared name of a level.
#[derive(Debug, Clone)]
pub(crate) enum Child {
    Option(Rc<OptionNode>),
    Level(Rc<Level>),
}

/// Values by name, in order of first mention.
struct ByName<T> {
    order: Vec<Symbol>,
    values: FxHashMap<Symbol, Vec<T>>,
}

impl<T> ByName<T> {
    fn new() -> Self {
        Self {
            order: Vec::new(),
            values: FxHashMap::default(),
        }
    }

    fn push(&mut self, name: Symbol, value: T) {
        self.values
            .entry(name)
            .or_insert_with(|| {
                self.order.push(name);
                Vec::new()
            })
            .push(value);
    }

    fn take(&mut self, name: Symbol) -> Vec<T> {
        self.values.remove(&name).unwrap_or_default()
    }
}

impl Level {
    pub(crate) fn new(
        configuration: ConfigurationId,
        location: Location,
        declarations: Vec<Declaration>,
        definitions: Vec<Definition>,
        open: Option<UnknownId>,
    ) -> Self {
        Self {
            configuration,
            location,
            declarations,
            definitions,
            open,
            children: OnceCell::new(),
            config: OnceCell::new(),
            options: OnceCell::new(),
        }
    }
}

impl Evaluator {
    /// What a level holds. Conditions are not evaluated for it, only what they guard.
    pub(crate) fn level_children(&mut self, level: &Rc<Level>) -> Eval<Rc<Children>> {
        if let Some(children) = level.children.get() {
            return Ok(Rc::clone(children));
        }
        let mut declarations = ByName::new();
        for (file, options, _) in &level.declarations {
            let set = match self.force(*options) {
                Ok(Value::Attrs(set)) => set,
                Ok(Value::External(_)) | Err(_) if level.open.is_some() => continue,
                Ok(other) => return Err(self.type_error(other, "a set")),
                Err(why) => return Err(why),
            };
            for entry in self.arena.entries(set).to_vec() {
                declarations.push(entry.name, (Rc::clone(file), entry.value, entry.position));
            }
        }
        let mut open = level.open;
        let mut definitions = ByName::new();
        for definition in &level.definitions {
            for (definition, value) in self.discharge(definition.clone()) {
                match value {
                    Discharged::Set(set) => {
                        open = open.or(self.arena.attrs_data(set).open);
                        for entry in self.arena.entries(set).to_vec() {
                            let inner = Self::definition_of_entry(&definition, entry);
                            definitions.push(entry.name, inner);
                        }
                    }
                    Discharged::Unknown(why) => {
                        if self.is_error(why) {
                            if level.open.is_none() {
                                return Err(why);
                            }
                            self.modules.problems.push(why);
                        }
                        open = open.or(Some(why));
                    }
                    Discharged::Other(Value::External(external)) => {
                        let why = self.external_unknown(external);
                        open = open.or(Some(why));
                    }
                    Discharged::Other(other) => {
                        if self.decide(&definition).is_some() {
                            let kind = other.type_with_article();
                            let shown = show_location(&level.location);
                            return Err(self.error(format!(
                                "A definition for option `{shown}' is not of type `attribute set': it is {kind}, in `{}'",
                                definition.file
                            )));
                        }
                    }
                }
            }
        }
        let mut children = Children {
            open,
            ..Children::default()
        };
        for name in std::mem::take(&mut declarations.order) {
            let declared = declarations.take(name);
            let defined = definitions.take(name);
            let child = self.child(level, name, declared, defined)?;
            children.declared.push((name, child));
        }
        for name in std::mem::take(&mut definitions.order) {
            let defined = definitions.take(name);
            if !defined.is_empty() {
                children.unmatched.push((name, defined));
            }
        }
        children.declared.sort_by_key(|(name, _)| *name);
        children.unmatched.sort_by_key(|(name, _)| *name);
        let children = Rc::new(children);
        Ok(Rc::clone(level.children.get_or_init(|| children)))
    }

    fn child(
        &mut self,
        level: &Rc<Level>,
        name: Symbol,
        declared: Vec<Declaration>,
        defined: Vec<Definition>,
    ) -> Eval<Child> {
        let text = self.name(name);
        let location = child(&level.location, &text);
        let mut options = Vec::new();
        let mut sets = Vec::new();
        for declaration in declared {
            let is_option = match self.force(declaration.1)? {
                Value::Attrs(set) => self.type_tag(set)?.is_some_and(|tag| &*tag == "option"),
                _ => false,
            };
            if is_option {
                options.push(declaration)
            } else {
                sets.push(declaration)
            }
        }
        if options.is_empty() {
            let level = Level::new(level.configuration, location, sets, defined, level.open);
            return Ok(Child::Level(Rc::new(level)));
        }
        let node = OptionNode::new(self, location, options, sets, defined);
        Ok(Child::Option(node))
    }

    /// The `config` set of a level.
    pub(crate) fn level_config(&mut self, level: &Rc<Level>) -> Eval<AttrsId> {
        if let Some(config) = level.config.get() {
            return Ok(*config);
        }
        let children = self.level_children(level)?;
        let mut builder = AttrsBuilder::new();
        for (name, child) in &children.declared {
            let (value, position) = match child {
                Child::Option(node) => (node.value, node.position()),
                Child::Level(inner) => {
                    let inner = Rc::clone(inner);
                    let value = self
                        .arena
                        .lazy(move |evaluator| evaluator.level_config(&inner).map(Value::Attrs));
                    (value, Position::NONE)
                }
            };
            builder.push(Self::entry(*name, value, position));
        }
        let mut config = None;
        if !children.unmatched.is_empty() || children.open.is_some() {
            config = self.add_unmatched(level, &children, &mut builder)?;
        }
        let config = match config {
            Some(freeform) => {
                let declared = self.arena.attrs(builder);
                self.update_recursively(freeform, declared)
            }
            None => {
                if let Some(why) = children.open {
                    builder.open(why);
                }
                self.arena.attrs(builder)
            }
        };
        Ok(*level.config.get_or_init(|| config))
    }

    /// Adds what no module declares: the freeform part as a set of its own, or structurally.
    fn add_unmatched(
        &mut self,
        level: &Rc<Level>,
        children: &Rc<Children>,
        builder: &mut AttrsBuilder,
    ) -> Eval<Option<AttrsId>> {
        let Some(configuration) = self.configuration_of(level.configuration) else {
            return Ok(None);
        };
        let is_root = level.location.len() == configuration.arguments.prefix.len();
        if is_root && let Some(freeform) = self.freeform_type(children)? {
            let mut definitions = Vec::new();
            self.unmatched_definitions(level, &[], &mut definitions)?;
            let merged = self.merge_freeform(&level.location, freeform, definitions)?;
            return Ok(Some(merged));
        }
        if level.open.is_none() && children.open.is_none() {
            return Ok(None);
        }
        for (name, definitions) in &children.unmatched {
            let text = self.name(*name);
            let location = super::child(&level.location, &text);
            let entry = self.structural_entry(*name, location, definitions.clone());
            builder.push(entry);
        }
        Ok(None)
    }

    /// The freeform type of a configuration, by its root level.
    fn freeform_type(&mut self, root: &Rc<Children>) -> Eval<Option<Thunk>> {
        let module = root
            .declared
            .iter()
            .find(|(name, _)| *name == well_known::MODULE);
        let Some((_, Child::Level(module))) = module else {
            return Ok(None);
        };
        let inner = self.level_children(module)?;
        let freeform = inner
            .declared
            .iter()
            .find(|(n, _)| *n == well_known::FREEFORM_TYPE);
        let Some((_, Child::Option(node))) = freeform else {
            return Ok(None);
        };
        if node.definitions.is_empty() {
            return Ok(None);
        }
        let value = node.value;
        match self.force(value) {
            Ok(Value::Null) => Ok(None),
            Ok(_) => Ok(Some(value)),
            Err(why) => Err(why),
        }
    }

    /// The definitions below a level that no module declares, each wrapped in the names that lead
    /// to it from the level.
    fn unmatched_definitions(
        &mut self,
        level: &Rc<Level>,
        path: &[Symbol],
        out: &mut Vec<Definition>,
    ) -> Eval<()> {
        let children = self.level_children(level)?;
        for (name, definitions) in &children.unmatched {
            for definition in definitions {
                let mut wrapped = definition.clone();
                let entry = Self::entry(*name, definition.value, definition.position);
                let mut set = self.arena.sorted_attrs(&[entry], None);
                for outer in path.iter().rev() {
                    let inner = self.arena.ready(Value::Attrs(set));
                    let entry = Self::entry(*outer, inner, definition.position);
                    set = self.arena.sorted_attrs(&[entry], None);
                }
                wrapped.value = self.arena.ready(Value::Attrs(set));
                out.push(wrapped);
            }
        }
        for (name, child) in &children.declared {
            if let Child::Level(inner) = child {
                let mut path = path.to_vec();
                path.push(*name);
                self.unmatched_definitions(inner, &path, out)?;
            }
        }
        Ok(())
    }

    /// `recursiveUpdate left right`
    fn update_recursively(&mut self, left: AttrsId, right: AttrsId) -> AttrsId {
        let mut entries: Vec<Entry> = Vec::new();
        for entry in self.arena.entries(right).to_vec() {
            let Some(other) = self.arena.attribute(left, entry.name) else {
                entries.push(entry);
                continue;
            };
            let (a, b) = (other.value, entry.value);
            let value =
                self.arena.lazy(
                    move |evaluator| match (evaluator.force(a), evaluator.force(b)?) {
                        (Ok(Value::Attrs(a)), Value::Attrs(b)) => {
                            Ok(Value::Attrs(evaluator.update_recursively(a, b)))
                        }
                        (_, right) => Ok(right),
                    },
                );
            entries.push(Entry { value, ..entry });
        }
        let right = self
            .arena
            .sorted_attrs(&entries, self.arena.attrs_data(right).open);
        let open = self.arena.attrs_data(left).open;
        let merged = self.update_sets(left, right);
        if open.is_none() || self.arena.attrs_data(merged).open.is_some() {
            return merged;
        }
        let entries = self.arena.entries(merged).to_vec();
        self.arena.sorted_attrs(&entries, open)
    }

    /// The `options` set of a level.
    pub(crate) fn level_options(&mut self, level: &Rc<Level>) -> Eval<AttrsId> {
        if let Some(options) = level.options.get() {
            return Ok(*options);
        }
        let children = self.level_children(level)?;
        let mut builder = AttrsBuilder::new();
        for (name, child) in &children.declared {
            let value = match child {
                Child::Option(node) => {
                    let node = Rc::clone(node);
                    self.arena
                        .lazy(move |evaluator| evaluator.option_set(&node).map(Value::Attrs))
                }
                Child::Level(inner) => {
                    let inner = Rc::clone(inner);
                    self.arena
                        .lazy(move |evaluator| evaluator.level_options(&inner).map(Value::Attrs))
                }
            };
            builder.insert(*name, value);
        }
        if let Some(why) = level.open {
            builder.open(why);
        }
        let options = self.arena.attrs(builder);
        Ok(*level.options.get_or_init(|| options))
    }

    /// The first definition of something that no module declares, if that is an error.
    pub(crate) fn undeclared(&mut self, level: &Rc<Level>) -> Eval<Option<(Location, Definition)>> {
        let children = self.level_children(level)?;
        for (name, definitions) in &children.unmatched {
            for definition in definitions {
                // A definition that is conditioned away is no definition.
                let discharged = self.discharge(definition.clone());
                let exists = discharged
                    .iter()
                    .any(|(part, _)| self.decide(part).is_some());
                if exists {
                    let text = self.name(*name);
                    return Ok(Some((child(&level.location, &text), definition.clone())));
                }
            }
        }
        for (_, inner) in &children.declared {
            if let Child::Level(inner) = inner
                && let Some(found) = self.undeclared(inner)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
