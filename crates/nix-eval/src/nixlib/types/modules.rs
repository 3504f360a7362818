//! Types of modules and of tagged unions.

use std::rc::Rc;

use super::made::named;
use crate::eval::{Evaluator, arguments};
use crate::modules::types::{Kind, Submodule};
use crate::value::{Entry, Eval, Thunk, Value};

/// `submodule module`, `submodule [ modules ]`
pub(super) fn submodule(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
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

pub(super) fn submodule_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
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

pub(super) fn deferred_module_with(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
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

pub(super) fn tagged(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
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
pub(super) fn declared_tag(evaluator: &mut Evaluator, entry: Entry) -> Eval<Entry> {
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
