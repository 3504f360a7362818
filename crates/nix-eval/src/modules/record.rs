//! What is known of an option beside its value.

use std::rc::Rc;

use super::resolved::OPTION_DEFAULT_PRIORITY;
use crate::value::{Location, Position, Thunk, UnknownId};

/// One definition of an option, as it took part in the merge.
#[derive(Debug, Clone)]
pub struct DefinitionRecord {
    /// The file, as module messages name it.
    pub file: Rc<str>,
    /// Its value.
    pub value: Thunk,
    /// Its priority; lower wins. Where it is not known, that of a definition without any.
    pub priority: i64,
    /// Why it may not be there.
    pub maybe: Option<UnknownId>,
    /// The binding that writes it.
    pub position: Position,
    /// Whether its priority is the one that wins, or may be.
    pub wins: bool,
}

/// What is known of an option, or of an element of one, beside its value.
#[derive(Debug, Clone)]
pub struct OptionRecord {
    /// Its path.
    pub location: Location,
    /// Its definitions, those that lost and the default included; none that is conditioned away.
    pub definitions: Vec<DefinitionRecord>,
    /// Whether a module declares it.
    pub declared: bool,
}

impl OptionRecord {
    /// The definitions that win.
    pub fn winners(&self) -> impl Iterator<Item = &DefinitionRecord> {
        self.definitions.iter().filter(|definition| definition.wins)
    }

    /// Whether nothing but the option's default defines it.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.winners()
            .all(|definition| definition.priority >= OPTION_DEFAULT_PRIORITY)
    }
}
