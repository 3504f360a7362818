//! The inventory as one JSON document: see `docs/schemas/inventory.schema.json`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use inventory::secret_files::Recipient;
use inventory::{
    Fact, FilePath, Host, Inventory, KeySource, McpConfiguration, Principal, Readable, Reader,
    Scope, Secret, SecretFile, SecretKind, SourceMap, User,
};
use serde::Serialize;

use super::document;
use super::place::{Place, place};
use crate::report::Names;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    root: String,
    hosts: Vec<HostEntry<'a>>,
}

#[derive(Serialize)]
struct HostEntry<'a> {
    name: &'a str,
    class: &'static str,
    attribute: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<ContainerEntry<'a>>,
    secrets: Vec<SecretEntry<'a>>,
    readers: Vec<ReaderEntry<'a>>,
    mcp: Vec<McpEntry<'a>>,
    users: Vec<UserEntry<'a>>,
    key_sources: Vec<KeySourceEntry<'a>>,
    problems: Vec<ProblemEntry<'a>>,
}

/// That a host is a container of another one.
#[derive(Serialize)]
struct ContainerEntry<'a> {
    host: &'a str,
    name: &'a str,
}

/// The reasons of what is not known, by field.
type Unknowns = BTreeMap<&'static str, String>;

#[derive(Serialize)]
struct SecretEntry<'a> {
    manager: &'static str,
    kind: &'static str,
    scope: &'static str,
    user: Option<&'a str>,
    attribute: &'a str,
    name: Option<&'a str>,
    path: Option<&'a str>,
    owner: Option<&'a str>,
    uid: Option<i64>,
    group: Option<&'a str>,
    gid: Option<i64>,
    mode: Option<&'a str>,
    file: Option<&'a str>,
    key: Option<&'a str>,
    format: Option<&'a str>,
    recipients: Option<Vec<String>>,
    needed_for_users: Option<bool>,
    declared_at: Option<Place>,
    unknown: Unknowns,
}

#[derive(Serialize)]
struct ReaderEntry<'a> {
    secret: Option<&'a str>,
    path: Option<&'a str>,
    user: Option<String>,
    via: String,
    moment: &'static str,
    at: Option<Place>,
    readable: &'static str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<&'a str>,
}

#[derive(Serialize)]
struct McpEntry<'a> {
    user: &'a str,
    module: &'static str,
    enabled: Option<bool>,
    secrets_path: Option<&'a str>,
    servers: Vec<ServerEntry<'a>>,
    unknown: Unknowns,
}

#[derive(Serialize)]
struct ServerEntry<'a> {
    name: &'a str,
    enabled: Option<bool>,
    secret: Option<&'a str>,
    path: Option<&'a str>,
    status: &'static str,
    unknown: Unknowns,
}

#[derive(Serialize)]
struct UserEntry<'a> {
    name: &'a str,
    uid: Option<i64>,
    group: Option<&'a str>,
    groups: Option<&'a [String]>,
    home: Option<&'a str>,
    unknown: Unknowns,
}

#[derive(Serialize)]
struct KeySourceEntry<'a> {
    manager: &'static str,
    scope: &'static str,
    user: Option<&'a str>,
    option: &'static str,
    path: Option<&'a str>,
    unknown: Unknowns,
}

#[derive(Serialize)]
struct ProblemEntry<'a> {
    code: &'a str,
    message: &'a str,
    at: Option<Place>,
}

/// Writes the document.
pub(crate) fn render(
    inventory: &Inventory,
    sources: &SourceMap,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names = Names::in_project(&inventory.root);
    let document = Document {
        schema: 1,
        root: inventory.root.to_string_lossy().into_owned(),
        hosts: inventory
            .hosts
            .iter()
            .enumerate()
            .map(|(index, entry)| host(inventory, index, entry, sources, &names))
            .collect(),
    };
    document::write(&document, out)
}

fn host<'a>(
    inventory: &'a Inventory,
    host_index: usize,
    host: &'a Host,
    sources: &SourceMap,
    names: &Names,
) -> HostEntry<'a> {
    let mut files: Vec<Option<&SecretFile>> = vec![None; host.secrets.len()];
    for file in &inventory.files {
        let of_host = file.used_by.iter().filter(|(host, _)| *host == host_index);
        for (_, index) in of_host {
            if let Some(entry) = files.get_mut(*index) {
                *entry = Some(file);
            }
        }
    }
    let problems = host.problems.iter().map(|problem| ProblemEntry {
        code: problem.code,
        message: &problem.message,
        at: problem.at.and_then(|at| place(sources, names, at)),
    });
    HostEntry {
        name: &host.name,
        class: host.class.name(),
        attribute: &host.attribute,
        container: host.container.as_ref().map(|container| ContainerEntry {
            host: &container.host,
            name: &container.name,
        }),
        secrets: host
            .secrets
            .iter()
            .zip(files)
            .map(|(entry, file)| secret(entry, file, sources, names))
            .collect(),
        readers: host
            .readers
            .iter()
            .map(|entry| reader(host, entry, sources, names))
            .collect(),
        mcp: host.mcp.iter().map(mcp).collect(),
        users: host.users.iter().map(user).collect(),
        key_sources: host.key_sources.iter().map(key_source).collect(),
        problems: problems.collect(),
    }
}

