//! `lib.options`: declaring options.

use std::rc::Rc;

use super::support::StringBuilder;
use super::{Constant, Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::modules::{show_definitions, show_files};
use crate::value::{AttrsId, Eval, Slot, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "options",
    functions: FUNCTIONS,
    constants: CONSTANTS,
    exported: Exported::Except(&["showDefs", "renderOptionValue"]),
    ..Namespace::EMPTY
};

const CONSTANTS: &[Constant] = &[
    Constant {
        name: "unknownModule",
        make: |evaluator| Ok(evaluator.string("<unknown-file>")),
    },
    Constant {
        name: "optionAttrSetToDocList",
        make: |e| documentation(e, "optionAttrSetToDocList"),
    },
    Constant {
        name: "renderOptionValue",
        make: |e| documentation(e, "renderOptionValue"),
    },
    Constant {
        name: "scrubOptionValue",
        make: |e| documentation(e, "scrubOptionValue"),
    },
];

fn documentation(evaluator: &mut Evaluator, name: &str) -> Eval<Value> {
    let table = evaluator.nix_options();
    let name = evaluator.symbol(name);
    let table = evaluator.force(table)?;
    evaluator.select(table, name)
}

impl Evaluator {
    /// Functions of `lib.options` that are easier to write in Nix.
    fn nix_options(&mut self) -> Thunk {
        if let Some(thunk) = self.lib_state().nix_options {
            return thunk;
        }
        let text = include_str!("options.nix");
        let function = self.embedded("options.nix", text);
        let lib = self.lib();
        let thunk = self.lazy_apply(function, lib);
        self.lib_state_mut().nix_options = Some(thunk);
        thunk
    }
}

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("mkOption", 1, make_option),
    Builtin::new("mkEnableOption", 1, make_enable_option),
    Builtin::new("mkPackageOption", 3, make_package_option),
    Builtin::new("mkSinkUndeclaredOptions", 1, make_sink),
    Builtin::new("isOption", 1, is_option),
    Builtin::new("literalExpression", 1, literal_expression),
    Builtin::new("literalExample", 1, literal_expression),
    Builtin::new("literalMD", 1, literal_markdown),
    Builtin::new("literalDocBook", 1, literal_markdown),
    Builtin::new("mdDoc", 1, identity),
    Builtin::new("getValues", 1, get_values),
    Builtin::new("getFiles", 1, get_files),
    Builtin::new("showOption", 1, show_option),
    Builtin::new("showOptionWithDefLocs", 1, show_option_with_files),
    Builtin::new("showFiles", 1, show_file_list),
    Builtin::new("showDefs", 1, show_definition_files),
    Builtin::new("mergeEqualOption", 2, merge_equal_option),
    Builtin::new("mergeOneOption", 2, merge_one_option),
    Builtin::new("mergeDefaultOption", 2, merge_default_option),
];

/// `set // { _type = kind; }`
fn tag(evaluator: &mut Evaluator, set: AttrsId, kind: &str) -> Value {
    let kind = evaluator.string_thunk(kind);
    let tagged = evaluator.set_of(&[("_type", kind)]);
    Value::Attrs(evaluator.update_sets(set, tagged))
}

fn make_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    for entry in evaluator.arena.entries_by_name(set) {
        let name = evaluator.name(entry.name);
        if entry.maybe.is_none() && !PARAMETERS.contains(&&*name) {
            return Err(evaluator.error(format!(
                "function 'mkOption' called with unexpected argument '{name}'"
            )));
        }
    }
    Ok(tag(evaluator, set, "option"))
}

/// What `mkOption` may be called with.
const PARAMETERS: [&str; 10] = [
    "apply",
    "default",
    "defaultText",
    "description",
    "example",
    "internal",
    "readOnly",
    "relatedPackages",
    "type",
    "visible",
];

fn make_enable_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name] = arguments(args);
    let default = evaluator.arena.ready(Value::Bool(false));
    let example = evaluator.arena.ready(Value::Bool(true));
    let boolean = super::types::made::boolean(evaluator);
    let description = evaluator.lazy(move |evaluator| {
        let mut text = StringBuilder::new();
        text.text("Whether to enable ")
            .value(evaluator, name)?
            .text(".");
        Ok(text.finish(evaluator))
    });
    let set = evaluator.set_of(&[
        ("default", default),
        ("description", description),
        ("example", example),
        ("type", boolean),
    ]);
    Ok(tag(evaluator, set, "option"))
}

