//! `nixosSystem`, `darwinSystem`, `homeManagerConfiguration`.

use std::cell::Cell;
use std::rc::Rc;

use super::externals::packages;
use super::known_projects::{are_quiet, names_of_project};
use super::packages::system_of;
use super::reference::Repository;
use super::system_kind::SystemKind;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::modules::types::{InnerSystem, Kind, Submodule};
use crate::modules::{Configuration, ConfigurationId, Hooks, ModuleArguments};
use crate::nixlib::Constant;
use crate::value::{
    AttrsBuilder, AttrsId, Eval, External, ExternalId, ExternalKind, KnownProject, Location,
    Origin, Presence, Reason, Thunk, UnknownId, Value, well_known,
};

/// What is known of the machine that a configuration is for.
#[derive(Debug, Clone, Default)]
pub struct Platform {
    /// `x86_64-linux`, where that is given.
    pub system: Option<Rc<str>>,
    /// A package set, where one is given.
    pub packages: Option<Thunk>,
    /// `linux` or `darwin`: what is certain where nothing says which system it is.
    pub kernel: Option<&'static str>,
}

/// `openSubmodule { modules; specialArgs; … }` of the schema arguments.
static OPEN_SUBMODULE: Builtin = Builtin {
    name: "openSubmodule",
    arity: 1,
    run: open_submodule,
};

/// `nixosSystem { modules; specialArgs; pkgs; }` of the schema arguments.
static NIXOS_SYSTEM: Builtin = Builtin {
    name: "nixosSystem",
    arity: 1,
    run: nixos_system,
};

/// What the module system asks of this layer.
pub(crate) const MODULE_HOOKS: Hooks = Hooks {
    lib: Evaluator::lib,
    option_defaults,
    own_options: |evaluator| evaluator.flakes().schemas.own_options,
    inner_system,
    module_source: super::module_sources::module_source,
};

/// What nixpkgs' flake adds to its `lib`.
pub(crate) const OF_FLAKE: &[Constant] = &[Constant {
    name: "nixosSystem",
    make: |evaluator| Ok(evaluator.nixos_system()),
}];

/// The values of options that no module declares, from `config`, as far as a schema gives them.
fn option_defaults(evaluator: &mut Evaluator, config: Thunk) -> Option<Thunk> {
    let function = match evaluator.flakes().option_defaults {
        Some(known) => known,
        None => {
            let schema = evaluator.flakes().schemas.defaults?;
            let function = evaluator.embedded(schema.name, schema.text);
            evaluator.flakes_mut().option_defaults = Some(function);
            function
        }
    };
    let lib = evaluator.lib();
    let set = evaluator.set_of(&[("config", config), ("lib", lib)]);
    let set = evaluator.arena.ready(Value::Attrs(set));
    Some(evaluator.lazy_apply(function, set))
}

impl Evaluator {
    /// The schema modules of a kind of system.
    pub(crate) fn schema_modules(&mut self, kind: SystemKind) -> Rc<[Thunk]> {
        let slot = kind as usize;
        if let Some(Some(known)) = self.flakes().schema_modules.get(slot) {
            return Rc::clone(known);
        }
        let arguments = self.schema_arguments();
        let schemas = kind.schemas(&self.flakes().schemas);
        let modules: Rc<[Thunk]> = schemas
            .iter()
            .map(|schema| {
                let function = self.embedded(schema.name, schema.text);
                let is_darwin = self.arena.ready(Value::Bool(kind == SystemKind::Darwin));
                let own = self.set_of(&[("isDarwin", is_darwin)]);
                let set = match self.force(arguments) {
                    Ok(Value::Attrs(common)) => self.update_sets(common, own),
                    _ => own,
                };
                let set = self.arena.ready(Value::Attrs(set));
                self.lazy_apply(function, set)
            })
            .collect();
        if let Some(cell) = self.flakes_mut().schema_modules.get_mut(slot) {
            *cell = Some(Rc::clone(&modules));
        }
        modules
    }

