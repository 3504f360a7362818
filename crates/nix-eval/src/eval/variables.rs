//! Variables without a lexical binder.

use nix_syntax::hir;

use super::evaluator::Evaluator;
use super::loaded::Loaded;
use crate::value::{Env, Eval, Symbol, Thunk, Value};

impl Evaluator {
    pub(super) fn lookup_global(&mut self, file: &Loaded, name: hir::NameId) -> Eval<Thunk> {
        let symbol = file.symbol(name);
        if let Some(scoped) = self.lookup_scope(file, symbol)? {
            return Ok(scoped);
        }
        match self.global(symbol) {
            Some(thunk) => Ok(thunk),
            None => {
                let name = self.name(symbol);
                Err(self.error(format!("undefined variable '{name}'")))
            }
        }
    }

    /// A variable that `scopedImport` adds.
    fn lookup_scope(&mut self, file: &Loaded, name: Symbol) -> Eval<Option<Thunk>> {
        let Some(scope) = file.scope else {
            return Ok(None);
        };
        match self.arena.attribute(scope, name) {
            Some(entry) => Ok(Some(entry.value)),
            None => self.arena.attrs_data(scope).open.map_or(Ok(None), Err),
        }
    }

    /// Looks a variable up among Nix's globals, which no `with` hides, then in the `with` frames
    /// from the inside out.
    pub(super) fn lookup_with(
        &mut self,
        file: &Loaded,
        name: hir::NameId,
        env: Env,
        depth: u32,
    ) -> Eval<Thunk> {
        let symbol = file.symbol(name);
        if let Some(scoped) = self.lookup_scope(file, symbol)? {
            return Ok(scoped);
        }
        if let Some(thunk) = self.nix_global(symbol) {
            return Ok(thunk);
        }
        let mut frame = self.arena.ancestor(env, depth);
        let mut undecided = None;
        while frame != Env::EMPTY {
            if self.arena.is_with_frame(frame) {
                let scope = self.arena.variable(frame, 0);
                match self.force(scope) {
                    Ok(Value::Attrs(set)) => {
                        if let Some(entry) = self.arena.attribute(set, symbol)
                            && (entry.maybe.is_none() || undecided.is_none())
                        {
                            return Ok(entry.value);
                        }
                        if let Some(why) = self.arena.attrs_data(set).open {
                            undecided.get_or_insert(why);
                        }
                    }
                    Ok(Value::External(external)) => {
                        let value = self.select_external(external, symbol)?;
                        return Ok(self.arena.ready(value));
                    }
                    Ok(other) => {
                        let kind = other.type_with_article();
                        return Err(self.error(format!("value is {kind} while a set was expected")));
                    }
                    Err(why) if self.is_error(why) => return Err(why),
                    Err(why) => {
                        undecided.get_or_insert(why);
                    }
                }
            }
            frame = self.arena.ancestor(frame, 1);
        }
        match (self.global(symbol), undecided) {
            (Some(thunk), _) => Ok(thunk),
            (None, Some(why)) => Err(why),
            (None, None) => self.lookup_global(file, name),
        }
    }
}
