//! The expectation that a manifest states.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Encrypted, Expected, Key, Maker, Principal, Reader, Scope, Secret, Server, Use, mode};
use crate::accounts::Accounts;
use crate::escape::Escaped;
use inventory::Manager;
use inventory_schema::{Document, Host};

/// The hosts of a manifest that describe this machine.
///
/// # Errors
///
/// A sentence for the user if it is not clear which ones do.
pub(crate) fn choose_host<'m>(
    manifest: &'m Document,
    wanted: Option<&str>,
    node: &str,
) -> Result<Vec<&'m Host>, String> {
    let attribute = |host: &Host| host.attribute.clone().unwrap_or_default();
    if let Some(wanted) = wanted {
        let hosts: Vec<&Host> = { manifest.hosts.iter().chain(&manifest.modules) }
            .filter(|host| host.name == wanted || attribute(host) == wanted)
            .collect();
        return if hosts.is_empty() {
            Err(format!(
                "no host `{wanted}` is declared: there are {}",
                names(manifest)
            ))
        } else {
            Ok(hosts)
        };
    }
    if let [only] = manifest.machines() {
        return Ok(vec![only]);
    }
    let hosts: Vec<&Host> = { manifest.machines().iter() }
        .filter(|host| {
            let name = host.name.as_str();
            name == node
                || name
                    .split_once('@')
                    .is_some_and(|(_, machine)| machine == node)
        })
        .collect();
    if hosts.is_empty() {
        Err(format!(
            "several hosts are declared and none is called `{node}` like this machine: say which with --host: {}",
            names(manifest)
        ))
    } else {
        Ok(hosts)
    }
}

fn names(manifest: &Document) -> String {
    let names: Vec<String> = { manifest.machines().iter() }
        .map(|host| format!("`{}`", host.name))
        .collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

/// A path as the configuration has it, with what only the user's session knows filled in.
pub(crate) fn expand(path: &str, home: Option<&Path>, runtime: Option<&Path>) -> Option<PathBuf> {
    let mut text = path.to_owned();
    if let Some(rest) = text.strip_prefix("~/") {
        text = format!("{}/{rest}", home?.to_str()?);
    }
    for (variables, value) in [
        (["%r", "${XDG_RUNTIME_DIR}", "$XDG_RUNTIME_DIR"], runtime),
        (["%h", "${HOME}", "$HOME"], home),
    ] {
        for variable in variables {
            if text.contains(variable) {
                text = text.replace(variable, value?.to_str()?);
            }
        }
    }
    let plain = text.starts_with('/') && !text.contains('$');
    plain.then(|| PathBuf::from(text))
}

/// What stands where on this machine, for filling in paths and names.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) managers: &'static [&'static Manager],
    pub(crate) accounts: &'a mut Accounts,
    /// The user for whom things without a user are: the one asked for, or who runs the check.
    pub(crate) user: Option<String>,
    /// The user who runs the check and their runtime directory.
    pub(crate) own: (u32, Option<PathBuf>),
}

impl Context<'_> {
    fn home(&mut self, user: &str) -> Option<PathBuf> {
        self.accounts.user(user).map(|account| account.home)
    }

    /// `$XDG_RUNTIME_DIR` of a user.
    pub(crate) fn runtime(&mut self, user: &str) -> Option<PathBuf> {
        let uid = self.accounts.user(user)?.uid;
        match &self.own {
            (own, Some(directory)) if *own == uid => Some(directory.clone()),
            _ => Some(PathBuf::from(format!("/run/user/{uid}"))),
        }
    }

    fn place(&mut self, path: &str, scope: &Scope) -> Option<PathBuf> {
        match scope.user() {
            Some(user) => {
                let (home, runtime) = (self.home(user), self.runtime(user));
                expand(path, home.as_deref(), runtime.as_deref())
            }
            None => expand(path, None, None),
        }
    }
}