    /// What a schema's function is called with: `{ lib; openSubmodule; openAttrsOf; nixosSystem; known; modules; … }`.
    fn schema_arguments(&mut self) -> Thunk {
        if let Some(known) = self.flakes().schema_arguments {
            return known;
        }
        let lib = self.lib();
        let open = self.partial(&OPEN_SUBMODULE, &[]);
        let open = self.arena.ready(open);
        let home_manager = self.lazy(|evaluator| {
            let modules = evaluator.schema_modules(SystemKind::HomeManager);
            Ok(evaluator.list(&modules))
        });
        let modules = self.set_of(&[("homeManager", home_manager)]);
        let modules = self.arena.ready(Value::Attrs(modules));
        let open_attributes = self.partial(&OPEN_ATTRIBUTES, &[]);
        let open_attributes = self.arena.ready(open_attributes);
        let nixos_system = self.partial(&NIXOS_SYSTEM, &[]);
        let nixos_system = self.arena.ready(nixos_system);
        let known = self.partial(&KNOWN, &[]);
        let known = self.arena.ready(known);
        let mut attributes = vec![
            ("lib", lib),
            ("openSubmodule", open),
            ("openAttrsOf", open_attributes),
            ("nixosSystem", nixos_system),
            ("known", known),
            ("modules", modules),
        ];
        for (name, list) in self.flakes().schemas.names {
            let items: Vec<Thunk> = list.iter().map(|item| self.string_thunk(item)).collect();
            let items = self.list(&items);
            attributes.push((name, self.arena.ready(items)));
        }
        let set = self.set_of(&attributes);
        let mut thunk = self.arena.ready(Value::Attrs(set));
        for &(name, schema) in self.flakes().schemas.support {
            let function = self.embedded(schema.name, schema.text);
            let support = self.lazy_apply(function, thunk);
            attributes.push((name, support));
            let set = self.set_of(&attributes);
            thunk = self.arena.ready(Value::Attrs(set));
        }
        self.flakes_mut().schema_arguments = Some(thunk);
        thunk
    }

    /// A system from what `nixosSystem` and its kind are called with.
    pub(crate) fn system_configuration(&mut self, kind: SystemKind, set: AttrsId) -> Eval<Value> {
        let mut modules = self.module_list(set)?;
        if kind == SystemKind::Nixos
            && let Some(extra) = self.argument(set, "extraModules").transpose()
        {
            modules.splice(0..0, self.uncertain_list(extra)?);
        }
        let special_names: &[&str] = match kind {
            SystemKind::HomeManager => &["extraSpecialArgs"],
            SystemKind::Nixos | SystemKind::Darwin => &["specialArgs"],
            SystemKind::SystemManager => &["specialArgs", "extraSpecialArgs"],
        };
        let mut special = self.set_of(&[]);
        for name in special_names {
            let more = match self.argument(set, name) {
                Ok(Some(Value::Attrs(more))) => more,
                Ok(_) => continue,
                Err(why) => {
                    let mut builder = AttrsBuilder::new();
                    builder.open(why);
                    self.arena.attrs(builder)
                }
            };
            special = self.update_sets(special, more);
        }
        let mut system = match self.argument(set, "system") {
            Ok(Some(value)) => self.expect_text(value).ok(),
            _ => None,
        };
        let mut given = None;
        if let Ok(Some(packages)) = self.argument(set, "pkgs") {
            system = system.or_else(|| system_of(self, packages));
            given = Some(self.arena.ready(packages));
        }
        let lib = self.symbol("lib");
        let lib = self.arena.attribute(set, lib).map(|entry| entry.value);
        let platform = Platform {
            system,
            packages: given,
            kernel: kind.kernel(),
        };
        let configuration = self.system(kind, modules, special, platform, lib);
        Ok(self.system_value(&configuration))
    }

