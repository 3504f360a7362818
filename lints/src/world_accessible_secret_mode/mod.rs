//! `world-accessible-secret-mode`: every user of the machine can open a secret.

use inventory::{Reader, Scope, Secret, Via};

use crate::context::known_name;
use crate::edits::replace;
use crate::phrases::{list, nix_name, nix_string, reader_group};
use crate::{Check, Diagnostic, Fix, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "world-accessible-secret-mode",
    group: Group::Access,
    severity: Severity::Error,
    fixable: Fixable::Unsafe,
    since: "0.1.0",
    summary: "every user of the machine can open a secret",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    // A user's secrets lie in their own runtime directory, which is closed to others.
    let of_system = cx
        .secrets()
        .filter(|(_, secret)| secret.scope == Scope::System && secret.is_secret != Some(false));
    for (index, secret) in of_system {
        let Some(mode) = secret.effective_mode.known().copied() else {
            continue;
        };
        if mode & 0o007 != 0 {
            out.push(diagnostic(cx, index, secret, mode));
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
    let is_proven =
        secret.is_secret == Some(true) && !is_public(secret) && !is_read_as_public(cx, index);
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
        .note(format!(
            "{} lets everybody pass through its directories: the mode of the file is the only wall",
            secret.manager.name
        ));
    match audience(cx, index, secret) {
        Audience::Only(user) => found.help(
            format!("only {user} reads it: give it to that user alone"),
            format!(
                "{0}.owner = {1};\n{0}.mode = \"0400\";",
                secret.option,
                nix_string(user)
            ),
        ),
        Audience::Several(users) => {
            let group = reader_group(secret);
            let members: Vec<String> = users.iter().map(|user| nix_string(user)).collect();
            found.help(
                format!("{} read it: let only them in", list(users.iter().copied())),
                format!(
                    "users.groups.{}.members = [ {} ];\n{option}.group = {};\n{option}.mode = \"0440\";",
                    nix_name(&group),
                    members.join(" "),
                    nix_string(&group),
                    option = secret.option,
                ),
            )
        }
        Audience::Owner => found
            .help(
                "let only its owner read it",
                format!("{}.mode = \"0400\";", secret.option),
            )
            .fix(replace(secret.mode.at, "\"0400\"").map(|edit| Fix {
                title: "let only the owner read it".to_owned(),
                safe: false,
                edits: vec![edit],
            })),
        Audience::Undecided => found.advice(
            "make whoever reads it its owner (mode 0400), or give it a group of all who read it (mode 0440)",
        ),
    }
}

/// Who reads a secret, as far as it is known.
enum Audience<'a> {
    /// Nobody but root and its owner.
    Owner,
    /// One other user.
    Only(&'a str),
    /// These, root not counted.
    Several(Vec<&'a str>),
    /// Somebody who is not known: no mode is known to be enough.
    Undecided,
}

fn audience<'a>(cx: &HostContext<'a>, index: usize, secret: &'a Secret) -> Audience<'a> {
    let readers = cx.host.readers.iter();
    let readers = readers.filter(|reader| reader.secret == Some(index));
    let name = |reader: &'a Reader| known_name(&reader.user).filter(|_| reader.container.is_none());
    let Some(mut users) = readers.map(name).collect::<Option<Vec<&str>>>() else {
        return Audience::Undecided;
    };
    if users.is_empty() {
        return Audience::Undecided;
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

/// Whether the names say that it is no secret: a certificate, a public key.
pub(crate) fn is_public(secret: &Secret) -> bool {
    let key = secret.key.known().and_then(Option::as_deref);
    let name = secret.name.known().map(String::as_str);
    let path = secret.path.known().map(String::as_str);
    let file = secret.file.known().and_then(Option::as_ref);
    // A sops file holds many values; another one is the secret.
    let file = file.filter(|_| !secret.has_formats());
    let file = file.map(|file| file.display.trim_end_matches(".age"));
    let names = [Some(secret.attribute.as_str()), key, name, path, file];
    names.into_iter().flatten().any(names_something_public)
}

/// Whom or what something is for: declared as a secret by habit.
const IDENTIFIERS: [&str; 11] = [
    "domain",
    "domains",
    "fqdn",
    "hostname",
    "email",
    "user",
    "username",
    "latitude",
    "longitude",
    "timezone",
    "chatid",
];

/// Whether a name is that of a number by which others know somebody or something: `chat_id`. A session's is
/// as good as a password.
fn is_identifier(name: &str) -> bool {
    const SECRET: [&str; 3] = ["session", "auth", "secret"];
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    match words.as_slice() {
        [.., of, "id"] => !SECRET.contains(of),
        _ => false,
    }
}

/// Whether all that is known to read it are options for what is public: certificates, the mappings of U2F.
fn is_read_as_public(cx: &HostContext<'_>, index: usize) -> bool {
    const OPTIONS: [&str; 5] = [
        "sslCertificate",
        "sslTrustedCertificate",
        "certFile",
        "caFile",
        "authfile",
    ];
    let mut readers = { cx.host.readers.iter() }
        .filter(|reader| reader.secret == Some(index))
        .peekable();
    readers.peek().is_some()
        && readers.all(|reader| match &reader.via {
            Via::Option { path, .. } => {
                { path.names().last() }.is_some_and(|last| OPTIONS.contains(&last.as_str()))
            }
            _ => false,
        })
}

/// Whether a name ends as those of public things do: `tls/ca`, `id_ed25519.pub`, `fullchain.pem`, `allowedSigners`.
fn names_something_public(name: &str) -> bool {
    const WORDS: [&str; 14] = [
        "pub",
        "public",
        "publickey",
        "pubkey",
        "cert",
        "certs",
        "certificate",
        "certificates",
        "crt",
        "cer",
        "ca",
        "cacert",
        "fullchain",
        "chain",
    ];
    const ENDS: [&str; 7] = [
        "publickey",
        "keyid",
        "allowedsigners",
        "knownhosts",
        "u2fmappings",
        "u2fkeys",
        "authorizedkeys",
    ];
    let name = name.to_lowercase();
    // What says how it is written, not what it is.
    let formats = [".pem", ".der", ".txt"];
    let name = formats
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(&name);
    let last = name.rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    last.is_some_and(|last| WORDS.contains(&last) || IDENTIFIERS.contains(&last))
        || is_identifier(name)
        || ENDS.iter().any(|end| letters.ends_with(end))
        || letters.contains("authorizedkeys")
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_public_things() {
        let is_public = |name: &str| {
            let mut secret = crate::testing::secret(name);
            secret.key = inventory::Fact::default_value(None);
            super::is_public(&secret)
        };
        for name in [
            "host.pub",
            "id_ed25519_sk_pub",
            "tls/ca",
            "server-cert",
            "authorized_keys/root",
            "PUBLIC_KEY",
            "GPG_KEY_ID",
            "telegram/chat_id",
            "cloudflare-zone-id",
            "mqtt/username",
            "mail.domain",
            "u2f-mappings",
            "tls/fullchain.pem",
            "server_certificate",
            "git/allowedSigners",
            "ssh_known_hosts",
        ] {
            assert!(is_public(name), "{name}");
        }
        for name in [
            "alpaca",
            "public_api_token",
            "cert_password",
            "mecca",
            "api_key",
            "session_id",
            "domain_password",
            "candid",
            "cert_key.pem",
            "tls.pem",
        ] {
            assert!(!is_public(name), "{name}");
        }
    }
}
