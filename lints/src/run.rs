//! Runs lints over an inventory.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use inventory::{Inventory, SourceMap, Span};

use crate::cover::Cover;
use crate::ignores::Ignores;
use crate::loads::Loads;
use crate::{
    Check, Diagnostic, FindingsContext, Group, HostContext, Ignored, Lint, ProjectContext, phrases,
};

/// A lint that panicked: a defect of ours, never of the user's project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crash {
    /// Its name.
    pub lint: &'static str,
    /// What it said.
    pub message: String,
}

/// What the lints found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Sorted by file, start, lint and message, each with all hosts that it holds for.
    pub diagnostics: Vec<Diagnostic>,
    /// What comments in the files ignore, in the same order.
    pub ignored: Vec<Ignored>,
    /// The lints that panicked, sorted. What they had found before is lost.
    pub crashes: Vec<Crash>,
}

/// Runs `lints` over every host of the inventory and over the project as a whole. The same finding
/// on several hosts is one diagnostic.
#[must_use]
pub fn run(inventory: &Inventory, sources: &SourceMap, lints: &[&'static Lint]) -> Findings {
    let project = ProjectContext { inventory, sources };
    let cover = Cover::of(inventory, sources);
    let mut ignores = Ignores::of(inventory, sources);
    let mut findings = Findings::default();
    // Joined lint by lint: what each finds on many hosts or at one place is one finding in the end.
    let loads = OnceCell::new();
    let found = check_all(lints, &mut findings.crashes, |lint| {
        let mut found = check(lint, project, &loads);
        found.iter_mut().for_each(|found| cover.diagnostic(found));
        joined(found, project)
    });
    let (stay, ignored) = ignores.part(in_order(found));
    let cx = FindingsContext {
        project,
        ignores: &ignores,
        ran: lints,
    };
    let found = check_all(lints, &mut findings.crashes, |lint| {
        joined(check_findings(lint, &cx), project)
    });
    let (more, more_ignored) = ignores.part(in_order(found));
    findings.diagnostics = stay.into_iter().chain(more).collect();
    findings.diagnostics.sort_by(|a, b| order(a).cmp(&order(b)));
    findings.ignored = ignored.into_iter().chain(more_ignored).collect();
    let ignored_order = |a: &Ignored, b: &Ignored| order(&a.diagnostic).cmp(&order(&b.diagnostic));
    findings.ignored.sort_by(ignored_order);
    findings.crashes.sort();
    findings
}

/// Runs each lint; one that panics is named, and what it had found is lost.
fn check_all(
    lints: &[&'static Lint],
    crashes: &mut Vec<Crash>,
    check: impl Fn(&'static Lint) -> Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lint in lints {
        match catch_unwind(AssertUnwindSafe(|| check(lint))) {
            Ok(diagnostics) => found.extend(diagnostics),
            Err(payload) => crashes.push(Crash {
                lint: lint.name,
                message: said(&*payload),
            }),
        }
    }
    found
}

/// The findings, sorted and numbered.
fn in_order(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by(|a, b| order(a).cmp(&order(b)));
    number(&mut found);
    found
}

/// The findings of some lints, each once with all its hosts.
fn joined(mut found: Vec<Diagnostic>, project: ProjectContext<'_>) -> Vec<Diagnostic> {
    for diagnostic in &mut found {
        diagnostic.secondary.sort();
        diagnostic.secondary.dedup();
        let at = diagnostic.primary.as_ref().map(|label| label.at);
        diagnostic.file = at.and_then(|at| relative_file(project.inventory, project.sources, at));
    }
    merge_lines(merge_hosts(found))
}

fn check<'a>(
    lint: &'static Lint,
    project: ProjectContext<'a>,
    loads: &OnceCell<Loads<'a>>,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    match lint.check {
        Check::Project(check) => {
            check(&project, &mut diagnostics);
            for diagnostic in &mut diagnostics {
                diagnostic.name_secrets(project.inventory);
            }
        }
        Check::Host(check) | Check::Secrets(check) => {
            let judges_secrets = matches!(lint.check, Check::Secrets(_));
            let knows_loaded = project.inventory.knows_loaded_modules();
            for (index, host) in project.inventory.hosts.iter().enumerate() {
                let first = diagnostics.len();
                check(&project.host(host), &mut diagnostics);
                if judges_secrets {
                    supposed(check, project.host(host), &mut diagnostics);
                }
                for diagnostic in diagnostics.iter_mut().skip(first) {
                    diagnostic.hosts.insert(host.attribute.clone());
                    diagnostic.name_secrets(project.inventory);
                    if !diagnostic.fixes.is_empty() {
                        let loads = loads.get_or_init(|| Loads::of(project.inventory));
                        if loads.is_loaded_without(index, diagnostic) {
                            diagnostic.fixes.clear();
                        }
                    }
                    if host.is_unloaded && (knows_loaded || host.is_put_aside()) {
                        diagnostic.make_unloaded("this file");
                    } else if let Some(switch) = project.host(host).switch_behind(diagnostic) {
                        diagnostic.make_switched_off(switch);
                    }
                }
            }
        }
        Check::Findings(_) => {}
    }
    diagnostics
}

