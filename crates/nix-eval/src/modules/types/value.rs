//! Types as values, and the kinds that merge by shape.

use std::rc::Rc;

use super::{Kind, Text, TypeId};
use crate::eval::Evaluator;
use crate::modules::option::Resolved;
use crate::modules::{Location, functions, show_location};
use crate::value::{AttrsBuilder, AttrsId, Eval, Thunk, Value, well_known};

impl Evaluator {
    /// The value of a type; the same one each time.
    pub(crate) fn type_value(&mut self, id: TypeId) -> Thunk {
        if let Some(thunk) = self.modules.type_values.get(&id) {
            return *thunk;
        }
        let known = self.type_of(id);
        if let Kind::Custom { set, .. } = known.kind {
            let thunk = self.arena.ready(Value::Attrs(set));
            self.modules.type_values.insert(id, thunk);
            return thunk;
        }
        let thunk = self.arena.ready(Value::Null);
        self.modules.type_values.insert(id, thunk);
        let set = self.native_type_set(id, &known.name);
        self.arena
            .set_slot(thunk, crate::value::Slot::Value(Value::Attrs(set)));
        thunk
    }

    fn native_type_set(&mut self, id: TypeId, name: &str) -> AttrsId {
        let number = self.arena.ready(Value::Int(i64::from(id.0)));
        let tag = self.string_thunk("option-type");
        let name = self.string_thunk(name);
        let mut builder = AttrsBuilder::new();
        builder
            .insert(well_known::TYPE, tag)
            .insert(well_known::NAME, name)
            .insert(well_known::NATIVE_TYPE, number);
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
        let description = self.arena.lazy(move |evaluator| {
            let text = evaluator.type_description(id);
            Ok(evaluator.string(&text))
        });
        builder.insert(well_known::DESCRIPTION, description);
        let empty = self.arena.lazy(move |evaluator| {
            let attributes = match evaluator.empty_value(id)? {
                Some(value) => vec![("value", evaluator.arena.ready(value))],
                None => Vec::new(),
            };
            Ok(Value::Attrs(evaluator.set_of(&attributes)))
        });
        builder.insert(well_known::EMPTY_VALUE, empty);
        let nested = self
            .arena
            .lazy(move |evaluator| Ok(evaluator.nested_types(id)));
        builder.insert(well_known::NESTED_TYPES, nested);
        let modules = self
            .arena
            .lazy(move |evaluator| Ok(evaluator.type_modules(id)));
        builder.insert(well_known::GET_SUB_MODULES, modules);
        let functor = self
            .arena
            .lazy(move |evaluator| Ok(evaluator.type_functor(id)));
        builder.insert(well_known::FUNCTOR_FIELD, functor);
        self.arena.attrs(builder)
    }

    fn nested_types(&mut self, id: TypeId) -> Value {
        let known = self.type_of(id);
        let mut nested: Vec<(&str, Thunk)> = Vec::new();
        let mut add = |evaluator: &mut Self, name, inner| {
            let value = evaluator.type_value(inner);
            nested.push((name, value));
        };
        match &known.kind {
            Kind::List { element, .. } | Kind::Attributes { element, .. } => {
                add(self, "elemType", *element);
            }
            Kind::NullOr(inner) | Kind::Unique(inner, _) | Kind::FunctionTo(inner) => {
                add(self, "elemType", *inner);
            }
            Kind::Either(a, b) => {
                add(self, "left", *a);
                add(self, "right", *b);
            }
            Kind::Coerced { from, to, .. } => {
                add(self, "coercedType", *from);
                add(self, "finalType", *to);
            }
            _ => {}
        }
        Value::Attrs(self.set_of(&nested))
    }

    fn type_modules(&mut self, id: TypeId) -> Value {
        match &self.type_of(id).kind {
            Kind::Submodule(submodule) => {
                let modules: Vec<Thunk> = submodule
                    .modules
                    .iter()
                    .map(|(module, _)| *module)
                    .collect();
                self.list(&modules)
            }
            Kind::Attributes { element, .. } | Kind::List { element, .. } => {
                self.type_modules(*element)
            }
            Kind::NullOr(inner) | Kind::Unique(inner, _) => self.type_modules(*inner),
            _ => Value::Null,
        }
    }

