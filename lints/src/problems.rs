//! What the analysis itself could not do, as findings: it never passes over anything in silence.

use std::collections::BTreeSet;

use inventory::{EvaluationError, Host, HostClass, Problem, ProblemKind, Reason};

use crate::one_cause::{Caused, once};
use crate::stops;
use crate::{Diagnostic, Lint, ProjectContext};

/// Reports the problems of the project and its hosts whose kind is wanted.
pub(crate) fn report(
    cx: &ProjectContext<'_>,
    lint: &'static Lint,
    is_wanted: impl Fn(ProblemKind) -> bool,
    label: &str,
    note: &str,
    out: &mut Vec<Diagnostic>,
) {
    let diagnostic = |problem: &Problem| {
        let message = match &problem.reason {
            // What a function of an input gives is called `input … …`: the dots help nobody.
            Reason::Input { words, .. } => format!(
                "this needs {}, which is not here",
                words.trim_end_matches([' ', '…'])
            ),
            // Nix tells where each definition is, over several lines: the place is shown, the first of them.
            Reason::Error(EvaluationError::UndeclaredOption { option, .. }) => {
                format!("the option `{option}` does not exist")
            }
            Reason::Error(EvaluationError::WrongType {
                option,
                expected,
                found,
                ..
            }) => stops::wrong_type(option, expected, found),
            _ => problem.to_string(),
        };
        let mut found = Diagnostic::new(lint, problem.kind.name(), message)
            .primary(problem.at, label)
            .note(note);
        if let Reason::Error(EvaluationError::UndeclaredOption {
            meant: Some(meant), ..
        }) = &problem.reason
        {
            found = found.help(format!("did you mean `{meant}`?"), "");
        }
        // The rest of the configuration was evaluated; without a place there is nothing to change, and what is not seen
        // for it is told as a gap: worth knowing, shown when asked for.
        let has_no_place = problem.kind == ProblemKind::Evaluation && problem.at.is_none();
        if problem.kind == ProblemKind::Module || has_no_place {
            found.severity(crate::Severity::Info)
        } else {
            found
        }
    };
    let of_project: BTreeSet<&Problem> = cx.inventory.problems.iter().collect();
    // What was not seen at all is told with its reason before all findings.
    let gaps = cx.inventory.all_gaps();
    let is_of_gap = |problem: &Problem| {
        let mut gaps = gaps.iter();
        gaps.any(|gap| gap.why.reason == problem.reason && gap.why.at == problem.at)
    };
    let wanted = |problem: &&Problem| {
        let is_of_its_own = matches!(problem.kind, ProblemKind::Internal | ProblemKind::Module);
        let is_told = !is_of_its_own && !problem.is_unread() && is_of_gap(problem);
        is_wanted(problem.kind) && !is_told
    };
    // What follows the first syntax error of a file mostly follows from it.
    let mut broken_files = BTreeSet::new();
    let mut is_first = |problem: &&Problem| match problem.at {
        Some(at) if problem.kind == ProblemKind::Syntax => broken_files.insert(at.file),
        _ => true,
    };
    let of_files = of_project.iter().copied();
    let mut missing_files = Vec::new();
    for problem in of_files.filter(wanted).filter(&mut is_first) {
        match stops::missing_file(cx, lint, problem) {
            // What one configuration lacks was mostly moved at once.
            Some(finding) => missing_files.push(Caused {
                cause: Some(finding.hosts.iter().cloned().collect()),
                finding,
            }),
            None => out.push(diagnostic(problem)),
        }
    }
    out.extend(once(missing_files));
    let unloaded = cx.inventory.unloaded_problems.iter();
    let unloaded = unloaded.filter(wanted).filter(is_first).map(diagnostic);
    out.extend(unloaded.map(|mut found| {
        found.make_unloaded("this file");
        found
    }));
    for host in &cx.inventory.hosts {
        let news = |problem: &&Problem| {
            let is_said_better = is_of_an_owner(host, problem)
                || crate::option_not_available_in_this_module_class::is_explained(
                    cx.inventory.managers,
                    host,
                    problem,
                );
            // What was not evaluated at all is told with its reason before all findings.
            let is_of_gap = { host.failed.iter() }
                .any(|why| why.reason == problem.reason && why.at == problem.at);
            !of_project.contains(problem) && !is_said_better && !is_of_gap
        };
        for problem in host.problems.iter().filter(wanted).filter(news) {
            if let Some(mut found) = stops::diagnostic(cx, lint, host, problem) {
                found.hosts.insert(host.attribute.clone());
                out.push(found);
                continue;
            }
            let mut found = diagnostic(problem);
            if host.class == HostClass::Module && problem.kind == ProblemKind::Module {
                found = found.severity(crate::Severity::Info);
            }
            // A module that is not in the project may define it.
            let is_defined_elsewhere = (host.secrets_open.is_some()
                || host.class == HostClass::Module)
                && problem.reason.is_no_definition();
            if is_defined_elsewhere || stops::may_be_declared_elsewhere(cx, host, problem) {
                found = found.severity(crate::Severity::Info);
            }
            found.hosts.insert(host.attribute.clone());
            out.push(found);
        }
    }
}

/// Whether a lint reports files that could not be inspected: see [`ProblemKind::is_unread`].
#[must_use]
pub fn reports_unread(lint: &Lint) -> bool {
    // Those lints have the names of the problems.
    ProblemKind::named(lint.name).is_some_and(ProblemKind::is_unread)
}

/// Whether a lint reports problems of the analysis itself.
#[must_use]
pub fn reports_problems(lint: &Lint) -> bool {
    reports_unread(lint) || *lint == crate::evaluation_problem::LINT
}

/// Whether sops-nix looked up the group of an owner that is not declared, which
/// `secret-owner-not-declared` says better.
fn is_of_an_owner(host: &Host, problem: &Problem) -> bool {
    let mut owners = host
        .secrets
        .iter()
        .filter_map(|secret| secret.owner.known()?.as_deref());
    let Reason::Error(EvaluationError::MissingAttribute { name }) = &problem.reason else {
        return false;
    };
    problem.at.is_none() && owners.any(|owner| owner == name)
}
