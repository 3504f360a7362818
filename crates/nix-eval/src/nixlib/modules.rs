//! `lib.modules`: properties of definitions, `evalModules`, modules that rename options.

use super::{Exported, Namespace};
use crate::builtins::{Builtin, arguments};
use crate::eval::Evaluator;
use crate::modules::{Location, ModuleArguments};
use crate::value::{AttrsId, Eval, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "modules",
    functions: FUNCTIONS,
    exported: Exported::All,
    constants: &[
        super::Constant {
            name: "defaultOverridePriority",
            make: |_| Ok(Value::Int(100)),
        },
        super::Constant {
            name: "defaultOrderPriority",
            make: |_| Ok(Value::Int(1000)),
        },
        super::Constant {
            name: "mkFixStrictness",
            make: |evaluator| Ok(evaluator.partial(&IDENTITY, &[])),
        },
    ],
    ..Namespace::EMPTY
};

static IDENTITY: Builtin = Builtin {
    name: "id",
    arity: 1,
    run: |e, a| {
        let [v] = arguments(a);
        e.force(v)
    },
};

const FUNCTIONS: &[Builtin] = &[
    Builtin {
        name: "mkIf",
        arity: 2,
        run: make_if,
    },
    Builtin {
        name: "mkAssert",
        arity: 3,
        run: make_assert,
    },
    Builtin {
        name: "mkMerge",
        arity: 1,
        run: make_merge,
    },
    Builtin {
        name: "mkOverride",
        arity: 2,
        run: make_override,
    },
    Builtin {
        name: "mkOptionDefault",
        arity: 1,
        run: |e, a| fixed_override(e, a, 1500),
    },
    Builtin {
        name: "mkDefault",
        arity: 1,
        run: |e, a| fixed_override(e, a, 1000),
    },
    Builtin {
        name: "mkImageMediaOverride",
        arity: 1,
        run: |e, a| fixed_override(e, a, 60),
    },
    Builtin {
        name: "mkForce",
        arity: 1,
        run: |e, a| fixed_override(e, a, 50),
    },
    Builtin {
        name: "mkVMOverride",
        arity: 1,
        run: |e, a| fixed_override(e, a, 10),
    },
    Builtin {
        name: "mkStrict",
        arity: 1,
        run: |e, a| fixed_override(e, a, 0),
    },
    Builtin {
        name: "mkOrder",
        arity: 2,
        run: make_order,
    },
    Builtin {
        name: "mkBefore",
        arity: 1,
        run: |e, a| fixed_order(e, a, 500),
    },
    Builtin {
        name: "mkAfter",
        arity: 1,
        run: |e, a| fixed_order(e, a, 1500),
    },
    Builtin {
        name: "mkAliasDefinitions",
        arity: 1,
        run: alias_definitions,
    },
    Builtin {
        name: "mkAliasAndWrapDefinitions",
        arity: 2,
        run: alias_and_wrap,
    },
    Builtin {
        name: "mkAliasIfDef",
        arity: 2,
        run: alias_if_defined,
    },
    Builtin {
        name: "mkDerivedConfig",
        arity: 2,
        run: derived_config,
    },
    Builtin {
        name: "evalModules",
        arity: 1,
        run: eval_modules,
    },
    Builtin {
        name: "setDefaultModuleLocation",
        arity: 2,
        run: set_default_location,
    },
    Builtin {
        name: "mkRenamedOptionModule",
        arity: 2,
        run: renamed_option,
    },
    Builtin {
        name: "mkRenamedOptionModuleWith",
        arity: 1,
        run: renamed_option_with,
    },
    Builtin {
        name: "mkAliasOptionModule",
        arity: 2,
        run: renamed_option,
    },
    Builtin {
        name: "mkAliasOptionModuleMD",
        arity: 2,
        run: renamed_option,
    },
    Builtin {
        name: "mkRemovedOptionModule",
        arity: 2,
        run: removed_option,
    },
    Builtin {
        name: "mkMergedOptionModule",
        arity: 3,
        run: merged_option,
    },
    Builtin {
        name: "mkChangedOptionModule",
        arity: 3,
        run: changed_option,
    },
    Builtin {
        name: "importApply",
        arity: 2,
        run: import_apply,
    },
    Builtin {
        name: "importJSON",
        arity: 1,
        run: |e, a| import_data(e, a, "fromJSON"),
    },
    Builtin {
        name: "importTOML",
        arity: 1,
        run: |e, a| import_data(e, a, "fromTOML"),
    },
];

