//! Attribute sets and the frames of `let`.

use std::rc::Rc;

use nix_syntax::hir::{self, BindingId, BindingValue};

use super::evaluator::Evaluator;
use super::loaded::Loaded;
use crate::value::{AttrsBuilder, Entry, Env, Eval, Slot, Thunk, UnknownId, Value, well_known};

impl Evaluator {
    /// The frame of a `let` or `rec` set.
    pub(super) fn recursive_frame(&mut self, file: &Rc<Loaded>, set: hir::Set, env: Env) -> Env {
        let env = self.arena.frame(env, set.bindings.len, false);
        let sources = self.sources(file, set, env);
        for (slot, binding) in (0..).zip(file.bindings(set.bindings)) {
            let thunk = self.binding_thunk(file, binding, &sources, env);
            self.arena.set_variable(env, slot, thunk);
        }
        env
    }

    fn has_overrides(&self, file: &Loaded, set: hir::Set) -> bool {
        let mut bindings = file.bindings(set.bindings).iter();
        bindings.any(|binding| file.symbol(binding.name) == well_known::OVERRIDES)
    }

    /// Gives each variable a thunk of its own: `rec { a = 1; b = a; }` has one for both, but `a`
    /// may be overridden.
    fn separate_variables(&mut self, file: &Loaded, set: hir::Set, env: Env) {
        for (slot, binding) in (0..).zip(file.bindings(set.bindings)) {
            if let BindingValue::Expr(expr) = binding.value {
                let state = Slot::Expr {
                    file: file.number,
                    expr,
                    env,
                };
                let thunk = self.arena.thunk_from(state, file.origin(expr));
                self.arena.set_variable(env, slot, thunk);
            }
        }
    }

    fn sources(&mut self, file: &Rc<Loaded>, set: hir::Set, env: Env) -> Vec<Thunk> {
        file.children(set.sources)
            .iter()
            .map(|source| self.thunk_of(file, *source, env))
            .collect()
    }

    fn binding_thunk(
        &mut self,
        file: &Rc<Loaded>,
        binding: &hir::Binding,
        sources: &[Thunk],
        env: Env,
    ) -> Thunk {
        match binding.value {
            BindingValue::Expr(expr) => self.thunk_of(file, expr, env),
            BindingValue::From(index) => {
                let name = file.symbol(binding.name);
                match sources.get(index as usize) {
                    Some(base) => self.arena.thunk(Slot::Select { base: *base, name }),
                    None => {
                        let why = self.error("inherit from nothing");
                        self.arena.failed(why)
                    }
                }
            }
        }
    }

    pub(super) fn eval_set(&mut self, file: &Rc<Loaded>, set: hir::Set, env: Env) -> Eval<Value> {
        let count = set.bindings.len;
        let mut builder = AttrsBuilder::with_capacity((count + set.dynamic.len) as usize);
        let inner = if set.recursive {
            let inner = self.recursive_frame(file, set, env);
            if self.has_overrides(file, set) {
                self.separate_variables(file, set, inner);
            }
            for (slot, binding) in (0..).zip(file.bindings(set.bindings)) {
                let value = self.arena.variable(inner, slot);
                self.push_binding(&mut builder, file, set, slot, binding, value);
            }
            inner
        } else {
            let sources = self.sources(file, set, env);
            for (slot, binding) in (0..).zip(file.bindings(set.bindings)) {
                let value = self.binding_thunk(file, binding, &sources, env);
                self.push_binding(&mut builder, file, set, slot, binding, value);
            }
            env
        };
        if set.recursive && self.has_overrides(file, set) {
            self.apply_overrides(file, set, inner, &mut builder)?;
        }
        if set.dynamic.len > 0 {
            self.add_dynamic_bindings(file, set, inner, &mut builder)?;
        }
        Ok(Value::Attrs(self.arena.attrs(builder)))
    }

    fn push_binding(
        &mut self,
        builder: &mut AttrsBuilder,
        file: &Loaded,
        set: hir::Set,
        slot: u32,
        binding: &hir::Binding,
        value: Thunk,
    ) {
        let position = file.position(BindingId(set.bindings.start + slot));
        builder.push(Entry {
            name: file.symbol(binding.name),
            value,
            position,
            maybe: None,
        });
    }

    /// `rec { __overrides = { … }; }`: the overrides replace attributes, for the set itself, too.
    fn apply_overrides(
        &mut self,
        file: &Rc<Loaded>,
        set: hir::Set,
        env: Env,
        builder: &mut AttrsBuilder,
    ) -> Eval<()> {
        let bindings = file.bindings(set.bindings);
        let Some(slot) = bindings
            .iter()
            .position(|b| file.symbol(b.name) == well_known::OVERRIDES)
        else {
            return Ok(());
        };
        let overrides = self.arena.variable(env, u32::try_from(slot).unwrap_or(0));
        let overrides = match self.force(overrides) {
            Ok(Value::Attrs(overrides)) => overrides,
            Ok(other) if !matches!(other, Value::External(_)) => {
                return Err(self.type_error(other, "a set"));
            }
            Err(why) if self.is_error(why) => return Err(why),
            // Which attributes are replaced is not known.
            Err(why) => return self.hide_overridable(builder, why),
            Ok(other) => {
                let why = self.type_error(other, "a set");
                return self.hide_overridable(builder, why);
            }
        };
        for entry in self.arena.entries(overrides).to_vec() {
            if let Some(slot) = bindings
                .iter()
                .position(|b| file.symbol(b.name) == entry.name)
            {
                self.arena
                    .set_variable(env, u32::try_from(slot).unwrap_or(0), entry.value);
            }
            builder.push(entry);
        }
        Ok(())
    }

    fn hide_overridable(&mut self, builder: &mut AttrsBuilder, why: UnknownId) -> Eval<()> {
        builder.open(why);
        for entry in builder.entries_mut() {
            entry.value = self.arena.failed(why);
        }
        Ok(())
    }

    fn add_dynamic_bindings(
        &mut self,
        file: &Rc<Loaded>,
        set: hir::Set,
        env: Env,
        builder: &mut AttrsBuilder,
    ) -> Eval<()> {
        let mut seen: Vec<_> = file
            .bindings(set.bindings)
            .iter()
            .map(|b| file.symbol(b.name))
            .collect();
        for (index, binding) in (set.dynamic.start..).zip(file.dynamic_bindings(set.dynamic)) {
            let name = match self.eval(file, binding.name, env) {
                Ok(Value::Null) => continue,
                Ok(value) => match self.attribute_name(value) {
                    Ok(name) => name,
                    Err(why) if self.is_error(why) => return Err(why),
                    Err(why) => {
                        builder.open(why);
                        continue;
                    }
                },
                Err(why) if self.is_error(why) => return Err(why),
                Err(why) => {
                    builder.open(why);
                    continue;
                }
            };
            if seen.contains(&name) {
                let name = self.name(name);
                return Err(self.error(format!("dynamic attribute '{name}' already defined")));
            }
            seen.push(name);
            let value = self.thunk_of(file, binding.value, env);
            let position = file.dynamic_position(index);
            builder.push(Entry {
                name,
                value,
                position,
                maybe: None,
            });
        }
        Ok(())
    }
}
