//! `config`: the values of a level's options, and what no option declares.

use std::rc::Rc;

use super::configuration::Configuration;
use super::definition::Definition;
use super::level::{Declared, Level, Node};
use super::messages::show_definitions;
use super::resolved::{Priority, Resolved};
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, Location, Position, Reason, Symbol, Thunk,
    UndeclaredOption, UnknownId, Value, child, show_location, well_known,
};

/// A definition that no option declares, by the names that lead to it from the level.
struct Undeclared {
    path: Vec<Symbol>,
    definition: Definition,
}

impl Evaluator {
    /// The `config` set of a level.
    pub(crate) fn level_config(&mut self, level: &Rc<Level>) -> Eval<AttrsId> {
        level.config.get(self, |evaluator| {
            let declared = evaluator.declared_names(level)?;
            let freeform = evaluator.freeform(level, &declared)?;
            let mut builder = AttrsBuilder::with_capacity(declared.len());
            let mut default = None;
            if freeform.is_none() && level.open.is_some() {
                default = evaluator.default_at(level.configuration, &level.location);
                evaluator.add_undeclared(level, &declared, default, &mut builder)?;
            }
            for declared in declared.iter() {
                let position = evaluator.first_position(level, declared.name);
                let maybe = declared.maybe();
                let value = declared.value;
                builder.push(Entry {
                    name: declared.name,
                    value,
                    position,
                    maybe,
                });
            }
            let config = evaluator.arena.attrs(builder);
            evaluator.fall_back(config, default);
            match freeform {
                Some(Value::Attrs(freeform)) => Ok(evaluator.update_recursively(freeform, config)),
                Some(other) => Err(evaluator.type_error(other, "a set")),
                None => Ok(config),
            }
        })
    }

    /// Where an attribute of a level is first defined, if its definitions are sorted already.
    fn first_position(&mut self, level: &Level, name: Symbol) -> Position {
        let Some(by_name) = level.definitions.known().map(Rc::clone) else {
            return Position::NONE;
        };
        let positions = by_name
            .named(name)
            .iter()
            .map(|definition| definition.position);
        positions
            .into_iter()
            .find(|at| *at != Position::NONE)
            .unwrap_or_default()
    }

    /// Adds what no module declares, merged by its shape: the level is open.
    fn add_undeclared(
        &mut self,
        level: &Rc<Level>,
        declared: &[Rc<Declared>],
        default: Option<Thunk>,
        builder: &mut AttrsBuilder,
    ) -> Eval<()> {
        let by_name = self.definitions_by_name(&level.definitions)?;
        for (name, _) in by_name.iter() {
            if is_declared(declared, name) {
                continue;
            }
            let definitions = by_name.of(self, name);
            let text = self.name(name);
            let location = child(&level.location, &text);
            let below = default.and_then(|default| self.default_below(default, &text));
            builder.push(self.structural_entry(name, location, definitions.to_vec(), below));
        }
        if let Some(why) = level.open.or(by_name.open) {
            builder.open(why);
        }
        Ok(())
    }

    /// The freeform part of a configuration's `config`, if it has a freeform type.
    fn freeform(&mut self, level: &Rc<Level>, declared: &[Rc<Declared>]) -> Eval<Option<Value>> {
        if !level.is_root {
            return Ok(None);
        }
        let Some(freeform) = self.module_option(declared, well_known::FREEFORM_TYPE)? else {
            return Ok(None);
        };
        if self.force(freeform)? == Value::Null {
            return Ok(None);
        }
        let mut undeclared = Vec::new();
        self.undeclared(level, &mut Vec::new(), &mut undeclared)?;
        let definitions: Vec<Resolved> = undeclared
            .into_iter()
            .map(|undeclared| self.wrapped_in_path(undeclared))
            .collect();
        self.merge_freeform(&level.location, freeform, definitions)
            .map(Some)
    }

    /// The value of an option below `_module`.
    fn module_option(&mut self, declared: &[Rc<Declared>], name: Symbol) -> Eval<Option<Thunk>> {
        let Some(module) = declared
            .iter()
            .find(|declared| declared.name == well_known::MODULE)
        else {
            return Ok(None);
        };
        let Node::Level(level) = self.node(module)? else {
            return Ok(None);
        };
        let inner = self.declared_names(&level)?;
        let found = inner.iter().find(|declared| declared.name == name);
        Ok(found.map(|declared| declared.value))
    }

    /// A definition of what is not declared as one of the whole set: `{ a.b = value; }`.
    fn wrapped_in_path(&mut self, undeclared: Undeclared) -> Resolved {
        let Undeclared { path, definition } = undeclared;
        let mut value = self.with_properties(&definition);
        let origin = self.arena.origin(value);
        for name in path.iter().rev() {
            let entry = Self::entry(*name, value, definition.position);
            let set = self.arena.sorted_attrs(&[entry], None);
            value = self.arena.ready(Value::Attrs(set));
            self.arena.set_origin(value, origin);
        }
        Resolved {
            priority: Priority::DEFAULT,
            maybe: definition.maybe,
            position: definition.position,
            ..Resolved::plain(definition.file, value)
        }
    }

