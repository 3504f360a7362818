//! `untracked-secret-file`: a flake names a file that Git does not track.

use inventory::{FileState, HostClass, SecretFile};

use crate::context::uses;
use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "untracked-secret-file",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a flake names a file that Git does not track",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    if cx.inventory.repository.is_flake {
        out.extend(
            cx.inventory
                .files
                .iter()
                .filter_map(|file| diagnostic(cx, file)),
        );
    }
}

fn diagnostic(cx: &ProjectContext<'_>, file: &SecretFile) -> Option<Diagnostic> {
    if file.tracked != Some(false) {
        return None;
    }
    let mut uses = uses(cx.inventory, file);
    // A module on its own is not evaluated as part of the flake.
    uses.retain(|(.., host)| host.class != HostClass::Module);
    let (at, secret, _) = uses.first()?;
    let path = &file.path.display;
    let mut found = Diagnostic::new(&LINT, path, format!("{path} is not tracked by Git, so the flake does not see it"))
        .primary(*at, format!("`{}` is taken from it", secret.attribute))
        .note(format!(
            "Nix copies to the store what Git tracks and evaluates the copy: there, \"{path}\" does not exist, and the \
             build ends with that message"
        ));
    found.hosts = uses
        .iter()
        .map(|(.., host)| host.attribute.clone())
        .collect();
    let is_encrypted = matches!(file.state, FileState::Encrypted | FileState::OtherEncrypted);
    Some(if is_encrypted {
        found.help(
            "let Git know the file, even if .gitignore excludes it; it need not be committed",
            format!("git add --force --intent-to-add {path}"),
        )
    } else {
        found.advice(format!(
            "encrypt {path} first, then `git add --force --intent-to-add {path}`"
        ))
    })
}
