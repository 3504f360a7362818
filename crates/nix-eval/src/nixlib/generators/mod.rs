//! `lib.generators`: texts in widespread formats. What is not known leaves a hole in the text.

mod git;
mod layout;
mod lua;
mod other;
mod pretty;

use super::attrsets::derivation;
use super::strings::concat_with;
use super::support::{
    StringBuilder, attributes, flag, lazy_call, map_characters, name_thunk, option, option_or,
    presence_of, required, string_argument, unknown_elements,
};
use super::{Exported, Namespace};
use crate::builtins::lists::weaken;
use crate::eval::{Builtin, Coercion, Evaluator, arguments};
use crate::value::{AttrsId, Eval, Hole, Presence, Reason, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "generators",
    functions: &[
        Builtin::new("mkKeyValueDefault", 4, key_value),
        Builtin::new("mkValueStringDefault", 2, value_string_default),
        Builtin::new("toINI", 2, to_ini),
        Builtin::new("toINIWithGlobalSection", 2, to_ini_with_global_section),
        Builtin::new("toKeyValue", 2, to_key_value),
        Builtin::new("toGitINI", 1, git::to_git_ini),
        Builtin::new("mkLuaInline", 1, lua::make_inline),
        Builtin::new("toLua", 2, lua::to_lua),
        Builtin::new("toDconfINI", 1, other::dconf),
        Builtin::new("toJSON", 2, other::to_json),
        Builtin::new("toPlist", 2, other::to_plist),
        Builtin::new("toYAML", 2, other::to_json),
        Builtin::new("toPretty", 2, pretty::to_pretty),
    ],
    exported: Exported::Only(&["mkLuaInline"]),
    ..Namespace::EMPTY
};

/// The value of a setting as most formats write it.
pub(super) fn value_string(evaluator: &mut Evaluator, value: Thunk) -> Eval<Value> {
    let value = evaluator.force(value)?;
    match value {
        Value::Null => Ok(evaluator.string("null")),
        Value::Bool(true) => Ok(evaluator.string("true")),
        Value::Bool(false) => Ok(evaluator.string("false")),
        Value::Int(_) | Value::Float(_) | Value::String(_) | Value::External(_) => {
            evaluator.coerce(value, Coercion::ToString)
        }
        Value::Attrs(_) if derivation(evaluator, value)? => {
            evaluator.coerce(value, Coercion::ToString)
        }
        other => {
            let kind = match other {
                Value::List(_) => "lists not supported",
                Value::Attrs(_) => "attrsets not supported",
                Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => {
                    "functions not supported"
                }
                _ => "this value is not supported",
            };
            let message = format!("generators.mkValueStringDefault: {kind}");
            Err(evaluator.unknown(Reason::Abort(message.into())))
        }
    }
}

fn value_string_default(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [_options, value] = arguments(args);
    value_string(evaluator, value)
}

/// `value: …`
static VALUE_STRING: Builtin = Builtin::new("mkValueStringDefault", 1, |evaluator, args| {
    let [value] = arguments(args);
    value_string(evaluator, value)
});

/// `mkKeyValueDefault { mkValueString ? … } separator key value`
fn key_value(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, separator, key, value] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let value_string = option_or(evaluator, options, "mkValueString", &VALUE_STRING)?;
    let separator = evaluator.force_text(separator)?;
    let key = escaped_key(evaluator, key, &separator)?;
    let value = evaluator.lazy_apply(value_string, value);
    let mut builder = StringBuilder::new();
    builder
        .result(evaluator, Ok(key))?
        .text(&separator)
        .value(evaluator, value)?;
    Ok(builder.finish(evaluator))
}

/// A key in which the separator is escaped.
fn escaped_key(evaluator: &mut Evaluator, key: Thunk, separator: &str) -> Eval<Value> {
    let key = string_argument(evaluator, key)?;
    let escaped = format!("\\{separator}");
    map_characters(evaluator, key, all_holes, |text| {
        text.replace(separator, &escaped)
    })
}

const fn all_holes(_: Hole) -> bool {
    true
}

/// `key: value: …` with `=`
static EQUALS: Builtin = Builtin::new("mkKeyValueDefault", 2, |evaluator, args| {
    let [key, value] = arguments(args);
    let none = evaluator.arena.ready(Value::Attrs(AttrsId(0)));
    let separator = evaluator.string_thunk("=");
    key_value(evaluator, &[none, separator, key, value])
});

/// How lines of keys and values are written.
struct Lines {
    key_value: Thunk,
    lists_as_duplicate_keys: bool,
    indent: Option<Thunk>,
}

