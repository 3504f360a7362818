//! Reasons why a value is not known.

use std::fmt;
use std::rc::Rc;

use super::ExternalId;
use super::option_path::{Location, show_location};

/// Why a value is not known.
///
/// Whatever anybody decides on is a variant; the others carry words that are only shown. Most reasons
/// about options are never read, so they are put into words only when they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It depends on something that is not on disk or not decided, in these words.
    Undetermined(Rc<str>),
    /// It depends on an external, which is called so.
    External(ExternalId, Rc<str>),
    /// It depends on a file of an external, which is called so, with the URL that it has.
    ExternalFile(ExternalId, Rc<str>),
    /// It depends on an option that no module of the project declares.
    OpenWorld,
    /// An option is in this state.
    Option(Location, OptionState),
    /// The same for an attribute of that name of what the reason is about.
    Attribute(Rc<Reason>, Rc<str>),
    /// `throw`, and `assert` of something false, with the message.
    Throw(Rc<str>),
    /// `abort`, with the message.
    Abort(Rc<str>),
    /// Any other error that Nix would raise, in its words.
    Error(Rc<str>),
    /// The expression does not parse.
    Syntax,
    /// A set certainly lacks an attribute of that name.
    MissingAttribute(Rc<str>),
    /// An option that is read has no definition and no default.
    NoDefinition(Location),
    /// A module sets an option that no module declares.
    UndeclaredOption(Rc<UndeclaredOption>),
    /// A module sets an option to a value that its type refuses.
    WrongType(Rc<WrongType>),
    /// A file of the project that is read is not there: its path.
    NoSuchFile(Rc<str>),
    /// The value needs itself.
    InfiniteRecursion,
    /// A bound of this program ended the evaluation.
    Limit(Limit),
}

/// What Nix says of an option that is set and not declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndeclaredOption {
    /// The option.
    pub option: Location,
    /// What follows the sentence that it does not exist: where it is set, and perhaps what was meant.
    pub details: String,
    /// The name beside it that is probably meant; `None` if none is as similar as a slip of the pen.
    pub meant: Option<Rc<str>>,
}

/// What Nix says of a value that the type of an option refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongType {
    /// The option.
    pub option: Location,
    /// What its type is called.
    pub expected: Rc<str>,
    /// What `builtins.typeOf` calls the value.
    pub found: &'static str,
    /// Where it is set.
    pub details: String,
}

/// The kind of a [`Reason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnknownKind {
    /// It depends on something that is not on disk or not decided.
    Undetermined,
    /// `throw`, and `assert` of something false: what `builtins.tryEval` catches.
    Throw,
    /// Any other error that Nix would raise.
    Error,
    /// `abort`
    Abort,
    /// The value needs itself.
    InfiniteRecursion,
    /// The step budget or the stack limit ended the evaluation.
    Limit,
}

/// A bound that ended an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// The steps of one host.
    Steps {
        /// How many there were.
        steps: u64,
        /// Whether other hosts had used up some of them.
        are_left_over: bool,
    },
    /// The bytes of stack.
    Stack,
    /// The memory for values.
    Memory {
        /// In MiB.
        mebibytes: usize,
    },
    /// The length of a string.
    String {
        /// In MiB.
        mebibytes: usize,
    },
    /// The modules of one configuration.
    Modules,
    /// The levels of nested options.
    OptionDepth {
        /// How many there may be.
        levels: usize,
    },
    /// Whoever asked no longer wants to know.
    Cancelled,
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

impl UnknownKind {
    /// Whether Nix itself would fail here.
    #[must_use]
    pub const fn is_error(self) -> bool {
        !matches!(self, Self::Undetermined | Self::Limit)
    }
}

