//! One type of two: an option that is declared twice, with a type each time.

use std::rc::Rc;

use super::kind::{Kind, Submodule, TypeId};
use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsId, Entry, Eval, Position, Thunk, UnknownId, Value, well_known};

/// `typeMerge` of a type that `mkOptionType` made: its functor comes first.
pub(crate) static DEFAULT_TYPE_MERGE: Builtin = Builtin {
    name: "defaultTypeMerge",
    arity: 2,
    run: default_type_merge,
};

/// The name that `attrsOf` gives attributes in documentation, unless it is told another.
pub(crate) const DEFAULT_PLACEHOLDER: &str = "name";

impl Evaluator {
    /// The type of an option that is declared with two types, if they go together.
    pub(crate) fn merge_types(&mut self, a: TypeId, b: TypeId) -> Eval<Option<TypeId>> {
        let (first, second) = (self.type_of(a), self.type_of(b));
        match (&first.kind, &second.kind) {
            (Kind::Custom(custom), _) => return self.merge_by_type_merge(custom.set, b),
            // `addCheck` is forgotten.
            (Kind::Checked(inner, _), _) => return self.merge_types(*inner, b),
            (_, Kind::Checked(inner, _)) => return self.merge_types(a, *inner),
            (_, Kind::Custom(custom)) => {
                return match custom.base {
                    Some(base) => self.merge_types(a, base),
                    None => Ok(None),
                };
            }
            (Kind::External, _) => return Ok(Some(b)),
            (_, Kind::External) => return Ok(Some(a)),
            _ if first.name != second.name => return Ok(None),
            _ => {}
        }
        let kind = match (&first.kind, &second.kind) {
            (Kind::Submodule(x), Kind::Submodule(y)) => self.join_submodules(x, y)?,
            (Kind::List { element: x, .. }, Kind::List { element: y, .. }) => {
                let Some(element) = self.merge_types(*x, *y)? else {
                    return Ok(None);
                };
                Kind::List {
                    element,
                    non_empty: false,
                }
            }
            (
                Kind::Attributes {
                    element: x,
                    lazy,
                    placeholder: p,
                },
                Kind::Attributes {
                    element: y,
                    placeholder: q,
                    ..
                },
            ) => {
                let (element, placeholder) =
                    match (self.merge_types(*x, *y)?, one_placeholder(p, q)) {
                        (Some(element), Some(placeholder)) => (element, placeholder),
                        _ => return Ok(None),
                    };
                Kind::Attributes {
                    element,
                    lazy: *lazy,
                    placeholder,
                }
            }
            (
                Kind::OpenAttributes(x),
                Kind::Attributes { element: y, .. } | Kind::OpenAttributes(y),
            )
            | (Kind::Attributes { element: x, .. }, Kind::OpenAttributes(y)) => {
                let Some(element) = self.merge_types(*x, *y)? else {
                    return Ok(None);
                };
                Kind::OpenAttributes(element)
            }
            (Kind::NullOr(x), Kind::NullOr(y)) => {
                let Some(inner) = self.merge_types(*x, *y)? else {
                    return Ok(None);
                };
                Kind::NullOr(inner)
            }
            (Kind::FunctionTo(x), Kind::FunctionTo(y)) => {
                let Some(inner) = self.merge_types(*x, *y)? else {
                    return Ok(None);
                };
                Kind::FunctionTo(inner)
            }
            (Kind::Unique(x, message), Kind::Unique(y, _)) => {
                let Some(inner) = self.merge_types(*x, *y)? else {
                    return Ok(None);
                };
                Kind::Unique(inner, Rc::clone(message))
            }
            (Kind::Either(x, y), Kind::Either(p, q)) => {
                match (self.merge_types(*x, *p)?, self.merge_types(*y, *q)?) {
                    (Some(x), Some(y)) => Kind::Either(x, y),
                    _ => return Ok(None),
                }
            }
            (Kind::Enumeration(x), Kind::Enumeration(y)) => {
                let mut values = x.to_vec();
                for candidate in y.iter() {
                    if !self.contains_value(&values, *candidate)? {
                        values.push(*candidate);
                    }
                }
                Kind::Enumeration(Rc::from(values))
            }
            (Kind::DeferredModule { modules: x }, Kind::DeferredModule { modules: y }) => {
                Kind::DeferredModule {
                    modules: x.iter().chain(y.iter()).copied().collect(),
                }
            }
            (Kind::Tagged(x), Kind::Tagged(y)) => match self.join_tags(*x, *y)? {
                Some(tags) => Kind::Tagged(tags),
                None => return Ok(None),
            },
            (Kind::Text(x), Kind::Text(y)) => return Ok((x == y).then_some(a)),
            (
                Kind::Path {
                    absolute: p,
                    in_store: q,
                },
                Kind::Path {
                    absolute: x,
                    in_store: y,
                },
            ) => return Ok((p == x && q == y).then_some(a)),
            (Kind::Coerced { .. }, _) => return Ok(None),
            (x, y) => {
                let alike = std::mem::discriminant(x) == std::mem::discriminant(y);
                return Ok(alike.then_some(a));
            }
        };
        let name = Rc::clone(&first.name);
        Ok(Some(self.new_type(&name, kind)))
    }

