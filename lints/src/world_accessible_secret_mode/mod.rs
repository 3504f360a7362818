//! `world-accessible-secret-mode`: every user of the machine can open a secret.

mod copied;
mod public;

use inventory::{Answer, Reader, Scope, Secret, Span, Via};

use crate::context::known_name;
use crate::edits::{own_mode, replace};
use crate::phrases::{list, nix_name, nix_string, reader_group};
use copied::copied;
pub(crate) use public::is_public;
use public::{is_made_of_what_is_public, is_read_as_public};

use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "world-accessible-secret-mode",
    group: Group::Access,
    severity: Severity::Error,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "every user of the machine can open a secret",
    page: include_str!("page.md"),
    check: Check::Secrets(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    // A user's secrets lie in their own runtime directory, which is closed to others.
    let of_system = cx
        .secrets()
        .filter(|(_, secret)| secret.scope == Scope::System && secret.is_secret != Some(false));
    for (index, secret) in of_system {
        let mode = secret.effective_mode.known().copied();
        if let Some(mode) = mode.filter(|mode| mode & 0o007 != 0) {
            out.push(diagnostic(cx, index, secret, mode));
        } else {
            let copies = cx.host.copies.iter();
            let own = copies.filter(|copy| secret.path.known() == Some(&copy.from));
            let open = own.filter(|copy| copy.is_open_to_all());
            out.extend(open.map(|copy| copied(cx, index, secret, copy)));
        }
    }
}

fn diagnostic(cx: &HostContext<'_>, index: usize, secret: &Secret, mode: u32) -> Diagnostic {
    let can = match (mode & 0o004 != 0, mode & 0o002 != 0) {
        (true, true) => "read and write",
        (true, false) => "read",
        (false, true) => "write",
        (false, false) => "execute",
    };
    let message = format!(
        "every user of the machine can {can} `{}`: mode {mode:04o}",
        secret.attribute
    );
    let written = secret.mode.known().map_or("", String::as_str);
    let text = format!("the last digit of {mode:04o} is for everybody");
    let at = secret
        .mode
        .at
        .or_else(|| secret.declared_at.first().copied());
    let is_octal = written.trim_start_matches('0') == format!("{mode:o}");
    let is_said = at.is_some_and(|at| is_said_to_be_harmless(cx, at));
    let audience = audience(cx, index, secret);
    // Nor is it known that a narrower mode is enough.
    let is_chosen = !matches!(audience, Audience::Owner | Audience::Only(_))
        && at.is_some_and(|at| is_said_to_be_needed(cx, at));
    let is_harmless = is_said
        || is_chosen
        || is_public(secret)
        || is_read_as_public(cx, index)
        || is_made_of_what_is_public(cx, secret);
    let is_proven = secret.is_secret == Some(true) && !is_harmless;
    let found = Diagnostic::new(&LINT, &secret.option, message)
        .primary(
            at,
            if is_octal {
                text
            } else {
                format!("is {mode:04o}: the last digit is for everybody")
            },
        )
        .severity(if is_proven {
            Severity::Error
        } else {
            Severity::Info
        })
        .note(if is_said {
            "a comment there says that it is not sensitive".to_owned()
        } else if is_chosen {
            "a comment there says why".to_owned()
        } else {
            format!(
                "{} lets everybody pass through its directories: the mode of the file is the only wall",
                secret.manager.name
            )
        });
    match audience {
        Audience::Only(user) => found.help(
            format!("only {user} reads it: give it to that user alone"),
            format!(
                "{0}.owner = {1};\n{0}.mode = \"0400\";",
                secret.option,
                nix_string(user)
            ),
        ),
        Audience::Several(users) => {
            found.help(
                format!("{} read it: let only them in", list(users.iter().copied())),
                group_of(secret, users.iter().copied()),
            )
        }
        Audience::WhoeverCallsNix => {
            let users = cx.host.users.iter();
            let people = users.filter(|user| user.is_normal_user.known() == Some(&true));
            found.help(
                "nix itself reads it too, as whoever calls it, and goes on without it where it cannot: let those in who \
                 need it",
                group_of(secret, people.map(|user| user.name.as_str())),
            )
        }
        Audience::Owner => found
            .help(
                "let only its owner read it",
                format!("{}.mode = \"0400\";", secret.option),
            )
            .fix(replace(own_mode(cx, secret), "\"0400\"").map(|edit| Fix {
                title: "let only the owner read it".to_owned(),
                safe: false,
                edits: vec![edit],
            })),
        Audience::Dynamic(service) => found.help(
            "its reader's user does not exist when secrets are installed: let systemd hand the file over, and name \
             $CREDENTIALS_DIRECTORY/secret there",
            format!(
                "{option}.mode = \"0400\";\nsystemd.services.{}.serviceConfig.LoadCredential = \
                 \"secret:${{config.{option}.path}}\";",
                nix_name(service),
                option = secret.option,
            ),
        ),
        Audience::Undecided => found.advice(
            "make whoever reads it its owner (mode 0400), or give it a group of all who read it (mode 0440)",
        ),
    }
}