/// What a lint finds of secrets that are there only if a condition holds that is not decided.
fn supposed(
    check: fn(&HostContext<'_>, &mut Vec<Diagnostic>),
    mut cx: HostContext<'_>,
    out: &mut Vec<Diagnostic>,
) {
    let secrets = cx.host.secrets.iter();
    if secrets
        .into_iter()
        .all(|secret| cx.doubt_of(&secret.option).is_none())
    {
        return;
    }
    cx.supposes = true;
    let mut found = Vec::new();
    check(&cx, &mut found);
    for mut found in found {
        if let Some(why) = cx.doubt_of(&found.subject) {
            found.make_supposed(&why.reason.to_string());
            if cx.host.is_module() {
                // No configuration has it.
                found.severity = crate::Severity::Info;
            }
            out.push(found);
        }
    }
}

/// The lints that look at what the others found.
fn check_findings(lint: &'static Lint, cx: &FindingsContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if let Check::Findings(check) = lint.check {
        check(cx, &mut diagnostics);
    }
    diagnostics
}

fn said(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

fn relative_file(inventory: &Inventory, sources: &SourceMap, at: Span) -> Option<String> {
    let source = sources.get(at.file)?;
    Some(inventory::name_from(&inventory.root, source.path()))
}

/// Joins the same finding on several hosts. With a place, what people read decides: a secret whose
/// name is computed from the host's is one line of the configuration.
fn merge_hosts(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by(|a, b| same_on_hosts(a).cmp(&same_on_hosts(b)));
    diagnostics.dedup_by(|later, known| {
        let is_same = same_on_hosts(later) == same_on_hosts(known);
        if is_same {
            if later.subject < known.subject {
                known.subject = std::mem::take(&mut later.subject);
            }
            known.hosts.append(&mut later.hosts);
            known.secrets.append(&mut later.secrets);
            known.confidence = known.confidence.max(later.confidence);
        }
        is_same
    });
    diagnostics
}

/// What the same finding has on every host.
fn same_on_hosts(diagnostic: &Diagnostic) -> impl Ord + use<'_> {
    let primary = &diagnostic.primary;
    (
        diagnostic.lint.name,
        primary,
        &diagnostic.message,
        primary.is_none().then_some(&diagnostic.subject),
        &diagnostic.secondary,
        diagnostic.severity,
        &diagnostic.help,
        &diagnostic.fixes,
    )
}

/// Joins what one lint reports at one place for several secrets, users or files: one line, one cause.
fn merge_lines(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut merged = Vec::new();
    let mut by_place: BTreeMap<_, Vec<Diagnostic>> = BTreeMap::new();
    for diagnostic in diagnostics {
        // What the analysis could not do has a cause each time.
        let is_analysis = diagnostic.lint.group == Group::Analysis;
        match &diagnostic.primary {
            Some(label) if !is_analysis => {
                let key = (diagnostic.lint.name, label.at, diagnostic.severity);
                by_place.entry(key).or_default().push(diagnostic);
            }
            _ => merged.push(diagnostic),
        }
    }
    merged.extend(by_place.into_values().filter_map(one_of));
    merged
}

