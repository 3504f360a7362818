//! Functions of nixpkgs, nix-darwin, Home Manager, flake-parts and their kind, known by name.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::externals::packages;
use super::known_projects::project_named;
use super::system_kind::SystemKind;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{
    AttrsBuilder, Entry, Eval, External, ExternalId, ExternalKind, KnownProject, Origin, Slot,
    Symbol, Thunk, Value, well_known,
};
use nix_source::FileKind;

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
static MAKE_FLAKE: Builtin = Builtin {
    name: "mkFlake",
    arity: 2,
    run: make_flake,
};
static EACH_DEFAULT_SYSTEM: Builtin = Builtin {
    name: "eachDefaultSystem",
    arity: 1,
    run: each_default_system,
};
static EACH_SYSTEM: Builtin = Builtin {
    name: "eachSystem",
    arity: 2,
    run: each_system,
};

/// home-manager's `lib`: `{ hm; homeManagerConfiguration; }` (its flake.nix).
pub(super) fn home_manager_lib(evaluator: &mut Evaluator) -> Eval<Value> {
    let lib = evaluator.lib();
    let hm = select(evaluator, lib, "hm");
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

/// The systems that flake-utils calls default.
const DEFAULT_SYSTEMS: [&str; 4] = [
    "x86_64-linux",
    "aarch64-linux",
    "x86_64-darwin",
    "aarch64-darwin",
];

/// A function that is known by its name, whatever input it comes from.
pub(super) fn function(evaluator: &mut Evaluator, base: ExternalId, name: &str) -> Option<Value> {
    let known: &'static Builtin = match name {
        "nixosSystem" => &NIXOS_SYSTEM,
        "darwinSystem" => &DARWIN_SYSTEM,
        "homeManagerConfiguration" => &HOME_CONFIGURATION,
        "eachDefaultSystem" | "eachSystem" | "mkFlake" => {
            // Other libraries have their own `mkFlake`.
            use KnownProject::{FlakeParts, FlakeUtils, FlakeUtilsPlus};
            match (name, project_of(evaluator, base)?) {
                ("mkFlake", FlakeParts) => &MAKE_FLAKE,
                ("eachDefaultSystem", FlakeUtils | FlakeUtilsPlus) => &EACH_DEFAULT_SYSTEM,
                ("eachSystem", FlakeUtils | FlakeUtilsPlus) => &EACH_SYSTEM,
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
    // `import-tree ./modules`, `(import-tree.addPath ./a).imports` stays external.
    if let External::Root {
        kind:
            ExternalKind::Input {
                known: Some(KnownProject::ImportTree),
                ..
            },
        ..
    } = evaluator.arena.external_data(function)
    {
        return Some(import_tree(evaluator, &[argument]));
    }
    if let Some(library) = super::frameworks::input(evaluator, function) {
        let called = library.map(|library| evaluator.arena.ready(library));
        return Some(called.and_then(|library| evaluator.call(library, argument)));
    }
    if is_nixos_function(evaluator, function) {
        return Some(system(evaluator, &[argument], SystemKind::Nixos));
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

fn make_flake(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set, module] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    evaluator.flake_parts(set, module)
}

fn each_default_system(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function] = arguments(args);
    let systems: Vec<Thunk> = DEFAULT_SYSTEMS
        .iter()
        .map(|system| evaluator.string_thunk(system))
        .collect();
    let systems = evaluator.list(&systems);
    let systems = evaluator.arena.ready(systems);
    each_system(evaluator, &[systems, function])
}

/// `eachSystem systems f`: `{ packages.<system> = (f system).packages; … }`
fn each_system(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [systems, function] = arguments(args);
    let systems = match evaluator.force_exact_list(systems) {
        Ok(systems) => systems,
        // `flake-utils.lib.allSystems`: enough to see what is there.
        Err(_) => DEFAULT_SYSTEMS
            .iter()
            .map(|system| evaluator.string_thunk(system))
            .collect(),
    };
    let mut names: Vec<Symbol> = Vec::new();
    let mut outputs: Vec<(Symbol, Symbol, Entry)> = Vec::new();
    let mut open = None;
    for system in systems {
        let name = evaluator.force(system)?;
        let name = evaluator.attribute_name(name)?;
        match evaluator.call(function, system) {
            Ok(Value::Attrs(set)) => {
                open = open.or(evaluator.arena.attrs_data(set).open);
                for entry in evaluator.arena.entries(set).to_vec() {
                    if !names.contains(&entry.name) {
                        names.push(entry.name);
                    }
                    outputs.push((entry.name, name, entry));
                }
            }
            Ok(other) => return Err(evaluator.type_error(other, "a set")),
            Err(why) => open = open.or(Some(why)),
        }
    }
    let mut builder = AttrsBuilder::new();
    for name in names {
        let mut inner = AttrsBuilder::new();
        for (_, system, entry) in outputs.iter().filter(|(output, ..)| *output == name) {
            inner.push(Entry {
                name: *system,
                ..*entry
            });
        }
        let inner = Value::Attrs(evaluator.arena.attrs(inner));
        let inner = evaluator.arena.ready(inner);
        builder.insert(name, inner);
    }
    if let Some(why) = open {
        builder.open(why);
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

/// `import-tree ./modules`: a module that imports every `.nix` file below, except below names that
/// begin with `_` (import-tree's documentation).
fn import_tree(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let value = evaluator.force(path)?;
    let roots = match value {
        Value::List(list) => evaluator.exact_list(list)?,
        other => vec![evaluator.arena.ready(other)],
    };
    let mut files = Vec::new();
    for root in roots {
        let value = evaluator.force(root)?;
        let path = evaluator.coerce_to_path(value)?;
        let text = evaluator.arena.path_text(path);
        nix_files(evaluator, Path::new(&*text), &mut files);
    }
    let items: Vec<Thunk> = files
        .iter()
        .map(|file: &PathBuf| {
            let path = evaluator.arena.path(&file.to_string_lossy());
            evaluator.arena.ready(Value::Path(path))
        })
        .collect();
    let imports = evaluator.list(&items);
    let imports = evaluator.arena.ready(imports);
    let mut builder = AttrsBuilder::new();
    builder.insert(well_known::IMPORTS, imports);
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

fn nix_files(evaluator: &Evaluator, directory: &Path, files: &mut Vec<PathBuf>) {
    let mut pending = vec![directory.to_owned()];
    while let Some(current) = pending.pop() {
        match evaluator.sources.kind(&current) {
            Ok(Some(FileKind::Regular)) => files.push(current),
            Ok(Some(FileKind::Directory)) => {
                let Ok(entries) = evaluator.sources.read_directory(&current) else {
                    continue;
                };
                for (name, kind) in entries.into_iter().rev() {
                    let wanted = match kind {
                        FileKind::Directory => true,
                        FileKind::Regular => name.ends_with(".nix"),
                        FileKind::Symlink | FileKind::Unknown => false,
                    };
                    if wanted && !name.starts_with('_') && !name.starts_with('.') {
                        pending.push(current.join(name));
                    }
                }
            }
            _ => {}
        }
        if files.len() > 20_000 {
            break;
        }
    }
    files.sort();
}

/// Keeps the helper types in one place for the callers above.
pub(super) fn select(evaluator: &mut Evaluator, base: Thunk, name: &str) -> Thunk {
    let name = evaluator.symbol(name);
    evaluator.arena.thunk(Slot::Select { base, name })
}

/// A system's name from a thunk, if it is known.
pub(super) fn system_text(evaluator: &mut Evaluator, thunk: Thunk) -> Option<Rc<str>> {
    evaluator.force_text(thunk).ok()
}
