//! `lib.types`.

use std::rc::Rc;

use super::{Constant, Exported, Namespace};
use crate::builtins::{Builtin, arguments};
use crate::eval::Evaluator;
use crate::modules::types::{
    DEFAULT_PLACEHOLDER, DEFAULT_TYPE_MERGE, Kind, Submodule, Text, TypeId,
};
use crate::value::{AttrsId, Entry, Eval, Thunk, Value, well_known};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "types",
    functions: FUNCTIONS,
    constants: CONSTANTS,
    exported: Exported::Only(&[
        "mkOptionType",
        "isType",
        "setType",
        "isOptionType",
        "defaultFunctor",
        "defaultTypeMerge",
    ]),
    ..Namespace::EMPTY
};

/// A type without parameters: what `types` calls it, its own name, its kind.
macro_rules! constants {
    ($($attribute:literal $name:literal = $kind:expr),+ $(,)?) => {
        const CONSTANTS: &[Constant] = &[$(Constant {
            name: $attribute,
            make: |evaluator| named(evaluator, $name, $kind),
        }),+,
        Constant { name: "ints", make: ints },
        Constant { name: "number", make: number },
        Constant { name: "numbers", make: numbers },
        Constant { name: "json", make: |evaluator| nix_type(evaluator, "json") },
        Constant { name: "fileset", make: |evaluator| nix_type(evaluator, "fileset") },
        Constant { name: "toml", make: |evaluator| nix_type(evaluator, "toml") },
        Constant { name: "luaInline", make: |evaluator| nix_type(evaluator, "luaInline") },
        Constant {
            name: "noCheckForDocsModule",
            make: |evaluator| nix_type(evaluator, "noCheckForDocsModule"),
        },
        ];
    };
}

constants! {
    "unspecified" "unspecified" = Kind::Unspecified,
    "anything" "anything" = Kind::Anything,
    "raw" "raw" = Kind::Raw,
    "bool" "bool" = Kind::Boolean,
    "boolByOr" "boolByOr" = Kind::BooleanByOr,
    "int" "int" = Kind::Integer(i64::MIN, i64::MAX),
    "port" "unsignedInt16" = Kind::Integer(0, 65_535),
    "float" "float" = Kind::Float,
    "str" "str" = Kind::Text(Text::Any),
    "string" "separatedString" = Kind::Text(Text::Separated(Rc::from(""))),
    "nonEmptyStr" "nonEmptyStr" = Kind::Text(Text::NonEmpty),
    "singleLineStr" "singleLineStr" = Kind::Text(Text::SingleLine),
    "lines" "separatedString" = Kind::Text(Text::Separated(Rc::from("\n"))),
    "commas" "separatedString" = Kind::Text(Text::Separated(Rc::from(","))),
    "envVar" "separatedString" = Kind::Text(Text::Separated(Rc::from(":"))),
    "path" "path" = Kind::Path { absolute: Some(true), in_store: None },
    "pathInStore" "path" = Kind::Path { absolute: None, in_store: Some(true) },
    "externalPath" "path" = Kind::Path { absolute: Some(true), in_store: Some(false) },
    "package" "package" = Kind::Package,
    "shellPackage" "package" = Kind::Package,
    "pkgs" "pkgs" = Kind::PackageSet,
    "attrs" "attrs" = Kind::AnyAttributes,
    "optionType" "optionType" = Kind::OptionType,
    "optionDeclaration" "optionDeclaration" = Kind::OptionDeclaration,
    "deferredModule" "deferredModule" = Kind::DeferredModule { modules: Rc::from([]) },
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
        name: "attrListOf",
        arity: 1,
        run: attribute_list,
    },
    Builtin {
        name: "attrListWith",
        arity: 1,
        run: |e, a| nix_type_of(e, a, "attrListWith"),
    },
    Builtin {
        name: "serializableValueWith",
        arity: 1,
        run: |e, a| nix_type_of(e, a, "serializableValueWith"),
    },
    Builtin {
        name: "passwdEntry",
        arity: 1,
        run: password_entry,
    },
    Builtin {
        name: "defaultFunctor",
        arity: 1,
        run: default_functor,
    },
    Builtin {
        name: "defaultTypeMerge",
        arity: 2,
        run: |e, a| (DEFAULT_TYPE_MERGE.run)(e, a),
    },
    Builtin {
        name: "mergeTypes",
        arity: 2,
        run: merge_types,
    },
    Builtin {
        name: "optionDescriptionPhrase",
        arity: 2,
        run: |e, a| nix_type_of(e, a, "optionDescriptionPhrase"),
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

/// The type of what takes any definition and forgets it.
pub(super) fn sink(evaluator: &mut Evaluator) -> Thunk {
    evaluator
        .arena
        .lazy(|evaluator| nix_type(evaluator, "sink"))
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
    let element = evaluator.deferred_type(element)?;
    named(evaluator, "listOf", Kind::List { element, non_empty })
}

fn attributes(evaluator: &mut Evaluator, args: &[Thunk], lazy: bool) -> Eval<Value> {
    let [element] = arguments(args);
    attributes_named(evaluator, element, lazy, Rc::from(DEFAULT_PLACEHOLDER))
}

fn attributes_named(
    evaluator: &mut Evaluator,
    element: Thunk,
    lazy: bool,
    placeholder: Rc<str>,
) -> Eval<Value> {
    let element = evaluator.deferred_type(element)?;
    let name = if lazy { "lazyAttrsOf" } else { "attrsOf" };
    named(
        evaluator,
        name,
        Kind::Attributes {
            element,
            lazy,
            placeholder,
        },
    )
}

fn attributes_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let element = required(evaluator, set, "elemType")?;
    let lazy = evaluator.argument(set, "lazy")? == Some(Value::Bool(true));
    let placeholder = match evaluator.argument(set, "placeholder")? {
        Some(placeholder) => evaluator.expect_text(placeholder)?,
        None => Rc::from(DEFAULT_PLACEHOLDER),
    };
    attributes_named(evaluator, element, lazy, placeholder)
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
    let inner = evaluator.deferred_type(inner)?;
    named(evaluator, "nullOr", Kind::NullOr(inner))
}

