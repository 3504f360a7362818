//! Libraries of flakes, known by what they do: a Nix file each, evaluated by this engine.
//!
//! They are written from the libraries' documentation. A function is found by the project that it comes
//! from and its path there.

use std::path::Path;
use std::rc::Rc;

use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{
    AttrsId, Eval, External, ExternalId, ExternalKind, KnownProject, Symbol, Thunk, Value,
};

/// A library's function, or a set of them.
struct Library {
    /// The project that has it.
    project: KnownProject,
    /// The path of attributes from the input; empty where the input itself is called.
    path: &'static [&'static str],
    /// Its file here.
    file: &'static str,
    text: &'static str,
    /// The attribute of the file's result, where that is a set of functions.
    member: Option<&'static str>,
}

macro_rules! library {
    ($project:ident, $path:expr, $file:literal, $member:expr) => {
        Library {
            project: KnownProject::$project,
            path: &$path,
            file: $file,
            text: include_str!($file),
            member: $member,
        }
    };
}

const LIBRARIES: &[Library] = &[
    library!(AdiosFlake, ["lib", "mkFlake"], "adios-flake.nix", None),
    library!(Blueprint, [], "blueprint.nix", None),
    library!(
        Blueprint,
        ["lib", "importDir"],
        "blueprint-lib.nix",
        Some("importDir")
    ),
    library!(
        Blueprint,
        ["lib", "optionalPathAttrs"],
        "blueprint-lib.nix",
        Some("optionalPathAttrs")
    ),
    library!(
        Blueprint,
        ["lib", "entriesPath"],
        "blueprint-lib.nix",
        Some("entriesPath")
    ),
    library!(
        Blueprint,
        ["lib", "tryImport"],
        "blueprint-lib.nix",
        Some("tryImport")
    ),
    library!(Clan, ["lib", "clan"], "clan.nix", None),
    library!(Clan, ["lib", "buildClan"], "clan.nix", None),
    library!(Clan, ["clanLib", "clan"], "clan.nix", None),
    library!(Colmena, ["lib", "makeHive"], "colmena-hive.nix", None),
    library!(
        FlakeUtils,
        ["lib", "system"],
        "flake-utils-system.nix",
        None
    ),
    library!(
        FlakeUtilsPlus,
        ["lib", "mkFlake"],
        "flake-utils-plus.nix",
        None
    ),
    library!(Haumea, ["lib"], "haumea.nix", None),
    library!(ImportTree, [], "import-tree.nix", None),
    library!(
        McpServersNix,
        ["lib", "evalModule"],
        "mcp-servers-nix.nix",
        Some("evalModule")
    ),
    library!(
        McpServersNix,
        ["lib", "mkConfig"],
        "mcp-servers-nix.nix",
        Some("mkConfig")
    ),
    library!(
        NixosUnified,
        ["lib", "mkFlake"],
        "nixos-unified-flake.nix",
        None
    ),
    library!(Snowfall, ["mkFlake"], "snowfall.nix", Some("mkFlake")),
    library!(
        Snowfall,
        ["lib", "mkFlake"],
        "snowfall.nix",
        Some("mkFlake")
    ),
    library!(Snowfall, ["mkLib"], "snowfall.nix", Some("mkLib")),
];

/// A flake-parts module of such a library.
struct FlakeModule {
    project: KnownProject,
    /// Its name below `flakeModules`; `None` where any of them, and `flakeModule`, is this one.
    name: Option<&'static str>,
    file: &'static str,
    text: &'static str,
}

macro_rules! flake_module {
    ($project:ident, $name:expr, $file:literal) => {
        FlakeModule {
            project: KnownProject::$project,
            name: $name,
            file: $file,
            text: include_str!($file),
        }
    };
}

const FLAKE_MODULES: &[FlakeModule] = &[
    flake_module!(Clan, None, "clan-module.nix"),
    flake_module!(EasyHosts, None, "easy-hosts.nix"),
    flake_module!(EzConfigs, None, "ez-configs.nix"),
    flake_module!(NixosUnified, None, "nixos-unified.nix"),
    flake_module!(FlakeParts, Some("partitions"), "partitions.nix"),
];

static FLAKE_AT: Builtin = Builtin {
    name: "flakeAt",
    arity: 1,
    run: flake_at,
};

/// A function of a library as an attribute of an external.
pub(super) fn attribute(
    evaluator: &mut Evaluator,
    base: ExternalId,
    name: Symbol,
) -> Option<Eval<Value>> {
    let last = evaluator.name(name);
    if let Some(module) = flake_module(evaluator, base, &last) {
        return Some(module);
    }
    if project_of(evaluator, base) == Some(KnownProject::ImportTree) {
        return attribute_of_input(evaluator, base, name);
    }
    // Most names are the last of no path.
    let mut lasts = LIBRARIES.iter().filter_map(|library| library.path.last());
    if !lasts.any(|known| *known == &*last) {
        return None;
    }
    let (root, path) = evaluator.external_path(base)?;
    let path: Vec<_> = path
        .iter()
        .chain([&name])
        .map(|name| evaluator.name(*name))
        .collect();
    find(evaluator, root, |library| {
        library.path.len() == path.len() && library.path.iter().zip(&path).all(|(a, b)| *a == &**b)
    })
}

