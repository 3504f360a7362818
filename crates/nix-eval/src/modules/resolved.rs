//! Definitions with their conditions decided, and their priorities.

use std::rc::Rc;

use crate::value::{Position, Thunk, UnknownId};

/// The priority of an option's own default.
pub const OPTION_DEFAULT_PRIORITY: i64 = 1500;

/// The priority of `mkDefault`.
pub(crate) const MK_DEFAULT_PRIORITY: i64 = 1000;

/// The priority of a definition without `mkOverride`. Lower wins.
pub const DEFAULT_PRIORITY: i64 = 100;
/// The order of a definition without `mkOrder`. Lower comes first.
pub(crate) const DEFAULT_ORDER: i64 = 1000;

/// The priority of a definition. Lower wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    Known(i64),
    Unknown(UnknownId),
}

impl Priority {
    pub(crate) const DEFAULT: Self = Self::Known(DEFAULT_PRIORITY);

    /// The number, if it is known.
    pub(crate) const fn known(self) -> Option<i64> {
        match self {
            Self::Known(priority) => Some(priority),
            Self::Unknown(_) => None,
        }
    }
}

/// A definition with its properties taken off and its conditions decided.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub(crate) file: Rc<str>,
    pub(crate) value: Thunk,
    pub(crate) priority: Priority,
    pub(crate) order: i64,
    /// Why it may not be there.
    pub(crate) maybe: Option<UnknownId>,
    pub(crate) position: Position,
}

impl Resolved {
    /// A value that is certainly there, with nothing around it.
    pub(crate) const fn plain(file: Rc<str>, value: Thunk) -> Self {
        Self {
            file,
            value,
            priority: Priority::DEFAULT,
            order: DEFAULT_ORDER,
            maybe: None,
            position: Position::NONE,
        }
    }
}
