//! Types of functions and modules: `functionTo`, `deferredModule`.

use super::kind::TypeId;
use crate::eval::Evaluator;
use crate::modules::functions;
use crate::modules::resolved::Resolved;
use crate::value::{
    AttrsBuilder, Eval, Location, Presence, Symbol, Thunk, Value, show_location, well_known,
};

impl Evaluator {
    /// `functionTo`: a function with the formals of all definitions.
    pub(super) fn merge_functions(
        &mut self,
        location: &Location,
        inner: TypeId,
        definitions: &[Resolved],
    ) -> Eval<Value> {
        let function = self.merged_function_value(location, inner, definitions)?;
        let call = self.arena.ready(function);
        let functor = self.partial(&functions::IGNORE_SELF, &[call]);
        let functor = self.arena.ready(functor);
        let functions: Vec<Thunk> = definitions
            .iter()
            .map(|definition| definition.value)
            .collect();
        let formals = self.lazy(move |evaluator| {
            // A formal is optional where no function needs it.
            let mut formals: Vec<(Symbol, bool)> = Vec::new();
            for function in functions {
                let function = evaluator.force(function)?;
                for (name, has_default) in evaluator.formals_of(function) {
                    match formals.iter_mut().find(|(known, _)| *known == name) {
                        Some((_, all)) => *all &= has_default,
                        None => formals.push((name, has_default)),
                    }
                }
            }
            let mut builder = AttrsBuilder::with_capacity(formals.len());
            for (name, has_default) in formals {
                let value = evaluator.arena.ready(Value::Bool(has_default));
                builder.insert(name, value);
            }
            Ok(Value::Attrs(evaluator.arena.attrs(builder)))
        });
        let mut builder = AttrsBuilder::new();
        builder
            .insert(well_known::FUNCTOR, functor)
            .insert(well_known::FUNCTION_ARGS, formals);
        Ok(Value::Attrs(self.arena.attrs(builder)))
    }

    /// `deferredModule`: a module that imports the definitions.
    pub(super) fn merge_deferred(
        &mut self,
        location: &Location,
        modules: &[Thunk],
        definitions: &[Resolved],
    ) -> Value {
        let mut items: Vec<(Thunk, Presence)> = modules
            .iter()
            .map(|module| (*module, Presence::Certain))
            .collect();
        for definition in definitions {
            let shown = show_location(location);
            let file = format!("{}, via option {shown}", definition.file);
            let module = self.located_module(&file, definition.value);
            let presence = definition.maybe.map_or(Presence::Certain, Presence::Maybe);
            items.push((module, presence));
        }
        let imports = Value::List(self.arena.list_of(&items));
        let imports = self.arena.ready(imports);
        Value::Attrs(self.set_of(&[("imports", imports)]))
    }
}
