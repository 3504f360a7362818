//! `container-bind-mounts-secret-generation`: a container keeps the old secret after it changed.

use inventory::{Capability, Form, Manager, Reference, Scope};

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
    for reference in cx.paths() {
        let of_system = cx
            .referenced(reference)
            .is_some_and(|secret| secret.scope == Scope::System);
        let is_restarted = cx.referenced(reference).is_none_or(|secret| {
            secret
                .restart_units
                .known()
                .is_none_or(|units| !units.is_empty())
        });
        if let Some(container) = container(reference).filter(|_| of_system && !is_restarted) {
            out.push(diagnostic(cx, reference, container));
        }
    }
}

/// The container into which the file itself is mounted.
fn container(reference: &Reference) -> Option<&str> {
    let name = |index: usize| reference.option.get(index).map(String::as_str);
    let of_oci = ["virtualisation", "oci-containers", "containers", "*"];
    if reference.is_in(&[&of_oci[..], &["volumes"]].concat()) {
        return name(3);
    }
    let is_option = reference.is_in(&[&of_oci[..], &["extraOptions"]].concat());
    if is_option && reference.form == Form::Part {
        return name(3);
    }
    (reference.is_in(&["containers", "*", "bindMounts"]) && reference.form == Form::Whole)
        .then(|| name(1))
        .flatten()
}

fn diagnostic(cx: &HostContext<'_>, reference: &Reference, container: &str) -> Diagnostic {
    let name = cx.name_of(reference);
    let message = format!("container `{container}` keeps the old `{name}` when it changes");
    Diagnostic::new(&LINT, cx.subject_of(reference), message)
        .primary(reference.at, "the link is followed once, when the container starts")
        .secondary(cx.declaration_of(reference), "declared here")
        .note(
            "each switch installs secrets in a new directory and removes the old one: the container goes on with a \
             file that has no name any more",
        )
        .advice(advice(cx.managers))
}

/// How to restart the container, for each manager.
fn advice(managers: &[&Manager]) -> String {
    let (by_option, by_unit): (Vec<&Manager>, Vec<&Manager>) = managers
        .iter()
        .partition(|manager| manager.has(Capability::RestartsUnits));
    let way = |(how, managers): (&str, Vec<&Manager>)| {
        let names: Vec<&str> = managers.iter().map(|manager| manager.name).collect();
        (!names.is_empty()).then(|| format!("{how} ({})", names.join(", ")))
    };
    let ways = [
        ("`restartUnits`", by_option),
        ("`restartTriggers` of its unit", by_unit),
    ];
    let ways: Vec<String> = ways.into_iter().filter_map(way).collect();
    format!(
        "restart the container when the secret changes: {}",
        ways.join(", ")
    )
}
