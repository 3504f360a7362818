//! `mcp-lint eval`: a thin front end of the evaluator.

mod json;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use extract::flake_inputs;
use nix_eval::print::Printer;
use nix_eval::value::{Thunk, UnknownId, Value};
use nix_eval::{Eval, Evaluator};

use crate::analysis::require_inputs;
use crate::cli::eval::EvalArguments;
use crate::cli::input::ConfigArguments;
use crate::display::{cover_values, escape, escape_whole};
use crate::exit::{Exit, Failure};
use crate::usage::UsageError;

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
    let options = extract::evaluator_options(arguments.limits.limits());
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
        // What a program traces is no part of its value. That nobody reads it is no failure.
        let _ = writeln!(std::io::stderr(), "{}", escape(&cover_values(&line)));
    }
    let text = cover_values(printed.text.trim_end());
    if arguments.json {
        // Nothing is left in it that a terminal could take for a command. Line by line: the text may be
        // as long as the memory limit allows, and whoever writes it keeps a copy of what it is given.
        for line in text.split_inclusive('\n') {
            out.write_all(line.as_bytes())?;
        }
        writeln!(out)?;
    } else {
        // Values may hold any character; the printer escapes as Nix does, this the rest.
        writeln!(out, "{}", escape_whole(&text))?;
    }
    Ok(if arguments.require_complete && !printed.is_complete {
        Exit::Incomplete
    } else if printed.failed {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// The project root and the file to evaluate, if that is not the flake's outputs.
fn locate(start: &Path, arguments: &EvalArguments) -> Result<(PathBuf, Option<PathBuf>), Failure> {
    let here = [start.to_owned()];
    match extract::discover(&here) {
        Ok(discovery) => {
            let named = { discovery.below_flake.iter() }.chain(&discovery.modules);
            let file = { named }.find(|path| path.is_file()).cloned();
            Ok((discovery.root, file))
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
        let (json, is_whole) = json::print(evaluator, result);
        is_complete = is_whole;
        text.push_str(&json);
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