/// Adds what a host declares.
pub(crate) fn expected(host: &Host, context: &mut Context<'_>, expected: &mut Expected) {
    for secret in &host.secrets {
        add_secret(secret, context, expected);
    }
    let mut index = Index::of(&expected.secrets);
    for reader in &host.readers {
        add_reader(reader, &index, expected);
    }
    for mcp in host.mcp.iter().filter(|mcp| mcp.enabled != Some(false)) {
        let user = mcp.user.clone().or_else(|| context.user.clone());
        let Some(user) = user else {
            let what = format!("the MCP servers of host `{}`", host.name);
            expected
                .not_checked
                .push((what, "the manifest names no user".to_owned()));
            continue;
        };
        for server in &mcp.servers {
            add_server(server, mcp, &user, context, &mut index, expected);
        }
        if !expected.clients.contains(&user) {
            expected.clients.push(user);
        }
    }
    for source in &host.key_sources {
        let scope = scope(source.scope.as_deref(), source.user.as_deref(), context);
        let manager = manager(source.manager.as_deref(), context);
        // Without a secret no key is needed: agenix names the usual keys of everybody.
        let needs = |secret: &Secret| secret.manager == manager && secret.scope == scope;
        if !expected.secrets.iter().any(needs) {
            continue;
        }
        let Some(path) = source
            .path
            .as_deref()
            .and_then(|path| context.place(path, &scope))
        else {
            expected.keys_open.push((manager, scope));
            continue;
        };
        let key = Key {
            manager,
            scope,
            path,
            declared: true,
        };
        if !expected.keys.contains(&key) {
            expected.keys.push(key);
        }
    }
    expected.host.get_or_insert_with(|| host.name.clone());
}

fn manager(name: Option<&str>, context: &Context<'_>) -> Maker {
    let mut managers = context.managers.iter().copied();
    managers.find(|manager| Some(manager.name) == name)
}

fn scope(scope: Option<&str>, user: Option<&str>, context: &Context<'_>) -> Scope {
    match (scope, user) {
        (Some("user"), Some(user)) => Scope::User(user.to_owned()),
        (Some("user"), None) => context.user.clone().map_or(Scope::System, Scope::User),
        _ => Scope::System,
    }
}

fn principal(name: Option<&String>, id: Option<i64>) -> Option<Principal> {
    match (name, id) {
        (Some(name), _) => Some(match name.parse() {
            Ok(id) => Principal::Id(id),
            Err(_) => Principal::Name(name.clone()),
        }),
        (None, Some(id)) => u32::try_from(id).ok().map(Principal::Id),
        (None, None) => None,
    }
}

fn add_secret(
    secret: &inventory_schema::Secret,
    context: &mut Context<'_>,
    expected: &mut Expected,
) {
    let scope = scope(secret.scope.as_deref(), secret.user.as_deref(), context);
    let label = secret.name.as_ref().or(secret.attribute.as_ref());
    let name = label.cloned().unwrap_or_else(|| "?".to_owned());
    let Some(path) = &secret.path else {
        let why = "its path is not known from the configuration".to_owned();
        expected.not_checked.push((format!("secret `{name}`"), why));
        return;
    };
    let Some(path) = context.place(path, &scope) else {
        let why = format!(
            "its path `{}` has no meaning outside a shell",
            Escaped::text(path)
        );
        expected.not_checked.push((format!("secret `{name}`"), why));
        return;
    };
    let needed_for_users = secret.needed_for_users == Some(true);
    let is_open = |field| secret.unknown.contains_key(field);
    // sops-nix uses the number only where no name is given: an open name leaves both open.
    let of = |field, name: &Option<String>, id| {
        (!is_open(field))
            .then(|| principal(name.as_ref(), id))
            .flatten()
    };
    let (mut owner, mut group) = (
        of("owner", &secret.owner, secret.uid),
        of("group", &secret.group, secret.gid),
    );
    if needed_for_users {
        (owner, group) = (Some(Principal::Id(0)), Some(Principal::Id(0)));
    }
    if let (None, Some(user)) = (&owner, scope.user()) {
        owner = Some(Principal::Name(user.to_owned()));
    }
    expected.secrets.push(Secret {
        name,
        attribute: secret.attribute.clone(),
        manager: manager(secret.manager.as_deref(), context),
        scope,
        path,
        owner,
        group,
        mode: secret.mode.as_deref().and_then(mode::parse),
        needed_for_users,
        // Whether it is declared can depend on a condition that is not known.
        discovered: is_open("declared"),
        encrypted: encrypted(secret),
    });
}

fn encrypted(secret: &inventory_schema::Secret) -> Option<Encrypted> {
    let recipients = secret.recipients.clone()?;
    let file = secret.file.clone()?;
    (!recipients.is_empty()).then_some(Encrypted { file, recipients })
}

/// Where the secrets of a host are in [`Expected::secrets`]; of equal ones the first.
#[derive(Debug, Default)]
struct Index {
    by_path: BTreeMap<PathBuf, usize>,
    by_name: BTreeMap<String, usize>,
}

impl Index {
    fn of(secrets: &[Secret]) -> Self {
        let mut index = Self::default();
        for (position, secret) in secrets.iter().enumerate() {
            index.by_path.entry(secret.path.clone()).or_insert(position);
            let attribute = secret
                .attribute
                .clone()
                .unwrap_or_else(|| secret.name.clone());
            index.by_name.entry(attribute).or_insert(position);
        }
        index
    }

