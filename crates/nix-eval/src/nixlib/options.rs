//! `lib.options`: declaring options.

use super::{Constant, Exported, Namespace};
use crate::builtins::{Builtin, arguments};
use crate::eval::Evaluator;
use crate::value::{AttrsId, Eval, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "options",
    functions: FUNCTIONS,
    constants: CONSTANTS,
    exported: Exported::All,
    ..Namespace::EMPTY
};

const CONSTANTS: &[Constant] = &[];

const FUNCTIONS: &[Builtin] = &[
    Builtin {
        name: "mkOption",
        arity: 1,
        run: make_option,
    },
    Builtin {
        name: "mkEnableOption",
        arity: 1,
        run: make_enable_option,
    },
    Builtin {
        name: "mkPackageOption",
        arity: 3,
        run: make_package_option,
    },
    Builtin {
        name: "mkPackageOptionMD",
        arity: 3,
        run: make_package_option,
    },
    Builtin {
        name: "mkSinkUndeclaredOptions",
        arity: 1,
        run: make_sink,
    },
    Builtin {
        name: "isOption",
        arity: 1,
        run: is_option,
    },
    Builtin {
        name: "literalExpression",
        arity: 1,
        run: literal_expression,
    },
    Builtin {
        name: "literalExample",
        arity: 1,
        run: literal_expression,
    },
    Builtin {
        name: "literalMD",
        arity: 1,
        run: literal_markdown,
    },
    Builtin {
        name: "mdDoc",
        arity: 1,
        run: identity,
    },
    Builtin {
        name: "getValues",
        arity: 1,
        run: get_values,
    },
    Builtin {
        name: "getFiles",
        arity: 1,
        run: get_files,
    },
    Builtin {
        name: "showOption",
        arity: 1,
        run: show_option,
    },
    Builtin {
        name: "mergeEqualOption",
        arity: 2,
        run: merge_equal_option,
    },
    Builtin {
        name: "mergeOneOption",
        arity: 2,
        run: merge_one_option,
    },
    Builtin {
        name: "mergeDefaultOption",
        arity: 2,
        run: merge_default_option,
    },
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
    Ok(tag(evaluator, set, "option"))
}

fn make_enable_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name] = arguments(args);
    let default = evaluator.arena.ready(Value::Bool(false));
    let example = evaluator.arena.ready(Value::Bool(true));
    let boolean = super::types::boolean(evaluator);
    let description = evaluator.arena.lazy(move |evaluator| {
        let value = evaluator.force(name)?;
        let name = evaluator.coerce(value, crate::eval::Coercion::ToString)?;
        let name = evaluator.expect_text(name)?;
        Ok(evaluator.string(&format!("Whether to enable {name}.")))
    });
    let set = evaluator.set_of(&[
        ("default", default),
        ("description", description),
        ("example", example),
        ("type", boolean),
    ]);
    Ok(tag(evaluator, set, "option"))
}

/// `mkPackageOption pkgs name { default ? name; nullable ? false; … }`
fn make_package_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [packages, name, options] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let default = match evaluator.argument(options, "default")? {
        Some(Value::Null) => None,
        Some(Value::List(path)) => Some(evaluator.exact_list(path)?),
        Some(other) => Some(vec![evaluator.arena.ready(other)]),
        None => match evaluator.force(name)? {
            Value::List(path) => Some(evaluator.exact_list(path)?),
            other => Some(vec![evaluator.arena.ready(other)]),
        },
    };
    let nullable = evaluator.argument(options, "nullable")? == Some(Value::Bool(true));
    let package = super::types::package(evaluator, nullable);
    let mut attributes = vec![("type", package)];
    if let Some(path) = default {
        let value = evaluator.arena.lazy(move |evaluator| {
            let mut value = evaluator.force(packages)?;
            for name in path {
                let name = evaluator.force(name)?;
                let symbol = evaluator.attribute_name(name)?;
                value = evaluator.select(value, symbol)?;
            }
            Ok(value)
        });
        attributes.push(("default", value));
    }
    let set = evaluator.set_of(&attributes);
    Ok(tag(evaluator, set, "option"))
}

fn make_sink(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let internal = evaluator.arena.ready(Value::Bool(true));
    let hidden = evaluator.arena.ready(Value::Bool(false));
    let apply = evaluator.partial(&ALWAYS_FALSE, &[]);
    let apply = evaluator.arena.ready(apply);
    let defaults = evaluator.set_of(&[
        ("internal", internal),
        ("visible", hidden),
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
    let shown = crate::modules::show_location(&location);
    Ok(evaluator.string(&shown))
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