    fn type_functor(&mut self, id: TypeId) -> Value {
        let known = self.type_of(id);
        let name = self.string_thunk(&known.name);
        let itself = self.type_value(id);
        let payload = self.arena.ready(Value::Null);
        Value::Attrs(self.set_of(&[("name", name), ("type", itself), ("payload", payload)]))
    }

    /// `type.getSubOptions prefix`: the options of a submodule, else nothing.
    pub(crate) fn type_sub_options(&mut self, id: TypeId, prefix: &Location) -> Eval<Value> {
        let known = self.type_of(id);
        let below = |name: &str| crate::modules::child(prefix, &Rc::from(name));
        match &known.kind {
            Kind::Submodule(submodule) => {
                let arguments = crate::modules::ModuleArguments {
                    modules: submodule.modules.to_vec(),
                    special_arguments: submodule.special_arguments,
                    prefix: Rc::clone(prefix),
                    class: submodule.class.clone(),
                    open: submodule.open,
                    file: Rc::from("<unknown-file>"),
                    check: false,
                };
                let configuration = self.configuration(arguments);
                self.force(configuration.options)
            }
            Kind::Attributes { element, .. } => self.type_sub_options(*element, &below("<name>")),
            Kind::List { element, .. } => self.type_sub_options(*element, &below("*")),
            Kind::FunctionTo(inner) => self.type_sub_options(*inner, &below("<function body>")),
            Kind::NullOr(inner) | Kind::Unique(inner, _) | Kind::Checked(inner, _) => {
                self.type_sub_options(*inner, prefix)
            }
            Kind::Either(a, b) => match self.type_sub_options(*a, prefix)? {
                Value::Attrs(set) if self.arena.entries(set).is_empty() => {
                    self.type_sub_options(*b, prefix)
                }
                options => Ok(options),
            },
            Kind::Coerced { to, .. } => self.type_sub_options(*to, prefix),
            _ => Ok(Value::Attrs(AttrsId(0))),
        }
    }

    /// A type as Nix describes it in its messages.
    pub(crate) fn type_description(&mut self, id: TypeId) -> String {
        let known = self.type_of(id);
        match &known.kind {
            Kind::Unspecified => "unspecified value".to_owned(),
            Kind::Anything => "anything".to_owned(),
            Kind::Raw => "raw value".to_owned(),
            Kind::Boolean | Kind::BooleanByOr => "boolean".to_owned(),
            Kind::Integer(i64::MIN, i64::MAX) => "signed integer".to_owned(),
            Kind::Integer(0, i64::MAX) => "unsigned integer, meaning >=0".to_owned(),
            Kind::Integer(1, i64::MAX) => "positive integer, meaning >0".to_owned(),
            Kind::Integer(low, high) => {
                format!("integer between {low} and {high} (both inclusive)")
            }
            Kind::Float => "floating point number".to_owned(),
            Kind::Number(..) => "signed integer or floating point number".to_owned(),
            Kind::Text(Text::Any) => "string".to_owned(),
            Kind::Text(Text::NonEmpty) => "non-empty string".to_owned(),
            Kind::Text(Text::SingleLine) => {
                "(optionally newline-terminated) single-line string".to_owned()
            }
            Kind::Text(Text::Matching(pattern)) => format!("string matching the pattern {pattern}"),
            Kind::Text(Text::Separated(separator)) => match &**separator {
                "\n" => "strings concatenated with \"\\n\"".to_owned(),
                other => format!("strings concatenated with {other:?}"),
            },
            Kind::Path { .. } => "absolute path".to_owned(),
            Kind::Package => "package".to_owned(),
            Kind::Enumeration(values) => {
                let shown: Vec<String> = values
                    .iter()
                    .map(|value| {
                        let value = self.force(*value);
                        crate::print::Printer::default().print(self, value)
                    })
                    .collect();
                match shown.as_slice() {
                    [] => "impossible (empty enum)".to_owned(),
                    [one] => format!("value {one} (singular enum)"),
                    many => format!("one of {}", many.join(", ")),
                }
            }
            Kind::List { element, non_empty } => {
                let element = self.type_description(*element);
                let prefix = if *non_empty { "non-empty " } else { "" };
                format!("{prefix}list of {element}")
            }
            Kind::Attributes { element, lazy } => {
                let element = self.type_description(*element);
                let prefix = if *lazy { "lazy " } else { "" };
                format!("{prefix}attribute set of {element}")
            }
            Kind::AnyAttributes => "attribute set".to_owned(),
            Kind::OpenAttributes(element) => {
                format!("attribute set of {}", self.type_description(*element))
            }
            Kind::NullOr(inner) => format!("null or {}", self.type_description(*inner)),
            Kind::Either(a, b) => {
                format!(
                    "{} or {}",
                    self.type_description(*a),
                    self.type_description(*b)
                )
            }
            Kind::Coerced { from, to, .. } => format!(
                "{} or {} convertible to it",
                self.type_description(*to),
                self.type_description(*from)
            ),
            Kind::Submodule(_) => "submodule".to_owned(),
            Kind::DeferredModule { .. } => "module".to_owned(),
            Kind::FunctionTo(inner) => {
                format!(
                    "function that evaluates to a(n) {}",
                    self.type_description(*inner)
                )
            }
            Kind::OptionType => "optionType".to_owned(),
            Kind::Unique(inner, _) | Kind::Checked(inner, _) => self.type_description(*inner),
            Kind::Tagged(_) => "attribute-tagged union".to_owned(),
            Kind::Custom { set, .. } => match self.arena.attribute(*set, well_known::DESCRIPTION) {
                Some(entry) => match self.force_text(entry.value) {
                    Ok(text) => text.to_string(),
                    Err(_) => known.name.to_string(),
                },
                None => known.name.to_string(),
            },
            Kind::External => "external type".to_owned(),
        }
    }

