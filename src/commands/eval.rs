//! `mcp-lint eval`: a thin front end of the evaluator.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use extract::{SCHEMAS, flake_inputs};
use nix_eval::print::Printer;
use nix_eval::value::{Hole, Presence, StringId, StringPart, Thunk, UnknownId, Value};
use nix_eval::{Eval, Evaluator, EvaluatorOptions};

use serde_json::json;

use crate::analysis::require_inputs;
use crate::cli::{ConfigArguments, EvalArguments};
use crate::display::{escape, escape_whole};
use crate::exit::{Exit, Failure};
use crate::usage::UsageError;

/// How deep JSON is written.
const MAX_DEPTH: usize = 100;

/// What an evaluation prints, and whether Nix would fail.
struct Printed {
    text: String,
    trace: Vec<String>,
    failed: bool,
    /// Whether every part of what is printed is known.
    is_complete: bool,
}

/// Writes the value of an expression, a file or an attribute of the project.
pub(crate) fn run(arguments: &EvalArguments, out: &mut dyn Write) -> Result<Exit, Failure> {
    let start = match &arguments.file {
        Some(file) => file.clone(),
        None => PathBuf::from("."),
    };
    let (root, file) = locate(&start, arguments)?;
    let paths = std::slice::from_ref(&root);
    let configuration = crate::config::load(paths, &ConfigArguments::default())?;
    let inputs = crate::input_sources::input_options(&arguments.sources, &configuration);
    let project = extract::open_project(&root, &inputs)
        .map_err(|error| UsageError::new(format!("cannot look at {}: {error}", root.display())))?;
    let project = Arc::new(project);
    let path = match arguments.attribute.as_deref().map(attribute_path) {
        Some(Ok(path)) => path,
        Some(Err(message)) => {
            let error = UsageError::new(format!("not an attribute path: {message}"));
            return Err(error
                .help("for example: -A nixosConfigurations.desk.config.sops.secrets")
                .into());
        }
        None => Vec::new(),
    };
    let options = EvaluatorOptions {
        schemas: *SCHEMAS,
        ..EvaluatorOptions::default()
    };
    let printed = Evaluator::run(Arc::clone(&project), options, |evaluator| {
        let lib = evaluator.lib();
        evaluator.set_global("lib", lib);
        let value = root_value(evaluator, arguments, &root, file.as_deref());
        print(evaluator, arguments, value, &path)
    });
    if let Some(sources) = project.input_sources() {
        require_inputs(&arguments.sources, &flake_inputs(sources))?;
    }
    for line in printed.trace {
        writeln!(out, "{}", escape(&without_tokens(&line)))?;
    }
    // Values may hold any character; the printer escapes as Nix does, this the rest.
    writeln!(
        out,
        "{}",
        escape_whole(&without_tokens(printed.text.trim_end()))
    )?;
    Ok(if arguments.require_complete && !printed.is_complete {
        Exit::Incomplete
    } else if printed.failed {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// The text with every credential that can be told by its shape taken out.
fn without_tokens(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut done = 0;
    for finding in inventory::secret_files::scan(text) {
        let (start, end) = (finding.span.start, finding.span.end);
        if start < done {
            continue;
        }
        safe.push_str(text.get(done..start).unwrap_or_default());
        safe.push_str("«redacted»");
        done = end;
    }
    safe.push_str(text.get(done..).unwrap_or_default());
    safe
}

/// The project root and the file to evaluate, if that is not the flake's outputs.
fn locate(start: &Path, arguments: &EvalArguments) -> Result<(PathBuf, Option<PathBuf>), Failure> {
    let here = [start.to_owned()];
    match extract::discover(&here) {
        Ok(discovery) => {
            let file = discovery.modules.first().cloned();
            Ok((discovery.root, file.filter(|_| discovery.flake.is_none())))
        }
        // An expression needs no project.
        Err(_) if arguments.expression.is_some() => {
            let root = std::env::current_dir().map_err(|error| {
                UsageError::new(format!("cannot look at the current directory: {error}"))
            })?;
            Ok((root, None))
        }
        Err(error) => Err(UsageError::new(format!("cannot look at {error}")).into()),
    }
}

fn root_value(
    evaluator: &mut Evaluator,
    arguments: &EvalArguments,
    root: &Path,
    file: Option<&Path>,
) -> Eval<Thunk> {
    if let Some(text) = &arguments.expression {
        let value = evaluator.eval_text(&root.join("«expression»"), text)?;
        return Ok(evaluator.ready(value));
    }
    if let Some(file) = file {
        let path = evaluator.path(&file.to_string_lossy());
        return evaluator.import_path(path);
    }
    let flake = evaluator.flake(root)?;
    Ok(flake.outputs)
}

fn print(
    evaluator: &mut Evaluator,
    arguments: &EvalArguments,
    value: Eval<Thunk>,
    path: &[String],
) -> Printed {
    let selected = value.and_then(|thunk| select(evaluator, thunk, path));
    let result = selected.and_then(|thunk| evaluator.force(thunk));
    let failed = result.is_err_and(|why| evaluator.is_error(why));
    let mut text = String::new();
    if arguments.trace
        && let Ok(thunk) = selected
    {
        definitions(evaluator, thunk, &mut text);
    }
    let is_complete;
    if arguments.json {
        let mut json = Json::default();
        let value = json.value(evaluator, result, 0);
        is_complete = !json.is_partial;
        text.push_str(&serde_json::to_string_pretty(&value).unwrap_or_default());
    } else if let (Err(why), true) = (result, failed) {
        is_complete = false;
        text.push_str(&error(evaluator, why));
    } else {
        let deep = arguments.strict || arguments.expression.is_some();
        let (printed, is_whole) = Printer { deep }.print_whole(evaluator, result);
        is_complete = is_whole;
        text.push_str(&printed);
    }
    Printed {
        text,
        trace: evaluator.take_trace(),
        failed,
        is_complete,
    }
}

/// The thunk at an attribute path.
fn select(evaluator: &mut Evaluator, thunk: Thunk, path: &[String]) -> Eval<Thunk> {
    let mut thunk = thunk;
    for name in path {
        let value = evaluator.force(thunk)?;
        let symbol = evaluator.symbol(name);
        thunk = match value {
            Value::Attrs(set) => match evaluator.attribute(set, symbol) {
                Some(entry) => entry.value,
                None => {
                    let value = evaluator.select(value, symbol)?;
                    evaluator.ready(value)
                }
            },
            Value::List(list) => {
                let items = evaluator.exact_list(list)?;
                match name
                    .parse::<usize>()
                    .ok()
                    .and_then(|index| items.get(index))
                {
                    Some(item) => *item,
                    None => {
                        let message = format!("list has no element '{name}'");
                        return Err(evaluator.error(message));
                    }
                }
            }
            other => {
                let value = evaluator.select(other, symbol)?;
                evaluator.ready(value)
            }
        };
    }
    Ok(thunk)
}

/// The definitions of a merged option, with place, priority and condition.
fn definitions(evaluator: &mut Evaluator, thunk: Thunk, text: &mut String) {
    let _ = evaluator.force(thunk);
    let Some(record) = evaluator.option_record(thunk) else {
        text.push_str("# not an option: no definitions\n");
        return;
    };
    text.push_str(&format!(
        "# option {}\n",
        nix_eval::value::show_location(&record.location)
    ));
    for definition in &record.definitions {
        let place = evaluator
            .binding_place(definition.position)
            .map(|place| place.name)
            .or_else(|| evaluator.origin_span(definition.value))
            .and_then(|span| {
                let source = evaluator.sources.workspace().sources().get(span.file)?;
                let at = source.line_column(span.start);
                let file = evaluator.sources.workspace().display(source.path());
                Some(format!("{file}:{}:{}", at.line, at.column))
            })
            .unwrap_or_else(|| definition.file.to_string());
        let condition = match definition.maybe {
            Some(why) => format!(", if {}", evaluator.unknown_data(why).reason),
            None => String::new(),
        };
        let outcome = if definition.wins { "wins" } else { "loses" };
        let value = evaluator.force(definition.value);
        let value = Printer::default().print(evaluator, value);
        let priority = definition.priority;
        text.push_str(&format!(
            "#   {place}: priority {priority}{condition}, {outcome}: {value}\n"
        ));
    }
}

/// An error as Nix tells it, with its place.
fn error(evaluator: &Evaluator, why: UnknownId) -> String {
    let unknown = evaluator.unknown_data(why);
    let place = unknown.at.and_then(|span| {
        let source = evaluator.sources.workspace().sources().get(span.file)?;
        let at = source.line_column(span.start);
        Some(format!(
            "\n  at {}:{}:{}",
            evaluator.sources.workspace().display(source.path()),
            at.line,
            at.column
        ))
    });
    format!("error: {}{}", unknown.reason, place.unwrap_or_default())
}

/// Values as JSON; what is not known as `{"«unknown»": reason}`, and so the rest of a set that may have
/// more attributes.
#[derive(Default)]
struct Json {
    /// Whether a part is not known.
    is_partial: bool,
}

impl Json {
    fn unknown(&mut self, evaluator: &Evaluator, why: UnknownId) -> serde_json::Value {
        self.is_partial = true;
        let unknown = evaluator.unknown_data(why);
        let word = if unknown.reason.kind().is_error() {
            "«error»"
        } else {
            "«unknown»"
        };
        json!({ word: unknown.reason.to_string() })
    }

    fn value(
        &mut self,
        evaluator: &mut Evaluator,
        value: Eval<Value>,
        depth: usize,
    ) -> serde_json::Value {
        use serde_json::Value as Json;
        let value = match value {
            Ok(value) => value,
            Err(why) => return self.unknown(evaluator, why),
        };
        if depth > MAX_DEPTH {
            self.is_partial = true;
            return json!({ "«unknown»": "nested too deeply" });
        }
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => value.into(),
            Value::Int(int) => int.into(),
            Value::Float(float) => float.into(),
            Value::String(id) => Json::String(self.string(evaluator, id)),
            Value::Path(path) => Json::String(evaluator.path_text(path).to_string()),
            Value::List(list) => {
                let items = evaluator.list_items(list);
                let mut array = Vec::with_capacity(items.len());
                for (item, presence) in items {
                    self.is_partial |= presence != Presence::Certain;
                    array.push(match presence {
                        Presence::Many(why) => self.unknown(evaluator, why),
                        _ => {
                            let value = evaluator.force(item);
                            self.value(evaluator, value, depth + 1)
                        }
                    });
                }
                Json::Array(array)
            }
            Value::Attrs(set) => {
                let mut object = serde_json::Map::new();
                for entry in evaluator.entries_by_name(set) {
                    self.is_partial |= entry.maybe.is_some();
                    let value = evaluator.force(entry.value);
                    let value = self.value(evaluator, value, depth + 1);
                    object.insert(evaluator.name(entry.name).to_string(), value);
                }
                if let Some(why) = evaluator.open_reason(set)
                    && let Json::Object(more) = self.unknown(evaluator, why)
                {
                    object.extend(more);
                }
                Json::Object(object)
            }
            Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => {
                json!({ "«function»": true })
            }
            Value::External(external) => {
                self.is_partial = true;
                json!({ "«external»": evaluator.external_label(external) })
            }
        }
    }

    fn string(&mut self, evaluator: &mut Evaluator, id: StringId) -> String {
        if let Some(text) = evaluator.text(id) {
            return text.to_string();
        }
        let mut text = String::new();
        for part in evaluator.string_parts(id).parts() {
            match part {
                StringPart::Text(more) => text.push_str(&more),
                StringPart::Hole(Hole::Source(path)) => text.push_str(&evaluator.path_text(path)),
                StringPart::Hole(hole) => {
                    self.is_partial = true;
                    let why = evaluator.hole_unknown(hole);
                    let reason = &evaluator.unknown_data(why).reason;
                    text.push_str(&format!("«unknown: {reason}»"));
                }
            }
        }
        text
    }
}

/// The names of an attribute path; names in quotes may hold dots.
fn attribute_path(text: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    let mut rest = text;
    loop {
        let (name, after) = if let Some(quoted) = rest.strip_prefix('"') {
            quoted
                .split_once('"')
                .ok_or_else(|| "a quote is not closed".to_owned())?
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            rest.split_at(end)
        };
        if name.is_empty() {
            return Err("a name is missing".to_owned());
        }
        names.push(name.to_owned());
        if after.is_empty() {
            return Ok(names);
        }
        rest = after
            .strip_prefix('.')
            .ok_or_else(|| format!("`{after}` after a closing quote"))?;
    }
}

#[cfg(test)]
mod tests {
    use super::attribute_path;

    #[test]
    fn attribute_paths_keep_dots_in_quotes() {
        assert_eq!(attribute_path("a.b").unwrap(), ["a", "b"]);
        assert_eq!(attribute_path(r#"a."b.c".d"#).unwrap(), ["a", "b.c", "d"]);
        assert!(attribute_path("a..b").is_err());
        assert!(attribute_path("").is_err());
        assert!(attribute_path("a.").is_err());
        assert!(attribute_path("\"a").is_err());
    }
}
