//! The files of MCP clients that a configuration writes itself: by `home.file`, `xdg.configFile`, `environment.etc`.

use std::path::Path;

use nix_eval::value::{AttrsId, Entry, Hole, PathId, StringId, StringPart, Thunk, Value};
use nix_eval::{Evaluator, Marks};
use nix_syntax::source::Span;

use super::clients::{Declaring, is_server, is_server_on};
use super::entries::{ServerAt, blank, from_session};
use super::file_content::{Made, SECTION, made_of, may_hold_servers, parse};
use super::templates::rendered;
use super::values::values_in;
use crate::host_view::secret_paths::home_of;
use crate::host_view::{HostView, Process};
use crate::readers::extracted::ExtractedReaders;
use crate::readers::home::access_of;
use crate::readers::path_uses::{Query, path_uses};
use crate::repository::scope::source;
use crate::search::holes::HOLE;
use crate::search::narrow_span::narrow_to_text;
use crate::values::{Options, definitions, written};
use inventory::mcp_modules::{FileFormat, McpModule, UNKNOWN_CLIENT, client_file_at};
use inventory::model::{Fact, McpConfiguration, Moment, OptionPath, Reader, Via};

/// The options of a user that write files, and the directory that the names begin in.
const OF_USER: [(&[&str], &str); 2] = [
    (&["home", "file"], "~/"),
    (&["xdg", "configFile"], "$XDG_CONFIG_HOME/"),
];

/// The same of a system.
const OF_SYSTEM: [(&[&str], &str); 1] = [(&["environment", "etc"], "/etc/")];

/// A file of servers.
#[derive(Debug, Clone, Copy)]
pub(super) struct ServerFile<'a> {
    /// Its row.
    pub(super) module: &'static McpModule,
    /// The names of the section.
    pub(super) section: &'static [&'static str],
    /// The option that writes it.
    pub(super) option: &'a [String],
    /// Where its content is written.
    pub(super) at: Option<Span>,
    /// Where it lands, if a manager renders it; `None` if it is as it is written.
    pub(super) rendered: Option<&'a str>,
}

/// What a file holds.
struct Content {
    value: Thunk,
    /// Where it is written: the value of the option, or all of a file of the project.
    at: Option<Span>,
}

/// Adds the servers in files of clients.
pub(super) fn files(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    of: Declaring<'_>,
    found: &mut ExtractedReaders,
) {
    let roots: &[(&[&str], &str)] = match of.user {
        Some(_) => &OF_USER,
        None => &OF_SYSTEM,
    };
    let home = of.user.and_then(|user| home_of(view.users, user));
    for (root, directory) in roots {
        let Ok(declared) = of.config.path(evaluator, root) else {
            continue;
        };
        for (name, entry) in declared.entries(evaluator) {
            let Ok(set) = evaluator.force_attrs(entry.value) else {
                continue;
            };
            let file = Options { set };
            if entry.maybe.is_some() || file.boolean(evaluator, "enable").known() == Some(&false) {
                continue;
            }
            let target = file.text(evaluator, "target").known().cloned();
            let path = path_of(target.as_deref().unwrap_or(&name), directory, home);
            let row = client_file_at(&path).or_else(|| of.user.map(|_| &UNKNOWN_CLIENT));
            let Some(module) = row else {
                continue;
            };
            let format = module.written.first().map(|file| file.format);
            let Some(content) = content(evaluator, file, format) else {
                continue;
            };
            let mut option: Vec<String> = root.iter().map(|name| (*name).to_owned()).collect();
            option.push(name);
            let section = { module.written.first() }.map_or(&[SECTION][..], |file| file.section);
            let at = { content.at }.or_else(|| definitions(evaluator, entry).first().copied());
            let file = ServerFile {
                module,
                section,
                option: &option,
                at,
                rendered: None,
            };
            servers(evaluator, view, of, (file, content.value), found);
        }
    }
}

/// The path of a file as the table has it: `~/.cursor/mcp.json`.
fn path_of(name: &str, directory: &str, home: Option<&str>) -> String {
    let below = home.and_then(|home| name.strip_prefix(home)?.strip_prefix('/'));
    match below {
        Some(below) => format!("~/{below}"),
        None => format!("{directory}{name}"),
    }
}