/// `{ _type = kind; … }`
fn tagged(evaluator: &mut Evaluator, kind: &str, attributes: &[(&str, Thunk)]) -> Value {
    let kind = evaluator.string_thunk(kind);
    let mut all = vec![("_type", kind)];
    all.extend_from_slice(attributes);
    Value::Attrs(evaluator.set_of(&all))
}

fn make_if(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [condition, content] = arguments(args);
    Ok(tagged(
        evaluator,
        "if",
        &[("condition", condition), ("content", content)],
    ))
}

fn make_assert(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [assertion, message, content] = arguments(args);
    let condition = evaluator.arena.lazy(move |evaluator| {
        if evaluator.force_bool(assertion)? {
            return Ok(Value::Bool(true));
        }
        let message = evaluator.force_text(message)?;
        Err(evaluator.error(format!("\nFailed assertion: {message}")))
    });
    Ok(tagged(
        evaluator,
        "if",
        &[("condition", condition), ("content", content)],
    ))
}

fn make_merge(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [contents] = arguments(args);
    Ok(tagged(evaluator, "merge", &[("contents", contents)]))
}

fn make_override(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [priority, content] = arguments(args);
    Ok(tagged(
        evaluator,
        "override",
        &[("priority", priority), ("content", content)],
    ))
}

fn fixed_override(evaluator: &mut Evaluator, args: &[Thunk], priority: i64) -> Eval<Value> {
    let [content] = arguments(args);
    let priority = evaluator.arena.ready(Value::Int(priority));
    Ok(tagged(
        evaluator,
        "override",
        &[("priority", priority), ("content", content)],
    ))
}

fn make_order(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [priority, content] = arguments(args);
    Ok(tagged(
        evaluator,
        "order",
        &[("priority", priority), ("content", content)],
    ))
}

fn fixed_order(evaluator: &mut Evaluator, args: &[Thunk], priority: i64) -> Eval<Value> {
    let [content] = arguments(args);
    let priority = evaluator.arena.ready(Value::Int(priority));
    Ok(tagged(
        evaluator,
        "order",
        &[("priority", priority), ("content", content)],
    ))
}

// Definitions of one option taken from another

/// `mkIf option.isDefined content`
fn alias_if_defined(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [option, content] = arguments(args);
    let name = evaluator.symbol("isDefined");
    let condition = evaluator
        .arena
        .thunk(crate::value::Slot::Select { base: option, name });
    Ok(tagged(
        evaluator,
        "if",
        &[("condition", condition), ("content", content)],
    ))
}

fn option_attribute(evaluator: &mut Evaluator, option: Thunk, name: &str) -> Thunk {
    let name = evaluator.symbol(name);
    evaluator
        .arena
        .thunk(crate::value::Slot::Select { base: option, name })
}

/// `mkAliasIfDef option (wrap (mkMerge option.definitions))`
fn alias_wrapped(evaluator: &mut Evaluator, option: Thunk, wrap: Option<Thunk>) -> Eval<Value> {
    let definitions = option_attribute(evaluator, option, "definitions");
    let merged = tagged(evaluator, "merge", &[("contents", definitions)]);
    let mut content = evaluator.arena.ready(merged);
    if let Some(wrap) = wrap {
        content = evaluator.lazy_apply(wrap, content);
    }
    alias_if_defined(evaluator, &[option, content])
}

fn alias_definitions(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [option] = arguments(args);
    alias_wrapped(evaluator, option, None)
}

fn alias_and_wrap(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [wrap, option] = arguments(args);
    alias_wrapped(evaluator, option, Some(wrap))
}

fn derived_config(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [option, function] = arguments(args);
    let value = option_attribute(evaluator, option, "value");
    let content = evaluator.lazy_apply(function, value);
    alias_if_defined(evaluator, &[option, content])
}

fn set_default_location(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [file, module] = arguments(args);
    let imports = evaluator.list(&[module]);
    let imports = evaluator.arena.ready(imports);
    Ok(Value::Attrs(
        evaluator.set_of(&[("_file", file), ("imports", imports)]),
    ))
}

// evalModules

fn eval_modules(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let arguments = module_arguments(evaluator, set)?;
    let configuration = evaluator.configuration(arguments);
    Ok(evaluator.configuration_value(&configuration))
}

