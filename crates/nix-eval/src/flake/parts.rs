//! flake-parts' `mkFlake`.

use std::rc::Rc;

use crate::eval::Evaluator;
use crate::modules::{Configuration, ModuleArguments};
use crate::value::{AttrsBuilder, AttrsId, Eval, ExternalKind, Location, Thunk, Value, well_known};

impl Evaluator {
    /// `mkFlake { inputs ? self.inputs; self ? inputs.self; specialArgs; } module`: the `flake` option of the
    /// module's evaluation.
    pub(crate) fn flake_parts(&mut self, set: AttrsId, module: Thunk) -> Eval<Value> {
        let given = |name| self.arena.attribute(set, name).map(|entry| entry.value);
        let (inputs, itself) = match (given(well_known::INPUTS), given(well_known::SELF)) {
            (Some(inputs), Some(itself)) => (inputs, itself),
            (Some(inputs), None) => (inputs, self.attribute_thunk(inputs, "self")),
            (None, Some(itself)) => (self.attribute_thunk(itself, "inputs"), itself),
            (None, None) => {
                return Err(self.error("function called without required argument 'inputs'"));
            }
        };
        let mut builder = AttrsBuilder::new();
        builder
            .insert(well_known::INPUTS, inputs)
            .insert(well_known::SELF, itself);
        let library = self.flake_parts_lib();
        let name = self.symbol("flake-parts-lib");
        builder.insert(name, library);
        let mut special_arguments = self.arena.attrs(builder);
        if let Ok(Some(Value::Attrs(more))) = self.argument(set, "specialArgs") {
            special_arguments = self.update_sets(special_arguments, more);
        }
        let schema = match self.flakes().flake_parts_schema {
            Some(schema) => schema,
            None => {
                let text = include_str!("parts.nix");
                let function = self.embedded("flake-parts.nix", text);
                let undeclared = self.external_type();
                let undeclared = self.type_value(undeclared);
                let unseen = self.external_root("a module of flake-parts", ExternalKind::Other);
                let unseen = self.arena.ready(unseen);
                let arguments = self.set_of(&[("undeclared", undeclared), ("unseen", unseen)]);
                let arguments = self.arena.ready(Value::Attrs(arguments));
                let schema = self.lazy_apply(function, arguments);
                self.flakes_mut().flake_parts_schema = Some(schema);
                schema
            }
        };
        let open = self.open_world();
        let modules = vec![(schema, None), (module, None)];
        let configuration = self.configuration(ModuleArguments {
            modules,
            special_arguments,
            prefix: Location::from([]),
            class: Some(Rc::from("flake")),
            open: Some(open),
            file: Rc::from("flake.nix"),
            check: false,
        });
        let config = self.force(configuration.config)?;
        let name = self.symbol("flake");
        let flake = self.select(config, name)?;
        Ok(self.opened_by_missing(flake, &configuration))
    }

    /// `flake-parts-lib`: modules may need it to import others.
    fn flake_parts_lib(&mut self) -> Thunk {
        let function = self.embedded("flake-parts-lib.nix", include_str!("parts-lib.nix"));
        let lib = self.lib();
        let arguments = self.set_of(&[("lib", lib)]);
        let arguments = self.arena.ready(Value::Attrs(arguments));
        self.lazy_apply(function, arguments)
    }

    /// The outputs of a flake, which a module that is not here may add to.
    fn opened_by_missing(&mut self, flake: Value, configuration: &Configuration) -> Value {
        let Value::Attrs(set) = flake else {
            return flake;
        };
        let missing = configuration.missing_modules();
        let mut most = missing.iter();
        let most = most.find(|why| !self.defines_no_configuration(**why));
        let Some(why) = most.or(missing.first()).copied() else {
            return flake;
        };
        let open = self.open_reason(set).unwrap_or(why);
        let entries = self.arena.entries(set).to_vec();
        Value::Attrs(self.arena.sorted_attrs(&entries, Some(open)))
    }
}
