//! String contexts.
//!
//! A store path that is not known is a hole in its string, and the hole is its context. Contexts
//! that a program writes out (`appendContext`) are elements of the string's context beside our own
//! marks, in Nix's own notation: `/nix/store/…` for a path, `=/nix/store/….drv` for a derivation
//! with all its outputs, `!out!/nix/store/….drv` for one output.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, ContextId, Eval, Hole, StringData, StringPart, Thunk, Value};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("addDrvOutputDependencies", 1, add_drv_output_dependencies),
    Builtin::new("appendContext", 2, append_context),
    Builtin::new("getContext", 1, get_context),
    Builtin::new("hasContext", 1, has_context),
    Builtin::new(
        "unsafeDiscardOutputDependency",
        1,
        unsafe_discard_output_dependency,
    ),
    Builtin::new(
        "unsafeDiscardStringContext",
        1,
        unsafe_discard_string_context,
    ),
];

/// The element that says that the holes of a string are without context.
const DISCARDED: &str = "~";

/// Whether an element is one of Nix, and not a mark of ours.
fn is_nix(element: &str) -> bool {
    element.starts_with(['/', '=', '!'])
}

/// The elements of a string's context that are Nix's.
fn nix_elements(evaluator: &Evaluator, context: ContextId) -> Vec<Rc<str>> {
    evaluator
        .arena
        .context(context)
        .iter()
        .filter(|element| is_nix(element))
        .cloned()
        .collect()
}

/// A string with other elements of Nix in its context; our marks stay.
fn with_nix_elements(
    evaluator: &mut Evaluator,
    data: StringData,
    context: ContextId,
    elements: Vec<Rc<str>>,
) -> Value {
    let marks = evaluator
        .arena
        .context(context)
        .iter()
        .filter(|element| !is_nix(element));
    let all = marks.cloned().chain(elements).collect();
    let context = evaluator.arena.context_of(all);
    Value::String(evaluator.arena.string_data(data, context))
}

fn is_discarded(evaluator: &Evaluator, context: ContextId) -> bool {
    evaluator
        .arena
        .context(context)
        .iter()
        .any(|element| &**element == DISCARDED)
}

/// `hasContext s`
fn has_context(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let string = evaluator.force_string(string)?;
    let context = evaluator.arena.string_context(string);
    if !nix_elements(evaluator, context).is_empty() {
        return Ok(Value::Bool(true));
    }
    let parts = evaluator.arena.string_parts(string).parts();
    let is_source = |part: &StringPart| matches!(part, StringPart::Hole(Hole::Source(_)));
    let Some(StringPart::Hole(hole)) = parts
        .iter()
        .find(|part| matches!(part, StringPart::Hole(_)))
        .cloned()
    else {
        return Ok(Value::Bool(false));
    };
    if parts.iter().any(is_source) && !is_discarded(evaluator, context) {
        return Ok(Value::Bool(true));
    }
    Err(evaluator.hole_unknown(hole))
}

