//! Attributes and calls of externals that are known without them being on disk.

use std::rc::Rc;

use flake_lock::Pin;

use super::calls;
use super::known_projects::{known_project, project_named};
use super::reference::Repository;
use crate::eval::{Builtin, Evaluator, Externals, arguments};
use crate::value::{
    AttrsBuilder, Entry, Eval, External, ExternalId, ExternalKind, Hole, KnownProject, Origin,
    Position, StringData, StringId, StringPart, Symbol, Thunk, Value, well_known,
};

/// What an external is, as far as that decides its attributes.
fn root_kind(evaluator: &Evaluator, external: ExternalId) -> Option<ExternalKind> {
    match evaluator.arena.external_data(external) {
        External::Root { kind, .. } => Some(kind.clone()),
        External::Select { .. } | External::Apply { .. } => None,
    }
}

/// Whether an external is an input, or what a fetcher gives.
fn is_source(evaluator: &Evaluator, external: ExternalId) -> bool {
    let is_input = |external| {
        let kind = root_kind(evaluator, external);
        kind.is_some_and(|kind| matches!(kind, ExternalKind::Input { .. }))
    };
    match *evaluator.arena.external_data(external) {
        External::Apply { function, .. } => is_input(function),
        _ => is_input(external),
    }
}

/// nixpkgs, flake inputs and packages.
pub(crate) struct World;

impl Externals for World {
    fn attribute(
        &self,
        evaluator: &mut Evaluator,
        external: ExternalId,
        name: Symbol,
    ) -> Option<Eval<Value>> {
        attribute(evaluator, external, name)
    }

    fn call(
        &self,
        evaluator: &mut Evaluator,
        function: ExternalId,
        argument: Thunk,
    ) -> Option<Eval<Value>> {
        calls::call(evaluator, function, argument)
    }