    /// `type.typeMerge other.functor`
    fn merge_by_type_merge(&mut self, set: AttrsId, other: TypeId) -> Eval<Option<TypeId>> {
        let Some(merge) = self.arena.attribute(set, well_known::TYPE_MERGE) else {
            return Ok(None);
        };
        let other = self.type_value(other);
        let other = self.force_attrs(other)?;
        let Some(functor) = self.arena.attribute(other, well_known::FUNCTOR_FIELD) else {
            return Ok(None);
        };
        match self.call(merge.value, functor.value)? {
            Value::Null => Ok(None),
            merged => {
                let merged = self.arena.ready(merged);
                self.resolve_type(merged).map(Some)
            }
        }
    }

    fn join_submodules(&mut self, a: &Submodule, b: &Submodule) -> Eval<Kind> {
        let class = match (&a.class, &b.class) {
            (Some(x), Some(y)) if x != y => {
                return Err(self.throw(format!(
                    "A submoduleWith option is declared multiple times with conflicting class values \"{x}\" and \"{y}\"."
                )));
            }
            (x, y) => x.clone().or_else(|| y.clone()),
        };
        let shorthand_only_defines_config = match (
            a.shorthand_only_defines_config,
            b.shorthand_only_defines_config,
        ) {
            (Some(x), Some(y)) if x != y => {
                return Err(self.throw(
                        "A submoduleWith option is declared multiple times with conflicting shorthandOnlyDefinesConfig values",
                    ));
            }
            (x, y) => x.or(y),
        };
        let special = self.arena.entries(b.special_arguments).to_vec();
        if let Some(entry) = special.iter().find(|entry| {
            self.arena
                .attribute(a.special_arguments, entry.name)
                .is_some()
        }) {
            let name = self.name(entry.name);
            return Err(self.throw(format!(
                "A submoduleWith option is declared multiple times with the same specialArgs \"{name}\""
            )));
        }
        let description = match (a.description, b.description) {
            (Some(_), Some(_)) => {
                return Err(self.throw(
                    "A submoduleWith option is declared multiple times with conflicting descriptions",
                ));
            }
            (x, y) => x.or(y),
        };
        // Merged with itself again and again, a type has twice as many modules each time.
        let count = a.modules.len() + b.modules.len();
        self.check_size(count as u64)?;
        self.arena
            .count_text(count * size_of::<(Thunk, Option<UnknownId>)>());
        Ok(Kind::Submodule(Rc::new(Submodule {
            modules: a.modules.iter().chain(b.modules.iter()).copied().collect(),
            special_arguments: self.update_sets(a.special_arguments, b.special_arguments),
            shorthand_only_defines_config,
            class,
            description,
            open: a.open.or(b.open),
            system: a.system.or(b.system),
        })))
    }

