//! `lib.types`.

use std::rc::Rc;

use super::{Constant, Exported, Namespace};
use crate::builtins::{Builtin, arguments};
use crate::eval::Evaluator;
use crate::modules::types::{Kind, Submodule, Text, TypeId};
use crate::value::{AttrsId, Eval, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "types",
    functions: FUNCTIONS,
    constants: CONSTANTS,
    exported: Exported::Only(&["mkOptionType", "isType", "setType", "isOptionType"]),
    ..Namespace::EMPTY
};

/// A type without parameters.
macro_rules! constants {
    ($($name:literal = $kind:expr),+ $(,)?) => {
        const CONSTANTS: &[Constant] = &[$(Constant {
            name: $name,
            make: |evaluator| named(evaluator, $name, $kind),
        }),+, Constant { name: "ints", make: ints }, Constant { name: "numbers", make: numbers }];
    };
}

constants! {
    "unspecified" = Kind::Unspecified,
    "anything" = Kind::Anything,
    "raw" = Kind::Raw,
    "bool" = Kind::Boolean,
    "boolByOr" = Kind::BooleanByOr,
    "int" = Kind::Integer(i64::MIN, i64::MAX),
    "port" = Kind::Integer(0, 65_535),
    "float" = Kind::Float,
    "number" = Kind::Number(None, None),
    "str" = Kind::Text(Text::Any),
    "string" = Kind::Text(Text::Any),
    "nonEmptyStr" = Kind::Text(Text::NonEmpty),
    "singleLineStr" = Kind::Text(Text::SingleLine),
    "passwdEntryStr" = Kind::Text(Text::SingleLine),
    "lines" = Kind::Text(Text::Separated(Rc::from("\n"))),
    "commas" = Kind::Text(Text::Separated(Rc::from(","))),
    "envVar" = Kind::Text(Text::Separated(Rc::from(":"))),
    "path" = Kind::Path { absolute: None },
    "pathInStore" = Kind::Path { absolute: None },
    "externalPath" = Kind::Path { absolute: Some(true) },
    "package" = Kind::Package,
    "shellPackage" = Kind::Package,
    "pkgs" = Kind::Raw,
    "attrs" = Kind::AnyAttributes,
    "optionType" = Kind::OptionType,
    "deferredModule" = Kind::DeferredModule { modules: Rc::from([]) },
    "fileset" = Kind::Raw,
}

const FUNCTIONS: &[Builtin] = &[
    Builtin {
        name: "listOf",
        arity: 1,
        run: |e, a| list(e, a, false),
    },
    Builtin {
        name: "nonEmptyListOf",
        arity: 1,
        run: |e, a| list(e, a, true),
    },
    Builtin {
        name: "loaOf",
        arity: 1,
        run: |e, a| attributes(e, a, false),
    },
    Builtin {
        name: "attrsOf",
        arity: 1,
        run: |e, a| attributes(e, a, false),
    },
    Builtin {
        name: "lazyAttrsOf",
        arity: 1,
        run: |e, a| attributes(e, a, true),
    },
    Builtin {
        name: "attrsWith",
        arity: 1,
        run: attributes_with,
    },
    Builtin {
        name: "nullOr",
        arity: 1,
        run: null_or,
    },
    Builtin {
        name: "either",
        arity: 2,
        run: either,
    },
    Builtin {
        name: "oneOf",
        arity: 1,
        run: one_of,
    },
    Builtin {
        name: "enum",
        arity: 1,
        run: enumeration,
    },
    Builtin {
        name: "coercedTo",
        arity: 3,
        run: coerced,
    },
    Builtin {
        name: "submodule",
        arity: 1,
        run: submodule,
    },
    Builtin {
        name: "submoduleWith",
        arity: 1,
        run: submodule_with,
    },
    Builtin {
        name: "deferredModuleWith",
        arity: 1,
        run: deferred_module_with,
    },
    Builtin {
        name: "functionTo",
        arity: 1,
        run: function_to,
    },
    Builtin {
        name: "uniq",
        arity: 1,
        run: uniq,
    },
    Builtin {
        name: "unique",
        arity: 2,
        run: unique,
    },
    Builtin {
        name: "addCheck",
        arity: 2,
        run: add_check,
    },
    Builtin {
        name: "strMatching",
        arity: 1,
        run: matching,
    },
    Builtin {
        name: "separatedString",
        arity: 1,
        run: separated,
    },
    Builtin {
        name: "pathWith",
        arity: 1,
        run: path_with,
    },
    Builtin {
        name: "attrTag",
        arity: 1,
        run: tagged,
    },
    Builtin {
        name: "mkOptionType",
        arity: 1,
        run: make_option_type,
    },
    Builtin {
        name: "isType",
        arity: 2,
        run: is_type,
    },
    Builtin {
        name: "setType",
        arity: 2,
        run: set_type,
    },
    Builtin {
        name: "isOptionType",
        arity: 1,
        run: is_option_type,
    },
];

