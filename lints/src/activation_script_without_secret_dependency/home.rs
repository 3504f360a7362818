//! Scripts of Home Manager: they run when it is activated, in an order of their own.

use std::collections::BTreeSet;

use inventory::{ActivationScript, Reference, Scope};

use super::{LINT, is_run};
use crate::phrases::nix_name;
use crate::{Diagnostic, HostContext};

/// A script of Home Manager that reads a secret of the same user.
pub(super) fn of_home(
    cx: &HostContext<'_>,
    user: &str,
    script: &ActivationScript,
) -> Option<Diagnostic> {
    let references = || {
        cx.paths().filter(|reference| {
            reference.user.as_deref() == Some(user)
                && reference.is_in(&["home", "activation", &script.name])
                && is_run(reference)
        })
    };
    if references().any(|reference| is_guarded(cx, reference)) {
        return None;
    }
    let mut references = references();
    let (reference, secret, installer) = references.find_map(|reference| {
        let secret = cx.referenced(reference)?;
        let installer = secret.manager.installer.home_script?;
        let is_own = secret.scope == Scope::User(user.to_owned());
        (is_own && script.name != installer).then_some((reference, secret, installer))
    })?;
    if runs_after(cx, user, script, installer)? {
        return None;
    }
    // A script that waits for the unit itself knows what it does.
    let unit = secret.manager.installer.user_unit;
    let waits = script
        .value
        .and_then(|at| cx.text(at))
        .is_some_and(|text| text.contains(unit));
    let message = format!(
        "activation script `{}` may run before `{}` is installed",
        script.name, secret.attribute
    );
    let name = nix_name(&script.name);
    (!waits).then(|| {
        Diagnostic::new(&LINT, &secret.option, message)
            .primary(reference.at, "opened by a script that waits for no secret")
            .secondary(script.at, "declared here")
            .note(format!(
                "the script `{installer}` of Home Manager installs the secrets, and nothing says that it runs first: at \
                 the first activation the file is missing, later it may be the old one"
            ))
            .help(
                "say what it waits for",
                format!("home.activation.{name} = lib.hm.dag.entryAfter [ \"{installer}\" ] ''…'';"),
            )
    })
}

/// Whether the line of a script asks whether the file is there, minds no error, makes a link or only keeps the
/// path for later.
fn is_guarded(cx: &HostContext<'_>, reference: &Reference) -> bool {
    const ASKS: [&str; 8] = [
        "[ -",
        "[[ ",
        "test ",
        "if ",
        "||",
        "2>/dev/null",
        "ln -",
        "link ",
    ];
    let line = reference
        .at
        .and_then(|at| cx.line_of(at))
        .unwrap_or_default();
    let line = line.trim_start();
    let name = line.split('=').next().unwrap_or_default();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let keeps = line.contains('=')
        && !name.is_empty()
        && name.bytes().all(is_name)
        && !line.contains("$(")
        && !line.contains('<');
    // The interpolation may have lines of its own.
    let before = reference
        .at
        .and_then(|at| cx.line_above(at))
        .unwrap_or_default();
    let is_opened_before = before.trim_end().ends_with("${");
    let asks = |line: &str| ASKS.iter().any(|word| line.contains(word));
    keeps || asks(line) || (is_opened_before && asks(&before))
}

/// Whether a script of Home Manager certainly runs after another one; nothing where that is not known.
fn runs_after(
    cx: &HostContext<'_>,
    user: &str,
    script: &ActivationScript,
    installer: &str,
) -> Option<bool> {
    let scripts = &cx.host.settings.home_scripts;
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<&str> = script.after.known()?.iter().map(String::as_str).collect();
    while let Some(name) = waiting.pop() {
        if name == installer {
            return Some(true);
        }
        let known = scripts
            .iter()
            .find(|(of, known)| of == user && known.name == name);
        if seen.insert(name)
            && let Some((_, known)) = known
        {
            waiting.extend(known.after.known()?.iter().map(String::as_str));
        }
    }
    Some(false)
}
