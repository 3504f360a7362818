//! From `modules` and `imports` to a flat list of modules.

use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::Configuration;
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Eval, Position, Symbol, Thunk, UnknownId, Value, well_known,
};

/// Modules of one evaluation: more of them are an endless import.
const MAX_MODULES: usize = 20_000;

/// A module whose syntax is taken apart.
#[derive(Debug, Clone)]
pub struct LoadedModule {
    /// The file that messages name: `_file`, or where it was imported from.
    pub file: Rc<str>,
    /// What makes it the same module: its path, `key`, or its place among the imports.
    pub key: Rc<str>,
    /// Its option declarations.
    pub options: Option<Thunk>,
    /// Its definitions.
    pub config: Vec<Thunk>,
    /// Why it may not be there.
    pub maybe: Option<UnknownId>,
    /// Where it was written, as far as that is a binding.
    pub position: Position,
}

/// A module that is still to be taken apart.
struct Pending {
    module: Thunk,
    file: Rc<str>,
    key: Rc<str>,
    maybe: Option<UnknownId>,
}

/// What a module imports, by its own syntax.
struct Parts {
    module: LoadedModule,
    imports: Vec<(Thunk, Option<UnknownId>)>,
    disabled: Vec<Rc<str>>,
}

/// The attributes of a module that are not configuration.
const RESERVED: [Symbol; 7] = [
    well_known::CLASS,
    well_known::FILE,
    well_known::KEY,
    well_known::DISABLED_MODULES,
    well_known::REQUIRE,
    well_known::IMPORTS,
    well_known::FREEFORM_TYPE,
];

impl Evaluator {
    /// The modules of a configuration, breadth first, each key once, without disabled ones.
    pub(crate) fn collected_modules(
        &mut self,
        configuration: &Rc<Configuration>,
    ) -> Eval<Rc<[LoadedModule]>> {
        if let Some(modules) = configuration.modules.get() {
            return Ok(Rc::clone(modules));
        }
        let arguments = &configuration.arguments;
        let mut open = arguments.open;
        let mut missing = Vec::new();
        let internal = self.internal_module();
        let mut queue = VecDeque::new();
        queue.push_back(Pending {
            module: internal,
            file: Rc::from("lib/modules.nix"),
            key: Rc::from("lib/modules.nix"),
            maybe: None,
        });
        for (number, (module, maybe)) in arguments.modules.iter().enumerate() {
            queue.push_back(Pending {
                module: *module,
                file: Rc::clone(&arguments.file),
                key: Rc::from(format!(":anon-{}", number + 1)),
                maybe: *maybe,
            });
        }
        let mut seen = FxHashSet::default();
        let mut disabled: FxHashSet<Rc<str>> = FxHashSet::default();
        let mut modules: Vec<LoadedModule> = Vec::new();
        while let Some(pending) = queue.pop_front() {
            if modules.len() >= MAX_MODULES {
                return Err(self.error("too many modules are imported"));
            }
            let parts = match self.take_apart(configuration, &pending, &seen) {
                Ok(Some(parts)) => parts,
                Ok(None) => continue,
                Err(why) if self.is_error(why) && arguments.open.is_none() => return Err(why),
                Err(why) => {
                    // In an open world the other modules still count.
                    if self.is_error(why) {
                        self.modules.problems.push(why);
                    }
                    open = open.or(Some(why));
                    missing.push(why);
                    continue;
                }
            };
            seen.insert(Rc::clone(&parts.module.key));
            disabled.extend(parts.disabled);
            for (number, (module, maybe)) in parts.imports.into_iter().enumerate() {
                queue.push_back(Pending {
                    module,
                    file: Rc::clone(&parts.module.file),
                    key: Rc::from(format!("{}:anon-{}", parts.module.key, number + 1)),
                    maybe: pending.maybe.or(maybe),
                });
            }
            modules.push(parts.module);
        }
        if !disabled.is_empty() {
            modules.retain(|module| !disabled.contains(&module.key));
        }
        let modules: Rc<[LoadedModule]> = Rc::from(modules);
        let _ = configuration.open.set(open);
        let _ = configuration.missing.set(missing);
        Ok(Rc::clone(configuration.modules.get_or_init(|| modules)))
    }