/// `getContext s`
fn get_context(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    #[derive(Default)]
    struct Info {
        path: bool,
        all_outputs: bool,
        outputs: Vec<String>,
    }

    let [string] = arguments(args);
    let string = evaluator.force_string(string)?;
    if let Some(hole) = evaluator.arena.first_hole(string) {
        return Err(evaluator.hole_unknown(hole));
    }
    let mut paths: BTreeMap<String, Info> = BTreeMap::new();
    for element in nix_elements(evaluator, evaluator.arena.string_context(string)) {
        if let Some(path) = element.strip_prefix('=') {
            paths.entry(path.to_owned()).or_default().all_outputs = true;
        } else if let Some((output, path)) = element
            .strip_prefix('!')
            .and_then(|rest| rest.split_once('!'))
        {
            paths
                .entry(path.to_owned())
                .or_default()
                .outputs
                .push(output.to_owned());
        } else {
            paths.entry(element.to_string()).or_default().path = true;
        }
    }
    let mut builder = AttrsBuilder::with_capacity(paths.len());
    for (path, info) in paths {
        let mut attributes = Vec::new();
        if info.path {
            attributes.push(("path", evaluator.arena.ready(Value::Bool(true))));
        }
        if info.all_outputs {
            attributes.push(("allOutputs", evaluator.arena.ready(Value::Bool(true))));
        }
        if !info.outputs.is_empty() {
            let outputs: Vec<_> = info
                .outputs
                .iter()
                .map(|output| evaluator.string_thunk(output))
                .collect();
            let outputs = evaluator.list(&outputs);
            attributes.push(("outputs", evaluator.arena.ready(outputs)));
        }
        let value = Value::Attrs(evaluator.set_of(&attributes));
        let value = evaluator.arena.ready(value);
        let path = evaluator.symbol(&path);
        builder.insert(path, value);
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

/// Whether a text is the path of something directly in the store.
pub(super) fn is_store_path(text: &str) -> bool {
    let Some(name) = text.strip_prefix("/nix/store/") else {
        return false;
    };
    let Some((hash, name)) = name.split_once('-') else {
        return false;
    };
    let is_digit =
        |byte: u8| byte.is_ascii_digit() || (byte.is_ascii_lowercase() && !b"eotu".contains(&byte));
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._?=".contains(&byte);
    hash.len() == 32 && hash.bytes().all(is_digit) && !name.is_empty() && name.bytes().all(is_name)
}

/// `appendContext s { "/nix/store/…" = { path = true; allOutputs = true; outputs = [ … ]; }; }`
fn append_context(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string, context] = arguments(args);
    let string = evaluator.force_string(string)?;
    let set = evaluator.force_exact_attrs(context)?;
    let data = evaluator.arena.string_parts(string).clone();
    let old = evaluator.arena.string_context(string);
    let mut elements = nix_elements(evaluator, old);
    for entry in evaluator.arena.entries_by_name(set) {
        let path = evaluator.name(entry.name);
        if !is_store_path(&path) {
            return Err(evaluator.error(format!("context key '{path}' is not a store path")));
        }
        let is_derivation = path.ends_with(".drv");
        let info = evaluator.force_attrs(entry.value)?;
        if let Some(value) = evaluator.argument(info, "path")?
            && evaluator.expect_bool(value)?
        {
            elements.push(Rc::clone(&path));
        }
        if let Some(value) = evaluator.argument(info, "allOutputs")?
            && evaluator.expect_bool(value)?
        {
            if !is_derivation {
                return Err(evaluator.error(format!(
                    "tried to add all-outputs context of {path}, which is not a derivation, to a string"
                )));
            }
            elements.push(Rc::from(format!("={path}")));
        }
        let Some(outputs) = evaluator.argument(info, "outputs")? else {
            continue;
        };
        let Value::List(outputs) = outputs else {
            return Err(evaluator.type_error(outputs, "a list"));
        };
        for output in evaluator.exact_list(outputs)? {
            if !is_derivation {
                return Err(evaluator.error(format!(
                    "tried to add derivation output context of {path}, which is not a derivation, to a string"
                )));
            }
            let output = evaluator.force_text(output)?;
            elements.push(Rc::from(format!("!{output}!{path}")));
        }
    }
    Ok(with_nix_elements(evaluator, data, old, elements))
}

/// `unsafeDiscardStringContext s`
fn unsafe_discard_string_context(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let (data, context) = evaluator.force_coerced_into_store(string)?;
    let holes = data.text().is_none().then(|| Rc::from(DISCARDED));
    Ok(with_nix_elements(
        evaluator,
        data,
        context,
        holes.into_iter().collect(),
    ))
}

/// `unsafeDiscardOutputDependency s`
fn unsafe_discard_output_dependency(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let (data, context) = evaluator.force_coerced_into_store(string)?;
    let elements = nix_elements(evaluator, context)
        .into_iter()
        .map(|element| {
            element
                .strip_prefix('=')
                .map_or_else(|| Rc::clone(&element), Rc::from)
        })
        .collect();
    Ok(with_nix_elements(evaluator, data, context, elements))
}

/// `addDrvOutputDependencies s`
fn add_drv_output_dependencies(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [string] = arguments(args);
    let (data, context) = evaluator.force_coerced_into_store(string)?;
    let elements = nix_elements(evaluator, context);
    match &*elements {
        [] if data.text().is_none() => {
            Ok(Value::String(evaluator.arena.string_data(data, context)))
        }
        [element] if element.starts_with('=') => {
            Ok(Value::String(evaluator.arena.string_data(data, context)))
        }
        [element] if element.starts_with('!') => Err(evaluator.error(
            "`addDrvOutputDependencies` can only act on derivations, not on a derivation output",
        )),
        [element] if element.ends_with(".drv") => {
            let deep = Rc::from(format!("={element}"));
            Ok(with_nix_elements(evaluator, data, context, vec![deep]))
        }
        [element] => Err(evaluator.error(format!("path '{element}' is not a derivation"))),
        _ => {
            let count = elements.len();
            Err(evaluator.error(format!(
                "context of string must have exactly one element, but has {count}"
            )))
        }
    }
}
