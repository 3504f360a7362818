//! `derivation`: checked as Nix checks it, but its store paths are not computed. They are externals
//! that remember the derivation's attributes.

use std::rc::Rc;

use super::json;
use crate::eval::{Builtin, Coercion, Evaluator, Pieces, arguments};
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, External, ExternalId, ExternalKind, Hole, Position, Slot,
    StringData, StringPart, Symbol, Thunk, Value, well_known,
};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("derivation", 1, derivation),
    Builtin::new("derivationStrict", 1, derivation_strict),
    Builtin::new("outputOf", 2, output_of),
    Builtin::new("toFile", 2, to_file),
];

/// The name of the only output of a derivation that does not say which it has.
const DEFAULT_OUTPUT: &str = "out";

/// `derivation { name; system; builder; … }`: the attributes and, for each output, its path.
fn derivation(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [attributes] = arguments(args);
    let set = evaluator.force_attrs(attributes)?;
    let outputs = declared_outputs(evaluator, set)?;
    let strict = {
        let argument = attributes;
        evaluator.lazy(move |evaluator| derivation_strict(evaluator, &[argument]))
    };
    // Each output has all the others, itself included: the thunks come first.
    let thunks: Vec<Thunk> = outputs
        .iter()
        .map(|_| evaluator.arena.ready(Value::Null))
        .collect();
    let Some(first) = thunks.first().copied() else {
        return Err(evaluator.error("'builtins.head' called on an empty list"));
    };
    let all = evaluator.list(&thunks);
    let all = evaluator.arena.ready(all);
    let kind = evaluator.string_thunk("derivation");
    let all_name = evaluator.symbol("all");
    let drv_attrs = evaluator.symbol("drvAttrs");
    let output_name = evaluator.symbol("outputName");
    let open = evaluator.arena.attrs_data(set).open;
    for (output, thunk) in outputs.iter().zip(&thunks) {
        let mut builder = AttrsBuilder::new();
        for entry in evaluator.arena.entries(set).to_vec() {
            builder.push(entry);
        }
        if let Some(why) = open {
            builder.open(why);
        }
        for (name, value) in outputs.iter().zip(&thunks) {
            builder.insert(*name, *value);
        }
        let select = |evaluator: &mut Evaluator, name: Symbol| {
            evaluator.arena.thunk(Slot::Select { base: strict, name })
        };
        let out_path = select(evaluator, *output);
        let drv_path = select(evaluator, well_known::DRV_PATH);
        let name = Value::String(evaluator.arena.symbol_string(*output));
        let name = evaluator.arena.ready(name);
        builder.insert(all_name, all);
        builder.insert(drv_attrs, attributes);
        builder.insert(well_known::OUT_PATH, out_path);
        builder.insert(well_known::DRV_PATH, drv_path);
        builder.insert(well_known::OPTION_TYPE, kind);
        builder.insert(output_name, name);
        let value = Value::Attrs(evaluator.arena.attrs(builder));
        evaluator.arena.set_slot(*thunk, Slot::Value(value));
    }
    evaluator.force(first)
}

/// The names in `outputs`.
fn declared_outputs(evaluator: &mut Evaluator, set: AttrsId) -> Eval<Vec<Symbol>> {
    let outputs = evaluator.symbol("outputs");
    let Some(entry) = evaluator.arena.attribute(set, outputs) else {
        return Ok(vec![evaluator.symbol(DEFAULT_OUTPUT)]);
    };
    let items = evaluator.force_exact_list(entry.value)?;
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        let value = evaluator.force(item)?;
        names.push(evaluator.attribute_name(value)?);
    }
    Ok(names)
}

