//! `undeclared-secret`: an option takes a secret that nothing declares.

use inventory::secret_files::Lookup;
use inventory::{Capability, Host, Secret, UndeclaredSecret};

use crate::phrases::{closest, nix_name};
use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "undeclared-secret",
    group: Group::Paths,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "an option takes a secret that nothing declares",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let found = cx.host.undeclared.iter();
    out.extend(found.map(|undeclared| diagnostic(cx, undeclared)));
}

fn diagnostic(cx: &HostContext<'_>, undeclared: &UndeclaredSecret) -> Diagnostic {
    let UndeclaredSecret { set, name, .. } = undeclared;
    let attribute = format!("{set}.{}", nix_name(name));
    let mut found = Diagnostic::new(
        &LINT,
        &attribute,
        format!("`{attribute}` is not declared on this host"),
    )
    .primary(Some(undeclared.at), "nothing has this name");
    let elsewhere = elsewhere(cx, &attribute);
    if let Some((host, secret)) = elsewhere.first() {
        let more = match elsewhere.len() {
            1 => String::new(),
            number => format!(" and {} more", number - 1),
        };
        let text = format!("declared on {}{more}, not here", host.name);
        found = found.secondary(secret.declared_at.first().copied(), text);
    }
    let sibling = sibling(cx, set);
    let lacking = sibling.and_then(|secret| file_without(cx, secret, name));
    let mut note = format!(
        "`{}` takes it: the evaluation stops here",
        undeclared.option
    );
    if let Some(file) = lacking {
        note = format!("{note}; {file} has no key `{name}` yet");
    }
    let found = found.note(note);
    let declared = undeclared.declared.iter().map(String::as_str);
    if let Some(meant) = closest(name, declared).filter(|_| elsewhere.is_empty()) {
        return found.help(format!("did you mean `{}`?", nix_name(meant)), "");
    }
    let advice = if elsewhere.is_empty() {
        "declare it, or take one that is declared"
    } else {
        "declare it on this host as well, in a file that both load, or take it on that host only"
    };
    match sibling {
        Some(_) => found.help(advice, format!("{attribute} = {{ }};")),
        None => found.advice(advice),
    }
}

/// The other hosts that declare it.
fn elsewhere<'a>(cx: &HostContext<'a>, attribute: &str) -> Vec<(&'a Host, &'a Secret)> {
    let others = cx.hosts.iter();
    let others = others.filter(|host| host.attribute != cx.host.attribute && !host.is_module());
    let of_host = |host: &'a Host| {
        let secret = host.secrets.iter().find(|it| it.option == attribute)?;
        Some((host, secret))
    };
    others.filter_map(of_host).collect()
}

/// A secret of the same set that names no file of its own: one that is declared with nothing more has the same file.
fn sibling<'a>(cx: &HostContext<'a>, set: &str) -> Option<&'a Secret> {
    let mut secrets = cx.host.secrets.iter();
    secrets.find(|secret| {
        let is_of_set = secret.manager.secrets == set
            && secret
                .option
                .strip_prefix(set)
                .is_some_and(|rest| rest.starts_with('.'));
        is_of_set
            && !secret.manager.has(Capability::NamesEachFile)
            && secret.file.known().is_some_and(Option::is_some)
            && !secret.file.is_defined()
    })
}

/// The file of a secret, if it certainly has no such key.
fn file_without(cx: &HostContext<'_>, secret: &Secret, name: &str) -> Option<String> {
    let (file, facts) = cx.facts_of(secret)?;
    let format = facts.format.sops()?;
    let is_missing = matches!(facts.lookup(format, name), Lookup::Missing { .. });
    is_missing.then(|| file.path.display.clone())
}