impl Reason {
    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> UnknownKind {
        match self {
            Self::Undetermined(_)
            | Self::External(..)
            | Self::ExternalFile(..)
            | Self::OpenWorld
            | Self::Option(..)
            | Self::Attribute(..) => UnknownKind::Undetermined,
            Self::Throw(_) | Self::UndeclaredOption(_) | Self::WrongType(_) => UnknownKind::Throw,
            Self::Abort(_) => UnknownKind::Abort,
            Self::Error(_)
            | Self::Syntax
            | Self::NoSuchFile(_)
            | Self::MissingAttribute(_)
            | Self::NoDefinition(_) => UnknownKind::Error,
            Self::InfiniteRecursion => UnknownKind::InfiniteRecursion,
            Self::Limit(_) => UnknownKind::Limit,
        }
    }

    /// Whether the name of an attribute, or a URL, is told already.
    pub(crate) const fn is_detailed(&self) -> bool {
        matches!(self, Self::Attribute(..) | Self::ExternalFile(..))
    }

    /// How many bytes of text it has of its own. Names and labels are shared.
    pub(super) fn text_bytes(&self) -> usize {
        match self {
            Self::Undetermined(text)
            | Self::Throw(text)
            | Self::Abort(text)
            | Self::Error(text) => text.len(),
            Self::UndeclaredOption(undeclared) => undeclared.details.len(),
            Self::WrongType(wrong) => wrong.details.len(),
            _ => 0,
        }
    }

    /// The external that it is about; `None` if it is about something else.
    #[must_use]
    pub fn external(&self) -> Option<ExternalId> {
        match self {
            Self::External(external, _) | Self::ExternalFile(external, _) => Some(*external),
            Self::Attribute(reason, _) => reason.external(),
            _ => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undetermined(text)
            | Self::External(_, text)
            | Self::ExternalFile(_, text)
            | Self::Throw(text)
            | Self::Abort(text)
            | Self::Error(text) => f.write_str(text),
            Self::OpenWorld => f.write_str("an option that is not declared in this project"),
            Self::Option(location, state) => state.show(&show_location(location), f),
            Self::Attribute(reason, name) => write!(f, "{reason} (`{name}`)"),
            Self::Syntax => f.write_str("syntax error"),
            Self::MissingAttribute(name) => write!(f, "attribute '{name}' missing"),
            Self::NoDefinition(location) => write!(
                f,
                "The option `{}' was accessed but has no value defined. Try setting the option.",
                show_location(location)
            ),
            Self::UndeclaredOption(undeclared) => write!(
                f,
                "The option `{}' does not exist. {}",
                show_location(&undeclared.option),
                undeclared.details
            ),
            Self::WrongType(wrong) => write!(
                f,
                "A definition for option `{}' is not of type `{}'. {}",
                show_location(&wrong.option),
                wrong.expected,
                wrong.details
            ),
            Self::NoSuchFile(path) => {
                write!(f, "getting status of '{path}': No such file or directory")
            }
            Self::InfiniteRecursion => f.write_str("infinite recursion encountered"),
            Self::Limit(limit) => limit.fmt(f),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps {
                steps,
                are_left_over,
            } => {
                let others = if *are_left_over {
                    " that the other parts of the host left"
                } else {
                    ""
                };
                write!(f, "the step budget of {steps} steps{others} is used up")
            }
            Self::Stack => {
                f.write_str("stack overflow; max-call-depth exceeded (evaluation nests too deeply)")
            }
            Self::Memory { mebibytes } => {
                write!(f, "the memory limit of {mebibytes} MiB is reached")
            }
            Self::String { mebibytes } => write!(f, "a string of more than {mebibytes} MiB"),
            Self::Modules => f.write_str("too many modules are imported"),
            Self::OptionDepth { levels } => {
                write!(f, "options nest more than {levels} levels deep")
            }
            Self::Cancelled => f.write_str("the evaluation was cancelled"),
        }
    }
}

impl OptionState {
    fn show(self, option: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conditional => write!(f, "option `{option}` is set under a condition"),
            Self::OpenBelow => write!(f, "option below `{option}`: not set in this project"),
            Self::OnlyDefault => {
                write!(f, "option `{option}`: its default is not in this project")
            }
            Self::Uncertain => write!(f, "option `{option}` is not set for certain"),
            Self::SeveralDefinitions => write!(
                f,
                "option `{option}` has several definitions and its type is not in this project"
            ),
        }
    }
}