/// `derivationStrict { … }`: `drvPath` and the path of each output. Evaluates every attribute.
fn derivation_strict(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [attributes] = arguments(args);
    let set = evaluator.force_attrs(attributes)?;
    let name = evaluator.select_attribute(set, well_known::NAME)?;
    match evaluator.expect_text(name) {
        Ok(name) => check_name(evaluator, &name)?,
        Err(why) if evaluator.is_error(why) => return Err(why),
        Err(_) => {}
    }
    let environment = environment(evaluator, set)?;
    for required in ["builder", "system"] {
        let name = evaluator.symbol(required);
        if evaluator.arena.attribute(set, name).is_none()
            && evaluator.arena.attrs_data(set).open.is_none()
        {
            return Err(evaluator.error(format!("required attribute '{required}' missing")));
        }
    }
    let root = evaluator.external_root("derivation", ExternalKind::Other);
    let Value::External(root) = root else {
        return Ok(root);
    };
    let drv = evaluator.arena.external(External::Apply {
        function: root,
        argument: attributes,
    });
    let mut outputs = declared_outputs(evaluator, set)?;
    check_outputs(evaluator, &outputs)?;
    outputs.push(well_known::DRV_PATH);
    let mut builder = AttrsBuilder::with_capacity(outputs.len());
    for name in outputs {
        let path = evaluator
            .arena
            .external(External::Select { base: drv, name });
        let value = external_path(evaluator, path, environment);
        let value = evaluator.arena.ready(value);
        builder.push(Entry {
            name,
            value,
            position: Position::NONE,
            maybe: None,
        });
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

/// A string with the store path of an external as its only piece.
fn external_path(
    evaluator: &mut Evaluator,
    path: ExternalId,
    context: crate::value::ContextId,
) -> Value {
    let parts = Rc::from([StringPart::Hole(Hole::External(path))]);
    Value::String(
        evaluator
            .arena
            .string_data(StringData::Parts(parts), context),
    )
}

fn check_name(evaluator: &mut Evaluator, name: &str) -> Eval<()> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._?=".contains(&byte);
    if name.is_empty() || name.starts_with('.') || name.len() > 211 || !name.bytes().all(is_allowed)
    {
        return Err(evaluator.error(format!("invalid derivation name: '{name}'")));
    }
    if name.ends_with(".drv") {
        return Err(evaluator.error(format!(
            "derivation names are not allowed to end in '.drv': '{name}'"
        )));
    }
    Ok(())
}

fn check_outputs(evaluator: &mut Evaluator, outputs: &[Symbol]) -> Eval<()> {
    if outputs.is_empty() {
        return Err(evaluator.error("derivation cannot have an empty set of outputs"));
    }
    let mut sorted = outputs.to_vec();
    sorted.sort();
    for pair in sorted.windows(2) {
        if let [a, b] = pair
            && a == b
        {
            let name = evaluator.name(*a);
            return Err(evaluator.error(format!("duplicate derivation output '{name}'")));
        }
    }
    if sorted.contains(&well_known::DRV_PATH) {
        return Err(evaluator.error("invalid derivation output name 'drvPath'"));
    }
    Ok(())
}

/// Evaluates what goes to the builder and gives its context.
fn environment(evaluator: &mut Evaluator, set: AttrsId) -> Eval<crate::value::ContextId> {
    let flag = |evaluator: &mut Evaluator, name: &str| -> Eval<bool> {
        match evaluator.argument(set, name) {
            Ok(Some(value)) => evaluator.expect_bool(value),
            Ok(None) => Ok(false),
            Err(why) => Err(why),
        }
    };
    let structured = flag(evaluator, "__structuredAttrs")?;
    let ignore_nulls = flag(evaluator, "__ignoreNulls")?;
    let mut context = Pieces::default();
    for entry in evaluator.arena.entries_by_name(set) {
        let mut pieces = Pieces::default();
        let written = match &*evaluator.name(entry.name) {
            "__ignoreNulls" | "__structuredAttrs" => Ok(()),
            _ if ignore_nulls && matches!(evaluator.force(entry.value), Ok(Value::Null)) => Ok(()),
            "args" => arguments_of_builder(evaluator, entry.value, &mut pieces),
            "outputs" if structured => evaluator.force_list(entry.value).map(drop),
            "builder" | "system" if structured => evaluator.force_string(entry.value).map(drop),
            _ if structured => json::write_thunk(evaluator, entry.value, 0, &mut pieces),
            _ => evaluator.coerce_thunk(entry.value, Coercion::Derivation, &mut pieces),
        };
        match written {
            Err(why) if evaluator.is_error(why) && entry.maybe.is_none() => return Err(why),
            _ => {}
        }
        let (_, more) = pieces.finish();
        evaluator.push_context(&mut context, more);
    }
    Ok(context.finish().1)
}

fn arguments_of_builder(evaluator: &mut Evaluator, list: Thunk, pieces: &mut Pieces) -> Eval<()> {
    let list = evaluator.force_list(list)?;
    for (item, presence) in evaluator.arena.list_items(list) {
        match evaluator.coerce_thunk(item, Coercion::Derivation, pieces) {
            Err(why) if super::lists::doubt(presence).is_none() => return Err(why),
            _ => {}
        }
    }
    Ok(())
}

/// `outputOf drvPath output`
fn output_of(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path, output] = arguments(args);
    let path = evaluator.force_string(path)?;
    evaluator.force_text(output)?;
    let context = evaluator.arena.string_context(path);
    let why = evaluator.undetermined("`builtins.outputOf`");
    Ok(evaluator.unknown_string(why, context))
}

/// `toFile name text`: a store path that remembers both, and keeps the text's context.
fn to_file(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name, text] = arguments(args);
    match evaluator.force_text(name) {
        Ok(name) => check_name_of_file(evaluator, &name)?,
        Err(why) if evaluator.is_error(why) => return Err(why),
        Err(_) => {}
    }
    let string = match evaluator.force_string(text) {
        Ok(string) => Some(string),
        Err(why) if evaluator.is_error(why) => return Err(why),
        Err(_) => None,
    };
    let context = string
        .map(|string| evaluator.arena.string_context(string))
        .unwrap_or_default();
    let root = evaluator.external_root("builtins.toFile", ExternalKind::Other);
    let Value::External(root) = root else {
        return Ok(root);
    };
    let named = evaluator.arena.external(External::Apply {
        function: root,
        argument: name,
    });
    let file = evaluator.arena.external(External::Apply {
        function: named,
        argument: text,
    });
    Ok(external_path(evaluator, file, context))
}

fn check_name_of_file(evaluator: &mut Evaluator, name: &str) -> Eval<()> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._?=".contains(&byte);
    if name.is_empty() || name.len() > 211 || !name.bytes().all(is_allowed) {
        return Err(evaluator.error(format!("invalid store path name '{name}'")));
    }
    Ok(())
}
