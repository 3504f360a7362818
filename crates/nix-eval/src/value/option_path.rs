//! Paths of options.

use std::rc::Rc;

/// The path of an option, shared by everything below it.
pub type Location = Rc<[Rc<str>]>;

/// A location one level deeper.
pub(crate) fn child(location: &Location, name: &Rc<str>) -> Location {
    let names = location.iter().chain(std::iter::once(name));
    names.cloned().collect()
}

/// A location as Nix shows it: `services.site."a/b".owner`.
#[must_use]
pub fn show_location(location: &[Rc<str>]) -> String {
    let names: Vec<_> = location
        .iter()
        .map(|name| match &**name {
            "*" => name.to_string(),
            // Placeholders of documentation: `<name>`, `<function body>`.
            name if name.starts_with('<') && name.ends_with('>') => name.to_owned(),
            name => nix_syntax::quote::attribute_name(name),
        })
        .collect();
    names.join(".")
}
