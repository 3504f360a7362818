//! `a.b.c or d` and `a ? b`.

use std::rc::Rc;

use nix_syntax::hir::{AttrName, SelectionId};

use super::evaluator::Evaluator;
use super::loaded::Loaded;
use crate::value::{
    AttrsId, Env, Eval, ExternalKind, Reason, Slot, Symbol, Thunk, UnknownId, UnknownKind, Value,
};

/// What selecting an attribute gives.
enum Selected {
    Value(Value),
    /// Certainly not there.
    Missing,
    /// It may be there.
    Undecided(UnknownId),
}

/// How many values that failed for a missing attribute are remembered with their sets: a bound on memory.
const MAX_LACKING: usize = 4096;

impl Evaluator {
    pub(super) fn eval_selection(
        &mut self,
        file: &Rc<Loaded>,
        id: SelectionId,
        env: Env,
    ) -> Eval<Value> {
        let selection = file.selection(id);
        let base = self.eval(file, selection.base, env);
        let mut value = base?;
        for (name, _) in file.attr_names(selection.path) {
            let symbol = self.attr_symbol(file, *name, env)?;
            let Some(default) = selection.default else {
                value = self.select(value, symbol)?;
                continue;
            };
            match self.try_select(value, symbol)? {
                Selected::Value(next) => value = next,
                Selected::Missing => return self.eval(file, default, env),
                Selected::Undecided(why) => return Err(why),
            }
        }
        Ok(value)
    }

    pub(super) fn eval_has_attribute(
        &mut self,
        file: &Rc<Loaded>,
        id: SelectionId,
        env: Env,
    ) -> Eval<Value> {
        let selection = file.selection(id);
        let mut value = self.eval(file, selection.base, env)?;
        let path = file.attr_names(selection.path);
        for (index, (name, _)) in path.iter().enumerate() {
            let symbol = self.attr_symbol(file, *name, env)?;
            match value {
                Value::Attrs(set) => match self.arena.attribute(set, symbol) {
                    Some(entry) => {
                        if let Some(why) = entry.maybe {
                            return Err(why);
                        }
                        if index + 1 < path.len() {
                            value = self.force(entry.value)?;
                        }
                    }
                    None => {
                        if let Some(Value::External(more)) = self.extra_builtins(set, symbol) {
                            return Err(self.external_unknown(more));
                        }
                        return match self.arena.attrs_data(set).open {
                            Some(why) => Err(why),
                            None => Ok(Value::Bool(false)),
                        };
                    }
                },
                Value::External(external) => return Err(self.external_unknown(external)),
                _ => return Ok(Value::Bool(false)),
            }
        }
        Ok(Value::Bool(true))
    }

    pub(super) fn attr_symbol(
        &mut self,
        file: &Rc<Loaded>,
        name: AttrName,
        env: Env,
    ) -> Eval<Symbol> {
        match name {
            AttrName::Static(name) => Ok(file.symbol(name)),
            AttrName::Dynamic(expr) => {
                let value = self.eval(file, expr, env)?;
                self.attribute_name(value)
            }
        }
    }

    /// `builtins.extraBuiltins`: a plugin of Nix adds it, so that it may be there.
    fn extra_builtins(&mut self, set: AttrsId, name: Symbol) -> Option<Value> {
        const NAME: &str = "extraBuiltins";
        if self.arena.symbols.name_ref(name) != NAME {
            return None;
        }
        let builtins = self.arena.symbols.find("builtins")?;
        let builtins = self.nix_global(builtins)?;
        if self.force(builtins).ok()? != Value::Attrs(set) {
            return None;
        }
        Some(self.external_root(&format!("builtins.{NAME}"), ExternalKind::Other))
    }

    /// The symbol that a string names.
    pub fn attribute_name(&mut self, value: Value) -> Eval<Symbol> {
        let text = self.expect_text(value)?;
        Ok(self.symbol(&text))
    }

