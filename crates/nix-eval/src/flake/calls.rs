//! Functions of nixpkgs, nix-darwin, Home Manager, flake-parts and their kind, known by name.

use std::rc::Rc;

use super::externals::packages;
use super::flake_utils;
use super::known_projects::project_named;
use super::system_kind::SystemKind;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{
    AttrsBuilder, Eval, External, ExternalId, ExternalKind, KnownProject, Origin, Thunk, Value,
};

pub(super) static IMPORT_NIXPKGS: Builtin = Builtin {
    name: "import nixpkgs",
    arity: 1,
    run: import_nixpkgs,
};
pub(super) static NIXOS_SYSTEM: Builtin = Builtin {
    name: "nixosSystem",
    arity: 1,
    run: |evaluator, args| system(evaluator, args, SystemKind::Nixos),
};
pub(super) static DARWIN_SYSTEM: Builtin = Builtin {
    name: "darwinSystem",
    arity: 1,
    run: |evaluator, args| system(evaluator, args, SystemKind::Darwin),
};
pub(super) static HOME_CONFIGURATION: Builtin = Builtin {
    name: "homeManagerConfiguration",
    arity: 1,
    run: |evaluator, args| system(evaluator, args, SystemKind::HomeManager),
};
pub(super) static SYSTEM_MANAGER_CONFIGURATION: Builtin = Builtin {
    name: "makeSystemConfig",
    arity: 1,
    run: |evaluator, args| system(evaluator, args, SystemKind::SystemManager),
};
static MAKE_FLAKE: Builtin = Builtin {
    name: "mkFlake",
    arity: 2,
    run: make_flake,
};
static EVALUATE_FLAKE_MODULE: Builtin = Builtin {
    name: "evalFlakeModule",
    arity: 2,
    run: evaluate_flake_module,
};

/// home-manager's `lib`: `{ hm; homeManagerConfiguration; }` (its flake.nix).
pub(super) fn home_manager_lib(evaluator: &mut Evaluator) -> Eval<Value> {
    let lib = evaluator.lib();
    let hm = evaluator.attribute_thunk(lib, "hm");
    let make = evaluator.partial(&HOME_CONFIGURATION, &[]);
    let make = evaluator.arena.ready(make);
    Ok(Value::Attrs(
        evaluator.set_of(&[("hm", hm), ("homeManagerConfiguration", make)]),
    ))
}

/// nix-darwin's `lib`: `{ darwinSystem; evalConfig; }` (its flake.nix).
pub(super) fn darwin_lib(evaluator: &mut Evaluator) -> Eval<Value> {
    let make = evaluator.partial(&DARWIN_SYSTEM, &[]);
    let make = evaluator.arena.ready(make);
    Ok(Value::Attrs(
        evaluator.set_of(&[("darwinSystem", make), ("evalConfig", make)]),
    ))
}

impl Evaluator {
    /// `lib.nixosSystem` of nixpkgs' flake.
    pub(crate) fn nixos_system(&mut self) -> Value {
        self.partial(&NIXOS_SYSTEM, &[])
    }
}

