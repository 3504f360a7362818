//! One module taken apart: a path, a function, a set in the short or the long syntax.

use std::path::Path;
use std::rc::Rc;

use super::configuration::Configuration;
use super::module_tree::UncertainModules;
use crate::eval::{Coercion, Evaluator};
use crate::value::{
    AttrsBuilder, AttrsId, Eval, Position, Symbol, Thunk, UnknownId, Value, well_known,
};

/// A module that is still to be taken apart.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) module: Thunk,
    /// The file that it is taken to be in, unless it says another.
    pub(super) file: Rc<str>,
    /// What it is known by, unless it is a file or says another.
    pub(super) key: PendingKey,
}

/// What a module without a file is known by. Most have a file, and it is never asked for.
#[derive(Debug, Clone)]
pub(super) enum PendingKey {
    /// This.
    Own(Rc<str>),
    /// Its number, from 1, among the imports of the module with this key.
    Import(Rc<str>, usize),
}

impl PendingKey {
    /// The key.
    fn text(&self) -> Rc<str> {
        match self {
            Self::Own(key) => Rc::clone(key),
            Self::Import(by, number) => {
                // Most modules of a host have one: formatting by `fmt` costs several times as much.
                let number = number.to_string();
                Rc::from([by, ":anon-", number.as_str()].concat())
            }
        }
    }

    /// The length in bytes of the keys that it is made of.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Own(key) | Self::Import(key, _) => key.len(),
        }
    }
}

/// The parts of a module.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) file: Rc<str>,
    pub(super) key: Rc<str>,
    pub(super) imports: UncertainModules,
    /// The keys that it disables, each with why it may not.
    pub(super) disabled: Vec<(Rc<str>, Option<UnknownId>)>,
    pub(super) options: Option<Thunk>,
    pub(super) config: Vec<Thunk>,
    pub(super) position: Position,
}

/// The attributes that are no configuration in the short syntax.
const SHORT: [Symbol; 7] = [
    well_known::CLASS,
    well_known::FILE,
    well_known::KEY,
    well_known::DISABLED_MODULES,
    well_known::REQUIRE,
    well_known::IMPORTS,
    well_known::FREEFORM_TYPE,
];

/// The attributes that a module in the long syntax may have.
const LONG: [Symbol; 9] = [
    well_known::CLASS,
    well_known::FILE,
    well_known::KEY,
    well_known::DISABLED_MODULES,
    well_known::IMPORTS,
    well_known::OPTIONS,
    well_known::CONFIG,
    well_known::META,
    well_known::FREEFORM_TYPE,
];

impl Evaluator {
    /// The file that a module is, if it is one.
    pub(super) fn module_path(&mut self, module: Thunk) -> Eval<Option<crate::value::PathId>> {
        match self.force(module)? {
            value @ (Value::Path(_) | Value::String(_)) => self.coerce_to_path(value).map(Some),
            _ => Ok(None),
        }
    }

    /// Takes a module apart.
    pub(super) fn take_apart(
        &mut self,
        configuration: &Rc<Configuration>,
        pending: &Pending,
    ) -> Eval<Parts> {
        let Pending { file, key, .. } = pending;
        if let Some(path) = self.module_path(pending.module)? {
            let text = self.arena.path_text(path);
            let thunk = self.import_path(path)?;
            let value = self.force(thunk)?;
            let value = self.apply_module(configuration, value)?;
            return self.unify(configuration, value, Rc::clone(&text), text);
        }
        let value = self.force(pending.module)?;
        match value {
            // Nix goes on with the definition, which the place of the error shows.
            Value::List(_) => Err(self.throw(
                "Module imports can't be nested lists. Perhaps you meant to remove one level of lists?",
            )),
            _ if Self::is_function(&self.arena, value) => {
                let value = self.apply_module(configuration, value)?;
                self.unify(configuration, value, Rc::clone(file), key.text())
            }
            Value::Attrs(set) => match self.type_tag(set)? {
                None => self.unify(configuration, value, Rc::clone(file), key.text()),
                Some(tag) => match &*tag {
                    "module" => self.unify(configuration, value, Rc::clone(file), key.text()),
                    // `mkIf c { … }` around a whole module is its configuration.
                    "if" | "override" => Ok(Parts {
                        file: Rc::clone(file),
                        key: key.text(),
                        imports: Vec::new(),
                        disabled: Vec::new(),
                        options: None,
                        config: vec![pending.module],
                        position: Position::NONE,
                    }),
                    tag => Err(self.not_a_module(tag, file)),
                },
            },
            other => self.unify(configuration, other, Rc::clone(file), key.text()),
        }
    }

