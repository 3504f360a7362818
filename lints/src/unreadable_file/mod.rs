//! `unreadable-file`: a file could not be read.

use crate::problems::report;
use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "unreadable-file",
    group: Group::Analysis,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a file could not be read",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    report(
        cx,
        &LINT,
        |kind| kind == inventory::ProblemKind::Unreadable,
        "named here",
        "what this file says is not known: findings may be missing",
        out,
    );
}
