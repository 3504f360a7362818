//! `option-not-available-in-this-module-class`: an option of a secret manager that exists in other kinds of configuration only.

use inventory::{Host, HostClass, Problem, Span};

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
                explain(cx.host, &option, problem.at)
                    .map(|explained| diagnostic(cx, &option, problem.at, &explained)),
            );
        }
    }
    for (option, at) in &cx.host.settings.foreign {
        out.extend(
            explain(cx.host, option, *at).map(|explained| diagnostic(cx, option, *at, &explained)),
        );
    }
}

/// Whether this lint says of a problem what is wrong, and better.
pub(crate) fn is_explained(host: &Host, problem: &Problem) -> bool {
    undeclared(problem).is_some_and(|option| explain(host, &option, problem.at).is_some())
}

/// The option of ``The option `…' does not exist``.
fn undeclared(problem: &Problem) -> Option<String> {
    let rest = problem.message.strip_prefix("The option `")?;
    let (option, rest) = rest.split_once('\'')?;
    rest.starts_with(" does not exist")
        .then(|| option.to_owned())
}

/// Why an option does not exist here.
struct Explained {
    name: String,
    here: &'static str,
    why: &'static str,
    advice: &'static str,
}

/// What exists where: sops-nix 56b2406, agenix b027ee2.
fn explain(host: &Host, option: &str, at: Option<Span>) -> Option<Explained> {
    at?;
    let name = option.rsplit('.').next()?.to_owned();
    let is_home = host.class == HostClass::HomeManager || option.starts_with("home-manager.users.");
    let of_sops = option.contains("sops.secrets.") || option.contains("sops.templates.");
    let of_agenix = option.contains("age.secrets.");
    let home = "a Home Manager configuration";
    let (here, why, advice) = match name.as_str() {
        "owner" | "group" | "uid" | "gid" if is_home && (of_sops || of_agenix) => (
            home,
            "its secrets are installed by the user, and belong to that user",
            "remove it",
        ),
        "neededForUsers" if is_home && of_sops => (
            home,
            "it installs secrets after login, long after users were made",
            "declare the secret in the system's configuration",
        ),
        "restartUnits" | "reloadUnits" if is_home && of_sops => (
            home,
            "its installer restarts nothing",
            "remove it, and restart the unit by hand or order it after sops-nix.service",
        ),
        "restartUnits" | "reloadUnits" if host.class == HostClass::Darwin && of_sops => {
            ("a Mac", "there is no systemd", "remove it")
        }
        "useTmpfs" | "useSystemdActivation" if is_home => (
            home,
            "it concerns the installation by root",
            "set it in the system's configuration",
        ),
        "useTmpfs" | "useSystemdActivation" | "defaultSopsKey"
            if host.class == HostClass::Darwin =>
        {
            ("a Mac", "sops-nix has it on NixOS only", "remove it")
        }
        "defaultSymlinkPath" | "defaultSecretsMountPoint" if !is_home => (
            "the system's configuration",
            "secrets of the system always land in /run/secrets",
            "set it in the Home Manager configuration, or give the secret a `path`",
        ),
        _ => return None,
    };
    Some(Explained {
        name,
        here,
        why,
        advice,
    })
}

fn diagnostic(
    cx: &HostContext<'_>,
    option: &str,
    at: Option<Span>,
    explained: &Explained,
) -> Diagnostic {
    let Explained {
        name,
        here,
        why,
        advice,
    } = explained;
    let message = format!("there is no `{name}` in {here}: {why}");
    let edit = at
        .filter(|_| *advice == "remove it")
        .and_then(|at| binding(cx, at));
    let subject = option.rsplit_once('.').map_or(option, |(secret, _)| secret);
    Diagnostic::new(&LINT, subject, message)
        .primary(at, "does not exist here")
        .note(format!(
            "evaluation fails: \"The option `{option}' does not exist\""
        ))
        .advice(*advice)
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