impl Lines {
    fn of(evaluator: &mut Evaluator, options: AttrsId) -> Eval<Self> {
        Ok(Self {
            key_value: option_or(evaluator, options, "mkKeyValue", &EQUALS)?,
            lists_as_duplicate_keys: flag(evaluator, options, "listsAsDuplicateKeys", false)?,
            indent: option(evaluator, options, "indent")?,
        })
    }

    fn line(&self, evaluator: &mut Evaluator, key: Thunk, value: Thunk) -> Thunk {
        let line = lazy_call(evaluator, self.key_value, &[key, value]);
        let indent = self.indent;
        evaluator.lazy(move |evaluator| {
            let mut builder = StringBuilder::new();
            if let Some(indent) = indent {
                builder.value(evaluator, indent)?;
            }
            builder.value(evaluator, line)?.text("\n");
            Ok(builder.finish(evaluator))
        })
    }

    /// The lines of a set.
    fn text(&self, evaluator: &mut Evaluator, set: Thunk) -> Eval<Value> {
        let (entries, open) = attributes(evaluator, set)?;
        let mut lines = Vec::with_capacity(entries.len());
        for entry in entries {
            let key = name_thunk(evaluator, entry.name);
            let presence = presence_of(&entry);
            let values = if self.lists_as_duplicate_keys {
                values_of(evaluator, entry.value)?
            } else {
                vec![(entry.value, Presence::Certain)]
            };
            for (value, inner) in values {
                let presence = match inner {
                    Presence::Certain => presence,
                    Presence::Maybe(why) => weaken(presence, why),
                    many @ Presence::Many(_) => many,
                };
                lines.push((self.line(evaluator, key, value), presence));
            }
        }
        if let Some(why) = open {
            lines.push(unknown_elements(evaluator, why));
        }
        concat_with(evaluator, "", &lines)
    }
}

/// The elements of a list, or the value itself.
fn values_of(evaluator: &mut Evaluator, value: Thunk) -> Eval<Vec<(Thunk, Presence)>> {
    match evaluator.force(value) {
        Ok(Value::List(list)) => Ok(evaluator.arena.list_items(list)),
        Err(why) if evaluator.is_error(why) => Err(why),
        _ => Ok(vec![(value, Presence::Certain)]),
    }
}

/// `toKeyValue { mkKeyValue; listsAsDuplicateKeys; indent; } set`
fn to_key_value(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, set] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    Lines::of(evaluator, options)?.text(evaluator, set)
}

/// `name: …` with `[` and `]` escaped
static SECTION_NAME: Builtin = Builtin::new("mkSectionName", 1, |evaluator, args| {
    let [name] = arguments(args);
    let name = string_argument(evaluator, name)?;
    map_characters(evaluator, name, all_holes, |text| {
        text.replace('[', "\\[").replace(']', "\\]")
    })
});

/// `toINI { mkSectionName; mkKeyValue; listsAsDuplicateKeys; } sections`
fn to_ini(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, sections] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let section_name = option_or(evaluator, options, "mkSectionName", &SECTION_NAME)?;
    let (entries, open) = attributes(evaluator, sections)?;
    let mut texts = Vec::with_capacity(entries.len());
    for entry in entries {
        let name = name_thunk(evaluator, entry.name);
        let name = evaluator.lazy_apply(section_name, name);
        let text = evaluator.lazy(move |evaluator| {
            let lines = Lines::of(evaluator, options)?.text(evaluator, entry.value);
            let mut builder = StringBuilder::new();
            builder
                .text("[")
                .value(evaluator, name)?
                .text("]\n")
                .result(evaluator, lines)?;
            Ok(builder.finish(evaluator))
        });
        texts.push((text, presence_of(&entry)));
    }
    if let Some(why) = open {
        texts.push(unknown_elements(evaluator, why));
    }
    concat_with(evaluator, "\n", &texts)
}

/// `toINIWithGlobalSection { … } { globalSection; sections; }`
fn to_ini_with_global_section(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, parts] = arguments(args);
    let parts = evaluator.force_attrs(parts)?;
    let global = required(evaluator, parts, "globalSection")?;
    let sections = match option(evaluator, parts, "sections")? {
        Some(sections) => sections,
        None => evaluator.arena.ready(Value::Attrs(AttrsId(0))),
    };
    let ini = to_ini(evaluator, &[options, sections]);
    let mut builder = StringBuilder::new();
    let (entries, open) = attributes(evaluator, global)?;
    if !entries.is_empty() || open.is_some() {
        let options = evaluator.force_attrs(options)?;
        let lines = Lines::of(evaluator, options)?.text(evaluator, global);
        builder.result(evaluator, lines)?.text("\n");
    }
    builder.result(evaluator, ini)?;
    Ok(builder.finish(evaluator))
}