/// A function that is known by its name, whatever input it comes from.
pub(super) fn function(evaluator: &mut Evaluator, base: ExternalId, name: &str) -> Option<Value> {
    let known: &'static Builtin = match name {
        "nixosSystem" => &NIXOS_SYSTEM,
        "darwinSystem" => &DARWIN_SYSTEM,
        "homeManagerConfiguration" => &HOME_CONFIGURATION,
        "makeSystemConfig" => &SYSTEM_MANAGER_CONFIGURATION,
        "eachDefaultSystem" | "eachSystem" | "mkFlake" | "evalFlakeModule" => {
            // Other libraries have their own `mkFlake`.
            use KnownProject::{FlakeParts, FlakeUtils, FlakeUtilsPlus};
            match (name, project_of(evaluator, base)?) {
                ("mkFlake", FlakeParts) => &MAKE_FLAKE,
                ("evalFlakeModule", FlakeParts) => &EVALUATE_FLAKE_MODULE,
                ("eachDefaultSystem", FlakeUtils | FlakeUtilsPlus) => {
                    &flake_utils::EACH_DEFAULT_SYSTEM
                }
                ("eachSystem", FlakeUtils | FlakeUtilsPlus) => &flake_utils::EACH_SYSTEM,
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(evaluator.partial(known, &[]))
}

/// The known project that an attribute is of: the root's, or that which the first attribute names
/// where the root only holds the inputs.
fn project_of(evaluator: &Evaluator, external: ExternalId) -> Option<KnownProject> {
    let (root, path) = evaluator.external_path(external)?;
    let External::Root { kind, .. } = evaluator.arena.external_data(root) else {
        return None;
    };
    match kind {
        ExternalKind::Input { known, .. } => *known,
        ExternalKind::Other => project_named(&evaluator.name(*path.first()?)),
        ExternalKind::Packages { .. } => None,
    }
}

/// Whether an external is nixpkgs' function that makes a NixOS system:
/// `import (nixpkgs + "/nixos/lib/eval-config.nix")`, `<nixpkgs/nixos>` in its new form.
fn is_nixos_function(evaluator: &Evaluator, function: ExternalId) -> bool {
    let External::Select { base, name } = evaluator.arena.external_data(function) else {
        return false;
    };
    let name = evaluator.name(*name);
    if name.rsplit('/').next() == Some("eval-config.nix") {
        return true;
    }
    let External::Root {
        kind: ExternalKind::Input { origin, .. },
        ..
    } = evaluator.arena.external_data(*base)
    else {
        return false;
    };
    &*name == "default.nix" && *origin == Origin::SearchPath(Rc::from("nixpkgs/nixos"))
}

/// A call of an external that is known by its name.
pub(super) fn call(
    evaluator: &mut Evaluator,
    function: ExternalId,
    argument: Thunk,
) -> Option<Eval<Value>> {
    if let Some(library) = super::frameworks::input(evaluator, function) {
        let called = library.map(|library| evaluator.arena.ready(library));
        return Some(called.and_then(|library| evaluator.call(library, argument)));
    }
    if is_nixos_function(evaluator, function) {
        return Some(nixos(evaluator, argument));
    }
    if let External::Select { base, name } = evaluator.arena.external_data(function).clone()
        && let External::Root {
            kind: ExternalKind::Packages { system },
            ..
        } = evaluator.arena.external_data(base).clone()
    {
        let name = evaluator.name(name);
        match &*name {
            "extend" => {
                let base = packages(evaluator, system);
                let overlays = evaluator.list(&[argument]);
                let overlays = evaluator.arena.ready(overlays);
                return Some(Ok(super::packages::with_overlays(
                    evaluator, base, overlays,
                )));
            }
            // `pkgs.nixos module`, `pkgs.nixos [ module … ]`
            "nixos" => {
                let modules = match evaluator.force(argument) {
                    Ok(Value::List(_)) => argument,
                    _ => {
                        let list = evaluator.list(&[argument]);
                        evaluator.arena.ready(list)
                    }
                };
                let base = packages(evaluator, system);
                let base = evaluator.arena.ready(base);
                let set = evaluator.set_of(&[("modules", modules), ("pkgs", base)]);
                return Some(evaluator.system_configuration(SystemKind::Nixos, set));
            }
            "appendOverlays" => {
                let base = packages(evaluator, system);
                return Some(Ok(super::packages::with_overlays(
                    evaluator, base, argument,
                )));
            }
            _ => {}
        }
    }
    None
}

/// `import nixpkgs { system; overlays; … }`
fn import_nixpkgs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let Ok(Value::Attrs(set)) = evaluator.force(set) else {
        return Ok(packages(evaluator, None));
    };
    let mut system = None;
    for name in ["system", "localSystem", "hostPlatform"] {
        if let Ok(Some(value)) = evaluator.argument(set, name) {
            system = system.or(evaluator.expect_text(value).ok());
        }
    }
    let base = packages(evaluator, system);
    let overlays = evaluator.symbol("overlays");
    match evaluator.arena.attribute(set, overlays) {
        Some(overlays) => Ok(super::packages::with_overlays(
            evaluator,
            base,
            overlays.value,
        )),
        None => Ok(base),
    }
}

fn system(evaluator: &mut Evaluator, args: &[Thunk], kind: SystemKind) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    evaluator.system_configuration(kind, set)
}

/// `import "${nixpkgs}/nixos" { configuration; system; }`, which takes one module, or
/// `eval-config.nix { modules; … }`.
fn nixos(evaluator: &mut Evaluator, argument: Thunk) -> Eval<Value> {
    let set = evaluator.force_attrs(argument)?;
    let name = evaluator.symbol("configuration");
    let Some(entry) = evaluator.arena.attribute(set, name) else {
        return evaluator.system_configuration(SystemKind::Nixos, set);
    };
    let modules = evaluator.list(&[entry.value]);
    let modules = evaluator.arena.ready(modules);
    let modules = evaluator.set_of(&[("modules", modules)]);
    let set = evaluator.update_sets(set, modules);
    evaluator.system_configuration(SystemKind::Nixos, set)
}

/// `import "${nixpkgs}/nixos"`
pub(super) static NIXOS: Builtin = Builtin {
    name: "nixos",
    arity: 1,
    run: |evaluator, args| {
        let [argument] = arguments(args);
        nixos(evaluator, argument)
    },
};

fn make_flake(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set, module] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    evaluator.flake_parts(set, module)
}

/// `evalFlakeModule args module`: the evaluation of which `mkFlake` takes the outputs, `config.flake`.
fn evaluate_flake_module(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set, module] = arguments(args);
    let flake = evaluator.lazy(move |evaluator| {
        let set = evaluator.force_attrs(set)?;
        evaluator.flake_parts(set, module)
    });
    let why = evaluator.open_world();
    let mut config = AttrsBuilder::new();
    let (flake_name, processed) = (
        evaluator.symbol("flake"),
        evaluator.symbol("processedFlake"),
    );
    { config.insert(flake_name, flake).insert(processed, flake) }.open(why);
    let config = evaluator.arena.attrs(config);
    let config = evaluator.arena.ready(Value::Attrs(config));
    let name = evaluator.symbol("config");
    let mut evaluation = AttrsBuilder::new();
    evaluation.insert(name, config).open(why);
    Ok(Value::Attrs(evaluator.arena.attrs(evaluation)))
}
