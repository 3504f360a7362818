//! Modules that declare MCP servers, and the clients that start them: one row each.
//!
//! Readers, lints, the inventory and the runtime check share this table. To add a client, add a row to
//! [`MCP_MODULES`] and a fixture.

mod client_files;
mod syntax;
mod table;

pub use client_files::{UNKNOWN_CLIENT, client_file_at, client_files, is_client_file};
pub use syntax::{References, Syntax, VariableReference};
pub use table::{MCP_MODULES, MCP_SERVERS, PROGRAMS_MCP, REQUIRED_VARIABLES, SERVICES_MCP};

/// The kinds of modules whose servers get their secrets in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum McpKind {
    /// `services.mcp` of mcp-home-manager: a wrapper reads files below one directory.
    McpHomeManager,
    /// `programs.mcp` of Home Manager: servers that clients take over with `enableMcpIntegration`.
    Shared,
    /// The options of one client, written to its file.
    Client,
    /// `mcp-servers` of mcp-servers-nix: a wrapper runs `envFile` and `passwordCommand`.
    McpServersNix,
    /// A service that starts or calls servers as a user of its own.
    Service,
    /// The shell of a project: its clients start the servers as whoever enters it.
    Shell,
    /// The file of a client, which the configuration writes itself.
    File,
}

/// The part of a server's definition that holds a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// An environment variable.
    Variable,
    /// An HTTP header.
    Header,
    /// An argument of the command line, which other users see.
    Argument,
    /// The address, which logs hold.
    Url,
    /// The program, which may be a wrapper.
    Command,
    /// A setting of the client's own.
    Setting,
    /// A file of `NAME=value` lines.
    EnvironmentFile,
    /// A command that prints a secret.
    PasswordCommand,
}

/// The names under which a server's definition holds its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    /// Sets of environment variables.
    pub variables: &'static [&'static str],
    /// Sets of HTTP headers.
    pub headers: &'static [&'static str],
    /// Lists of arguments; of opencode the list has the program, too.
    pub arguments: &'static [&'static str],
    /// Addresses.
    pub urls: &'static [&'static str],
    /// Settings of the client's own, of any depth.
    pub settings: &'static [&'static str],
    /// Names of variables that the client hands over itself: no value stands there.
    pub names: &'static [&'static str],
    /// Files of `NAME=value` lines.
    pub environment_files: &'static [&'static str],
    /// Commands that print a secret.
    pub password_commands: &'static [&'static str],
    /// Commands whose output becomes headers.
    pub header_helpers: &'static [&'static str],
}

/// How sure it is what a client expands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Read in the client's source.
    Source,
    /// The client's documentation says so.
    Documentation,
    /// Neither is known, or both disagree.
    Unclear,
}

/// What becomes of a reference whose variable or file is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unset {
    /// The text stays as it is written.
    Literal,
    /// It becomes the empty text.
    Empty,
    /// The client refuses its configuration.
    Refused,
    /// The server is not started.
    Error,
    /// Not known.
    Unknown,
}

/// What a client expands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expansion {
    /// What it expands.
    pub knows: &'static [Syntax],
    /// What it may expand: no finding says that it does not.
    pub unclear: &'static [Syntax],
    /// How sure it is that it expands nothing else.
    pub evidence: Evidence,
    /// The parts of a server's definition for which that holds; of another nothing is known.
    pub places: &'static [Place],
    /// What becomes of a variable that is not set.
    pub unset: Unset,
    /// The client's version from which on; `None` if as long as anybody remembers.
    pub since: Option<&'static str>,
}

impl Expansion {
    /// Whether the client certainly hands over a reference as it is written.
    #[must_use]
    pub fn leaves(&self, syntax: Syntax, place: Place) -> bool {
        // These two are opencode's own.
        let is_of_one = matches!(syntax, Syntax::File | Syntax::Env);
        let is_sure = (self.evidence != Evidence::Unclear || is_of_one)
            && !self.knows.contains(&syntax)
            && !self.unclear.contains(&syntax);
        is_sure && self.places.contains(&place)
    }
}

/// What becomes of `{ file = …; }` as the value of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileSet {
    /// It is written to the client's file as a set, which no client understands.
    Written,
    /// A wrapper reads the file when the server starts.
    Wrapped,
    /// It becomes a reference in the client's own syntax.
    Rendered(Syntax),
}

/// How a client takes over the servers of `programs.mcp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Integration {
    /// The option that switches it on; `*` is any name.
    pub switch: &'static [&'static str],
    /// What becomes of `env.<name>.file`.
    pub files: FileSet,
}