    /// The definitions below a level that no option declares, sorted by path.
    fn undeclared(
        &mut self,
        level: &Rc<Level>,
        path: &mut Vec<Symbol>,
        out: &mut Vec<Undeclared>,
    ) -> Eval<()> {
        let by_name = self.definitions_by_name(&level.definitions)?;
        let declared = self.declared_names(level)?;
        let mut names: Vec<(Symbol, Option<Rc<Level>>)> = Vec::new();
        for declared in declared.iter() {
            // What is not defined at all has no definitions below, either.
            if let Node::Level(inner) = self.node(declared)?
                && by_name.has(declared.name)
            {
                names.push((declared.name, Some(inner)));
            }
        }
        for (name, _) in by_name.iter() {
            if !is_declared(&declared, name) {
                names.push((name, None));
            }
        }
        names.sort_by(|(a, _), (b, _)| {
            let symbols = &self.arena.symbols;
            symbols.compare(*a, *b)
        });
        for (name, inner) in names {
            path.push(name);
            match inner {
                Some(inner) => self.undeclared(&inner, path, out)?,
                None => {
                    let definitions = by_name.of(self, name);
                    out.extend(definitions.iter().map(|definition| Undeclared {
                        path: path.clone(),
                        definition: definition.clone(),
                    }));
                }
            }
            path.pop();
        }
        Ok(())
    }

    /// An error where a closed configuration defines what no module declares.
    pub(crate) fn check_undeclared(&mut self, configuration: &Rc<Configuration>) -> Eval<()> {
        let root = self.root_level(configuration.id)?;
        if root.open.is_some() || !configuration.arguments.check {
            return Ok(());
        }
        let declared = self.declared_names(&root)?;
        let mut value = |name| match self.module_option(&declared, name)? {
            Some(thunk) => self.force(thunk),
            None => Ok(Value::Null),
        };
        if value(well_known::CHECK)? != Value::Bool(true)
            || value(well_known::FREEFORM_TYPE)? != Value::Null
        {
            return Ok(());
        }
        let mut undeclared = Vec::new();
        self.undeclared(&root, &mut Vec::new(), &mut undeclared)?;
        let certain = undeclared
            .iter()
            .find(|undeclared| undeclared.definition.maybe.is_none());
        match certain {
            Some(first) => Err(self.not_declared(&root, &declared, first)),
            None => Ok(()),
        }
    }

    fn not_declared(
        &mut self,
        root: &Rc<Level>,
        declared: &[Rc<Declared>],
        undeclared: &Undeclared,
    ) -> UnknownId {
        let mut location = Rc::clone(&root.location);
        for name in &undeclared.path {
            location = child(&location, &self.name(*name));
        }
        let definition = &undeclared.definition;
        let files = show_definitions(std::iter::once(&definition.file));
        let mut details = format!("Definition values:{files}");
        let mut meant = None;
        let prefix = show_location(&root.location);
        let has_options = declared
            .iter()
            .any(|declared| declared.name != well_known::MODULE);
        if !has_options && prefix.is_empty() {
            details.push_str("\n\nIt seems as if you're trying to declare an option by placing it into `config' rather than `options'!");
        } else if !has_options {
            details.push_str(&format!("\n\nHowever there are no options defined in `{prefix}'. Are you sure you've\ndeclared your options properly? This can happen if you e.g. declared your options in `types.submodule'\nunder `config' rather than `options'."));
        } else if let Some((hint, likely)) = self.suggestion(root, &undeclared.path) {
            details.push_str(&format!("\n\n{hint}"));
            meant = likely;
        }
        let place = self
            .binding_place(definition.position)
            .map(|place| place.name);
        let at = place.or_else(|| self.origin_span(definition.value));
        self.arena.unknown(crate::value::Unknown {
            reason: Reason::UndeclaredOption(Rc::new(UndeclaredOption {
                option: location,
                details,
                meant,
            })),
            at,
        })
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
                self.lazy(
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

    /// What a name that is not declared may be meant to be, as Nix asks, and the name that it is likely to be.
    fn suggestion(
        &mut self,
        root: &Rc<Level>,
        path: &[Symbol],
    ) -> Option<(String, Option<Rc<str>>)> {
        let (wanted, above) = path.split_last()?;
        let mut level = Rc::clone(root);
        let mut location: Location = Rc::clone(&root.location);
        for name in above {
            let declared = self.declared_names(&level).ok()?;
            let found = declared.iter().find(|declared| declared.name == *name)?;
            location = child(&location, &self.name(*name));
            match self.node(found).ok()? {
                Node::Level(inner) => level = inner,
                _ => return None,
            }
        }
        let wanted = self.name(*wanted);
        let declared = self.declared_names(&level).ok()?;
        let mut names: Vec<(usize, Rc<str>)> = declared
            .iter()
            .filter(|declared| declared.name != well_known::MODULE)
            .map(|declared| self.name(declared.name))
            .map(|name| (super::messages::edit_distance(&wanted, &name), name))
            .collect();
        names.sort();
        let likely = super::messages::meant(&wanted, names.iter().map(|(_, name)| &**name));
        let likely = likely.map(Rc::from);
        let shown: Vec<String> = names
            .into_iter()
            .take(3)
            .map(|(_, name)| format!("`{}'", show_location(&child(&location, &name))))
            .collect();
        let (last, rest) = shown.split_last()?;
        let hint = if rest.is_empty() {
            format!("Did you mean {last}?")
        } else {
            format!("Did you mean {} or {last}?", rest.join(", "))
        };
        Some((hint, likely))
    }
}

fn is_declared(declared: &[Rc<Declared>], name: Symbol) -> bool {
    declared
        .binary_search_by_key(&name, |declared| declared.name)
        .is_ok()
}
