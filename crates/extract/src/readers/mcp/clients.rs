//! The modules of single clients, of mcp-servers-nix, and services that start MCP servers.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};

use super::entries::{ServerAt, blank, from_service, from_session};
use super::values::values;
use crate::host_view::HostView;
use crate::readers::extracted::ExtractedReaders;
use crate::values::{Options, definitions, written};
use inventory::mcp_modules::{MCP_MODULES, McpKind, McpModule, Place};
use inventory::model::{Fact, McpConfiguration, OptionPath, ServerValue, ValueKind};

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
            if !is_server_on(evaluator, entry, module)
                || !is_server(evaluator, entry, module)
                || is_generated(evaluator, entry)
            {
                continue;
            }
            let mut values = values(evaluator, view, module, of.user, (&names, entry));
            values.extend(replaced(evaluator, of.config, module, &names, &values));
            let at = definitions(evaluator, entry).first().copied();
            let name = names.last().cloned().unwrap_or_default();
            let blank = blank(name, at);
            let server = ServerAt {
                module,
                rows: &rows,
                blank: &blank,
                above: of.option,
                names: &names,
            };
            let mut entries = server.entries_or_blank(view, &mut found.readers, &values);
            if module.kind == McpKind::Service {
                for entry in &mut entries {
                    from_service(view, module, &found.readers, entry);
                }
            }
            if let Some(user) = of.user {
                from_session(evaluator, view, (user, of.config), &mut entries);
            }
            configuration.servers.extend(entries);
            configuration.values.extend(values);
        }
        if configuration.servers.is_empty() {
            continue;
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

/// Whether a set defines a server, and is not what a module of the project's own has at the same option.
pub(super) fn is_server(evaluator: &mut Evaluator, entry: Entry, module: &McpModule) -> bool {
    const COMMON: [&str; 6] = ["command", "args", "type", "transport", "url", "package"];
    if module.kind == McpKind::McpServersNix {
        return true;
    }
    let Ok(set) = evaluator.force_attrs(entry.value) else {
        return false;
    };
    let shape = &module.shape;
    let of_shape = [
        shape.variables,
        shape.headers,
        shape.arguments,
        shape.urls,
        shape.settings,
        shape.names,
        shape.environment_files,
        shape.header_helpers,
    ];
    let mut names = COMMON.iter().chain(of_shape.into_iter().flatten());
    names.any(|name| (Options { set }).entry(evaluator, name).is_some())
}

/// Whether a server is one of `services.mcp`, which another client takes over by `_generatedServers`.
fn is_generated(evaluator: &mut Evaluator, entry: Entry) -> bool {
    evaluator
        .force_attrs(entry.value)
        .is_ok_and(|set| (Options { set }).entry(evaluator, GENERATED).is_some())
}

/// The mark of a server that `services.mcp` generates, in its schema.
const GENERATED: &str = "_isOfServicesMcp";

/// The clients beside its own that start servers of `services.mcp`.
pub(super) fn taking_generated(evaluator: &mut Evaluator, config: Options) -> Vec<&'static str> {
    let mut found = Vec::new();
    for module in MCP_MODULES.iter().copied() {
        if module.kind != McpKind::Client || is_on(evaluator, config, module).is_none() {
            continue;
        }
        let mut servers = Vec::new();
        declared(
            evaluator,
            config,
            module.option,
            &mut Vec::new(),
            &mut servers,
        );
        if servers
            .into_iter()
            .any(|(_, entry)| is_generated(evaluator, entry))
        {
            found.extend(module.clients);
        }
    }
    found
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
    let has_switch = module.kind == McpKind::McpServersNix && module.option.contains(&"programs");
    let is_enabled = match flag("enable") {
        Some(is_enabled) => is_enabled,
        None => !has_switch,
    };
    !is_off && is_enabled
}
