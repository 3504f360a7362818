//! The modules of single clients, of mcp-servers-nix, and services that start MCP servers.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};

use super::values::values;
use crate::host_view::HostView;
use crate::readers::extracted::ExtractedReaders;
use crate::values::{Options, definitions, written};
use inventory::mcp_modules::{MCP_MODULES, McpKind, McpModule, Place, Syntax};
use inventory::model::{
    Fact, McpConfiguration, McpServer, McpStatus, OptionPath, Readable, Reader, ServerValue,
    Unknown, ValueKind, Via,
};

/// A configuration whose options are searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declaring<'a> {
    /// Whose it is; `None` for the system's.
    pub(super) user: Option<&'a str>,
    /// Its values.
    pub(super) config: Options,
    /// The option that holds it.
    pub(super) option: &'a OptionPath,
}

/// Adds the servers that clients and services declare themselves. What they read is among the readers already.
pub(super) fn clients(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    of: Declaring<'_>,
    found: &mut ExtractedReaders,
) {
    for module in MCP_MODULES.iter().copied() {
        let has_reader = matches!(module.kind, McpKind::McpHomeManager | McpKind::Shared);
        if has_reader || module.is_of_users() != of.user.is_some() {
            continue;
        }
        let Some(enabled) = is_on(evaluator, of.config, module) else {
            continue;
        };
        let mut servers = Vec::new();
        declared(
            evaluator,
            of.config,
            module.option,
            &mut Vec::new(),
            &mut servers,
        );
        if servers.is_empty() {
            continue;
        }
        let rows = rows_of(evaluator, of.config, module);
        let mut configuration = McpConfiguration {
            user: of.user.unwrap_or("root").to_owned(),
            module,
            option: of.option.join(module.root().iter().copied()).to_string(),
            enabled,
            secrets_path: None,
            clients: clients_of(&rows),
            servers: Vec::new(),
            values: Vec::new(),
        };
        for (names, entry) in servers {
            if !is_server_on(evaluator, entry, module) {
                continue;
            }
            let mut values = values(evaluator, view, module, of.user, (&names, entry));
            values.extend(replaced(evaluator, of.config, module, &names, &values));
            let at = definitions(evaluator, entry).first().copied();
            let name = names.last().cloned().unwrap_or_default();
            let blank = blank(name, at);
            let mut entries: Vec<McpServer> = { values.iter() }
                .filter_map(|value| of_value(module, &rows, &blank, value))
                .collect();
            let reading = reading(&found.readers, of.option, &names, &entries);
            entries.splice(0..0, of_readers(view, module, &blank, &reading));
            if entries.is_empty() {
                entries.push(blank);
            }
            if module.kind == McpKind::Service {
                for entry in &mut entries {
                    from_service(view, module, &found.readers, entry);
                }
            }
            configuration.servers.extend(entries);
            configuration.values.extend(values);
        }
        found.mcp.push(configuration);
    }
}

/// The command that `mcp-servers.settings` gives a server whose wrapper would read its secret.
fn replaced(
    evaluator: &mut Evaluator,
    config: Options,
    module: &McpModule,
    names: &[String],
    values: &[ServerValue],
) -> Option<ServerValue> {
    let of_wrapper = |place| matches!(place, Place::EnvironmentFile | Place::PasswordCommand);
    let server = names
        .last()
        .filter(|_| module.kind == McpKind::McpServersNix)?;
    let _ = values.iter().find(|value| of_wrapper(value.place))?;
    let settings = config
        .path(evaluator, &["mcp-servers", "settings", "servers", server])
        .ok()?;
    let command = settings.entry(evaluator, "command")?;
    let _ = evaluator.force(command.value).ok()?;
    let option = ["mcp-servers", "settings", "servers", server, "command"];
    Some(ServerValue {
        server: server.clone(),
        option: option.map(str::to_owned).to_vec(),
        place: Place::Command,
        key: String::new(),
        what: ValueKind::ReplacesWrapper,
        at: written(evaluator, command).at,
    })
}