    /// Sets up a system of these modules, for a system and with a package set, where these are given.
    pub fn system(
        &mut self,
        kind: SystemKind,
        modules: Vec<(Thunk, Option<UnknownId>)>,
        special: AttrsId,
        platform: Platform,
        lib: Option<Thunk>,
    ) -> Rc<Configuration> {
        let mut builder = AttrsBuilder::new();
        // The modules' `lib` is the one that the system is built with.
        let lib = lib.unwrap_or_else(|| self.lib());
        builder.insert(well_known::LIB, lib);
        let modules_path = self.external_root(
            "<nixpkgs>/nixos/modules",
            ExternalKind::Input {
                origin: Origin::SearchPath(Rc::from("nixpkgs/nixos/modules")),
                url: None,
                known: None,
            },
        );
        let modules_path = self.arena.ready(modules_path);
        let modules_name = match kind {
            SystemKind::SystemManager => self.symbol("nixosModulesPath"),
            _ => well_known::MODULES_PATH,
        };
        builder.insert(modules_name, modules_path);
        let defaults = self.arena.attrs(builder);
        let special_arguments = self.update_sets(defaults, special);
        let mut all: Vec<(Thunk, Option<UnknownId>)> = self
            .schema_modules(kind)
            .iter()
            .map(|module| (*module, None))
            .collect();
        let id = Rc::new(Cell::new(None));
        let items: Vec<(Thunk, Presence)> = modules
            .iter()
            .map(|(module, maybe)| (*module, maybe.map_or(Presence::Certain, Presence::Maybe)))
            .collect();
        let written = Value::List(self.arena.list_of(&items));
        let written = self.arena.ready(written);
        let base = self.base_module(platform, written, &id);
        all.push((base, None));
        all.extend(modules);
        let open = self.open_world();
        let configuration = self.configuration(ModuleArguments {
            modules: all,
            special_arguments,
            prefix: Location::from([]),
            class: Some(Rc::from(kind.class())),
            open: Some(open),
            file: Rc::from("<unknown-file>"),
            check: false,
        });
        id.set(Some(configuration.id));
        configuration
    }

    /// What `nixos/modules/module-list.nix` gives: the schemas in place of NixOS's modules, and one that is not
    /// here, for the options that they do not have.
    pub(super) fn nixos_module_list(&mut self, nixpkgs: ExternalId) -> Value {
        let kind = SystemKind::Nixos;
        let mut modules = self.schema_modules(kind).to_vec();
        let platform = Platform {
            kernel: kind.kernel(),
            ..Platform::default()
        };
        let none = self.list(&[]);
        let none = self.arena.ready(none);
        modules.push(self.base_module(platform, none, &Rc::new(Cell::new(None))));
        let name = self.symbol("nixos/modules");
        let others = self.arena.external(External::Select {
            base: nixpkgs,
            name,
        });
        modules.push(self.arena.ready(Value::External(others)));
        self.list(&modules)
    }

    /// `{ config, ... }: { _module.args.pkgs = …; }` with the lowest priority.
    fn base_module(
        &mut self,
        platform: Platform,
        written: Thunk,
        id: &Rc<Cell<Option<ConfigurationId>>>,
    ) -> Thunk {
        let Platform {
            system,
            packages,
            kernel,
        } = platform;
        let function = include_str!("base.nix");
        let function = self.embedded("base.nix", function);
        let kernel = match kernel {
            Some(kernel) => self.string_thunk(kernel),
            None => self.arena.ready(Value::Null),
        };
        let make = self.partial(&MAKE_PACKAGES, &[kernel]);
        let make = self.arena.ready(make);
        let system = match system {
            Some(system) => self.string_thunk(&system),
            None => self.arena.ready(Value::Null),
        };
        let is_whole = self.is_whole_once_set_up(id);
        let packages = packages.unwrap_or_else(|| self.arena.ready(Value::Null));
        let set = self.set_of(&[
            ("makePackages", make),
            ("system", system),
            ("packages", packages),
            ("modules", written),
            ("isWhole", is_whole),
        ]);
        let set = self.arena.ready(Value::Attrs(set));
        self.lazy_apply(function, set)
    }

