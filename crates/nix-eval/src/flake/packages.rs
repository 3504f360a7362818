//! What is known of a package set without nixpkgs: its `lib` and its platform.

use std::rc::Rc;

use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{
    AttrsId, Eval, External, ExternalKind, Presence, Symbol, Thunk, Value, well_known,
};

/// Stands for the machine in a system of which only the kernel is known.
const ANY_MACHINE: &str = "*";

/// A system of which only the kernel is known.
pub(super) fn any_machine(kernel: &str) -> Rc<str> {
    Rc::from(format!("{ANY_MACHINE}-{kernel}"))
}

fn is_whole(system: &str) -> bool {
    !system.starts_with(ANY_MACHINE)
}

/// Attributes of `pkgs` that are known.
pub(super) fn attribute(
    evaluator: &mut Evaluator,
    system: Option<Rc<str>>,
    name: Symbol,
) -> Option<Eval<Value>> {
    if name == well_known::LIB {
        let lib = evaluator.nixpkgs_lib();
        return Some(evaluator.force(lib));
    }
    let text = evaluator.name(name);
    match (&*text, system) {
        ("system", Some(system)) if is_whole(&system) => Some(Ok(evaluator.string(&system))),
        // The source that the set is made from.
        ("path", _) => Some(Ok(super::externals::search_path(evaluator, "nixpkgs"))),
        ("pkgs", system) => {
            let kind = ExternalKind::Packages { system };
            Some(Ok(evaluator.external_root("pkgs", kind)))
        }
        _ => None,
    }
}

/// Attributes of `pkgs.stdenv` and the platforms.
pub(super) fn platform(
    evaluator: &mut Evaluator,
    system: Option<&str>,
    path: &[Rc<str>],
    name: &str,
) -> Option<Eval<Value>> {
    let names: Vec<&str> = path.iter().map(|name| &**name).collect();
    let is_platform = matches!(
        names.as_slice(),
        ["stdenv"]
            | [
                "stdenv",
                "hostPlatform" | "targetPlatform" | "buildPlatform"
            ]
            | ["hostPlatform" | "targetPlatform" | "buildPlatform"]
    );
    if !is_platform {
        return None;
    }
    let system = system?;
    let (machine, kernel) = system.split_once('-')?;
    let answer = |value| Some(Ok(Value::Bool(value)));
    match name {
        "isLinux" => answer(kernel == "linux"),
        "isDarwin" | "isMacOS" => answer(kernel == "darwin"),
        "isUnix" => answer(true),
        "isWindows" => answer(kernel == "windows"),
        "isFreeBSD" | "isOpenBSD" | "isNetBSD" | "isBSD" => answer(kernel.ends_with("bsd")),
        _ if !is_whole(system) => None,
        "isx86_64" => answer(machine == "x86_64"),
        "isx86" => answer(matches!(machine, "x86_64" | "i686")),
        "isi686" => answer(machine == "i686"),
        "isAarch64" => answer(machine == "aarch64"),
        "isAarch" | "isAarch32" | "isArmv7" => answer(match name {
            "isAarch" => machine.starts_with("aarch") || machine.starts_with("arm"),
            _ => machine.starts_with("arm"),
        }),
        "is64bit" => answer(machine.ends_with("64")),
        "system" => Some(Ok(evaluator.string(system))),
        _ => None,
    }
}

/// A package set with the project's overlays: what they define is known, the rest is as before.
pub(super) fn with_overlays(evaluator: &mut Evaluator, base: Value, overlays: Thunk) -> Value {
    let functions: Vec<Thunk> = match evaluator.force_list(overlays) {
        Ok(list) => evaluator
            .arena
            .list_items(list)
            .into_iter()
            .filter(|(_, presence)| *presence == Presence::Certain)
            .map(|(thunk, _)| thunk)
            .collect(),
        Err(_) => Vec::new(),
    };
    if functions.is_empty() {
        return base;
    }
    let base = evaluator.arena.ready(base);
    // `final` is the result itself.
    let last = evaluator.arena.ready(Value::Null);
    let mut previous = base;
    for function in functions {
        let partial = evaluator.lazy_apply2(function, last, previous);
        let below = previous;
        previous = evaluator.lazy(move |evaluator| Ok(overlaid(evaluator, below, partial)));
    }
    let slot = evaluator.arena.slot(previous);
    evaluator.arena.set_slot(last, slot);
    evaluator.force(last).unwrap_or(Value::Null)
}

/// `previous // overlay`, where `previous` may be a package set that is not here.
fn overlaid(evaluator: &mut Evaluator, previous: Thunk, overlay: Thunk) -> Value {
    let why = evaluator.undetermined("a package of nixpkgs");
    let mut set = match evaluator.force(overlay) {
        Ok(Value::Attrs(set)) => set,
        _ => evaluator.set_of(&[]),
    };
    if let Ok(Value::Attrs(below)) = evaluator.force(previous) {
        set = evaluator.update_sets(below, set);
    }
    let entries = evaluator.arena.entries(set).to_vec();
    let open = evaluator.arena.sorted_attrs(&entries, Some(why));
    let fallback = evaluator.partial(&FROM_PREVIOUS, &[previous]);
    let fallback = evaluator.arena.ready(fallback);
    evaluator.arena.set_fallback(open, fallback);
    Value::Attrs(open)
}

/// Whether a set is a package set that is not here with overlays over it: what else it has is a package.
pub(super) fn is_overlaid(evaluator: &mut Evaluator, set: AttrsId) -> bool {
    let fallback = evaluator.arena.fallback(set);
    let function = fallback.and_then(|fallback| evaluator.force(fallback).ok());
    let Some(Value::Partial(function)) = function else {
        return false;
    };
    let builtin = evaluator.arena.partial_data(function).builtin;
    { evaluator.builtin(builtin) }
        .is_some_and(|known| std::ptr::eq(known, &raw const FROM_PREVIOUS))
}

static FROM_PREVIOUS: Builtin = Builtin {
    name: "pkgs",
    arity: 2,
    run: from_previous,
};

fn from_previous(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [previous, name] = arguments(args);
    let previous = evaluator.force(previous)?;
    let name = evaluator.force(name)?;
    let name = evaluator.attribute_name(name)?;
    evaluator.select(previous, name)
}

/// The system of a package set, if the value is one and it is known.
pub(crate) fn system_of(evaluator: &mut Evaluator, value: Value) -> Option<Rc<str>> {
    if let Value::Attrs(_) = value {
        let system = evaluator.select(value, well_known::SYSTEM).ok()?;
        return evaluator.expect_text(system).ok();
    }
    let Value::External(external) = value else {
        return None;
    };
    match evaluator.arena.external_data(external) {
        External::Root {
            kind: ExternalKind::Packages { system },
            ..
        } => system.clone().filter(|system| is_whole(system)),
        _ => None,
    }
}
