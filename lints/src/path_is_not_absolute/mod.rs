//! `path-is-not-absolute`: a path that nobody expands.

use inventory::{RefusedKey, Scope, Secret};

use crate::phrases::nix_string;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "path-is-not-absolute",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "the path of a secret or key is not absolute, and nobody expands it",
    page: include_str!("page.md"),
    check: Check::Secrets(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx.secrets() {
        if let Some(path) = secret.path.known().filter(|path| is_refused(secret, path)) {
            out.push(of_secret(secret, path));
        }
    }
    out.extend(cx.host.refused_keys.iter().map(of_key));
}

/// Whether neither the manager nor a shell makes an absolute path of it.
fn is_refused(secret: &Secret, path: &str) -> bool {
    let prefix = secret.manager.runtime_prefix;
    let is_expanded = prefix.is_some_and(|prefix| path.starts_with(prefix));
    // A shell expands variables within quotes, but no tilde.
    let by_a_shell = secret.path_is_shell_text && !path.starts_with('~');
    !path.starts_with('/') && !path.is_empty() && !is_expanded && !by_a_shell
}

/// What follows the home directory in a path that begins with one.
fn below_home(path: &str) -> Option<&str> {
    let homes = ["~/", "$HOME/", "${HOME}/"];
    homes.iter().find_map(|home| path.strip_prefix(home))
}

/// The path from the root directory, if it begins with the name of a directory there: only the slash is missing.
fn from_the_root(path: &str) -> Option<String> {
    const DIRECTORIES: [&str; 9] = [
        "Users",
        "etc",
        "home",
        "nix",
        "persist",
        "persistent",
        "root",
        "run",
        "var",
    ];
    let first = path.split_once('/')?.0;
    DIRECTORIES.contains(&first).then(|| format!("/{path}"))
}

fn of_secret(secret: &Secret, path: &str) -> Diagnostic {
    let message = format!(
        "`{}` is to land at {path}, which is no absolute path",
        secret.attribute
    );
    let at = secret
        .path
        .at
        .or_else(|| secret.declared_at.first().copied());
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(at, "nobody expands it")
        .note(format!(
            "{} takes the text as it is: the file gets to `{path}` below the directory that it happens to run in, and \
             is missing where it is wanted",
            secret.manager.name
        ));
    let rest = below_home(path);
    let option = secret.option_in_scope();
    match (rest, &secret.scope) {
        (Some(rest), Scope::User(_)) => found.help(
            "",
            format!("{option}.path = \"${{config.home.homeDirectory}}/{rest}\";"),
        ),
        (Some(rest), Scope::System) => found.help(
            "",
            format!("{option}.path = \"${{config.users.users.<name>.home}}/{rest}\";"),
        ),
        (None, _) => match from_the_root(path) {
            Some(whole) => found.help("", format!("{option}.path = {};", nix_string(&whole))),
            None => found.advice("write the whole path"),
        },
    }
}

fn of_key(key: &RefusedKey) -> Diagnostic {
    let (option, path) = (key.option.option, &key.path);
    let message = format!("{option} names {path}, which is no absolute path");
    let found = Diagnostic::new(&LINT, option, message);
    let rest = below_home(path);
    let found = if key.option.is_list_of_paths {
        found.primary(key.at, "not of type `absolute path`").note(
            "evaluation fails here: the key is looked for on the machine, where no directory is the right one to begin in",
        )
    } else {
        // At boot that is the root directory: only a switch from elsewhere fails.
        let severity = if rest.is_some() {
            Severity::Error
        } else {
            Severity::Warning
        };
        found.severity(severity).primary(key.at, "nobody expands it").note(format!(
            "{} looks for the key below the directory that it happens to run in: another one at boot than in a switch",
            key.manager.name
        ))
    };
    let whole = rest.map(|rest| format!("/home/<name>/{rest}"));
    match whole.or_else(|| from_the_root(path)) {
        Some(whole) if key.option.is_list_of_paths => {
            found.help("", format!("{option} = [ {} ];", nix_string(&whole)))
        }
        Some(whole) => found.help("", format!("{option} = {};", nix_string(&whole))),
        None => found.advice(format!("write the whole path: `{}`", key.option.example)),
    }
}
