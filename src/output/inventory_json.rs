//! The inventory as one JSON document: see `docs/schemas/inventory.schema.json`.

use std::io::{self, Write};

use inventory::mcp_modules::McpKind;
use inventory::secret_files::Recipient;
use inventory::{
    Fact, FilePath, Host, Inventory, KeySource, McpConfiguration, Principal, Readable, Reader,
    Scope, Secret, SecretFile, SecretKind, SourceMap, User,
};
use inventory_schema::Unknowns;
use mcp_lint_lints::Diagnostic;
use serde::{Serialize, Serializer};

use super::document;
use super::mcp_text;
use super::place::place;
use crate::report::Names;
use crate::report_summary::Gap;
use crate::secret_rows::{Filter, SecretRow};

/// Writes the document.
pub(crate) fn render(
    inventory: &Inventory,
    sources: &SourceMap,
    reported: &[Diagnostic],
    filter: &Filter,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names = Names::in_project(&inventory.root);
    let machines = |are_modules| Machines {
        inventory,
        sources,
        reported,
        filter,
        names: &names,
        are_modules,
    };
    let document = Written {
        schema: inventory_schema::VERSION,
        root: inventory.root.to_string_lossy().into_owned(),
        hosts: machines(false),
        modules: machines(true),
        gaps: { Gap::all(inventory).into_iter() }
            .map(|entry| gap(&entry, sources, &names))
            .collect(),
    };
    document::write(&document, out)
}

/// [`inventory_schema::Document`] with machines that are made one by one as they are written: all of them
/// at once would take more memory than the inventory.
#[derive(Serialize)]
struct Written<'a> {
    schema: u64,
    root: String,
    hosts: Machines<'a>,
    modules: Machines<'a>,
    gaps: Vec<inventory_schema::Gap>,
}

/// The configurations, or the modules that none of them loads.
struct Machines<'a> {
    inventory: &'a Inventory,
    sources: &'a SourceMap,
    reported: &'a [Diagnostic],
    filter: &'a Filter,
    names: &'a Names,
    are_modules: bool,
}

impl Serialize for Machines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.inventory.hosts.iter().enumerate();
        let all = all.filter(|(_, host)| host.is_module() == self.are_modules);
        serializer.collect_seq(all.filter_map(|(index, entry)| {
            let rows = self.filter.rows(self.inventory, self.reported, index);
            let is_shown = self.filter.is_open() || !rows.is_empty();
            is_shown.then(|| host(entry, &rows, self.filter, self.sources, self.names))
        }))
    }
}

