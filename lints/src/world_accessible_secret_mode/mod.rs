//! `world-accessible-secret-mode`: every user of the machine can open a secret.

use inventory::{Reader, Scope, Secret};

use crate::context::known_name;
use crate::edits::replace;
use crate::phrases::nix_string;
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
    let is_proven = secret.is_secret == Some(true) && !is_public(secret);
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
    let fix = replace(secret.mode.at, "\"0400\"").map(|edit| Fix {
        title: "let only the owner read it".to_owned(),
        safe: false,
        edits: vec![edit],
    });
    match only_reader(cx, index) {
        Some(user) if known_name(&secret.effective_owner) != Some(user) => found.help(
            format!("only {user} reads it: give it to that user alone"),
            format!(
                "{0}.owner = {1};\n{0}.mode = \"0400\";",
                secret.option,
                nix_string(user)
            ),
        ),
        _ => found
            .help(
                "let only its owner read it",
                format!("{}.mode = \"0400\";", secret.option),
            )
            .fix(fix),
    }
}

/// The one user that reads it, root not counted, where all readers are known.
fn only_reader<'a>(cx: &HostContext<'a>, index: usize) -> Option<&'a str> {
    let readers = cx
        .host
        .readers
        .iter()
        .filter(|reader| reader.secret == Some(index));
    let name = |reader: &'a Reader| known_name(&reader.user).filter(|_| reader.container.is_none());
    let mut users: Vec<&str> = readers.map(name).collect::<Option<_>>()?;
    users.retain(|user| *user != "root");
    users.sort_unstable();
    users.dedup();
    match users.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

/// Whether the names say that it is no secret: a certificate, a public key.
pub(crate) fn is_public(secret: &Secret) -> bool {
    const WORDS: [&str; 7] = ["pub", "public", "cert", "crt", "ca", "publickey", "pubkey"];
    let key = secret.key.known().and_then(Option::as_deref);
    let name = secret.name.known().map(String::as_str);
    let names = [Some(secret.attribute.as_str()), key, name];
    names.into_iter().flatten().any(|name| {
        let name = name.to_lowercase();
        let last = name
            .rsplit(|character: char| !character.is_ascii_alphanumeric())
            .next();
        let is_public_key = [
            "public_key",
            "public-key",
            "key_id",
            "key-id",
            "allowed_signers",
            "allowed-signers",
        ];
        let lists_keys = ["authorized_keys", "authorized-keys"];
        last.is_some_and(|last| WORDS.contains(&last))
            || is_public_key.iter().any(|end| name.ends_with(end))
            || lists_keys.iter().any(|part| name.contains(part))
    })
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
        ] {
            assert!(is_public(name), "{name}");
        }
        for name in [
            "alpaca",
            "public_api_token",
            "cert_password",
            "mecca",
            "api_key",
        ] {
            assert!(!is_public(name), "{name}");
        }
    }
}
