//! The path of an option or attribute.

use std::fmt;

use nix_syntax::quote::attribute_name;

/// The names that lead to an option, from the configuration's root. Printed as in Nix:
/// `services.grafana.settings.security."admin user"`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OptionPath(Vec<String>);

impl OptionPath {
    /// The path of these names.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// The path of an option below this one.
    #[must_use]
    pub fn join<S: Into<String>>(&self, names: impl IntoIterator<Item = S>) -> Self {
        let below = names.into_iter().map(Into::into);
        Self(self.0.iter().cloned().chain(below).collect())
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for OptionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(f, "{dot}{}", attribute_name(name))?;
        }
        Ok(())
    }
}