    fn not_a_module(&mut self, tag: &str, file: &str) -> UnknownId {
        let into = if file == UNKNOWN_FILE {
            String::new()
        } else {
            format!(", while trying to load a module into {file}")
        };
        let hint = if tag == "configuration" {
            "\nA configuration was created by evaluating modules: please only import the modules that make up the configuration."
        } else {
            ""
        };
        self.throw(format!(
            "Expected a module, but found a value of type \"{tag}\"{into}.\nA module is typically loaded by adding it to the imports = [ ... ]; attribute of an existing module, or in the modules = [ ... ]; argument of various functions.\nPlease make sure that each of the list items is a module, and not a different kind of value.{hint}"
        ))
    }

    /// A module's set into its parts, in either syntax.
    fn unify(
        &mut self,
        configuration: &Rc<Configuration>,
        value: Value,
        file: Rc<str>,
        key: Rc<str>,
    ) -> Eval<Parts> {
        let set = match value {
            Value::Attrs(set) => set,
            Value::External(external) => return Err(self.external_unknown(external)),
            _ => {
                return Err(self.throw(format!(
                    "module {file} ({key}) does not look like a module."
                )));
            }
        };
        let own_file = self.text_attribute(set, well_known::FILE)?;
        let file = own_file.unwrap_or(file);
        let key = self.text_attribute(set, well_known::KEY)?.unwrap_or(key);
        self.check_class(configuration, set, &file)?;
        let attribute = |evaluator: &Self, name| {
            evaluator
                .arena
                .attribute(set, name)
                .map(|entry| entry.value)
        };
        let options = attribute(self, well_known::OPTIONS);
        let config = attribute(self, well_known::CONFIG);
        let is_long = options.is_some() || config.is_some();
        let mut definitions = Vec::new();
        if is_long {
            self.check_long(set, &key)?;
            definitions.extend(config);
            if let Some(meta) = attribute(self, well_known::META) {
                let set = self.set_of(&[("meta", meta)]);
                definitions.push(self.arena.ready(Value::Attrs(set)));
            }
        } else {
            definitions.push(self.short_config(set));
        }
        if let Some(freeform) = attribute(self, well_known::FREEFORM_TYPE) {
            let inner = self.set_of(&[("freeformType", freeform)]);
            let inner = self.arena.ready(Value::Attrs(inner));
            let outer = self.set_of(&[("_module", inner)]);
            definitions.push(self.arena.ready(Value::Attrs(outer)));
        }
        let positions = self.arena.entries(set).iter().map(|entry| entry.position);
        let position = positions
            .filter(|at| *at != Position::NONE)
            .min()
            .unwrap_or_default();
        Ok(Parts {
            imports: self.module_imports(set, is_long)?,
            disabled: self.disabled_modules(configuration, set, &file)?,
            file,
            key,
            options,
            config: definitions,
            position,
        })
    }

    /// The configuration that a module in the short syntax is.
    fn short_config(&mut self, set: AttrsId) -> Thunk {
        let entries: Vec<_> = self
            .arena
            .entries(set)
            .iter()
            .filter(|entry| !SHORT.contains(&entry.name))
            .copied()
            .collect();
        let open = self.arena.attrs_data(set).open;
        let config = if entries.len() == self.arena.entries(set).len() {
            set
        } else {
            self.arena.sorted_attrs(&entries, open)
        };
        self.arena.ready(Value::Attrs(config))
    }

    fn check_long(&mut self, set: AttrsId, key: &str) -> Eval<()> {
        let is_bad =
            |entry: &crate::value::Entry| !LONG.contains(&entry.name) && entry.maybe.is_none();
        if !self.arena.entries(set).iter().any(is_bad) {
            return Ok(());
        }
        let entries = self.arena.entries_by_name(set);
        let bad: Vec<Rc<str>> = entries
            .iter()
            .filter(|entry| is_bad(entry))
            .map(|entry| self.name(entry.name))
            .collect();
        let first = bad.first().map_or("", |name| name);
        let all = bad.join(" ");
        Err(self.throw(format!(
            "Module `{key}' has an unsupported attribute `{first}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: {all}) into the explicit `config' attribute."
        )))
    }

    fn check_class(
        &mut self,
        configuration: &Rc<Configuration>,
        set: AttrsId,
        file: &str,
    ) -> Eval<()> {
        let Some(expected) = configuration.arguments.checked_class().cloned() else {
            return Ok(());
        };
        let Some(entry) = self.arena.attribute(set, well_known::CLASS) else {
            return Ok(());
        };
        match self.force(entry.value) {
            Ok(Value::Null | Value::External(_)) => Ok(()),
            Ok(class) => {
                let class = self.expect_text(class)?;
                if class == expected {
                    return Ok(());
                }
                Err(self.throw(format!(
                    "The module `{file}` (class: \"{class}\") cannot be imported into a module evaluation that expects class \"{expected}\"."
                )))
            }
            Err(why) if self.is_error(why) => Err(why),
            Err(_) => Ok(()),
        }
    }

