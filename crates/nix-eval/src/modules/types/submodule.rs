//! `types.submodule`, `submoduleWith` and `deferredModule`.

use std::rc::Rc;

use super::{Kind, TypeId};
use crate::eval::Evaluator;
use crate::modules::option::Resolved;
use crate::modules::{ConfigurationId, Location, ModuleArguments};
use crate::value::{AttrsBuilder, AttrsId, Eval, Thunk, UnknownId, Value, well_known};

/// What a submodule type evaluates.
#[derive(Debug, Clone)]
pub(crate) struct Submodule {
    /// Its modules.
    pub(crate) modules: Rc<[(Thunk, Option<UnknownId>)]>,
    /// `specialArgs`
    pub(crate) special_arguments: AttrsId,
    /// Whether a set is configuration alone, and not a module.
    pub(crate) shorthand_only_defines_config: bool,
    /// `class`
    pub(crate) class: Option<Rc<str>>,
    /// Why there may be more options than the modules declare.
    pub(crate) open: Option<UnknownId>,
}

impl Submodule {
    /// Both submodules' modules.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        let modules = self
            .modules
            .iter()
            .chain(other.modules.iter())
            .copied()
            .collect();
        Self {
            modules,
            shorthand_only_defines_config: self.shorthand_only_defines_config
                || other.shorthand_only_defines_config,
            open: self.open.or(other.open),
            ..self.clone()
        }
    }
}

impl Evaluator {
    /// Evaluates a submodule with these definitions as further modules.
    pub(crate) fn merge_submodule(
        &mut self,
        location: &Location,
        submodule: &Submodule,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let mut modules = submodule.modules.to_vec();
        let name = location.last().cloned().unwrap_or_else(|| Rc::from(""));
        modules.push((self.name_module(&name), None));
        let mut open = submodule.open;
        for definition in definitions {
            let value = match self.force(definition.value) {
                Ok(value) => value,
                Err(why) => {
                    open = open.or(Some(why));
                    continue;
                }
            };
            let module = self.definition_module(&definition, value, submodule);
            modules.push((module, definition.maybe));
        }
        let arguments = ModuleArguments {
            modules,
            special_arguments: submodule.special_arguments,
            prefix: Rc::clone(location),
            class: submodule.class.clone(),
            open,
            file: Rc::from("<unknown-file>"),
            check: true,
        };
        let configuration = self.configuration(arguments);
        let checked = self.public_config(&configuration);
        self.force(checked)
    }

    /// `{ _module.args.name = …; }`
    fn name_module(&mut self, name: &str) -> Thunk {
        let name = self.string_thunk(name);
        // An option default, so that a submodule can set its own.
        let name = self.property("override", "priority", 1000, name);
        let args = self.set_of(&[("name", name)]);
        let args = self.arena.ready(Value::Attrs(args));
        let module = self.set_of(&[("args", args)]);
        let module = self.arena.ready(Value::Attrs(module));
        let set = self.set_of(&[("_module", module)]);
        let config = self.arena.ready(Value::Attrs(set));
        let module = self.set_of(&[("config", config)]);
        self.arena.ready(Value::Attrs(module))
    }

    /// `{ _type = kind; <field> = number; content = …; }`
    pub(crate) fn property(
        &mut self,
        kind: &str,
        field: &str,
        number: i64,
        content: Thunk,
    ) -> Thunk {
        let kind = self.string_thunk(kind);
        let number = self.arena.ready(Value::Int(number));
        let set = self.set_of(&[("_type", kind), (field, number), ("content", content)]);
        let thunk = self.arena.ready(Value::Attrs(set));
        let origin = self.arena.origin(content);
        self.arena.set_origin(thunk, origin);
        thunk
    }

    /// A definition of a submodule as a module.
    fn definition_module(
        &mut self,
        definition: &Resolved,
        value: Value,
        submodule: &Submodule,
    ) -> Thunk {
        let file = self.string_thunk(&definition.file);
        let mut builder = AttrsBuilder::new();
        builder.insert(well_known::FILE, file);
        let is_set = matches!(value, Value::Attrs(_));
        if is_set && submodule.shorthand_only_defines_config {
            builder.push(Self::entry(
                well_known::CONFIG,
                definition.value,
                definition.position,
            ));
        } else {
            let imports = self.list(&[definition.value]);
            let imports = self.arena.ready(imports);
            builder.insert(well_known::IMPORTS, imports);
        }
        let set = self.arena.attrs(builder);
        self.arena.ready(Value::Attrs(set))
    }

    /// `config` as others see it: without `_module`, and an error where an option is not declared.
    pub(crate) fn public_config(
        &mut self,
        configuration: &Rc<crate::modules::Configuration>,
    ) -> Thunk {
        let id = configuration.id;
        let thunk = self
            .arena
            .lazy(move |evaluator| evaluator.checked_config(id));
        self.modules.by_config.insert(thunk, id);
        thunk
    }

