//! `container-bind-mounts-secret-generation`: a container keeps the old secret after it changed.

use inventory::{Form, Mention, Scope};

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "container-bind-mounts-secret-generation",
    group: Group::Handling,
    severity: Severity::Info,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a container keeps the old secret after it changed",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for mention in cx.paths() {
        let of_system = cx
            .mentioned(mention)
            .is_some_and(|secret| secret.scope == Scope::System);
        let is_restarted = cx.mentioned(mention).is_none_or(|secret| {
            secret
                .restart_units
                .known()
                .is_none_or(|units| !units.is_empty())
        });
        if let Some(container) = container(mention).filter(|_| of_system && !is_restarted) {
            out.push(diagnostic(cx, mention, container));
        }
    }
}

/// The container into which the file itself is mounted.
fn container(mention: &Mention) -> Option<&str> {
    let name = |index: usize| mention.option.get(index).map(String::as_str);
    let of_oci = ["virtualisation", "oci-containers", "containers", "*"];
    if mention.is_in(&[&of_oci[..], &["volumes"]].concat()) {
        return name(3);
    }
    let is_option = mention.is_in(&[&of_oci[..], &["extraOptions"]].concat());
    if is_option && mention.form == Form::Part {
        return name(3);
    }
    (mention.is_in(&["containers", "*", "bindMounts"]) && mention.form == Form::Whole)
        .then(|| name(1))
        .flatten()
}

fn diagnostic(cx: &HostContext<'_>, mention: &Mention, container: &str) -> Diagnostic {
    let name = cx.name_of(mention);
    let message = format!("container `{container}` keeps the old `{name}` when it changes");
    Diagnostic::new(&LINT, cx.subject_of(mention), message)
        .primary(mention.at, "the link is followed once, when the container starts")
        .secondary(cx.declaration_of(mention), "declared here")
        .note(
            "each switch installs secrets in a new directory and removes the old one: the container goes on with a \
             file that has no name any more",
        )
        .advice("restart the container when the secret changes: `restartUnits` (sops-nix), `restartTriggers` of its unit (agenix)")
}
