//! MCP servers: `services.mcp` of mcp-home-manager, `programs.mcp` of Home Manager, and the modules of single
//! clients.

mod clients;
mod command_line;
mod entries;
mod environment_files;
mod file_content;
mod files;
mod script;
mod templates;
mod values;

use nix_eval::Evaluator;
use nix_eval::value::{Entry, Value};

use crate::host_view::{Home, HostView};
use crate::managers::MANAGERS;
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::repository::credential_text::confidence_of;
use crate::values::{Options, definitions, written};
use clients::{Declaring, clients, clients_of};
use entries::{ServerAt, blank, from_session};
use inventory::mcp_modules::{McpModule, PROGRAMS_MCP, Place, SERVICES_MCP, WhenMissing};
use inventory::model::{
    ContentUse, EvaluationError, Fact, McpConfiguration, McpServer, McpStatus, Moment, OptionPath,
    Origin, Problem, ProblemKind, Readable, ReaderOrigin, Reason, ServerValue, Unknown, ValueKind,
    Via,
};
use values::{is_secret_text, path_literal, values, written_out};

pub(crate) use environment_files::judge_environment_files;

/// Where integration servers read, whatever `secretsPath` says (servers/integrations.nix).
const FIXED_DIRECTORY: &str = "/run/secrets";

/// Adds the MCP configurations of a user.
pub(crate) fn mcp(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    home: &Home,
    found: &mut ExtractedReaders,
) {
    services(evaluator, view, home, found);
    programs(evaluator, view, home, found);
    let of = Declaring {
        user: Some(&home.user),
        config: home.config,
        option: &home.option,
    };
    clients(evaluator, view, of, found);
    files::files(evaluator, view, of, found);
    templates::templates(evaluator, view, of, found);
}

/// Adds the services of the system that start MCP servers.
pub(crate) fn system(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    config: Options,
    found: &mut ExtractedReaders,
) {
    let of = Declaring {
        user: None,
        config,
        option: &OptionPath::default(),
    };
    clients(evaluator, view, of, found);
    files::files(evaluator, view, of, found);
    templates::templates(evaluator, view, of, found);
}

/// A server's defaults, by the schema.
#[derive(Debug, Default)]
struct Defaults {
    enabled: bool,
    reads: Vec<String>,
    fixed: Vec<String>,
    known: bool,
}

