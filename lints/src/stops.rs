//! Mistakes at which Nix certainly stops, in words that say what to change.

use std::collections::BTreeSet;

use inventory::{EvaluationError, Host, HostClass, Problem, ProblemKind, Reason};

use crate::{Diagnostic, Lint, ProjectContext, Severity};

const NOTE: &str = "evaluation fails: Nix builds nothing of this configuration";

/// The error for a problem of a host, if Nix builds nothing of it for that.
pub(crate) fn diagnostic(
    cx: &ProjectContext<'_>,
    lint: &'static Lint,
    host: &Host,
    problem: &Problem,
) -> Option<Diagnostic> {
    let Reason::Error(error) = &problem.reason else {
        return None;
    };
    // Nothing is known to load a module on its own.
    if host.class == HostClass::Module || problem.at.is_none() {
        return None;
    }
    let (subject, message, label, advice) = match error {
        EvaluationError::UndeclaredOption { option, meant, .. } if is_of_a_manager(cx, option) => {
            let is_open = host.secrets_open.is_some();
            if meant.is_none() && (is_open || may_be_declared_elsewhere(cx, host, problem)) {
                return None;
            }
            let (set, name) = option.rsplit_once('.')?;
            let advice = match meant {
                Some(meant) => format!("write `{meant}`"),
                None => "remove it, or correct its name".to_owned(),
            };
            let message = format!("{set} has no option `{name}`");
            (option, message, "does not exist", advice)
        }
        EvaluationError::WrongType {
            option,
            expected,
            found,
            ..
        } if is_of_a_manager(cx, option) => {
            let takes_text = expected.ends_with("string") || expected.ends_with("path");
            let advice = if *found == "int" && takes_text {
                "put it in quotes".to_owned()
            } else if expected.starts_with("list of") && *found == "string" {
                "put it in brackets: `[ … ]`".to_owned()
            } else if expected.starts_with("bool") {
                "write `true` or `false`, without quotes".to_owned()
            } else {
                format!("give it a value of that type: {expected}")
            };
            let message = wrong_type(option, expected, found);
            (option, message, "of another type", advice)
        }
        _ => return None,
    };
    let found = Diagnostic::new(lint, subject, message)
        .severity(Severity::Error)
        .primary(problem.at, label)
        .note(NOTE)
        .advice(advice);
    Some(found)
}

/// What is wrong with a value that the type of an option refuses.
pub(crate) fn wrong_type(option: &str, expected: &str, found: &str) -> String {
    format!(
        "{option} takes a value of type `{expected}`, and gets {}",
        article(found)
    )
}

/// Whether an input may declare the option that does not exist: with system-manager, managers have no modules of their
/// own, so that the project's modules declare their options, and inputs add to them.
pub(crate) fn may_be_declared_elsewhere(
    cx: &ProjectContext<'_>,
    host: &Host,
    problem: &Problem,
) -> bool {
    let Reason::Error(EvaluationError::UndeclaredOption { option, .. }) = &problem.reason else {
        return false;
    };
    host.class == HostClass::SystemManager && is_of_a_manager(cx, option)
}

/// The error for a file of a flake that is imported and is not there.
pub(crate) fn missing_file(
    cx: &ProjectContext<'_>,
    lint: &'static Lint,
    problem: &Problem,
) -> Option<Diagnostic> {
    let Reason::Error(EvaluationError::NoSuchFile { path }) = &problem.reason else {
        return None;
    };
    // Only a configuration is certainly evaluated, not what a flake offers to others.
    let needs_it = |host: &&Host| {
        let mut gaps = host.gaps.iter();
        host.class != HostClass::Module && gaps.any(|gap| gap.why.reason == problem.reason)
    };
    let hosts = cx.inventory.hosts.iter().filter(needs_it);
    let hosts: BTreeSet<String> = hosts.map(|host| host.attribute.clone()).collect();
    // What no file of the project names is looked for by a framework, which may leave it out.
    let is_import =
        problem.kind == ProblemKind::Module && problem.at.is_some() && !hosts.is_empty();
    let message = format!("{path} is imported, and is not there");
    let mut found = Diagnostic::new(lint, path, message)
        .severity(Severity::Error)
        .primary(problem.at, "imported here")
        .note(NOTE)
        .advice("add the file (in a flake, `git add` it too), or remove the import");
    found.hosts = hosts;
    is_import.then_some(found)
}

/// Whether an option is a manager's own.
fn is_of_a_manager(cx: &ProjectContext<'_>, option: &str) -> bool {
    let mut managers = cx.inventory.managers.iter();
    managers.any(|manager| {
        let is_in = |option: &str| {
            let below = option.strip_prefix(manager.root);
            below.is_some_and(|rest| rest.starts_with('.'))
        };
        let of_home = option.strip_prefix("home-manager.users.");
        let of_home = of_home.and_then(|rest| rest.split_once('.'));
        is_in(option) || of_home.is_some_and(|(_, rest)| is_in(rest))
    })
}

/// What Nix calls a kind of value, in a sentence.
fn article(kind: &str) -> &'static str {
    match kind {
        "int" => "a number",
        "float" => "a number with a fraction",
        "bool" => "a truth value",
        "string" => "a string",
        "path" => "a path",
        "list" => "a list",
        "set" => "a set",
        "lambda" => "a function",
        "null" => "null",
        _ => "something else",
    }
}
