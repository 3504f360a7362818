//! MCP servers and the secrets that they read.

use nix_syntax::source::Span;

use super::{Fact, Unknown};
use crate::mcp_modules::{FileSet, McpKind, McpModule, Place, Syntax, WhenMissing};
use secret_files::{Confidence, is_credential_name};

/// What the guide says of a server after activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum McpStatus {
    /// Enabled, and its secret is there and readable.
    Available,
    /// Enabled, but no declared secret lands at its path.
    Missing,
    /// Enabled, a secret lands there, the user cannot read it.
    Unreadable,
    /// Enabled and needs no secret.
    NoSecret,
    /// It gets something else than the secret: a reference that nobody expands, a path in place of what the
    /// file holds.
    Broken,
    /// Not decided, or the path belongs to no manager.
    Unknown,
}

impl McpStatus {
    /// The name in the JSON inventory.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::NoSecret => "no-secret",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
        }
    }
}

/// One server and one secret that it reads; a server with several secrets has several entries, one
/// with none has one.
#[derive(Debug, Clone)]
pub struct McpServer {
    /// `github`
    pub name: String,
    /// Whether it runs.
    pub enabled: Fact<bool>,
    /// The file name that it reads, `GITHUB_TOKEN`; nothing if it needs no secret.
    pub secret: Fact<Option<String>>,
    /// Whether the file name is the server's default and not the user's choice.
    pub secret_is_default: bool,
    /// The file that it reads.
    pub path: Fact<Option<String>>,
    /// Whether it reads from a fixed directory, whatever `secretsPath` says.
    pub ignores_secrets_path: bool,
    /// Where the user's files mention the server: its name, or the binding that enables it.
    pub at: Option<Span>,
    /// The verdict.
    pub status: McpStatus,
    /// The secret that lands there: an index into [`Host::secrets`](super::Host::secrets).
    pub provided_by: Option<usize>,
    /// Whether it is a server of the module's own that is off until an option of it is set.
    pub is_off_by_default: bool,
    /// The part of the server's definition that names the secret; `None` if it is not known.
    pub place: Option<Place>,
    /// The variable of the client's environment that it needs; `None` if it needs none, or a file.
    pub variable: Option<String>,
    /// What becomes of the server when the secret is not there; `None` if it needs none.
    pub when_missing: Option<WhenMissing>,
    /// The clients to which the entry applies; empty if it applies to all that start the server.
    pub clients: Vec<&'static str>,
    /// The value that makes it [`McpStatus::Broken`]; `None` for every other status.
    pub broken_by: Option<ServerValue>,
    /// Why the user can or cannot read the file, for a person; `None` if no secret lands there.
    pub why: Option<String>,
    /// Whether the content itself takes the place of what is written, not the path of the file.
    pub gets_content: bool,
}

impl McpServer {
    /// Who sees the secret beside the server; `None` if nobody does.
    #[must_use]
    pub const fn seen_by(&self) -> Option<&'static str> {
        match self.place {
            _ if !self.gets_content => None,
            Some(Place::Argument) => {
                Some("every user of the machine, in the command line of the process")
            }
            Some(Place::Url) => {
                Some("whoever reads the logs of the client and of the server, in the address")
            }
            _ => None,
        }
    }
}

/// The MCP configuration of one user.
#[derive(Debug, Clone)]
pub struct McpConfiguration {
    /// The login user.
    pub user: String,
    /// The module.
    pub module: &'static McpModule,
    /// The option path in the system configuration or in `home.nix`:
    /// `home-manager.users.alice.services.mcp`, `services.mcp`.
    pub option: String,
    /// Whether it is on.
    pub enabled: Fact<bool>,
    /// The directory, for modules that have one.
    pub secrets_path: Option<Fact<String>>,
    /// The clients that start the servers.
    pub clients: Vec<&'static str>,
    /// The enabled servers and those that the user mentions, sorted by name.
    pub servers: Vec<McpServer>,
    /// What the module hands to its servers, as far as it has to do with secrets.
    pub values: Vec<ServerValue>,
}

/// A value that a module hands to a server, and that has to do with a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerValue {
    /// The server.
    pub server: String,
    /// The option, part by part, below the configuration of the user or system.
    pub option: Vec<String>,
    /// The part of the server's definition.
    pub place: Place,
    /// The variable, header or flag; empty if it has no name.
    pub key: String,
    /// What it is.
    pub what: ValueKind,
    /// Where it was written.
    pub at: Option<Span>,
}

