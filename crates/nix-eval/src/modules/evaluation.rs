//! `evalModules`.

use std::cell::OnceCell;
use std::rc::Rc;

use super::collect::LoadedModule;
use super::definition::Definition;
use super::level::Level;
use super::{ConfigurationId, Location};
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, ExternalKind, Position, Slot, Symbol, Thunk, UnknownId,
    Value, well_known,
};

/// What a module evaluation starts from.
#[derive(Debug, Clone)]
pub struct ModuleArguments {
    /// The modules, in order; each with why it may not be there.
    pub modules: Vec<(Thunk, Option<UnknownId>)>,
    /// `specialArgs`
    pub special_arguments: AttrsId,
    /// Where the options hang: the path of a submodule.
    pub prefix: Location,
    /// `nixos`, `darwin`, `homeManager`, …
    pub class: Option<Rc<str>>,
    /// Why there may be options and definitions that the project does not show; nothing for a
    /// closed world.
    pub open: Option<UnknownId>,
    /// The file that modules without one are said to be in.
    pub file: Rc<str>,
    /// Whether an option that is not declared is an error.
    pub check: bool,
}

/// A module evaluation.
#[derive(Debug)]
pub struct Configuration {
    /// Its id.
    pub id: ConfigurationId,
    /// What it started from.
    pub arguments: ModuleArguments,
    /// `config`
    pub config: Thunk,
    /// `options`
    pub options: Thunk,
    pub(crate) modules: OnceCell<Rc<[LoadedModule]>>,
    pub(crate) open: OnceCell<Option<UnknownId>>,
    pub(crate) missing: OnceCell<Vec<UnknownId>>,
    pub(crate) root: OnceCell<Rc<Level>>,
}

impl Configuration {
    /// The modules, those that evaluation has reached; empty before.
    #[must_use]
    pub fn loaded_modules(&self) -> &[LoadedModule] {
        self.modules.get().map_or(&[], |modules| modules)
    }

    /// Why modules are missing, those that evaluation has tried to load.
    #[must_use]
    pub fn missing_modules(&self) -> &[UnknownId] {
        self.missing.get().map_or(&[], |missing| missing)
    }
}

impl Evaluator {
    /// Sets up a module evaluation. Nothing is evaluated yet.
    pub fn configuration(&mut self, arguments: ModuleArguments) -> Rc<Configuration> {
        let number = u32::try_from(self.modules.configurations.len()).unwrap_or(u32::MAX);
        let id = ConfigurationId(number);
        let config = self.arena.lazy(move |evaluator| evaluator.config_value(id));
        let options = self
            .arena
            .lazy(move |evaluator| evaluator.options_value(id));
        let configuration = Rc::new(Configuration {
            id,
            arguments,
            config,
            options,
            modules: OnceCell::new(),
            open: OnceCell::new(),
            missing: OnceCell::new(),
            root: OnceCell::new(),
        });
        self.modules.configurations.push(Rc::clone(&configuration));
        self.modules.by_config.insert(config, id);
        configuration
    }

    /// A module evaluation.
    #[must_use]
    pub fn configuration_of(&self, id: ConfigurationId) -> Option<Rc<Configuration>> {
        self.modules.configurations.get(id.0 as usize).cloned()
    }

    /// All module evaluations so far, in the order in which they were set up.
    #[must_use]
    pub fn configurations(&self) -> &[Rc<Configuration>] {
        &self.modules.configurations
    }

    fn config_value(&mut self, id: ConfigurationId) -> Eval<Value> {
        let level = self.root_level(id)?;
        self.level_config(&level).map(Value::Attrs)
    }

    fn options_value(&mut self, id: ConfigurationId) -> Eval<Value> {
        let level = self.root_level(id)?;
        self.level_options(&level).map(Value::Attrs)
    }

    /// The top level of the option tree.
    pub(crate) fn root_level(&mut self, id: ConfigurationId) -> Eval<Rc<Level>> {
        let Some(configuration) = self.configuration_of(id) else {
            return Err(self.error("no such configuration"));
        };
        if let Some(level) = configuration.root.get() {
            return Ok(Rc::clone(level));
        }
        let modules = self.collected_modules(&configuration)?;
        // Later modules' definitions come first, as in nixpkgs.
        let mut declarations = Vec::new();
        let mut definitions = Vec::new();
        for module in modules.iter().rev() {
            if let Some(options) = module.options {
                declarations.push((Rc::clone(&module.file), options, module.position));
            }
            for config in &module.config {
                let mut definition =
                    Definition::new(Rc::clone(&module.file), *config, module.position);
                definition.maybe = module.maybe;
                definitions.push(definition);
            }
        }
        let open = configuration.open.get().copied().flatten();
        let level = Level::new(
            id,
            Rc::clone(&configuration.arguments.prefix),
            declarations,
            definitions,
            open,
        );
        let level = Rc::new(level);
        Ok(Rc::clone(configuration.root.get_or_init(|| level)))
    }

