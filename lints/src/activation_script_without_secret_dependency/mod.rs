//! `activation-script-without-secret-dependency`: an activation script reads a secret that may not be installed yet.

use std::collections::BTreeSet;

use inventory::{ActivationScript, Reference, Scope, Secret, Span, Via};

use crate::phrases::nix_name;
use crate::{
    Check, Confidence, Diagnostic, Edit, Fix, Fixable, Group, HostContext, Lint, Severity,
};

mod home;

pub(crate) static LINT: Lint = Lint {
    name: "activation-script-without-secret-dependency",
    group: Group::Activation,
    severity: Severity::Warning,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "an activation script reads a secret that may not be installed yet",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let of_users = cx.host.settings.home_scripts.iter();
    out.extend(of_users.filter_map(|(user, script)| home::of_home(cx, user, script)));
    for script in &cx.host.settings.scripts {
        let references = cx
            .paths()
            .filter(|reference| reference.is_in(&["system", "activationScripts", &script.name]))
            .filter(|reference| is_run(reference));
        let mut told = BTreeSet::new();
        for reference in references {
            let Some(secret) = cx
                .referenced(reference)
                .filter(|secret| secret.scope == Scope::System)
            else {
                continue;
            };
            // A script may name a path that it does not open.
            if !is_opened(cx, script, reference) {
                continue;
            }
            let Some(before) = before(cx, script) else {
                continue;
            };
            let wanted = installers(secret);
            let waits = wanted.iter().any(|name| before.contains(*name));
            if !waits && !follows_by_name(cx, script, secret) && told.insert(&secret.option) {
                out.push(diagnostic(cx, script, reference, secret));
            }
        }
    }
}

/// Whether the script is a reader of the secret that it refers to.
fn is_opened(cx: &HostContext<'_>, script: &ActivationScript, reference: &Reference) -> bool {
    cx.readers().any(|reader| {
        let is_it = match &reader.via {
            Via::Option { path, .. } => {
                let names = path.names();
                names.starts_with(&["system".to_owned(), "activationScripts".to_owned()])
                    && names.get(2) == Some(&script.name)
            }
            _ => false,
        };
        is_it && reader.secret == reference.secret
    })
}

/// Whether a reference is in the text of the script, or of one that it names. Any other file is handed on: whoever gets it
/// opens what it names.
fn is_run(reference: &Reference) -> bool {
    const DATA: [&str; 5] = [
        "writeText",
        "writeTextDir",
        "writeJSON",
        "writeYAML",
        "writeTOML",
    ];
    let function = reference.function.as_deref();
    function.is_none_or(|made| made.starts_with("write") && !DATA.contains(&made))
}

/// The scripts whose end means that the secret is there; the first one is the one to name.
fn installers(secret: &Secret) -> &'static [&'static str] {
    let manager = secret.manager;
    match (&manager.early, secret.needed_for_users.known()) {
        (Some(early), Some(true)) => early.scripts,
        _ => manager.installer.scripts,
    }
}

/// Scripts of nixpkgs itself, none of which waits for secrets.
const OF_NIXPKGS: [&str; 12] = [
    "binsh",
    "domain",
    "etc",
    "groups",
    "hashes",
    "hostname",
    "modprobe",
    "nix",
    "specialfs",
    "stdio",
    "usrbinenv",
    "var",
];

/// Every script that certainly runs before this one; `None` where that is not known.
fn before<'a>(cx: &HostContext<'a>, script: &'a ActivationScript) -> Option<BTreeSet<&'a str>> {
    let mut all = BTreeSet::new();
    let mut waiting: Vec<&str> = script.after.known()?.iter().map(String::as_str).collect();
    while let Some(name) = waiting.pop() {
        let known = cx
            .host
            .settings
            .scripts
            .iter()
            .find(|script| script.name == name);
        if !all.insert(name) {
            continue;
        }
        match known {
            Some(known) => waiting.extend(known.after.known()?.iter().map(String::as_str)),
            None if is_elsewhere(cx, name) => return None,
            None => {}
        }
    }
    Some(all)
}