    /// Whether a configuration misses no module but those of quiet projects, once it is set up.
    fn is_whole_once_set_up(&mut self, id: &Rc<Cell<Option<ConfigurationId>>>) -> Thunk {
        let id = Rc::clone(id);
        self.lazy(move |evaluator| {
            let configuration = id.get().and_then(|id| evaluator.configuration_of(id));
            let is_whole = configuration.is_none_or(|configuration| {
                let mut missing = configuration.missing_modules().iter();
                !missing.any(|why| evaluator.may_declare_users(*why))
            });
            Ok(Value::Bool(is_whole))
        })
    }

    /// Whether a module that is not in the project may declare users, or whatever else of a system a caller asks
    /// for: it is of no quiet project.
    #[must_use]
    pub fn may_declare_users(&self, why: UnknownId) -> bool {
        let names = self.names_of_missing(why);
        !are_quiet(&names) && !self.have_schemas(names_of_project(&names))
    }

    /// What the project of a module that is not here is called, in lower case: the name of the input, the repository,
    /// alone and behind its owner. Empty if the module is missing for another reason.
    #[must_use]
    pub fn project_of_missing(&self, why: UnknownId) -> Vec<String> {
        names_of_project(&self.names_of_missing(why)).to_vec()
    }

    /// Whether the schemas stand for the modules of a project, by what it is called.
    pub(super) fn have_schemas(&self, names: &[String]) -> bool {
        let native = self.flakes().schemas.native_inputs;
        names.iter().any(|name| native.contains(&name.as_str()))
    }

    /// Whether a module that is missing is one of nixpkgs.
    #[must_use]
    pub fn is_of_nixpkgs(&self, why: UnknownId) -> bool {
        let names = self.names_of_missing(why);
        names.iter().any(|name| name == "nixpkgs")
    }

    /// What a module that is not in the project is called, in lower case: the name of the input or of
    /// the entry of the search path, the repository, alone and behind its owner, and the attributes
    /// that lead to it. Empty if it is missing for another reason.
    pub(super) fn names_of_missing(&self, why: UnknownId) -> Vec<String> {
        let mut reason = &self.arena.unknown_data(why).reason;
        let mut names = Vec::new();
        while let Reason::Attribute(of, name) = reason {
            names.push(name.to_ascii_lowercase());
            reason = of;
        }
        let Some(mut current) = reason.external() else {
            return names;
        };
        let kind = loop {
            current = match self.arena.external_data(current) {
                External::Root { kind, .. } => break kind,
                External::Select { base, name } => {
                    names.push(self.name(*name).to_ascii_lowercase());
                    *base
                }
                External::Apply { function, .. } => *function,
            };
        };
        if let ExternalKind::Input { origin, url, known } = kind {
            let own = match origin {
                Origin::FlakeInput(name) => Some(&**name),
                Origin::SearchPath(path) => path.split('/').next(),
                Origin::Fetched => None,
            };
            names.extend(own.map(str::to_ascii_lowercase));
            let repository = url.as_deref().and_then(Repository::of);
            names.extend(repository.iter().flat_map(Repository::names));
            names.extend((*known == Some(KnownProject::Nixpkgs)).then(|| "nixpkgs".to_owned()));
        }
        names
    }

