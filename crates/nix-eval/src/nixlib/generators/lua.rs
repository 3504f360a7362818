//! Lua tables.

use super::super::support::{StringBuilder, attributes, call_builtin, flag, throw};
use super::derivation;
use super::layout::{Indent, Layout, forced};
use crate::eval::{Coercion, Evaluator, arguments};
use crate::value::{Eval, Presence, Reason, Thunk, Value, well_known};

/// `mkLuaInline expression`
pub(super) fn make_inline(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [expression] = arguments(args);
    let kind = evaluator.string_thunk("lua-inline");
    Ok(Value::Attrs(
        evaluator.set_of(&[("_type", kind), ("expr", expression)]),
    ))
}

/// `toLua { multiline; indent; asBindings; } value`
pub(super) fn to_lua(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, value] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let (layout, indent) = Layout::of(evaluator, options)?;
    let indent = Indent::new(&indent, "  ");
    let mut builder = StringBuilder::new();
    if flag(evaluator, options, "asBindings", false)? {
        let (entries, open) = attributes(evaluator, value)?;
        for entry in entries {
            let name = evaluator.name(entry.name);
            if !is_lua_name(&name) {
                return Err(throw(
                    evaluator,
                    format!("Bad Lua var names: [ \"{name}\" ]"),
                ));
            }
            let line = format!("{indent}{name} = ");
            match entry.maybe {
                None => write(evaluator, &layout, indent, entry.value, builder.text(&line))?,
                Some(why) => {
                    builder.result(evaluator, Err(why))?;
                }
            }
            builder.text("\n");
        }
        if let Some(why) = open {
            builder.result(evaluator, Err(why))?;
        }
    } else {
        write(evaluator, &layout, indent, value, &mut builder)?;
    }
    Ok(builder.finish(evaluator))
}

fn is_lua_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '.'))
}

fn write(
    evaluator: &mut Evaluator,
    layout: &Layout,
    indent: Indent<'_>,
    value: Thunk,
    out: &mut StringBuilder,
) -> Eval<()> {
    let Some(forced) = forced(evaluator, value, None, out)? else {
        return Ok(());
    };
    match forced {
        Value::Null => out.text("nil"),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {
            let json = call_builtin(evaluator, "toJSON", &[value]);
            out.result(evaluator, json)?
        }
        Value::Path(_) | Value::External(_) => quoted(evaluator, forced, out)?,
        Value::List(list) => {
            let mut items = Vec::new();
            for (item, presence) in evaluator.arena.list_items(list) {
                items.push((String::new(), item, presence));
            }
            return table(evaluator, layout, indent, items, out);
        }
        Value::Attrs(set) => {
            if is_inline(evaluator, forced)? {
                let expression = evaluator.symbol("expr");
                let expression = evaluator.select_attribute(set, expression);
                out.text("(").result(evaluator, expression)?.text(")")
            } else if derivation(evaluator, forced)? {
                quoted(evaluator, forced, out)?
            } else {
                let (entries, open) = attributes(evaluator, value)?;
                let mut items = Vec::new();
                for entry in entries {
                    let name = super::super::support::name_thunk(evaluator, entry.name);
                    let name = call_builtin(evaluator, "toJSON", &[name])?;
                    let name = evaluator.expect_text(name)?;
                    let presence = super::presence_of(&entry);
                    items.push((format!("[{name}] = "), entry.value, presence));
                }
                if let Some(why) = open {
                    let unknown = evaluator.arena.failed(why);
                    items.push((String::new(), unknown, Presence::Many(why)));
                }
                return table(evaluator, layout, indent, items, out);
            }
        }
        Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => {
            let message = "generators.toLua: type lambda is unsupported";
            return Err(evaluator.unknown(Reason::Abort(message.into())));
        }
    };
    Ok(())
}

fn is_inline(evaluator: &mut Evaluator, value: Value) -> Eval<bool> {
    match evaluator.select_optional(value, well_known::TYPE)? {
        Some(kind @ Value::String(_)) => {
            let inline = evaluator.string("lua-inline");
            evaluator.equal(kind, inline)
        }
        _ => Ok(false),
    }
}

/// A value that is a store path, between quotes.
fn quoted<'a>(
    evaluator: &mut Evaluator,
    value: Value,
    out: &'a mut StringBuilder,
) -> Eval<&'a mut StringBuilder> {
    let text = evaluator.coerce(value, Coercion::Interpolation);
    Ok(out.text("\"").result(evaluator, text)?.text("\""))
}

fn table(
    evaluator: &mut Evaluator,
    layout: &Layout,
    indent: Indent<'_>,
    items: Vec<(String, Thunk, Presence)>,
    out: &mut StringBuilder,
) -> Eval<()> {
    if items.is_empty() {
        out.text("{}");
        return Ok(());
    }
    let inner = indent.deeper();
    out.text("{").text(&layout.open(indent));
    for (index, (prefix, item, presence)) in items.into_iter().enumerate() {
        if index > 0 {
            out.text(",").text(&layout.open(indent));
        }
        match presence {
            Presence::Certain => write(evaluator, layout, inner, item, out.text(&prefix))?,
            Presence::Maybe(why) | Presence::Many(why) => {
                out.result(evaluator, Err(why))?;
            }
        }
    }
    out.text(&layout.close(indent)).text("}");
    Ok(())
}
