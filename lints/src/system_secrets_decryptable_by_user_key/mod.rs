//! `system-secrets-decryptable-by-user-key`: the key of the system's secrets lies in a home directory.

use std::collections::BTreeMap;

use inventory::{HostClass, KeySource, Scope};

use crate::decryption_keys::user_of_home;
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
        if let Some(user) = user_of_home(cx.host, path).filter(|_| counts) {
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
