//! The options through which files are opened, by their names.

use crate::readers::option_pattern::ELEMENT;
use inventory::model::{OptionPath, Via};

/// An option through which a file is opened, without a unit that is known.
pub(crate) fn option_via<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Via {
    Via::Option {
        path: OptionPath::new(names),
        unit: None,
    }
}

/// The names of an option, without the places in its lists.
pub(crate) fn without_elements(option: &[String]) -> impl Iterator<Item = &str> {
    let names = option.iter().map(String::as_str);
    names.filter(|name| *name != ELEMENT)
}