/// The content of a file; `None` if it is not known.
fn content(
    evaluator: &mut Evaluator,
    file: Options,
    format: Option<FileFormat>,
) -> Option<Content> {
    for name in ["text", "source"] {
        let Some(entry) = file.entry(evaluator, name) else {
            continue;
        };
        let forced = evaluator.force(entry.value).ok()?;
        let at = written(evaluator, entry).at;
        let part = match forced {
            Value::Null => continue,
            Value::String(id) if name == "text" => {
                let value = of_text(evaluator, id, format)?;
                return Some(Content { value, at });
            }
            Value::String(id) => match evaluator.string_parts(id).parts().as_slice() {
                [StringPart::Hole(hole)] => *hole,
                _ => return None,
            },
            Value::External(external) => Hole::External(external),
            Value::Path(path) => Hole::Source(path),
            _ => return None,
        };
        return match part {
            Hole::External(external) => {
                let made = made_of(evaluator, external)?;
                let value = of_made(evaluator, made, format)?;
                Some(Content { value, at })
            }
            Hole::Source(path) => of_file(evaluator, path, format, at),
            Hole::Unknown(_) => None,
        };
    }
    None
}

/// The content of a file of the project.
fn of_file(
    evaluator: &mut Evaluator,
    path: PathId,
    format: Option<FileFormat>,
    at: Option<Span>,
) -> Option<Content> {
    // Most files of a home are no client's, and whether one may be shown at all costs a search for credentials.
    let text = evaluator.text_of_file(path, |bytes| may_hold_servers(bytes, format))?;
    let value = parse(evaluator, (&text, &Marks::default()), format)?;
    let name = evaluator.path_text(path);
    let path = Path::new(&*name);
    let workspace = evaluator.sources.workspace();
    let is_own = path.starts_with(workspace.project_root());
    let id = is_own.then(|| source(workspace, path, text.as_bytes()));
    let whole = id.flatten().and_then(|file| {
        let end = u32::try_from(text.len()).ok()?;
        Some(Span {
            file,
            start: 0,
            end,
        })
    });
    let at = whole.or(at);
    Some(Content { value, at })
}

/// The value of what a function of nixpkgs writes to a file.
fn of_made(evaluator: &mut Evaluator, made: Made, format: Option<FileFormat>) -> Option<Thunk> {
    match evaluator.force(made.value).ok()? {
        Value::String(id) if made.is_text => of_text(evaluator, id, format),
        Value::Attrs(_) if !made.is_text => Some(made.value),
        _ => None,
    }
}

/// The value of a text: that of which it was made, which has places, or what is written in it.
pub(super) fn of_text(
    evaluator: &mut Evaluator,
    id: StringId,
    format: Option<FileFormat>,
) -> Option<Thunk> {
    if let Some(set) = evaluator.set_of_json(id) {
        return Some(set);
    }
    let (text, marks) = Marks::of(evaluator.string_parts(id))?;
    parse(evaluator, (&text, &marks), format)
}

