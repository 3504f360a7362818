//! A process that opens a secret's file.

use nix_syntax::source::Span;

use super::{Fact, Principal, Unknown, Via};

/// When a reader opens the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// While Nix evaluates: the content ends up in the store.
    Evaluation,
    /// Activation, before users are created.
    BeforeUsers,
    /// Activation, after users are created.
    Activation,
    /// The system's service manager, as root, when the unit starts.
    ServiceManager,
    /// A unit's own process, when it starts or later.
    Service,
    /// The user's service manager or a user unit.
    UserService,
    /// A program in the user's session: shell, editor, MCP client.
    Session,
}

impl Moment {
    /// The name in the JSON inventory.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evaluation => "evaluation",
            Self::BeforeUsers => "before-users",
            Self::Activation => "activation",
            Self::ServiceManager => "service-manager",
            Self::Service => "service",
            Self::UserService => "user-service",
            Self::Session => "session",
        }
    }
}

/// What the reader takes the content for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentUse {
    /// A value as it is, or a form of the reader's own.
    #[default]
    Value,
    /// The value of an environment variable.
    Variable,
    /// An argument of a program, which every user sees.
    Argument,
    /// Lines of `NAME=value`, which the service manager reads.
    EnvironmentFile,
    /// The hash of a login password, as in `/etc/shadow`.
    PasswordHash,
    /// Lines of a configuration: another file of it includes this one.
    Included,
}

impl ContentUse {
    /// The name in the JSON inventory.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Variable => "variable",
            Self::Argument => "argument",
            Self::EnvironmentFile => "environment-file",
            Self::PasswordHash => "password-hash",
            Self::Included => "included",
        }
    }
}

/// Whether the reader can open the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readable {
    /// Proven.
    Yes,
    /// Proven not.
    No,
    /// Not decided.
    Unknown,
}

/// The verdict with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The answer.
    pub readable: Readable,
    /// Why, for a person: `owner alice, mode 0400`; `it belongs to root, mode 0400`.
    pub reason: String,
}

/// How it is known who opens a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReaderOrigin {
    /// A `[[reader]]` of the user's.
    User,
    /// The module that declares the option.
    Module,
    /// The table of options.
    Table,
    /// What systemd, a shell, a manager or an operating system does with such a value.
    #[default]
    Mechanism,
}

impl ReaderOrigin {
    /// The name in the JSON inventory.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Module => "module",
            Self::Table => "table",
            Self::Mechanism => "mechanism",
        }
    }
}

/// What would decide whether a reader can read, where that is not decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The source of this input of the flake.
    Input {
        /// What the flake calls the input.
        name: String,
        /// Where it is needed.
        at: Option<Span>,
    },
    /// Who opens the file of this option: a `[[reader]]` in `mcp-lint.toml`.
    Reader {
        /// The option: `services.foo.tokenFile`.
        option: String,
    },
    /// The value of something, or a condition: what it is, and where.
    Value(Unknown),
}

impl Need {
    /// The name in the JSON inventory.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Input { .. } => "input",
            Self::Reader { .. } => "reader",
            Self::Value(_) => "value",
        }
    }

    /// Where the configuration needs it.
    #[must_use]
    pub const fn at(&self) -> Option<Span> {
        match self {
            Self::Input { at, .. } => *at,
            Self::Reader { .. } => None,
            Self::Value(why) => why.at,
        }
    }

    /// What decides it, ready to paste: an argument, or a table of `mcp-lint.toml`; `None` if it is the
    /// configuration itself that has to say it.
    #[must_use]
    pub fn paste(&self) -> Option<String> {
        match self {
            Self::Input { name, .. } => Some(format!("--input {name}=PATH")),
            Self::Reader { option } => {
                let option = option.replace('\\', "\\\\").replace('"', "\\\"");
                Some(format!(
                    "[[reader]]\noption = \"{option}\"\nuser = \"USER\""
                ))
            }
            Self::Value(_) => None,
        }
    }
}

impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Input { name, .. } => write!(f, "the source of input `{name}`"),
            Self::Reader { option } => write!(f, "who opens the file of `{option}`"),
            Self::Value(why) => write!(f, "{}", why.reason),
        }
    }
}

/// A process that opens a file in which a secret lands, or should.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The secret: an index into [`Host::secrets`](super::Host::secrets); nothing where no declared
    /// secret lands at the path.
    pub secret: Option<usize>,
    /// The path that is opened.
    pub path: Fact<String>,
    /// Who opens it.
    pub user: Fact<Principal>,
    /// The groups the process has, the primary one first; unknown where they are not decided.
    pub groups: Fact<Vec<String>>,
    /// `DynamicUser=true`: a user that does not exist when the secret is installed.
    pub dynamic_user: bool,
    /// What reads: `services.mcp github`, `postgresql.service ExecStartPost`.
    pub via: Via,
    /// What it takes the content for.
    pub content: ContentUse,
    /// When.
    pub moment: Moment,
    /// Where the configuration says so.
    pub at: Option<Span>,
    /// Can it?
    pub verdict: Verdict,
    /// Whether this reader is certain, not under an unknown condition.
    pub certain: bool,
    /// Whether it makes the file, or a directory in which files are made, instead of relying on it.
    pub makes: bool,
    /// Whether the user is the likely one only, or one of several, so that it is no fault if it cannot.
    pub may_be_another: bool,
    /// How it is known who opens the file.
    pub from: ReaderOrigin,
    /// What would decide whether it can; `None` if that is decided, or if no secret lands at the path.
    pub needs: Option<Need>,
    /// The container of the host in which it runs, where its user and groups have their names: `web`;
    /// nothing for a process of the host itself. The path is that of the host.
    pub container: Option<String>,
}

/// Sorts readers by secret, by the text of what reads, and by place.
pub fn sort_readers(readers: &mut [Reader]) {
    readers.sort_by_cached_key(|reader| (reader.secret, reader.via.to_string(), reader.at));
}