fn services(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    home: &Home,
    found: &mut ExtractedReaders,
) {
    let Ok(options) = home.config.path(evaluator, &["services", "mcp"]) else {
        return;
    };
    let enabled = options.boolean(evaluator, "enable");
    let Ok(servers) = options.path(evaluator, &["servers"]) else {
        return;
    };
    let declared = servers.entries(evaluator);
    // A module of another's at the same option has servers of another form.
    let is_of_another = declared.iter().any(|(_, entry)| {
        { evaluator.force_attrs(entry.value) }
            .is_ok_and(|set| (Options { set }).entry(evaluator, "enabled").is_none())
    });
    if is_of_another || (enabled.known() == Some(&false) && declared.is_empty()) {
        return;
    }
    let mut secrets_path = options.text(evaluator, "secretsPath");
    let literal = { secrets_path.known() }.and_then(|path| path_literal(evaluator, path));
    if let Some(at) = literal.filter(|_| secrets_path.is_defined()) {
        // Through an option or a name: the finding is about the literal.
        secrets_path.at = Some(at);
    }
    let defaults = options.path(evaluator, &["_defaults"]).ok();
    let mut names: Vec<String> = declared.iter().map(|(name, _)| name.clone()).collect();
    if let Some(defaults) = defaults {
        names.extend(
            defaults
                .entries(evaluator)
                .into_iter()
                .map(|(name, _)| name),
        );
    }
    names.sort();
    names.dedup();
    let is_on = enabled.known() == Some(&true);
    let clients = options.texts(evaluator, "clients");
    if is_on {
        report(&clients, found);
        report(&secrets_path, found);
    }
    let mut entries = Vec::new();
    let mut handed = Vec::new();
    for name in names {
        let default = defaults_of(evaluator, defaults, &name);
        let entry = declared
            .iter()
            .find(|(declared, _)| *declared == name)
            .map(|(_, e)| *e);
        if entry.is_none() && !default.enabled {
            continue;
        }
        let mut own: Vec<McpServer> = Vec::new();
        if let Some(entry) = entry.filter(|_| is_on)
            && clients::is_server_on(evaluator, entry, &SERVICES_MCP)
        {
            let names = ["services", "mcp", "servers", &name].map(str::to_owned);
            let values = values(
                evaluator,
                view,
                &SERVICES_MCP,
                Some(&home.user),
                (&names, entry),
            );
            let at = definitions(evaluator, entry).first().copied();
            let blank = blank(name.clone(), at);
            let server = ServerAt {
                module: &SERVICES_MCP,
                rows: &[&SERVICES_MCP],
                blank: &blank,
                above: &home.option,
                names: &names,
            };
            own = server.entries(view, &mut found.readers, &values);
            handed.extend(values);
            handed.extend(literal_name(evaluator, &names, entry));
        }
        let before = entries.len();
        server(
            evaluator,
            view,
            home,
            &Context {
                name: &name,
                default,
                entry,
                secrets_path: &secrets_path,
                is_on,
            },
            &mut entries,
            found,
        );
        if !own.is_empty() {
            let needs_none = |server: &McpServer| server.status == McpStatus::NoSecret;
            let of_module = entries.split_off(before);
            entries.extend(of_module.into_iter().filter(|server| !needs_none(server)));
            entries.extend(own);
        }
    }
    found.mcp.push(McpConfiguration {
        user: home.user.clone(),
        module: &SERVICES_MCP,
        option: home.option.join(["services", "mcp"]).to_string(),
        enabled,
        secrets_path: Some(secrets_path),
        clients: {
            let mut all = clients_of_services(&clients);
            all.extend(clients::taking_generated(evaluator, home.config));
            all
        },
        servers: entries,
        values: handed,
    });
}

/// The clients for which files are written.
fn clients_of_services(chosen: &Fact<Vec<String>>) -> Vec<&'static str> {
    const NAMES: [(&str, &str); 2] = [("cursor", "Cursor"), ("claude-desktop", "Claude Desktop")];
    let Some(chosen) = chosen.known() else {
        return SERVICES_MCP.clients.to_vec();
    };
    let named = NAMES
        .iter()
        .filter(|(name, _)| chosen.iter().any(|chosen| chosen == name));
    named.map(|(_, client)| *client).collect()
}

/// Reports a value that its option's type refuses.
fn report<T>(fact: &Fact<T>, found: &mut ExtractedReaders) {
    if let Err(unknown) = &fact.value
        && matches!(unknown.reason, Reason::Error(_))
        && !unknown.reason.is_no_definition()
    {
        found.problems.push(Problem {
            at: fact.at.or(unknown.at),
            kind: ProblemKind::Evaluation,
            reason: unknown.reason.clone(),
        });
    }
}

/// A name that is no secret itself: nothing may show what was taken for one.
fn without_secret_text(name: Fact<Option<String>>) -> Fact<Option<String>> {
    let is_secret = matches!(&name.value, Ok(Some(text)) if is_secret_text(text));
    if !is_secret {
        return name;
    }
    let reason = "what is written there looks like a credential, not like the name of one";
    Fact {
        value: Err(Unknown::because(reason.to_owned())),
        ..name
    }
}

/// A secret in the place of its name.
fn literal_name(evaluator: &mut Evaluator, names: &[String], entry: Entry) -> Option<ServerValue> {
    let set = evaluator.force_attrs(entry.value).ok()?;
    let name = (Options { set }).optional_text(evaluator, "secret");
    let text = name
        .known()?
        .as_deref()
        .filter(|text| is_secret_text(text))?;
    let option = { names.iter().map(String::as_str) }.chain(["secret"]);
    Some(ServerValue {
        server: names.last().cloned().unwrap_or_default(),
        option: option.map(str::to_owned).collect(),
        place: Place::Setting,
        key: "secret".to_owned(),
        what: ValueKind::Literal {
            length: text.chars().count(),
            confidence: confidence_of(text),
        },
        at: written_out(evaluator, text, name.at),
    })
}

