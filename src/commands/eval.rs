//! `mcp-lint eval`: a thin front end of the evaluator.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use inventory::{Discovery, SCHEMAS, discover};
use nix_eval::flake::HostKind;
use nix_eval::print::Printer;
use nix_eval::value::{Eval, ListId, Slot, StringPart, Thunk, UnknownId, Value};
use nix_eval::{Evaluator, Limits, Project};
use serde_json::Value as Json;

use crate::cli::EvalArguments;
use crate::display::escape_whole;
use crate::exit::{Exit, Failure};
use crate::usage::UsageError;

/// How deep a value is written as JSON.
const MAX_DEPTH: usize = 200;

/// Writes the value of an expression, a file or an attribute of the project.
pub(crate) fn run(arguments: &EvalArguments, out: &mut dyn Write) -> Result<Exit, Failure> {
    let start = arguments.file.clone().unwrap_or_else(|| PathBuf::from("."));
    let discovery = match discover(std::slice::from_ref(&start)) {
        Ok(discovery) => discovery,
        // An expression needs no project.
        Err(_) if arguments.expression.is_some() => Discovery {
            root: start.canonicalize()?,
            flake: None,
            modules: Vec::new(),
        },
        Err(error) => {
            let message = format!("cannot look at {}: {}", error.path.display(), error.message);
            return Err(UsageError::new(message)
                .help("mcp-lint eval -E EXPR needs no project")
                .into());
        }
    };
    let project = Arc::new(Project::new(&discovery.root)?);
    let names = attribute_path(arguments.attribute.as_deref().unwrap_or_default());
    let (text, is_error) = Evaluator::run(project, Limits::default(), |evaluator| {
        evaluator.set_schemas(SCHEMAS);
        let lib = evaluator.lib();
        evaluator.set_global("lib", lib);
        let found = base(evaluator, arguments, &discovery, &names)
            .and_then(|(thunk, names)| select(evaluator, thunk, names));
        let is_error = found
            .and_then(|thunk| evaluator.force(thunk))
            .is_err_and(|why| evaluator.is_error(why));
        (show(evaluator, arguments, found), is_error)
    });
    writeln!(out, "{}", escape_whole(&text))?;
    Ok(if is_error {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// The names of `a.\"b.c\".d`.
fn attribute_path(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut name = String::new();
    let mut is_quoted = false;
    for character in text.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => names.push(std::mem::take(&mut name)),
            character => name.push(character),
        }
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names
}

/// What the attribute path starts from, and what is left of the path.
fn base<'a>(
    evaluator: &mut Evaluator,
    arguments: &EvalArguments,
    discovery: &Discovery,
    names: &'a [String],
) -> Eval<(Thunk, &'a [String])> {
    if let Some(expression) = &arguments.expression {
        let place = discovery.root.join("«expression»");
        let value = evaluator.eval_text(&place, expression)?;
        return Ok((evaluator.arena.ready(value), names));
    }
    if let Some(directory) = &discovery.flake {
        return Ok((evaluator.flake(directory)?.outputs, names));
    }
    let Some(file) = discovery.modules.first() else {
        return Err(evaluator.error("there is no file to evaluate"));
    };
    if let Some((first, rest)) = names.split_first()
        && matches!(first.as_str(), "config" | "options")
    {
        let configuration = evaluator.module_host(file, kind(file)).configuration?;
        let thunk = if first == "config" {
            configuration.config
        } else {
            configuration.options
        };
        return Ok((thunk, rest));
    }
    let path = evaluator.arena.path(&file.to_string_lossy());
    Ok((evaluator.import_path(path)?, names))
}

/// What kind of module a file is, by its name.
fn kind(file: &Path) -> HostKind {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if name.contains("darwin") {
        HostKind::Darwin
    } else if name.contains("home") {
        HostKind::HomeManager
    } else {
        HostKind::Nixos
    }
}

fn select(evaluator: &mut Evaluator, mut thunk: Thunk, names: &[String]) -> Eval<Thunk> {
    for name in names {
        let value = evaluator.force(thunk)?;
        let symbol = evaluator.symbol(name);
        let entry = match value {
            Value::Attrs(set) => evaluator
                .arena
                .attribute(set, symbol)
                .map(|entry| entry.value),
            _ => None,
        };
        thunk = match entry {
            Some(entry) => entry,
            // Open sets, externals and errors say themselves what becomes of the attribute.
            None => {
                let value = evaluator.select(value, symbol)?;
                evaluator.arena.ready(value)
            }
        };
    }
    Ok(thunk)
}

fn show(evaluator: &mut Evaluator, arguments: &EvalArguments, found: Eval<Thunk>) -> String {
    let value = found.and_then(|thunk| evaluator.force(thunk));
    let mut text = match arguments.json {
        true => {
            let json = to_json(evaluator, value, 0);
            serde_json::to_string_pretty(&json).unwrap_or_default()
        }
        false => Printer {
            deep: arguments.strict,
        }
        .print(evaluator, value),
    };
    if let Ok(thunk) = found
        && arguments.trace
    {
        text.push_str(&definitions(evaluator, thunk));
    }
    text
}

/// The definitions of a merged option: place, priority, and whether they count.
fn definitions(evaluator: &mut Evaluator, thunk: Thunk) -> String {
    let Some(record) = evaluator.option_record(thunk) else {
        return "\nnot an option: nothing was merged".to_owned();
    };
    let name = record.location.join(".");
    let mut text = format!("\n{name} has {} definitions", record.definitions.len());
    for definition in &record.definitions {
        let span = evaluator
            .binding_place(definition.position)
            .map(|place| place.binding);
        let span = span.or_else(|| evaluator.origin_span(definition.value));
        let place = span.and_then(|span| {
            let source = evaluator.project.sources().get(span.file)?;
            let start = source.line_column(span.start);
            Some(format!(
                "{}:{}:{}",
                evaluator.project.display(source.path()),
                start.line,
                start.column
            ))
        });
        let place = place.unwrap_or_else(|| definition.file.to_string());
        let maybe = match definition.maybe {
            Some(why) => format!(", only if {}", evaluator.arena.unknown_data(why).message),
            None => String::new(),
        };
        let wins = if definition.wins { "" } else { ", overridden" };
        let value = evaluator.force(definition.value);
        let value = Printer { deep: true }.print(evaluator, value);
        text.push_str(&format!(
            "\n  {place}  priority {}{maybe}{wins}: {value}",
            definition.priority
        ));
    }
    text
}

/// A value as JSON; what is not known is a string that says why.
fn to_json(evaluator: &mut Evaluator, value: Eval<Value>, depth: usize) -> Json {
    let value = match value {
        Ok(value) if depth < MAX_DEPTH => value,
        Ok(_) => return Json::String("«too deep»".to_owned()),
        Err(why) => return Json::String(unknown(evaluator, why)),
    };
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(value),
        Value::Int(value) => Json::from(value),
        Value::Float(value) => Json::from(value),
        Value::String(id) => {
            let parts = evaluator.arena.string_parts(id).parts();
            let texts = parts.into_iter().map(|part| match part {
                StringPart::Text(text) => text.to_string(),
                StringPart::Hole(hole) => {
                    let why = evaluator.hole_unknown(hole);
                    unknown(evaluator, why)
                }
            });
            Json::String(texts.collect())
        }
        Value::Path(path) => Json::String(evaluator.arena.path_text(path).to_string()),
        Value::List(list) => Json::Array(items(evaluator, list, depth)),
        Value::Attrs(set) => {
            let entries = evaluator.arena.entries_by_name(set);
            let fields = entries.into_iter().map(|entry| {
                let name = evaluator.name(entry.name).to_string();
                (name, field(evaluator, entry.value, depth))
            });
            Json::Object(fields.collect())
        }
        Value::External(external) => Json::String(format!(
            "«external: {}»",
            evaluator.external_label(external)
        )),
        Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => {
            Json::String("«function»".to_owned())
        }
    }
}

fn items(evaluator: &mut Evaluator, list: ListId, depth: usize) -> Vec<Json> {
    let items = evaluator.arena.list_items(list);
    items
        .into_iter()
        .map(|(item, _)| field(evaluator, item, depth))
        .collect()
}

fn field(evaluator: &mut Evaluator, thunk: Thunk, depth: usize) -> Json {
    if matches!(evaluator.arena.slot(thunk), Slot::Forcing) {
        return Json::String("«infinite recursion»".to_owned());
    }
    let value = evaluator.force(thunk);
    to_json(evaluator, value, depth + 1)
}

fn unknown(evaluator: &Evaluator, why: UnknownId) -> String {
    let word = if evaluator.is_error(why) {
        "error"
    } else {
        "unknown"
    };
    format!("«{word}: {}»", evaluator.arena.unknown_data(why).message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_names_keep_their_dots() {
        assert_eq!(attribute_path("a.\"b.c\".d"), ["a", "b.c", "d"]);
        assert!(attribute_path("").is_empty());
    }
}
