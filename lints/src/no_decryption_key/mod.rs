//! `no-decryption-key`: secrets, and no key that decrypts them.

use std::collections::BTreeMap;

use inventory::{FileId, HostClass, Manager, Scope, Secret};

use crate::phrases::count;
use crate::{Check, Confidence, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "no-decryption-key",
    group: Group::Keys,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a configuration has secrets and names no key that decrypts them",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let is_whole = matches!(
        cx.host.class,
        HostClass::Nixos | HostClass::HomeManager | HostClass::SystemManager
    );
    if !is_whole || cx.host.secrets_open.is_some() || cx.host.container.is_some() {
        return;
    }
    let mut without: BTreeMap<(&str, &Scope), Vec<&Secret>> = BTreeMap::new();
    for (_, secret) in cx.secrets() {
        if !has_keys(cx, secret.manager, &secret.scope) && !is_only_beside_the_manager(cx, secret) {
            let key = (secret.manager.name, &secret.scope);
            without.entry(key).or_default().push(secret);
        }
    }
    // A module of nixpkgs may switch on sshd, whose keys are taken then.
    if without.is_empty() || cx.host.loads_nixpkgs_modules && may_set_keys(cx) {
        return;
    }
    out.extend(without.values().filter_map(|secrets| diagnostic(secrets)));
}

/// Whether the file that declares a secret asks whether there are options of its manager: a host that names no key has
/// perhaps no such module, and then no such secret.
fn is_only_beside_the_manager(cx: &HostContext<'_>, secret: &Secret) -> bool {
    let root = secret.manager.secrets.split('.').next().unwrap_or_default();
    let asks = [
        format!("options ? {root}"),
        format!("options.{root} or "),
        format!("hasAttr \"{root}\" options"),
        format!("hasAttrByPath [\"{root}\""),
        format!("hasAttrByPath [ \"{root}\""),
    ];
    let places = secret.declared_at.iter();
    let mut sources = places.filter_map(|at| cx.sources.get(at.file));
    sources.any(|source| asks.iter().any(|ask| source.text().contains(ask.as_str())))
}

/// Whether the configuration names a key, or may.
fn has_keys(cx: &HostContext<'_>, manager: &Manager, scope: &Scope) -> bool {
    let mut keys = cx.host.key_sources.iter();
    let mut settings = cx.host.sops.iter();
    let mut refused = cx.host.refused_keys.iter();
    // PGP keys of sops come from options of several kinds.
    let by_pgp = settings.any(|settings| {
        settings.manager == manager
            && settings.scope == *scope
            && settings.has_gnupg.known() != Some(&false)
    });
    // Where the manager has no module of its own, the project's decides what decrypts.
    let has_settings = { cx.host.sops.iter() }.any(|settings| settings.manager == manager);
    let is_of_the_project = cx.host.class == HostClass::SystemManager && !has_settings;
    keys.any(|key| key.manager == manager && key.scope == *scope)
        || is_of_the_project
        || by_pgp
        || refused.any(|key| key.manager == manager)
}

/// Whether a module of nixpkgs that is named somewhere in the project may set options of keys; those that
/// nixos-generate-config names do not.
fn may_set_keys(cx: &HostContext<'_>) -> bool {
    const IMPORTS: [&str; 3] = ["modulesPath +", "{modulesPath}", "nixos/modules/"];
    const HARMLESS: [&str; 3] = [
        "not-detected.nix",
        "/profiles/qemu-guest",
        "/profiles/headless",
    ];
    let is_import = |text: &str| IMPORTS.iter().any(|import| text.contains(import));
    let is_harmless = |line: &str| HARMLESS.iter().any(|name| line.contains(name));
    let is_of_project = |id: &FileId| *id == FileId::in_project(&id.key().relative);
    let of_project = cx.sources.ids().into_iter().filter(is_of_project);
    let sources = of_project.filter_map(|id| cx.sources.get(id));
    let mut found = false;
    for source in sources {
        let text: &str = source.text();
        // Most files have none, and are not looked at line by line.
        if !is_import(text) {
            continue;
        }
        for line in text.lines().filter(|line| is_import(line)) {
            found = true;
            if !is_harmless(line) {
                return true;
            }
        }
    }
    !found
}

fn diagnostic(secrets: &[&Secret]) -> Option<Diagnostic> {
    let first = secrets.first()?;
    let manager = first.manager;
    let message = format!(
        "{} of {}, and no key that decrypts {}",
        count(secrets.len(), "secret"),
        manager.name,
        if secrets.len() == 1 { "it" } else { "them" }
    );
    let option = manager.keys.first().map_or("", |key| key.option);
    let found = Diagnostic::new(&LINT, option, message)
        .confidence(Confidence::Medium)
        .primary(first.declared_at.first().copied(), "encrypted to keys that this host does not have")
        .note(format!(
            "evaluation fails: without sshd there are no host keys, and {} has no other key to begin with",
            manager.name
        ));
    Some(match first.scope {
        Scope::System => found.help(
            "let the host have an SSH key, or name another one",
            format!(
                "services.openssh.enable = true;\n# or\n{}",
                manager.key_example()
            ),
        ),
        Scope::User(_) => found.help(
            "name a key of the user",
            format!("{option} = \"${{config.home.homeDirectory}}/.config/sops/age/keys.txt\";"),
        ),
    })
}