const INTS: &[Builtin] = &[Builtin {
    name: "between",
    arity: 2,
    run: between,
}];

/// The value of a new type.
fn named(evaluator: &mut Evaluator, name: &str, kind: Kind) -> Eval<Value> {
    let id = evaluator.new_type(name, kind);
    let value = evaluator.type_value(id);
    evaluator.force(value)
}

/// `types.bool`
pub(super) fn boolean(evaluator: &mut Evaluator) -> Thunk {
    evaluator
        .arena
        .lazy(|evaluator| named(evaluator, "bool", Kind::Boolean))
}

/// `types.package`, or `types.nullOr types.package`
pub(super) fn package(evaluator: &mut Evaluator, nullable: bool) -> Thunk {
    evaluator.arena.lazy(move |evaluator| {
        let package = evaluator.new_type("package", Kind::Package);
        if nullable {
            return named(evaluator, "nullOr", Kind::NullOr(package));
        }
        let value = evaluator.type_value(package);
        evaluator.force(value)
    })
}

fn ints(evaluator: &mut Evaluator) -> Eval<Value> {
    const WIDTHS: [(&str, i64, i64); 8] = [
        ("unsigned", 0, i64::MAX),
        ("positive", 1, i64::MAX),
        ("u8", 0, 0xff),
        ("u16", 0, 0xffff),
        ("u32", 0, 0xffff_ffff),
        ("s8", -0x80, 0x7f),
        ("s16", -0x8000, 0x7fff),
        ("s32", -0x8000_0000, 0x7fff_ffff),
    ];
    let mut attributes = Vec::new();
    for (name, low, high) in WIDTHS {
        let full = match name {
            "unsigned" => "unsignedInt".to_owned(),
            "positive" => "positiveInt".to_owned(),
            _ => match name.strip_prefix('u') {
                Some(bits) => format!("unsignedInt{bits}"),
                None => format!("signedInt{}", name.trim_start_matches('s')),
            },
        };
        let value = evaluator
            .arena
            .lazy(move |e| named(e, &full, Kind::Integer(low, high)));
        attributes.push((name, value));
    }
    for function in INTS {
        let value = evaluator.partial(function, &[]);
        attributes.push((function.name, evaluator.arena.ready(value)));
    }
    Ok(Value::Attrs(evaluator.set_of(&attributes)))
}

fn between(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [low, high] = arguments(args);
    let (low, high) = (evaluator.force_int(low)?, evaluator.force_int(high)?);
    if low > high {
        return Err(evaluator.error("ints.between: lowest must be smaller than highest"));
    }
    named(evaluator, "intBetween", Kind::Integer(low, high))
}

static NUMBERS_BETWEEN: Builtin = Builtin {
    name: "between",
    arity: 2,
    run: numbers_between,
};

fn numbers(evaluator: &mut Evaluator) -> Eval<Value> {
    let nonnegative = evaluator
        .arena
        .lazy(|e| named(e, "numberNonnegative", Kind::Number(Some(0.0), None)));
    let positive = evaluator.arena.lazy(|e| {
        named(
            e,
            "numberPositive",
            Kind::Number(Some(f64::MIN_POSITIVE), None),
        )
    });
    let between = evaluator.partial(&NUMBERS_BETWEEN, &[]);
    let between = evaluator.arena.ready(between);
    let attributes = [
        ("nonnegative", nonnegative),
        ("positive", positive),
        ("between", between),
    ];
    Ok(Value::Attrs(evaluator.set_of(&attributes)))
}