fn defaults_of(evaluator: &mut Evaluator, defaults: Option<Options>, name: &str) -> Defaults {
    let Some(Ok(set)) = defaults.map(|defaults| defaults.path(evaluator, &[name])) else {
        return Defaults::default();
    };
    Defaults {
        enabled: set.boolean(evaluator, "enabled").known() == Some(&true),
        reads: set.texts(evaluator, "reads").value.unwrap_or_default(),
        fixed: set.texts(evaluator, "fixed").value.unwrap_or_default(),
        known: true,
    }
}

struct Context<'a> {
    name: &'a str,
    default: Defaults,
    entry: Option<Entry>,
    secrets_path: &'a Fact<String>,
    is_on: bool,
}

fn server(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    home: &Home,
    context: &Context<'_>,
    entries: &mut Vec<McpServer>,
    found: &mut ExtractedReaders,
) {
    let Context {
        name,
        default,
        entry,
        secrets_path,
        is_on,
    } = context;
    let options = entry.and_then(|entry| {
        let set = evaluator.force_attrs(entry.value).ok()?;
        Some(Options { set })
    });
    let enabled = match (options, entry) {
        // The wrapper merges the user's values over the defaults, and `enabled` defaults to true.
        (Some(options), _) => options.boolean(evaluator, "enabled"),
        (None, Some(entry)) => {
            let why = evaluator.force(entry.value).err();
            let reason = match why {
                Some(why) => crate::values::unknown(evaluator, why),
                None => Unknown {
                    reason: format!("server `{name}` is not a set").into(),
                    at: None,
                },
            };
            Fact::unknown(reason)
        }
        (None, None) => Fact::default_value(default.enabled),
    };
    // The binding that turns it on, else the first place that names the server.
    let at = options
        .and_then(|options| options.entry(evaluator, "enabled"))
        .filter(|_| enabled.is_defined())
        .and_then(|enabled| written(evaluator, enabled).binding)
        .or_else(|| entry.and_then(|entry| definitions(evaluator, entry).first().copied()));
    let chosen = options.map(|options| options.optional_text(evaluator, "secret"));
    let chosen = chosen.map(without_secret_text);
    let command = options.map(|options| options.optional_text(evaluator, "command"));
    if *is_on
        && let Some(options) = options
        && enabled.known() == Some(&true)
    {
        report(&options.texts(evaluator, "args"), found);
        for name in ["command", "secret"] {
            report(&options.optional_text(evaluator, name), found);
        }
        if let Ok(env) = options.path(evaluator, &["env"]) {
            for (name, _) in env.entries(evaluator) {
                report(&env.text(evaluator, &name), found);
            }
        }
    }
    if let (Some(options), false, Some(true)) = (options, default.known, enabled.known().copied())
        && *is_on
        && options.optional_text(evaluator, "command").known() == Some(&None)
    {
        found.problems.push(Problem {
            at,
            kind: ProblemKind::Evaluation,
            reason: Reason::Error(EvaluationError::Other(format!(
                "MCP server '{name}' has no command defined. This shouldn't happen after merge."
            ))),
        });
    }
    // Its own command takes the place of the wrapper.
    let has_command = command.is_some_and(|command| command.value != Ok(None));
    for (secret, is_default, fixed) in needed(default, chosen, has_command) {
        let directory = if fixed {
            Fact::default_value(FIXED_DIRECTORY.to_owned())
        } else {
            (*secrets_path).clone()
        };
        let path = join(&directory, &secret);
        let mut entry = McpServer {
            name: (*name).to_owned(),
            enabled: enabled.clone(),
            secret,
            secret_is_default: is_default,
            path,
            ignores_secrets_path: fixed,
            at,
            status: McpStatus::Unknown,
            provided_by: None,
            is_off_by_default: default.known && !default.enabled,
            place: None,
            variable: None,
            when_missing: Some(match fixed {
                // yutu's wrapper is written by hand.
                true if *name != "youtube" => WhenMissing::EndsWithError,
                _ => SERVICES_MCP.when_missing,
            }),
            clients: Vec::new(),
            broken_by: None,
            why: None,
            gets_content: false,
        };
        let runs = *is_on && entry.enabled.known() != Some(&false);
        decide(view, home, &mut entry, &SERVICES_MCP, runs, found);
        entries.push(entry);
    }
}

