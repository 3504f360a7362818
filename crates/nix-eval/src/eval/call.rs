//! Calling functions.

use std::rc::Rc;

use nix_syntax::hir::{self, Parameter};

use super::evaluator::Evaluator;
use super::loaded::Loaded;
use crate::value::{
    Arena, AttrsBuilder, AttrsId, BuiltinId, Closure, ClosureId, Entry, Env, Eval,
    PartialApplication, PartialId, Slot, Thunk, Value, well_known,
};

impl Evaluator {
    /// Calls a function with one argument.
    pub fn apply(&mut self, function: Value, argument: Thunk) -> Eval<Value> {
        self.step()?;
        match function {
            Value::Lambda(closure) => self.call_closure(closure, argument),
            Value::Builtin(id) => self.call_builtin(id, &[argument]),
            Value::Partial(id) => self.call_partial(id, &[argument]),
            Value::Attrs(set) => self.call_functor(function, set, argument),
            Value::External(external) => self.apply_external(external, argument),
            other => {
                let kind = other.type_with_article();
                Err(self.error(format!(
                    "attempt to call something which is not a function but {kind}"
                )))
            }
        }
    }

    /// Whether a function is a builtin that does not run before it has two more arguments.
    pub(super) fn takes_two(&self, function: Value) -> bool {
        match function {
            Value::Builtin(id) => self.builtin(id).is_some_and(|builtin| builtin.arity >= 2),
            Value::Partial(id) => {
                let partial = self.arena.partial_data(id);
                let builtin = self.builtin(partial.builtin);
                builtin.is_some_and(|builtin| builtin.arity >= partial.arguments.len() + 2)
            }
            _ => false,
        }
    }

    /// Calls a function that [takes two](Self::takes_two) with two arguments at once.
    pub(super) fn apply_both(
        &mut self,
        function: Value,
        first: Thunk,
        second: Thunk,
    ) -> Eval<Value> {
        self.step()?;
        self.step()?;
        match function {
            Value::Builtin(id) => self.call_builtin(id, &[first, second]),
            Value::Partial(id) => self.call_partial(id, &[first, second]),
            other => {
                let partial = self.apply(other, first)?;
                self.apply(partial, second)
            }
        }
    }

    fn call_functor(&mut self, this: Value, set: AttrsId, argument: Thunk) -> Eval<Value> {
        let Some(functor) = self.arena.attribute(set, well_known::FUNCTOR) else {
            if let Some(why) = self.arena.attrs_data(set).open {
                return Err(why);
            }
            return Err(self.error("attempt to call something which is not a function but a set"));
        };
        let this = self.arena.ready(this);
        self.call2(functor.value, this, argument)
    }

    /// Gives a builtin more arguments.
    fn call_partial(&mut self, id: PartialId, more: &[Thunk]) -> Eval<Value> {
        let PartialApplication { builtin, arguments } = self.arena.partial_data(id);
        let builtin = *builtin;
        let len = arguments.len() + more.len();
        let all = arguments.iter().chain(more).copied();
        // On the stack, unless a builtin should ever take more.
        let mut few = [Thunk::NONE; 6];
        if len <= few.len() {
            for (place, argument) in few.iter_mut().zip(all) {
                *place = argument;
            }
            let (arguments, _) = few.split_at(len);
            return self.call_builtin(builtin, arguments);
        }
        let all: Vec<Thunk> = all.collect();
        self.call_builtin(builtin, &all)
    }

    fn call_builtin(&mut self, id: BuiltinId, arguments: &[Thunk]) -> Eval<Value> {
        let Some(builtin) = self.builtin(id) else {
            return Err(self.error("no such builtin"));
        };
        if arguments.len() < builtin.arity {
            let partial = PartialApplication {
                builtin: id,
                arguments: Rc::from(arguments),
            };
            return Ok(Value::Partial(self.arena.partial(partial)));
        }
        let site = self.site;
        let result = (builtin.run)(self, arguments);
        self.site = site;
        result
    }

    fn call_closure(&mut self, id: ClosureId, argument: Thunk) -> Eval<Value> {
        let Closure { file, lambda, env } = self.arena.closure_data(id);
        let Some(file) = self.loaded(file) else {
            return Err(self.error("unloaded file"));
        };
        let lambda = file.lambda(lambda);
        let env = match lambda.parameter {
            Parameter::Name(_) => {
                let frame = self.arena.frame(env, 1, false);
                self.arena.set_variable(frame, 0, argument);
                frame
            }
            Parameter::Formals {
                formals,
                ellipsis,
                whole,
            } => {
                let slots = formals.len + u32::from(whole.is_some());
                let frame = self.arena.frame(env, slots, false);
                if whole.is_some() {
                    self.arena.set_variable(frame, formals.len, argument);
                }
                self.bind_formals(&file, formals, ellipsis, frame, argument)?;
                frame
            }
        };
        self.eval(&file, lambda.body, env)
    }

