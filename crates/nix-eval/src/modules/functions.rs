//! Functions that values of the module system carry: a type's `check`, `extendModules`, …

use super::types::TypeId;
use super::{ConfigurationId, Location};
use crate::builtins::{Builtin, arguments};
use crate::eval::Evaluator;
use crate::modules::option::Resolved;
use crate::value::{Eval, PartialApplication, Position, Slot, Thunk, Value, well_known};

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
/// `extendModules { … }`
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

fn hidden_element(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name] = arguments(args);
    let why = evaluator.open_world();
    let set = evaluator.set_of(&[("name", name)]);
    let entries = evaluator.arena.entries(set).to_vec();
    Ok(Value::Attrs(
        evaluator.arena.sorted_attrs(&entries, Some(why)),
    ))
}

impl Evaluator {
    /// A builtin with its first arguments, as a value.
    pub(crate) fn partial(&mut self, builtin: &'static Builtin, arguments: &[Thunk]) -> Value {
        match self.register(builtin) {
            Value::Builtin(id) if !arguments.is_empty() => {
                let partial = PartialApplication {
                    builtin: id,
                    arguments: arguments.iter().copied().collect(),
                };
                Value::Partial(self.arena.partial(partial))
            }
            value => value,
        }
    }

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
            let value = self.coerce(value, crate::eval::Coercion::ToString)?;
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
                    let value = self.coerce(value, crate::eval::Coercion::ToString)?;
                    self.expect_text(value)
                        .unwrap_or_else(|_| "<unknown-file>".into())
                }
                None => "<unknown-file>".into(),
            };
            let Some(value) = self.arena.attribute(set, well_known::VALUE) else {
                return Err(self.error("attribute 'value' missing"));
            };
            definitions.push(Resolved {
                file,
                value: value.value,
                priority: super::DEFAULT_PRIORITY,
                order: super::definition::DEFAULT_ORDER,
                maybe: None,
                position: Position::NONE,
            });
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
    let Some(other) = evaluator.arena.attribute(functor, well_known::OPTION_TYPE) else {
        return Ok(Value::Null);
    };
    let other = evaluator.resolve_type(other.value)?;
    match evaluator.merge_types(id, other)? {
        Some(merged) => {
            let value = evaluator.type_value(merged);
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
    let modules = evaluator.force_exact_list(modules)?;
    match evaluator.replace_submodules(id, &modules) {
        Some(replaced) => {
            let value = evaluator.type_value(replaced);
            evaluator.force(value)
        }
        None => Ok(Value::Null),
    }
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

/// `(types.functionTo t).merge`: calls each definition with the argument, merges what they give.
fn merged_function(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [number, location, definitions, argument] = arguments(args);
    let id = evaluator.force_type_number(number)?;
    let location = evaluator.force_location(location)?;
    let body = crate::modules::child(&location, &"<function body>".into());
    let mut results = Vec::new();
    for definition in evaluator.force_definitions(definitions)? {
        let value = evaluator.arena.thunk(Slot::Apply {
            function: definition.value,
            argument,
        });
        let mut plain = super::Definition::new(definition.file, value, definition.position);
        plain.maybe = definition.maybe;
        results.push(plain);
    }
    let resolved = evaluator.resolve_definitions(results);
    evaluator.merge_resolved(&body, id, resolved, None)
}
