//! `secret-option-path-literal`: the file of a secret is given by a Nix path, which copies it to the store.

use inventory::{LiteralTarget, OptionPath, PathLiteral};

use crate::edits::replace;
use crate::managed::exemplary;
use crate::phrases::{nix_name, nix_string};
use crate::{Check, Diagnostic, Fix, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-option-path-literal",
    group: Group::Store,
    severity: Severity::Error,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "the file of a secret is given by a Nix path, which copies it to the store",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    let literals = cx.inventory.repository.path_literals.iter();
    let secrets =
        exemplary(cx.inventory.managers, &cx.inventory.hosts).map_or("", |manager| manager.secrets);
    out.extend(literals.map(|literal| cx.unless_in_unloaded_file(diagnostic(literal, secrets))));
}

fn severity(literal: &PathLiteral) -> Severity {
    let is_hash = |name: &String| name.to_ascii_lowercase().contains("hashed");
    let holds_a_hash = literal.attribute.names().iter().any(is_hash);
    match literal.target {
        _ if literal.is_fixture => Severity::Info,
        // systemd and container engines get the text of the path, which copies nothing.
        LiteralTarget::Outside if is_environment_file(literal) => Severity::Info,
        LiteralTarget::Plaintext | LiteralTarget::Inline if !holds_a_hash => Severity::Error,
        LiteralTarget::Plaintext | LiteralTarget::Inline | LiteralTarget::Outside => {
            Severity::Warning
        }
    }
}

fn is_environment_file(literal: &PathLiteral) -> bool {
    let last = literal.attribute.names().last();
    last.is_some_and(|last| {
        matches!(
            &*last.to_ascii_lowercase(),
            "environmentfile" | "environmentfiles"
        )
    })
}

/// `secrets` is the option that declares secrets, for the help.
fn diagnostic(literal: &PathLiteral, secrets: &str) -> Diagnostic {
    let option = &literal.attribute;
    let file = literal
        .file
        .as_ref()
        .map(|file| file.display.as_str())
        .unwrap_or_default();
    let (message, label) = match literal.target {
        LiteralTarget::Plaintext => (
            format!("{option} puts {file}, which is not encrypted, into the Nix store"),
            "a Nix path, not a string",
        ),
        LiteralTarget::Outside => (
            format!("{option} may copy {file} to the Nix store"),
            "a Nix path, not a string",
        ),
        LiteralTarget::Inline => (
            format!("{option} writes the secret into the Nix store"),
            "the text of the secret",
        ),
    };
    let note = match literal.target {
        LiteralTarget::Inline => {
            "the text becomes a file in the store, which every user and process of the machine can read, and it stays in \
             the Git history"
        }
        LiteralTarget::Plaintext | LiteralTarget::Outside => {
            "a Nix path that goes into a unit or a configuration file is copied to the store, which every user and \
             process of the machine can read; the option's service then reads the copy"
        }
    };
    let found = Diagnostic::new(&LINT, option.to_string(), message)
        .severity(severity(literal))
        .primary(Some(literal.at), label)
        .note(note);
    match literal.target {
        LiteralTarget::Outside if file.starts_with('/') => {
            let quoted = nix_string(file);
            let edit = replace(Some(literal.at), quoted.clone());
            let fix = edit.map(|edit| Fix {
                title: "quote the path".to_owned(),
                safe: false,
                edits: vec![edit],
            });
            found.help("put it in quotes", quoted).fix(fix)
        }
        LiteralTarget::Outside => found.advice("write the absolute path, in quotes"),
        LiteralTarget::Plaintext | LiteralTarget::Inline => found.help(
            "encrypt it, declare it as a secret, and hand over the path at run time",
            format!("{option} = config.{secrets}.{}.path;", secret_name(option)),
        ),
    }
}

/// A name for the secret, after the option: `miniflux_password` for `services.miniflux.passwordFile`.
fn secret_name(option: &OptionPath) -> String {
    let names = option.names().iter().rev().map(String::as_str);
    let mut parts = names.filter(|name| nix_name(name) == *name);
    let last = parts.next().unwrap_or("secret");
    let last = last
        .strip_suffix("Files")
        .or_else(|| last.strip_suffix("File"))
        .unwrap_or(last);
    match parts.next() {
        Some(of) => format!("{of}_{}", last.to_ascii_lowercase()),
        None => last.to_ascii_lowercase(),
    }
}
