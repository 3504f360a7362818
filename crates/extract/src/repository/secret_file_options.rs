//! Options that are given the file of a secret, and whether everybody can read what is in it.

use std::path::Path;

use secret_files::{
    Confidence, State, TokenFinding, describe, is_public_key, looks_like_placeholder, scan,
};

use crate::managers::MANAGERS;
use crate::repository::credential_text::{assignment, is_credential};

/// Options that are given the file of a secret.
const FILES: [&str; 19] = [
    "passfile",
    "passwordfiles",
    "keyfiles",
    "tokenfiles",
    "secretfiles",
    "secretsfiles",
    "passwordfile",
    "passwdfile",
    "passphrasefile",
    "keyfile",
    "tokenfile",
    "secretfile",
    "secretsfile",
    "credentialsfile",
    "credentialfile",
    "environmentfile",
    "environmentfiles",
    "envfile",
    "envfiles",
];

/// Whether an option is given the file of a secret: by its name, managers' own and public keys aside.
pub(crate) fn is_secret_file_option(path: &[&str]) -> bool {
    let Some(name) = path.last() else {
        return false;
    };
    let lower = name.to_ascii_lowercase();
    if !FILES.iter().any(|ending| lower.ends_with(ending)) {
        return false;
    }
    let is_public =
        lower.contains("pub") || lower.ends_with("rekeyfile") || lower.contains("apikeyfilename");
    // The managers' own options have lints of their own, or take encrypted files.
    let is_managed = path.contains(&"options") || is_of_a_manager(path);
    !is_public && !is_managed
}

/// Whether an option is below what is called as a manager's own set of options.
fn is_of_a_manager(path: &[&str]) -> bool {
    MANAGERS.iter().any(|manager| {
        let rekeying = manager.rekeying.as_ref().map(|rekeying| rekeying.option);
        let rekeying = rekeying.and_then(|option| option.rsplit('.').next());
        let root: Vec<&str> = manager.root_names().collect();
        path.windows(root.len()).any(|names| names == root)
            || rekeying.is_some_and(|name| path.contains(&name))
    })
}

/// Options whose files hold settings as well as secrets.
pub(crate) fn may_be_public(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains("environment") || lower.contains("envfile")
}

/// Whether a file that such an option names holds a secret that everybody can read.
pub(crate) fn is_plaintext_secret(name: &str, path: &Path, bytes: &[u8]) -> bool {
    let facts = describe(path, bytes);
    // A file of Nix is imported, and its own findings are elsewhere.
    let is_public =
        { path.extension() }.is_some_and(|extension| extension == "pub" || extension == "nix");
    if is_public
        || !matches!(
            facts.state,
            State::Plaintext | State::MetadataOnly | State::NothingEncrypted
        )
    {
        return false;
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return !may_be_public(name);
    };
    let assigned = text
        .lines()
        .filter_map(|line| assignment(line.trim_start().trim_start_matches("export ")));
    let mut assigned = assigned.peekable();
    if may_be_public(name) || assigned.peek().is_some() {
        let is_found = assigned.any(|(name, value)| is_credential(name, value));
        let is_certain = |found: &TokenFinding| found.confidence > Confidence::Low;
        return is_found || scan(text).iter().any(is_certain);
    }
    if text.trim_start().starts_with('{') && text.contains('"') {
        return is_json_with_a_credential(text);
    }
    !text.trim().is_empty()
        && !looks_like_placeholder(text)
        && !is_public_key(text)
        && !is_u2f_mapping(path, text)
}

/// Whether a text of JSON gives a credential to a name.
fn is_json_with_a_credential(text: &str) -> bool {
    let bare = |part: &str| part.trim().trim_matches('"').to_owned();
    let mut pairs = text.split(['{', '}', ',', '\n']).filter_map(|pair| {
        let (name, value) = pair.split_once(':')?;
        Some((bare(name), bare(value)))
    });
    let is_certain = |found: &TokenFinding| found.confidence > Confidence::Low;
    pairs.any(|(name, value)| is_credential(&name, &value)) || scan(text).iter().any(is_certain)
}

/// Whether a file maps users to their U2F keys, as `pam_u2f` reads it: handles and public keys, of no use without the
/// keys.
fn is_u2f_mapping(path: &Path, text: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_named = name.to_ascii_lowercase().contains("u2f");
    let mut lines = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .peekable();
    let maps = |line: &str| {
        line.split_once(':')
            .is_some_and(|(_, keys)| keys.contains(','))
    };
    let names_algorithm = [",es256", ",eddsa", ",rs256"]
        .iter()
        .any(|name| text.contains(name));
    (is_named || names_algorithm) && lines.peek().is_some() && lines.all(maps)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::is_plaintext_secret;

    #[test]
    fn json_is_secret_by_its_names() {
        let is_secret = |text: &str| {
            is_plaintext_secret("credentialsFile", Path::new("tunnel"), text.as_bytes())
        };
        assert!(is_secret(
            "{\"AccountTag\": \"a\", \"TunnelSecret\": \"k7Qd2mXv9LbT4sRw8HcJ5nYp3ZfG6aVe\"}"
        ));
        assert!(!is_secret("{\"TunnelSecret\": \"<the secret>\"}"));
        assert!(!is_secret("{\"level\": \"debug\"}"));
        assert!(!is_secret("{{ token }}"));
    }

    #[test]
    fn handles_of_u2f_keys_are_no_secret() {
        let is_secret = |path: &str, text: &str| {
            is_plaintext_secret("keyFile", Path::new(path), text.as_bytes())
        };
        let mapping = "alice:k7Qd2mXv9LbT==,sRw8HcJ5nYp3,es256,+presence\nbob:ZfG6aVe==,k7Qd2m,es256,+presence\n";
        assert!(!is_secret("keys", mapping));
        assert!(!is_secret(
            "u2f_keys",
            "alice:k7Qd2mXv9LbT==,sRw8HcJ5nYp3\n"
        ));
        assert!(is_secret(
            "u2f_password",
            "k7Qd2mXv9LbT4sRw8HcJ5nYp3ZfG6aVe\n"
        ));
        assert!(is_secret("keys", "alice:k7Qd2mXv9LbT,sRw8HcJ5nYp3\n"));
    }
}