/// `flakeModule` and `flakeModules.NAME` of an input: modules that any flake-parts, the real one as well,
/// evaluates.
fn flake_module(
    evaluator: &mut Evaluator,
    base: ExternalId,
    name: &Rc<str>,
) -> Option<Eval<Value>> {
    let (root, path) = match evaluator.arena.external_data(base) {
        External::Root { .. } if &**name == "flakeModule" => (base, "default"),
        External::Select { base, name: set } if &*evaluator.name(*set) == "flakeModules" => {
            (*base, &**name)
        }
        _ => return None,
    };
    let project = project_of(evaluator, root)?;
    let mut modules = FLAKE_MODULES.iter();
    let module = modules
        .find(|module| module.project == project && module.name.is_none_or(|name| name == path))?;
    let clan = evaluator.library("clan.nix", include_str!("clan.nix"), &[]);
    let name = evaluator.string_thunk(path);
    let arguments = [("name", name), ("clan", clan)];
    let module = evaluator.library(module.file, module.text, &arguments);
    Some(evaluator.force(module))
}

/// The project that an external is as an input, if it is a known one.
fn project_of(evaluator: &Evaluator, root: ExternalId) -> Option<KnownProject> {
    match evaluator.arena.external_data(root) {
        External::Root {
            kind: ExternalKind::Input { known, .. },
            ..
        } => *known,
        _ => None,
    }
}

/// An attribute of an input that is itself a set of functions; `None` if it has no such attribute.
fn attribute_of_input(
    evaluator: &mut Evaluator,
    base: ExternalId,
    name: Symbol,
) -> Option<Eval<Value>> {
    match input(evaluator, base)? {
        Ok(Value::Attrs(set)) => {
            let entry = evaluator.arena.attribute(set, name)?;
            Some(evaluator.force(entry.value))
        }
        Ok(_) => None,
        Err(why) => Some(Err(why)),
    }
}

/// What the `default.nix` of an input gives, if that is the same as the input itself.
pub(super) fn imported(evaluator: &mut Evaluator, external: ExternalId) -> Option<Eval<Value>> {
    let project = project_of(evaluator, external)?;
    if project != KnownProject::ImportTree {
        return None;
    }
    input(evaluator, external)
}

/// The library that an input is when it is called.
pub(super) fn input(evaluator: &mut Evaluator, external: ExternalId) -> Option<Eval<Value>> {
    find(evaluator, external, |library| library.path.is_empty())
}

fn find(
    evaluator: &mut Evaluator,
    root: ExternalId,
    is_at: impl Fn(&Library) -> bool,
) -> Option<Eval<Value>> {
    let project = project_of(evaluator, root)?;
    let is_of = |library: &&Library| library.project == project && is_at(library);
    let library = LIBRARIES.iter().find(is_of)?;
    let function = evaluator.library(library.file, library.text, &[]);
    Some(match library.member {
        None => evaluator.force(function),
        Some(member) => {
            let member = evaluator.attribute_thunk(function, member);
            evaluator.force(member)
        }
    })
}

impl Evaluator {
    /// A file beside this one, called with what every library is given and `more`.
    fn library(&mut self, file: &str, text: &str, more: &[(&str, Thunk)]) -> Thunk {
        let function = self.embedded(file, text);
        let support = self.library_support();
        let more = self.set_of(more);
        let given = self.lazy(move |evaluator| {
            let support: AttrsId = evaluator.force_attrs(support)?;
            Ok(Value::Attrs(evaluator.update_sets(support, more)))
        });
        self.lazy_apply(function, given)
    }

    fn library_support(&mut self) -> Thunk {
        if let Some(known) = self.flakes().library_support {
            return known;
        }
        let text = include_str!("support.nix");
        let function = self.embedded("support.nix", text);
        let lib = self.lib();
        let mut builtin = |builtin| {
            let value = self.partial(builtin, &[]);
            self.arena.ready(value)
        };
        let flake_at = builtin(&FLAKE_AT);
        let nixos = builtin(&super::calls::NIXOS_SYSTEM);
        let darwin = builtin(&super::calls::DARWIN_SYSTEM);
        let home = builtin(&super::calls::HOME_CONFIGURATION);
        let set = self.set_of(&[
            ("lib", lib),
            ("nixosSystem", nixos),
            ("darwinSystem", darwin),
            ("homeManagerConfiguration", home),
            ("flakeAt", flake_at),
        ]);
        let set = self.arena.ready(Value::Attrs(set));
        let support = self.lazy_apply(function, set);
        self.flakes_mut().library_support = Some(support);
        support
    }
}

/// The outputs of a flake of the project, by its folder.
fn flake_at(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [folder] = arguments(args);
    let folder = evaluator.force(folder)?;
    let path = evaluator.coerce_to_path(folder)?;
    let text = evaluator.arena.path_text(path);
    let flake = evaluator.flake(Path::new(&*text))?;
    evaluator.force(flake.outputs)
}
