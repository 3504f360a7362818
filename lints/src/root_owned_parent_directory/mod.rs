//! `root-owned-parent-directory`: a secret of the system lands in a home directory, in a directory that root creates.

use std::collections::BTreeMap;

use inventory::{HostClass, Scope, Secret};

use crate::context::{is_below, split};
use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "root-owned-parent-directory",
    group: Group::Paths,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret of the system lands in a home directory, in a directory that root creates",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    // Who makes the directory makes it for all that lie in it.
    let mut by_parent: BTreeMap<&str, Diagnostic> = BTreeMap::new();
    for (_, secret) in cx.secrets() {
        let Some(path) = secret.path.known().filter(|_| secret.path.is_defined()) else {
            continue;
        };
        let Some((user, below)) = home(cx, path).filter(|_| secret.scope == Scope::System) else {
            continue;
        };
        let Some((parent, _)) = split(path).filter(|_| below.contains('/')) else {
            continue;
        };
        let parent = parent.trim_end_matches('/');
        if is_given_away(cx, parent) || holds_a_key(cx, parent) || is_for_secrets(cx, below) {
            continue;
        }
        match by_parent.remove(parent) {
            Some(told) => {
                by_parent.insert(parent, told.secondary(secret.path.at, "here too"));
            }
            None => {
                by_parent.insert(parent, diagnostic(cx, secret, parent, user));
            }
        }
    }
    out.extend(by_parent.into_values());
}

/// Whether the configuration itself makes the directory the user's, or may do so.
fn is_given_away(cx: &HostContext<'_>, parent: &str) -> bool {
    let settings = &cx.host.settings;
    let mut owned = settings.directories.iter();
    settings.directories_open.is_some()
        || owned
            .any(|owned| owned.path == parent || (owned.recursive && is_below(parent, &owned.path)))
}

/// Whether the path has a directory of its own for secrets, directly in the home: nothing else writes there.
fn is_for_secrets(cx: &HostContext<'_>, below: &str) -> bool {
    const NAMES: [&str; 4] = ["secrets", "secret", "credentials", "creds"];
    let mut parts = below.split('/');
    let directory = parts.next().unwrap_or_default().trim_start_matches('.');
    // `sops` of sops-nix.
    let mut managers = cx
        .managers
        .iter()
        .filter_map(|it| it.name.split('-').next());
    (NAMES.contains(&directory) || managers.any(|name| name == directory)) && parts.count() == 1
}

/// Whether a key that decrypts lies in the directory, which is there before any secret is.
fn holds_a_key(cx: &HostContext<'_>, parent: &str) -> bool {
    let mut keys = cx
        .host
        .key_sources
        .iter()
        .filter_map(|key| key.path.known());
    keys.any(|key| is_below(key, parent))
}

/// The user in whose home the path lies, and the rest.
fn home<'a>(cx: &HostContext<'a>, path: &'a str) -> Option<(&'a str, &'a str)> {
    let below = |home: &str| path.strip_prefix(home)?.strip_prefix('/');
    let declared = cx.host.users.iter().find_map(|user| {
        let home = user.home.known()?.as_deref()?.trim_end_matches('/');
        // Homes of services are made by their packages and units.
        let is_of_a_person = user.is_normal_user.known() == Some(&true) && !home.is_empty();
        Some((user.name.as_str(), below(home).filter(|_| is_of_a_person)?))
    });
    let usual = || {
        let rest = below("/home").or_else(|| below("/Users"))?;
        rest.split_once('/')
    };
    declared.or_else(usual)
}

fn diagnostic(cx: &HostContext<'_>, secret: &Secret, parent: &str, user: &str) -> Diagnostic {
    let message = format!(
        "{} creates {parent} as root, if it is not there yet",
        secret.manager.name
    );
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(secret.path.at, format!("in the home of {user}"))
        .confidence(Confidence::Medium)
        .note(format!("then {user} cannot write there: programs and Home Manager fail with \"Permission denied\""));
    let at_home = format!("declare the secret in the Home Manager configuration of {user}");
    // There is no systemd on macOS.
    if cx.host.class == HostClass::Darwin || parent.starts_with("/Users/") {
        found.advice(format!(
            "{at_home}, or create the directory as {user} before the first activation"
        ))
    } else {
        found.help(
            format!("{at_home}, or create the directory first"),
            format!("systemd.tmpfiles.rules = [ \"d {parent} 0700 {user} users -\" ];"),
        )
    }
}