/// The format of a client's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileFormat {
    /// JSON.
    Json,
    /// JSON with comments and trailing commas.
    Jsonc,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
}

/// The systems on which a file is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// All.
    Any,
    /// Linux.
    Linux,
    /// macOS.
    Darwin,
}

/// A file in which a client finds its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientFile {
    /// Where it is at that path.
    pub platform: Platform,
    /// The path: from the home directory on if it begins with `~/`, below `$XDG_CONFIG_HOME` or `~/.config`
    /// if it begins with `$XDG_CONFIG_HOME/`, from a project on if it begins with `./`; `*` is any name.
    pub path: &'static str,
    /// Its format.
    pub format: FileFormat,
    /// The names that lead to the set of servers.
    pub section: &'static [&'static str],
    /// Whether the servers are a list there, each with its `name`.
    pub is_list: bool,
}

/// Who opens the files from which the secrets come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OpenedBy {
    /// The login user, when the client starts or starts the server.
    User,
    /// The manager of the machine's units, as root, before the service starts.
    Root,
    /// root, in the activation script.
    Activation,
}

/// What becomes of a server whose secret is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhenMissing {
    /// It says so on standard error and ends with status 0: the client shows it as disconnected.
    EndsQuietly,
    /// It says so on standard error and ends with status 1.
    EndsWithError,
    /// It starts without the variable.
    StartsWithout,
    /// The unit fails to start.
    UnitFails,
    /// The client refuses its configuration.
    Refused,
    /// The client does not start it.
    NotStarted,
    /// It depends on the client's syntax, or on the wrapper that somebody wrote.
    Depends,
}

impl WhenMissing {
    /// The name in the JSON inventory.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EndsQuietly => "ends-quietly",
            Self::EndsWithError => "ends-with-error",
            Self::StartsWithout => "starts-without",
            Self::UnitFails => "unit-fails",
            Self::Refused => "refused",
            Self::NotStarted => "not-started",
            Self::Depends => "depends",
        }
    }

    /// What happens, as a clause: `the server ends with status 1`.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::EndsQuietly => {
                "the server says so on stderr and ends with status 0: the client shows it as disconnected"
            }
            Self::EndsWithError => "the server says so on stderr and ends with status 1",
            Self::StartsWithout => "the server starts without the variable",
            Self::UnitFails => "the unit fails to start",
            Self::Refused => "the client refuses its configuration",
            Self::NotStarted => "the client does not start the server",
            Self::Depends => {
                "the client's syntax or the wrapper decides what becomes of the server"
            }
        }
    }
}

/// A module that declares MCP servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct McpModule {
    /// What it is called: `services.mcp`, `programs.claude-code`.
    pub name: &'static str,
    /// The kind.
    pub kind: McpKind,
    /// The options that lead to one server; `*` is any name.
    pub option: &'static [&'static str],
    /// The clients that start its servers; none for [`McpKind::Shared`], which each client asks for itself.
    pub clients: &'static [&'static str],
    /// The names in a server's definition.
    pub shape: Shape,
    /// What the clients expand.
    pub expansion: Expansion,
    /// What becomes of `{ file = …; }` as the value of a variable of a server that the module declares itself.
    pub files: FileSet,
    /// How it takes over the servers of `programs.mcp`; `None` if it cannot.
    pub integration: Option<Integration>,
    /// The files in which the clients find the servers.
    pub written: &'static [ClientFile],
    /// Who opens the files from which secrets come.
    pub opened_by: OpenedBy,
    /// The definition below a service by which it gets the variable `NAME` from the file `PATH`; `None` if it is no
    /// service.
    pub environment: Option<&'static str>,
    /// What becomes of a server whose secret is not there.
    pub when_missing: WhenMissing,
    /// Where that was read: project, file and commit.
    pub source: &'static str,
    /// The month in which it was read.
    pub read: &'static str,
}

