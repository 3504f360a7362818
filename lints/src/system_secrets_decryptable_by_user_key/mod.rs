//! `system-secrets-decryptable-by-user-key`: the key of the system's secrets lies in a home directory.

use std::collections::BTreeMap;

use inventory::{HostClass, KeySource, Scope};

use crate::context::is_below;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "system-secrets-decryptable-by-user-key",
    group: Group::Keys,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "the key of the system's secrets lies in a home directory",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    if cx.host.class == HostClass::HomeManager {
        return;
    }
    // What a user can decrypt is one thing, however many keys they have.
    let mut told: BTreeMap<String, Diagnostic> = BTreeMap::new();
    let mut paths: Vec<&str> = Vec::new();
    for key in cx
        .host
        .key_sources
        .iter()
        .filter(|key| key.scope == Scope::System)
    {
        let Some(path) = key.path.known() else {
            continue;
        };
        // A key that decrypts nothing gives nothing away.
        let mut secrets = cx.host.secrets.iter();
        let decrypts =
            secrets.any(|secret| secret.manager == key.manager && secret.scope == Scope::System);
        let is_new = !paths.contains(&path.as_str());
        let counts = decrypts && is_new && !is_of_hardware(path);
        if let Some(user) = owner_of(cx, path).filter(|_| counts) {
            paths.push(path);
            let found = match told.remove(&user) {
                Some(found) => found.secondary(key.path.at, format!("{path} too")),
                None => diagnostic(key, path, &user),
            };
            told.insert(user, found);
        }
    }
    out.extend(told.into_values());
}

/// Whether a file is called after a device that holds the key: the file is a handle, of no use without the device.
fn is_of_hardware(path: &str) -> bool {
    const DEVICES: [&str; 6] = [
        "yubikey",
        "nitrokey",
        "onlykey",
        "fido",
        "tpm",
        "secure-enclave",
    ];
    let name = path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    DEVICES.iter().any(|device| name.contains(device))
}

/// The user in whose home directory the path lies, root left out.
fn owner_of(cx: &HostContext<'_>, path: &str) -> Option<String> {
    let declared = cx
        .host
        .users
        .iter()
        .filter(|user| user.name != "root")
        .find(|user| {
            let home = user.home.known().and_then(Option::as_deref);
            home.is_some_and(|home| {
                home.len() > 1 && !home.starts_with("/var") && is_below(path, home)
            })
        });
    if let Some(user) = declared {
        return Some(user.name.clone());
    }
    let below = path
        .strip_prefix("/home/")
        .or_else(|| path.strip_prefix("/Users/"))?;
    let (user, _) = below.split_once('/')?;
    (!user.is_empty()).then(|| user.to_owned())
}

fn diagnostic(key: &KeySource, path: &str, user: &str) -> Diagnostic {
    let message = format!("whatever runs as {user} can decrypt secrets of the system");
    Diagnostic::new(&LINT, key.option.option, message)
        .primary(key.path.at, format!("{path} lies in the home of {user}"))
        .note(format!(
            "owners and modes protect the decrypted files only: a program that {user} starts, an MCP server \
             say, reads this key and with it the encrypted files"
        ))
        .help("use a key that only root can read, and encrypt the secrets to it as well", key.option.example)
}
