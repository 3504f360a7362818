//! `hm-percent-r-leaks-into-config`: a path with %r is used where sops-nix does not expand it.

use inventory::Scope;

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "hm-percent-r-leaks-into-config",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a path with %r is used where sops-nix does not expand it",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for reader in cx.readers().filter(|reader| reader.certain) {
        let secret = reader.secret.and_then(|index| cx.host.secrets.get(index));
        let of_home_sops = secret.filter(|secret| {
            secret.manager.name == "sops-nix" && matches!(secret.scope, Scope::User(_))
        });
        let Some(path) = reader.path.known().filter(|path| path.starts_with("%r/")) else {
            continue;
        };
        if let Some(secret) = of_home_sops {
            let message =
                format!("{path} is read letter by letter: only sops-nix itself expands %r");
            out.push(
                Diagnostic::new(&LINT, &secret.option, message)
                    .primary(reader.at, format!("read here: {}", reader.via))
                    .secondary(secret.path.at, "the path is given here")
                    .note("there is no such file; in a systemd unit %r is something else, too")
                    .advice("remove `path`: the default, below ~/.config/sops-nix/secrets, needs no expansion"),
            );
        }
    }
}