fn either(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [a, b] = arguments(args);
    let (a, b) = (evaluator.deferred_type(a)?, evaluator.deferred_type(b)?);
    named(evaluator, "either", Kind::Either(a, b))
}

fn one_of(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [types] = arguments(args);
    let mut merged: Option<TypeId> = None;
    for thunk in evaluator.force_exact_list(types)? {
        let next = evaluator.deferred_type(thunk)?;
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
    if evaluator.sub_modules(from)?.is_some() {
        let description = evaluator.type_description(from)?;
        return Err(evaluator.throw(format!(
            "coercedTo: coercedType must not have submodules (it’s a {description})"
        )));
    }
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
        shorthand_only_defines_config: Some(true),
        ..Submodule::of(modules)
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
    let shorthand_only_defines_config =
        match evaluator.argument(set, "shorthandOnlyDefinesConfig")? {
            Some(Value::Bool(only)) => Some(only),
            _ => None,
        };
    let description = match evaluator.argument(set, "description")? {
        None | Some(Value::Null) => None,
        Some(description) => Some(evaluator.arena.ready(description)),
    };
    let class = match evaluator.argument(set, "class")? {
        Some(value @ Value::String(_)) => Some(evaluator.expect_text(value)?),
        _ => None,
    };
    let submodule = Submodule {
        special_arguments,
        shorthand_only_defines_config,
        class,
        description,
        ..Submodule::of(modules)
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
    let inner = evaluator.deferred_type(inner)?;
    named(evaluator, "functionTo", Kind::FunctionTo(inner))
}

fn uniq(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [inner] = arguments(args);
    let inner = evaluator.deferred_type(inner)?;
    named(evaluator, "unique", Kind::Unique(inner, Rc::from("")))
}

fn unique(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [options, inner] = arguments(args);
    let options = evaluator.force_attrs(options)?;
    let message = match evaluator.argument(options, "message")? {
        Some(value) => evaluator.expect_text(value)?,
        None => Rc::from(""),
    };
    let inner = evaluator.deferred_type(inner)?;
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
    let mut name = String::from("strMatching \"");
    crate::print::escape(&pattern, &mut name);
    name.push('"');
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
    let in_store = flag(evaluator, "inStore")?;
    if in_store == Some(true) && absolute == Some(false) {
        return Err(evaluator.throw("In pathWith, inStore means the path must be absolute"));
    }
    named(evaluator, "path", Kind::Path { absolute, in_store })
}

fn tagged(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [tags] = arguments(args);
    let tags = evaluator.force_attrs(tags)?;
    for entry in evaluator.arena.entries_by_name(tags) {
        let is_option = match evaluator.force(entry.value)? {
            Value::Attrs(set) => evaluator
                .type_tag(set)?
                .is_some_and(|tag| &*tag == "option"),
            _ => false,
        };
        if !is_option {
            let name = evaluator.name(entry.name);
            return Err(evaluator.throw(format!(
                "In attrTag, each tag value must be an option, but tag {name} was a bare type, not wrapped in mkOption."
            )));
        }
    }
    let entries: Vec<Entry> = evaluator
        .arena
        .entries(tags)
        .to_vec()
        .into_iter()
        .map(|entry| declared_tag(evaluator, entry))
        .collect::<Eval<_>>()?;
    let tags = evaluator.arena.sorted_attrs(&entries, None);
    named(evaluator, "attrTag", Kind::Tagged(tags))
}

/// A choice of `attrTag` that says where it is declared.
fn declared_tag(evaluator: &mut Evaluator, entry: Entry) -> Eval<Entry> {
    let option = evaluator.force_attrs(entry.value)?;
    let position = entry.position;
    let place = evaluator
        .binding_place(position)
        .filter(|_| position.is_kept_by_nix());
    let file = place.and_then(|place| evaluator.source_path(place.name.file));
    let (mut files, mut positions) = (Vec::new(), Vec::new());
    if let Some(file) = file {
        let file: Rc<str> = Rc::from(file.to_string_lossy());
        files.push(evaluator.string_thunk(&file));
        positions.push(evaluator.declaration_position(&file, position));
    }
    let files = evaluator.list(&files);
    let files = evaluator.arena.ready(files);
    let positions = evaluator.list(&positions);
    let positions = evaluator.arena.ready(positions);
    let defaults = [("declarations", files), ("declarationPositions", positions)];
    let defaults = evaluator.set_of(&defaults);
    let option = evaluator.update_sets(defaults, option);
    let value = evaluator.arena.ready(Value::Attrs(option));
    Ok(Entry { value, ..entry })
}

/// `mkOptionType { name; check ? …; merge ? …; … }`
fn make_option_type(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let name = required(evaluator, set, "name")?;
    let tag = evaluator.string_thunk("option-type");
    let null = evaluator.arena.ready(Value::Null);
    let empty = evaluator.arena.ready(Value::Attrs(AttrsId(0)));
    let functor = match evaluator.arena.attribute(set, well_known::FUNCTOR_FIELD) {
        Some(entry) => entry.value,
        None => {
            let make = evaluator.partial(&DEFAULT_FUNCTOR, &[]);
            let make = evaluator.arena.ready(make);
            evaluator.lazy_apply(make, name)
        }
    };
    let description = evaluator.symbol("description");
    let description = match evaluator.arena.attribute(set, description) {
        Some(entry) if evaluator.force(entry.value)? != Value::Null => entry.value,
        _ => name,
    };
    let mut function = |builtin: &'static Builtin, arguments: &[Thunk]| {
        let value = evaluator.partial(builtin, arguments);
        evaluator.arena.ready(value)
    };
    let accept = function(&ACCEPT, &[]);
    let merge = function(&MERGE_BY_DEFAULT, &[]);
    let no_options = function(&NO_OPTIONS, &[]);
    let no_modules = function(&NO_MODULES, &[]);
    let type_merge = function(&DEFAULT_TYPE_MERGE, &[functor]);
    let defaults = evaluator.set_of(&[
        ("_type", tag),
        ("descriptionClass", null),
        ("deprecationMessage", null),
        ("check", accept),
        ("merge", merge),
        ("emptyValue", empty),
        ("getSubOptions", no_options),
        ("getSubModules", null),
        ("substSubModules", no_modules),
        ("typeMerge", type_merge),
        ("functor", functor),
        ("nestedTypes", empty),
    ]);
    let given = evaluator.update_sets(defaults, set);
    let fixed = evaluator.set_of(&[("description", description)]);
    Ok(Value::Attrs(evaluator.update_sets(given, fixed)))
}

static ACCEPT: Builtin = Builtin {
    name: "check",
    arity: 1,
    run: |_, _| Ok(Value::Bool(true)),
};

static NO_OPTIONS: Builtin = Builtin {
    name: "getSubOptions",
    arity: 1,
    run: |_, _| Ok(Value::Attrs(AttrsId(0))),
};

static NO_MODULES: Builtin = Builtin {
    name: "substSubModules",
    arity: 1,
    run: |_, _| Ok(Value::Null),
};

static DEFAULT_FUNCTOR: Builtin = Builtin {
    name: "defaultFunctor",
    arity: 1,
    run: default_functor,
};

static MERGE_BY_DEFAULT: Builtin = Builtin {
    name: "merge",
    arity: 2,
    run: super::options::merge_default_option,
};

/// `{ name; type = types.name or null; payload = null; binOp = a: b: null; }`
fn default_functor(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name] = arguments(args);
    let kind = evaluator.arena.lazy(move |evaluator| {
        let text = evaluator.force_text(name)?;
        match CONSTANTS.iter().find(|constant| constant.name == &*text) {
            Some(constant) => (constant.make)(evaluator),
            None => Ok(Value::Null),
        }
    });
    let null = evaluator.arena.ready(Value::Null);
    let join = evaluator.partial(&NO_PAYLOAD, &[]);
    let join = evaluator.arena.ready(join);
    let attributes = [
        ("name", name),
        ("type", kind),
        ("payload", null),
        ("binOp", join),
    ];
    Ok(Value::Attrs(evaluator.set_of(&attributes)))
}