/// What a value has to do with a secret. A secret is an index into [`Host::secrets`](super::Host::secrets).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueKind {
    /// A reference to a variable, a file or a command.
    Reference {
        /// How it is written.
        syntax: Syntax,
        /// The variable, path or command.
        to: String,
        /// The secret whose path the reference holds.
        secret: Option<usize>,
    },
    /// `{ file = …; }`
    FileSet {
        /// The secret that lands there.
        secret: Option<usize>,
        /// The file, if it is known.
        path: Option<String>,
    },
    /// All of a secret's options, instead of its path.
    SecretSet {
        /// The secret.
        secret: usize,
    },
    /// The path of a secret.
    SecretPath {
        /// The secret.
        secret: usize,
        /// Whether there is nothing else, or a scheme like `Bearer` or the command `cat` alone.
        is_whole: bool,
    },
    /// The path of a secret as the program that is run.
    RunsSecret {
        /// The secret.
        secret: usize,
    },
    /// The placeholder of a secret, which only a template's content has replaced.
    Placeholder,
    /// The path of a secret in an argument that is the text of a shell: `bash -c TEXT`.
    InShell {
        /// The secret.
        secret: usize,
        /// Whether its content becomes an argument of a program that the shell starts.
        is_argument: bool,
    },
    /// A variable of the environment that the text of a shell expands.
    ShellVariable {
        /// The variable.
        name: String,
    },
    /// The path of a secret that a shell would have to expand.
    ShellPath {
        /// The secret.
        secret: usize,
        /// How the part is written that a shell expands.
        syntax: Syntax,
        /// Whether there is nothing else, or a scheme like `Bearer`.
        is_whole: bool,
        /// Whether a wrapper opens the file of that name, without a shell's expansion.
        is_opened: bool,
    },
    /// A file of variables that holds the value alone.
    BareEnvironmentFile {
        /// The secret.
        secret: usize,
        /// Why it can be no list of variables, for a person.
        why: String,
        /// Where that is written.
        shown_at: Option<Span>,
    },
    /// A command of the user's own, in place of the wrapper that would read the secret.
    ReplacesWrapper,
    /// A file that a wrapper opens, where no declared secret lands.
    OpensFile {
        /// The file.
        path: String,
    },
    /// A value that is not known, where a credential is expected.
    Unknown {
        /// Why.
        why: Unknown,
    },
    /// A credential that is written out.
    Literal {
        /// Its length in characters.
        length: usize,
        /// How sure it is.
        confidence: Confidence,
    },
}

/// What is certainly wrong with a value of a server: the inventory calls the server broken, and a lint reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// These clients hand a reference over as it is written.
    NotExpanded(Vec<&'static McpModule>),
    /// `{ file = …; }` where nobody reads the file.
    SetForText,
    /// The options of a secret, or its path, where its content is meant.
    NoContent,
    /// A placeholder that nothing replaces.
    Placeholder,
    /// A command in place of the wrapper that would read the secret.
    WrapperReplaced,
    /// A credential that is written out: everybody can read it.
    Literal,
    /// A wrapper opens a file whose name a shell would have to expand.
    NoFile,
    /// A wrapper reads a list of variables, and the file holds the value alone.
    NoVariables,
}

