//! `private-key-path-literal`: a private key is written as a Nix path, which may be copied to the store.

use inventory::{Capability, KeySource};

use crate::edits::replace;
use crate::phrases::nix_string;
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "private-key-path-literal",
    group: Group::Store,
    severity: Severity::Error,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "a private key is written as a Nix path, which may be copied to the store",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for key in cx.host.key_sources.iter().filter(|key| key.is_path_literal) {
        out.push(diagnostic(cx, key));
    }
}

fn diagnostic(cx: &HostContext<'_>, key: &KeySource) -> Diagnostic {
    let path = key.path.known().map_or("the key", String::as_str);
    let message = format!("{} is a Nix path, not a string", key.option.option);
    let note = if key.manager.has(Capability::WritesKeyPaths) {
        format!(
            "{} writes it into a file of the build, and a path that goes there is copied to the world-readable Nix store",
            key.manager.name
        )
    } else {
        "in a flake it points into the copy of the project in the Nix store: the key must be committed to be \
         there, and then everybody can read it"
            .to_owned()
    };
    let found = Diagnostic::new(&LINT, key.option.option, message)
        .primary(key.path.at, "without quotes")
        .note(note);
    let written = key
        .path
        .at
        .and_then(|at| cx.text(at))
        .filter(|text| text.starts_with('/'));
    match written {
        Some(text) => {
            let quoted = nix_string(&text);
            let edit = replace(key.path.at, quoted.clone());
            let fix = edit.map(|edit| Fix {
                title: "quote the path".to_owned(),
                safe: true,
                edits: vec![edit],
            });
            found.help("put it in quotes", quoted).fix(fix)
        }
        None => found.advice(format!(
            "keep the key outside the project, and name it by a string (here: {path})"
        )),
    }
}