    fn try_select(&mut self, value: Value, name: Symbol) -> Eval<Selected> {
        if let Value::Attrs(set) = value
            && let Some(Value::External(more)) = self.extra_builtins(set, name)
        {
            return Ok(Selected::Undecided(self.external_unknown(more)));
        }
        match value {
            Value::Attrs(set) => match self.arena.attribute(set, name) {
                Some(entry) => match entry.maybe {
                    Some(why) => Ok(Selected::Undecided(why)),
                    None => self.force(entry.value).map(Selected::Value),
                },
                None => match self.hidden_attribute(set, name) {
                    Some(value) => value.map(Selected::Value),
                    None => Ok(match self.arena.attrs_data(set).open {
                        Some(why) => Selected::Undecided(self.undecided_attribute(why, name)),
                        None => Selected::Missing,
                    }),
                },
            },
            Value::External(external) => self.select_external(external, name).map(Selected::Value),
            _ => Ok(Selected::Missing),
        }
    }

    /// A thunk of `base.name`.
    pub(crate) fn attribute_thunk(&mut self, base: Thunk, name: &str) -> Thunk {
        let name = self.symbol(name);
        self.arena.thunk(Slot::Select { base, name })
    }

    /// `value.name`
    pub fn select(&mut self, value: Value, name: Symbol) -> Eval<Value> {
        match value {
            Value::Attrs(set) => self.select_attribute(set, name),
            Value::External(external) => self.select_external(external, name),
            other => {
                let kind = other.type_with_article();
                Err(self.error(format!("value is {kind} while a set was expected")))
            }
        }
    }

    /// The attribute of a set; one that may be there is taken to be.
    pub fn select_attribute(&mut self, set: AttrsId, name: Symbol) -> Eval<Value> {
        match self.arena.attribute(set, name) {
            Some(entry) => self.force(entry.value),
            None => {
                if let Some(value) = self.hidden_attribute(set, name) {
                    return value;
                }
                if let Some(value) = self.extra_builtins(set, name) {
                    return Ok(value);
                }
                match self.arena.attrs_data(set).open {
                    Some(why) => Err(self.undecided_attribute(why, name)),
                    None => {
                        let name = self.name(name);
                        let why = self.unknown(Reason::MissingAttribute(name));
                        if self.lacking.len() < MAX_LACKING {
                            self.lacking.insert(why, set);
                        }
                        Err(why)
                    }
                }
            }
        }
    }

    /// The set that lacks the attribute for which a value failed; `None` if that is not why.
    #[must_use]
    pub fn set_that_lacks(&self, why: UnknownId) -> Option<AttrsId> {
        self.lacking.get(&why).copied()
    }

    /// Whether a value failed for an attribute that one of these sets lacks.
    #[must_use]
    pub fn lack_an_attribute(&self, sets: &[AttrsId]) -> bool {
        self.lacking.values().any(|set| sets.contains(set))
    }

    /// The reason of an open set, with the name of the attribute that would be needed.
    fn undecided_attribute(&mut self, why: UnknownId, name: Symbol) -> UnknownId {
        let unknown = self.arena.unknown_data(why);
        let reason = &unknown.reason;
        if reason.kind() != UnknownKind::Undetermined || reason.is_detailed() {
            return why;
        }
        let reason = Rc::new(reason.clone());
        self.unknown(Reason::Attribute(reason, self.name(name)))
    }

    /// An attribute that an open set does not show, as far as its name says what it is.
    fn hidden_attribute(&mut self, set: AttrsId, name: Symbol) -> Option<Eval<Value>> {
        let function = self.arena.fallback(set)?;
        let name = Value::String(self.arena.symbol_string(name));
        let name = self.arena.ready(name);
        Some(self.call(function, name))
    }

    /// `value.name`, where a missing attribute is nothing and not an error.
    pub fn select_optional(&mut self, value: Value, name: Symbol) -> Eval<Option<Value>> {
        match self.try_select(value, name)? {
            Selected::Value(value) => Ok(Some(value)),
            Selected::Missing => Ok(None),
            Selected::Undecided(why) => Err(why),
        }
    }

    /// `value.a.b.c` by names.
    pub fn select_path(&mut self, value: Value, path: &[&str]) -> Eval<Value> {
        let mut value = value;
        for name in path {
            let symbol = self.symbol(name);
            value = self.select(value, symbol)?;
        }
        Ok(value)
    }
}