    /// The choices of two unions; a choice of both is an option declared twice.
    fn join_tags(&mut self, a: AttrsId, b: AttrsId) -> Eval<Option<AttrsId>> {
        let both = self.update_sets(a, b);
        let mut entries: Vec<Entry> = self.arena.entries(both).to_vec();
        for entry in &mut entries {
            let (Some(x), Some(y)) = (
                self.arena.attribute(a, entry.name),
                self.arena.attribute(b, entry.name),
            ) else {
                continue;
            };
            let (x, y) = (self.force_attrs(x.value)?, self.force_attrs(y.value)?);
            let kind = match (self.declared_type(x)?, self.declared_type(y)?) {
                (Some(x), Some(y)) => match self.merge_types(x, y)? {
                    Some(kind) => Some(kind),
                    None => return Ok(None),
                },
                (x, y) => x.or(y),
            };
            let mut option = self.update_sets(y, x);
            if let Some(kind) = kind {
                let kind = self.type_value(kind);
                let kind = self.set_of(&[("type", kind)]);
                option = self.update_sets(option, kind);
            }
            for name in [well_known::DECLARATIONS, well_known::DECLARATION_POSITIONS] {
                let list = |evaluator: &mut Self, set| match evaluator.arena.attribute(set, name) {
                    Some(entry) => evaluator.force_exact_list(entry.value),
                    None => Ok(Vec::new()),
                };
                let mut all = list(self, x)?;
                all.extend(list(self, y)?);
                let all = self.list(&all);
                let all = self.arena.ready(all);
                let all = self.single_set(name, all);
                option = self.update_sets(option, all);
            }
            entry.value = self.arena.ready(Value::Attrs(option));
            entry.position = Position::NONE;
        }
        Ok(Some(self.arena.sorted_attrs(&entries, None)))
    }

    /// The type that an option is declared with.
    pub(crate) fn declared_type(&mut self, option: AttrsId) -> Eval<Option<TypeId>> {
        match self.arena.attribute(option, well_known::OPTION_TYPE) {
            Some(entry) => self.resolve_type(entry.value).map(Some),
            None => Ok(None),
        }
    }
}

/// The placeholder of two `attrsOf`: the one that is not the default; nothing if they differ.
fn one_placeholder(a: &Rc<str>, b: &Rc<str>) -> Option<Rc<str>> {
    if a == b || &**b == DEFAULT_PLACEHOLDER {
        Some(Rc::clone(a))
    } else if &**a == DEFAULT_PLACEHOLDER {
        Some(Rc::clone(b))
    } else {
        None
    }
}

/// What two functors of the same name give: by their payloads if they have them.
fn default_type_merge(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [first, second] = arguments(args);
    let (first, second) = (
        evaluator.force_attrs(first)?,
        evaluator.force_attrs(second)?,
    );
    let name = |evaluator: &mut Evaluator, set| evaluator.select_attribute(set, well_known::NAME);
    let (a, b) = (name(evaluator, first)?, name(evaluator, second)?);
    if !evaluator.equal(a, b)? {
        return Ok(Value::Null);
    }
    let field = |evaluator: &mut Evaluator, set: AttrsId, name: &str| {
        let symbol = evaluator.symbol(name);
        evaluator
            .arena
            .attribute(set, symbol)
            .map(|entry| entry.value)
    };
    let payload = match field(evaluator, first, "payload") {
        Some(payload) if evaluator.force(payload)? != Value::Null => Some(payload),
        _ => None,
    };
    let Some(kind) = field(evaluator, first, "type") else {
        return Ok(Value::Null);
    };
    let Some(payload) = payload else {
        return evaluator.force(kind);
    };
    let operands = (
        field(evaluator, first, "binOp"),
        field(evaluator, second, "payload"),
    );
    let (Some(join), Some(other)) = operands else {
        return Ok(Value::Null);
    };
    let joined = evaluator.call2(join, payload, other)?;
    if joined == Value::Null {
        return Ok(Value::Null);
    }
    let joined = evaluator.arena.ready(joined);
    evaluator.call(kind, joined)
}
