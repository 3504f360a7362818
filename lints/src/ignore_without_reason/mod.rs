//! `ignore-without-reason`: a comment ignores findings and does not say why.

use crate::phrases::list;
use crate::{Check, Diagnostic, FindingsContext, Fixable, Group, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "ignore-without-reason",
    group: Group::Analysis,
    severity: Severity::Info,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a comment ignores findings and does not say why",
    page: include_str!("page.md"),
    check: Check::Findings(check),
};

fn check(cx: &FindingsContext<'_>, out: &mut Vec<Diagnostic>) {
    for ignore in cx
        .ignores
        .ignores
        .iter()
        .filter(|ignore| ignore.reason.is_none())
    {
        let names: Vec<&str> = ignore
            .lints
            .iter()
            .map(|named| named.name.as_str())
            .collect();
        let subject = format!("{}[{}]", ignore.scope.word(), names.join(","));
        let verb = if names.len() == 1 { "is" } else { "are" };
        let message = format!(
            "nothing says why {} {verb} ignored here",
            list(names.iter().copied())
        );
        let code = format!(
            "# mcp-lint: {}[{}] why this is right here",
            ignore.scope.word(),
            names.join(", ")
        );
        out.push(
            Diagnostic::new(&LINT, subject, message)
                .primary(Some(ignore.at), "no reason after the bracket")
                .note("whoever reads this next year cannot tell whether it still holds")
                .help("say why", code),
        );
    }
}
