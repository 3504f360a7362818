//! Values as Nix expressions.

use super::super::strings::escape_identifier;
use super::super::support::{
    StringBuilder, attributes, call_builtin, flag, map_characters, option,
};
use super::super::trivial::function_arguments;
use super::layout::{Indent, Layout, forced};
use super::{all_holes, derivation};
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Presence, StringId, Thunk, Value, well_known};

/// How values are laid out.
struct PrettyLayout {
    lines: Layout,
    allows_pretty_values: bool,
}

/// `toPretty { multiline; allowPrettyValues; indent; } value`
pub(super) fn to_pretty(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, value] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let (lines, indent) = Layout::of(evaluator, options)?;
    let indent = Indent::new(&indent, "  ");
    let layout = PrettyLayout {
        lines,
        allows_pretty_values: flag(evaluator, options, "allowPrettyValues", false)?,
    };
    let mut builder = StringBuilder::new();
    write(evaluator, &layout, indent, value, &mut builder)?;
    Ok(builder.finish(evaluator))
}

fn write(
    evaluator: &mut Evaluator,
    layout: &PrettyLayout,
    indent: Indent<'_>,
    value: Thunk,
    out: &mut StringBuilder,
) -> Eval<()> {
    let Some(forced) = forced(evaluator, value, None, out)? else {
        return Ok(());
    };
    match forced {
        Value::Null => {
            out.text("null");
        }
        Value::Bool(value) => {
            out.text(if value { "true" } else { "false" });
        }
        Value::Int(int) => {
            out.text(&int.to_string());
        }
        Value::Float(_) => {
            let text = call_builtin(evaluator, "toJSON", &[value]);
            out.result(evaluator, text)?;
        }
        Value::Path(path) => {
            out.text(&evaluator.arena.path_text(path));
        }
        Value::External(_) => {
            out.result(evaluator, Ok(forced))?;
        }
        Value::String(string) => write_string(evaluator, layout, indent, string, out)?,
        Value::List(list) => {
            let items = evaluator.arena.list_items(list);
            if items.is_empty() {
                out.text("[ ]");
                return Ok(());
            }
            let inner = indent.deeper();
            out.text("[");
            for (item, presence) in items {
                out.text(&layout.lines.open(indent));
                match presence {
                    Presence::Certain => write(evaluator, layout, inner, item, out)?,
                    Presence::Maybe(why) | Presence::Many(why) => {
                        out.result(evaluator, Err(why))?;
                    }
                }
            }
            out.text(&layout.lines.close(indent)).text("]");
        }
        Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => {
            write_function(evaluator, value, out)?;
        }
        Value::Attrs(_) => write_set(evaluator, layout, indent, value, out)?,
    }
    Ok(())
}

fn write_string(
    evaluator: &mut Evaluator,
    layout: &PrettyLayout,
    indent: Indent<'_>,
    string: StringId,
    out: &mut StringBuilder,
) -> Eval<()> {
    let parts = evaluator.arena.string_parts(string).parts();
    let has_lines = parts.iter().any(|part| match part {
        crate::value::StringPart::Text(text) => text.contains('\n'),
        crate::value::StringPart::Hole(_) => false,
    });
    let open = layout.lines.open(indent);
    let escaped = if has_lines && layout.lines.multiline {
        map_characters(evaluator, string, all_holes, |text| {
            text.replace("''", "'''")
                .replace("${", "''${")
                .replace('\n', &open)
        })
    } else {
        map_characters(evaluator, string, all_holes, |text| {
            let text = text
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace("${", "\\${");
            if layout.lines.multiline {
                text
            } else {
                text.replace('\n', "\\n")
            }
        })
    }?;
    if !has_lines || !layout.lines.multiline {
        out.text("\"").result(evaluator, Ok(escaped))?.text("\"");
        return Ok(());
    }
    out.text("''").text(&open);
    // Behind a last line feed the closing quotes are on a line of their own.
    let suffix = evaluator.string_thunk(&open);
    let escaped = evaluator.arena.ready(escaped);
    let ends = super::super::strings::has_suffix(evaluator, &[suffix, escaped])?;
    if ends == Value::Bool(true) {
        let text = super::super::strings::remove_suffix(evaluator, &[suffix, escaped]);
        out.result(evaluator, text)?
            .text(&layout.lines.close(indent));
    } else {
        out.value(evaluator, escaped)?;
    }
    out.text("''");
    Ok(())
}

fn write_function(evaluator: &mut Evaluator, function: Thunk, out: &mut StringBuilder) -> Eval<()> {
    let formals = function_arguments(evaluator, function)?;
    let formals = evaluator.arena.ready(formals);
    let (entries, _) = attributes(evaluator, formals)?;
    let mut shown = Vec::new();
    for entry in entries {
        let name = evaluator.name(entry.name);
        let optional = evaluator.force(entry.value)? == Value::Bool(true);
        shown.push(format!("{name}{}", if optional { "?" } else { "" }));
    }
    if shown.is_empty() {
        out.text("<function>");
    } else {
        out.text(&format!("<function, args: {{{}}}>", shown.join(", ")));
    }
    Ok(())
}

fn write_set(
    evaluator: &mut Evaluator,
    layout: &PrettyLayout,
    indent: Indent<'_>,
    value: Thunk,
    out: &mut StringBuilder,
) -> Eval<()> {
    let set = evaluator.force_attrs(value)?;
    if layout.allows_pretty_values {
        let shows = option(evaluator, set, "__pretty")?;
        let shown = option(evaluator, set, "val")?;
        if let (Some(shows), Some(shown)) = (shows, shown) {
            let text = evaluator.call(shows, shown);
            out.result(evaluator, text)?;
            return Ok(());
        }
    }
    if evaluator
        .arena
        .attribute(set, well_known::FUNCTOR)
        .is_some()
    {
        return write_function(evaluator, value, out);
    }
    if derivation(evaluator, Value::Attrs(set))? {
        out.text("<derivation ");
        match option(evaluator, set, "name")? {
            Some(name) => out.value(evaluator, name)?,
            None => out.text("???"),
        };
        out.text(">");
        return Ok(());
    }
    let (entries, open) = attributes(evaluator, value)?;
    if entries.is_empty() && open.is_none() {
        out.text("{ }");
        return Ok(());
    }
    let inner = indent.deeper();
    out.text("{");
    for entry in entries {
        out.text(&layout.lines.open(indent));
        if let Some(why) = entry.maybe {
            out.result(evaluator, Err(why))?;
            continue;
        }
        let name = evaluator.name(entry.name);
        out.text(&format!("{} = ", escape_identifier(&name)));
        write(evaluator, layout, inner, entry.value, out)?;
        out.text(";");
    }
    if let Some(why) = open {
        out.text(&layout.lines.open(indent))
            .result(evaluator, Err(why))?;
    }
    out.text(&layout.lines.close(indent)).text("}");
    Ok(())
}