    fn checked_config(&mut self, id: ConfigurationId) -> Eval<Value> {
        let Some(configuration) = self.configuration_of(id) else {
            return Err(self.error("no such configuration"));
        };
        let config = self.force_attrs(configuration.config)?;
        self.check_unmatched(&configuration)?;
        let entries: Vec<_> = self
            .arena
            .entries(config)
            .iter()
            .filter(|entry| entry.name != well_known::MODULE)
            .copied()
            .collect();
        let open = self.arena.attrs_data(config).open;
        let public = self.arena.sorted_attrs(&entries, open);
        self.modules.config_sets.insert(public, id);
        Ok(Value::Attrs(public))
    }

    fn check_unmatched(&mut self, configuration: &Rc<crate::modules::Configuration>) -> Eval<()> {
        let root = self.root_level(configuration.id)?;
        if root.open.is_some() || !configuration.arguments.check {
            return Ok(());
        }
        let config = self.force(configuration.config)?;
        let module = self.select(config, well_known::MODULE)?;
        let Value::Attrs(module) = module else {
            return Ok(());
        };
        let check = self.select_attribute(module, well_known::CHECK)?;
        let freeform = self.select_attribute(module, well_known::FREEFORM_TYPE)?;
        if check != Value::Bool(true) || freeform != Value::Null {
            return Ok(());
        }
        if let Some((location, definition)) = self.undeclared(&root)? {
            let shown = crate::modules::show_location(&location);
            let at = self
                .binding_place(definition.position)
                .map(|place| place.name);
            return Err(self.arena.unknown(crate::value::Unknown {
                kind: crate::value::UnknownKind::Throw,
                message: format!(
                    "The option `{shown}' does not exist. Definition values:\n- In `{}'",
                    definition.file
                ),
                at,
            }));
        }
        Ok(())
    }

    /// A submodule type with more modules; nothing for another type.
    pub(crate) fn extend_submodule(&mut self, id: TypeId, more: Vec<Thunk>) -> Option<TypeId> {
        let known = self.type_of(id);
        let kind = match &known.kind {
            Kind::Submodule(submodule) => {
                let added = more.into_iter().map(|module| (module, None));
                let modules = submodule.modules.iter().copied().chain(added).collect();
                Kind::Submodule(Rc::new(Submodule {
                    modules,
                    ..(**submodule).clone()
                }))
            }
            Kind::Attributes { element, lazy } => Kind::Attributes {
                element: self.extend_submodule(*element, more)?,
                lazy: *lazy,
            },
            Kind::List { element, non_empty } => Kind::List {
                element: self.extend_submodule(*element, more)?,
                non_empty: *non_empty,
            },
            Kind::NullOr(inner) => Kind::NullOr(self.extend_submodule(*inner, more)?),
            Kind::Unique(inner, message) => {
                Kind::Unique(self.extend_submodule(*inner, more)?, Rc::clone(message))
            }
            _ => return None,
        };
        let name = Rc::clone(&known.name);
        Some(self.new_type(&name, kind))
    }

    /// A type with other modules in its submodules; nothing where it has none.
    pub(crate) fn replace_submodules(&mut self, id: TypeId, modules: &[Thunk]) -> Option<TypeId> {
        let known = self.type_of(id);
        let kind = match &known.kind {
            Kind::Submodule(submodule) => {
                let modules = modules.iter().map(|module| (*module, None)).collect();
                Kind::Submodule(Rc::new(Submodule {
                    modules,
                    ..(**submodule).clone()
                }))
            }
            Kind::Attributes { element, lazy } => Kind::Attributes {
                element: self.replace_submodules(*element, modules)?,
                lazy: *lazy,
            },
            Kind::List { element, non_empty } => Kind::List {
                element: self.replace_submodules(*element, modules)?,
                non_empty: *non_empty,
            },
            Kind::NullOr(inner) => Kind::NullOr(self.replace_submodules(*inner, modules)?),
            _ => return None,
        };
        let name = Rc::clone(&known.name);
        Some(self.new_type(&name, kind))
    }

    /// `type` of a configuration: a submodule of its modules.
    pub(crate) fn configuration_type(&mut self, id: ConfigurationId) -> Eval<Value> {
        let Some(configuration) = self.configuration_of(id) else {
            return Err(self.error("no such configuration"));
        };
        let arguments = &configuration.arguments;
        let submodule = Submodule {
            modules: Rc::from(arguments.modules.clone()),
            special_arguments: arguments.special_arguments,
            shorthand_only_defines_config: false,
            class: arguments.class.clone(),
            open: arguments.open,
        };
        let id = self.new_type("submodule", Kind::Submodule(Rc::new(submodule)));
        let value = self.type_value(id);
        self.force(value)
    }
}
