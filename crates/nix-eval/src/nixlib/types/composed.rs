//! Types made of other types.

use std::rc::Rc;

use super::made::{named, nix_type_of, required};
use crate::eval::{Evaluator, arguments};
use crate::modules::types::{DEFAULT_PLACEHOLDER, Kind, Text, TypeId};
use crate::value::{Eval, Thunk, Value};

pub(super) fn list(evaluator: &mut Evaluator, args: &[Thunk], non_empty: bool) -> Eval<Value> {
    let [element] = arguments(args);
    let element = evaluator.deferred_type(element)?;
    named(evaluator, "listOf", Kind::List { element, non_empty })
}

pub(super) fn attributes(evaluator: &mut Evaluator, args: &[Thunk], lazy: bool) -> Eval<Value> {
    let [element] = arguments(args);
    attributes_named(evaluator, element, lazy, Rc::from(DEFAULT_PLACEHOLDER))
}

pub(super) fn attributes_named(
    evaluator: &mut Evaluator,
    element: Thunk,
    lazy: bool,
    placeholder: Rc<str>,
) -> Eval<Value> {
    let element = evaluator.deferred_type(element)?;
    let name = if lazy { "lazyAttrsOf" } else { "attrsOf" };
    named(
        evaluator,
        name,
        Kind::Attributes {
            element,
            lazy,
            placeholder,
        },
    )
}

pub(super) fn attributes_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let element = required(evaluator, set, "elemType")?;
    let lazy = evaluator.argument(set, "lazy")? == Some(Value::Bool(true));
    let placeholder = match evaluator.argument(set, "placeholder")? {
        Some(placeholder) => evaluator.expect_text(placeholder)?,
        None => Rc::from(DEFAULT_PLACEHOLDER),
    };
    attributes_named(evaluator, element, lazy, placeholder)
}

pub(super) fn null_or(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [inner] = arguments(args);
    let inner = evaluator.deferred_type(inner)?;
    named(evaluator, "nullOr", Kind::NullOr(inner))
}

pub(super) fn either(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [a, b] = arguments(args);
    let (a, b) = (evaluator.deferred_type(a)?, evaluator.deferred_type(b)?);
    named(evaluator, "either", Kind::Either(a, b))
}

pub(super) fn one_of(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [types] = arguments(args);
    let mut merged: Option<TypeId> = None;
    for thunk in evaluator.force_exact_list(types)? {
        let next = evaluator.deferred_type(thunk)?;
        merged = Some(match merged {
            None => next,
            Some(before) => evaluator.new_type("either", Kind::Either(before, next)),
        });
    }
    match merged {
        Some(id) => {
            let value = evaluator.type_value(id);
            evaluator.force(value)
        }
        None => Err(evaluator.error("types.oneOf needs to get at least one type in its argument")),
    }
}

pub(super) fn enumeration(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [values] = arguments(args);
    let values = evaluator.force_exact_list(values)?;
    named(evaluator, "enum", Kind::Enumeration(Rc::from(values)))
}

pub(super) fn coerced(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [from, function, to] = arguments(args);
    let (from, to) = (evaluator.resolve_type(from)?, evaluator.resolve_type(to)?);
    if evaluator.sub_modules(from)?.is_some() {
        let description = evaluator.type_description(from)?;
        return Err(evaluator.throw(format!(
            "coercedTo: coercedType must not have submodules (it’s a {description})"
        )));
    }
    named(evaluator, "coercedTo", Kind::Coerced { from, function, to })
}

pub(super) fn function_to(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [inner] = arguments(args);
    let inner = evaluator.deferred_type(inner)?;
    named(evaluator, "functionTo", Kind::FunctionTo(inner))
}

pub(super) fn uniq(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [inner] = arguments(args);
    let inner = evaluator.deferred_type(inner)?;
    named(evaluator, "unique", Kind::Unique(inner, Rc::from("")))
}

pub(super) fn unique(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, inner] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let message = match evaluator.argument(options, "message")? {
        Some(value) => evaluator.expect_text(value)?,
        None => Rc::from(""),
    };
    let inner = evaluator.deferred_type(inner)?;
    named(evaluator, "unique", Kind::Unique(inner, message))
}

pub(super) fn add_check(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [inner, predicate] = arguments(args);
    let id = evaluator.resolve_type(inner)?;
    let name = Rc::clone(&evaluator.type_of(id).name);
    named(evaluator, &name, Kind::Checked(id, predicate))
}

pub(super) fn matching(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [pattern] = arguments(args);
    let pattern = evaluator.force_text(pattern)?;
    let mut name = String::from("strMatching \"");
    nix_syntax::quote::escape(&pattern, &mut name);
    name.push('"');
    named(evaluator, &name, Kind::Text(Text::Matching(pattern)))
}

pub(super) fn separated(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [separator] = arguments(args);
    let separator = evaluator.force_text(separator)?;
    named(
        evaluator,
        "separatedString",
        Kind::Text(Text::Separated(separator)),
    )
}

pub(super) fn path_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let flag = |evaluator: &mut Evaluator, name| match evaluator.argument(set, name)? {
        Some(Value::Bool(value)) => Ok(Some(value)),
        _ => Ok(None),
    };
    let absolute = flag(evaluator, "absolute")?;
    let in_store = flag(evaluator, "inStore")?;
    if in_store == Some(true) && absolute == Some(false) {
        return Err(evaluator.throw("In pathWith, inStore means the path must be absolute"));
    }
    named(evaluator, "path", Kind::Path { absolute, in_store })
}

pub(super) fn password_entry(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [inner] = arguments(args);
    let inner = evaluator.resolve_type(inner)?;
    let name = format!("passwdEntry {}", evaluator.type_of(inner).name);
    named(evaluator, &name, Kind::PasswordEntry(inner))
}
/// `attrListOf t`: `attrListWith { elemType = t; }`
pub(super) fn attribute_list(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [element] = arguments(args);
    let set = evaluator.set_of(&[("elemType", element)]);
    let set = evaluator.arena.ready(Value::Attrs(set));
    nix_type_of(evaluator, &[set], "attrListWith")
}