/// The secrets that a server reads: (name, is the default name, fixed directory).
fn needed(
    default: &Defaults,
    chosen: Option<Fact<Option<String>>>,
    has_command: bool,
) -> Vec<(Fact<Option<String>>, bool, bool)> {
    let named = |name: &String| Fact::default_value(Some(name.clone()));
    let chosen = chosen.filter(|chosen| chosen.value != Ok(None));
    let reads = default.reads.iter().filter(|_| chosen.is_none());
    let reads = reads.map(|name| (named(name), true, false));
    let fixed = default.fixed.iter().filter(|_| !has_command);
    let fixed = fixed.map(|name| (named(name), true, true));
    let mut all: Vec<_> = reads.chain(fixed).collect();
    // A wrapper around the wrapper.
    all.extend(chosen.map(|chosen| (chosen, false, false)));
    if all.is_empty() {
        vec![(Fact::default_value(None), true, false)]
    } else {
        all
    }
}

/// `directory/name`
fn join(directory: &Fact<String>, name: &Fact<Option<String>>) -> Fact<Option<String>> {
    let value = match (&name.value, &directory.value) {
        (Ok(None), _) => Ok(None),
        (Ok(Some(name)), Ok(directory)) => {
            Ok(Some(format!("{}/{name}", directory.trim_end_matches('/'))))
        }
        (Err(unknown), _) | (_, Err(unknown)) => Err(unknown.clone()),
    };
    Fact {
        value,
        at: directory.at.or(name.at),
        binding: None,
        origin: Origin::Defined,
    }
}

/// The verdict on a server, and its reader.
fn decide(
    view: &HostView<'_>,
    home: &Home,
    server: &mut McpServer,
    module: &'static McpModule,
    runs: bool,
    found: &mut ExtractedReaders,
) {
    if matches!(server.secret.value, Ok(None)) {
        server.status = McpStatus::NoSecret;
        return;
    }
    if !runs {
        return;
    }
    let path = server.path.clone().map(Option::unwrap_or_default);
    let reader = FileAccess {
        path,
        process: view.process_of(&home.user),
        via: Via::Mcp {
            module,
            server: server.name.clone(),
        },
        content: ContentUse::Variable,
        moment: Moment::Session,
        at: server.at.or(server.path.at),
        makes: false,
        may_fail: None,
        certain: server.enabled.known() == Some(&true),
        from: ReaderOrigin::Mechanism,
    }
    .reader(view);
    server.provided_by = reader.secret;
    server.why = match (reader.secret, reader.path.known()) {
        (Some(_), _) => Some(reader.verdict.reason.clone()),
        (None, path) => path.and_then(|path| by_the_system(view, path)),
    };
    server.status = match (reader.secret, reader.verdict.readable) {
        (Some(_), Readable::Yes) => McpStatus::Available,
        (Some(_), Readable::No) => McpStatus::Unreadable,
        (Some(_), Readable::Unknown) => McpStatus::Unknown,
        (None, _) => match reader.path.known() {
            Some(path) if is_managed(view, path) => McpStatus::Missing,
            _ => McpStatus::Unknown,
        },
    };
    found.readers.push(reader);
}

/// Whether a path is in a directory that a manager of this configuration fills.
fn is_managed(view: &HostView<'_>, path: &str) -> bool {
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let lands = view.secrets.iter().any(|secret| {
        let path = secret.path.known().and_then(|path| path.rsplit_once('/'));
        path.is_some_and(|(known, _)| known == directory)
    });
    lands || (view.system.is_some() && is_of_systems(view, directory))
}

