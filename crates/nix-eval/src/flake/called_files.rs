//! Files of the project that `callPackage` calls and that give no package: functions for the modules.

use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, AttrsId, Eval, External, ExternalId, ExternalKind, Symbol, Thunk, Value,
    well_known,
};

/// An attribute of `pkgs.callPackage ./file.nix { … }`, if the file gives a set that is no package.
pub(super) fn attribute(
    evaluator: &mut Evaluator,
    external: ExternalId,
    name: Symbol,
) -> Option<Eval<Value>> {
    let (packages, file, given) = call_of(evaluator, external)?;
    let set = match evaluator.flakes().called_files.get(&external) {
        Some(known) => *known,
        None => {
            // A file that needs itself gives what a package does.
            evaluator.flakes_mut().called_files.insert(external, None);
            let set = called(evaluator, packages, file, given);
            evaluator.flakes_mut().called_files.insert(external, set);
            set
        }
    }?;
    let entry = evaluator.arena.attribute(set, name)?;
    Some(evaluator.force(entry.value))
}

/// The package set, the file and the arguments of a call of `callPackage`.
fn call_of(evaluator: &Evaluator, external: ExternalId) -> Option<(ExternalId, Thunk, Thunk)> {
    let External::Apply { function, argument } = *evaluator.arena.external_data(external) else {
        return None;
    };
    let given = argument;
    let External::Apply { function, argument } = *evaluator.arena.external_data(function) else {
        return None;
    };
    let External::Select { base, name } = *evaluator.arena.external_data(function) else {
        return None;
    };
    let External::Root { kind, .. } = evaluator.arena.external_data(base) else {
        return None;
    };
    let is_call =
        matches!(kind, ExternalKind::Packages { .. }) && &*evaluator.name(name) == "callPackage";
    is_call.then_some((base, argument, given))
}

/// The set that a file gives; `None` if it gives a package, or what it gives is not known.
fn called(
    evaluator: &mut Evaluator,
    packages: ExternalId,
    file: Thunk,
    given: Thunk,
) -> Option<AttrsId> {
    let Ok(Value::Path(path)) = evaluator.force(file) else {
        return None;
    };
    let function = evaluator.import_path(path).ok()?;
    let function = evaluator.force(function).ok()?;
    let Value::Lambda(_) = function else {
        return None;
    };
    let given = evaluator.force_attrs(given).ok()?;
    let formals = evaluator.formals_of(function);
    let packages = evaluator.arena.ready(Value::External(packages));
    let mut builder = AttrsBuilder::new();
    for (name, _) in formals {
        let value = match evaluator.arena.attribute(given, name) {
            Some(own) => own.value,
            None => {
                let name = evaluator.name(name);
                evaluator.attribute_thunk(packages, &name)
            }
        };
        builder.insert(name, value);
    }
    let arguments = evaluator.arena.attrs(builder);
    let arguments = evaluator.arena.ready(Value::Attrs(arguments));
    let Ok(Value::Attrs(set)) = evaluator.apply(function, arguments) else {
        return None;
    };
    let is_package = evaluator.arena.attribute(set, well_known::TYPE).is_some();
    (!is_package).then_some(set)
}