/// The rows whose clients start the servers of a module: its own, or those of the clients that take them over.
pub(super) fn rows_of(
    evaluator: &mut Evaluator,
    config: Options,
    module: &'static McpModule,
) -> Vec<&'static McpModule> {
    match module.kind {
        // mcp-servers-nix hands its servers to `programs.mcp`.
        McpKind::Shared | McpKind::McpServersNix => integrated(evaluator, config),
        _ => vec![module],
    }
}

/// The clients of these rows.
pub(super) fn clients_of(rows: &[&'static McpModule]) -> Vec<&'static str> {
    rows.iter()
        .flat_map(|row| row.clients.iter().copied())
        .collect()
}

/// The modules of clients that take over the servers of `programs.mcp`.
fn integrated(evaluator: &mut Evaluator, config: Options) -> Vec<&'static McpModule> {
    let mut found: Vec<&'static McpModule> = Vec::new();
    for module in MCP_MODULES.iter().copied() {
        let Some(integration) = module.integration else {
            continue;
        };
        let is_known = found.iter().any(|known| known.name == module.name);
        if !is_known
            && is_on(evaluator, config, module).is_some_and(|on| on.known() == Some(&true))
            && is_set(evaluator, config, integration.switch)
        {
            found.push(module);
        }
    }
    found
}

/// Whether an option is true, for one of its names at least.
fn is_set(evaluator: &mut Evaluator, config: Options, option: &[&str]) -> bool {
    let Some((first, rest)) = option.split_first() else {
        return false;
    };
    let names: Vec<Entry> = if *first == "*" {
        config
            .entries(evaluator)
            .into_iter()
            .map(|(_, entry)| entry)
            .collect()
    } else {
        config.entry(evaluator, first).into_iter().collect()
    };
    names
        .into_iter()
        .filter(|entry| entry.maybe.is_none())
        .any(|entry| match evaluator.force(entry.value) {
            Ok(Value::Bool(true)) => rest.is_empty(),
            Ok(Value::Attrs(set)) => !rest.is_empty() && is_set(evaluator, Options { set }, rest),
            _ => false,
        })
}

/// Whether the program is on that a module is of; `None` if it is off or not there.
fn is_on(evaluator: &mut Evaluator, config: Options, module: &McpModule) -> Option<Fact<bool>> {
    let [first, second, ..] = module.option else {
        return None;
    };
    let above = match *first {
        "programs" | "services" => config.path(evaluator, &[first, second]).ok()?,
        _ => {
            let mut enabled = Fact::default_value(true);
            for above in [&[*first] as &[&str], &[*first, *second]] {
                let Ok(above) = config.path(evaluator, above) else {
                    continue;
                };
                if above.entry(evaluator, "enable").is_some() {
                    enabled = above.boolean(evaluator, "enable");
                }
            }
            let _ = config.path(evaluator, &[first]).ok()?;
            return (enabled.known() != Some(&false)).then_some(enabled);
        }
    };
    let _ = above.entry(evaluator, "enable")?;
    let enabled = above.boolean(evaluator, "enable");
    (enabled.known() != Some(&false)).then_some(enabled)
}

/// The servers below an option, with all of their names.
fn declared(
    evaluator: &mut Evaluator,
    config: Options,
    option: &[&str],
    names: &mut Vec<String>,
    found: &mut Vec<(Vec<String>, Entry)>,
) {
    let Some((first, rest)) = option.split_first() else {
        return;
    };
    let entries: Vec<(String, Entry)> = if *first == "*" {
        config.entries(evaluator)
    } else {
        let entry = config.entry(evaluator, first);
        entry
            .into_iter()
            .map(|entry| ((*first).to_owned(), entry))
            .collect()
    };
    for (name, entry) in entries
        .into_iter()
        .filter(|(_, entry)| entry.maybe.is_none())
    {
        names.push(name);
        if rest.is_empty() {
            if evaluator.force_attrs(entry.value).is_ok() {
                found.push((names.clone(), entry));
            }
        } else if let Ok(set) = evaluator.force_attrs(entry.value) {
            declared(evaluator, Options { set }, rest, names, found);
        }
        names.pop();
    }
}

/// Whether a server is not switched off.
pub(super) fn is_server_on(evaluator: &mut Evaluator, entry: Entry, module: &McpModule) -> bool {
    let Ok(set) = evaluator.force_attrs(entry.value) else {
        return false;
    };
    let mut flag = |name: &str| {
        let entry = (Options { set }).entry(evaluator, name)?;
        match evaluator.force(entry.value) {
            Ok(Value::Bool(value)) => Some(value),
            _ => None,
        }
    };
    let is_off = flag("enabled") == Some(false) || flag("disabled") == Some(true);
    let is_enabled = module.kind != McpKind::McpServersNix || flag("enable") == Some(true);
    !is_off && is_enabled
}

/// Whether a reader is part of the server at these names.
fn reads(reader: &Reader, above: &OptionPath, names: &[String]) -> bool {
    let Via::Option { path, .. } = &reader.via else {
        return false;
    };
    let below = path.names().strip_prefix(above.names());
    below.is_some_and(|below| below.starts_with(names))
}

/// An entry of a server that needs no secret.
pub(super) fn blank(name: String, at: Option<nix_syntax::source::Span>) -> McpServer {
    McpServer {
        name,
        enabled: Fact::default_value(true),
        secret: Fact::default_value(None),
        secret_is_default: true,
        path: Fact::default_value(None),
        ignores_secrets_path: true,
        at,
        status: McpStatus::NoSecret,
        provided_by: None,
        is_off_by_default: false,
        place: None,
        variable: None,
        when_missing: None,
        clients: Vec::new(),
        broken_by: None,
        why: None,
    }
}

/// Decides a variable that a service gets from a credential or an environment file of its own.
fn from_service(
    view: &HostView<'_>,
    module: &McpModule,
    readers: &[Reader],
    entry: &mut McpServer,
) {
    let (McpStatus::Unknown, Some(variable)) = (entry.status, entry.variable.as_deref()) else {
        return;
    };
    let [root, service, ..] = module.option else {
        return;
    };
    // `credentials.NAME`, or a list of files of many variables.
    let below = |reader: &Reader| match &reader.via {
        Via::Option { path, .. } => match path.names() {
            [first, second, below @ ..] if first == root && second == service => below.to_vec(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let is_credential = |reader: &&Reader| matches!(below(reader).as_slice(), [option, name, ..] if option == "credentials" && name == variable);
    let is_file = |reader: &&Reader| {
        matches!(
            below(reader).first().map(String::as_str),
            Some("environmentFile" | "environmentFiles" | "credentialsFile")
        )
    };
    let credential = readers.iter().find(is_credential);
    let files = || readers.iter().filter(is_file);
    let failing = files().find(|reader| {
        let status = status_of(view, reader);
        matches!(status, McpStatus::Missing | McpStatus::Unreadable)
    });
    let Some(reader) = credential.or(failing).or_else(|| files().next()) else {
        return;
    };
    let status = status_of(view, reader);
    let is_decided = credential.is_some() || failing.is_some();
    let path = reader.path.known().cloned();
    entry.secret = Fact::default_value(path.as_deref().and_then(file_name));
    entry.path = reader.path.clone().map(Some);
    entry.provided_by = reader.secret;
    entry.why = Some(if is_decided {
        reader.verdict.reason.clone()
    } else {
        format!("{variable} may be in it")
    });
    if is_decided {
        entry.status = status;
        entry.variable = None;
    }
}

/// The last name of a path.
fn file_name(path: &str) -> Option<String> {
    path.rsplit_once('/').map(|(_, name)| name.to_owned())
}

/// What a reader's verdict says of its server.
fn status_of(view: &HostView<'_>, reader: &Reader) -> McpStatus {
    match (reader.secret, reader.verdict.readable) {
        (Some(_), Readable::Yes) => McpStatus::Available,
        (Some(_), Readable::No) => McpStatus::Unreadable,
        (None, _) if { reader.path.known() }.is_some_and(|path| super::is_managed(view, path)) => {
            McpStatus::Missing
        }
        _ => McpStatus::Unknown,
    }
}

/// The readers that are part of a server, but for those of which the client gets the path itself.
pub(super) fn reading<'r>(
    readers: &'r [Reader],
    above: &OptionPath,
    names: &[String],
    entries: &[McpServer],
) -> Vec<&'r Reader> {
    let is_broken = |reader: &Reader| {
        entries.iter().any(|entry| {
            { entry.broken_by.as_ref() }.is_some_and(|value| reads(reader, above, &value.option))
        })
    };
    readers
        .iter()
        .filter(|reader| reads(reader, above, names) && !is_broken(reader))
        .collect()
}

/// An entry for each file that a server reads.
pub(super) fn of_readers(
    view: &HostView<'_>,
    module: &'static McpModule,
    blank: &McpServer,
    reading: &[&Reader],
) -> Vec<McpServer> {
    let mut entries: Vec<McpServer> = Vec::new();
    for reader in reading {
        let path = reader.path.known().cloned();
        if path.is_none()
            || entries
                .iter()
                .any(|known| known.path.known() == Some(&path))
        {
            continue;
        }
        entries.push(McpServer {
            secret: Fact::default_value(path.as_deref().and_then(file_name)),
            secret_is_default: false,
            path: Fact::default_value(path),
            at: reader.at.or(blank.at),
            status: status_of(view, reader),
            provided_by: reader.secret,
            when_missing: Some(module.when_missing),
            why: { reader.secret }.map(|_| reader.verdict.reason.clone()),
            ..blank.clone()
        });
    }
    entries
}

/// What a value says of its server, beyond what is read. The clients of `rows` start it.
pub(super) fn of_value(
    module: &McpModule,
    rows: &[&'static McpModule],
    blank: &McpServer,
    value: &ServerValue,
) -> Option<McpServer> {
    let entry = |status: McpStatus, variable: Option<&str>| McpServer {
        secret: Fact::default_value(None),
        status,
        variable: variable.map(str::to_owned),
        place: Some(value.place),
        at: value.at.or(blank.at),
        when_missing: Some(module.when_missing),
        broken_by: (status == McpStatus::Broken).then(|| value.clone()),
        ..blank.clone()
    };
    let leaving: Vec<&'static McpModule> = match &value.what {
        ValueKind::Reference { syntax, .. } => { rows.iter().copied() }
            .filter(|row| row.expansion.leaves(*syntax, value.place))
            .collect(),
        _ => Vec::new(),
    };
    match &value.what {
        ValueKind::Reference { syntax, to, .. } if !leaving.is_empty() => {
            let variable = syntax.is_of_variables().then_some(to.as_str());
            Some(McpServer {
                clients: clients_of(&leaving),
                ..entry(McpStatus::Broken, variable)
            })
        }
        ValueKind::Reference { syntax, to, .. }
            if syntax.is_of_variables()
                && secret_files::is_credential_name(to)
                && *syntax != Syntax::Input =>
        {
            let unknown =
                Unknown::because(format!("{to} is a variable of the client's environment"));
            Some(McpServer {
                path: Fact::unknown(unknown),
                ..entry(McpStatus::Unknown, Some(to))
            })
        }
        ValueKind::Unknown { why } => Some(McpServer {
            secret: Fact::unknown(why.clone()),
            path: Fact::unknown(why.clone()),
            ..entry(McpStatus::Unknown, None)
        }),
        ValueKind::SecretSet { .. } | ValueKind::RunsSecret { .. } | ValueKind::ReplacesWrapper => {
            Some(entry(McpStatus::Broken, None))
        }
        ValueKind::SecretPath { is_whole: true, .. } if value.is_taken_for_the_value() => {
            Some(entry(McpStatus::Broken, None))
        }
        ValueKind::FileSet { .. } if value.place == Place::Header => {
            Some(entry(McpStatus::Broken, None))
        }
        _ => None,
    }
}
