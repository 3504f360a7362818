//! The MCP servers of a host, in sentences for people: who starts them, which are available, and why the others are
//! not. The table and the page show the same.

use inventory::mcp_modules::{McpKind, Place, WhenMissing};
use inventory::{Host, McpConfiguration, McpServer, McpStatus, ServerValue, ValueKind};

use crate::display::escape;

/// What a line says of its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// They are available.
    Available,
    /// A secret is not there.
    Disabled,
    /// A secret cannot be read, or the server gets something else.
    Broken,
    /// Not decided.
    Undecided,
}

impl Mark {
    /// The sign before the line.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Available => "✓",
            Self::Disabled => "⚠",
            Self::Broken => "✗",
            Self::Undecided => "?",
        }
    }
}

/// A line: one or several servers, and what becomes of them. The text is inert.
#[derive(Debug)]
pub(crate) struct Line {
    /// The verdict.
    pub(crate) mark: Mark,
    /// `openai needs OPENAI_API_KEY at /run/secrets: …`
    pub(crate) text: String,
}

/// The servers that one module declares for one user.
#[derive(Debug)]
pub(crate) struct Block {
    /// Whose they are, by which module, and the clients that start them. The text is inert.
    pub(crate) title: String,
    /// The available ones first.
    pub(crate) lines: Vec<Line>,
}

/// The servers of a host: a block for each user and module that is not off.
pub(crate) fn blocks(host: &Host) -> impl Iterator<Item = Block> + '_ {
    { host.mcp.iter() }
        .filter(|mcp| mcp.enabled.known() != Some(&false))
        .map(|mcp| block(host, mcp))
        .filter(|block| !block.lines.is_empty())
}

fn block(host: &Host, mcp: &McpConfiguration) -> Block {
    let path = match mcp.secrets_path.as_ref().map(|path| path.value.as_ref()) {
        Some(Ok(path)) => format!(" · secretsPath {}", escape(path)),
        Some(Err(unknown)) => format!(" · secretsPath ? ({})", escape(&unknown.reason.to_string())),
        None => String::new(),
    };
    let clients = match mcp.clients.as_slice() {
        // Which client reads the file is not known.
        [] if mcp.module.kind == McpKind::File => escape(&mcp.option),
        [] => declared_in(host, mcp),
        clients => format!("{} · {}", declared_in(host, mcp), clients.join(", ")),
    };
    let whose = match mcp.module.kind {
        McpKind::File if !mcp.module.is_of_users() => "whoever starts the client".to_owned(),
        McpKind::Service => "the system".to_owned(),
        McpKind::Shell => "whoever enters the shell".to_owned(),
        _ if mcp.user.is_empty() => "the user".to_owned(),
        _ => escape(&mcp.user),
    };
    let title = format!("MCP servers of {whose}{path} · {clients}");
    let enabled = || { mcp.servers.iter() }.filter(|it| it.enabled.known() != Some(&false));
    let is_fine = |server: &McpServer| {
        matches!(server.status, McpStatus::Available | McpStatus::NoSecret)
            && server.enabled.known().is_some()
    };
    // Only the servers of `services.mcp` are known to need nothing else.
    let may_need_more = |server: &McpServer| {
        server.status == McpStatus::NoSecret && mcp.module.kind != McpKind::McpHomeManager
    };
    let fine = |needs_more: bool| {
        let mut names: Vec<String> = { enabled().filter(|server| is_fine(server)) }
            .filter(|fine| !enabled().any(|other| other.name == fine.name && !is_fine(other)))
            .filter(|server| may_need_more(server) == needs_more)
            .map(|server| escape(&server.name) + &seen(server))
            .collect();
        names.dedup();
        (!names.is_empty()).then(|| names.join(" · "))
    };
    let available = fine(false).map(|text| Line {
        mark: Mark::Available,
        text,
    });
    let unsecret = fine(true).map(|names| Line {
        mark: Mark::Available,
        text: format!("{names}: no secret in what is declared"),
    });
    let others = enabled().filter(|server| !is_fine(server));
    let others = others.map(|server| line(mcp, server));
    Block {
        title,
        lines: { available.into_iter().chain(unsecret).chain(others) }.collect(),
    }
}

/// The module, and its option where the user has servers in another one of it, too.
fn declared_in(host: &Host, mcp: &McpConfiguration) -> String {
    let name = mcp.module.name;
    let is_other = |other: &McpConfiguration| {
        other.user == mcp.user
            && other.module.name == name
            && other.module.root() != mcp.module.root()
    };
    if host.mcp.iter().any(is_other) {
        mcp.module.root().join(".")
    } else {
        name.to_owned()
    }
}

/// Who sees the secret beside the server, in parentheses; empty if nobody does.
fn seen(server: &McpServer) -> String {
    { server.seen_by() }.map_or_else(String::new, |who| format!(" (seen by {who})"))
}

fn line(mcp: &McpConfiguration, server: &McpServer) -> Line {
    let name = escape(&server.name);
    let (mark, what) = match why(mcp, server) {
        (mark, Some(what)) => (mark, what),
        (mark, None) => (mark, "is not decided".to_owned()),
    };
    Line {
        mark,
        text: format!("{name} {what}{}", seen(server)),
    }
}

