//! JSON, property lists, Dhall, dconf.

use super::super::support::{
    StringBuilder, attributes, call_builtin, flag, is_store_path, map_characters, settle,
};
use super::derivation;
use super::layout::{Indent, forced};
use crate::eval::{Coercion, Evaluator, arguments};
use crate::value::{Eval, Reason, StringId, Thunk, Value};

/// `toJSON { } value`, and `toYAML`, which is the same.
pub(super) fn to_json(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [_options, value] = arguments(args);
    call_builtin(evaluator, "toJSON", &[value])
}

/// The text that dconf reads: `GVariant` is not modelled.
pub(super) fn dconf(evaluator: &mut Evaluator, _: &[Thunk]) -> Eval<Value> {
    Err(evaluator.undetermined("a text in the notation of GVariant"))
}

// Property lists

const PLIST_START: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple Computer//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n";

/// `toPlist { escape; } value`
pub(super) fn to_plist(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, value] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let escapes = flag(evaluator, options, "escape", false)?;
    let mut builder = StringBuilder::new();
    builder.text(PLIST_START);
    plist(
        evaluator,
        escapes,
        Indent::new("", "\t"),
        value,
        &mut builder,
    )?;
    builder.text("\n</plist>");
    Ok(builder.finish(evaluator))
}

fn plist_text(evaluator: &mut Evaluator, escapes: bool, string: StringId) -> Eval<Value> {
    if !escapes {
        return Ok(Value::String(string));
    }
    map_characters(evaluator, string, is_store_path, |text| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&apos;")
    })
}

fn element(
    evaluator: &mut Evaluator,
    tag: &str,
    text: Eval<Value>,
    out: &mut StringBuilder,
) -> Eval<()> {
    out.text(&format!("<{tag}>"))
        .result(evaluator, text)?
        .text(&format!("</{tag}>"));
    Ok(())
}

fn plist(
    evaluator: &mut Evaluator,
    escapes: bool,
    indent: Indent<'_>,
    value: Thunk,
    out: &mut StringBuilder,
) -> Eval<()> {
    let Some(forced) = forced(evaluator, value, Some(indent), out)? else {
        return Ok(());
    };
    if forced != Value::Null {
        out.text(&indent.to_string());
    }
    match forced {
        Value::Null => Ok(()),
        Value::Bool(value) => {
            out.text(if value { "<true/>" } else { "<false/>" });
            Ok(())
        }
        Value::Int(int) => {
            out.text(&format!("<integer>{int}</integer>"));
            Ok(())
        }
        Value::Float(_) => {
            let text = evaluator.coerce(forced, Coercion::ToString);
            element(evaluator, "real", text, out)
        }
        Value::String(string) => {
            let text = plist_text(evaluator, escapes, string);
            element(evaluator, "string", text, out)
        }
        Value::Path(_) => {
            let text = evaluator.coerce(forced, Coercion::ToString);
            element(evaluator, "string", text, out)
        }
        Value::External(_) => {
            let text = evaluator.coerce(forced, Coercion::Interpolation);
            element(evaluator, "string", text, out)
        }
        Value::List(list) => {
            let inner = indent.deeper();
            out.text("<array>\n");
            for (index, (item, _)) in evaluator.arena.list_items(list).into_iter().enumerate() {
                if index > 0 {
                    out.text("\n");
                }
                plist(evaluator, escapes, inner, item, out)?;
            }
            out.text(&format!("\n{indent}</array>"));
            Ok(())
        }
        Value::Attrs(_) if derivation(evaluator, forced)? => {
            let text = evaluator.coerce(forced, Coercion::ToString);
            element(evaluator, "string", text, out)
        }
        Value::Attrs(_) => plist_dictionary(evaluator, escapes, indent, value, out),
        Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => {
            let message = "generators.toPlist: functions are not supported";
            Err(evaluator.unknown(Reason::Abort(message.into())))
        }
    }
}

fn plist_dictionary(
    evaluator: &mut Evaluator,
    escapes: bool,
    indent: Indent<'_>,
    value: Thunk,
    out: &mut StringBuilder,
) -> Eval<()> {
    let inner = indent.deeper();
    out.text("<dict>\n");
    let (entries, open) = attributes(evaluator, value)?;
    let mut first = true;
    for entry in entries {
        let value = evaluator.force(entry.value);
        if settle(evaluator, value)? == Ok(Value::Null) {
            continue;
        }
        if !first {
            out.text("\n");
        }
        first = false;
        if let Some(why) = entry.maybe {
            out.result(evaluator, Err(why))?;
            continue;
        }
        let name = evaluator.name(entry.name);
        let name = evaluator.arena.string(&name);
        let name = plist_text(evaluator, escapes, name);
        out.text(&inner.to_string());
        element(evaluator, "key", name, out)?;
        out.text("\n");
        plist(evaluator, escapes, inner, entry.value, out)?;
    }
    if let Some(why) = open {
        out.result(evaluator, Err(why))?;
    }
    out.text(&format!("\n{indent}</dict>"));
    Ok(())
}

// Dhall