    /// Takes a module apart; nothing if its key was seen already.
    fn take_apart(
        &mut self,
        configuration: &Rc<Configuration>,
        pending: &Pending,
        seen: &FxHashSet<Rc<str>>,
    ) -> Eval<Option<Parts>> {
        let value = self.force(pending.module)?;
        let (file, key, value) = match value {
            Value::Path(_) | Value::String(_) => {
                let path = self.coerce_to_path(value)?;
                let text = self.arena.path_text(path);
                if seen.contains(&text) {
                    return Ok(None);
                }
                let thunk = self.import_path(path)?;
                let inner = self.force(thunk)?;
                (Rc::clone(&text), text, inner)
            }
            other => (Rc::clone(&pending.file), Rc::clone(&pending.key), other),
        };
        let value = self.apply_module(configuration, value)?;
        let set = match value {
            Value::Attrs(set) => set,
            Value::List(_) => {
                let list = self.arena.ready(value);
                let mut builder = AttrsBuilder::new();
                builder.insert(well_known::IMPORTS, list);
                self.arena.attrs(builder)
            }
            Value::Path(_) | Value::String(_) => {
                // A file whose value is another path.
                let list = self.arena.ready(value);
                let list = self.list(&[list]);
                let list = self.arena.ready(list);
                let mut builder = AttrsBuilder::new();
                builder.insert(well_known::IMPORTS, list);
                self.arena.attrs(builder)
            }
            Value::External(external) => return Err(self.external_unknown(external)),
            other => {
                let kind = other.type_with_article();
                return Err(self.error(format!(
                    "Expected a module, but found a value of type {kind}"
                )));
            }
        };
        let parts = self.unify(set, file, key, pending.maybe)?;
        if seen.contains(&parts.module.key) {
            return Ok(None);
        }
        Ok(Some(parts))
    }

    /// Calls a module that is a function.
    fn apply_module(&mut self, configuration: &Rc<Configuration>, value: Value) -> Eval<Value> {
        let mut value = value;
        // A functor's result may be a function again.
        for _ in 0..8 {
            if !Self::is_function(&self.arena, value) {
                break;
            }
            let formals = self.function_arguments(value);
            let arguments = self.module_function_arguments(configuration, &formals);
            let arguments = self.arena.ready(Value::Attrs(arguments));
            value = self.apply(value, arguments)?;
        }
        Ok(value)
    }

