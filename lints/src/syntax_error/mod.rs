//! `syntax-error`: a file is not valid Nix.

use crate::problems::report;
use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "syntax-error",
    group: Group::Analysis,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a file is not valid Nix",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    report(
        cx,
        &LINT,
        |kind| kind == inventory::ProblemKind::Syntax,
        "not valid here",
        "what this file says is known in part only: findings may be missing",
        out,
    );
}
