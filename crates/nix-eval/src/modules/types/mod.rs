//! Option types: what they accept and how they merge definitions.
//!
//! A type is a value like any other, a set with `_type = "option-type"`, so that a project can look
//! into it, extend it with `//`, or make its own with `mkOptionType`. A native one carries the number
//! of its [`Type`] besides; a changed `check` or `merge` takes precedence over the native one.

mod check;
mod merge;
mod submodule;
mod value;

use std::rc::Rc;

use crate::eval::Evaluator;
use crate::value::{AttrsId, Eval, Thunk, Value, well_known};

pub(crate) use submodule::Submodule;

/// A type: an index into the evaluator's table of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u32);

impl TypeId {
    /// `types.unspecified`: what an option without a type has.
    pub(crate) const UNSPECIFIED: Self = Self(0);
}

/// A type.
#[derive(Debug, Clone)]
pub(crate) struct Type {
    pub(crate) name: Rc<str>,
    pub(crate) kind: Kind,
}

/// What text a string type accepts, and how it merges.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Text {
    Any,
    NonEmpty,
    SingleLine,
    /// A POSIX extended regular expression that must match all of it.
    Matching(Rc<str>),
    /// Merged with this between the definitions.
    Separated(Rc<str>),
}

/// The kinds of types.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Unspecified,
    Anything,
    Raw,
    Boolean,
    BooleanByOr,
    /// Inclusive bounds.
    Integer(i64, i64),
    Float,
    /// `number`, with bounds for `numbers.between` and its kind.
    Number(Option<f64>, Option<f64>),
    Text(Text),
    Path {
        absolute: Option<bool>,
        in_store: Option<bool>,
    },
    Package,
    Enumeration(Rc<[Thunk]>),
    List {
        element: TypeId,
        non_empty: bool,
    },
    Attributes {
        element: TypeId,
        lazy: bool,
    },
    /// `attrsOf` of which the project shows only some attributes.
    OpenAttributes(TypeId),
    /// `types.attrs`
    AnyAttributes,
    NullOr(TypeId),
    Either(TypeId, TypeId),
    Coerced {
        from: TypeId,
        function: Thunk,
        to: TypeId,
    },
    Submodule(Rc<Submodule>),
    DeferredModule {
        modules: Rc<[Thunk]>,
    },
    FunctionTo(TypeId),
    OptionType,
    /// `uniq t`, `unique { message } t`
    Unique(TypeId, Rc<str>),
    /// `addCheck t predicate`
    Checked(TypeId, Thunk),
    /// `attrTag { name = mkOption …; }`
    Tagged(AttrsId),
    /// A type that the project makes or changes: its set, and what it was made from.
    Custom {
        set: AttrsId,
        base: Option<TypeId>,
    },
    /// A type that is not in the project: everything is accepted, sets merge by name.
    External,
}

impl Evaluator {
    /// A new type.
    pub(crate) fn new_type(&mut self, name: &str, kind: Kind) -> TypeId {
        if self.modules.types.is_empty() {
            let unspecified = Type {
                name: Rc::from("unspecified"),
                kind: Kind::Unspecified,
            };
            self.modules.types.push(Rc::new(unspecified));
        }
        let id = TypeId(u32::try_from(self.modules.types.len()).unwrap_or(u32::MAX));
        self.modules.types.push(Rc::new(Type {
            name: Rc::from(name),
            kind,
        }));
        id
    }

    /// A type by its number.
    pub(crate) fn type_of(&mut self, id: TypeId) -> Rc<Type> {
        match self.modules.types.get(id.0 as usize) {
            Some(known) => Rc::clone(known),
            None => Rc::new(Type {
                name: Rc::from("unspecified"),
                kind: Kind::Unspecified,
            }),
        }
    }

    /// The type that a value is.
    pub(crate) fn resolve_type(&mut self, thunk: Thunk) -> Eval<TypeId> {
        let set = match self.force(thunk) {
            Ok(Value::Attrs(set)) => set,
            Ok(Value::External(_)) => return Ok(self.new_type("external", Kind::External)),
            Ok(other) => {
                let kind = other.type_with_article();
                return Err(self.error(format!("expected an option type but got {kind}")));
            }
            Err(why) if self.is_error(why) => return Err(why),
            Err(_) => return Ok(self.new_type("external", Kind::External)),
        };
        let native = self.native_type(set)?;
        if let Some(id) = native
            && self.is_unchanged(id, set)
        {
            return Ok(id);
        }
        if native.is_none() && self.arena.attribute(set, well_known::TYPE).is_none() {
            return Err(self.error("expected an option type but got a set"));
        }
        let name = match self.arena.attribute(set, well_known::NAME) {
            Some(entry) => self
                .force_text(entry.value)
                .unwrap_or_else(|_| Rc::from("custom")),
            None => Rc::from("custom"),
        };
        Ok(self.new_type(&name, Kind::Custom { set, base: native }))
    }

    fn native_type(&mut self, set: AttrsId) -> Eval<Option<TypeId>> {
        let Some(entry) = self.arena.attribute(set, well_known::NATIVE_TYPE) else {
            return Ok(None);
        };
        match self.force(entry.value)? {
            Value::Int(number) => Ok(u32::try_from(number).ok().map(TypeId)),
            _ => Ok(None),
        }
    }