static NO_PAYLOAD: Builtin = Builtin {
    name: "binOp",
    arity: 2,
    run: |_, _| Ok(Value::Null),
};

/// `mergeTypes a b`
fn merge_types(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [a, b] = arguments(args);
    let (a, b) = (evaluator.resolve_type(a)?, evaluator.resolve_type(b)?);
    match evaluator.merge_types(a, b)? {
        Some(merged) => {
            let value = evaluator.type_value(merged);
            evaluator.force(value)
        }
        None => {
            let (a, b) = (evaluator.type_of(a), evaluator.type_of(b));
            Err(evaluator.throw(format!(
                "mergeTypes: the types `{}' and `{}' cannot be merged",
                a.name, b.name
            )))
        }
    }
}

fn password_entry(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [inner] = arguments(args);
    let inner = evaluator.resolve_type(inner)?;
    let name = format!("passwdEntry {}", evaluator.type_of(inner).name);
    named(evaluator, &name, Kind::PasswordEntry(inner))
}

fn number(evaluator: &mut Evaluator) -> Eval<Value> {
    let int = evaluator.new_type("int", Kind::Integer(i64::MIN, i64::MAX));
    let float = evaluator.new_type("float", Kind::Float);
    named(evaluator, "either", Kind::Either(int, float))
}

