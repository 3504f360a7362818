//! `undeclared-secret`: an option takes a secret that nothing declares.

use inventory::UndeclaredSecret;

use crate::phrases::{closest, nix_name};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "undeclared-secret",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "an option takes a secret that nothing declares",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    out.extend(cx.host.undeclared.iter().map(diagnostic));
}

fn diagnostic(undeclared: &UndeclaredSecret) -> Diagnostic {
    let UndeclaredSecret { set, name, .. } = undeclared;
    let attribute = format!("{set}.{}", nix_name(name));
    let found = Diagnostic::new(
        &LINT,
        &attribute,
        format!("`{attribute}` is not declared on this host"),
    )
    .primary(Some(undeclared.at), "nothing has this name")
    .note(format!(
        "`{}` takes it: the evaluation stops here",
        undeclared.option
    ));
    let declared = undeclared.declared.iter().map(String::as_str);
    match closest(name, declared) {
        Some(meant) => found.help(format!("did you mean `{}`?", nix_name(meant)), ""),
        None => found.help("declare it, or take one that is declared", ""),
    }
}