/// A package by its path: `"a"` and `[ "a" ]` are the same.
fn package_path(evaluator: &mut Evaluator, value: Thunk) -> Eval<Vec<Thunk>> {
    match evaluator.force(value)? {
        Value::List(path) => evaluator.exact_list(path),
        _ => Ok(vec![value]),
    }
}

/// The expression of a package: `pkgs.a."b c"`.
fn package_text(evaluator: &mut Evaluator, packages: &str, path: &[Thunk]) -> Eval<String> {
    let mut text = packages.to_owned();
    for name in path {
        let name = evaluator.force_text(*name)?;
        text.push('.');
        text.push_str(&nix_syntax::quote::attribute_name(&name));
    }
    Ok(text)
}

fn literal_text(evaluator: &mut Evaluator, text: &str) -> Value {
    let kind = evaluator.string_thunk("literalExpression");
    let text = evaluator.string_thunk(text);
    Value::Attrs(evaluator.set_of(&[("_type", kind), ("text", text)]))
}

/// `mkPackageOption pkgs name { default ? name; nullable ? false; example; extraDescription; … }`
fn make_package_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [packages, name, options] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let optional = |evaluator: &mut Evaluator, field: &str| -> Eval<Option<Thunk>> {
        let value = evaluator.argument(options, field)?;
        Ok(value
            .filter(|value| *value != Value::Null)
            .map(|value| evaluator.arena.ready(value)))
    };
    let is_nullable = evaluator.argument(options, "nullable")? == Some(Value::Bool(true));
    let has_default = evaluator.argument(options, "default")?.is_some();
    let default = match optional(evaluator, "default")? {
        Some(default) => Some(default),
        None if has_default => None,
        None => Some(name),
    };
    let example = optional(evaluator, "example")?;
    let extra = optional(evaluator, "extraDescription")?;
    let packages_text: Rc<str> = match optional(evaluator, "pkgsText")? {
        Some(text) => evaluator.force_text(text)?,
        None => Rc::from("pkgs"),
    };
    let description = evaluator.lazy(move |evaluator| {
        let path = package_path(evaluator, name)?;
        let mut text = StringBuilder::new();
        text.text("The ");
        if let Some(name) = path.last() {
            text.value(evaluator, *name)?;
        }
        text.text(" package to use.");
        if let Some(extra) = extra {
            text.text(" ").value(evaluator, extra)?;
        }
        Ok(text.finish(evaluator))
    });
    let package = super::types::made::package(evaluator, is_nullable);
    let mut attributes = vec![("type", package), ("description", description)];
    if let Some(default) = default {
        let value = evaluator.lazy(move |evaluator| {
            let mut value = evaluator.force(packages)?;
            for name in package_path(evaluator, default)? {
                let name = evaluator.force(name)?;
                let symbol = evaluator.attribute_name(name)?;
                value = evaluator.select(value, symbol)?;
            }
            Ok(value)
        });
        let shown = Rc::clone(&packages_text);
        let text = evaluator.lazy(move |evaluator| {
            let path = package_path(evaluator, default)?;
            let text = package_text(evaluator, &shown, &path)?;
            Ok(literal_text(evaluator, &text))
        });
        attributes.extend([("default", value), ("defaultText", text)]);
    } else if is_nullable {
        attributes.push(("default", evaluator.arena.ready(Value::Null)));
    }
    if let Some(example) = example {
        let text = evaluator.lazy(move |evaluator| {
            let text = match evaluator.force(example)? {
                Value::List(path) => {
                    let path = evaluator.exact_list(path)?;
                    package_text(evaluator, &packages_text, &path)?
                }
                other => evaluator.expect_text(other)?.to_string(),
            };
            Ok(literal_text(evaluator, &text))
        });
        attributes.push(("example", text));
    }
    let set = evaluator.set_of(&attributes);
    Ok(tag(evaluator, set, "option"))
}

