//! The part of the configuration through which a process opens a secret's file.

use std::fmt;

use super::{OptionPath, UNIT_SCRIPTS};
use crate::mcp_modules::{McpKind, McpModule};

/// The part of the configuration through which a process opens a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Via {
    /// A setting of a unit of the system: `postgresql.service ExecStartPost`.
    Unit {
        /// The name without `.service`.
        name: String,
        /// The setting: `EnvironmentFile`, `script`.
        setting: &'static str,
    },
    /// A setting of a unit of a user's service manager: `sync.service script (a user unit)`.
    UserUnit {
        /// The name without `.service`.
        name: String,
        /// The setting: `EnvironmentFile`, `script`.
        setting: &'static str,
    },
    /// A server that an MCP client starts: `services.mcp github`.
    Mcp {
        /// The module that declares the server.
        module: &'static McpModule,
        /// The server's name.
        server: String,
    },
    /// An option whose value holds the path: `users.users.alice.hashedPasswordFile`.
    Option {
        /// The option; of an activation script or a launchd job, the script or job.
        path: OptionPath,
        /// The unit of nixpkgs that reads the option, without `.service`; `None` if there is none or
        /// it is not known.
        unit: Option<String>,
    },
    /// A function that reads the file while Nix evaluates: `readFile`.
    Evaluation {
        /// The function's name.
        function: &'static str,
    },
    /// A process inside a container: `containers.web.config: bot.service script`.
    Container {
        /// The option that declares the container: `containers.web`.
        option: String,
        /// What reads inside.
        inner: Box<Self>,
    },
}

impl Via {
    /// The unit that opens the file, without `.service`; `None` if it is none of the system, or one of
    /// nixpkgs of which an option is read.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        match self {
            Self::Unit { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The MCP module whose server reads; `None` if no MCP server does.
    #[must_use]
    pub const fn mcp(&self) -> Option<&'static McpModule> {
        match self {
            Self::Mcp { module, .. } => Some(*module),
            _ => None,
        }
    }

    /// Whether a server of such a module reads.
    #[must_use]
    pub fn is_of_mcp(&self, kind: McpKind) -> bool {
        self.mcp().is_some_and(|module| module.kind == kind)
    }

    /// Whether the path is an argument of a program: a script or a command of a unit.
    #[must_use]
    pub fn is_command_line(&self) -> bool {
        match self {
            Self::Unit { setting, .. } | Self::UserUnit { setting, .. } => {
                UNIT_SCRIPTS.contains(setting) || setting.starts_with("Exec")
            }
            _ => false,
        }
    }

    /// Whether a shell expands the text that names the file.
    #[must_use]
    pub fn is_unit_script(&self) -> bool {
        match self {
            Self::Unit { setting, .. } | Self::UserUnit { setting, .. } => {
                UNIT_SCRIPTS.contains(setting)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit { name, setting } => write!(f, "{name}.service {setting}"),
            Self::UserUnit { name, setting } => {
                write!(f, "{name}.service {setting} (a user unit)")
            }
            Self::Mcp { module, server } => write!(f, "{} {server}", module.name),
            Self::Option { path, unit: None } => write!(f, "{path}"),
            Self::Option {
                path,
                unit: Some(unit),
            } => write!(f, "{unit}.service, {path}"),
            Self::Evaluation { function } => f.write_str(function),
            Self::Container { option, inner } => write!(f, "{option}.config: {inner}"),
        }
    }
}
