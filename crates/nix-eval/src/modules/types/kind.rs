//! The kinds of option types.

use std::rc::Rc;

use super::custom::Custom;
use crate::modules::module_tree::UncertainModules;
use crate::value::{AttrsId, Thunk, UnknownId};

/// A type: an index into the evaluator's table of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeId(pub(crate) u32);

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
    /// `numbers.between` and its kind: inclusive bounds.
    Number(Option<f64>, Option<f64>),
    Text(Text),
    /// `passwdEntry t`
    PasswordEntry(TypeId),
    Path {
        absolute: Option<bool>,
        in_store: Option<bool>,
    },
    Package,
    /// `types.pkgs`
    PackageSet,
    Enumeration(Rc<[Thunk]>),
    List {
        element: TypeId,
        non_empty: bool,
    },
    Attributes {
        element: TypeId,
        lazy: bool,
        /// What stands for an attribute's name in documentation.
        placeholder: Rc<str>,
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
    /// `types.optionDeclaration`
    OptionDeclaration,
    /// `uniq t`, `unique { message } t`
    Unique(TypeId, Rc<str>),
    /// `addCheck t predicate`
    Checked(TypeId, Thunk),
    /// `attrTag { name = mkOption …; }`
    Tagged(AttrsId),
    /// A type that the project makes or changes.
    Custom(Custom),
    /// A type that is not in the project: everything is accepted, sets merge by name.
    External,
    /// The type that a value is, once it is needed: types may contain themselves.
    Deferred(Thunk),
    /// A value that is no type.
    Failed(UnknownId),
}

/// What a submodule type evaluates.
#[derive(Debug, Clone)]
pub(crate) struct Submodule {
    /// Its modules.
    pub(crate) modules: Rc<[(Thunk, Option<UnknownId>)]>,
    /// `specialArgs`
    pub(crate) special_arguments: AttrsId,
    /// Whether a set is configuration alone, and not a module; nothing if that is left open.
    pub(crate) shorthand_only_defines_config: Option<bool>,
    /// `class`
    pub(crate) class: Option<Rc<str>>,
    /// `description`
    pub(crate) description: Option<Thunk>,
    /// Why there may be more options than the modules declare.
    pub(crate) open: Option<UnknownId>,
    /// A system of its own, such as a container's.
    pub(crate) system: Option<InnerSystem>,
}

/// What a system inside another one gets from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InnerSystem {
    /// The set `specialArgs`, evaluated with the system, for it may rest on options beside it.
    pub(crate) special_arguments: Option<Thunk>,
    /// The package set.
    pub(crate) packages: Option<Thunk>,
}

impl Submodule {
    /// A closed one of these modules.
    pub(crate) fn of(modules: UncertainModules) -> Self {
        Self {
            modules: Rc::from(modules),
            special_arguments: AttrsId(0),
            shorthand_only_defines_config: None,
            class: None,
            description: None,
            open: None,
            system: None,
        }
    }
}
