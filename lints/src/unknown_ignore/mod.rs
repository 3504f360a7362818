//! `unknown-ignore`: a comment ignores a lint that does not exist.

use crate::directives::{Ignore, Named};
use crate::phrases::closest;
use crate::{
    Check, Diagnostic, Edit, FindingsContext, Fix, Fixable, Group, LINTS, Lint, Severity, find,
};

pub(crate) static LINT: Lint = Lint {
    name: "unknown-ignore",
    group: Group::Analysis,
    severity: Severity::Warning,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "a comment ignores a lint that does not exist",
    page: include_str!("page.md"),
    check: Check::Findings(check),
};

fn check(cx: &FindingsContext<'_>, out: &mut Vec<Diagnostic>) {
    for ignore in &cx.ignores.ignores {
        let unknown = ignore
            .lints
            .iter()
            .filter(|named| find(&named.name).is_none());
        out.extend(unknown.map(|named| diagnostic(ignore, named)));
    }
}

fn diagnostic(ignore: &Ignore, named: &Named) -> Diagnostic {
    let subject = format!("{}[{}]", ignore.scope.word(), named.name);
    let found = Diagnostic::new(&LINT, subject, format!("there is no lint `{}`", named.name))
        .primary(Some(named.at), "no lint has this name")
        .note("this name ignores nothing");
    let is_group = Group::ALL
        .into_iter()
        .any(|group| group.name() == named.name);
    if is_group || named.name == "all" || named.name.contains('*') {
        return found.advice(
            "a comment names lints, one by one; levels of whole groups are set in mcp-lint.toml",
        );
    }
    match closest(&named.name, LINTS.iter().map(|lint| lint.name)) {
        Some(meant) => {
            let edit = Edit {
                span: named.at,
                replacement: meant.to_owned(),
            };
            let title = format!("write `{meant}`");
            found
                .advice(format!("did you mean `{meant}`?"))
                .fix(Some(Fix {
                    title,
                    safe: false,
                    edits: vec![edit],
                }))
        }
        None => found.advice("mcp-lint lints shows all names"),
    }
}
