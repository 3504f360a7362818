//! `rekey-host-key-is-a-path-as-text`: a path that agenix-rekey takes for the key itself.

use inventory::HostKey;

use crate::edits::replace;
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "rekey-host-key-is-a-path-as-text",
    group: Group::Rekey,
    severity: Severity::Error,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "a path that agenix-rekey takes for the key itself",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let Some(rekey) = &cx.host.settings.rekey else {
        return;
    };
    let Some(HostKey::PathAsText(path)) = rekey.host_key.known() else {
        return;
    };
    let literal = rekey
        .host_key
        .at
        .and_then(|at| cx.text(at))
        .and_then(|text| as_path(&text));
    let code = literal.clone().unwrap_or_else(|| "./host.pub".to_owned());
    let edit = literal.and_then(|path| replace(rekey.host_key.at, path));
    let message = format!(
        "agenix-rekey takes the text {path} for the public key of {}",
        cx.host.name
    );
    out.push(
        Diagnostic::new(&LINT, "age.rekey.hostPubkey", message)
            .primary(rekey.host_key.at, "a string: the key itself; only a path value is read")
            .note("secrets are rekeyed for another key than the machine has, and \"Rekeyed secret not found\" stops the next build")
            .help("give the path without quotes", format!("age.rekey.hostPubkey = {code};"))
            .fix(edit.map(|edit| Fix { title: "name the file by a path".to_owned(), safe: false, edits: vec![edit] })),
    );
}

/// The same file as a path literal, where the text alone decides: an absolute path, `"${./x}"`.
fn as_path(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = |path: &str| {
        path.chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c))
    };
    if let Some(path) = inner
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
    {
        return (path.starts_with("./") || path.starts_with("../"))
            .then(|| path.to_owned())
            .filter(|path| is_plain(path));
    }
    (inner.starts_with('/') && is_plain(inner)).then(|| inner.to_owned())
}
