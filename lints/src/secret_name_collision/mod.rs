//! `secret-name-collision`: two secrets want the same place.

use std::collections::{BTreeMap, BTreeSet};

use inventory::Secret;

use crate::context::is_below;
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-name-collision",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "two secrets want the same place",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let secrets: Vec<&Secret> = cx.secrets().map(|(_, secret)| secret).collect();
    for (first, second) in near(&secrets) {
        if let (Some(first), Some(second)) = (secrets.get(first), secrets.get(second)) {
            out.extend(clash(first, second).map(|why| diagnostic(first, second, &why)));
        }
    }
}

/// The pairs of secrets of which one lands at the other's path, below it, or where the other's manager writes
/// first: all that may clash.
fn near(secrets: &[&Secret]) -> BTreeSet<(usize, usize)> {
    let mut by_path: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, secret) in secrets.iter().enumerate() {
        if let Some(path) = secret.path.known() {
            let path = path.trim_end_matches('/');
            by_path.entry(path).or_default().push(index);
        }
    }
    let mut pairs = BTreeSet::new();
    for (index, secret) in secrets.iter().enumerate() {
        let Some(path) = secret.path.known() else {
            continue;
        };
        let above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        let path = path.trim_end_matches('/');
        let suffix = secret.manager.temporary_suffix;
        let of_temporary = suffix.and_then(|suffix| path.strip_suffix(suffix));
        let of_temporary = of_temporary.map(|path| path.trim_end_matches('/'));
        for path in above.chain([path]).chain(of_temporary) {
            let others = by_path.get(path).into_iter().flatten();
            let others = others.filter(|other| **other != index);
            pairs.extend(others.map(|other| (index.min(*other), index.max(*other))));
        }
    }
    pairs
}

/// Why both cannot be installed, if they cannot.
fn clash(first: &Secret, second: &Secret) -> Option<String> {
    let (a, b) = (first.path.known()?, second.path.known()?);
    if first.scope != second.scope || first.kind != second.kind && a != b {
        return None;
    }
    if a == b {
        return Some(format!("both land at {a}"));
    }
    if first.manager != second.manager {
        return None;
    }
    let (outer, inner) = if is_below(b, a) { (a, b) } else { (b, a) };
    if is_below(inner, outer) {
        return Some(format!(
            "{outer} is a file for one and a directory for the other"
        ));
    }
    let suffix = first.manager.temporary_suffix?;
    let is_temporary = |path: &str, of: &str| path.strip_suffix(suffix) == Some(of);
    (is_temporary(a, b) || is_temporary(b, a)).then(|| {
        format!(
            "{} writes {outer} by way of {outer}{suffix}",
            first.manager.name,
            outer = a.trim_end_matches(suffix)
        )
    })
}

fn diagnostic(first: &Secret, second: &Secret, why: &str) -> Diagnostic {
    let message = format!(
        "`{}` and `{}` get in each other's way",
        first.attribute, second.attribute
    );
    let place = |secret: &Secret| {
        secret
            .path
            .at
            .or_else(|| secret.declared_at.first().copied())
    };
    Diagnostic::new(&LINT, &second.option, message)
        .primary(place(second), why)
        .secondary(place(first), "the other one")
        .note("one of them is missing at run time, or no secret is installed at all")
        .advice("give one of them another name")
}