fn host(
    host: &Host,
    rows: &[SecretRow<'_>],
    filter: &Filter,
    sources: &SourceMap,
    names: &Names,
) -> inventory_schema::Host {
    let is_shown = |reader: &&Reader| {
        let secret = reader.secret.and_then(|index| host.secrets.get(index));
        let is_its = |secret: &Secret| rows.iter().any(|row| std::ptr::eq(row.secret, secret));
        filter.is_open() || secret.is_some_and(is_its)
    };
    let problems = host
        .problems
        .iter()
        .map(|problem| inventory_schema::Problem {
            code: problem.kind.name().to_owned(),
            message: problem.to_string(),
            at: problem.at.and_then(|at| place(sources, names, at)),
        });
    let container = host.container.as_ref();
    inventory_schema::Host {
        name: host.name.clone(),
        class: host.class.name().to_owned(),
        attribute: Some(host.attribute.clone()),
        container: container.map(|container| inventory_schema::ContainerOf {
            host: container.host.clone(),
            name: container.name.clone(),
        }),
        secrets: { rows.iter() }
            .map(|row| secret(host, row.secret, row.file, sources, names))
            .collect(),
        readers: { host.readers.iter() }
            .filter(is_shown)
            .map(|entry| reader(host, entry, sources, names))
            .collect(),
        mcp: host.mcp.iter().map(mcp).collect(),
        users: host.users.iter().map(user).collect(),
        key_sources: host.key_sources.iter().map(key_source).collect(),
        open: { host.open.iter() }
            .map(|why| inventory_schema::Open {
                reason: why.reason.to_string(),
                at: why.at.and_then(|at| place(sources, names, at)),
            })
            .collect(),
        problems: problems.collect(),
    }
}

/// A part of the project that was not inspected.
pub(super) fn gap(gap: &Gap, sources: &SourceMap, names: &Names) -> inventory_schema::Gap {
    inventory_schema::Gap {
        kind: gap.kind.name().to_owned(),
        subjects: gap.subjects.clone(),
        options: gap.options.clone(),
        reason: gap.reason.clone(),
        message: gap.message(),
        at: gap.at.and_then(|at| place(sources, names, at)),
    }
}

/// The value of a fact; where there is none, its reason goes to `unknown`.
fn known<T: Clone>(fact: &Fact<T>, field: &str, unknown: &mut Unknowns) -> Option<T> {
    match &fact.value {
        Ok(value) => Some(value.clone()),
        Err(reason) => {
            unknown.insert(field.to_owned(), reason.reason.to_string());
            None
        }
    }
}

/// The name of a scope, and the user of a user's.
fn scope(scope: &Scope) -> (Option<String>, Option<String>) {
    match scope {
        Scope::System => (Some("system".to_owned()), None),
        Scope::User(name) => (Some("user".to_owned()), Some(name.clone())),
    }
}

fn secret(
    host: &Host,
    secret: &Secret,
    in_repository: Option<&SecretFile>,
    sources: &SourceMap,
    names: &Names,
) -> inventory_schema::Secret {
    let mut unknown = Unknowns::new();
    if let inventory::Certainty::Maybe(reason) = &secret.certainty {
        unknown.insert("declared".to_owned(), reason.reason.to_string());
    }
    let (scope, of_user) = scope(&secret.scope);
    let file: Option<FilePath> = known(&secret.file, "file", &mut unknown).flatten();
    let kind = match secret.kind {
        SecretKind::Secret => "secret",
        SecretKind::Template => "template",
    };
    inventory_schema::Secret {
        manager: Some(secret.manager.name.to_owned()),
        kind: kind.to_owned(),
        scope,
        user: of_user,
        attribute: Some(secret.attribute.clone()),
        name: known(&secret.name, "name", &mut unknown),
        path: known(&secret.path, "path", &mut unknown),
        owner: known(&secret.owner, "owner", &mut unknown).flatten(),
        uid: known(&secret.uid, "uid", &mut unknown).flatten(),
        group: known(&secret.group, "group", &mut unknown).flatten(),
        gid: known(&secret.gid, "gid", &mut unknown).flatten(),
        mode: known(&secret.mode, "mode", &mut unknown),
        file: file.map(|path| path.display),
        key: known(&secret.key, "key", &mut unknown).flatten(),
        format: known(&secret.format, "format", &mut unknown).flatten(),
        recipients: in_repository.and_then(|file| recipients(file, &mut unknown)),
        needed_for_users: known(&secret.needed_for_users, "needed_for_users", &mut unknown),
        declared_at: secret
            .declared_at
            .first()
            .and_then(|at| place(sources, names, *at)),
        answer: Some(secret.exposure.answer.name().to_owned()),
        templates: { secret.exposure.templates.iter() }
            .filter_map(|index| host.secrets.get(*index))
            .map(|template| template.attribute.clone())
            .collect(),
        others: { secret.exposure.others.iter() }
            .map(|other| inventory_schema::Other {
                who: other.who.to_string(),
                why: other.why.to_string(),
                at: other.at.and_then(|at| place(sources, names, at)),
            })
            .collect(),
        others_unknown: { secret.exposure.others_unknown.iter() }
            .map(|why| why.reason.to_string())
            .collect(),
        unknown,
    }
}

/// To whom a file is encrypted: recipients of sops, stanzas of age (`ssh-ed25519 TAG`, `X25519`).
fn recipients(file: &SecretFile, unknown: &mut Unknowns) -> Option<Vec<String>> {
    let mut recipients: Vec<String> = Vec::new();
    if let Some(facts) = &file.facts {
        recipients.extend(facts.recipients().map(Recipient::key));
        let stanzas = facts.age.iter().flat_map(|age| age.recipients());
        recipients.extend(stanzas.map(|stanza| match &stanza.tag {
            Some(tag) => format!("{} {tag}", stanza.kind),
            None => stanza.kind.clone(),
        }));
    }
    recipients.sort();
    recipients.dedup();
    if recipients.is_empty() {
        unknown.insert(
            "recipients".to_owned(),
            format!("the file is {}", file.state.name()),
        );
        return None;
    }
    Some(recipients)
}

fn reader(
    host: &Host,
    reader: &Reader,
    sources: &SourceMap,
    names: &Names,
) -> inventory_schema::Reader {
    let secret = reader.secret.and_then(|index| host.secrets.get(index));
    inventory_schema::Reader {
        secret: secret.map(|secret| secret.attribute.clone()),
        path: reader.path.known().cloned(),
        user: reader.user.known().map(Principal::to_string),
        via: Some(reader.via.to_string()),
        content: Some(reader.content.name().to_owned()),
        moment: Some(reader.moment.name().to_owned()),
        at: reader.at.and_then(|at| place(sources, names, at)),
        readable: readable(reader.verdict.readable).to_owned(),
        reason: reader.verdict.reason.clone(),
        from: Some(reader.from.name().to_owned()),
        needs: reader.needs.as_ref().map(|needs| inventory_schema::Need {
            kind: needs.name().to_owned(),
            what: needs.to_string(),
            paste: needs.paste(),
            at: needs.at().and_then(|at| place(sources, names, at)),
        }),
        container: reader.container.clone(),
    }
}

const fn readable(readable: Readable) -> &'static str {
    match readable {
        Readable::Yes => "yes",
        Readable::No => "no",
        Readable::Unknown => "unknown",
    }
}

