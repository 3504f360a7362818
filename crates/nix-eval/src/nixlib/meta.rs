//! `lib.meta`. A package that is not on disk keeps its identity: its program is a path below it.

use super::attrsets::output_of;
use super::strings::name_of;
use super::support::{StringBuilder, option, settle, throw};
use super::{Constant, Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{
    AttrsBuilder, Eval, External, ExternalId, ExternalKind, Thunk, Value, well_known,
};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "meta",
    functions: FUNCTIONS,
    constants: &[
        Constant {
            name: "defaultPriority",
            make: |_| Ok(Value::Int(5)),
        },
        Constant {
            name: "licensesSpdx",
            make: |evaluator| Ok(evaluator.external_root("lib.licensesSpdx", ExternalKind::Other)),
        },
    ],
    exported: Exported::Except(&["availableOn", "defaultPriority"]),
    ..Namespace::EMPTY
};

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("addMetaAttrs", 2, add_meta_attrs),
    Builtin::new("availableOn", 2, available_on),
    Builtin::new("getExe", 1, get_exe),
    Builtin::new("getExe'", 2, get_exe_named),
    Builtin::new("hiPrio", 1, |evaluator, args| {
        priority(evaluator, args, -10)
    }),
    Builtin::new("lowPrio", 1, |evaluator, args| {
        priority(evaluator, args, 10)
    }),
    Builtin::new("setPrio", 2, set_priority),
];

// Programs

/// `getExe package`: the path of its main program.
fn get_exe(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [package] = arguments(args);
    let program = evaluator.lazy(move |evaluator| main_program(evaluator, package));
    program_path(evaluator, package, program)
}

/// `getExe' package name`
fn get_exe_named(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [package, name] = arguments(args);
    let text = evaluator.force_text(name);
    if let Ok(text) = settle(evaluator, text)?
        && text.contains('/')
    {
        let message = format!(
            "lib.meta.getExe': The second argument \"{text}\" is a nested path with a \"/\" character, but it should just be the name of the executable instead."
        );
        return Err(throw(evaluator, message));
    }
    program_path(evaluator, package, name)
}

/// `package/bin/program`
fn program_path(evaluator: &mut Evaluator, package: Thunk, program: Thunk) -> Eval<Value> {
    let value = evaluator.force(package)?;
    let is_package = super::attrsets::derivation(evaluator, value);
    if settle(evaluator, is_package)? == Ok(false) {
        let kind = value.type_with_article();
        let message = format!(
            "lib.meta.getExe': The first argument is {kind}, but it should be a derivation instead."
        );
        return Err(throw(evaluator, message));
    }
    let output = output_of(evaluator, package, &["bin"]);
    let mut builder = StringBuilder::new();
    builder
        .result(evaluator, output)?
        .text("/bin/")
        .value(evaluator, program)?;
    Ok(builder.finish(evaluator))
}

/// The name of a package's main program: what it says itself, else its own name.
fn main_program(evaluator: &mut Evaluator, package: Thunk) -> Eval<Value> {
    let value = evaluator.force(package)?;
    if let Value::External(external) = value
        && let Some(name) = written_program(evaluator, external)
    {
        return evaluator.force(name);
    }
    let meta = evaluator.select_optional(value, well_known::META)?;
    let name = evaluator.symbol("mainProgram");
    let declared = match meta {
        Some(meta) => evaluator.select_optional(meta, name)?,
        None => None,
    };
    match declared {
        Some(declared) => Ok(declared),
        None => name_of(evaluator, package),
    }
}

/// The name of a program that the project writes itself: `writeShellScriptBin name …`,
/// `writeShellApplication { name; … }`.
fn written_program(evaluator: &mut Evaluator, package: ExternalId) -> Option<Thunk> {
    let mut current = package;
    let mut first = None;
    while let External::Apply { function, argument } = evaluator.arena.external_data(current) {
        first = Some(*argument);
        current = *function;
    }
    let External::Select { name, .. } = evaluator.arena.external_data(current) else {
        return None;
    };
    let writer = evaluator.name(*name);
    let first = first?;
    if writer.starts_with("write") && writer.ends_with("Bin") {
        return Some(first);
    }
    if &*writer == "writeShellApplication"
        && let Ok(options) = evaluator.force_attrs(first)
    {
        return option(evaluator, options, "name").ok().flatten();
    }
    None
}

