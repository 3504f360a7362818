//! What options of NixOS are that no module of the project declares, as far as a schema says so.
//!
//! The schema gives a tree of values: `services.caddy.user = "caddy"`. It stands behind `config`: where a
//! set of `config` has no such attribute, the tree is asked.

use std::rc::Rc;

use super::id::ConfigurationId;
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsId, Eval, Location, Reason, Thunk, Value};

/// The attribute of the tree that is a function of any other name.
const ANY: &str = "*";

/// An attribute that a set of `config` does not have; its part of the tree comes first.
static FROM_DEFAULTS: Builtin = Builtin {
    name: "default",
    arity: 2,
    run: from_defaults,
};

impl Evaluator {
    /// The part of the tree that belongs to a location of a configuration.
    pub(super) fn default_at(&mut self, id: ConfigurationId, location: &Location) -> Option<Thunk> {
        let mut current = match self.modules().defaults.get(&id) {
            Some(known) => *known,
            None => {
                let defaults = self.make_defaults(id);
                self.modules_mut().defaults.insert(id, defaults);
                defaults
            }
        }?;
        for name in location.iter() {
            current = self.default_below(current, name)?;
        }
        Some(current)
    }

    fn make_defaults(&mut self, id: ConfigurationId) -> Option<Thunk> {
        let configuration = self.configuration_of(id)?;
        let arguments = &configuration.arguments;
        let is_system = arguments.class.as_deref() == Some("nixos") && arguments.prefix.is_empty();
        if !is_system {
            return None;
        }
        let option_defaults = self.modules().hooks.option_defaults;
        option_defaults(self, configuration.config)
    }

    /// The part of a tree below a name.
    pub(super) fn default_below(&mut self, tree: Thunk, name: &str) -> Option<Thunk> {
        let Ok(Value::Attrs(set)) = self.force(tree) else {
            return None;
        };
        let symbol = self.symbol(name);
        if let Some(entry) = self.arena.attribute(set, symbol) {
            return Some(entry.value);
        }
        let any = self.symbol(ANY);
        let any = self.arena.attribute(set, any)?.value;
        let name = self.string_thunk(name);
        Some(self.lazy_apply(any, name))
    }

    /// Makes a set of `config` ask the tree for what it does not have.
    pub(super) fn fall_back(&mut self, set: AttrsId, tree: Option<Thunk>) {
        if let Some(tree) = tree {
            let fallback = self.partial(&FROM_DEFAULTS, &[tree]);
            let fallback = self.arena.ready(fallback);
            self.arena.set_fallback(set, fallback);
        }
    }

    /// A part of the tree as a value of `config`: a set may have more.
    pub(super) fn default_value(&mut self, tree: Thunk) -> Eval<Value> {
        let Value::Attrs(set) = self.force(tree)? else {
            return self.force(tree);
        };
        let any = self.symbol(ANY);
        let entries = self.arena.entries(set).to_vec();
        let entries: Vec<_> = entries
            .into_iter()
            .filter(|entry| entry.name != any)
            .collect();
        let why = self.open_world();
        let mut shown = Vec::with_capacity(entries.len());
        for entry in entries {
            let part = entry.value;
            let value = self.lazy(move |evaluator| evaluator.default_value(part));
            shown.push(crate::value::Entry { value, ..entry });
        }
        let open = self.arena.sorted_attrs(&shown, Some(why));
        self.fall_back(open, Some(tree));
        Ok(Value::Attrs(open))
    }
}

fn from_defaults(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [tree, name] = arguments(args);
    let name = evaluator.force_text(name)?;
    match evaluator.default_below(tree, &name) {
        Some(found) => evaluator.default_value(found),
        None => {
            let why = evaluator.open_world();
            let reason = evaluator.arena.unknown_data(why).reason.clone();
            Err(evaluator.unknown(Reason::Attribute(Rc::new(reason), name)))
        }
    }
}
