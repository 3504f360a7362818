//! Types as values.

use std::rc::Rc;

use super::kind::{Kind, Text, TypeId};
use crate::eval::Evaluator;
use crate::modules::configuration::ModuleArguments;
use crate::modules::functions;
use crate::value::{AttrsBuilder, AttrsId, Eval, Location, Slot, Thunk, Value, well_known};

/// An attribute of a type that is made when it is needed.
type OfType = fn(&mut Evaluator, TypeId) -> Eval<Value>;

impl Evaluator {
    /// The value of a type; the same one each time.
    pub(crate) fn type_value(&mut self, id: TypeId) -> Thunk {
        if let Some(thunk) = self.modules().type_values.get(&id) {
            return *thunk;
        }
        let known = self.type_of(id);
        let thunk = self.arena.ready(Value::Null);
        self.modules_mut().type_values.insert(id, thunk);
        let set = match &known.kind {
            Kind::Custom(custom) => custom.set,
            _ => self.native_type_set(id, &known.name),
        };
        self.modules_mut().type_of_set.insert(set, id);
        self.arena.set_slot(thunk, Slot::Value(Value::Attrs(set)));
        thunk
    }

    fn native_type_set(&mut self, id: TypeId, name: &str) -> AttrsId {
        let number = self.arena.ready(Value::Int(i64::from(id.0)));
        let tag = self.string_thunk("option-type");
        let name = self.string_thunk(name);
        let null = self.arena.ready(Value::Null);
        let deprecation = self.symbol("deprecationMessage");
        let mut builder = AttrsBuilder::with_capacity(16);
        builder
            .insert(well_known::TYPE, tag)
            .insert(well_known::NAME, name)
            .insert(well_known::NATIVE_TYPE, number)
            .insert(deprecation, null);
        let functions = [
            (well_known::CHECK, &functions::CHECK),
            (well_known::MERGE, &functions::MERGE),
            (well_known::TYPE_MERGE, &functions::TYPE_MERGE),
            (well_known::GET_SUB_OPTIONS, &functions::SUB_OPTIONS),
            (well_known::SUBSTITUTE_SUBMODULES, &functions::SUBSTITUTE),
        ];
        for (field, function) in functions {
            let value = self.partial(function, &[number]);
            let value = self.arena.ready(value);
            builder.insert(field, value);
        }
        let class = self.symbol("descriptionClass");
        let lazily: [(_, OfType); 6] = [
            (well_known::DESCRIPTION, |evaluator, id| {
                let text = evaluator.type_description(id)?;
                Ok(evaluator.string(&text))
            }),
            (class, |evaluator, id| {
                match evaluator.type_phrase(id).name() {
                    Some(name) => Ok(evaluator.string(name)),
                    None => Ok(Value::Null),
                }
            }),
            (well_known::EMPTY_VALUE, |evaluator, id| {
                let Some(value) = evaluator.empty_value(id)? else {
                    return Ok(Value::Attrs(AttrsId(0)));
                };
                Ok(Value::Attrs(evaluator.set_of(&[("value", value)])))
            }),
            (well_known::NESTED_TYPES, |evaluator, id| {
                Ok(evaluator.nested_types(id))
            }),
            (well_known::GET_SUB_MODULES, |evaluator, id| {
                Ok(match evaluator.sub_modules(id)? {
                    Some(modules) => {
                        let modules: Vec<Thunk> =
                            modules.into_iter().map(|(module, _)| module).collect();
                        evaluator.list(&modules)
                    }
                    None => Value::Null,
                })
            }),
            (well_known::FUNCTOR_FIELD, |evaluator, id| {
                evaluator.type_functor(id)
            }),
        ];
        for (field, compute) in lazily {
            let value = self.lazy(move |evaluator| compute(evaluator, id));
            builder.insert(field, value);
        }
        self.arena.attrs(builder)
    }

