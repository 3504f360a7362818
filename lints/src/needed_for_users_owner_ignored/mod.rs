//! `needed-for-users-owner-ignored`: an owner or group on a secret that is always root's.

use inventory::{Fact, Moment, Secret};

use crate::{Check, Diagnostic, Edit, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "needed-for-users-owner-ignored",
    group: Group::Access,
    severity: Severity::Error,
    fixable: Fixable::Safe,
    since: "0.1.0",
    summary: "an owner or group on a secret that is always root's",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

/// Whether this lint explains why the secret belongs to root although it was given to somebody.
pub(crate) fn is_ignored(cx: &HostContext<'_>, secret: &Secret) -> bool {
    secret.needed_for_users.known() == Some(&true)
        && !ignored(secret).is_empty()
        && cx.host.class != inventory::HostClass::HomeManager
}

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    for (index, secret) in cx.secrets() {
        if is_ignored(cx, secret) {
            out.push(diagnostic(cx, index, secret));
        }
    }
}

/// The options that have no effect, with what they say.
fn ignored(
    secret: &Secret,
) -> Vec<(
    &'static str,
    String,
    Option<inventory::Span>,
    Option<inventory::Span>,
)> {
    let name = |option: &'static str, fact: &Fact<Option<String>>| {
        let value = fact
            .known()?
            .as_ref()
            .filter(|value| *value != "root" && fact.is_defined())?;
        Some((option, value.clone(), fact.at, fact.binding))
    };
    let number = |option: &'static str, fact: &Fact<Option<i64>>| {
        let value = fact
            .known()?
            .filter(|value| *value != 0 && fact.is_defined())?;
        Some((option, value.to_string(), fact.at, fact.binding))
    };
    let all = [
        name("owner", &secret.owner),
        number("uid", &secret.uid),
        name("group", &secret.group),
        number("gid", &secret.gid),
    ];
    all.into_iter().flatten().collect()
}

fn diagnostic(cx: &HostContext<'_>, index: usize, secret: &Secret) -> Diagnostic {
    let ignored = ignored(secret);
    let what: Vec<String> = ignored
        .iter()
        .map(|(option, value, _, _)| format!("{option} {value}"))
        .collect();
    let message = format!(
        "`{}` stays root's: {} has no effect with `neededForUsers`",
        secret.attribute,
        what.join(", ")
    );
    let mut found = Diagnostic::new(&LINT, &secret.option, message);
    for (option, _, at, _) in &ignored {
        let text = format!("this {option} is ignored");
        let at = at.or_else(|| secret.declared_at.first().copied());
        found = match found.primary {
            None => found.primary(at, text),
            Some(_) => found.secondary(at, text),
        };
    }
    let found = found
        .secondary(secret.needed_for_users.at, "installed before users exist: always root:root")
        .note("evaluation does not complain: the file belongs to root:root, and nobody else can open it");
    let readers = || cx.readers_of(index);
    let for_a_password = readers().any(|reader| reader.moment == Moment::BeforeUsers);
    if for_a_password {
        let edits = ignored.iter().filter_map(|(_, _, _, binding)| {
            Some(Edit {
                span: (*binding)?,
                replacement: String::new(),
            })
        });
        let edits: Vec<Edit> = edits.collect();
        let complete = edits.len() == ignored.len();
        let fix = complete.then(|| Fix {
            title: format!("remove {}", what.join(", ")),
            safe: true,
            edits,
        });
        return found
            .advice("remove it: a password is read by root")
            .fix(fix);
    }
    let edit = secret.needed_for_users.binding.map(|span| Edit {
        span,
        replacement: String::new(),
    });
    let fix = edit.map(|edit| Fix {
        title: "remove `neededForUsers`".to_owned(),
        safe: false,
        edits: vec![edit],
    });
    found
        .advice("remove `neededForUsers`: it is for passwords of `users.users` only")
        .fix(fix)
}