/// What `evalModules` is called with.
pub(crate) fn module_arguments(evaluator: &mut Evaluator, set: AttrsId) -> Eval<ModuleArguments> {
    let mut modules = evaluator.module_list(set)?;
    let special_arguments = match evaluator.argument(set, "specialArgs")? {
        Some(Value::Attrs(special)) => special,
        _ => evaluator.set_of(&[]),
    };
    let prefix = match evaluator.argument(set, "prefix")? {
        Some(value) => {
            let value = evaluator.arena.ready(value);
            evaluator.force_location(value)?
        }
        None => Location::from([]),
    };
    let class = match evaluator.argument(set, "class")? {
        Some(value @ Value::String(_)) => Some(evaluator.expect_text(value)?),
        _ => None,
    };
    // The deprecated `args` and `check` are modules.
    let mut legacy = Vec::new();
    for name in ["args", "check"] {
        if let Some(value) = evaluator.argument(set, name)? {
            let value = evaluator.arena.ready(value);
            legacy.push((name, value));
        }
    }
    if !legacy.is_empty() {
        let inner = evaluator.set_of(&legacy);
        let inner = evaluator.arena.ready(Value::Attrs(inner));
        let module = evaluator.set_of(&[("_module", inner)]);
        let config = evaluator.arena.ready(Value::Attrs(module));
        let module = evaluator.set_of(&[("config", config)]);
        modules.push((evaluator.arena.ready(Value::Attrs(module)), None));
    }
    Ok(ModuleArguments {
        modules,
        special_arguments,
        prefix,
        class,
        open: None,
        file: "<unknown-file>".into(),
        check: true,
    })
}

// Modules that move options

/// A module written in Nix, given its parameters.
fn nix_module(evaluator: &mut Evaluator, name: &str, parameters: &[(&str, Thunk)]) -> Eval<Value> {
    let table = evaluator.nix_modules();
    let name = evaluator.symbol(name);
    let table = evaluator.force(table)?;
    let function = evaluator.select(table, name)?;
    let parameters = evaluator.set_of(parameters);
    let parameters = evaluator.arena.ready(Value::Attrs(parameters));
    evaluator.apply(function, parameters)
}

fn renamed_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [from, to] = arguments(args);
    nix_module(evaluator, "renamed", &[("from", from), ("to", to)])
}

fn renamed_option_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let from = option_attribute(evaluator, set, "from");
    let to = option_attribute(evaluator, set, "to");
    nix_module(evaluator, "renamed", &[("from", from), ("to", to)])
}

fn removed_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [from, message] = arguments(args);
    nix_module(
        evaluator,
        "removed",
        &[("from", from), ("message", message)],
    )
}

fn merged_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [from, to, function] = arguments(args);
    nix_module(
        evaluator,
        "merged",
        &[("from", from), ("to", to), ("function", function)],
    )
}

fn changed_option(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [from, to, function] = arguments(args);
    let from = evaluator.list(&[from]);
    let from = evaluator.arena.ready(from);
    nix_module(
        evaluator,
        "merged",
        &[("from", from), ("to", to), ("function", function)],
    )
}

/// `importApply file arguments`: the module that a file's function gives, named after the file.
fn import_apply(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path, parameters] = arguments(args);
    let value = evaluator.force(path)?;
    let file = evaluator.coerce_to_path(value)?;
    let function = evaluator.import_path(file)?;
    let module = evaluator.lazy_apply(function, parameters);
    set_default_location(evaluator, &[path, module])
}

/// `lib.importJSON path`
fn import_data(evaluator: &mut Evaluator, args: &[Thunk], parser: &str) -> Eval<Value> {
    let [path] = arguments(args);
    let read = evaluator.symbol("__readFile");
    let parse = evaluator.symbol(&format!("__{parser}"));
    match (evaluator.global(read), evaluator.global(parse)) {
        (Some(read), Some(parse)) => {
            let text = evaluator.lazy_apply(read, path);
            evaluator.call(parse, text)
        }
        _ => Err(evaluator.undetermined(format!("lib.import with {parser}"))),
    }
}

impl Evaluator {
    /// Modules that are easier said in Nix.
    fn nix_modules(&mut self) -> Thunk {
        if let Some(thunk) = self.modules.nix_modules {
            return thunk;
        }
        let text = include_str!("modules.nix");
        let function = self.embedded(std::path::Path::new("/«mcp-lint»/modules.nix"), text);
        let lib = self.lib();
        let thunk = self.lazy_apply(function, lib);
        self.modules.nix_modules = Some(thunk);
        thunk
    }
}
