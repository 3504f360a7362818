//! Recipients by the names that the user gives them, and whose they are.

use inventory::secret_files::Recipient;
use inventory::{Host, Repository, SopsConfigFile};

/// How a recipient is called: by its anchor, by the file of its public key, by its comment, else by its
/// first characters.
pub(crate) fn name(
    repository: &Repository,
    config: Option<&SopsConfigFile>,
    recipient: &Recipient,
) -> String {
    let alias = config.and_then(|config| config.config.alias(recipient));
    if let Some(alias) = alias {
        return format!("`{alias}`");
    }
    if let Some(file) = repository.public_key_of(recipient) {
        return format!("the key of {}", file.path.display);
    }
    short(recipient)
}

/// A recipient that has no name.
pub(crate) fn short(recipient: &Recipient) -> String {
    const SHOWN: usize = 16;
    let id = recipient.id.as_str();
    let mut parts = id.splitn(3, ' ');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(algorithm), Some(_), Some(comment)) if algorithm.starts_with("ssh-") => {
            format!("`{}` ({algorithm})", comment.trim())
        }
        (Some(algorithm), Some(key), _) if algorithm.starts_with("ssh-") => {
            let end: String = key.chars().rev().take(8).collect();
            format!("{algorithm} …{}", end.chars().rev().collect::<String>())
        }
        _ if id.chars().count() <= SHOWN + 4 => id.to_owned(),
        _ => format!("{}…", id.chars().take(SHOWN).collect::<String>()),
    }
}

/// Whether the names of a recipient say that it is the key of this host.
pub(crate) fn is_of_host(
    repository: &Repository,
    alias: Option<&str>,
    recipient: &Recipient,
    host: &Host,
) -> bool {
    let file = repository.public_key_of(recipient);
    let path = file.map(|file| file.path.display.as_str());
    let mut names = alias.into_iter().chain(path);
    names.any(|name| names_host(name, &host.name))
}

/// Whether the words of a name are the words of a host's name, among others: `host_desk` and
/// `hosts/desk/key.pub` are of `desk`.
pub(crate) fn names_host(name: &str, host: &str) -> bool {
    let (name, host) = (words(name), words(host));
    !host.is_empty()
        && name
            .windows(host.len())
            .any(|window| window == host.as_slice())
}

/// The words of a name, in lower case.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|character: char| !character.is_ascii_alphanumeric());
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_ascii_lowercase)
        .collect()
}

/// Whether a name is that of a host and says nothing else but that it is a key of a host.
pub(crate) fn is_named_as(name: &str, host: &str) -> bool {
    const OF_KEYS: [&str; 20] = [
        "age", "ed25519", "host", "hosts", "key", "keys", "machine", "machines", "nixos", "pub",
        "public", "root", "rsa", "secrets", "server", "servers", "ssh", "system", "systems", "etc",
    ];
    let host = words(host);
    let mut left = words(name);
    left.retain(|word| host.contains(word) || !OF_KEYS.contains(&word.as_str()));
    !host.is_empty() && left == host
}

#[cfg(test)]
mod tests {
    use super::{is_named_as, names_host};

    #[test]
    fn a_key_of_a_host_has_its_name_alone() {
        for name in [
            "desk",
            "host_desk",
            "hosts/desk/ssh_host_ed25519_key.pub",
            "Desk-system",
        ] {
            assert!(is_named_as(name, "desk"), "{name}");
        }
        for name in [
            "alice_desk",
            "desktop",
            "desk-old",
            "hosts/desk/alice.pub",
            "key",
        ] {
            assert!(!is_named_as(name, "desk"), "{name}");
        }
    }

    #[test]
    fn a_host_is_told_by_whole_words() {
        for name in [
            "desk",
            "host_desk",
            "hosts/desk/ssh_host_ed25519_key.pub",
            "Desk-system",
        ] {
            assert!(names_host(name, "desk"), "{name}");
        }
        for name in ["desktop", "alice", "admin", ""] {
            assert!(!names_host(name, "desk"), "{name}");
        }
        assert!(names_host("server_web_1", "web-1"));
    }
}
