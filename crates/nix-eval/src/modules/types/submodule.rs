//! `types.submodule`, `submoduleWith`, and types that hold submodules.

use std::rc::Rc;

use super::kind::{InnerSystem, Submodule};
use super::kind::{Kind, TypeId};
use crate::eval::Evaluator;
use crate::modules::configuration::{Configuration, ModuleArguments};
use crate::modules::id::ConfigurationId;
use crate::modules::module_tree::UncertainModules;
use crate::modules::resolved::{OPTION_DEFAULT_PRIORITY, Resolved};
use crate::value::{AttrsBuilder, AttrsId, Eval, Location, Thunk, Value, well_known};

/// What `name` is where no definition gives the submodule one.
const NO_NAME: &str = "‹name›";

/// The sets that NixOS, nix-darwin and Home Manager keep their options in, sorted.
const OUTSIDE: [&str; 47] = [
    "accounts",
    "boot",
    "console",
    "containers",
    "dconf",
    "documentation",
    "environment",
    "fileSystems",
    "fonts",
    "gtk",
    "hardware",
    "home",
    "home-manager",
    "homebrew",
    "i18n",
    "image",
    "isoImage",
    "launchd",
    "location",
    "manual",
    "networking",
    "news",
    "nix",
    "nixpkgs",
    "oci",
    "pam",
    "power",
    "powerManagement",
    "programs",
    "qt",
    "sdImage",
    "security",
    "services",
    "specialisation",
    "swapDevices",
    "system",
    "systemd",
    "targets",
    "time",
    "users",
    "virtualisation",
    "wayland",
    "xdg",
    "xfconf",
    "xresources",
    "xsession",
    "zramSwap",
];

impl Submodule {
    /// The evaluation of its own modules.
    pub(super) fn arguments(&self) -> ModuleArguments {
        ModuleArguments {
            modules: self.modules.to_vec(),
            special_arguments: self.special_arguments,
            prefix: Location::from([]),
            class: self.class.clone(),
            open: self.open,
            file: Rc::from("<unknown-file>"),
            check: true,
        }
    }
}

impl Evaluator {
    /// Evaluates a submodule with these definitions as further modules.
    pub(super) fn merge_submodule(
        &mut self,
        location: &Location,
        submodule: &Submodule,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        if let Some(system) = submodule.system {
            return self.merge_system(submodule, system, definitions);
        }
        let name = location
            .last()
            .cloned()
            .unwrap_or_else(|| Rc::from(NO_NAME));
        let mut arguments = submodule.arguments();
        // One without a module has its options from other declarations of the option: where there may
        // be modules that the project does not show, from theirs.
        if submodule.modules.is_empty() && self.modules().is_lenient {
            arguments.open = arguments.open.or(Some(self.open_world()));
        }
        arguments.prefix = Rc::clone(location);
        // A module that is not here, in the evaluation around it, may declare more of this option.
        arguments.open = arguments.open.or(self.modules().missing_above);
        if arguments.open.is_none() && self.is_shared(location) {
            arguments.open = Some(self.open_world());
        }
        arguments
            .modules
            .push((self.name_module(&name, None), None));
        for definition in definitions {
            let module = self.definition_module(&definition, submodule);
            arguments.modules.push((module, definition.maybe));
        }
        let configuration = self.configuration(arguments);
        let checked = self.public_config(&configuration);
        self.force(checked)
    }

    /// Evaluates a NixOS system of its own with these definitions as its modules.
    fn merge_system(
        &mut self,
        submodule: &Submodule,
        system: InnerSystem,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let special = match system.special_arguments.map(|special| self.force(special)) {
            Some(Ok(Value::Attrs(special))) => special,
            None | Some(Ok(_)) => self.set_of(&[]),
            Some(Err(why)) => {
                let mut builder = AttrsBuilder::new();
                builder.open(why);
                self.arena.attrs(builder)
            }
        };
        let mut modules = submodule.modules.to_vec();
        for definition in definitions {
            let file = self.string_thunk(&definition.file);
            let imports = self.list(&[definition.value]);
            let imports = self.arena.ready(imports);
            let mut builder = AttrsBuilder::new();
            builder.insert(well_known::FILE, file);
            builder.insert(well_known::IMPORTS, imports);
            let set = self.arena.attrs(builder);
            let module = self.arena.ready(Value::Attrs(set));
            modules.push((module, definition.maybe));
        }
        let configuration =
            (self.modules().hooks.inner_system)(self, modules, special, system.packages);
        let checked = self.public_config(&configuration);
        self.force(checked)
    }

    /// Whether an option is one that modules outside the project declare as well: what the project
    /// declares in `services.nginx.virtualHosts.<name>` is not all of it.
    fn is_shared(&self, location: &Location) -> bool {
        let of_user = match &**location {
            [first, users, _, rest @ ..] if &**first == "home-manager" && &**users == "users" => {
                rest
            }
            whole => whole,
        };
        let is_outside = |name: &Rc<str>| OUTSIDE.binary_search(&&**name).is_ok();
        self.modules().is_lenient && of_user.first().is_some_and(is_outside)
    }

    /// A submodule without definitions, and without a place that would give it a name.
    pub(super) fn empty_submodule(&mut self, submodule: &Submodule) -> Thunk {
        let mut arguments = submodule.arguments();
        let name = self.name_module(NO_NAME, Some(OPTION_DEFAULT_PRIORITY));
        arguments.modules.insert(0, (name, None));
        let configuration = self.configuration(arguments);
        self.public_config(&configuration)
    }