/// What becomes of a server, without its name, and why; `None` if it is available.
pub(crate) fn reason(mcp: &McpConfiguration, server: &McpServer) -> Option<String> {
    why(mcp, server).1
}

fn why(mcp: &McpConfiguration, server: &McpServer) -> (Mark, Option<String>) {
    if let Err(unknown) = &server.enabled.value {
        let reason = escape(&unknown.reason.to_string());
        let text = format!("may be off, which is not decided: {reason}");
        return (Mark::Undecided, Some(text));
    }
    let user = if mcp.user.is_empty() {
        "the user".to_owned()
    } else {
        escape(&mcp.user)
    };
    let then = server.when_missing.map_or("", WhenMissing::phrase);
    match server.status {
        McpStatus::Available | McpStatus::NoSecret => (Mark::Available, None),
        McpStatus::Missing => {
            let needs = needs(server);
            let text = format!("{needs}: no secret of this host lands there; {then}");
            (Mark::Disabled, Some(text))
        }
        McpStatus::Unreadable => {
            let needs = needs(server);
            let reason = escape(
                server
                    .why
                    .as_deref()
                    .unwrap_or("it belongs to another user"),
            );
            let text = format!("{needs}, which {user} cannot read: {reason}; {then}");
            (Mark::Broken, Some(text))
        }
        McpStatus::Broken => {
            let what = server
                .broken_by
                .as_ref()
                .map(|value| gets(value, &server.clients));
            let what = what.unwrap_or_else(|| "gets a text in place of its secret".to_owned());
            (Mark::Broken, Some(what))
        }
        McpStatus::Unknown => {
            let text = match (&server.variable, &server.path.value) {
                (Some(variable), Ok(Some(file))) => {
                    let (variable, file) = (escape(variable), escape(file));
                    format!("needs {variable} from {file}: whether it is in there is not decided")
                }
                (Some(variable), _) => {
                    let variable = escape(variable);
                    format!(
                        "needs {variable} in the environment of its client, which is not decided here"
                    )
                }
                (None, Err(unknown)) => {
                    let reason = escape(&unknown.reason.to_string());
                    format!("needs a secret that is not decided: {reason}")
                }
                (None, Ok(_)) => {
                    let reason = escape(server.why.as_deref().unwrap_or(
                        "no secret is declared for it, and no manager fills that directory",
                    ));
                    format!("{}, which is not decided: {reason}", needs(server))
                }
            };
            (Mark::Undecided, Some(text))
        }
    }
}

/// `needs NAME at DIRECTORY`
fn needs(server: &McpServer) -> String {
    let path = server.path.known().and_then(Option::as_deref);
    let name = server.secret.known().and_then(Option::as_deref);
    match (path.and_then(|path| path.rsplit_once('/')), name) {
        (Some((directory, file)), name) if name.is_none_or(|name| name == file) => {
            let directory = if directory.is_empty() { "/" } else { directory };
            format!("needs {} at {}", escape(file), escape(directory))
        }
        _ => {
            let name = name.map_or_else(|| "a secret".to_owned(), escape);
            let path = path.map_or_else(|| "?".to_owned(), escape);
            format!("needs {name} at {path}")
        }
    }
}

/// What a server gets in place of its secret.
fn gets(value: &ServerValue, clients: &[&str]) -> String {
    let key = match value.key.as_str() {
        "" => String::new(),
        key => format!(" as {}", escape(key)),
    };
    match &value.what {
        ValueKind::Reference { syntax, to, .. } => {
            let verb = if clients.len() == 1 { "does" } else { "do" };
            let text = escape(&syntax.write(to));
            match clients {
                [] => format!("gets the text {text}{key}: no client that expands it takes it over"),
                _ => {
                    let who = clients.join(", ");
                    format!("gets the text {text}{key}: {who} {verb} not expand it")
                }
            }
        }
        ValueKind::SecretSet { .. } => {
            format!("gets the options of a secret{key}, not what its file holds")
        }
        ValueKind::ShellPath {
            is_opened: true, ..
        } => format!("has no secret{key}: no shell expands the name of its file"),
        ValueKind::BareEnvironmentFile { .. } => {
            "reads a list of variables from a file that holds the value alone".to_owned()
        }
        ValueKind::SecretPath { .. } | ValueKind::ShellPath { .. } => {
            format!("gets the path of a secret{key}, not what the file holds")
        }
        ValueKind::Placeholder => {
            format!("gets the placeholder of a secret{key}, which nothing replaces")
        }
        ValueKind::InShell { .. } | ValueKind::ShellVariable { .. } => {
            format!("runs a shell that reads its secret{key}")
        }
        ValueKind::RunsSecret { .. } => "runs the file of a secret as a program".to_owned(),
        ValueKind::ReplacesWrapper => {
            "has a command of its own in place of the wrapper that would read the secret".to_owned()
        }
        ValueKind::FileSet { .. } if value.place == Place::Header => {
            format!("gets a set{key}: a header is not read from a file")
        }
        ValueKind::FileSet { .. } => format!("gets a set{key}"),
        ValueKind::OpensFile { .. } => "reads a file".to_owned(),
        ValueKind::Unknown { why } => format!(
            "gets what is not known{key}: {}",
            escape(&why.reason.to_string())
        ),
        ValueKind::Literal { .. } => format!("gets a credential that is written out{key}"),
    }
}
