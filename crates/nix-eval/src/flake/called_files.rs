//! Files of the project that `callPackage` calls: scripts, packages, and functions for the modules.

use crate::eval::Evaluator;
use crate::value::{
    AttrsBuilder, Eval, External, ExternalId, ExternalKind, Symbol, Thunk, Value, well_known,
};

/// An attribute of `pkgs.callPackage ./file.nix { … }`, if the file gives a set that is no package.
pub(super) fn attribute(
    evaluator: &mut Evaluator,
    external: ExternalId,
    name: Symbol,
) -> Option<Eval<Value>> {
    let Value::Attrs(set) = evaluator.called_value(external)? else {
        return None;
    };
    let is_package = evaluator.arena.attribute(set, well_known::TYPE).is_some();
    let entry = evaluator.arena.attribute(set, name)?;
    (!is_package).then(|| evaluator.force(entry.value))
}

impl Evaluator {
    /// What `pkgs.callPackage ./file.nix { … }` gives: the value of the file's function, with what the package set has
    /// for the arguments that are not given. `None` of any other external, and if the value is not known.
    pub fn called_value(&mut self, external: ExternalId) -> Option<Value> {
        let (packages, function, given) = call_of(self, external)?;
        if let Some(known) = self.flakes().called_files.get(&external) {
            return *known;
        }
        // A file that needs itself gives what a package does.
        self.flakes_mut().called_files.insert(external, None);
        let value = called(self, packages, function, given);
        self.flakes_mut().called_files.insert(external, value);
        value
    }
}

/// The package set, the function or its file, and the arguments of a call of `callPackage`.
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
    if &*evaluator.name(name) != "callPackage" {
        return None;
    }
    // `pkgs.callPackage`, `pkgs.unstable.callPackage`
    let mut root = base;
    while let External::Select { base, .. } = *evaluator.arena.external_data(root) {
        root = base;
    }
    let External::Root { kind, .. } = evaluator.arena.external_data(root) else {
        return None;
    };
    matches!(kind, ExternalKind::Packages { .. }).then_some((base, argument, given))
}

/// The value that a file's function gives; `None` if it is not known.
fn called(
    evaluator: &mut Evaluator,
    packages: ExternalId,
    function: Thunk,
    given: Thunk,
) -> Option<Value> {
    let function = match evaluator.force(function).ok()? {
        Value::Path(path) => {
            let function = evaluator.import_path(path).ok()?;
            evaluator.force(function).ok()?
        }
        function => function,
    };
    let Value::Lambda(_) = function else {
        return None;
    };
    let given = evaluator.force_attrs(given).ok()?;
    let formals = evaluator.formals_of(function);
    let packages = evaluator.arena.ready(Value::External(packages));
    let mut builder = AttrsBuilder::new();
    for entry in evaluator.entries_by_name(given) {
        builder.insert(entry.name, entry.value);
    }
    for (name, _) in formals {
        if evaluator.arena.attribute(given, name).is_none() {
            let text = evaluator.name(name);
            let value = evaluator.attribute_thunk(packages, &text);
            builder.insert(name, value);
        }
    }
    let arguments = evaluator.arena.attrs(builder);
    let arguments = evaluator.arena.ready(Value::Attrs(arguments));
    evaluator.apply(function, arguments).ok()
}
