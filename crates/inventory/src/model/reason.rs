//! Reasons why something is not known.

use std::fmt;

use nix_syntax::source::Span;

/// Why a value is not known, and where it became so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// Why. Shown in a few words: ``input `site` ``, `pkgs.hello`, `evaluation error: …`.
    pub reason: Reason,
    /// Where it became unknown; `None` if the user's files do not contain that place.
    pub at: Option<Span>,
}

impl Unknown {
    /// A value that is unknown for that reason, with no place.
    pub fn because(reason: impl Into<Reason>) -> Self {
        Self {
            reason: reason.into(),
            at: None,
        }
    }
}

/// Why something is not known.
///
/// Whatever anybody decides on is a variant; the others carry words that are only shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It is in an input of the flake, which is called so: ``input `site`.secrets``.
    Input {
        /// What the flake calls the input.
        name: String,
        /// What of it is needed, in a few words.
        words: String,
    },
    /// It is in a source that is not here and is no input: what a fetcher brings, an entry of the search path; in a
    /// few words.
    Source(String),
    /// A switch of the project decides it, and nothing sets that.
    Switch {
        /// The option: `services.backup.enable`.
        option: String,
        /// The reason in a few words.
        words: String,
    },
    /// Nix itself would fail.
    Error(EvaluationError),
    /// A bound of this program ended the evaluation; in the evaluator's words.
    Limit(String),
    /// Anything else, in a few words.
    Other(String),
}

/// An error that Nix would raise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvaluationError {
    /// An option that is read has no definition and no default.
    NoDefinition {
        /// The option as Nix shows it: `sops.secrets.token.sopsFile`.
        option: String,
    },
    /// A module sets an option that no module declares.
    UndeclaredOption {
        /// The option as Nix shows it.
        option: String,
        /// What Nix adds: where it is set, and perhaps what was meant.
        details: String,
        /// The name that is probably meant instead of its last one.
        meant: Option<String>,
    },
    /// A module sets an option to a value that its type refuses.
    WrongType {
        /// The option as Nix shows it.
        option: String,
        /// What its type is called: `string`, `list of absolute path`.
        expected: String,
        /// What `builtins.typeOf` calls the value.
        found: &'static str,
        /// Where it is set.
        details: String,
    },
    /// A file of the project that is read is not there: its path from the project's root.
    NoSuchFile {
        /// The path.
        path: String,
    },
    /// A set lacks an attribute.
    MissingAttribute {
        /// The attribute.
        name: String,
    },
    /// The expression does not parse.
    Syntax,
    /// Anything else, in Nix's words.
    Other(String),
}

impl Reason {
    /// Whether the value is in another repository: an input of the flake, or what a fetcher brings.
    #[must_use]
    pub const fn is_external(&self) -> bool {
        matches!(self, Self::Input { .. } | Self::Source(_))
    }

    /// What the flake calls the input that the value is in; `None` if it is in none.
    #[must_use]
    pub fn input(&self) -> Option<&str> {
        match self {
            Self::Input { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Whether a bound of this program ended the evaluation.
    #[must_use]
    pub const fn is_limit(&self) -> bool {
        matches!(self, Self::Limit(_))
    }

    /// Whether an option that is read has no definition: a module elsewhere may have one.
    #[must_use]
    pub const fn is_no_definition(&self) -> bool {
        matches!(self, Self::Error(EvaluationError::NoDefinition { .. }))
    }
}

impl fmt::Display for Reason {
    /// One line: of an error that has more, the first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, text) = match self {
            Self::Input { words: text, .. }
            | Self::Source(text)
            | Self::Switch { words: text, .. }
            | Self::Limit(text)
            | Self::Other(text) => ("", text.clone()),
            Self::Error(error) => ("evaluation error: ", error.to_string()),
        };
        write!(f, "{prefix}{}", text.lines().next().unwrap_or_default())
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDefinition { option } => write!(
                f,
                "The option `{option}' was accessed but has no value defined. Try setting the option."
            ),
            Self::UndeclaredOption {
                option, details, ..
            } => {
                write!(f, "The option `{option}' does not exist. {details}")
            }
            Self::MissingAttribute { name } => write!(f, "attribute '{name}' missing"),
            Self::WrongType {
                option,
                expected,
                details,
                ..
            } => write!(
                f,
                "A definition for option `{option}' is not of type `{expected}'. {details}"
            ),
            Self::NoSuchFile { path } => {
                write!(f, "getting status of '{path}': No such file or directory")
            }
            Self::Syntax => f.write_str("syntax error"),
            Self::Other(message) => f.write_str(message),
        }
    }
}

impl From<&str> for Reason {
    fn from(words: &str) -> Self {
        Self::Other(words.to_owned())
    }
}

impl From<String> for Reason {
    fn from(words: String) -> Self {
        Self::Other(words)
    }
}