/// `attrListOf t`: `attrListWith { elemType = t; }`
fn attribute_list(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [element] = arguments(args);
    let set = evaluator.set_of(&[("elemType", element)]);
    let set = evaluator.arena.ready(Value::Attrs(set));
    nix_type_of(evaluator, &[set], "attrListWith")
}

/// A type that is easier said in Nix.
fn nix_type(evaluator: &mut Evaluator, name: &str) -> Eval<Value> {
    let table = evaluator.nix_types();
    let name = evaluator.symbol(name);
    let table = evaluator.force(table)?;
    evaluator.select(table, name)
}

/// The same with arguments.
fn nix_type_of(evaluator: &mut Evaluator, args: &[Thunk], name: &str) -> Eval<Value> {
    let mut value = nix_type(evaluator, name)?;
    for argument in args {
        value = evaluator.apply(value, *argument)?;
    }
    Ok(value)
}

impl Evaluator {
    /// Types that are easier said in Nix.
    fn nix_types(&mut self) -> Thunk {
        if let Some(thunk) = self.modules.nix_types {
            return thunk;
        }
        let text = include_str!("types.nix");
        let function = self.embedded(std::path::Path::new("/«mcp-lint»/types.nix"), text);
        let lib = self.lib();
        let thunk = self.lazy_apply(function, lib);
        self.modules.nix_types = Some(thunk);
        thunk
    }
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