/// Whether managers of systems fill a directory.
fn is_of_systems(view: &HostView<'_>, directory: &str) -> bool {
    let mut own = view
        .secrets
        .iter()
        .flat_map(|secret| secret.manager.directories());
    let mut landing = MANAGERS.iter().flat_map(|it| it.landing_directories());
    own.any(|own| own == directory) || landing.any(|managed| managed == directory)
}

/// Why it is not decided whether a file is there, if the system fills its directory and is not seen here.
fn by_the_system(view: &HostView<'_>, path: &str) -> Option<String> {
    let (directory, _) = path.rsplit_once('/')?;
    let is_unseen = view.system.is_none() && is_of_systems(view, directory);
    is_unseen.then(|| {
        "the system fills that directory, and this is not the system's configuration".to_owned()
    })
}

/// `programs.mcp.servers.<name>.env.<variable>.file`
fn programs(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    home: &Home,
    found: &mut ExtractedReaders,
) {
    let Ok(options) = home.config.path(evaluator, &["programs", "mcp"]) else {
        return;
    };
    let enabled = options.boolean(evaluator, "enable");
    let Ok(servers) = options.path(evaluator, &["servers"]) else {
        return;
    };
    let declared = servers.entries(evaluator);
    if declared.is_empty() {
        return;
    }
    let is_on = enabled.known() != Some(&false);
    let rows = clients::rows_of(evaluator, home.config, &PROGRAMS_MCP);
    let mut entries = Vec::new();
    let mut handed = Vec::new();
    for (name, entry) in declared {
        let Ok(set) = evaluator.force_attrs(entry.value) else {
            continue;
        };
        let at = definitions(evaluator, entry).first().copied();
        let server = Options { set };
        let runs = is_on && clients::is_server_on(evaluator, entry, &PROGRAMS_MCP);
        let names = ["programs", "mcp", "servers", &name].map(str::to_owned);
        let values = values(
            evaluator,
            view,
            &PROGRAMS_MCP,
            Some(&home.user),
            (&names, entry),
        );
        let blank = blank(name.clone(), at);
        let before = entries.len();
        if runs {
            let server = ServerAt {
                module: &PROGRAMS_MCP,
                rows: &rows,
                blank: &blank,
                above: &home.option,
                names: &names,
            };
            let mut own = server.entries(view, &mut found.readers, &values);
            from_session(evaluator, view, (&home.user, home.config), &mut own);
            entries.extend(own);
            handed.extend(values);
        }
        let environment = server.path(evaluator, &["env"]).ok();
        let environment = environment
            .map(|it| it.entries(evaluator))
            .unwrap_or_default();
        for (variable_name, variable) in environment {
            // Nobody expands the name of the file: that is said already.
            let has_no_file = |entry: &McpServer| {
                let value = entry.broken_by.as_ref();
                value.is_some_and(|value| value.has_no_file() && value.key == variable_name)
            };
            if entries.iter().skip(before).any(has_no_file) {
                continue;
            }
            let Ok(Value::Attrs(inner)) = evaluator.force(variable.value) else {
                continue;
            };
            let file = Options { set: inner }.text(evaluator, "file");
            let file_at = file.at;
            let file_name = file
                .clone()
                .map(|path| path.rsplit_once('/').map(|(_, name)| name.to_owned()));
            let mut entry = McpServer {
                name: name.clone(),
                enabled: Fact::default_value(runs),
                secret: file_name,
                secret_is_default: false,
                path: file.map(Some),
                ignores_secrets_path: true,
                at: file_at.or(at),
                when_missing: Some(PROGRAMS_MCP.when_missing),
                place: Some(Place::Variable),
                ..blank.clone()
            };
            decide(view, home, &mut entry, &PROGRAMS_MCP, runs, found);
            entries.push(entry);
        }
        if entries.len() == before {
            entries.push(McpServer {
                enabled: Fact::default_value(runs),
                ..blank
            });
        }
    }
    found.mcp.push(McpConfiguration {
        user: home.user.clone(),
        module: &PROGRAMS_MCP,
        option: home.option.join(["programs", "mcp"]).to_string(),
        enabled,
        secrets_path: None,
        clients: clients_of(&rows),
        servers: entries,
        values: handed,
    });
}