fn numbers_between(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [low, high] = arguments(args);
    let mut bounds = [0.0; 2];
    for (bound, thunk) in bounds.iter_mut().zip([low, high]) {
        *bound = match evaluator.force(thunk)? {
            #[expect(clippy::cast_precision_loss, reason = "bounds are floats")]
            Value::Int(int) => int as f64,
            Value::Float(float) => float,
            other => return Err(evaluator.type_error(other, "a float")),
        };
    }
    let [low, high] = bounds;
    named(
        evaluator,
        "numberBetween",
        Kind::Number(Some(low), Some(high)),
    )
}

fn list(evaluator: &mut Evaluator, args: &[Thunk], non_empty: bool) -> Eval<Value> {
    let [element] = arguments(args);
    let element = evaluator.resolve_type(element)?;
    named(evaluator, "listOf", Kind::List { element, non_empty })
}

fn attributes(evaluator: &mut Evaluator, args: &[Thunk], lazy: bool) -> Eval<Value> {
    let [element] = arguments(args);
    let element = evaluator.resolve_type(element)?;
    let name = if lazy { "lazyAttrsOf" } else { "attrsOf" };
    named(evaluator, name, Kind::Attributes { element, lazy })
}

fn attributes_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let element = required(evaluator, set, "elemType")?;
    let lazy = evaluator.argument(set, "lazy")? == Some(Value::Bool(true));
    attributes(evaluator, &[element], lazy)
}

fn required(evaluator: &mut Evaluator, set: AttrsId, name: &str) -> Eval<Thunk> {
    let symbol = evaluator.symbol(name);
    match evaluator.arena.attribute(set, symbol) {
        Some(entry) => Ok(entry.value),
        None => Err(evaluator.error(format!(
            "function called without required argument '{name}'"
        ))),
    }
}

fn null_or(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [inner] = arguments(args);
    let inner = evaluator.resolve_type(inner)?;
    named(evaluator, "nullOr", Kind::NullOr(inner))
}

fn either(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [a, b] = arguments(args);
    let (a, b) = (evaluator.resolve_type(a)?, evaluator.resolve_type(b)?);
    named(evaluator, "either", Kind::Either(a, b))
}

fn one_of(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [types] = arguments(args);
    let mut merged: Option<TypeId> = None;
    for thunk in evaluator.force_exact_list(types)? {
        let next = evaluator.resolve_type(thunk)?;
        merged = Some(match merged {
            None => next,
            Some(before) => evaluator.new_type("either", Kind::Either(before, next)),
        });
    }
    match merged {
        Some(id) => {
            let value = evaluator.type_value(id);
            evaluator.force(value)
        }
        None => Err(evaluator.error("types.oneOf needs to get at least one type in its argument")),
    }
}

fn enumeration(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [values] = arguments(args);
    let values = evaluator.force_exact_list(values)?;
    named(evaluator, "enum", Kind::Enumeration(Rc::from(values)))
}

fn coerced(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [from, function, to] = arguments(args);
    let (from, to) = (evaluator.resolve_type(from)?, evaluator.resolve_type(to)?);
    named(evaluator, "coercedTo", Kind::Coerced { from, function, to })
}

/// `submodule module`, `submodule [ modules ]`
fn submodule(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [module] = arguments(args);
    let modules = match evaluator.force(module) {
        Ok(Value::List(list)) => evaluator.uncertain_list(Ok(Value::List(list)))?,
        _ => vec![(module, None)],
    };
    let submodule = Submodule {
        modules: Rc::from(modules),
        special_arguments: evaluator.set_of(&[]),
        shorthand_only_defines_config: true,
        class: None,
        open: None,
    };
    named(evaluator, "submodule", Kind::Submodule(Rc::new(submodule)))
}