    fn nested_types(&mut self, id: TypeId) -> Value {
        let known = self.type_of(id);
        let nested: &[(&str, TypeId)] = match &known.kind {
            Kind::List { element, .. }
            | Kind::Attributes { element, .. }
            | Kind::OpenAttributes(element)
            | Kind::NullOr(element)
            | Kind::Unique(element, _)
            | Kind::FunctionTo(element) => &[("elemType", *element)],
            Kind::Either(a, b) => &[("left", *a), ("right", *b)],
            Kind::Coerced { from, to, .. } => &[("coercedType", *from), ("finalType", *to)],
            Kind::Checked(inner, _) | Kind::PasswordEntry(inner) => {
                return self.nested_types(*inner);
            }
            _ => &[],
        };
        let nested: Vec<_> = nested
            .iter()
            .map(|(name, inner)| (*name, self.type_value(*inner)))
            .collect();
        Value::Attrs(self.set_of(&nested))
    }

    /// `{ name; type; payload; … }`, with the number of the type that it belongs to.
    fn type_functor(&mut self, id: TypeId) -> Eval<Value> {
        let known = self.type_of(id);
        if let Kind::Checked(inner, _) = known.kind {
            return self.type_functor(inner);
        }
        let itself = self.type_value(id);
        let null = self.arena.ready(Value::Null);
        let number = self.arena.ready(Value::Int(i64::from(id.0)));
        let payload = match &known.kind {
            Kind::List { element, .. }
            | Kind::NullOr(element)
            | Kind::Unique(element, _)
            | Kind::FunctionTo(element) => {
                let element = self.type_value(*element);
                vec![("elemType", element)]
            }
            Kind::Attributes {
                element,
                lazy,
                placeholder,
            } => {
                let element = self.type_value(*element);
                let lazy = self.arena.ready(Value::Bool(*lazy));
                let placeholder = self.string_thunk(placeholder);
                vec![
                    ("elemType", element),
                    ("lazy", lazy),
                    ("placeholder", placeholder),
                ]
            }
            Kind::Either(a, b) => {
                let both = [self.type_value(*a), self.type_value(*b)];
                let both = self.list(&both);
                vec![("elemType", self.arena.ready(both))]
            }
            Kind::Enumeration(values) => {
                let values = self.list(values);
                vec![("values", self.arena.ready(values))]
            }
            Kind::Text(Text::Separated(separator)) => {
                vec![("sep", self.string_thunk(separator))]
            }
            Kind::Text(Text::Matching(pattern)) => vec![("pattern", self.string_thunk(pattern))],
            Kind::Submodule(submodule) => {
                let modules: Vec<Thunk> = submodule
                    .modules
                    .iter()
                    .map(|(module, _)| *module)
                    .collect();
                let modules = self.list(&modules);
                let special = self.arena.ready(Value::Attrs(submodule.special_arguments));
                vec![
                    ("modules", self.arena.ready(modules)),
                    ("specialArgs", special),
                ]
            }
            Kind::DeferredModule { modules } => {
                let modules = self.list(modules);
                vec![("staticModules", self.arena.ready(modules))]
            }
            Kind::Tagged(tags) => vec![("tags", self.arena.ready(Value::Attrs(*tags)))],
            _ => Vec::new(),
        };
        let payload = if payload.is_empty() {
            null
        } else {
            let payload = self.set_of(&payload);
            self.arena.ready(Value::Attrs(payload))
        };
        let name = self.string_thunk(&known.name);
        let functor = self.set_of(&[("name", name), ("type", itself), ("payload", payload)]);
        let mut builder = AttrsBuilder::new();
        builder.insert(well_known::NATIVE_TYPE, number);
        let hidden = self.arena.attrs(builder);
        Ok(Value::Attrs(self.update_sets(functor, hidden)))
    }

    /// `type.getSubOptions prefix`: the options of a submodule, else nothing.
    pub(crate) fn type_sub_options(&mut self, id: TypeId, prefix: &Location) -> Eval<Value> {
        // What a type that contains itself has in there is listed already.
        if self.modules().listed.contains(&id) {
            return Ok(Value::Attrs(AttrsId(0)));
        }
        self.modules_mut().listed.push(id);
        let options = self.sub_options(id, prefix);
        self.modules_mut().listed.pop();
        options
    }

