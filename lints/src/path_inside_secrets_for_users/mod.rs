//! `path-inside-secrets-for-users`: a link in a directory that another installation step owns.

use inventory::{Early, Scope, Secret};

use crate::context::{is_below, split};
use crate::edits::{declares_another, replace};
use crate::phrases::{nix_name, nix_string};
use crate::{Check, Diagnostic, Edit, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "path-inside-secrets-for-users",
    group: Group::Paths,
    severity: Severity::Warning,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "a secret is linked into a directory that another installation step owns",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx.secrets() {
        let Some(path) = secret.path.known() else {
            continue;
        };
        let Some(early) = &secret.manager.early else {
            continue;
        };
        let is_regular =
            secret.scope == Scope::System && secret.needed_for_users.known() == Some(&false);
        if is_regular && is_below(path, early.directory) {
            out.push(diagnostic(cx, secret, early, path));
        }
        let is_early =
            secret.scope == Scope::System && secret.needed_for_users.known() == Some(&true);
        if is_early && is_below(path, secret.manager.directory) {
            out.push(early_link(secret, early, path));
        }
    }
}

/// An early secret with a link in the directory of the regular ones, which is made later.
fn early_link(secret: &Secret, early: &Early, path: &str) -> Diagnostic {
    let directory = secret.manager.directory;
    let message = format!(
        "`{}` is linked into {directory}, which is made anew after `{}` secrets are installed",
        secret.attribute, early.option
    );
    let at = secret
        .path
        .at
        .or_else(|| secret.declared_at.first().copied());
    let name = secret.name.known().unwrap_or(&secret.attribute);
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(at, "the second installation step removes the link")
        .secondary(secret.needed_for_users.at, "installed in the first step")
        .note(format!(
            "{path} is there until the regular secrets are installed, and then no more; {}/{name} stays",
            early.directory
        ))
        .advice(format!(
            "drop `path`, and read config.{}.path; or drop `{}` if no password depends on it",
            secret.option, early.option
        ))
}

fn diagnostic(cx: &HostContext<'_>, secret: &Secret, early: &Early, path: &str) -> Diagnostic {
    let message = format!(
        "`{}` is linked into {}, which belongs to `{}` secrets",
        secret.attribute, early.directory, early.option
    );
    let (manager, directory) = (secret.manager, secret.manager.directory);
    let at = secret
        .path
        .at
        .or_else(|| secret.declared_at.first().copied());
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            at,
            format!(
                "the link lies in a directory that {} removes and makes anew",
                manager.name
            ),
        )
        .note(format!(
            "works by accident: as soon as one secret of this host is `{}`, its installation \
             deletes this directory and every link in it",
            early.option
        ));
    let name = split(path).map_or(path, |(_, name)| name);
    let key = secret
        .key
        .known()
        .and_then(Option::as_deref)
        .unwrap_or(&secret.attribute);
    let mut options = Vec::new();
    if key != name {
        options.push(format!("key = {};", nix_string(key)));
    }
    if let Some(Some(owner)) = secret.owner.known() {
        options.push(format!("owner = {};", nix_string(owner)));
    }
    let mut code = format!(
        "{}.{} = {{ {} }};",
        manager.secrets,
        nix_name(name),
        options.join(" ")
    );
    let reads_there = |mcp: &&inventory::McpConfiguration| {
        let directory = mcp.secrets_path.as_ref().and_then(|path| path.known());
        directory.is_some_and(|directory| is_directory(directory, early))
    };
    for mcp in cx.host.mcp.iter().filter(reads_there) {
        code = format!(
            "{code}\n{}.secretsPath = {};",
            mcp.option,
            nix_string(directory)
        );
    }
    found
        .help(
            format!("let it land in {directory} under the wanted name"),
            code,
        )
        .fix(rename(cx, secret, early, (name, key)))
}

/// Gives the attribute the name of the file, and `key` the name that it had; clients read in the other directory.
/// Not safe: what selects the attribute elsewhere is not renamed.
fn rename(
    cx: &HostContext<'_>,
    secret: &Secret,
    early: &Early,
    (name, key): (&str, &str),
) -> Option<Fix> {
    let [declared] = secret.declared_at.as_slice() else {
        return None;
    };
    let (binding, key_binding) = (secret.path.binding?, secret.key.binding);
    let in_one_file = binding.file == declared.file;
    if !in_one_file || key_binding.is_some() || declares_another(cx, secret, *declared) {
        return None;
    }
    let source = cx.sources.get(declared.file)?;
    let text: &str = source.text();
    let key = format!("key = {};", nix_string(key));
    let is_inside = binding.start <= declared.start && declared.end <= binding.end;
    let mut edits = if is_inside {
        // `sops.secrets.token.path = …;`
        let before = text.get(binding.start as usize..declared.start as usize)?;
        let replacement = format!("{before}{}.{key}", nix_name(name));
        vec![Edit {
            span: binding,
            replacement,
        }]
    } else {
        let renamed = Edit {
            span: *declared,
            replacement: nix_name(name),
        };
        vec![
            renamed,
            Edit {
                span: binding,
                replacement: key,
            },
        ]
    };
    let landing = secret.manager.directory;
    for mcp in &cx.host.mcp {
        let directory = mcp
            .secrets_path
            .as_ref()
            .filter(|path| path.known().is_some_and(|path| is_directory(path, early)));
        edits.extend(replace(
            directory.and_then(|path| path.at),
            nix_string(landing),
        ));
    }
    Some(Fix {
        title: format!("declare it as `{name}`, in {landing}"),
        safe: false,
        edits,
    })
}

fn is_directory(path: &str, early: &Early) -> bool {
    path.trim_end_matches('/') == early.directory
}