/// The first of these findings at one place, which names what the others are about.
fn one_of(mut same: Vec<Diagnostic>) -> Option<Diagnostic> {
    /// More places are no help.
    const MOST_PLACES: usize = 8;
    same.sort_by(|a, b| (&a.subject, &a.message).cmp(&(&b.subject, &b.message)));
    let mut same = same.into_iter();
    let mut first = same.next()?;
    let mut others = BTreeSet::new();
    for other in same {
        if other.subject == first.subject {
            // The same secret of another host, with other places.
            first.secondary.extend(other.secondary);
        } else {
            others.insert(other.subject);
        }
        first.hosts.extend(other.hosts);
        first.secrets.extend(other.secrets);
        first.confidence = first.confidence.max(other.confidence);
        if first.fixes != other.fixes {
            first.fixes.clear();
        }
    }
    first.secondary.sort();
    first.secondary.dedup();
    first.secondary.truncate(MOST_PLACES);
    if !others.is_empty() {
        let others: Vec<String> = others.into_iter().collect();
        let list = phrases::several(&others, |subject| format!("`{subject}`"));
        let before = first
            .note
            .map(|note| format!("{note}; "))
            .unwrap_or_default();
        first.note = Some(format!("{before}the same line does it for {list}"));
    }
    Some(first)
}

type Order<'a> = (
    Option<&'a str>,
    Option<(u32, u32)>,
    &'a str,
    &'a str,
    &'a [crate::Label],
);

fn order(diagnostic: &Diagnostic) -> Order<'_> {
    let at = diagnostic
        .primary
        .as_ref()
        .map(|label| (label.at.start, label.at.end));
    let file = diagnostic.file.as_deref();
    (
        file,
        at,
        diagnostic.lint.name,
        &diagnostic.message,
        &diagnostic.secondary,
    )
}

/// Numbers the findings with the same lint, file and subject, in the order of the list.
fn number(diagnostics: &mut [Diagnostic]) {
    let mut seen: BTreeMap<(&'static str, Option<String>, String), usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        let key = (
            diagnostic.lint.name,
            diagnostic.file.clone(),
            diagnostic.subject.clone(),
        );
        let count = seen.entry(key).or_default();
        diagnostic.ordinal = *count;
        *count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fixable, Severity};

    const fn lint(name: &'static str, check: Check) -> Lint {
        Lint {
            name,
            group: Group::Analysis,
            severity: Severity::Warning,
            fixable: Fixable::No,
            since: "0",
            summary: "",
            page: "",
            check,
        }
    }

    static FAILS: Lint = lint("fails", Check::Project(|_, _| panic!("a defect")));
    static FINDS: Lint = lint(
        "finds",
        Check::Project(|_, out| {
            out.extend(["b", "a", "a"].map(|subject| Diagnostic::new(&FINDS, subject, "found")));
        }),
    );

    #[test]
    fn a_lint_that_panics_is_named_and_the_others_run() {
        let findings = run(&Inventory::default(), &SourceMap::new(), &[&FAILS, &FINDS]);
        assert_eq!(
            findings.crashes,
            [Crash {
                lint: "fails",
                message: "a defect".to_owned()
            }]
        );
        assert_eq!(findings.diagnostics.len(), 2);
    }

    #[test]
    fn the_same_finding_is_one_and_keeps_its_identity() {
        let findings = run(&Inventory::default(), &SourceMap::new(), &[&FINDS]);
        let identities: Vec<String> = findings
            .diagnostics
            .iter()
            .map(Diagnostic::identity)
            .collect();
        assert_eq!(identities, ["finds:-:a:0", "finds:-:b:0"]);
    }
}
