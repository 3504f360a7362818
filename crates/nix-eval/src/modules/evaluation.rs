//! `evalModules`.

use std::cell::OnceCell;
use std::rc::Rc;

use super::configuration::{CONFIGURATION_NUMBER, Configuration, ModuleArguments};
use super::definition::Definition;
use super::definitions::{Declaration, Definitions};
use super::id::ConfigurationId;
use super::lazy::Lazy;
use super::level::Level;
use super::module_tree::UncertainModules;
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, Position, Symbol, Thunk, Value, well_known,
};

/// What a module takes in each evaluation that it is part of, in bytes, beside the values that it is
/// made of: its place in the tree of modules, and its definitions at each level.
const BYTES_OF_A_MODULE: usize = 512;

impl Evaluator {
    /// Sets up a module evaluation. Nothing is evaluated yet.
    pub fn configuration(&mut self, arguments: ModuleArguments) -> Rc<Configuration> {
        let number = u32::try_from(self.modules().configurations.len()).unwrap_or(u32::MAX);
        let id = ConfigurationId(number);
        self.modules_mut().is_lenient |= arguments.open.is_some();
        self.arena
            .count_text(arguments.modules.len() * BYTES_OF_A_MODULE);
        let config = self.lazy(move |evaluator| evaluator.config_value(id));
        let options = self.lazy(move |evaluator| evaluator.options_value(id));
        let configuration = Rc::new(Configuration {
            id,
            arguments,
            config,
            options,
            tree: Lazy::new(),
            modules: Lazy::new(),
            open: OnceCell::new(),
            missing: OnceCell::new(),
            unlisted: OnceCell::new(),
            root: Lazy::new(),
            common_arguments: OnceCell::new(),
        });
        self.modules_mut()
            .configurations
            .push(Rc::clone(&configuration));
        self.modules_mut().by_config.insert(config, id);
        configuration
    }

    /// A module evaluation.
    #[must_use]
    pub fn configuration_of(&self, id: ConfigurationId) -> Option<Rc<Configuration>> {
        self.modules().configurations.get(id.0 as usize).cloned()
    }

    /// All module evaluations so far, in the order in which they were set up.
    #[must_use]
    pub fn configurations(&self) -> &[Rc<Configuration>] {
        &self.modules().configurations
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
        configuration.root.get(self, |evaluator| {
            let modules = evaluator.collected_modules(&configuration)?;
            let internal = evaluator.internal_definition(&configuration);
            let mut declarations = Vec::new();
            let mut definitions = vec![internal];
            // Later modules' definitions come first, as in nixpkgs.
            for module in modules.iter().rev() {
                let file = &module.file;
                declarations.extend(module.options.map(|options| Declaration {
                    file: Rc::clone(file),
                    options,
                    position: module.position,
                    maybe: module.maybe,
                }));
                definitions.extend(module.config.iter().map(|config| {
                    let mut definition = Definition::new(Rc::clone(file), *config, module.position);
                    definition.maybe = module.maybe;
                    definition
                }));
            }
            let prefix = &configuration.arguments.prefix;
            let definitions = Definitions::of_modules(Rc::clone(prefix), definitions);
            let open = configuration.open.get().copied().flatten();
            Ok(Level::new(
                id,
                Rc::clone(prefix),
                true,
                declarations,
                definitions,
                open,
            ))
        })
    }

    /// The result of `evalModules`: `{ config; options; _module; type; extendModules; … }`.
    pub fn configuration_value(&mut self, configuration: &Rc<Configuration>) -> Value {
        let id = configuration.id;
        let config = self.public_config(configuration);
        let checked = configuration.config;
        let module = self.lazy(move |evaluator| {
            // Nix checks here, too.
            evaluator.force(config)?;
            let config = evaluator.force(checked)?;
            evaluator.select(config, well_known::MODULE)
        });
        let kind = self.string_thunk("configuration");
        let class = match configuration.arguments.checked_class() {
            Some(class) => self.string_thunk(class),
            None => self.arena.ready(Value::Null),
        };
        let extend = self.extend_function(id);
        let submodule = self.lazy(move |evaluator| evaluator.configuration_type(id));
        let graph = self.lazy(move |evaluator| evaluator.configuration_graph(id));
        let class_symbol = self.symbol("class");
        let graph_symbol = self.symbol("graph");
        let mut builder = AttrsBuilder::new();
        builder
            .insert(well_known::TYPE, kind)
            .insert(well_known::CONFIG, config)
            .insert(well_known::OPTIONS, configuration.options)
            .insert(well_known::MODULE, module)
            .insert(class_symbol, class)
            .insert(graph_symbol, graph)
            .insert(well_known::OPTION_TYPE, submodule)
            .insert(well_known::EXTEND_MODULES, extend);
        let set = self.arena.attrs(builder);
        self.modules_mut().evaluation_of.insert(set, id);
        Value::Attrs(set)
    }

    /// Says which module evaluation a set is the result of.
    pub(crate) fn set_configuration_behind(&mut self, set: AttrsId, id: ConfigurationId) {
        self.modules_mut().evaluation_of.insert(set, id);
    }

    /// The module evaluation that a value is the result of.
    pub fn configuration_behind(&mut self, value: Value) -> Option<Rc<Configuration>> {
        let Value::Attrs(set) = value else {
            return None;
        };
        if let Some(id) = self.modules().evaluation_of.get(&set) {
            return self.configuration_of(*id);
        }
        let config = self.arena.attribute(set, well_known::CONFIG)?;
        if let Some(id) = self.modules().by_config.get(&config.value) {
            return self.configuration_of(*id);
        }
        // A system's set that was merged again, by `types.anything`: its number stays.
        let number = self.symbol(CONFIGURATION_NUMBER);
        let number = self.arena.attribute(set, number)?;
        let number = self.force_int(number.value).ok()?;
        self.configuration_of(ConfigurationId(u32::try_from(number).ok()?))
    }

    /// The module evaluation whose `config` a value is: that of a system inside another one.
    #[must_use]
    pub fn configuration_of_config(&self, value: Value) -> Option<Rc<Configuration>> {
        let Value::Attrs(set) = value else {
            return None;
        };
        let id = self.modules().config_sets.get(&set)?;
        self.configuration_of(*id)
    }

    /// `extendModules` of a configuration.
    pub(super) fn extend_function(&mut self, id: ConfigurationId) -> Thunk {
        let number = self.arena.ready(Value::Int(i64::from(id.0)));
        let extend = self.partial(&super::functions::EXTEND_MODULES, &[number]);
        self.arena.ready(extend)
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
        if let Some(entry) = self.arena.attribute(set, well_known::PREFIX) {
            arguments.prefix = self.force_location(entry.value)?;
        }
        let extended = self.configuration(arguments);
        Ok(self.configuration_value(&extended))
    }

    /// `modules` of a call's argument, uncertain ones included.
    pub(crate) fn module_list(&mut self, set: AttrsId) -> Eval<UncertainModules> {
        let Some(entry) = self.arena.attribute(set, well_known::MODULES) else {
            return Ok(Vec::new());
        };
        let list = self.force(entry.value);
        self.uncertain_list(list)
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
