//! What is known of a package set without nixpkgs: its `lib` and its platform.

use std::rc::Rc;

use crate::eval::Evaluator;
use crate::value::{Eval, External, ExternalKind, Symbol, Value, well_known};

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
        ("system", Some(system)) => Some(Ok(evaluator.string(&system))),
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

/// The system of a package set, if the value is one and it is known.
pub(crate) fn system_of(evaluator: &Evaluator, value: Value) -> Option<Rc<str>> {
    let Value::External(external) = value else {
        return None;
    };
    match evaluator.arena.external_data(external) {
        External::Root {
            kind: ExternalKind::Packages { system },
            ..
        } => system.clone(),
        _ => None,
    }
}
