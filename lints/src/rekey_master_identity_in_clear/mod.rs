//! `rekey-master-identity-in-clear`: the private key that decrypts every secret lies in the project in clear.

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "rekey-master-identity-in-clear",
    group: Group::Rekey,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "the private key that decrypts every secret lies in the project in clear",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let Some(rekey) = &cx.host.settings.rekey else {
        return;
    };
    for identity in &rekey.master_identities {
        let (fact, is_clear) = (&identity.file, &identity.is_in_clear);
        if let Some(path) = fact.known().filter(|_| *is_clear) {
            let message = format!(
                "the master identity {} is a private key in clear",
                path.display
            );
            out.push(
                Diagnostic::new(&LINT, "age.rekey.masterIdentities", message)
                    .primary(fact.at, "in the project, and so in the world-readable Nix store")
                    .note("whoever sees the project or the store decrypts every secret of every host")
                    .help(
                        "protect it with a passphrase, replace it, and rekey: what it could decrypt is known to others",
                        "rage-keygen | rage --passphrase --armor --output master.age\nage.rekey.masterIdentities = [ ./master.age ];",
                    ),
            );
        }
    }
}
