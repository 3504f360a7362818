//! git's configuration: sections, subsections, indented keys.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::strings::concat_with;
use super::super::support::{StringBuilder, attributes, map_characters, settle, unknown_elements};
use super::{derivation, value_string, values_of};
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Presence, Thunk, UnknownId, Value};

/// A key's values: a line each.
type Settings = BTreeMap<Rc<str>, (Thunk, Option<UnknownId>)>;

/// The sections by their dotted names.
#[derive(Default)]
struct Sections {
    sections: BTreeMap<String, Settings>,
    /// Why there may be more.
    open: Option<UnknownId>,
}

/// `toGitINI sections`
pub(super) fn to_git_ini(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let mut sections = Sections::default();
    let (entries, open) = attributes(evaluator, set)?;
    sections.open = open;
    for entry in entries {
        let name = evaluator.name(entry.name);
        if let Value::Attrs(_) = evaluator.force(entry.value)? {
            let mut path = vec![name];
            collect(
                evaluator,
                &mut path,
                entry.value,
                entry.maybe,
                &mut sections,
            )?;
        } else {
            let value = evaluator.force(entry.value)?;
            return Err(evaluator.type_error(value, "a set"));
        }
    }
    let mut texts = Vec::new();
    for (name, settings) in sections.sections {
        let text = section(evaluator, &name, settings)?;
        texts.push((evaluator.arena.ready(text), Presence::Certain));
    }
    if let Some(why) = sections.open {
        texts.push(unknown_elements(evaluator, why));
    }
    concat_with(evaluator, "\n", &texts)
}

/// Takes what is at `path` apart into sections and their settings.
fn collect(
    evaluator: &mut Evaluator,
    path: &mut Vec<Rc<str>>,
    value: Thunk,
    maybe: Option<UnknownId>,
    sections: &mut Sections,
) -> Eval<()> {
    evaluator.check_size(1)?;
    let forced = evaluator.force(value);
    if let Ok(forced @ Value::Attrs(_)) = settle(evaluator, forced)?
        && !derivation(evaluator, forced)?
    {
        let (entries, open) = attributes(evaluator, value)?;
        sections.open = sections.open.or(open);
        if entries.is_empty() && path.len() == 1 {
            sections.sections.entry(path.join(".")).or_default();
        }
        for entry in entries {
            path.push(evaluator.name(entry.name));
            let maybe = maybe.or(entry.maybe);
            collect(evaluator, path, entry.value, maybe, sections)?;
            path.pop();
        }
        return Ok(());
    }
    if let Some((key, section)) = path.split_last() {
        let settings = sections.sections.entry(section.join(".")).or_default();
        settings.insert(Rc::clone(key), (value, maybe));
    }
    Ok(())
}

/// `[section "sub.section"]`
fn header(name: &str) -> String {
    match name.split_once('.') {
        Some((section, rest)) if !name.contains('"') => format!("[{section} \"{rest}\"]"),
        _ => format!("[{name}]"),
    }
}

fn section(evaluator: &mut Evaluator, name: &str, settings: Settings) -> Eval<Value> {
    let mut lines = Vec::new();
    for (key, (value, maybe)) in settings {
        for (value, presence) in values_of(evaluator, value)? {
            let key = key.replace('=', "\\=");
            let line = evaluator.lazy(move |evaluator| {
                let mut builder = StringBuilder::new();
                let value = quoted(evaluator, value);
                builder
                    .text(&format!("\t{key} = "))
                    .result(evaluator, value)?
                    .text("\n");
                Ok(builder.finish(evaluator))
            });
            let presence = match maybe {
                Some(why) => crate::builtins::lists::weaken(presence, why),
                None => presence,
            };
            lines.push((line, presence));
        }
    }
    let lines = concat_with(evaluator, "", &lines);
    let mut builder = StringBuilder::new();
    builder
        .text(&header(name))
        .text("\n")
        .result(evaluator, lines)?;
    Ok(builder.finish(evaluator))
}

/// Strings between quotes; everything else as it is.
fn quoted(evaluator: &mut Evaluator, value: Thunk) -> Eval<Value> {
    let Value::String(string) = evaluator.force(value)? else {
        return value_string(evaluator, value);
    };
    let escaped = map_characters(
        evaluator,
        string,
        super::super::support::is_store_path,
        |text| {
            text.replace('\\', "\\\\")
                .replace('\n', "\\n")
                .replace('\t', "\\t")
                .replace('"', "\\\"")
        },
    )?;
    let mut builder = StringBuilder::new();
    builder
        .text("\"")
        .result(evaluator, Ok(escaped))?
        .text("\"");
    Ok(builder.finish(evaluator))
}
