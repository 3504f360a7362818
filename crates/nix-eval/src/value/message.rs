//! What a reason says.

use std::fmt;
use std::rc::Rc;

use super::option_path::{Location, show_location};

/// What a reason says. Most of those about options are never read, so they are put into words only
/// when they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// These words.
    Text(Rc<str>),
    /// That an option is in this state.
    Option(Location, OptionState),
    /// The same for an attribute of that name of what it is said of.
    Attribute(Rc<Message>, Rc<str>),
}

impl Message {
    /// Whether it ends with something in parentheses, such as the name of an attribute.
    pub(crate) fn ends_with_parenthesis(&self) -> bool {
        match self {
            Self::Text(text) => text.ends_with(')'),
            Self::Option(..) => false,
            Self::Attribute(..) => true,
        }
    }
}

/// Why nothing certain is known of an option that no module of the project declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionState {
    /// All of its definitions are under a condition.
    Conditional,
    /// It is a set, which other modules may add to.
    OpenBelow,
    /// Nothing defines it.
    OnlyDefault,
    /// None of its definitions is certain.
    Uncertain,
    /// Definitions that differ, which a type would merge.
    SeveralDefinitions,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (location, state) = match self {
            Self::Text(text) => return f.write_str(text),
            Self::Attribute(message, name) => return write!(f, "{message} (`{name}`)"),
            Self::Option(location, state) => (show_location(location), state),
        };
        match state {
            OptionState::Conditional => write!(f, "option `{location}` is set under a condition"),
            OptionState::OpenBelow => {
                write!(f, "option below `{location}`: not set in this project")
            }
            OptionState::OnlyDefault => {
                write!(f, "option `{location}`: its default is not in this project")
            }
            OptionState::Uncertain => write!(f, "option `{location}` is not set for certain"),
            OptionState::SeveralDefinitions => write!(
                f,
                "option `{location}` has several definitions and its type is not in this project"
            ),
        }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(Rc::from(text))
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(Rc::from(text))
    }
}

impl From<Rc<str>> for Message {
    fn from(text: Rc<str>) -> Self {
        Self::Text(text)
    }
}