    /// What `nixosSystem` gives: the module evaluation, with `pkgs` and `lib`.
    fn system_value(&mut self, configuration: &Rc<Configuration>) -> Value {
        let value = self.configuration_value(configuration);
        let Value::Attrs(set) = value else {
            return value;
        };
        let config = self.arena.ready(value);
        let module = self.attribute_thunk(config, "_module");
        let args = self.attribute_thunk(module, "args");
        let pkgs = self.attribute_thunk(args, "pkgs");
        let why = self.open_world();
        let mut builder = AttrsBuilder::new();
        let name = self.symbol("pkgs");
        builder.insert(name, pkgs);
        let number = self.arena.ready(Value::Int(i64::from(configuration.id.0)));
        let name = self.symbol(crate::modules::CONFIGURATION_NUMBER);
        builder.insert(name, number);
        builder.open(why);
        let more = self.arena.attrs(builder);
        let entries = self.arena.entries(more).to_vec();
        let more = self.arena.sorted_attrs(&entries, None);
        let merged = self.update_sets(set, more);
        self.set_configuration_behind(merged, configuration.id);
        Value::Attrs(merged)
    }
}

/// `known set` of the schema arguments: the set as if the project showed all of it.
static KNOWN: Builtin = Builtin {
    name: "known",
    arity: 1,
    run: known,
};

fn known(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    Ok(Value::Attrs(evaluator.arena.without_more(set)))
}

/// `openAttrsOf type` of the schema arguments.
static OPEN_ATTRIBUTES: Builtin = Builtin {
    name: "openAttrsOf",
    arity: 1,
    run: open_attributes,
};

fn open_attributes(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [element] = arguments(args);
    let element = evaluator.resolve_type(element)?;
    let id = evaluator.new_type("attrsOf", Kind::OpenAttributes(element));
    let value = evaluator.type_value(id);
    evaluator.force(value)
}

static MAKE_PACKAGES: Builtin = Builtin {
    name: "makePackages",
    arity: 2,
    run: make_packages,
};

/// The package set of a system that may not be known but for its kernel.
fn make_packages(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [kernel, system] = arguments(args);
    let mut system = evaluator.force_text(system).ok();
    if system.is_none()
        && let Ok(kernel) = evaluator.force_text(kernel)
    {
        system = Some(super::packages::any_machine(&kernel));
    }
    Ok(packages(evaluator, system))
}

fn open_submodule(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let modules = evaluator.module_list(set)?;
    let special_arguments = match evaluator.argument(set, "specialArgs")? {
        Some(Value::Attrs(special)) => special,
        _ => evaluator.set_of(&[]),
    };
    let shorthand = evaluator.argument(set, "shorthandOnlyDefinesConfig")?;
    let open = evaluator.open_world();
    let submodule = Submodule {
        special_arguments,
        // Left open, so that a project can declare more options of such a set.
        shorthand_only_defines_config: shorthand.map(|value| value == Value::Bool(true)),
        open: Some(open),
        ..Submodule::of(modules)
    };
    let id = evaluator.new_type("submodule", Kind::Submodule(Rc::new(submodule)));
    let value = evaluator.type_value(id);
    evaluator.force(value)
}

fn inner_system(
    evaluator: &mut Evaluator,
    modules: Vec<(Thunk, Option<UnknownId>)>,
    special: AttrsId,
    packages: Option<Thunk>,
) -> Rc<Configuration> {
    let kind = SystemKind::Nixos;
    let platform = Platform {
        packages,
        kernel: kind.kernel(),
        ..Platform::default()
    };
    evaluator.system(kind, modules, special, platform, None)
}

/// The type of an option whose definitions are the modules of a NixOS system of its own.
fn nixos_system(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let modules = evaluator.module_list(set)?;
    let mut thunk = |name: &str| {
        let name = evaluator.symbol(name);
        let entry = evaluator.arena.attribute(set, name);
        entry.map(|entry| entry.value)
    };
    let system = InnerSystem {
        special_arguments: thunk("specialArgs"),
        packages: thunk("pkgs"),
    };
    let submodule = Submodule {
        system: Some(system),
        ..Submodule::of(modules)
    };
    let id = evaluator.new_type("submodule", Kind::Submodule(Rc::new(submodule)));
    let value = evaluator.type_value(id);
    evaluator.force(value)
}
