//! `evaluation-problem`: a part of the configuration could not be evaluated.

use crate::problems::report;
use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "evaluation-problem",
    group: Group::Analysis,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a part of the configuration could not be evaluated",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    report(
        cx,
        &LINT,
        |kind| !kind.is_unread(),
        "here",
        "what depends on it is not known, and no finding rests on it",
        out,
    );
}
