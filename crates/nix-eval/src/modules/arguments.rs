//! What module functions are called with.

use std::rc::Rc;

use super::configuration::Configuration;
use super::id::ConfigurationId;
use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Eval, ExternalKind, Reason, Symbol, Thunk, Value, well_known,
};

impl Evaluator {
    /// Calls a module that is a function.
    pub(super) fn apply_module(
        &mut self,
        configuration: &Rc<Configuration>,
        value: Value,
    ) -> Eval<Value> {
        if !Self::is_function(&self.arena, value) {
            return Ok(value);
        }
        let formals = self.formals_of(value);
        let arguments = self.module_function_arguments(configuration, &formals);
        let arguments = self.arena.ready(Value::Attrs(arguments));
        self.apply(value, arguments)
    }

    /// The formals of a function or functor with whether each has a default, as `lib.functionArgs`
    /// gives them.
    pub(crate) fn formals_of(&mut self, value: Value) -> Vec<(Symbol, bool)> {
        match value {
            Value::Lambda(closure) => self.function_formals(closure).unwrap_or_default(),
            Value::Attrs(set) => {
                if let Some(entry) = self.arena.attribute(set, well_known::FUNCTION_ARGS)
                    && let Ok(arguments) = self.force_attrs(entry.value)
                {
                    let entries = self.arena.entries(arguments).to_vec();
                    let default = |evaluator: &mut Self, value| {
                        evaluator.force(value) == Ok(Value::Bool(true))
                    };
                    return entries
                        .into_iter()
                        .map(|entry| (entry.name, default(self, entry.value)))
                        .collect();
                }
                let Some(functor) = self.arena.attribute(set, well_known::FUNCTOR) else {
                    return Vec::new();
                };
                let this = self.arena.ready(value);
                match self.call(functor.value, this) {
                    Ok(inner @ Value::Lambda(_)) => self.formals_of(inner),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// What every module function of a configuration is called with.
    fn common_arguments(&mut self, configuration: &Rc<Configuration>) -> AttrsId {
        if let Some(known) = configuration.common_arguments.get() {
            return *known;
        }
        let arguments = &configuration.arguments;
        let special = arguments.special_arguments;
        let lib = (self.modules().hooks.lib)(self);
        let class = match arguments.checked_class() {
            Some(class) => self.string_thunk(class),
            None => self.arena.ready(Value::Null),
        };
        let prefix = Rc::clone(&arguments.prefix);
        let prefix = self.lazy(move |evaluator| {
            let names = evaluator.location_value(&prefix);
            evaluator.force(names)
        });
        let prefix_symbol = self.symbol("_prefix");
        let special_value = self.arena.ready(Value::Attrs(special));
        let mut builder = AttrsBuilder::new();
        builder
            .insert(well_known::CONFIG, configuration.config)
            .insert(well_known::OPTIONS, configuration.options)
            .insert(well_known::LIB, lib)
            .insert(well_known::SPECIAL_ARGS, special_value)
            .insert(well_known::CLASS, class)
            .insert(prefix_symbol, prefix);
        for entry in self.arena.entries(special).to_vec() {
            builder.push(entry);
        }
        if let Some(why) = self.arena.attrs_data(special).open {
            builder.open(why);
        }
        let common = self.arena.attrs(builder);
        *configuration.common_arguments.get_or_init(|| common)
    }

    /// The arguments that a module function with these formals gets.
    fn module_function_arguments(
        &mut self,
        configuration: &Rc<Configuration>,
        formals: &[(Symbol, bool)],
    ) -> AttrsId {
        let common = self.common_arguments(configuration);
        let mut more = AttrsBuilder::new();
        let mut any = false;
        for (name, _) in formals {
            if self.arena.attribute(common, *name).is_none() {
                let value = self.module_argument(configuration.id, *name);
                more.insert(*name, value);
                any = true;
            }
        }
        if !any {
            return common;
        }
        let more = self.arena.attrs(more);
        self.update_sets(common, more)
    }

    /// `config._module.args.name`, in an open world an external where nobody defines it.
    fn module_argument(&mut self, id: ConfigurationId, name: Symbol) -> Thunk {
        self.lazy(move |evaluator| {
            let Some(configuration) = evaluator.configuration_of(id) else {
                return Err(evaluator.error("no such configuration"));
            };
            // What imports need cannot come from `_module.args`: it is a special argument of whoever
            // uses the module.
            let is_collecting = configuration.modules.known().is_none();
            if !(is_collecting && configuration.arguments.open.is_some()) {
                let arguments = evaluator.defined_arguments(&configuration)?;
                if let Some(entry) = evaluator.arena.attribute(arguments, name) {
                    return evaluator.force(entry.value);
                }
            }
            let special = configuration.arguments.special_arguments;
            if let Some(why) = evaluator.arena.attrs_data(special).open {
                return Err(why);
            }
            let text = evaluator.name(name);
            if configuration.open.get().copied().flatten().is_none()
                && configuration.arguments.open.is_none()
            {
                return Err(evaluator.unknown(Reason::MissingAttribute(text)));
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

    /// `config._module.args`
    fn defined_arguments(&mut self, configuration: &Rc<Configuration>) -> Eval<AttrsId> {
        let config = self.force(configuration.config)?;
        let module = self.select(config, well_known::MODULE)?;
        let arguments = self.select(module, well_known::ARGS)?;
        match arguments {
            Value::Attrs(set) => Ok(set),
            other => Err(self.type_error(other, "a set")),
        }
    }
}