    fn text_attribute(&mut self, set: AttrsId, name: Symbol) -> Eval<Option<Rc<str>>> {
        let Some(entry) = self.arena.attribute(set, name) else {
            return Ok(None);
        };
        let value = self.force(entry.value)?;
        let value = self.coerce(value, Coercion::ToString)?;
        // Text that is not known is a name only.
        Ok(self.expect_text(value).ok())
    }

    fn module_imports(&mut self, set: AttrsId, is_long: bool) -> Eval<UncertainModules> {
        let names: &[Symbol] = if is_long {
            &[well_known::IMPORTS]
        } else {
            &[well_known::REQUIRE, well_known::IMPORTS]
        };
        let mut imports = Vec::new();
        for name in names {
            if let Some(entry) = self.arena.attribute(set, *name) {
                let list = self.force(entry.value);
                let list = self.uncertain_list(list)?;
                let uncertain = list
                    .into_iter()
                    .map(|(thunk, maybe)| (thunk, maybe.or(entry.maybe)));
                imports.extend(uncertain);
            }
        }
        Ok(imports)
    }

    /// The keys that `disabledModules` names.
    fn disabled_modules(
        &mut self,
        configuration: &Rc<Configuration>,
        set: AttrsId,
        file: &str,
    ) -> Eval<Vec<(Rc<str>, Option<UnknownId>)>> {
        let Some(entry) = self.arena.attribute(set, well_known::DISABLED_MODULES) else {
            return Ok(Vec::new());
        };
        let list = self.force(entry.value);
        let mut keys = Vec::new();
        for (item, maybe) in self.uncertain_list(list)? {
            let key = match self.force(item) {
                Ok(Value::Path(path)) => Some(self.arena.path_text(path)),
                Ok(value @ Value::String(_)) => self.disabled_name(configuration, value)?,
                Ok(Value::Attrs(set)) => {
                    let key = self.text_attribute(set, well_known::KEY)?;
                    if key.is_none() && self.arena.attribute(set, well_known::KEY).is_none() {
                        return Err(self.throw(format!(
                            "Module `{file}` contains a disabledModules item that is an attribute set, presumably a module, that does not have a `key` attribute. This means that the module system doesn't have any means to identify the module that should be disabled. Make sure that you've put the correct value in disabledModules: a string path relative to modulesPath, a path value, or an attribute set with a `key` attribute."
                        )));
                    }
                    key
                }
                Ok(Value::External(_)) => None,
                // A key by itself.
                Ok(other) => {
                    let key = self.coerce(other, Coercion::ToString)?;
                    self.expect_text(key).ok()
                }
                Err(why) if self.is_error(why) => return Err(why),
                Err(_) => None,
            };
            keys.extend(key.map(|key| (key, maybe.or(entry.maybe))));
        }
        Ok(keys)
    }

    /// The key of a module by its path, which may be relative to `modulesPath`.
    fn disabled_name(
        &mut self,
        configuration: &Rc<Configuration>,
        value: Value,
    ) -> Eval<Option<Rc<str>>> {
        if let Ok(path) = self.coerce_to_path(value) {
            return Ok(Some(self.arena.path_text(path)));
        }
        let Ok(text) = self.expect_text(value) else {
            return Ok(None);
        };
        let special = configuration.arguments.special_arguments;
        let Some(entry) = self.arena.attribute(special, well_known::MODULES_PATH) else {
            return Ok(Some(Rc::from(format!("/{text}"))));
        };
        let base = match self.force(entry.value)? {
            // Modules of nixpkgs, which are not here.
            Value::External(_) => return Ok(None),
            value => self.coerce_to_path(value)?,
        };
        let base = self.arena.path_text(base);
        let joined = nix_source::normalise(&Path::new(&*base).join(&*text));
        Ok(Some(Rc::from(joined.to_string_lossy())))
    }

    /// A list with why each element may not be there; unknown elements stand for themselves.
    pub(crate) fn uncertain_list(&mut self, list: Eval<Value>) -> Eval<UncertainModules> {
        use crate::value::Presence;
        let items = self.concat_operand(list)?;
        Ok(items
            .into_iter()
            .map(|(thunk, presence)| match presence {
                Presence::Certain => (thunk, None),
                Presence::Maybe(why) | Presence::Many(why) => (thunk, Some(why)),
            })
            .collect())
    }

    /// `{ name = value; }`
    pub(crate) fn single_set(&mut self, name: Symbol, value: Thunk) -> AttrsId {
        let mut builder = AttrsBuilder::new();
        builder.insert(name, value);
        self.arena.attrs(builder)
    }

    /// A thunk of `{ name = value; }`.
    pub(crate) fn single(&mut self, name: Symbol, value: Thunk) -> Thunk {
        let set = self.single_set(name, value);
        self.arena.ready(Value::Attrs(set))
    }
}
/// The file of modules that stand in none.
pub(super) const UNKNOWN_FILE: &str = "<unknown-file>";
