//! Functions that values of the module system carry: a type's `check`, `extendModules`, …

use super::definition::Definition;
use super::id::ConfigurationId;
use super::resolved::Resolved;
use super::types::kind::TypeId;
use crate::eval::{Builtin, Coercion, Evaluator, arguments};
use crate::value::{
    AttrsId, Eval, Location, Position, Reason, Slot, Thunk, Value, show_location, well_known,
};

/// `type.check value`; the type's number comes first.
pub(super) static CHECK: Builtin = Builtin {
    name: "check",
    arity: 2,
    run: check,
};
/// `type.merge loc defs`
pub(super) static MERGE: Builtin = Builtin {
    name: "merge",
    arity: 3,
    run: merge,
};
/// `type.typeMerge functor`
pub(super) static TYPE_MERGE: Builtin = Builtin {
    name: "typeMerge",
    arity: 2,
    run: type_merge,
};
/// `type.getSubOptions prefix`
pub(super) static SUB_OPTIONS: Builtin = Builtin {
    name: "getSubOptions",
    arity: 2,
    run: sub_options,
};
/// `type.substSubModules modules`
pub(super) static SUBSTITUTE: Builtin = Builtin {
    name: "substSubModules",
    arity: 2,
    run: substitute,
};
/// `extendModules { … }`; the configuration's number comes first.
pub(super) static EXTEND_MODULES: Builtin = Builtin {
    name: "extendModules",
    arity: 2,
    run: extend_modules,
};
/// The function that `functionTo` merges functions into.
pub(super) static MERGED_FUNCTION: Builtin = Builtin {
    name: "functionTo",
    arity: 4,
    run: merged_function,
};
/// What is known of an element that an open `attrsOf` does not show: its `name`.
pub(super) static HIDDEN_ELEMENT: Builtin = Builtin {
    name: "hidden element",
    arity: 1,
    run: hidden_element,
};
/// `__functor` of a set that is called as a function that does not look at the set.
pub(super) static IGNORE_SELF: Builtin = Builtin {
    name: "__functor",
    arity: 2,
    run: |evaluator, args| {
        let [function, _] = arguments(args);
        evaluator.force(function)
    },
};
/// `__toString` of an option; its location comes first.
pub(super) static SHOW_LOCATION: Builtin = Builtin {
    name: "__toString",
    arity: 2,
    run: |evaluator, args| {
        let [location, _] = arguments(args);
        let location = evaluator.force_location(location)?;
        Ok(evaluator.string(&show_location(&location)))
    },
};

impl Evaluator {
    fn force_type_number(&mut self, thunk: Thunk) -> Eval<TypeId> {
        let number = self.force_int(thunk)?;
        Ok(TypeId(u32::try_from(number).unwrap_or(0)))
    }

    /// A location from a list of strings.
    pub(crate) fn force_location(&mut self, thunk: Thunk) -> Eval<Location> {
        let items = self.force_exact_list(thunk)?;
        let mut location = Vec::with_capacity(items.len());
        for item in items {
            let value = self.force(item)?;
            let value = self.coerce(value, Coercion::ToString)?;
            location.push(self.expect_text(value)?);
        }
        Ok(Location::from(location))
    }

    /// `[ { file; value; } ]` as definitions.
    pub(crate) fn force_definitions(&mut self, thunk: Thunk) -> Eval<Vec<Resolved>> {
        let mut definitions = Vec::new();
        for item in self.force_exact_list(thunk)? {
            let set = self.force_attrs(item)?;
            let file = match self.arena.attribute(set, well_known::SOURCE_FILE) {
                Some(entry) => {
                    let value = self.force(entry.value)?;
                    let value = self.coerce(value, Coercion::ToString)?;
                    self.expect_text(value)
                        .unwrap_or_else(|_| "<unknown-file>".into())
                }
                None => "<unknown-file>".into(),
            };
            let Some(value) = self.arena.attribute(set, well_known::VALUE) else {
                return Err(self.unknown(Reason::MissingAttribute("value".into())));
            };
            definitions.push(Resolved::plain(file, value.value));
        }
        Ok(definitions)
    }
}

fn check(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [number, value] = arguments(args);
    let id = evaluator.force_type_number(number)?;
    evaluator.accepts(id, value).map(Value::Bool)
}

fn merge(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [number, location, definitions] = arguments(args);
    let id = evaluator.force_type_number(number)?;
    let location = evaluator.force_location(location)?;
    let definitions = evaluator.force_definitions(definitions)?;
    evaluator.merge_checked(&location, id, definitions)
}

fn type_merge(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [number, functor] = arguments(args);
    let id = evaluator.force_type_number(number)?;
    let functor = evaluator.force_attrs(functor)?;
    // Only a native type's functor says which type it is of.
    let Some(other) = evaluator.native_type(functor)? else {
        return Ok(Value::Null);
    };
    optional_type(evaluator, |evaluator| evaluator.merge_types(id, other))
}

fn optional_type(
    evaluator: &mut Evaluator,
    make: impl FnOnce(&mut Evaluator) -> Eval<Option<TypeId>>,
) -> Eval<Value> {
    match make(evaluator)? {
        Some(id) => {
            let value = evaluator.type_value(id);
            evaluator.force(value)
        }
        None => Ok(Value::Null),
    }
}

fn sub_options(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [number, prefix] = arguments(args);
    let id = evaluator.force_type_number(number)?;
    let prefix = evaluator.force_location(prefix)?;
    evaluator.type_sub_options(id, &prefix)
}

fn substitute(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [number, modules] = arguments(args);
    let id = evaluator.force_type_number(number)?;
    let modules = evaluator.force(modules);
    let modules = evaluator.uncertain_list(modules)?;
    optional_type(evaluator, |evaluator| {
        evaluator.replace_submodules(id, &modules)
    })
}

fn extend_modules(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [number, set] = arguments(args);
    let number = evaluator.force_int(number)?;
    let set = evaluator.force_attrs(set)?;
    evaluator.extend_modules(
        ConfigurationId(u32::try_from(number).unwrap_or(u32::MAX)),
        set,
    )
}

/// Calls each definition with the argument and merges what they give.
fn merged_function(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [number, location, definitions, argument] = arguments(args);
    let id = evaluator.force_type_number(number)?;
    let location = evaluator.force_location(location)?;
    let body = crate::value::child(&location, &"<function body>".into());
    let mut results = Vec::new();
    for definition in evaluator.force_definitions(definitions)? {
        let value = evaluator.arena.thunk(Slot::Apply {
            function: definition.value,
            argument,
        });
        results.push(Definition::new(definition.file, value, Position::NONE));
    }
    let resolved = evaluator.resolve_all(&results)?;
    evaluator.merge_resolved(&body, id, resolved)
}

fn hidden_element(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name] = arguments(args);
    let why = evaluator.open_world();
    let set: AttrsId = evaluator.set_of(&[("name", name)]);
    let entries = evaluator.arena.entries(set).to_vec();
    Ok(Value::Attrs(
        evaluator.arena.sorted_attrs(&entries, Some(why)),
    ))
}