    /// `{ config._module.args.name = …; }`
    fn name_module(&mut self, name: &str, priority: Option<i64>) -> Thunk {
        let mut name = self.string_thunk(name);
        if let Some(priority) = priority {
            let priority = self.arena.ready(Value::Int(priority));
            let kind = self.string_thunk("override");
            let set = self.set_of(&[("_type", kind), ("priority", priority), ("content", name)]);
            name = self.arena.ready(Value::Attrs(set));
        }
        let mut value = name;
        for field in [
            well_known::NAME,
            well_known::ARGS,
            well_known::MODULE,
            well_known::CONFIG,
        ] {
            let mut builder = AttrsBuilder::new();
            builder.insert(field, value);
            let set = self.arena.attrs(builder);
            value = self.arena.ready(Value::Attrs(set));
        }
        value
    }

    /// A definition of a submodule as a module.
    fn definition_module(&mut self, definition: &Resolved, submodule: &Submodule) -> Thunk {
        let is_config = match self.force(definition.value) {
            Ok(Value::Attrs(_)) => submodule.shorthand_only_defines_config == Some(true),
            Ok(Value::External(_)) | Err(_) => true,
            Ok(_) => false,
        };
        let file = self.string_thunk(&definition.file);
        let mut builder = AttrsBuilder::new();
        builder.insert(well_known::FILE, file);
        if is_config {
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
    pub(crate) fn public_config(&mut self, configuration: &Rc<Configuration>) -> Thunk {
        let id = configuration.id;
        let thunk = self.lazy(move |evaluator| evaluator.checked_config(id));
        self.modules_mut().by_config.insert(thunk, id);
        thunk
    }

    fn checked_config(&mut self, id: ConfigurationId) -> Eval<Value> {
        let Some(configuration) = self.configuration_of(id) else {
            return Err(self.error("no such configuration"));
        };
        let config = self.force_attrs(configuration.config)?;
        self.check_undeclared(&configuration)?;
        let entries: Vec<_> = self
            .arena
            .entries(config)
            .iter()
            .filter(|entry| entry.name != well_known::MODULE)
            .copied()
            .collect();
        let open = self.arena.attrs_data(config).open;
        let public = self.arena.sorted_attrs(&entries, open);
        self.modules_mut().config_sets.insert(public, id);
        Ok(Value::Attrs(public))
    }

    /// A type with other modules in its submodules; nothing where it has none.
    pub(crate) fn replace_submodules(
        &mut self,
        id: TypeId,
        modules: &UncertainModules,
    ) -> Eval<Option<TypeId>> {
        let known = self.type_of(id);
        let mut inner = |inner: TypeId| self.replace_submodules(inner, modules);
        let kind = match &known.kind {
            Kind::Submodule(submodule) => Some(Kind::Submodule(Rc::new(Submodule {
                modules: Rc::from(modules.as_slice()),
                ..(**submodule).clone()
            }))),
            Kind::DeferredModule { .. } => Some(Kind::DeferredModule {
                modules: modules.iter().map(|(module, _)| *module).collect(),
            }),
            Kind::Attributes {
                element,
                lazy,
                placeholder,
            } => {
                let (lazy, placeholder) = (*lazy, Rc::clone(placeholder));
                inner(*element)?.map(|element| Kind::Attributes {
                    element,
                    lazy,
                    placeholder,
                })
            }
            Kind::OpenAttributes(element) => inner(*element)?.map(Kind::OpenAttributes),
            Kind::List { element, non_empty } => inner(*element)?.map(|element| Kind::List {
                element,
                non_empty: *non_empty,
            }),
            Kind::NullOr(element) => inner(*element)?.map(Kind::NullOr),
            Kind::FunctionTo(element) => inner(*element)?.map(Kind::FunctionTo),
            Kind::Unique(element, message) => {
                inner(*element)?.map(|element| Kind::Unique(element, Rc::clone(message)))
            }
            Kind::Coerced { from, function, to } => {
                let (from, function) = (*from, *function);
                inner(*to)?.map(|to| Kind::Coerced { from, function, to })
            }
            // `addCheck` is forgotten.
            Kind::Checked(element, _) => return inner(*element),
            Kind::Custom(custom) => {
                let set = custom.set;
                return self.replace_custom_submodules(set, modules);
            }
            _ => None,
        };
        let name = Rc::clone(&known.name);
        Ok(kind.map(|kind| self.new_type(&name, kind)))
    }

    /// `type.substSubModules modules`
    fn replace_custom_submodules(
        &mut self,
        set: AttrsId,
        modules: &UncertainModules,
    ) -> Eval<Option<TypeId>> {
        let Some(entry) = self.arena.attribute(set, well_known::SUBSTITUTE_SUBMODULES) else {
            return Ok(None);
        };
        let modules: Vec<Thunk> = modules.iter().map(|(module, _)| *module).collect();
        let modules = self.list(&modules);
        let modules = self.arena.ready(modules);
        match self.call(entry.value, modules)? {
            Value::Null => Ok(None),
            replaced => {
                let replaced = self.arena.ready(replaced);
                self.resolve_type(replaced).map(Some)
            }
        }
    }

    /// `type` of a configuration: a submodule of its modules.
    pub(crate) fn configuration_type(&mut self, id: ConfigurationId) -> Eval<Value> {
        let Some(configuration) = self.configuration_of(id) else {
            return Err(self.error("no such configuration"));
        };
        let arguments = &configuration.arguments;
        let submodule = Submodule {
            special_arguments: arguments.special_arguments,
            class: arguments.class.clone(),
            open: arguments.open,
            ..Submodule::of(arguments.modules.clone())
        };
        let id = self.new_type("submodule", Kind::Submodule(Rc::new(submodule)));
        let value = self.type_value(id);
        self.force(value)
    }
}
