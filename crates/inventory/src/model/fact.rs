//! A value of the evaluated configuration, or why it is not known.

use nix_syntax::source::Span;

use super::Unknown;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The user's files define it.
    Defined,
    /// Nobody defines it: it is the option's default.
    Default,
}

/// A value that the configuration decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<T> {
    /// The value, or why it is unknown. An unknown never equals and never differs from anything.
    pub value: Result<T, Unknown>,
    /// The expression that gives it; for a default, nothing.
    pub at: Option<Span>,
    /// The whole binding `owner = "alice";` that defines it, for edits.
    pub binding: Option<Span>,
    /// Defined by the user or the option's default.
    pub origin: Origin,
}

impl<T> Fact<T> {
    /// An option's default.
    pub const fn default_value(value: T) -> Self {
        Self {
            value: Ok(value),
            at: None,
            binding: None,
            origin: Origin::Default,
        }
    }

    /// A value that is not known.
    pub const fn unknown(unknown: Unknown) -> Self {
        Self {
            value: Err(unknown),
            at: None,
            binding: None,
            origin: Origin::Defined,
        }
    }

    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        self.value.as_ref().ok()
    }

    /// Whether the user's files define it.
    pub fn is_defined(&self) -> bool {
        self.origin == Origin::Defined
    }

    /// The same place and origin with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        Fact {
            value: self.value.map(f),
            at: self.at,
            binding: self.binding,
            origin: self.origin,
        }
    }
}

/// Whether something is there at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certainty {
    /// It is.
    Certain,
    /// Only if a condition holds that is not known.
    Maybe(Unknown),
}
