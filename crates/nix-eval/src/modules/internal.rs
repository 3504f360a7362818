//! The module that every evaluation has: the options below `_module`.

use std::rc::Rc;

use super::configuration::Configuration;
use super::definition::Definition;
use super::messages::INTERNAL_FILE;
use crate::eval::Evaluator;
use crate::value::{Position, Thunk, Value, well_known};

/// Written in Nix, evaluated by this evaluator.
const TEXT: &str = include_str!("internal.nix");

impl Evaluator {
    /// The module that declares `_module.args`, `_module.check` and their kind.
    pub(crate) fn internal_module(&mut self, is_nested: bool) -> Thunk {
        let [root, nested] = match self.modules().internal_modules {
            Some(both) => both,
            None => {
                let function = self.embedded("internal.nix", TEXT);
                let lib = (self.modules().hooks.lib)(self);
                let both = [false, true].map(|is_nested| {
                    let is_nested = self.arena.ready(Value::Bool(is_nested));
                    self.lazy_apply2(function, lib, is_nested)
                });
                self.modules_mut().internal_modules = Some(both);
                both
            }
        };
        if is_nested { nested } else { root }
    }

    /// What it defines: `_module.args.extendModules`, `_module.args.moduleType` and
    /// `_module.specialArgs` of a configuration.
    pub(super) fn internal_definition(&mut self, configuration: &Rc<Configuration>) -> Definition {
        let id = configuration.id;
        let special = configuration.arguments.special_arguments;
        let value = self.lazy(move |evaluator| {
            let extend = evaluator.extend_function(id);
            let kind = evaluator.lazy(move |evaluator| evaluator.configuration_type(id));
            let args = evaluator.set_of(&[("extendModules", extend), ("moduleType", kind)]);
            let args = evaluator.arena.ready(Value::Attrs(args));
            let special = evaluator.arena.ready(Value::Attrs(special));
            let module = evaluator.set_of(&[("args", args), ("specialArgs", special)]);
            Ok(Value::Attrs(module))
        });
        let whole = self.single(well_known::MODULE, value);
        Definition::new(Rc::from(INTERNAL_FILE), whole, Position::NONE)
    }

    /// The value of a Nix file that is part of this program, by its name below
    /// [`nix_source::EMBEDDED`]. It must parse.
    pub fn embedded(&mut self, name: &str, text: &str) -> Thunk {
        let parsed = self.sources.workspace().parse_embedded(name, text);
        if let Some(error) = parsed.errors.first() {
            let why = self.error(format!("embedded {name}: {}", error.message));
            return self.arena.failed(why);
        }
        let loaded = self.load(parsed);
        self.file_thunk(&loaded)
    }
}