/// The lines that give a secret to a group of these members.
fn group_of<'a>(secret: &Secret, members: impl Iterator<Item = &'a str>) -> String {
    let group = reader_group(secret);
    let members: Vec<String> = members.map(nix_string).collect();
    format!(
        "users.groups.{}.members = [ {} ];\n{option}.group = {};\n{option}.mode = \"0440\";",
        nix_name(&group),
        members.join(" "),
        nix_string(&group),
        option = secret.option,
    )
}

/// Whether a comment in the line of a place, or alone in the line above, says that what is there need not be kept secret.
fn is_said_to_be_harmless(cx: &HostContext<'_>, at: Span) -> bool {
    const WORDS: [&str; 8] = [
        "not sensitive",
        "non-sensitive",
        "nonsensitive",
        "not secret",
        "not a secret",
        "non-secret",
        "no secret",
        "nothing secret",
    ];
    // It demands what is not so yet: `no secret must be open to all`.
    const DEMANDS: [&str; 6] = ["must", "should", "shall", "never", "fixme", "todo"];
    let comment = comment_at(cx, at);
    let has = |words: &[&str]| words.iter().any(|word| comment.contains(word));
    has(&WORDS) && !has(&DEMANDS)
}

/// Whether such a comment gives a reason why no owner and no group is enough.
fn is_said_to_be_needed(cx: &HostContext<'_>, at: Span) -> bool {
    const WHO: [&str; 9] = [
        "dynamicuser",
        "everybody",
        "everyone",
        "anyone",
        "any user",
        "all users",
        "every user",
        "every process",
        "world",
    ];
    const REASONS: [&str; 10] = [
        "because",
        "since ",
        "so that",
        "need",
        "must",
        "has to",
        "have to",
        "require",
        "otherwise",
        "dynamicuser",
    ];
    let comment = comment_at(cx, at);
    let has = |words: &[&str]| words.iter().any(|word| comment.contains(word));
    has(&WHO) && has(&REASONS)
}

/// The comment in the line of a place, or alone in the line above, in lower case.
fn comment_at(cx: &HostContext<'_>, at: Span) -> String {
    let line = cx.line_of(at).unwrap_or_default();
    let above = cx.line_above(at).unwrap_or_default();
    let own = line.split_once('#').map_or("", |(_, comment)| comment);
    let above = above.trim_start().strip_prefix('#').unwrap_or_default();
    format!("{above}\n{own}").to_lowercase()
}

/// Who reads a secret, as far as it is known.
enum Audience<'a> {
    /// Nobody but root and its owner.
    Owner,
    /// The daemon of Nix as root, and every `nix` that somebody calls: both read `nix.conf` and what it includes.
    WhoeverCallsNix,
    /// One other user.
    Only(&'a str),
    /// One process, as a user that exists while it runs: no owner is right for it.
    Dynamic(&'a str),
    /// These, root not counted.
    Several(Vec<&'a str>),
    /// Somebody who is not known: no mode is known to be enough.
    Undecided,
}

fn audience<'a>(cx: &HostContext<'a>, index: usize, secret: &'a Secret) -> Audience<'a> {
    let all = cx.host.readers_of(index);
    if let [reader] = all
        && reader.dynamic_user
        && let Via::Unit { name, .. }
        | Via::Option {
            unit: Some(name), ..
        } = &reader.via
    {
        return Audience::Dynamic(name);
    }
    if all.iter().any(|reader| reader.dynamic_user) {
        return Audience::Undecided;
    }
    let readers = all.iter();
    let name = |reader: &'a Reader| known_name(&reader.user).filter(|_| reader.container.is_none());
    let Some(mut users) = readers.map(name).collect::<Option<Vec<&str>>>() else {
        return Audience::Undecided;
    };
    if users.is_empty() {
        // That nobody reads it is known; that no reader was found is not the same.
        return match secret.exposure.answer {
            Answer::Nobody => Audience::Owner,
            _ => Audience::Undecided,
        };
    }
    let is_included = |reader: &Reader| match &reader.via {
        Via::Option { path, .. } => path.names().first().is_some_and(|name| name == "nix"),
        _ => false,
    };
    if cx.host.readers_of(index).iter().any(is_included) {
        return Audience::WhoeverCallsNix;
    }
    users.retain(|user| *user != "root");
    users.sort_unstable();
    users.dedup();
    match users.as_slice() {
        [] => Audience::Owner,
        [one] if known_name(&secret.effective_owner) == Some(one) => Audience::Owner,
        [one] => Audience::Only(one),
        _ => Audience::Several(users),
    }
}
