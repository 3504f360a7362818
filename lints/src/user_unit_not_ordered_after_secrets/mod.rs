//! `user-unit-not-ordered-after-secrets`: a user unit that starts at login and may find no secret yet.

use inventory::{Reference, Scope, Secret, Span, Unit};

use crate::phrases::nix_name;
use crate::{Check, Diagnostic, Edit, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "user-unit-not-ordered-after-secrets",
    group: Group::Activation,
    severity: Severity::Warning,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "a user unit that starts at login and may find no secret yet",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for unit in cx
        .host
        .settings
        .units
        .iter()
        .filter(|unit| is_started_at_login(unit))
    {
        let Some(user) = &unit.user else { continue };
        let references = cx.paths().filter(|reference| {
            reference.user.as_ref() == Some(user)
                && reference.is_in(&["systemd", "user", "services", &unit.name])
        });
        let first = references
            .filter_map(|reference| Some((reference, of_the_user(cx, reference, user)?)))
            .next();
        if let Some((reference, secret)) = first {
            let installer = secret.manager.installer.user_unit;
            if is_ordered(unit, installer) == Some(false) {
                out.push(diagnostic(cx, unit, reference, secret, installer));
            }
        }
    }
}

/// Started by the user's manager itself, not by a timer, a socket or by hand.
fn is_started_at_login(unit: &Unit) -> bool {
    let is_wanted = unit
        .wanted_by
        .known()
        .is_some_and(|targets| !targets.is_empty());
    is_wanted && unit.is_whole && !unit.has_timer
}

/// The secret, if Home Manager installs it for this user.
fn of_the_user<'a>(cx: &HostContext<'a>, reference: &Reference, user: &str) -> Option<&'a Secret> {
    cx.referenced(reference)
        .filter(|secret| secret.scope == Scope::User(user.to_owned()))
}

fn is_ordered(unit: &Unit, installer: &str) -> Option<bool> {
    Some(unit.after.known()?.iter().any(|name| name == installer))
}

fn diagnostic(
    cx: &HostContext<'_>,
    unit: &Unit,
    reference: &Reference,
    secret: &Secret,
    installer: &str,
) -> Diagnostic {
    let message = format!(
        "{}.service may start before `{}` is installed",
        unit.name, secret.attribute
    );
    let option = format!("systemd.user.services.{}", nix_name(&unit.name));
    let code = format!(
        "{option}.Unit = {{\n  After = [ \"{installer}\" ];\n  Wants = [ \"{installer}\" ];\n}};"
    );
    Diagnostic::new(&LINT, &secret.option, message)
        .primary(unit.at, format!("started at login, not ordered after {installer}"))
        .secondary(reference.at, "opens the secret here")
        .note(format!(
            "{installer} is a unit of the user like this one: at login both start together, and the file is there \
             only once it is done"
        ))
        .help("wait for it", code)
        .fix(edit(cx, unit, installer).map(|edits| Fix { title: format!("order it after {installer}"), safe: false, edits }))
}

/// Adds the dependency to the `Unit` section where that is written out as a set.
fn edit(cx: &HostContext<'_>, unit: &Unit, installer: &str) -> Option<Vec<Edit>> {
    let section = unit.unit_section?;
    let insert = |at: u32, replacement: String| Edit {
        span: Span {
            file: section.file,
            start: at,
            end: at,
        },
        replacement,
    };
    if unit.after.is_defined() {
        let at = unit.after.at?;
        let list = cx.text(at)?;
        return list.starts_with('[').then(|| {
            vec![Edit {
                span: Span {
                    file: at.file,
                    start: at.start + 1,
                    end: at.start + 1,
                },
                replacement: format!(" \"{installer}\""),
            }]
        });
    }
    let has_wants = unit.pulls_in.is_defined();
    let wants = if has_wants {
        String::new()
    } else {
        format!(" Wants = [ \"{installer}\" ];")
    };
    cx.text(section)?.starts_with('{').then(|| {
        vec![insert(
            section.start + 1,
            format!(" After = [ \"{installer}\" ];{wants}"),
        )]
    })
}
