//! The change to make, in the words of the configuration that made the file.

use std::path::Path;

use super::shown;
use crate::expect::Secret;

/// `sops.secrets.github_token`, with quotes where Nix needs them; nothing if no attribute is known.
pub(crate) fn option(secret: &Secret) -> Option<String> {
    let attribute = secret.attribute.as_deref()?;
    let set = secret.manager?.secrets;
    Some(format!("{set}.{}", nix_name(attribute)?))
}

/// An attribute name as Nix reads it; nothing for one with characters that a terminal acts on.
fn nix_name(name: &str) -> Option<String> {
    const KEYWORDS: [&str; 9] = [
        "assert", "else", "if", "in", "inherit", "let", "rec", "then", "with",
    ];
    let mut bytes = name.bytes();
    let plain = bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'\''));
    if plain && !KEYWORDS.contains(&name) {
        return Some(name.to_owned());
    }
    if !name.chars().all(crate::escape::is_inert) {
        return None;
    }
    let escaped = name
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("${", "\\${");
    Some(format!("\"{escaped}\""))
}

/// A path that can be pasted into a shell as it is.
pub(crate) fn shell_word(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/._-+@".contains(&b))
        .then(|| text.to_owned())
}

/// Lets `user` read a secret that belongs to somebody else.
pub(crate) fn give_to(secret: &Secret, user: &str) -> Option<String> {
    if secret.needed_for_users {
        let option = option(secret)?;
        return Some(format!(
            "{option}.neededForUsers = false; such secrets always belong to root, and {user} is no password file"
        ));
    }
    match option(secret) {
        Some(option) if secret.scope.user().is_none() => {
            Some(format!("{option}.owner = \"{user}\";"))
        }
        _ => {
            let path = shell_word(&secret.path)?;
            Some(format!("chown {user} {path} && chmod 0400 {path}"))
        }
    }
}

/// Gives a secret the mode that is safe.
pub(crate) fn set_mode(secret: &Secret, mode: &str) -> Option<String> {
    match option(secret) {
        // Declared right: the file is what is wrong.
        Some(_) if matches!(secret.mode, Some(0o400 | 0o600)) => {
            Some("activate the configuration again".to_owned())
        }
        Some(option) => Some(format!("{option}.mode = \"{mode}\";")),
        None => Some(format!("chmod {mode} {}", shell_word(&secret.path)?)),
    }
}

/// Makes the content right.
pub(crate) fn edit(secret: &Secret) -> String {
    let name = secret.attribute.as_deref().unwrap_or(&secret.name);
    let name = crate::escape::Escaped::text(name);
    match secret.manager {
        Some(manager) => {
            let edit = manager.files.edit;
            format!("edit `{name}` with `{edit}` and activate again")
        }
        None => format!("write {} anew", shown(&secret.path)),
    }
}

#[cfg(test)]
mod tests {
    use super::nix_name;

    #[test]
    fn names_are_quoted_where_nix_needs_it() {
        for (name, written) in [
            ("github_token", Some("github_token")),
            ("wifi/home", Some("\"wifi/home\"")),
            ("in", Some("\"in\"")),
            ("a\"b\\${c}", Some("\"a\\\"b\\\\\\${c}\"")),
            ("a\x1b[0m", None),
        ] {
            assert_eq!(nix_name(name).as_deref(), written);
        }
    }
}
