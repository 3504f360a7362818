//! The path of an option or attribute.

use std::fmt;

use nix_syntax::quote::attribute_name;

/// The names that lead to an option, from the configuration's root; `*` is a name that is computed.
/// Printed as in Nix: `services.grafana.settings.security."admin user"`.
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

    /// The name that follows these names, wherever in the path they occur one after the other; `None` if
    /// they do not or are its last.
    #[must_use]
    pub fn name_after(&self, names: &[&str]) -> Option<&str> {
        let at = self.0.windows(names.len()).position(|some| some == names)?;
        self.0.get(at + names.len()).map(String::as_str)
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
            match name.as_str() {
                "*" => write!(f, "{dot}*")?,
                name => write!(f, "{dot}{}", attribute_name(name))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_printed_as_in_nix() {
        let path = OptionPath::new(["users", "users", "a b"]).join(["*", "file"]);
        assert_eq!(path.to_string(), r#"users.users."a b".*.file"#);
    }

    #[test]
    fn a_name_follows_whole_names_only() {
        let path = OptionPath::new(["my-services", "services", "mcp", "github"]);
        assert_eq!(path.name_after(&["services", "mcp"]), Some("github"));
        assert_eq!(path.name_after(&["mcp", "github"]), None);
        assert_eq!(path.name_after(&["services", "github"]), None);
    }
}