// Meta attributes

/// A package with more in `meta`; one that is not on disk stays the same package.
fn with_meta(evaluator: &mut Evaluator, package: Thunk, more: Thunk) -> Eval<Value> {
    let value = evaluator.force(package)?;
    let Value::Attrs(_) = value else {
        return Ok(value);
    };
    let meta = evaluator.lazy(move |evaluator| {
        let old = evaluator.select_optional(value, well_known::META)?;
        let old = old.unwrap_or(Value::Attrs(crate::value::AttrsId(0)));
        let more = evaluator.force(more);
        evaluator.update(Ok(old), more)
    });
    let mut extra = AttrsBuilder::new();
    extra.insert(well_known::META, meta);
    let extra = Value::Attrs(evaluator.arena.attrs(extra));
    evaluator.update(Ok(value), Ok(extra))
}

fn add_meta_attrs(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [more, package] = arguments(args);
    with_meta(evaluator, package, more)
}

fn with_meta_value(
    evaluator: &mut Evaluator,
    package: Thunk,
    name: &str,
    value: Thunk,
) -> Eval<Value> {
    let more = Value::Attrs(evaluator.set_of(&[(name, value)]));
    let more = evaluator.arena.ready(more);
    with_meta(evaluator, package, more)
}

fn set_priority(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [priority, package] = arguments(args);
    with_meta_value(evaluator, package, "priority", priority)
}

fn priority(evaluator: &mut Evaluator, args: &[Thunk], priority: i64) -> Eval<Value> {
    let [package] = arguments(args);
    let priority = evaluator.arena.ready(Value::Int(priority));
    with_meta_value(evaluator, package, "priority", priority)
}

// Names

// Platforms and licences

fn matches_platform(evaluator: &mut Evaluator, platform: Thunk, element: Thunk) -> Eval<bool> {
    let platform_value = evaluator.force(platform)?;
    match evaluator.force(element)? {
        element @ Value::String(_) => {
            let system = match platform_value {
                Value::String(_) => platform_value,
                other => match evaluator.select_optional(other, well_known::SYSTEM)? {
                    Some(system) => system,
                    None => return Ok(false),
                },
            };
            evaluator.equal(system, element)
        }
        Value::External(external) => Err(evaluator.external_unknown(external)),
        Value::Attrs(set) => {
            let parsed = evaluator.symbol("parsed");
            let pattern = match evaluator.arena.attribute(set, parsed) {
                Some(_) => element,
                None => {
                    let pattern = Value::Attrs(evaluator.set_of(&[("parsed", element)]));
                    evaluator.arena.ready(pattern)
                }
            };
            let matches = super::attrsets::match_attrs(evaluator, &[pattern, platform])?;
            evaluator.expect_bool(matches)
        }
        other => Err(evaluator.type_error(other, "a set")),
    }
}

/// `availableOn platform package`
fn available_on(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [platform, package] = arguments(args);
    let value = evaluator.force(package)?;
    if let Value::External(external) = value {
        return Err(evaluator.external_unknown(external));
    }
    let meta = evaluator.select_optional(value, well_known::META)?;
    let patterns = |evaluator: &mut Evaluator, name: &str| -> Eval<Option<Vec<Thunk>>> {
        let name = evaluator.symbol(name);
        let Some(meta) = meta else { return Ok(None) };
        match evaluator.select_optional(meta, name)? {
            Some(Value::List(list)) => evaluator.exact_list(list).map(Some),
            Some(other) => Err(evaluator.type_error(other, "a list")),
            None => Ok(None),
        }
    };
    let (good, bad) = (
        patterns(evaluator, "platforms")?,
        patterns(evaluator, "badPlatforms")?,
    );
    let any = |evaluator: &mut Evaluator, patterns: &[Thunk]| -> Eval<bool> {
        for pattern in patterns {
            if matches_platform(evaluator, platform, *pattern)? {
                return Ok(true);
            }
        }
        Ok(false)
    };
    let available = match good {
        Some(good) => any(evaluator, &good)?,
        None => true,
    };
    Ok(Value::Bool(
        available && !any(evaluator, &bad.unwrap_or_default())?,
    ))
}