/// The servers of a file, and what they open.
pub(super) fn servers(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    of: Declaring<'_>,
    (file, content): (ServerFile<'_>, Thunk),
    found: &mut ExtractedReaders,
) {
    let Ok(set) = evaluator.force_attrs(content) else {
        return;
    };
    let module = file.module;
    let is_list = { module.written.first() }.is_some_and(|file| file.is_list);
    let Some(declared) = declared_in(evaluator, set, (file.section, is_list)) else {
        return;
    };
    let rows = [module];
    let process = match of.user {
        Some(user) => view.process_of(user),
        None => Process::unknown("whoever starts the client", None),
    };
    let mut configuration = McpConfiguration {
        user: of.user.unwrap_or_default().to_owned(),
        module,
        option: of
            .option
            .join(file.option.iter().map(String::as_str))
            .to_string(),
        enabled: Fact::default_value(true),
        secrets_path: None,
        clients: module.clients.to_vec(),
        servers: Vec::new(),
        values: Vec::new(),
    };
    for (name, entry) in declared {
        // A part of the name may not be known.
        if entry.maybe.is_some()
            || name.contains(HOLE)
            || evaluator.force_attrs(entry.value).is_err()
            || !is_server_on(evaluator, entry, module)
            || !is_server(evaluator, entry, module)
        {
            continue;
        }
        let mut names = file.option.to_vec();
        names.extend(file.section.iter().map(|name| (*name).to_owned()));
        names.push(name.clone());
        open(
            evaluator,
            view,
            of,
            (file, &process),
            (&names, entry),
            found,
        );
        let place = (module, file.at);
        let mut values = values_in(evaluator, view, place, of.user, (&names, entry));
        for value in &mut values {
            value.at = value.at.or(file.at);
        }
        let at = definitions(evaluator, entry).first().copied();
        let at = at.or_else(|| narrow_to_text(evaluator, file.at, std::slice::from_ref(&name), ""));
        let blank = blank(name, at);
        let server = ServerAt {
            module,
            rows: &rows,
            blank: &blank,
            above: of.option,
            names: &names,
        };
        let mut entries = match file.rendered {
            Some(path) => rendered(view, (path, &process), &blank, &mut values),
            None => Vec::new(),
        };
        entries.extend(server.entries(view, &mut found.readers, &values));
        if entries.is_empty() {
            entries.push(blank.clone());
        }
        if let Some(user) = of.user {
            from_session(evaluator, view, (user, of.config), &mut entries);
        }
        configuration.servers.extend(entries);
        configuration.values.extend(values);
    }
    if !configuration.servers.is_empty() {
        found.mcp.push(configuration);
    }
}

/// The servers of a section by their names; `None` if there is no section. Of a list those that have a name.
fn declared_in(
    evaluator: &mut Evaluator,
    set: AttrsId,
    (section, is_list): (&[&str], bool),
) -> Option<Vec<(String, Entry)>> {
    let file = Options { set };
    if !is_list {
        return Some(file.path(evaluator, section).ok()?.entries(evaluator));
    }
    let (last, above) = section.split_last()?;
    let above = file.path(evaluator, above).ok()?;
    let whole = above.entry(evaluator, last)?;
    let Ok(Value::List(list)) = evaluator.force(whole.value) else {
        return None;
    };
    let elements = evaluator.exact_list(list).ok()?;
    let named = elements.into_iter().filter_map(|value| {
        let set = evaluator.force_attrs(value).ok()?;
        let name = (Options { set }).text(evaluator, "name").known().cloned()?;
        Some((name, Entry { value, ..whole }))
    });
    Some(named.collect())
}

/// Adds who opens what a server uses, in place of those of the whole file.
fn open(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    of: Declaring<'_>,
    (file, process): (ServerFile<'_>, &Process),
    (names, entry): (&[String], Entry),
    found: &mut ExtractedReaders,
) {
    if view.secrets.is_empty() {
        return;
    }
    let option: Vec<&str> = names.iter().map(String::as_str).collect();
    let query = Query {
        option: &option,
        only_enabled: true,
        home: of.user.and_then(|user| home_of(view.users, user)),
        ..Query::default()
    };
    let mut of_server: Vec<Reader> = Vec::new();
    for path_use in path_uses(evaluator, view, entry, query) {
        let access = access_of(
            view,
            of.user,
            process,
            &path_use,
            (of.option, Moment::Session),
        );
        let Some(mut access) = access else {
            continue;
        };
        if access.at.is_none() {
            access.at =
                narrow_to_text(evaluator, file.at, std::slice::from_ref(&path_use.path), "");
        }
        of_server.push(access.reader(view));
    }
    let above = of.option.join(file.option.iter().map(String::as_str));
    found.readers.retain(|reader| {
        let is_of_file = is_below(reader, &above) && !is_of_section(reader, &above, file.section);
        let is_known = |known: &Reader| known.path.known() == reader.path.known();
        !(is_of_file && of_server.iter().any(is_known))
    });
    found.readers.extend(of_server);
}

/// The names of a reader's option below another.
fn names_below<'r>(reader: &'r Reader, above: &OptionPath) -> Option<&'r [String]> {
    let Via::Option { path, .. } = &reader.via else {
        return None;
    };
    path.names().strip_prefix(above.names())
}

fn is_below(reader: &Reader, above: &OptionPath) -> bool {
    names_below(reader, above).is_some()
}

fn is_of_section(reader: &Reader, above: &OptionPath, section: &[&str]) -> bool {
    let below = names_below(reader, above).unwrap_or_default();
    below.len() > section.len()
        && below
            .iter()
            .zip(section)
            .all(|(name, wanted)| name == wanted)
}
