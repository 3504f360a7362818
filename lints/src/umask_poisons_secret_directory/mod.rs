//! `umask-poisons-secret-directory`: an activation script leaves a umask that closes the directory of secrets.

use inventory::{InstallerUnit, Manager, Principal, Scope, Secret, Span};

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "umask-poisons-secret-directory",
    group: Group::Access,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "an activation script leaves a umask that closes the directory of secrets",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for manager in cx.managers {
        check_manager(cx, manager, out);
    }
}

fn check_manager(cx: &HostContext<'_>, manager: &'static Manager, out: &mut Vec<Diagnostic>) {
    let settings = &cx.host.settings;
    let installer = &manager.installer;
    // A unit has its own umask.
    let (Some(mode), Some(false), [script_of_manager, ..]) = (
        installer.directory_mode,
        settings.installs_in_a_unit(manager),
        installer.scripts,
    ) else {
        return;
    };
    let Some(secret) = for_others(cx, manager) else {
        return;
    };
    if let Some(at) = settings.ldap_password {
        let what = "the activation script that nixpkgs makes for this leaves a umask of 0077";
        let found = diagnostic(
            "users.ldap.bind.passwordFile",
            Some(at),
            what,
            (secret, mode),
        );
        out.push(match installer.unit {
            InstallerUnit::Option(option) => found.help(
                format!(
                    "let {} install in a unit, with a umask of its own",
                    manager.name
                ),
                format!("{option} = true;"),
            ),
            InstallerUnit::Never | InstallerUnit::WithUsers => found,
        });
    }
    for script in &settings.scripts {
        let Some((at, mask)) = &script.umask else {
            continue;
        };
        let is_before = script.name.as_str() < *script_of_manager
            && script
                .after
                .known()
                .is_some_and(|after| !after.iter().any(|name| name == script_of_manager));
        if closes(mask) && is_before {
            let subject = format!("system.activationScripts.{}", script.name);
            let what = format!("`umask {mask}` here holds for all scripts that run later");
            let found = diagnostic(&subject, at.or(script.at), &what, (secret, mode));
            out.push(found.help(
                "end it with the commands that need it",
                format!("( umask {mask}; … )"),
            ));
        }
    }
}

/// Whether others cannot enter a directory that is made with this umask.
fn closes(mask: &str) -> bool {
    u32::from_str_radix(mask, 8).is_ok_and(|mask| mask & 0o001 != 0)
}

/// A secret of the system that somebody else than root has to reach.
fn for_others<'a>(cx: &HostContext<'a>, manager: &Manager) -> Option<&'a Secret> {
    let of_system = |secret: &&Secret| {
        secret.manager == manager
            && secret.scope == Scope::System
            && secret.needed_for_users.known() == Some(&false)
    };
    let is_others = |secret: &&Secret| {
        secret
            .effective_owner
            .known()
            .is_some_and(|owner: &Principal| !owner.is_root())
    };
    cx.secrets()
        .map(|(_, secret)| secret)
        .filter(of_system)
        .find(is_others)
}

fn diagnostic(
    subject: &str,
    at: Option<Span>,
    what: &str,
    (secret, mode): (&Secret, u32),
) -> Diagnostic {
    let owner = secret
        .effective_owner
        .known()
        .map_or_else(String::new, ToString::to_string);
    let message = format!(
        "{} may be made closed to everybody but root, {owner} included",
        secret.manager.directory
    );
    Diagnostic::new(&LINT, subject, message)
        .primary(at, what)
        .secondary(secret.declared_at.first().copied(), format!("belongs to {owner}, who cannot reach it then"))
        .note(format!("{} makes its directory with mode {mode:04o} less the umask: 0700 keeps out all users, whatever the file says", secret.manager.name))
}
