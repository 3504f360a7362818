//! `password-is-no-hash`: what should be the hash of a password is too short to be one.

use inventory::secret_files::Lookup;
use inventory::{FileState, Moment, Secret};

use crate::{Check, Diagnostic, Fixable, Group, HostContext, Lint, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "password-is-no-hash",
    group: Group::Files,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a secret for the hash of a password is too short to be one",
    page: include_str!("page.md"),
    check: Check::Host(check),
};

/// The shortest hash that crypt(3) knows, of DES, in bytes.
const SHORTEST_HASH: usize = 13;
/// What locks an account instead of a hash, `!` and the like, in bytes.
const LONGEST_LOCK: usize = 3;

fn check(cx: &HostContext<'_>, out: &mut Vec<Diagnostic>) {
    let mut told = Vec::new();
    let passwords = cx
        .readers()
        .filter(|reader| reader.moment == Moment::BeforeUsers);
    for reader in passwords.filter(|reader| reader.certain) {
        let Some(secret) = reader.secret.and_then(|index| cx.host.secrets.get(index)) else {
            continue;
        };
        let Some(length) = length(cx, secret) else {
            continue;
        };
        if length <= LONGEST_LOCK || length >= SHORTEST_HASH || told.contains(&reader.secret) {
            continue;
        }
        told.push(reader.secret);
        let stands_for_one = has_the_length_of_others(cx, secret, length);
        let message = format!(
            "`{}` is no hash of a password: it has {length} bytes",
            secret.attribute
        );
        let name = secret.file.known().and_then(Option::as_ref);
        let name = name.map_or("the file", |file| file.display.as_str());
        out.push(
            Diagnostic::new(&LINT, &secret.option, message)
                .primary(reader.at, "read as the hash of a password")
                .secondary(secret.declared_at.first().copied(), "declared here")
                .severity(if stands_for_one { Severity::Warning } else { Severity::Error })
                .note(if stands_for_one {
                    "other values of the file have this length, too: while it stands for the hash that is to come, nobody can \
                     log in"
                } else {
                    "no hash is that short: the password itself was encrypted, or a part of a hash, and nobody can log in with it"
                })
                .help(
                    "encrypt the output of mkpasswd instead",
                    format!("mkpasswd --method=yescrypt\n{} {name}", secret.manager.files.edit),
                ),
        );
    }
}

/// Whether most values of the file have the same length: one word stands for each of them.
fn has_the_length_of_others(cx: &HostContext<'_>, secret: &Secret, length: usize) -> bool {
    /// Two may have it by chance.
    const SAME: usize = 3;
    let Some((_, facts)) = cx.facts_of(secret) else {
        return false;
    };
    let lengths = facts.keys.leaves();
    let lengths: Vec<usize> = lengths
        .filter_map(|(_, key)| key.value.plaintext_length())
        .collect();
    let same = lengths.iter().filter(|other| **other == length).count();
    same >= SAME && 2 * same > lengths.len()
}

/// The length of what is decrypted in bytes, without a newline that may end it.
fn length(cx: &HostContext<'_>, secret: &Secret) -> Option<usize> {
    let (file, facts) = cx.facts_of(secret)?;
    if file.state != FileState::Encrypted || secret.is_rekeyed {
        return None;
    }
    match cx.lookup(secret) {
        Some((_, _, Lookup::Found(entry))) => entry.value.plaintext_length(),
        Some(_) => None,
        None if secret.has_formats() => None,
        None => facts.plaintext_length,
    }
}