    fn sub_options(&mut self, id: TypeId, prefix: &Location) -> Eval<Value> {
        let known = self.type_of(id);
        let below = |name: &str| crate::value::child(prefix, &Rc::from(name));
        match &known.kind {
            Kind::Submodule(submodule) => {
                let arguments = ModuleArguments {
                    prefix: Rc::clone(prefix),
                    check: false,
                    ..submodule.arguments()
                };
                self.documented_options(arguments)
            }
            Kind::DeferredModule { modules } => {
                let modules = modules.iter().map(|module| (*module, None)).collect();
                let arguments = ModuleArguments {
                    prefix: Rc::clone(prefix),
                    check: false,
                    ..super::Submodule::of(modules).arguments()
                };
                self.documented_options(arguments)
            }
            Kind::Attributes {
                element,
                placeholder,
                ..
            } => {
                let prefix = below(&format!("<{placeholder}>"));
                self.type_sub_options(*element, &prefix)
            }
            Kind::OpenAttributes(element) => self.type_sub_options(*element, &below("<name>")),
            Kind::List { element, .. } => self.type_sub_options(*element, &below("*")),
            Kind::FunctionTo(inner) => self.type_sub_options(*inner, &below("<function body>")),
            Kind::NullOr(inner)
            | Kind::Unique(inner, _)
            | Kind::Checked(inner, _)
            | Kind::PasswordEntry(inner)
            | Kind::Coerced { to: inner, .. } => self.type_sub_options(*inner, prefix),
            Kind::Either(a, b) => match self.type_sub_options(*a, prefix)? {
                Value::Attrs(set) if self.arena.entries(set).is_empty() => {
                    self.type_sub_options(*b, prefix)
                }
                options => Ok(options),
            },
            Kind::Tagged(tags) => self.tag_options(*tags, prefix),
            Kind::Custom(custom) => {
                let set = custom.set;
                let Some(entry) = self.arena.attribute(set, well_known::GET_SUB_OPTIONS) else {
                    return Ok(Value::Attrs(AttrsId(0)));
                };
                let prefix = self.location_value(prefix);
                self.call(entry.value, prefix)
            }
            _ => Ok(Value::Attrs(AttrsId(0))),
        }
    }

    /// `options` of modules as documentation sees them, with those of the freeform type.
    fn documented_options(&mut self, arguments: ModuleArguments) -> Eval<Value> {
        let prefix = Rc::clone(&arguments.prefix);
        let configuration = self.configuration(arguments);
        let options = self.force_attrs(configuration.options)?;
        let config = self.force(configuration.config)?;
        let module = self.select(config, well_known::MODULE)?;
        let freeform = match self.select(module, well_known::FREEFORM_TYPE)? {
            Value::Null => return Ok(Value::Attrs(options)),
            freeform => self.arena.ready(freeform),
        };
        let inner = self.lazy(move |evaluator| {
            let id = evaluator.resolve_type(freeform)?;
            evaluator.type_sub_options(id, &prefix)
        });
        let more = self.set_of(&[("_freeformOptions", inner)]);
        Ok(Value::Attrs(self.update_sets(options, more)))
    }

    /// The choices of `attrTag` as options.
    fn tag_options(&mut self, tags: AttrsId, prefix: &Location) -> Eval<Value> {
        let mut entries = self.arena.entries(tags).to_vec();
        for entry in &mut entries {
            let name = self.name(entry.name);
            let location = crate::value::child(prefix, &name);
            let option = self.force_attrs(entry.value)?;
            let location = self.location_value(&location);
            let more = self.set_of(&[("loc", location)]);
            let option = self.update_sets(option, more);
            entry.value = self.arena.ready(Value::Attrs(option));
        }
        Ok(Value::Attrs(self.arena.sorted_attrs(&entries, None)))
    }
}