    fn bind_formals(
        &mut self,
        file: &Rc<Loaded>,
        formals: hir::Run,
        ellipsis: bool,
        frame: Env,
        argument: Thunk,
    ) -> Eval<()> {
        let argument = match self.force(argument) {
            Ok(Value::Attrs(set)) => Argument::Set(set),
            Ok(Value::External(external)) => Argument::External(external),
            Ok(other) => {
                let kind = other.type_with_article();
                return Err(self.error(format!("value is {kind} while a set was expected")));
            }
            Err(why) if self.is_error(why) => return Err(why),
            Err(why) => Argument::Unknown(why),
        };
        let mut used = 0;
        for (slot, formal) in (0..).zip(file.formals(formals)) {
            let name = file.symbol(formal.name);
            let thunk = match argument {
                Argument::Set(set) => match self.arena.attribute(set, name) {
                    Some(entry) => {
                        used += 1;
                        match (entry.maybe, formal.default) {
                            (Some(why), Some(_)) => self.arena.failed(why),
                            _ => entry.value,
                        }
                    }
                    None => match (self.arena.attrs_data(set).open, formal.default) {
                        (Some(why), _) => self.arena.failed(why),
                        (None, Some(default)) => {
                            let slot = Slot::Expr {
                                file: file.number,
                                expr: default,
                                env: frame,
                            };
                            self.arena.thunk_from(slot, file.origin(default))
                        }
                        (None, None) => {
                            let name = self.name(name);
                            return Err(self.error(format!(
                                "function called without required argument '{name}'"
                            )));
                        }
                    },
                },
                Argument::External(external) => {
                    self.lazy(move |evaluator| evaluator.select_external(external, name))
                }
                Argument::Unknown(why) => self.arena.failed(why),
            };
            self.arena.set_variable(frame, slot, thunk);
        }
        if let Argument::Set(set) = argument
            && !ellipsis
            && used < self.arena.attrs_data(set).len()
        {
            return self.unexpected_argument(file, formals, set);
        }
        Ok(())
    }

    fn unexpected_argument(&mut self, file: &Loaded, formals: hir::Run, set: AttrsId) -> Eval<()> {
        let formals: Vec<_> = file
            .formals(formals)
            .iter()
            .map(|formal| file.symbol(formal.name))
            .collect();
        for entry in self.arena.entries_by_name(set) {
            if !formals.contains(&entry.name) && entry.maybe.is_none() {
                let name = self.name(entry.name);
                return Err(
                    self.error(format!("function called with unexpected argument '{name}'"))
                );
            }
        }
        Ok(())
    }

    /// The formals of a function with whether each has a default; nothing where it takes anything.
    #[must_use]
    pub fn function_formals(
        &self,
        closure: ClosureId,
    ) -> Option<Vec<(crate::value::Symbol, bool)>> {
        let Closure { file, lambda, .. } = self.arena.closure_data(closure);
        let file = self.loaded(file)?;
        match file.lambda(lambda).parameter {
            Parameter::Name(_) => None,
            Parameter::Formals { formals, .. } => Some(
                file.formals(formals)
                    .iter()
                    .map(|formal| (file.symbol(formal.name), formal.default.is_some()))
                    .collect(),
            ),
        }
    }

    /// `builtins.functionArgs` of a function: each formal, and whether it has a default.
    pub(crate) fn formal_entries(&mut self, closure: ClosureId) -> AttrsBuilder {
        let mut builder = AttrsBuilder::new();
        let Closure { file, lambda, .. } = self.arena.closure_data(closure);
        let Some(file) = self.loaded(file) else {
            return builder;
        };
        let Parameter::Formals { formals, .. } = file.lambda(lambda).parameter else {
            return builder;
        };
        for (index, formal) in (formals.start..).zip(file.formals(formals)) {
            let value = self.arena.ready(Value::Bool(formal.default.is_some()));
            let (name, position) = (file.symbol(formal.name), file.formal_position(index));
            builder.push(Entry {
                name,
                value,
                position,
                maybe: None,
            });
        }
        builder
    }

    /// Whether a value can be called.
    #[must_use]
    pub fn is_function(arena: &Arena, value: Value) -> bool {
        match value {
            Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => true,
            Value::Attrs(set) => arena.attribute(set, well_known::FUNCTOR).is_some(),
            _ => false,
        }
    }
}

/// What a function with formals is called with.
#[derive(Clone, Copy)]
enum Argument {
    Set(AttrsId),
    External(crate::value::ExternalId),
    Unknown(crate::value::UnknownId),
}