    /// The result of `evalModules`: `{ config; options; _module; type; extendModules; class; }`.
    pub fn configuration_value(&mut self, configuration: &Rc<Configuration>) -> Value {
        let id = configuration.id;
        let config = self.public_config(configuration);
        let module = self.arena.thunk(Slot::Select {
            base: configuration.config,
            name: well_known::MODULE,
        });
        let kind = self.string_thunk("configuration");
        let class = match &configuration.arguments.class {
            Some(class) => self.string_thunk(class),
            None => self.arena.ready(Value::Null),
        };
        let number = self.arena.ready(Value::Int(i64::from(id.0)));
        let extend = self.partial(&super::functions::EXTEND_MODULES, &[number]);
        let extend = self.arena.ready(extend);
        let submodule = self
            .arena
            .lazy(move |evaluator| evaluator.configuration_type(id));
        let mut builder = AttrsBuilder::new();
        let class_symbol = self.symbol("class");
        builder
            .insert(well_known::TYPE, kind)
            .insert(well_known::CONFIG, config)
            .insert(well_known::OPTIONS, configuration.options)
            .insert(well_known::MODULE, module)
            .insert(class_symbol, class)
            .insert(well_known::OPTION_TYPE, submodule)
            .insert(well_known::EXTEND_MODULES, extend);
        let set = self.arena.attrs(builder);
        self.modules.evaluation_of.insert(set, id);
        Value::Attrs(set)
    }

    /// The module evaluation that a value is the result of.
    #[must_use]
    pub fn configuration_behind(&self, value: Value) -> Option<Rc<Configuration>> {
        let Value::Attrs(set) = value else {
            return None;
        };
        if let Some(id) = self.modules.evaluation_of.get(&set) {
            return self.configuration_of(*id);
        }
        let config = self.arena.attribute(set, well_known::CONFIG)?;
        self.configuration_of(*self.modules.by_config.get(&config.value)?)
    }

    /// `extendModules { modules; specialArgs; prefix; }`
    pub(crate) fn extend_modules(&mut self, id: ConfigurationId, set: AttrsId) -> Eval<Value> {
        let Some(configuration) = self.configuration_of(id) else {
            return Err(self.error("no such configuration"));
        };
        let mut arguments = configuration.arguments.clone();
        let more = self.module_list(set)?;
        arguments.modules.extend(more);
        if let Some(Value::Attrs(special)) = self.argument(set, "specialArgs")? {
            arguments.special_arguments = self.update_sets(arguments.special_arguments, special);
        }
        let extended = self.configuration(arguments);
        Ok(self.configuration_value(&extended))
    }

    /// `modules` of a call's argument, uncertain ones included.
    pub(crate) fn module_list(&mut self, set: AttrsId) -> Eval<Vec<(Thunk, Option<UnknownId>)>> {
        let Some(entry) = self.arena.attribute(set, well_known::MODULES) else {
            return Ok(Vec::new());
        };
        let list = self.force(entry.value);
        self.uncertain_list(list)
    }

    /// A list with why each element may not be there; unknown elements stand for themselves.
    pub(crate) fn uncertain_list(
        &mut self,
        list: Eval<Value>,
    ) -> Eval<Vec<(Thunk, Option<UnknownId>)>> {
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

    /// The arguments that a module function gets.
    pub(crate) fn module_function_arguments(
        &mut self,
        configuration: &Rc<Configuration>,
        formals: &[Symbol],
    ) -> AttrsId {
        let special = configuration.arguments.special_arguments;
        let mut builder = AttrsBuilder::new();
        let lib = self.lib();
        builder
            .insert(well_known::CONFIG, configuration.config)
            .insert(well_known::OPTIONS, configuration.options)
            .insert(well_known::LIB, lib);
        for name in formals {
            let known = [well_known::CONFIG, well_known::OPTIONS, well_known::LIB].contains(name);
            if !known && self.arena.attribute(special, *name).is_none() {
                let value = self.module_argument(configuration.id, *name);
                builder.insert(*name, value);
            }
        }
        for entry in self.arena.entries(special).to_vec() {
            builder.push(entry);
        }
        self.arena.attrs(builder)
    }

    /// `config._module.args.name`, in an open world an external where nobody defines it.
    fn module_argument(&mut self, id: ConfigurationId, name: Symbol) -> Thunk {
        self.arena.lazy(move |evaluator| {
            let Some(configuration) = evaluator.configuration_of(id) else {
                return Err(evaluator.error("no such configuration"));
            };
            let arguments = evaluator.select_arguments(&configuration)?;
            if let Some(entry) = evaluator.arena.attribute(arguments, name) {
                return evaluator.force(entry.value);
            }
            let text = evaluator.name(name);
            if configuration.open.get().copied().flatten().is_none()
                && configuration.arguments.open.is_none()
            {
                return Err(evaluator.error(format!("attribute '{text}' missing")));
            }
            let kind = if name == well_known::PKGS {
                ExternalKind::Packages { system: None }
            } else {
                ExternalKind::Other
            };
            let label = match kind {
                ExternalKind::Packages { .. } => "pkgs".to_owned(),
                _ => format!("module argument `{text}`"),
            };
            Ok(evaluator.external_root(&label, kind))
        })
    }

    fn select_arguments(&mut self, configuration: &Rc<Configuration>) -> Eval<AttrsId> {
        let config = self.force(configuration.config)?;
        let module = self.select(config, well_known::MODULE)?;
        let arguments = self.select(module, well_known::ARGS)?;
        match arguments {
            Value::Attrs(set) => Ok(set),
            other => Err(self.type_error(other, "a set")),
        }
    }

    /// An entry with a position.
    pub(crate) const fn entry(name: Symbol, value: Thunk, position: Position) -> Entry {
        Entry {
            name,
            value,
            position,
            maybe: None,
        }
    }
}