/// The value of a fact; where there is none, its reason goes to `unknown`.
fn known<'a, T>(fact: &'a Fact<T>, field: &'static str, unknown: &mut Unknowns) -> Option<&'a T> {
    if let Err(reason) = &fact.value {
        unknown.insert(field, reason.reason.clone());
    }
    fact.known()
}

/// The name of a scope, and the user of a user's.
fn scope(scope: &Scope) -> (&'static str, Option<&str>) {
    match scope {
        Scope::System => ("system", None),
        Scope::User(name) => ("user", Some(name)),
    }
}

fn secret<'a>(
    secret: &'a Secret,
    in_repository: Option<&SecretFile>,
    sources: &SourceMap,
    names: &Names,
) -> SecretEntry<'a> {
    let mut unknown = Unknowns::new();
    if let inventory::Certainty::Maybe(reason) = &secret.certainty {
        unknown.insert("declared", reason.reason.clone());
    }
    let (scope, of_user) = scope(&secret.scope);
    let file: Option<&FilePath> =
        known(&secret.file, "file", &mut unknown).and_then(Option::as_ref);
    SecretEntry {
        manager: secret.manager.name,
        kind: match secret.kind {
            SecretKind::Secret => "secret",
            SecretKind::Template => "template",
        },
        scope,
        user: of_user,
        attribute: &secret.attribute,
        name: known(&secret.name, "name", &mut unknown).map(String::as_str),
        path: known(&secret.path, "path", &mut unknown).map(String::as_str),
        owner: known(&secret.owner, "owner", &mut unknown).and_then(Option::as_deref),
        uid: known(&secret.uid, "uid", &mut unknown).copied().flatten(),
        group: known(&secret.group, "group", &mut unknown).and_then(Option::as_deref),
        gid: known(&secret.gid, "gid", &mut unknown).copied().flatten(),
        mode: known(&secret.mode, "mode", &mut unknown).map(String::as_str),
        file: file.map(|path| path.display.as_str()),
        key: known(&secret.key, "key", &mut unknown).and_then(Option::as_deref),
        format: known(&secret.format, "format", &mut unknown).and_then(Option::as_deref),
        recipients: in_repository.and_then(|file| recipients(file, &mut unknown)),
        needed_for_users: known(&secret.needed_for_users, "needed_for_users", &mut unknown)
            .copied(),
        declared_at: secret
            .declared_at
            .first()
            .and_then(|at| place(sources, names, *at)),
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
        unknown.insert("recipients", format!("the file is {}", file.state.name()));
        return None;
    }
    Some(recipients)
}

fn reader<'a>(
    host: &'a Host,
    reader: &'a Reader,
    sources: &SourceMap,
    names: &Names,
) -> ReaderEntry<'a> {
    let secret = reader.secret.and_then(|index| host.secrets.get(index));
    ReaderEntry {
        secret: secret.map(|secret| secret.attribute.as_str()),
        path: reader.path.known().map(String::as_str),
        user: reader.user.known().map(Principal::to_string),
        via: reader.via.to_string(),
        moment: reader.moment.name(),
        at: reader.at.and_then(|at| place(sources, names, at)),
        readable: readable(reader.verdict.readable),
        reason: &reader.verdict.reason,
        container: reader.container.as_deref(),
    }
}

const fn readable(readable: Readable) -> &'static str {
    match readable {
        Readable::Yes => "yes",
        Readable::No => "no",
        Readable::Unknown => "unknown",
    }
}

fn mcp(mcp: &McpConfiguration) -> McpEntry<'_> {
    let mut unknown = Unknowns::new();
    let servers = mcp.servers.iter().map(|server| {
        let mut unknown = Unknowns::new();
        ServerEntry {
            name: &server.name,
            enabled: known(&server.enabled, "enabled", &mut unknown).copied(),
            secret: known(&server.secret, "secret", &mut unknown).and_then(Option::as_deref),
            path: known(&server.path, "path", &mut unknown).and_then(Option::as_deref),
            status: server.status.name(),
            unknown,
        }
    });
    let path = mcp.secrets_path.as_ref();
    McpEntry {
        user: &mcp.user,
        module: mcp.module.name(),
        enabled: known(&mcp.enabled, "enabled", &mut unknown).copied(),
        secrets_path: path
            .and_then(|path| known(path, "secrets_path", &mut unknown))
            .map(String::as_str),
        servers: servers.collect(),
        unknown,
    }
}

fn user(user: &User) -> UserEntry<'_> {
    let mut unknown = Unknowns::new();
    UserEntry {
        name: &user.name,
        uid: known(&user.uid, "uid", &mut unknown).copied().flatten(),
        group: known(&user.group, "group", &mut unknown).and_then(Option::as_deref),
        groups: known(&user.groups, "groups", &mut unknown).map(Vec::as_slice),
        home: known(&user.home, "home", &mut unknown).and_then(Option::as_deref),
        unknown,
    }
}

fn key_source(key: &KeySource) -> KeySourceEntry<'_> {
    let mut unknown = Unknowns::new();
    let (scope, user) = scope(&key.scope);
    KeySourceEntry {
        manager: key.manager,
        scope,
        user,
        option: key.option,
        path: known(&key.path, "path", &mut unknown).map(String::as_str),
        unknown,
    }
}