fn submodule_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let modules = evaluator.module_list(set)?;
    let special_arguments = match evaluator.argument(set, "specialArgs")? {
        Some(Value::Attrs(special)) => special,
        _ => evaluator.set_of(&[]),
    };
    let shorthand = evaluator.argument(set, "shorthandOnlyDefinesConfig")?;
    let class = match evaluator.argument(set, "class")? {
        Some(value @ Value::String(_)) => Some(evaluator.expect_text(value)?),
        _ => None,
    };
    let submodule = Submodule {
        modules: Rc::from(modules),
        special_arguments,
        shorthand_only_defines_config: shorthand == Some(Value::Bool(true)),
        class,
        open: None,
    };
    named(evaluator, "submodule", Kind::Submodule(Rc::new(submodule)))
}

fn deferred_module_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let modules = match evaluator.argument(set, "staticModules")? {
        Some(Value::List(list)) => evaluator.exact_list(list)?,
        _ => Vec::new(),
    };
    named(
        evaluator,
        "deferredModule",
        Kind::DeferredModule {
            modules: Rc::from(modules),
        },
    )
}

fn function_to(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [inner] = arguments(args);
    let inner = evaluator.resolve_type(inner)?;
    named(evaluator, "functionTo", Kind::FunctionTo(inner))
}

fn uniq(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [inner] = arguments(args);
    let inner = evaluator.resolve_type(inner)?;
    named(evaluator, "unique", Kind::Unique(inner, Rc::from("")))
}

fn unique(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, inner] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let message = match evaluator.argument(options, "message")? {
        Some(value) => evaluator.expect_text(value)?,
        None => Rc::from(""),
    };
    let inner = evaluator.resolve_type(inner)?;
    named(evaluator, "unique", Kind::Unique(inner, message))
}

fn add_check(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [inner, predicate] = arguments(args);
    let id = evaluator.resolve_type(inner)?;
    let name = Rc::clone(&evaluator.type_of(id).name);
    named(evaluator, &name, Kind::Checked(id, predicate))
}

fn matching(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [pattern] = arguments(args);
    let pattern = evaluator.force_text(pattern)?;
    let name = format!("strMatching {pattern:?}");
    named(evaluator, &name, Kind::Text(Text::Matching(pattern)))
}

fn separated(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [separator] = arguments(args);
    let separator = evaluator.force_text(separator)?;
    named(
        evaluator,
        "separatedString",
        Kind::Text(Text::Separated(separator)),
    )
}

fn path_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let flag = |evaluator: &mut Evaluator, name| match evaluator.argument(set, name)? {
        Some(Value::Bool(value)) => Ok(Some(value)),
        _ => Ok(None),
    };
    let absolute = flag(evaluator, "absolute")?;
    named(evaluator, "path", Kind::Path { absolute })
}

fn tagged(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [tags] = arguments(args);
    let tags = evaluator.force_attrs(tags)?;
    named(evaluator, "attrTag", Kind::Tagged(tags))
}

/// `mkOptionType { name; check ? …; merge ? …; … }`
fn make_option_type(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let base = evaluator.new_type("unspecified", Kind::Unspecified);
    let native = evaluator.type_value(base);
    let native = evaluator.force_attrs(native)?;
    Ok(Value::Attrs(evaluator.update_sets(native, set)))
}

fn is_type(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [kind, value] = arguments(args);
    let kind = evaluator.force_text(kind)?;
    let is = match evaluator.force(value)? {
        Value::Attrs(set) => evaluator.type_tag(set)?.is_some_and(|tag| tag == kind),
        Value::External(external) => return Err(evaluator.external_unknown(external)),
        _ => false,
    };
    Ok(Value::Bool(is))
}

fn is_option_type(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    let kind = evaluator.string_thunk("option-type");
    is_type(evaluator, &[kind, value])
}

fn set_type(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [kind, set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let tag = evaluator.set_of(&[("_type", kind)]);
    Ok(Value::Attrs(evaluator.update_sets(set, tag)))
}