/// Whether a script that is not declared here comes from a module that is not here, and may wait for anything.
fn is_elsewhere(cx: &HostContext<'_>, name: &str) -> bool {
    let mut installers = cx.managers.iter().flat_map(|manager| {
        let early = manager.early.iter().flat_map(|early| early.scripts);
        manager.installer.scripts.iter().chain(early)
    });
    cx.host.secrets_open.is_some()
        && name != "users"
        && !OF_NIXPKGS.contains(&name)
        && !installers.any(|known| *known == name)
}

/// Whether the script runs after the secret is installed because its name comes later and no other script
/// wants it earlier: nixpkgs runs scripts in the order of their names, each after its dependencies.
fn follows_by_name(cx: &HostContext<'_>, script: &ActivationScript, secret: &Secret) -> bool {
    let installed_by_name = installers(secret)
        .iter()
        .any(|name| *name < script.name.as_str());
    let mut others = cx.host.settings.scripts.iter();
    // What is not known of another script is no sign that it wants this one.
    let is_pulled = others.any(|other| {
        other
            .after
            .known()
            .is_some_and(|after| after.contains(&script.name))
    });
    installed_by_name && !is_pulled && !is_in_a_unit(cx, secret)
}

/// Whether this system installs the secret in a systemd unit, after all scripts.
fn is_in_a_unit(cx: &HostContext<'_>, secret: &Secret) -> bool {
    cx.host.settings.installs_in_a_unit(secret.manager) == Some(true)
}

fn diagnostic(
    cx: &HostContext<'_>,
    script: &ActivationScript,
    reference: &Reference,
    secret: &Secret,
) -> Diagnostic {
    let message = format!(
        "activation script `{}` may run before `{}` is installed",
        script.name, secret.attribute
    );
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .confidence(Confidence::Medium)
        .primary(reference.at, "opened by a script that waits for no secret")
        .secondary(script.at, "declared here");
    if is_in_a_unit(cx, secret) {
        return found
            .note("this system installs its secrets in a systemd unit, after all activation scripts: the file is missing at the first boot")
            .advice("do it in a unit that is ordered after sysinit.target, or in `ExecStartPre` of the service that needs it");
    }
    let installer = installers(secret).first().copied().unwrap_or_default();
    let name = nix_name(&script.name);
    let code = format!(
        "system.activationScripts.{name} = {{\n  deps = [ \"{installer}\" ];\n  text = ''…'';\n}};"
    );
    found
        .note("scripts run in the order of their dependencies, then of their names; at the first boot the file is missing")
        .help("say what it waits for", code)
        .fix(edits(cx, script, installer).map(|edits| Fix { title: format!("run it after {installer}"), safe: false, edits }))
}

/// Makes a set of a string, or adds to the dependencies that are written out.
fn edits(cx: &HostContext<'_>, script: &ActivationScript, installer: &str) -> Option<Vec<Edit>> {
    let value = script.value?;
    let insert = |file, at, replacement: String| Edit {
        span: Span {
            file,
            start: at,
            end: at,
        },
        replacement,
    };
    if script.is_string {
        let is_literal = cx.text(value)?.starts_with(['"', '\'']);
        return is_literal.then(|| {
            vec![
                insert(
                    value.file,
                    value.start,
                    format!("{{ deps = [ \"{installer}\" ]; text = "),
                ),
                insert(value.file, value.end, "; }".to_owned()),
            ]
        });
    }
    match script.after.at {
        Some(at) => cx
            .text(at)?
            .starts_with('[')
            .then(|| vec![insert(at.file, at.start + 1, format!(" \"{installer}\""))]),
        None => cx.text(value)?.starts_with('{').then(|| {
            vec![insert(
                value.file,
                value.start + 1,
                format!(" deps = [ \"{installer}\" ];"),
            )]
        }),
    }
}
