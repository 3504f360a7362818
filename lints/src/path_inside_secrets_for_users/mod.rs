//! `path-inside-secrets-for-users`: a link in a directory that another installation step owns.

use inventory::{Scope, Secret};

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

const DIRECTORY: &str = "/run/secrets-for-users";

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (_, secret) in cx.secrets() {
        let Some(path) = secret.path.known() else {
            continue;
        };
        let early = secret.needed_for_users.known();
        let of_system_sops = secret.manager.name == "sops-nix" && secret.scope == Scope::System;
        if of_system_sops && early == Some(&false) && is_below(path, DIRECTORY) {
            out.push(diagnostic(cx, secret, path));
        }
    }
}

fn diagnostic(cx: &HostContext<'_>, secret: &Secret, path: &str) -> Diagnostic {
    let message = format!(
        "`{}` is linked into {DIRECTORY}, which belongs to `neededForUsers` secrets",
        secret.attribute
    );
    let at = secret
        .path
        .at
        .or_else(|| secret.declared_at.first().copied());
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(at, "the link lies in a directory that sops-nix removes and makes anew")
        .note(
            "works by accident: as soon as one secret of this host is `neededForUsers`, its installation \
             deletes this directory and every link in it",
        );
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
        "sops.secrets.{} = {{ {} }};",
        nix_name(name),
        options.join(" ")
    );
    let reads_there = |mcp: &&inventory::McpConfiguration| {
        let directory = mcp.secrets_path.as_ref().and_then(|path| path.known());
        directory.is_some_and(|directory| is_directory(directory))
    };
    for mcp in cx.host.mcp.iter().filter(reads_there) {
        code = format!("{code}\n{}.secretsPath = \"/run/secrets\";", mcp.option);
    }
    found
        .help("let it land in /run/secrets under the wanted name", code)
        .fix(rename(cx, secret, name, key))
}

/// Gives the attribute the name of the file, and `key` the name that it had; clients read in /run/secrets.
/// Not safe: what selects the attribute elsewhere is not renamed.
fn rename(cx: &HostContext<'_>, secret: &Secret, name: &str, key: &str) -> Option<Fix> {
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
    for mcp in &cx.host.mcp {
        let directory = mcp
            .secrets_path
            .as_ref()
            .filter(|path| path.known().is_some_and(|path| is_directory(path)));
        edits.extend(replace(
            directory.and_then(|path| path.at),
            "\"/run/secrets\"",
        ));
    }
    Some(Fix {
        title: format!("declare it as `{name}`, in /run/secrets"),
        safe: false,
        edits,
    })
}

fn is_directory(path: &str) -> bool {
    path.trim_end_matches('/') == DIRECTORY
}
