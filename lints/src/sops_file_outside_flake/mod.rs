//! `sops-file-outside-flake`: a sops file is named by a path outside of the project, or none is checked.

use std::collections::BTreeSet;

use inventory::{FileState, Secret, SecretKind, SopsSettings};

use crate::{Check, Diagnostic, Edit, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "sops-file-outside-flake",
    group: Group::Paths,
    severity: Severity::Warning,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "a sops file is named by a path outside of the project, or is not checked at build time",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for settings in &cx.host.sops {
        let of_scope = |secret: &&Secret| {
            secret.manager.name == "sops-nix"
                && secret.kind == SecretKind::Secret
                && secret.scope == settings.scope
        };
        let secrets: Vec<&Secret> = cx.host.secrets.iter().filter(of_scope).collect();
        let outside: Vec<&Secret> = secrets
            .iter()
            .copied()
            .filter(|secret| is_outside(secret))
            .collect();
        if !outside.is_empty() {
            out.extend(outside_files(settings, &outside));
            continue;
        }
        out.extend(not_checked(cx, settings, &secrets));
    }
}

/// Whether the file is known to lie outside of the project, where the user named it.
fn is_outside(secret: &Secret) -> bool {
    let file = secret.file.known().and_then(Option::as_ref);
    file.is_some_and(|file| {
        file.display.starts_with('/') && !file.display.starts_with("/nix/store/")
    })
}

/// One finding for each file.
fn outside_files(settings: &SopsSettings, secrets: &[&Secret]) -> Vec<Diagnostic> {
    let path = |secret: &Secret| {
        secret
            .file
            .known()
            .cloned()
            .flatten()
            .map(|file| file.display)
            .unwrap_or_default()
    };
    let files: BTreeSet<String> = secrets.iter().map(|secret| path(secret)).collect();
    let is_checked = settings.validate_files.known() != Some(&false);
    let mut found = Vec::new();
    for file in files {
        let of_file = || secrets.iter().filter(|secret| path(secret) == file);
        let at = of_file().find_map(|secret| {
            secret
                .file
                .at
                .or_else(|| secret.declared_at.first().copied())
        });
        let diagnostic =
            Diagnostic::new(&LINT, &file, format!("{file} lies outside of the project"))
                .primary(at, "a path on the machine that evaluates")
                .secondary(
                    settings.validate_files.at.filter(|_| !is_checked),
                    "the checks of the build are off",
                );
        let diagnostic = if is_checked {
            diagnostic.note(
                "sops-nix wants the file in the Nix store: evaluation ends with \"is not in the Nix store\", or in a flake \
                 with \"access to absolute path … is forbidden in pure evaluation mode\"",
            )
        } else {
            diagnostic.note(
                "the file is read on the machine when it is activated: nothing checks that it is there, that its keys \
                 exist, or that it is the version that belongs to this configuration",
            )
        };
        let name = file.rsplit('/').next().unwrap_or_default();
        found.push(diagnostic.help(
            "keep the encrypted file in the repository, and name it by a path",
            format!("{}.defaultSopsFile = ./{name};", settings.option),
        ));
    }
    found
}

/// `validateSopsFiles = false;` although every file can be checked.
fn not_checked(
    cx: &HostContext<'_>,
    settings: &SopsSettings,
    secrets: &[&Secret],
) -> Option<Diagnostic> {
    if settings.validate_files.known() != Some(&false) || secrets.is_empty() {
        return None;
    }
    let is_inside = |secret: &&Secret| {
        let file = secret.file.known().and_then(Option::as_ref);
        // With the checks on, a file that is not there yet or not encrypted stops the build.
        let facts = cx.facts_of(secret);
        file.is_some() && facts.is_some_and(|(file, _)| file.state == FileState::Encrypted)
    };
    if !secrets.iter().all(is_inside) || cx.host.secrets_open.is_some() {
        return None;
    }
    let option = format!("{}.validateSopsFiles", settings.option);
    let edit = settings.validate_files.binding.map(|span| Edit {
        span,
        replacement: String::new(),
    });
    let fix = edit.map(|edit| Fix {
        title: format!("drop {option}"),
        safe: true,
        edits: vec![edit],
    });
    Some(
        Diagnostic::new(&LINT, &option, format!("{option} turns off the checks of the build, and nothing needs that"))
            .primary(settings.validate_files.at, "every sops file is in the project")
            .note(
                "sops-nix then does not look whether the keys exist in the files, nor whether owner and group fit: what is \
                 wrong shows at activation, on the machine",
            )
            .advice(format!("drop {option}"))
            .fix(fix),
    )
}