    fn find(&self, path: Option<&str>, name: Option<&str>) -> Option<usize> {
        match (path, name) {
            (Some(path), _) => self.by_path.get(Path::new(path)),
            (None, Some(name)) => self
                .by_name
                .get(name)
                .or_else(|| self.by_path.get(Path::new(name))),
            (None, None) => None,
        }
        .copied()
    }
}

fn add_reader(reader: &inventory_schema::Reader, index: &Index, expected: &mut Expected) {
    // What the evaluator reads is a leak that `mcp-lint check` reports.
    if reader.moment.as_deref() == Some("evaluation") {
        return;
    }
    // The user's name is one of the container.
    if reader.container.is_some() {
        return;
    }
    let index = index.find(reader.path.as_deref(), reader.secret.as_deref());
    let Some(index) = index else {
        return;
    };
    let privileged = matches!(
        reader.moment.as_deref(),
        Some("before-users" | "activation" | "service-manager")
    );
    let user = match &reader.user {
        _ if privileged => "root".to_owned(),
        Some(user) => user.clone(),
        // A user that is not known, or has no name yet.
        None => return,
    };
    let usage = match reader.content.as_deref() {
        Some("variable") => Use::Variable,
        Some("environment-file") => Use::EnvironmentFile,
        Some("password-hash") => Use::PasswordHash,
        // A form of the reader's own, or an older manifest.
        _ => Use::Value,
    };
    expected.readers.push(Reader {
        secret: index,
        user,
        via: reader.via.clone(),
        usage,
    });
}

fn add_server(
    server: &inventory_schema::McpServer,
    mcp: &inventory_schema::McpConfiguration,
    user: &str,
    context: &mut Context<'_>,
    index: &mut Index,
    expected: &mut Expected,
) {
    let mut entry = Server {
        user: user.to_owned(),
        name: server.name.clone(),
        secret: None,
        unknown: None,
        broken: None,
    };
    match server.enabled {
        Some(true) => {}
        Some(false) => return,
        None => {
            entry.unknown = Some("whether it is enabled is not known".to_owned());
            expected.servers.push(entry);
            return;
        }
    }
    if server.status == "broken" {
        let what = server.reason.as_deref();
        let what = what.unwrap_or("gets something else than its secret");
        entry.broken = Some(format!("it {}", Escaped::text(what)));
        expected.servers.push(entry);
        return;
    }
    let scope = Scope::User(user.to_owned());
    let path = match (&server.path, &mcp.secrets_path, &server.secret) {
        (Some(path), _, _) => Some(path.clone()),
        (None, Some(directory), Some(name)) => Some(format!("{directory}/{name}")),
        _ => None,
    };
    match (&server.secret, path) {
        (Some(name), Some(path)) => match context.place(&path, &scope) {
            Some(path) => {
                let index = *index.by_path.entry(path.clone()).or_insert_with(|| {
                    expected.secrets.push(Secret {
                        name: name.clone(),
                        attribute: None,
                        manager: None,
                        scope,
                        path: path.clone(),
                        owner: None,
                        group: None,
                        mode: None,
                        needed_for_users: false,
                        discovered: true,
                        encrypted: None,
                    });
                    expected.secrets.len() - 1
                });
                let module = mcp.module.as_deref().unwrap_or("services.mcp");
                expected.readers.push(Reader {
                    secret: index,
                    user: user.to_owned(),
                    via: Some(format!("{module} {}", server.name)),
                    usage: Use::Variable,
                });
                entry.secret = Some((name.clone(), index));
            }
            None => {
                entry.unknown = Some(format!(
                    "its path `{}` has no meaning outside a shell",
                    Escaped::text(&path)
                ))
            }
        },
        (Some(_), None) => {
            entry.unknown = Some("where it reads its secret is not known".to_owned())
        }
        (None, _) => entry.unknown = without_file(server),
    }
    expected.servers.push(entry);
}

/// Why it is not known whether a server works that reads no file; `None` if it needs nothing.
fn without_file(server: &inventory_schema::McpServer) -> Option<String> {
    match (server.status.as_str(), &server.variable, &server.reason) {
        (_, Some(variable), _) => Some(format!(
            "it needs {} in the environment of its client",
            Escaped::text(variable)
        )),
        ("unknown", None, Some(reason)) => Some(format!("it {}", Escaped::text(reason))),
        _ => None,
    }
}

#[cfg(test)]
#[path = "declared_tests.rs"]
mod tests;