impl McpModule {
    /// The name of the server at an option, if the module declares it, and the names that follow.
    #[must_use]
    pub fn server<'a>(&self, option: &'a [String]) -> Option<(&'a str, &'a [String])> {
        let agree = |(part, wanted): (&String, &&str)| *wanted == "*" || part == wanted;
        let is_in = option.len() >= self.option.len() && option.iter().zip(self.option).all(agree);
        let name = option.get(self.option.len().checked_sub(1)?)?;
        is_in.then_some((name.as_str(), option.get(self.option.len()..)?))
    }

    /// The part of a server's definition to which these names below it lead, and the name of the variable,
    /// header or setting.
    #[must_use]
    pub fn place<'a>(&self, below: &'a [String]) -> Option<(Place, &'a str)> {
        let (first, rest) = below.split_first()?;
        let first = first.as_str();
        let last = rest.last().map_or(first, String::as_str);
        let shape = &self.shape;
        let named = [
            (shape.variables, Place::Variable),
            (shape.headers, Place::Header),
            (shape.settings, Place::Setting),
            (shape.password_commands, Place::PasswordCommand),
        ];
        let whole = [
            (shape.arguments, Place::Argument),
            (shape.urls, Place::Url),
            (shape.environment_files, Place::EnvironmentFile),
            (shape.header_helpers, Place::Command),
            (&["command"], Place::Command),
        ];
        let with_name = || {
            let found = named.iter().find(|(names, _)| names.contains(&first))?;
            Some((
                found.1,
                if found.1 == Place::Setting {
                    last
                } else {
                    rest.first().map_or("", String::as_str)
                },
            ))
        };
        let without = || {
            Some((
                whole.iter().find(|(names, _)| names.contains(&first))?.1,
                first,
            ))
        };
        with_name().or_else(without)
    }

    /// The service: `services.litellm`.
    #[must_use]
    pub fn service(&self) -> String {
        let names: Vec<&str> = self.option.iter().take(2).copied().collect();
        names.join(".")
    }

    /// Whether its client reads files by a syntax that its source has.
    #[must_use]
    pub fn reads_files(&self) -> bool {
        let of_files = |syntax: &Syntax| matches!(syntax, Syntax::File | Syntax::Command);
        self.expansion.evidence == Evidence::Source && self.expansion.knows.iter().any(of_files)
    }

    /// The options above the servers' names: `programs.claude-code.mcpServers`.
    #[must_use]
    pub fn root(&self) -> &'static [&'static str] {
        let names = self.option.iter().position(|name| *name == "*");
        self.option
            .get(..names.unwrap_or(self.option.len()))
            .unwrap_or_default()
    }

    /// Whether it is an option of a user's configuration, not of the system's.
    #[must_use]
    pub fn is_of_users(&self) -> bool {
        match self.kind {
            McpKind::Service | McpKind::Shell => false,
            McpKind::File => !self.name.starts_with('/'),
            _ => true,
        }
    }
}

/// The row of that name: of a module, or of the file at a path.
#[must_use]
pub fn mcp_module(name: &str) -> Option<&'static McpModule> {
    let files = client_files().iter().chain([&UNKNOWN_CLIENT]);
    let mut rows = MCP_MODULES.iter().copied().chain(files);
    rows.find(|module| module.name == name)
}

/// The module and the server that an option of a user's configuration is part of, and the names that follow.
#[must_use]
pub fn server_at(option: &[String]) -> Option<(&'static McpModule, &str, &[String])> {
    MCP_MODULES.iter().find_map(|module| {
        let (server, below) = module.server(option)?;
        Some((*module, server, below))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn an_option_leads_to_its_server_and_place() {
        let option = option(&[
            "programs", "vscode", "profiles", "a", "userMcp", "servers", "gh", "env", "T",
        ]);
        let (module, server, below) = server_at(&option).unwrap();
        assert_eq!((module.name, server), ("programs.vscode", "gh"));
        assert_eq!(module.place(below), Some((Place::Variable, "T")));
    }

    #[test]
    fn what_is_not_a_server_is_none() {
        assert!(server_at(&option(&["programs", "claude-code", "enable"])).is_none());
        assert!(server_at(&option(&["programs", "claude-code", "mcpServers"])).is_none());
    }

    #[test]
    fn names_and_options_are_each_of_one_row() {
        for (index, row) in MCP_MODULES.iter().enumerate() {
            let mut later = MCP_MODULES.iter().skip(index + 1);
            assert!(
                later.all(|other| other.option != row.option),
                "{}",
                row.name
            );
            assert!(
                !row.source.is_empty() && row.read.len() == 7,
                "{}",
                row.name
            );
            assert_eq!(
                row.expansion
                    .knows
                    .iter()
                    .find(|it| row.expansion.unclear.contains(it)),
                None
            );
        }
    }

    #[test]
    fn nothing_is_said_where_the_evidence_is_unclear() {
        let windsurf = mcp_module("programs.windsurf").unwrap();
        assert!(!windsurf.expansion.leaves(Syntax::Braced, Place::Variable));
        // opencode's own syntax is known to nobody else.
        assert!(windsurf.expansion.leaves(Syntax::File, Place::Variable));
        let opencode = mcp_module("programs.opencode").unwrap();
        assert!(!opencode.expansion.leaves(Syntax::File, Place::Header));
        assert!(opencode.expansion.leaves(Syntax::Braced, Place::Header));
    }
}