    /// Whether a set still has the `check` and `merge` of the native type that it came from.
    fn is_unchanged(&mut self, id: TypeId, set: AttrsId) -> bool {
        let native = self.type_value(id);
        let Ok(Value::Attrs(native)) = self.force(native) else {
            return false;
        };
        [well_known::CHECK, well_known::MERGE].iter().all(|name| {
            let (a, b) = (
                self.arena.attribute(native, *name),
                self.arena.attribute(set, *name),
            );
            a.map(|entry| entry.value) == b.map(|entry| entry.value)
        })
    }

    /// What an option of that type is without any definition, if that is a value.
    pub(crate) fn empty_value(&mut self, id: TypeId) -> Eval<Option<Value>> {
        let kind = self.type_of(id).kind.clone();
        Ok(match kind {
            Kind::List {
                non_empty: false, ..
            } => Some(Value::List(self.arena.list(&[]))),
            Kind::Attributes { .. } | Kind::AnyAttributes => Some(Value::Attrs(AttrsId(0))),
            Kind::OpenAttributes(_) => Some(self.merge_type(&Rc::from([]), id, Vec::new())?),
            Kind::NullOr(_) => Some(Value::Null),
            Kind::Submodule(_) => Some(self.merge_type(&Rc::from([]), id, Vec::new())?),
            Kind::DeferredModule { .. } => Some(self.merge_type(&Rc::from([]), id, Vec::new())?),
            Kind::Unique(inner, _) | Kind::Checked(inner, _) => self.empty_value(inner)?,
            Kind::Custom { set, base } => self.custom_empty_value(set, base)?,
            _ => None,
        })
    }

    fn custom_empty_value(&mut self, set: AttrsId, base: Option<TypeId>) -> Eval<Option<Value>> {
        if let Some(entry) = self.arena.attribute(set, well_known::EMPTY_VALUE) {
            let empty = self.force_attrs(entry.value)?;
            return match self.arena.attribute(empty, well_known::VALUE) {
                Some(value) => self.force(value.value).map(Some),
                None => Ok(None),
            };
        }
        match base {
            Some(base) => self.empty_value(base),
            None => Ok(None),
        }
    }

    /// The type of an option that is declared with two types, if they go together.
    pub(crate) fn merge_types(&mut self, a: TypeId, b: TypeId) -> Eval<Option<TypeId>> {
        if a == b {
            return Ok(Some(a));
        }
        let (first, second) = (self.type_of(a), self.type_of(b));
        if first.name != second.name {
            return Ok(None);
        }
        let both = |evaluator: &mut Self, x, y| evaluator.merge_types(x, y);
        let kind = match (&first.kind, &second.kind) {
            (Kind::Submodule(x), Kind::Submodule(y)) => Kind::Submodule(Rc::new(x.joined(y))),
            (
                Kind::List {
                    element: x,
                    non_empty: p,
                },
                Kind::List {
                    element: y,
                    non_empty: q,
                },
            ) => match both(self, *x, *y)? {
                Some(element) => Kind::List {
                    element,
                    non_empty: *p || *q,
                },
                None => return Ok(None),
            },
            (
                Kind::Attributes {
                    element: x,
                    lazy: p,
                },
                Kind::Attributes {
                    element: y,
                    lazy: q,
                },
            ) => match both(self, *x, *y)? {
                Some(element) if p == q => Kind::Attributes { element, lazy: *p },
                _ => return Ok(None),
            },
            // A project that declares an option again which it shows only a part of.
            (
                Kind::OpenAttributes(x),
                Kind::OpenAttributes(y) | Kind::Attributes { element: y, .. },
            )
            | (Kind::Attributes { element: x, .. }, Kind::OpenAttributes(y)) => {
                match both(self, *x, *y)? {
                    Some(element) => Kind::OpenAttributes(element),
                    None => return Ok(None),
                }
            }
            (Kind::NullOr(x), Kind::NullOr(y)) => match both(self, *x, *y)? {
                Some(inner) => Kind::NullOr(inner),
                None => return Ok(None),
            },
            (Kind::FunctionTo(x), Kind::FunctionTo(y)) => match both(self, *x, *y)? {
                Some(inner) => Kind::FunctionTo(inner),
                None => return Ok(None),
            },
            (Kind::Either(x, y), Kind::Either(p, q)) => {
                match (both(self, *x, *p)?, both(self, *y, *q)?) {
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
            (Kind::Tagged(x), Kind::Tagged(y)) => Kind::Tagged(self.update_sets(*x, *y)),
            (Kind::Text(x), Kind::Text(y)) => return Ok((x == y).then_some(a)),
            (Kind::Integer(p, q), Kind::Integer(x, y)) => {
                return Ok((p == x && q == y).then_some(a));
            }
            (Kind::Coerced { .. }, _) | (_, Kind::Coerced { .. }) => return Ok(None),
            (x, y) if std::mem::discriminant(x) == std::mem::discriminant(y) => return Ok(Some(a)),
            _ => return Ok(None),
        };
        let name = Rc::clone(&first.name);
        Ok(Some(self.new_type(&name, kind)))
    }

    /// Whether a list of values holds one.
    pub(crate) fn contains_value(&mut self, values: &[Thunk], value: Thunk) -> Eval<bool> {
        let value = self.force(value)?;
        for candidate in values {
            let candidate = self.force(*candidate)?;
            if self.equal(candidate, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
