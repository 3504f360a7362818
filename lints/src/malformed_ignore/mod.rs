//! `malformed-ignore`: a comment for mcp-lint has not the right form.

use crate::{Check, Diagnostic, FindingsContext, Fixable, Group, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "malformed-ignore",
    group: Group::Analysis,
    severity: Severity::Warning,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a comment for mcp-lint has not the right form, and ignores nothing",
    page: include_str!("page.md"),
    check: Check::Findings(check),
};

fn check(cx: &FindingsContext<'_>, out: &mut Vec<Diagnostic>) {
    for malformed in &cx.ignores.malformed {
        let word = malformed.scope.word();
        let message = format!("this comment ignores nothing: {}", malformed.why);
        out.push(
            Diagnostic::new(&LINT, word, message)
                .primary(Some(malformed.at), malformed.why)
                .note("findings are ignored by the name of their lint, one by one: there is no form for all")
                .help("name the lints, then say why", format!("# mcp-lint: {word}[lint-name] why")),
        );
    }
}
