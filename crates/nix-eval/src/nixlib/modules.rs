//! `lib.modules`: properties of definitions, `evalModules`, modules that rename options.

use super::{Constant, Exported, Namespace};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::modules::ModuleArguments;
use crate::value::{AttrsId, Eval, Location, Thunk, UnknownId, Value, well_known};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "modules",
    functions: FUNCTIONS,
    constants: CONSTANTS,
    exported: Exported::Except(&[
        "defaultOverridePriority",
        "importApply",
        "mapDefinitionValue",
        "mergeAttrDefinitionsWithPrio",
        "mkAliasAndWrapDefsWithPriority",
        "mkAliasIfDef",
    ]),
    ..Namespace::EMPTY
};

const FUNCTIONS: &[Builtin] = &[
    Builtin::new("mkIf", 2, make_if),
    Builtin::new("mkMerge", 1, make_merge),
    Builtin::new("mkDefinition", 1, make_definition),
    Builtin::new("mkOverride", 2, make_override),
    Builtin::new("mkOptionDefault", 1, |e, a| fixed_override(e, a, 1500)),
    Builtin::new("mkDefault", 1, |e, a| fixed_override(e, a, 1000)),
    Builtin::new("mkImageMediaOverride", 1, |e, a| fixed_override(e, a, 60)),
    Builtin::new("mkForce", 1, |e, a| fixed_override(e, a, 50)),
    Builtin::new("mkVMOverride", 1, |e, a| fixed_override(e, a, 10)),
    Builtin::new("mkOrder", 2, make_order),
    Builtin::new("mkBefore", 1, |e, a| fixed_order(e, a, 500)),
    Builtin::new("mkAfter", 1, |e, a| fixed_order(e, a, 1500)),
    Builtin::new("mkAliasDefinitions", 1, alias_definitions),
    Builtin::new("mkAliasAndWrapDefinitions", 2, alias_and_wrap),
    Builtin::new("mkAliasIfDef", 2, alias_if_defined),
    Builtin::new("mkDerivedConfig", 2, derived_config),
    Builtin::new("evalModules", 1, eval_modules),
    Builtin::new("mergeDefinitions", 3, merge_definitions),
    Builtin::new("setDefaultModuleLocation", 2, set_default_location),
    Builtin::new("importApply", 2, import_apply),
    Builtin::new("importJSON", 1, |e, a| import_data(e, a, "fromJSON")),
    Builtin::new("importTOML", 1, |e, a| import_data(e, a, "fromTOML")),
];

/// Functions that are written in Nix, in `modules.nix`.
macro_rules! in_nix {
    ($($name:literal),+ $(,)?) => {
        &[$(Constant { name: $name, make: |evaluator| nix_function(evaluator, $name) }),+,
        Constant { name: "defaultOverridePriority", make: |_| Ok(Value::Int(100)) },
        ]
    };
}

const CONSTANTS: &[Constant] = in_nix!(
    "doRename",
    "mapDefinitionValue",
    "mergeAttrDefinitionsWithPrio",
    "mkAliasAndWrapDefsWithPriority",
    "mkAliasOptionModule",
    "mkAliasOptionModuleMD",
    "mkChangedOptionModule",
    "mkMergedOptionModule",
    "mkRemovedOptionModule",
    "mkRenamedOptionModule",
    "mkRenamedOptionModuleWith",
    "sortProperties",
);

fn nix_function(evaluator: &mut Evaluator, name: &str) -> Eval<Value> {
    let table = evaluator.nix_modules();
    let name = evaluator.symbol(name);
    let table = evaluator.force(table)?;
    evaluator.select(table, name)
}

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

/// `mkDefinition { file; value; }`
fn make_definition(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    let kind = evaluator.string_thunk("definition");
    let kind = evaluator.set_of(&[("_type", kind)]);
    Ok(Value::Attrs(evaluator.update_sets(set, kind)))
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

/// What `evalModules` may be called with.
const PARAMETERS: [&str; 6] = ["args", "check", "class", "modules", "prefix", "specialArgs"];

fn check_parameters(evaluator: &mut Evaluator, set: AttrsId) -> Eval<()> {
    for entry in evaluator.arena.entries_by_name(set) {
        let name = evaluator.name(entry.name);
        if entry.maybe.is_none() && !PARAMETERS.contains(&&*name) {
            return Err(evaluator.error(format!(
                "function 'evalModules' called with unexpected argument '{name}'"
            )));
        }
    }
    let is_there = evaluator
        .arena
        .attribute(set, well_known::MODULES)
        .is_some();
    if !is_there && evaluator.arena.attrs_data(set).open.is_none() {
        return Err(
            evaluator.error("function 'evalModules' called without required argument 'modules'")
        );
    }
    Ok(())
}

/// What is not known: arguments of which none is seen.
fn unknown_arguments(evaluator: &mut Evaluator, why: UnknownId) -> AttrsId {
    evaluator.arena.sorted_attrs(&[], Some(why))
}

/// What `evalModules` is called with.
fn module_arguments(evaluator: &mut Evaluator, set: AttrsId) -> Eval<ModuleArguments> {
    check_parameters(evaluator, set)?;
    let mut modules = evaluator.module_list(set)?;
    let special_arguments = match evaluator.argument(set, "specialArgs") {
        Ok(Some(Value::Attrs(special))) => special,
        Ok(Some(Value::External(external))) => {
            let why = evaluator.external_unknown(external);
            unknown_arguments(evaluator, why)
        }
        Ok(Some(other)) => return Err(evaluator.type_error(other, "a set")),
        Ok(None) => AttrsId(0),
        Err(why) if evaluator.is_error(why) => return Err(why),
        Err(why) => unknown_arguments(evaluator, why),
    };
    let prefix = match evaluator.arena.attribute(set, well_known::PREFIX) {
        Some(entry) => evaluator.force_location(entry.value)?,
        None => Location::from([]),
    };
    let class = match evaluator.argument(set, "class") {
        Ok(Some(Value::Null) | None) => None,
        Ok(Some(class)) => Some(evaluator.expect_text(class)?),
        Err(why) if evaluator.is_error(why) => return Err(why),
        Err(_) => None,
    };
    // The deprecated `args` and `check` are modules.
    for name in ["args", "check"] {
        let symbol = evaluator.symbol(name);
        if let Some(entry) = evaluator.arena.attribute(set, symbol) {
            let mut value = entry.value;
            for field in [symbol, well_known::MODULE, well_known::CONFIG] {
                value = evaluator.single(field, value);
            }
            modules.push((value, entry.maybe));
        }
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

/// `mergeDefinitions location type definitions`: what an option of that type would be.
fn merge_definitions(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [location, kind, definitions] = arguments(args);
    let location = evaluator.force_location(location)?;
    let kind = evaluator.resolve_type(kind)?;
    evaluator.merged_definitions(location, kind, definitions)
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
    /// Functions that are easier to write in Nix.
    fn nix_modules(&mut self) -> Thunk {
        if let Some(thunk) = self.lib_state().nix_modules {
            return thunk;
        }
        let text = include_str!("modules.nix");
        let function = self.embedded("modules.nix", text);
        let lib = self.lib();
        let thunk = self.lazy_apply(function, lib);
        self.lib_state_mut().nix_modules = Some(thunk);
        thunk
    }
}
