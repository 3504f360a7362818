//! The files of MCP clients that a secret manager renders from a template: the client finds the secrets themselves.

use nix_eval::Evaluator;
use nix_eval::value::Value;
use nix_syntax::source::Span;

use super::clients::Declaring;
use super::entries::status_of;
use super::files::{ServerFile, of_text, servers};
use crate::host_view::secret_paths::home_of;
use crate::host_view::{HostView, Process};
use crate::managers::MANAGERS;
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::values::{Options, definitions, written};
use inventory::mcp_modules::{WhenMissing, client_file_at};
use inventory::model::{
    ContentUse, Fact, McpServer, Moment, OptionPath, Reader, ReaderOrigin, ServerValue, ValueKind,
    Via,
};

/// Adds the servers in files of clients that templates render.
pub(super) fn templates(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    of: Declaring<'_>,
    found: &mut ExtractedReaders,
) {
    for templates in MANAGERS
        .iter()
        .filter_map(|manager| manager.templates.as_ref())
    {
        let root: Vec<&str> = templates.option.split('.').collect();
        let Ok(declared) = of.config.path(evaluator, &root) else {
            continue;
        };
        for (name, entry) in declared.entries(evaluator) {
            let Ok(set) = evaluator.force_attrs(entry.value) else {
                continue;
            };
            let template = Options { set };
            let Some(path) = template.text(evaluator, "path").known().cloned() else {
                continue;
            };
            let Some((user, file)) = in_a_home(view, of.user, &path) else {
                continue;
            };
            let Some(module) = client_file_at(&file).filter(|_| entry.maybe.is_none()) else {
                continue;
            };
            let Some((format, section)) =
                { module.written.first() }.map(|file| (file.format, file.section))
            else {
                continue;
            };
            let Some(text) = template.entry(evaluator, templates.content) else {
                continue;
            };
            let Ok(Value::String(id)) = evaluator.force(text.value) else {
                continue;
            };
            let at = written(evaluator, text).at;
            let Some(content) = of_text(evaluator, id, Some(format)) else {
                continue;
            };
            let mut option: Vec<String> = root.iter().map(|name| (*name).to_owned()).collect();
            option.push(name);
            let whose = Declaring {
                user: Some(user),
                ..of
            };
            let file = ServerFile {
                module,
                section,
                option: &option,
                at: at.or_else(|| definitions(evaluator, entry).first().copied()),
                rendered: Some(&path),
            };
            let before = found.mcp.len();
            servers(evaluator, view, whose, (file, content), found);
            if found.mcp.len() > before {
                let via = Via::Option {
                    path: of
                        .option
                        .join(option.iter().map(String::as_str).chain(["path"])),
                    unit: None,
                };
                let process = view.process_of(user);
                let access = access(&path, &process, via, template.text(evaluator, "path").at);
                let reader = access.reader(view);
                // Whoever has the place was less sure.
                let is_known = |known: &Reader| {
                    known.secret == reader.secret && known.via.to_string() == reader.via.to_string()
                };
                found.readers.retain(|known| !is_known(known));
                found.readers.push(reader);
            }
        }
    }
}

/// The access of a client to a file that is rendered for it.
fn access(path: &str, process: &Process, via: Via, at: Option<Span>) -> FileAccess {
    FileAccess {
        path: Fact::default_value(path.to_owned()),
        process: process.clone(),
        via,
        content: ContentUse::Value,
        moment: Moment::Session,
        at,
        makes: false,
        may_fail: None,
        certain: true,
        from: ReaderOrigin::Mechanism,
    }
}

/// The user in whose home directory a file is, and its path as the table of clients has it; `None` if it is in none, or
/// in that of another than `owner`.
fn in_a_home<'a>(
    view: &'a HostView<'_>,
    owner: Option<&'a str>,
    path: &str,
) -> Option<(&'a str, String)> {
    let names = view.users.iter().map(|user| user.name.as_str());
    let mut names = names.filter(|name| owner.is_none_or(|owner| owner == *name));
    names.find_map(|name| {
        let below = home_of(view.users, name)?;
        let below = path.strip_prefix(below)?.strip_prefix('/')?;
        Some((name, format!("~/{below}")))
    })
}

/// Takes the placeholders out of a server's values: an entry for each part of the server that holds one, which is there
/// if the user can read the file.
pub(super) fn rendered(
    view: &HostView<'_>,
    (path, process): (&str, &Process),
    blank: &McpServer,
    values: &mut Vec<ServerValue>,
) -> Vec<McpServer> {
    let (held, rest): (Vec<_>, Vec<_>) = std::mem::take(values)
        .into_iter()
        .partition(|value| value.what == ValueKind::Placeholder);
    *values = rest;
    let mut found: Vec<McpServer> = Vec::new();
    for value in held {
        if found.iter().any(|known| known.place == Some(value.place)) {
            continue;
        }
        let via = Via::Option {
            path: OptionPath::new(value.option.iter().cloned()),
            unit: None,
        };
        let reader = access(path, process, via, value.at).reader(view);
        let name = path.rsplit_once('/').map(|(_, name)| name.to_owned());
        found.push(McpServer {
            secret: Fact::default_value(name),
            secret_is_default: false,
            path: Fact::default_value(Some(path.to_owned())),
            at: value.at.or(blank.at),
            status: status_of(view, &reader),
            provided_by: reader.secret,
            place: Some(value.place),
            gets_content: true,
            when_missing: Some(WhenMissing::Depends),
            why: Some(reader.verdict.reason),
            ..blank.clone()
        });
    }
    found
}
