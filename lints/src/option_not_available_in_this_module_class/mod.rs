//! `option-not-available-in-this-module-class`: an option of a secret manager that exists in other kinds of configuration only.

use inventory::{
    Advice, EvaluationError, Host, HostClass, LimitedOption, Manager, MissingIn, Problem, Reason,
    Scope, Span,
};

use crate::{Check, Diagnostic, Edit, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "option-not-available-in-this-module-class",
    group: Group::Access,
    severity: Severity::Error,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "an option of a secret manager that exists in other kinds of configuration only",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for problem in &cx.host.problems {
        if let Some(option) = undeclared(problem) {
            out.extend(
                explain(cx.managers, cx.host, &option, problem.at)
                    .map(|explained| diagnostic(cx, &option, problem.at, explained)),
            );
        }
    }
    for (option, at) in &cx.host.settings.foreign {
        out.extend(
            explain(cx.managers, cx.host, option, *at)
                .map(|explained| diagnostic(cx, option, *at, explained)),
        );
    }
    if cx.host.class == HostClass::SystemManager {
        without_activation(cx, out);
    }
}

/// Options of sops-nix that system-manager takes, and which older versions do nothing with: only the activation
/// scripts of NixOS, or its `systemd-sysusers.service`, do what they ask for.
fn without_activation(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for settings in &cx.host.sops {
        if settings.generate_key.known() == Some(&true) {
            let option = format!("{}.age.generateKey", settings.option);
            let at = settings.generate_key.at;
            out.push(ignored(&option, "no key is generated", at));
        }
    }
    for (_, secret) in cx.secrets() {
        let is_early = secret.needed_for_users.known() == Some(&true);
        if is_early && secret.scope == Scope::System {
            let option = format!("{}.neededForUsers", secret.option);
            let at = secret.needed_for_users.at;
            out.push(ignored(&option, "the secret is not installed", at));
        }
    }
}

fn ignored(option: &str, what: &str, at: Option<Span>) -> Diagnostic {
    let name = option.rsplit('.').next().unwrap_or(option);
    // Its version is not known, and newer ones do what the option says.
    Diagnostic::new(
        &LINT,
        option,
        format!("`{name}` does nothing in system-manager before August 2026: {what}"),
    )
    .severity(Severity::Info)
    .primary(at, "needs an activation script of NixOS, or a unit that is never started")
    .note("system-manager declares the option and runs nothing for it; nothing fails before the secret is missing")
    .advice("update system-manager, or install the key or the password without it")
}

/// Whether this lint says of a problem what is wrong, and better.
pub(crate) fn is_explained(managers: &[&'static Manager], host: &Host, problem: &Problem) -> bool {
    undeclared(problem).is_some_and(|option| explain(managers, host, &option, problem.at).is_some())
}

/// The option that is set and not declared, if that is the problem.
fn undeclared(problem: &Problem) -> Option<String> {
    match &problem.reason {
        Reason::Error(EvaluationError::UndeclaredOption { option, .. }) => Some(option.clone()),
        _ => None,
    }
}

/// The option that does not exist here, among those that its manager has elsewhere.
fn explain(
    managers: &[&'static Manager],
    host: &Host,
    option: &str,
    at: Option<Span>,
) -> Option<&'static LimitedOption> {
    at?;
    let name = option.rsplit('.').next()?;
    let is_home = host.class == HostClass::HomeManager || option.starts_with("home-manager.users.");
    let fits = |manager: &Manager, limited: &LimitedOption| {
        let is_missing = match limited.missing_in {
            MissingIn::HomeManager => is_home,
            MissingIn::Darwin => host.class == HostClass::Darwin,
            MissingIn::System => !is_home,
        };
        let mut declaring = manager.declaring_options();
        is_missing
            && limited.names.contains(&name)
            && if limited.of_secrets {
                declaring.any(|declaring| option.contains(&format!("{declaring}.")))
            } else {
                option.ends_with(&format!("{}.{name}", manager.root))
            }
    };
    managers.iter().find_map(|manager| {
        let mut limited = manager.limited.iter();
        limited.find(|limited| fits(manager, limited))
    })
}

fn diagnostic(
    cx: &HostContext<'_>,
    option: &str,
    at: Option<Span>,
    limited: &LimitedOption,
) -> Diagnostic {
    let name = option.rsplit('.').next().unwrap_or(option);
    let here = match limited.missing_in {
        MissingIn::HomeManager => "a Home Manager configuration",
        MissingIn::Darwin => "a Mac",
        MissingIn::System => "the system's configuration",
    };
    let message = format!("there is no `{name}` in {here}: {}", limited.why);
    let (advice, edit) = match limited.advice {
        Advice::Remove => ("remove it", at.and_then(|at| binding(cx, at))),
        Advice::Other(advice) => (advice, None),
    };
    let subject = option.rsplit_once('.').map_or(option, |(secret, _)| secret);
    Diagnostic::new(&LINT, subject, message)
        .primary(at, "does not exist here")
        .note(format!(
            "evaluation fails: \"The option `{option}' does not exist\""
        ))
        .advice(advice)
        .fix(edit.map(|edit| Fix {
            title: format!("remove `{name}`"),
            safe: false,
            edits: vec![edit],
        }))
}

/// `owner = "alice";` whose name is at this place, if it is as simple as that.
fn binding(cx: &HostContext<'_>, name: Span) -> Option<Edit> {
    let source = cx.sources.get(name.file)?;
    let text: &str = source.text();
    let before = text.get(..name.start as usize)?.trim_end();
    let rest = text.get(name.end as usize..)?;
    let value = rest.trim_start().strip_prefix('=')?;
    let end = value.find(';')?;
    let is_simple = value
        .get(..end)?
        .chars()
        .all(|c| c.is_alphanumeric() || " \"._-/[]".contains(c));
    let starts_a_binding = before.ends_with(['{', ';']);
    let end = text.len() - value.len() + end + 1;
    (is_simple && starts_a_binding).then_some(Edit {
        span: Span {
            file: name.file,
            start: name.start,
            end: u32::try_from(end).ok()?,
        },
        replacement: String::new(),
    })
}