fn make_sink(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let yes = evaluator.arena.ready(Value::Bool(true));
    let no = evaluator.arena.ready(Value::Bool(false));
    let apply = evaluator.partial(&ALWAYS_FALSE, &[]);
    let apply = evaluator.arena.ready(apply);
    let description = evaluator.string_thunk("Sink for option definitions.");
    let sink = super::types::made::sink(evaluator);
    let defaults = evaluator.set_of(&[
        ("internal", yes),
        ("visible", no),
        ("default", no),
        ("description", description),
        ("type", sink),
        ("apply", apply),
    ]);
    let set = evaluator.update_sets(defaults, set);
    Ok(tag(evaluator, set, "option"))
}

static ALWAYS_FALSE: Builtin = Builtin {
    name: "const false",
    arity: 1,
    run: |_, _| Ok(Value::Bool(false)),
};

fn is_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let is = match evaluator.force(value)? {
        Value::Attrs(set) => evaluator
            .type_tag(set)?
            .is_some_and(|tag| &*tag == "option"),
        Value::External(external) => return Err(evaluator.external_unknown(external)),
        _ => false,
    };
    Ok(Value::Bool(is))
}

fn literal(evaluator: &mut Evaluator, text: Thunk, kind: &str) -> Eval<Value> {
    let kind = evaluator.string_thunk(kind);
    Ok(Value::Attrs(
        evaluator.set_of(&[("_type", kind), ("text", text)]),
    ))
}

fn literal_expression(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [text] = arguments(args);
    literal(evaluator, text, "literalExpression")
}

fn literal_markdown(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [text] = arguments(args);
    literal(evaluator, text, "literalMD")
}

fn identity(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    evaluator.force(value)
}

fn pluck(evaluator: &mut Evaluator, args: &[Thunk], name: &str) -> Eval<Value> {
    let [definitions] = arguments(args);
    let symbol = evaluator.symbol(name);
    let items = evaluator.force_exact_list(definitions)?;
    let items: Vec<Thunk> = items
        .into_iter()
        .map(|base| {
            evaluator
                .arena
                .thunk(crate::value::Slot::Select { base, name: symbol })
        })
        .collect();
    Ok(evaluator.list(&items))
}

fn get_values(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    pluck(evaluator, args, "value")
}

fn get_files(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    pluck(evaluator, args, "file")
}

fn show_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [location] = arguments(args);
    let location = evaluator.force_location(location)?;
    let shown = crate::value::show_location(&location);
    Ok(evaluator.string(&shown))
}

fn texts(evaluator: &mut Evaluator, list: Thunk) -> Eval<Vec<Rc<str>>> {
    let items = evaluator.force_exact_list(list)?;
    items
        .into_iter()
        .map(|item| evaluator.force_text(item))
        .collect()
}

fn show_file_list(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [files] = arguments(args);
    let files = texts(evaluator, files)?;
    Ok(evaluator.string(&show_files(files.iter())))
}

/// `showDefs definitions`, without the values: they may be secrets.
fn show_definition_files(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [definitions] = arguments(args);
    let definitions = evaluator.force_definitions(definitions)?;
    let shown = show_definitions(definitions.iter().map(|definition| &definition.file));
    Ok(evaluator.string(&shown))
}

fn show_option_with_files(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [option] = arguments(args);
    let name = evaluator.symbol("loc");
    let location = evaluator.arena.thunk(Slot::Select { base: option, name });
    let location = evaluator.force_location(location)?;
    let name = evaluator.symbol("files");
    let files = evaluator.arena.thunk(Slot::Select { base: option, name });
    let files = texts(evaluator, files)?;
    let shown = crate::value::show_location(&location);
    let lines: Vec<String> = files.iter().map(|file| format!("  - {file}\n")).collect();
    Ok(evaluator.string(&format!(
        "{shown}, with values defined in:\n{}",
        lines.concat()
    )))
}

fn merge_equal_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [location, definitions] = arguments(args);
    let location = evaluator.force_location(location)?;
    let definitions = evaluator.force_definitions(definitions)?;
    evaluator.merge_equal(&location, definitions)
}

fn merge_one_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [location, definitions] = arguments(args);
    let location = evaluator.force_location(location)?;
    let definitions = evaluator.force_definitions(definitions)?;
    evaluator.merge_one(&location, definitions)
}

pub(super) fn merge_default_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [location, definitions] = arguments(args);
    let location = evaluator.force_location(location)?;
    let definitions = evaluator.force_definitions(definitions)?;
    evaluator.merge_by_default(&location, definitions)
}