fn mcp(mcp: &McpConfiguration) -> inventory_schema::McpConfiguration {
    let mut unknown = Unknowns::new();
    let servers = mcp.servers.iter().map(|server| {
        let mut unknown = Unknowns::new();
        inventory_schema::McpServer {
            name: server.name.clone(),
            enabled: known(&server.enabled, "enabled", &mut unknown),
            secret: known(&server.secret, "secret", &mut unknown).flatten(),
            path: known(&server.path, "path", &mut unknown).flatten(),
            status: server.status.name().to_owned(),
            variable: server.variable.clone(),
            when_missing: server.when_missing.map(|it| it.name().to_owned()),
            seen_by: server.seen_by().map(str::to_owned),
            clients: server.clients.iter().map(|it| (*it).to_owned()).collect(),
            reason: {
                mcp.enabled.known() != Some(&false) && server.enabled.known() != Some(&false)
            }
            .then(|| mcp_text::reason(mcp, server))
            .flatten(),
            unknown,
        }
    });
    let path = mcp.secrets_path.as_ref();
    inventory_schema::McpConfiguration {
        user: (mcp.module.kind == McpKind::Service || mcp.module.is_of_users())
            .then(|| mcp.user.clone()),
        module: Some(mcp.module.name.to_owned()),
        enabled: known(&mcp.enabled, "enabled", &mut unknown),
        secrets_path: path.and_then(|path| known(path, "secrets_path", &mut unknown)),
        clients: mcp
            .clients
            .iter()
            .map(|client| (*client).to_owned())
            .collect(),
        servers: servers.collect(),
        unknown,
    }
}

fn user(user: &User) -> inventory_schema::User {
    let mut unknown = Unknowns::new();
    inventory_schema::User {
        name: user.name.clone(),
        uid: known(&user.uid, "uid", &mut unknown).flatten(),
        group: known(&user.group, "group", &mut unknown).flatten(),
        groups: known(&user.groups, "groups", &mut unknown),
        home: known(&user.home, "home", &mut unknown).flatten(),
        unknown,
    }
}

fn key_source(key: &KeySource) -> inventory_schema::KeySource {
    let mut unknown = Unknowns::new();
    let (scope, user) = scope(&key.scope);
    inventory_schema::KeySource {
        manager: Some(key.manager.name.to_owned()),
        scope,
        user,
        option: key.option.option.to_owned(),
        path: known(&key.path, "path", &mut unknown),
        unknown,
    }
}
