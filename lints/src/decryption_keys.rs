//! The keys with which a host decrypts a secret, and whose they are.

use inventory::{Host, KeySource, Manager, Scope, Secret};

use crate::context::{is_below, split};

/// The keys that the manager of a secret tries, in its scope.
pub(crate) fn keys_for<'a>(
    host: &'a Host,
    secret: &'a Secret,
) -> impl Iterator<Item = &'a KeySource> {
    keys_of(host, secret.manager, &secret.scope)
}

/// The keys that a manager tries in a scope.
pub(crate) fn keys_of<'a>(
    host: &'a Host,
    manager: &'static Manager,
    scope: &'a Scope,
) -> impl Iterator<Item = &'a KeySource> {
    let keys = host.key_sources.iter();
    keys.filter(move |key| key.manager == manager && key.scope == *scope)
}

/// Whether there is a key for a secret, and all that there are are SSH keys of hosts.
pub(crate) fn decrypts_with_host_key(host: &Host, secret: &Secret) -> bool {
    let mut keys = keys_for(host, secret).peekable();
    let is_host_key = |key: &KeySource| {
        let name = key.path.known().and_then(|path| split(path));
        name.is_some_and(|(_, name)| name.starts_with("ssh_host_"))
    };
    keys.peek().is_some() && keys.all(is_host_key)
}

/// Whether a key for a secret is that of a user, or may be: then the host decrypts what is encrypted to the user.
pub(crate) fn may_decrypt_as_user(host: &Host, secret: &Secret) -> bool {
    let mut keys = keys_for(host, secret);
    keys.any(|key| { key.path.known() }.is_none_or(|path| user_of_home(host, path).is_some()))
}

/// The user in whose home directory the path lies, root left out.
pub(crate) fn user_of_home(host: &Host, path: &str) -> Option<String> {
    let declared = { host.users.iter() }
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
    let below = { path.strip_prefix("/home/") }.or_else(|| path.strip_prefix("/Users/"))?;
    let (user, _) = below.split_once('/')?;
    (!user.is_empty()).then(|| user.to_owned())
}