    /// `types.anything`: sets merge by name, lists must be one, functions merge their results.
    pub(crate) fn merge_anything(
        &mut self,
        location: &Location,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        let mut all_sets = true;
        for definition in &definitions {
            match self.force(definition.value) {
                Ok(Value::Attrs(set)) => {
                    let opaque = [well_known::TYPE, well_known::OUT_PATH, well_known::FUNCTOR]
                        .iter()
                        .any(|name| self.arena.attribute(set, *name).is_some());
                    all_sets &= !opaque;
                }
                Ok(_) => all_sets = false,
                Err(why) if self.is_error(why) => return Err(why),
                Err(_) => {}
            }
        }
        if all_sets && !definitions.is_empty() {
            let anything = self.new_type("anything", Kind::Anything);
            return self
                .merge_attributes(location, anything, true, definitions)
                .map(Value::Attrs);
        }
        self.merge_equal(location, definitions)
    }

    /// `types.unspecified` and types that are not in the project: one definition is itself, lists
    /// join, sets join by name, equal values are one.
    pub(crate) fn merge_by_shape(
        &mut self,
        location: &Location,
        definitions: Vec<Resolved>,
    ) -> Eval<Value> {
        if let [one] = definitions.as_slice() {
            return self.force(one.value);
        }
        let mut lists = 0;
        let mut sets = 0;
        for definition in &definitions {
            match self.force(definition.value) {
                Ok(Value::List(_)) => lists += 1,
                Ok(Value::Attrs(_)) => sets += 1,
                _ => {}
            }
        }
        if definitions.is_empty() {
            let shown = show_location(location);
            return Err(self.error(format!(
                "The option `{shown}' was accessed but has no value defined. Try setting the option."
            )));
        }
        if lists == definitions.len() {
            let mut items = Vec::new();
            for definition in &definitions {
                let value = self.force(definition.value);
                items.extend(self.concat_operand(value)?);
            }
            return Ok(Value::List(self.arena.list_of(&items)));
        }
        if sets == definitions.len() {
            let unspecified = TypeId::UNSPECIFIED;
            return self
                .merge_attributes(&Rc::clone(location), unspecified, true, definitions)
                .map(Value::Attrs);
        }
        self.merge_equal(location, definitions)
    }
}