    fn import(&self, evaluator: &mut Evaluator, value: Value) -> Option<Eval<Value>> {
        match value {
            Value::External(external) => Some(import_external(evaluator, external)),
            Value::String(string) => import_external_file(evaluator, string),
            // `<nixpkgs/lib>` is what its file gives.
            Value::Attrs(set) if evaluator.is_lib(set) => Some(Ok(value)),
            // A pin of npins or niv: its description and where its tree is.
            Value::Attrs(set) => {
                let name = evaluator.symbol("outPath");
                let entry = evaluator.arena.attribute(set, name)?;
                match evaluator.force(entry.value).ok()? {
                    Value::External(external) => Some(import_external(evaluator, external)),
                    Value::String(string) => import_external_file(evaluator, string),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn search_path(&self, evaluator: &mut Evaluator, name: &str) -> Value {
        search_path(evaluator, name)
    }

    fn pinned(&self, evaluator: &mut Evaluator, pin: &Pin) -> Option<Value> {
        evaluator.pinned_tree(pin)
    }

    fn project_at(&self, url: &str) -> Option<KnownProject> {
        known_project(None, Some(url))
    }
}

/// An attribute of an external that is known without it being on disk.
fn attribute(evaluator: &mut Evaluator, external: ExternalId, name: Symbol) -> Option<Eval<Value>> {
    if let Some(known) = super::frameworks::attribute(evaluator, external, name) {
        return Some(known);
    }
    if let Some(known) = super::called_files::attribute(evaluator, external, name) {
        return Some(known);
    }
    // An input stands for its source as well.
    if name == well_known::OUT_PATH && is_source(evaluator, external) {
        return Some(Ok(Value::External(external)));
    }
    let text = evaluator.name(name);
    if &*text == "sourceInfo" && is_source(evaluator, external) {
        return Some(Ok(source_info(evaluator, external)));
    }
    match root_kind(evaluator, external) {
        Some(ExternalKind::Input {
            known: Some(KnownProject::Nixpkgs),
            ..
        }) if name == well_known::LIB => {
            let lib = evaluator.nixpkgs_lib();
            return Some(evaluator.force(lib));
        }
        Some(ExternalKind::Input {
            known: Some(KnownProject::Nixpkgs),
            ..
        }) if matches!(&*text, "legacyPackages" | "packages") => {
            return None;
        }
        Some(ExternalKind::Input { known, .. }) if name == well_known::LIB => {
            return match known {
                Some(KnownProject::HomeManager) => Some(calls::home_manager_lib(evaluator)),
                Some(KnownProject::NixDarwin) => Some(calls::darwin_lib(evaluator)),
                _ => None,
            };
        }
        Some(ExternalKind::Input { .. }) if &*text == "inputs" => return None,
        Some(ExternalKind::Packages { system }) => {
            return super::packages::attribute(evaluator, system, name);
        }
        _ => {}
    }
    if let Some((root, path)) = evaluator.external_path(external) {
        let kind = root_kind(evaluator, root)?;
        let first = path.first().map(|first| evaluator.name(*first));
        match (&kind, first.as_deref()) {
            (
                ExternalKind::Input {
                    known: Some(KnownProject::Nixpkgs),
                    ..
                },
                Some("legacyPackages" | "packages"),
            ) if path.len() == 1 => {
                return Some(Ok(packages(evaluator, Some(text))));
            }
            // `inputs.foo.inputs.nixpkgs`
            (ExternalKind::Input { .. }, Some("inputs")) if path.len() == 1 => {
                let input = evaluator.input_external(name, None);
                return Some(evaluator.force(input));
            }
            (ExternalKind::Packages { system }, _) => {
                let names: Vec<Rc<str>> = path.iter().map(|name| evaluator.name(*name)).collect();
                if let Some(known) =
                    super::packages::platform(evaluator, system.as_deref(), &names, &text)
                {
                    return Some(known);
                }
            }
            _ => {}
        }
    }
    calls::function(evaluator, external, &text).map(Ok)
}

/// `sourceInfo` of an input: its source, and what describes that.
fn source_info(evaluator: &mut Evaluator, external: ExternalId) -> Value {
    const DESCRIBING: [&str; 7] = [
        "lastModified",
        "lastModifiedDate",
        "narHash",
        "rev",
        "revCount",
        "shortRev",
        "submodules",
    ];
    let why = evaluator.external_unknown(external);
    let source = evaluator.arena.ready(Value::External(external));
    let mut builder = AttrsBuilder::new();
    builder.insert(well_known::OUT_PATH, source);
    for name in DESCRIBING {
        let value = evaluator.arena.failed(why);
        let name = evaluator.symbol(name);
        builder.push(Entry {
            name,
            value,
            position: Position::NONE,
            maybe: Some(why),
        });
    }
    Value::Attrs(evaluator.arena.attrs(builder))
}

/// The package set of a system.
pub(super) fn packages(evaluator: &mut Evaluator, system: Option<Rc<str>>) -> Value {
    evaluator.external_root("pkgs", ExternalKind::Packages { system })
}

/// Sources are patched at most so often, one on the other.
const MAX_PATCHES: usize = 8;

/// Whether an external is the source of nixpkgs: the input, `applyPatches { src = nixpkgs; … }` and other
/// derivations of such a source, and packages that are called so (`packages.….nixpkgs-patched`).
fn is_nixpkgs(evaluator: &mut Evaluator, external: ExternalId, depth: usize) -> bool {
    match evaluator.arena.external_data(external).clone() {
        External::Root { kind, .. } => matches!(
            kind,
            ExternalKind::Input {
                known: Some(KnownProject::Nixpkgs),
                ..
            }
        ),
        External::Select { name, .. } => {
            let name = evaluator.name(name);
            name.starts_with("nixpkgs") && name.ends_with("patched")
        }
        External::Apply { argument, .. } if depth < MAX_PATCHES => {
            let Ok(Value::Attrs(set)) = evaluator.force(argument) else {
                return false;
            };
            match evaluator.argument(set, "src") {
                Ok(Some(Value::External(source))) => is_nixpkgs(evaluator, source, depth + 1),
                _ => false,
            }
        }
        External::Apply { .. } => false,
    }
}

/// What the `default.nix` of a flake of github:nix-systems gives: names of systems.
fn systems_of(evaluator: &mut Evaluator, external: ExternalId) -> Option<Value> {
    const DEFAULT: [&str; 4] = [
        "aarch64-darwin",
        "aarch64-linux",
        "x86_64-darwin",
        "x86_64-linux",
    ];
    let Some(ExternalKind::Input { url, .. }) = root_kind(evaluator, external) else {
        return None;
    };
    let repository = Repository::of(url.as_deref()?)?;
    let name = repository.name_below("nix-systems")?;
    let names: Vec<&str> = match name.strip_prefix("default") {
        Some(end) => { DEFAULT.iter().copied() }
            .filter(|system| system.ends_with(end))
            .collect(),
        None => vec![name],
    };
    let names: Vec<Thunk> = { names.iter() }
        .map(|name| evaluator.string_thunk(name))
        .collect();
    Some(evaluator.list(&names))
}

/// `import external`: nixpkgs is a function to its package set; the rest stays external.
fn import_external(evaluator: &mut Evaluator, external: ExternalId) -> Eval<Value> {
    if is_nixpkgs(evaluator, external, 0) {
        return Ok(evaluator.partial(&calls::IMPORT_NIXPKGS, &[]));
    }
    if let Some(library) = super::frameworks::imported(evaluator, external) {
        return library;
    }
    if let Some(systems) = systems_of(evaluator, external) {
        return Ok(systems);
    }
    if let Some(path) = path_in_nixpkgs(evaluator, external)
        && let Some(value) = import_file_of(evaluator, external, &path, true)
    {
        return value;
    }
    let name = evaluator.symbol("default.nix");
    Ok(Value::External(evaluator.arena.external(
        External::Select {
            base: external,
            name,
        },
    )))
}

/// `import "${nixpkgs}/lib"` and `import (nixpkgs + "/nixos/lib/eval-config.nix")`, where nixpkgs is not
/// here; nothing for any other string.
fn import_external_file(evaluator: &mut Evaluator, string: StringId) -> Option<Eval<Value>> {
    let StringData::Parts(parts) = evaluator.arena.string_parts(string).clone() else {
        return None;
    };
    if let [StringPart::Hole(Hole::External(external))] = &*parts {
        return Some(import_external(evaluator, *external));
    }
    let [
        StringPart::Hole(Hole::External(external)),
        StringPart::Text(rest),
    ] = &*parts
    else {
        return None;
    };
    let is_nixpkgs = is_nixpkgs(evaluator, *external, 0);
    import_file_of(evaluator, *external, rest, is_nixpkgs)
}

/// What a file of a source that is not here gives; `None` if that is not known.
fn import_file_of(
    evaluator: &mut Evaluator,
    external: ExternalId,
    path: &str,
    is_nixpkgs: bool,
) -> Option<Eval<Value>> {
    match path {
        "/lib" if is_nixpkgs => {
            let lib = evaluator.nixpkgs_lib();
            Some(evaluator.force(lib))
        }
        "/nixos" | "/nixos/default.nix" if is_nixpkgs => {
            Some(Ok(evaluator.partial(&calls::NIXOS, &[])))
        }
        "/nixos/lib/eval-config.nix" => Some(Ok(evaluator.nixos_system())),
        "/nixos/modules/module-list.nix" if is_nixpkgs => {
            Some(Ok(evaluator.nixos_module_list(external)))
        }
        "/flake.nix" => flake_of(evaluator, external),
        _ => None,
    }
}

/// Where in nixpkgs a file is that is looked up by a search path: `/nixos` of `<nixpkgs/nixos>`; `None` of anything
/// else.
fn path_in_nixpkgs(evaluator: &Evaluator, external: ExternalId) -> Option<String> {
    let Some(ExternalKind::Input {
        origin: Origin::SearchPath(text),
        ..
    }) = root_kind(evaluator, external)
    else {
        return None;
    };
    let at = text.find('/')?;
    let (name, path) = text.split_at_checked(at)?;
    is_name_of_nixpkgs(name).then(|| path.to_owned())
}

/// Whether nixpkgs is what a name is mostly for on the search path: a channel's.
fn is_name_of_nixpkgs(name: &str) -> bool {
    matches!(name, "unstable" | "nixos-unstable")
        || project_named(name) == Some(KnownProject::Nixpkgs)
}

/// The outputs of a flake that is not here, whatever its inputs are.
static OUTPUTS_OF: Builtin = Builtin {
    name: "outputs",
    arity: 2,
    run: |evaluator, args| {
        let [external, _] = arguments(args);
        evaluator.force(external)
    },
};

/// `import "${input}/flake.nix"` of what calls flakes by itself: the outputs are the input as a flake has it.
fn flake_of(evaluator: &mut Evaluator, external: ExternalId) -> Option<Eval<Value>> {
    if !is_source(evaluator, external) {
        return None;
    }
    let why = evaluator.external_unknown(external);
    let external = evaluator.arena.ready(Value::External(external));
    let outputs = evaluator.partial(&OUTPUTS_OF, &[external]);
    let outputs = evaluator.arena.ready(outputs);
    let mut flake = AttrsBuilder::new();
    flake.insert(well_known::OUTPUTS, outputs).open(why);
    Some(Ok(Value::Attrs(evaluator.arena.attrs(flake))))
}

/// `<nixpkgs/nixos>`
pub(super) fn search_path(evaluator: &mut Evaluator, text: &str) -> Value {
    let label = format!("<{text}>");
    if text == "nixpkgs/lib" {
        let lib = evaluator.nixpkgs_lib();
        if let Ok(lib) = evaluator.force(lib) {
            return lib;
        }
    }
    let is_nixpkgs = matches!(text, "nixpkgs" | "unstable" | "nixos-unstable");
    let first = text.split('/').next();
    let known = match first {
        _ if is_nixpkgs => Some(KnownProject::Nixpkgs),
        // A file of nixpkgs is no package set.
        Some(name) => project_named(name).filter(|known| *known != KnownProject::Nixpkgs),
        None => None,
    };
    evaluator.external_root(
        &label,
        ExternalKind::Input {
            origin: Origin::SearchPath(Rc::from(text)),
            url: None,
            known,
        },
    )
}

impl Evaluator {
    /// nixpkgs' `lib` as its flake exports it.
    pub(crate) fn nixpkgs_lib(&mut self) -> Thunk {
        if let Some(lib) = self.flakes().nixpkgs_lib {
            return lib;
        }
        let thunk = self.lib();
        self.flakes_mut().nixpkgs_lib = Some(thunk);
        thunk
    }
}
