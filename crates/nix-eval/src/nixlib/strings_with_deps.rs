//! `lib.stringsWithDeps`: pieces of scripts that name what must come before them.

use rustc_hash::FxHashSet;

use super::Namespace;
use super::strings::concat_with;
use super::support::{settle, unknown_elements};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{Eval, Presence, Symbol, Thunk, Value};

pub(super) const NAMESPACE: Namespace = Namespace {
    name: "stringsWithDeps",
    functions: &[
        Builtin::new("fullDepEntry", 2, full_entry),
        Builtin::new("stringAfter", 2, string_after),
        Builtin::new("textClosureMap", 3, closure_map),
    ],
    ..Namespace::EMPTY
};

fn entry(evaluator: &mut Evaluator, text: Thunk, dependencies: Thunk) -> Value {
    Value::Attrs(evaluator.set_of(&[("text", text), ("deps", dependencies)]))
}

/// `fullDepEntry text deps`
fn full_entry(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [text, dependencies] = arguments(args);
    Ok(entry(evaluator, text, dependencies))
}

/// `stringAfter deps text`
fn string_after(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [dependencies, text] = arguments(args);
    Ok(entry(evaluator, text, dependencies))
}

/// The texts of an order, each behind what it depends on.
struct Closure {
    predefined: Value,
    done: FxHashSet<Symbol>,
    texts: Vec<(Thunk, Presence)>,
}

impl Closure {
    fn add(&mut self, evaluator: &mut Evaluator, item: Thunk) -> Eval<()> {
        evaluator.check_size(1)?;
        let forced = evaluator.force(item);
        let value = match settle(evaluator, forced)? {
            Ok(value) => value,
            Err(why) => {
                self.texts.push(unknown_elements(evaluator, why));
                return Ok(());
            }
        };
        // A set is an entry, anything else the name of one.
        if let Value::Attrs(_) = value {
            return self.add_entry(evaluator, value);
        }
        let name = evaluator.attribute_name(value)?;
        if !self.done.insert(name) {
            return Ok(());
        }
        let named = evaluator.select(self.predefined, name);
        match settle(evaluator, named)? {
            Ok(entry) => self.add_entry(evaluator, entry),
            Err(why) => {
                self.texts.push(unknown_elements(evaluator, why));
                Ok(())
            }
        }
    }

    fn add_entry(&mut self, evaluator: &mut Evaluator, entry: Value) -> Eval<()> {
        let dependencies = evaluator.select_path(entry, &["deps"])?;
        let dependencies = evaluator.arena.ready(dependencies);
        self.add_all(evaluator, dependencies)?;
        let text = evaluator.select_path(entry, &["text"]);
        let text = match settle(evaluator, text)? {
            Ok(text) => evaluator.arena.ready(text),
            Err(why) => evaluator.arena.failed(why),
        };
        self.texts.push((text, Presence::Certain));
        Ok(())
    }

    fn add_all(&mut self, evaluator: &mut Evaluator, names: Thunk) -> Eval<()> {
        let names = evaluator.force_list(names)?;
        for (name, presence) in evaluator.arena.list_items(names) {
            match presence {
                Presence::Certain => self.add(evaluator, name)?,
                Presence::Maybe(why) | Presence::Many(why) => {
                    self.texts.push(unknown_elements(evaluator, why));
                }
            }
        }
        Ok(())
    }
}

fn closure(
    evaluator: &mut Evaluator,
    predefined: Thunk,
    names: Thunk,
) -> Eval<Vec<(Thunk, Presence)>> {
    let predefined = evaluator.force(predefined)?;
    let mut closure = Closure {
        predefined,
        done: FxHashSet::default(),
        texts: Vec::new(),
    };
    closure.add_all(evaluator, names)?;
    Ok(closure.texts)
}

/// `textClosureMap f predefined names`: what `f` makes of the texts, a line each.
fn closure_map(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function, predefined, names] = arguments(args);
    let mut texts = closure(evaluator, predefined, names)?;
    for (text, _) in &mut texts {
        *text = evaluator.lazy_apply(function, *text);
    }
    concat_with(evaluator, "\n", &texts)
}