    /// The formals of a function or functor, `__functionArgs` included.
    pub(crate) fn function_arguments(&mut self, value: Value) -> Vec<Symbol> {
        match value {
            Value::Lambda(closure) => self
                .function_formals(closure)
                .unwrap_or_default()
                .into_iter()
                .map(|(name, _)| name)
                .collect(),
            Value::Attrs(set) => {
                if let Some(entry) = self.arena.attribute(set, well_known::FUNCTION_ARGS)
                    && let Ok(arguments) = self.force_attrs(entry.value)
                {
                    return self
                        .arena
                        .entries(arguments)
                        .iter()
                        .map(|entry| entry.name)
                        .collect();
                }
                let Some(functor) = self.arena.attribute(set, well_known::FUNCTOR) else {
                    return Vec::new();
                };
                let this = self.arena.ready(value);
                match self.call(functor.value, this) {
                    Ok(inner @ Value::Lambda(_)) => self.function_arguments(inner),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// A module's set into its parts, in either syntax.
    fn unify(
        &mut self,
        set: AttrsId,
        file: Rc<str>,
        key: Rc<str>,
        maybe: Option<UnknownId>,
    ) -> Eval<Parts> {
        // `mkIf c { … }` and `mkMerge [ … ]` around a whole module are its configuration.
        let tag = self.type_tag(set)?;
        if let Some(tag) = tag
            && &*tag != "module"
        {
            if !matches!(&*tag, "if" | "override" | "merge" | "order") {
                return Err(self.error(format!(
                    "Expected a module, but found a value of type \"{tag}\", while trying to load a module into {file}"
                )));
            }
            let config = self.arena.ready(Value::Attrs(set));
            let position = Position::NONE;
            let module = LoadedModule {
                file,
                key,
                options: None,
                config: vec![config],
                maybe,
                position,
            };
            return Ok(Parts {
                module,
                imports: Vec::new(),
                disabled: Vec::new(),
            });
        }
        let file = match self.text_attribute(set, well_known::FILE)? {
            Some(text) => text,
            None => file,
        };
        let key = match self.text_attribute(set, well_known::KEY)? {
            Some(text) => text,
            None => key,
        };
        let imports = self.module_imports(set)?;
        let disabled = self.disabled_modules(set)?;
        let attribute =
            |evaluator: &Self, name| evaluator.arena.attribute(set, name).map(|e| e.value);
        let options = attribute(self, well_known::OPTIONS);
        let config = attribute(self, well_known::CONFIG);
        let freeform = attribute(self, well_known::FREEFORM_TYPE);
        let mut definitions = Vec::new();
        if options.is_some() || config.is_some() {
            self.check_attributes(set, &key)?;
            definitions.extend(config);
        } else {
            let entries: Vec<_> = self
                .arena
                .entries(set)
                .iter()
                .filter(|entry| !RESERVED.contains(&entry.name))
                .copied()
                .collect();
            let open = self.arena.attrs_data(set).open;
            let config = Value::Attrs(self.arena.sorted_attrs(&entries, open));
            definitions.push(self.arena.ready(config));
        }
        if let Some(freeform) = freeform {
            let inner = self.set_of(&[("freeformType", freeform)]);
            let inner = self.arena.ready(Value::Attrs(inner));
            let outer = self.set_of(&[("_module", inner)]);
            definitions.push(self.arena.ready(Value::Attrs(outer)));
        }
        let position = self
            .arena
            .entries(set)
            .iter()
            .map(|entry| entry.position)
            .find(|position| *position != Position::NONE)
            .unwrap_or_default();
        let module = LoadedModule {
            file,
            key,
            options,
            config: definitions,
            maybe,
            position,
        };
        Ok(Parts {
            module,
            imports,
            disabled,
        })
    }

    fn check_attributes(&mut self, set: AttrsId, key: &str) -> Eval<()> {
        let allowed = [
            well_known::OPTIONS,
            well_known::CONFIG,
            well_known::META,
            well_known::TYPE,
        ];
        for entry in self.arena.entries_by_name(set) {
            let reserved = RESERVED.contains(&entry.name) && entry.name != well_known::REQUIRE;
            if !reserved && !allowed.contains(&entry.name) && entry.maybe.is_none() {
                let name = self.name(entry.name);
                return Err(self.error(format!(
                    "Module `{key}' has an unsupported attribute `{name}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: {name}) into the explicit `config' attribute."
                )));
            }
        }
        Ok(())
    }

    fn text_attribute(&mut self, set: AttrsId, name: Symbol) -> Eval<Option<Rc<str>>> {
        let Some(entry) = self.arena.attribute(set, name) else {
            return Ok(None);
        };
        let value = self.force(entry.value)?;
        let value = self.coerce(value, crate::eval::Coercion::ToString)?;
        match self.expect_text(value) {
            Ok(text) => Ok(Some(text)),
            // `_file = __curPos.file` of an external: a name only.
            Err(_) => Ok(None),
        }
    }

    fn module_imports(&mut self, set: AttrsId) -> Eval<Vec<(Thunk, Option<UnknownId>)>> {
        let mut imports = Vec::new();
        for name in [well_known::REQUIRE, well_known::IMPORTS] {
            if let Some(entry) = self.arena.attribute(set, name) {
                let list = self.force(entry.value);
                let list = self.uncertain_list(list)?;
                imports.extend(
                    list.into_iter()
                        .map(|(thunk, maybe)| (thunk, maybe.or(entry.maybe))),
                );
            }
        }
        Ok(imports)
    }

    /// The keys that `disabledModules` names.
    fn disabled_modules(&mut self, set: AttrsId) -> Eval<Vec<Rc<str>>> {
        let Some(entry) = self.arena.attribute(set, well_known::DISABLED_MODULES) else {
            return Ok(Vec::new());
        };
        let list = self.force(entry.value);
        let mut keys = Vec::new();
        for (item, _) in self.uncertain_list(list)? {
            let Ok(value) = self.force(item) else {
                continue;
            };
            match value {
                Value::Path(path) => keys.push(self.arena.path_text(path)),
                Value::String(id) => {
                    // Relative names mean nixpkgs' own modules, which are not here.
                    if let Some(text) = self.arena.text(id).cloned()
                        && Path::new(&*text).is_absolute()
                    {
                        keys.push(text);
                    }
                }
                Value::Attrs(set) => keys.extend(self.text_attribute(set, well_known::KEY)?),
                _ => {}
            }
        }
        Ok(keys)
    }

    /// Why modules could not be loaded, so far; each is told once.
    pub fn take_module_problems(&mut self) -> Vec<UnknownId> {
        std::mem::take(&mut self.modules.problems)
    }
}
