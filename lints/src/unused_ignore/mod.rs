//! `unused-ignore`: a comment ignores what is not found.

use inventory::{HostClass, Inventory, SourceMap, Span};

use crate::directives::{Ignore, Named, Scope};
use crate::phrases::list;
use crate::{Check, Diagnostic, Edit, FindingsContext, Fix, Fixable, Group, Lint, Severity, find};

pub(crate) static LINT: Lint = Lint {
    name: "unused-ignore",
    group: Group::Analysis,
    severity: Severity::Warning,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "a comment ignores what is not found",
    page: include_str!("page.md"),
    check: Check::Findings(check),
};

fn check(cx: &FindingsContext<'_>, out: &mut Vec<Diagnostic>) {
    let inventory = cx.project.inventory;
    if !is_complete(inventory) {
        return;
    }
    // A module on its own is not all of the configuration: elsewhere there may be a finding.
    let is_whole = inventory
        .hosts
        .iter()
        .all(|host| host.class != HostClass::Module);
    for (index, ignore) in cx.ignores.ignores.iter().enumerate() {
        let unused: Vec<usize> = (0..ignore.lints.len())
            .filter(|name| !cx.ignores.is_used(index, *name))
            .filter(|name| {
                ignore
                    .lints
                    .get(*name)
                    .is_some_and(|named| was_looked_for(cx, named))
            })
            .collect();
        if !unused.is_empty() {
            let found = diagnostic(ignore, &unused, cx.project.sources);
            out.push(if is_whole {
                found
            } else {
                found.severity(Severity::Info)
            });
        }
    }
}

/// Whether every finding that there is was found.
fn is_complete(inventory: &Inventory) -> bool {
    let of_hosts = inventory.hosts.iter().flat_map(|host| &host.problems);
    let problems = inventory
        .problems
        .iter()
        .chain(&inventory.unloaded_problems);
    let mut problems = problems.chain(of_hosts);
    !inventory.is_partial && !problems.any(|problem| problem.is_unread() || problem.is_cut_short())
}

/// Names of no lint are another lint's business, and this one cannot tell about itself.
fn was_looked_for(cx: &FindingsContext<'_>, named: &Named) -> bool {
    let lint = find(&named.name).filter(|lint| !matches!(lint.check, Check::Findings(_)));
    lint.is_some_and(|lint| cx.ran.contains(&lint))
}

fn diagnostic(ignore: &Ignore, unused: &[usize], sources: &SourceMap) -> Diagnostic {
    let names: Vec<&str> = unused
        .iter()
        .filter_map(|index| ignore.lints.get(*index))
        .map(|named| named.name.as_str())
        .collect();
    let subject = format!("{}[{}]", ignore.scope.word(), names.join(","));
    let place = match ignore.scope {
        Scope::Binding => "here",
        Scope::File => "in this file",
    };
    let verb = if names.len() == 1 { "does" } else { "do" };
    let message = format!("{} {verb} not fire {place}", list(names.iter().copied()));
    let whole = unused.len() == ignore.lints.len();
    let (primary, help) = match (
        whole,
        unused.first().and_then(|index| ignore.lints.get(*index)),
    ) {
        (false, Some(named)) => (named.at, "take the name out"),
        _ => (ignore.at, "remove the comment"),
    };
    let edits = if whole {
        Some(vec![without_comment(ignore.at, sources)])
    } else {
        Some(without_names(ignore, unused))
    };
    let found = Diagnostic::new(&LINT, subject, message)
        .primary(Some(primary), "ignores nothing")
        .note("when such a finding comes up again, nobody will see it");
    let found = match ignore.scope {
        Scope::Binding => found.advice(format!(
            "{help}; a comment covers its line or the binding below it"
        )),
        Scope::File => found.advice(help),
    };
    found.fix(edits.map(|edits| Fix {
        title: help.to_owned(),
        safe: true,
        edits,
    }))
}

/// Takes a comment out, with its line if nothing else stands there.
fn without_comment(at: Span, sources: &SourceMap) -> Edit {
    let source = sources.get(at.file);
    let text = source.as_ref().map_or("", |source| source.text());
    let before = text.get(..at.start as usize).unwrap_or_default();
    let after = text.get(at.end as usize..).unwrap_or_default();
    let kept = before.trim_end_matches([' ', '\t']);
    let mut span = Span {
        start: u32::try_from(kept.len()).unwrap_or(at.start),
        ..at
    };
    let rest = after.trim_start_matches([' ', '\t', '\r']);
    if kept.is_empty() || kept.ends_with('\n') {
        if let Some(next) = rest.strip_prefix('\n') {
            span.end = at.end + u32::try_from(after.len() - next.len()).unwrap_or(0);
        } else if !rest.is_empty() {
            // A block comment before code: the indentation stays.
            span.start = at.start;
        }
    }
    Edit {
        span,
        replacement: String::new(),
    }
}

/// Takes names out of the list, each with the comma that it leaves without use.
fn without_names(ignore: &Ignore, unused: &[usize]) -> Vec<Edit> {
    let kept: Vec<usize> = (0..ignore.lints.len())
        .filter(|index| !unused.contains(index))
        .collect();
    let at = |index: usize| ignore.lints.get(index).map(|named| named.at);
    let (Some(first), Some(last)) = (at(0), at(ignore.lints.len().saturating_sub(1))) else {
        return Vec::new();
    };
    let names: Vec<&str> = kept
        .iter()
        .filter_map(|index| ignore.lints.get(*index))
        .map(|named| named.name.as_str())
        .collect();
    vec![Edit {
        span: Span {
            end: last.end,
            ..first
        },
        replacement: names.join(", "),
    }]
}