impl ServerValue {
    /// What is wrong with it for the clients of these rows, whose module declares the server; `None` if nothing
    /// certainly is.
    #[must_use]
    pub fn fault(&self, module: &McpModule, rows: &[&'static McpModule]) -> Option<Fault> {
        match &self.what {
            ValueKind::Reference { syntax, to, secret } => {
                if !self.takes_a_secret(*syntax, to, *secret) {
                    return None;
                }
                // Of the clients that run commands none takes these servers over.
                let is_command = syntax.is_of_commands() && secret.is_some();
                let has_no_shell = match module.kind {
                    McpKind::McpHomeManager => true,
                    McpKind::Shared => rows.is_empty() && self.place == Place::Variable,
                    _ => false,
                };
                if is_command && has_no_shell {
                    return Some(Fault::NotExpanded(rows.to_vec()));
                }
                self.left_by(*syntax, rows)
            }
            ValueKind::FileSet { .. } => {
                let is_written = module.files == FileSet::Written || self.place == Place::Header;
                is_written.then_some(Fault::SetForText)
            }
            ValueKind::SecretSet { .. } | ValueKind::RunsSecret { .. } => Some(Fault::NoContent),
            ValueKind::SecretPath { is_whole, .. } => {
                (*is_whole && self.is_taken_for_the_value()).then_some(Fault::NoContent)
            }
            ValueKind::ShellPath {
                is_opened: true, ..
            } => Some(Fault::NoFile),
            // A shell runs the command of a password.
            ValueKind::ShellPath { .. } if self.place == Place::PasswordCommand => None,
            ValueKind::ShellPath { is_whole: true, .. } if self.is_taken_for_the_value() => {
                Some(Fault::NoContent)
            }
            // A client that expands `${NAME}` does expand `${XDG_RUNTIME_DIR}`.
            ValueKind::ShellPath { syntax, .. } => self.left_by(*syntax, rows),
            ValueKind::BareEnvironmentFile { .. } => Some(Fault::NoVariables),
            ValueKind::Placeholder => Some(Fault::Placeholder),
            ValueKind::ReplacesWrapper => Some(Fault::WrapperReplaced),
            ValueKind::Literal { confidence, .. } => {
                (*confidence != Confidence::Low).then_some(Fault::Literal)
            }
            ValueKind::InShell { .. }
            | ValueKind::ShellVariable { .. }
            | ValueKind::OpensFile { .. }
            | ValueKind::Unknown { .. } => None,
        }
    }

    /// The clients that certainly hand a syntax over as it is written, as a fault.
    fn left_by(&self, syntax: Syntax, rows: &[&'static McpModule]) -> Option<Fault> {
        let leaves = |row: &&&'static McpModule| row.expansion.leaves(syntax, self.place);
        let leaving: Vec<&'static McpModule> = rows.iter().filter(leaves).copied().collect();
        (!leaving.is_empty()).then_some(Fault::NotExpanded(leaving))
    }

    /// Whether a secret should come through a reference.
    fn takes_a_secret(&self, syntax: Syntax, to: &str, secret: Option<usize>) -> bool {
        // A program may expand its arguments itself, as shells do: but no command, and not what is opencode's own.
        let is_text = match self.place {
            Place::Variable | Place::Header | Place::Url | Place::Setting => true,
            Place::Argument => {
                matches!(syntax, Syntax::Env | Syntax::File)
                    || (syntax.is_of_commands() && secret.is_some())
            }
            _ => false,
        };
        let is_named =
            |name: &str| is_credential_name(name) || name.eq_ignore_ascii_case("authorization");
        let is_file = matches!(syntax, Syntax::File | Syntax::BracedFile | Syntax::Command);
        is_text && (secret.is_some() || is_file || is_named(&self.key) || is_named(to))
    }

    /// The secret, if it has to do with one that is declared.
    #[must_use]
    pub const fn secret(&self) -> Option<usize> {
        match &self.what {
            ValueKind::Reference { secret, .. } | ValueKind::FileSet { secret, .. } => *secret,
            ValueKind::SecretSet { secret }
            | ValueKind::SecretPath { secret, .. }
            | ValueKind::RunsSecret { secret }
            | ValueKind::InShell { secret, .. }
            | ValueKind::BareEnvironmentFile { secret, .. }
            | ValueKind::ShellPath { secret, .. } => Some(*secret),
            ValueKind::ShellVariable { .. }
            | ValueKind::Placeholder
            | ValueKind::ReplacesWrapper
            | ValueKind::OpensFile { .. }
            | ValueKind::Unknown { .. }
            | ValueKind::Literal { .. } => None,
        }
    }

    /// Whether a wrapper opens a file by it whose name nobody expands.
    #[must_use]
    pub const fn has_no_file(&self) -> bool {
        matches!(self.what, ValueKind::ShellPath { is_opened, .. } if is_opened)
    }

    /// Whether it is a path as an argument that no name before it says to be a file.
    #[must_use]
    pub fn may_be_a_file(&self) -> bool {
        let is_path = matches!(self.what, ValueKind::SecretPath { .. });
        let lower = self.key.to_ascii_lowercase();
        let is_file = FILES.iter().any(|word| lower.contains(word));
        is_path && self.place == Place::Argument && !is_file && !self.is_taken_for_the_value()
    }

    /// Whether a path that is the value is taken for the secret itself, by the name under which it is.
    #[must_use]
    pub fn is_taken_for_the_value(&self) -> bool {
        let lower = self.key.to_ascii_lowercase().replace('-', "_");
        let is_value = |name: &str| {
            !name.starts_with('_')
                && is_credential_name(name)
                && VALUES.iter().any(|word| lower.ends_with(word))
        };
        match self.place {
            Place::Header => self.key.eq_ignore_ascii_case("authorization") || is_value(&self.key),
            Place::Variable | Place::Argument => is_value(&self.key),
            _ => false,
        }
    }
}

/// Parts of the names of flags that a file follows.
const FILES: [&str; 8] = [
    "file", "path", "config", "cred", "env", "key", "cert", "settings",
];

/// Last words of the name of a value. Keys and credentials are often files.
pub const VALUES: [&str; 8] = [
    "password",
    "passwd",
    "passphrase",
    "pass",
    "token",
    "secret",
    "api_key",
    "apikey",
];
