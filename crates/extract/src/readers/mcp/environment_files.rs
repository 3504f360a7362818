//! Files that the wrappers of mcp-servers-nix read as lists of variables, and that hold the value alone: it takes the
//! secret's file to know.

use nix_syntax::source::Span;

use inventory::content::plaintext_length;
use inventory::mcp_modules::{McpKind, Place, REQUIRED_VARIABLES};
use inventory::model::{
    Form, Host, Inventory, McpConfiguration, McpStatus, Moment, ReferenceKind, SecretFile,
    ServerValue, ValueKind,
};

/// The shortest token that a server takes, in bytes: those of all these services are longer.
const SHORTEST_TOKEN: usize = 16;

/// Judges the environment files of all servers, once the files of the secrets are known.
pub(crate) fn judge_environment_files(inventory: &mut Inventory) {
    let files = &inventory.files;
    for host in &mut inventory.hosts {
        let bare: Vec<(usize, usize, ValueKind)> = { host.mcp.iter().enumerate() }
            .flat_map(|(at, mcp)| {
                let values = mcp.values.iter().enumerate();
                values.map(move |(number, value)| (at, mcp, number, value))
            })
            .filter_map(|(at, mcp, number, value)| {
                Some((at, number, bare(host, files, mcp, value)?))
            })
            .collect();
        for (at, number, what) in bare {
            if let Some(mcp) = host.mcp.get_mut(at) {
                replace(mcp, number, what);
            }
        }
    }
}

/// Replaces what a value is, and calls its server broken.
fn replace(mcp: &mut McpConfiguration, number: usize, what: ValueKind) {
    let Some(value) = mcp.values.get_mut(number) else {
        return;
    };
    let secret = value.secret();
    value.what = what;
    let value = value.clone();
    let is_it = |server: &&mut inventory::model::McpServer| {
        server.name == value.server
            && server.place == Some(value.place)
            && server.provided_by == secret
    };
    for server in mcp.servers.iter_mut().filter(is_it) {
        server.status = McpStatus::Broken;
        server.broken_by = Some(value.clone());
    }
}

/// What a value is whose file holds a bare value; `None` if it is no such file, or that is not certain.
fn bare(
    host: &Host,
    files: &[SecretFile],
    mcp: &McpConfiguration,
    value: &ServerValue,
) -> Option<ValueKind> {
    let ValueKind::SecretPath {
        secret: index,
        is_whole: true,
    } = value.what
    else {
        return None;
    };
    // As a text a command has to print `NAME=value`.
    let is_list = match value.place {
        Place::EnvironmentFile => true,
        Place::PasswordCommand => value.option.len() == mcp.module.option.len() + 1,
        _ => false,
    };
    if mcp.module.kind != McpKind::McpServersNix || !is_list {
        return None;
    }
    let secret = host.secrets.get(index)?;
    let is = |why: String, shown_at: Option<Span>| ValueKind::BareEnvironmentFile {
        secret: index,
        why,
        shown_at,
    };
    let known = REQUIRED_VARIABLES
        .iter()
        .find(|(name, _)| *name == value.server);
    if let (Some((_, variable)), Some(length)) = (known, plaintext_length(files, secret))
        && length < variable.len() + 1 + SHORTEST_TOKEN
    {
        let why = format!("{length} bytes: too short for a line `{variable}=…`");
        return Some(is(why, secret.declared_at.first().copied()));
    }
    // Read as a bare value elsewhere: it cannot be both.
    let mut readers = host.readers_of(index).iter();
    let as_value =
        readers.find(|reader| reader.moment == Moment::Session && reader.via.mcp().is_some());
    let substituted = host.references.iter().find(|other| {
        other.what == ReferenceKind::Path
            && other.secret == Some(index)
            && matches!(other.form, Form::Substitution | Form::Argument { .. })
    });
    let at = as_value
        .map(|reader| reader.at)
        .or_else(|| substituted.map(|reference| reference.at))?;
    Some(is("taken for the bare value here".to_owned(), at))
}
