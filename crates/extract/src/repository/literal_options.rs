//! Options that are given a secret itself, and where it ends up in the store: one table of them.

use secret_files::{Confidence, is_credential_name, looks_like_placeholder, looks_random};

use crate::repository::credential_text::{confidence_of, is_credential};

/// A literal in such an option.
pub(crate) struct Literal {
    /// How sure it is that it is a secret.
    pub(crate) confidence: Confidence,
    /// Its length in characters.
    pub(crate) length: usize,
}

/// What is asked of the text.
#[derive(Debug, Clone, Copy)]
enum Text {
    /// The password of root, whatever it is: whoever knows it is root.
    Root,
    /// A password that somebody chose; a plain word is one for form's sake.
    Password,
    /// The password with which an account begins, which its user changes.
    FirstPassword,
    /// A WPA passphrase or its key.
    Psk,
    /// A key of WireGuard: 32 bytes in base64.
    WireGuard,
    /// `NAME:VALUE` of `SetCredential=`.
    Credential,
}

/// The options; `*` is any name.
const OPTIONS: [(&[&str], Text); 19] = [
    (&["users", "users", "root", "password"], Text::Root),
    (&["users", "extraUsers", "root", "password"], Text::Root),
    (&["users", "users", "*", "password"], Text::Password),
    (
        &["users", "users", "*", "initialPassword"],
        Text::FirstPassword,
    ),
    (&["users", "extraUsers", "*", "password"], Text::Password),
    (
        &["networking", "wireless", "networks", "*", "psk"],
        Text::Psk,
    ),
    (
        &["networking", "wireless", "networks", "*", "pskRaw"],
        Text::Psk,
    ),
    (
        &[
            "networking",
            "networkmanager",
            "ensureProfiles",
            "profiles",
            "*",
            "wifi-security",
            "psk",
        ],
        Text::Psk,
    ),
    (
        &[
            "services",
            "hostapd",
            "radios",
            "*",
            "networks",
            "*",
            "authentication",
            "wpaPassword",
        ],
        Text::Psk,
    ),
    (&["services", "hostapd", "wpaPassphrase"], Text::Psk),
    (
        &["networking", "wireguard", "interfaces", "*", "privateKey"],
        Text::WireGuard,
    ),
    (
        &[
            "networking",
            "wireguard",
            "interfaces",
            "*",
            "peers",
            "presharedKey",
        ],
        Text::WireGuard,
    ),
    (
        &["networking", "wg-quick", "interfaces", "*", "privateKey"],
        Text::WireGuard,
    ),
    (
        &[
            "networking",
            "wg-quick",
            "interfaces",
            "*",
            "peers",
            "presharedKey",
        ],
        Text::WireGuard,
    ),
    (
        &[
            "systemd",
            "network",
            "netdevs",
            "*",
            "wireguardConfig",
            "PrivateKey",
        ],
        Text::WireGuard,
    ),
    (
        &["systemd", "services", "*", "serviceConfig", "SetCredential"],
        Text::Credential,
    ),
    (
        &[
            "systemd",
            "user",
            "services",
            "*",
            "serviceConfig",
            "SetCredential",
        ],
        Text::Credential,
    ),
    (
        &[
            "systemd",
            "user",
            "services",
            "*",
            "Service",
            "SetCredential",
        ],
        Text::Credential,
    ),
    (
        &[
            "services",
            "mosquitto",
            "listeners",
            "users",
            "*",
            "password",
        ],
        Text::Password,
    ),
];

/// Whether a path of attributes is the password of an account.
pub(crate) fn is_login(path: &[&str]) -> bool {
    matches!(
        of_a_module(path),
        Some(["users", "users" | "extraUsers", _, "password"])
    )
}

/// The secret that a literal at this path of attributes is, if it is one.
pub(crate) fn find(path: &[&str], text: &str) -> Option<Literal> {
    let path = of_a_module(path)?;
    let known = kind_of(path);
    let confidence = match known {
        Some(kind) => judge(kind, text)?,
        None => of_a_service(path, text)?,
    };
    let value = match known {
        Some(Text::Credential) => text.split_once(':').map_or(text, |(_, value)| value),
        _ => text,
    };
    Some(Literal {
        confidence,
        length: value.chars().count(),
    })
}

/// Whether the option at this path of attributes is one of the table.
pub(crate) fn is_one(path: &[&str]) -> bool {
    of_a_module(path).and_then(kind_of).is_some()
}

/// What is asked of the text of the option at a path within a module.
fn kind_of(path: &[&str]) -> Option<Text> {
    let is_at = |option: &[&str]| {
        let agree = |(part, wanted): (&&str, &&str)| *wanted == "*" || part == wanted;
        path.len() == option.len() && path.iter().zip(option).all(agree)
    };
    let known = OPTIONS.iter().find(|(option, _)| is_at(option));
    known.map(|(_, kind)| *kind)
}

/// The path within the module that it is part of: `services.x` in `containers.web.config.services.x`, in a module of a
/// list and in one that a flake gives a name. `None` in a machine that is there for a try.
pub(crate) fn of_a_module<'a, 'b>(path: &'b [&'a str]) -> Option<&'b [&'a str]> {
    const ROOTS: [&str; 4] = ["users", "networking", "systemd", "services"];
    /// What a module is a value of.
    const MODULES: [&str; 8] = [
        "config",
        "modules",
        "imports",
        "extraModules",
        "sharedModules",
        "nixos",
        "darwin",
        "nixosModules",
    ];
    const TRIES: [&str; 5] = [
        "vmVariant",
        "vmVariantWithBootLoader",
        "vmVariantWithDisko",
        "nodes",
        "options",
    ];
    if path.iter().any(|name| TRIES.contains(name)) {
        return None;
    }
    let is_root = |at: usize| { path.get(at) }.is_some_and(|name| ROOTS.contains(name));
    let is_module = |at: usize| { path.get(at) }.is_some_and(|name| MODULES.contains(name));
    // Directly in the module, or in one that has a name: `flake.modules.nixos.web.services.x`.
    let begins = |at: &usize| {
        is_root(*at)
            && (*at == 0
                || is_module(*at - 1)
                || (*at >= 2 && is_module(*at - 2) && !is_root(*at - 1)))
    };
    let start = (0..path.len()).find(begins).unwrap_or_default();
    path.get(start..)
}

fn judge(kind: Text, text: &str) -> Option<Confidence> {
    let is_something = !text.is_empty() && !looks_like_placeholder(text) && !is_public(text);
    let confidence = match kind {
        Text::Root => {
            // A word that stands for another elsewhere is the password here.
            let is_reference = text.contains("${") || text.starts_with(['<', '{', '@', '%']);
            let is_one = !text.is_empty() && !is_public(text) && !is_reference;
            is_one.then(|| confidence_of(text).max(Confidence::Medium))?
        }
        Text::Password => is_something.then(|| confidence_of(text))?,
        Text::FirstPassword => is_something.then(|| confidence_of(text).min(Confidence::Medium))?,
        Text::Psk => {
            // The shortest WPA passphrase has eight characters; `ext:` names one in a file.
            let is_one = text.chars().count() >= 8 && !text.starts_with("ext:");
            let is_plain_word = text.chars().all(char::is_alphabetic);
            (is_something && is_one).then_some(if is_plain_word {
                Confidence::Medium
            } else {
                Confidence::High
            })?
        }
        Text::WireGuard => {
            let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
            let is_key = text.len() == 44 && text.ends_with('=') && text.bytes().all(is_base64);
            (is_key && is_something && looks_random(text)).then_some(Confidence::High)?
        }
        Text::Credential => {
            let (name, value) = text.split_once(':')?;
            let is_named = is_credential_name(name) && is_credential(name, value);
            match (looks_random(value), is_named) {
                (true, true) => Confidence::High,
                (true, false) | (false, true) => Confidence::Medium,
                (false, false) => return None,
            }
        }
    };
    Some(confidence)
}

/// Names of passwords in options of services that are no words of their own.
const NAMES: [&str; 4] = ["adminpass", "dbpass", "dbpassword", "adminpassword"];

/// A setting of a service whose name says that it is a secret: `services.x.settings.password`.
fn of_a_service(path: &[&str], text: &str) -> Option<Confidence> {
    let (name, before) = path.split_last()?;
    if before.first() != Some(&"services") || before.len() < 2 {
        return None;
    }
    let is_named = |name: &str| NAMES.contains(&name.to_ascii_lowercase().as_str());
    let is_one = if is_named(name) {
        is_credential("password", text)
    } else {
        is_credential(name, text)
    };
    if !is_one || is_public(text) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let confidence = if lower.contains("initial") {
        confidence_of(text).min(Confidence::Medium)
    } else {
        confidence_of(text)
    };
    // Under another name what is not random may be what a secret is called.
    let enough = if lower.contains("pass") {
        Confidence::Medium
    } else {
        Confidence::High
    };
    (confidence >= enough).then_some(confidence)
}

/// Values that programs publish as their default.
const PUBLISHED: [&str; 1] = ["SW2YcwTIb9zpOOhoPsMm"];

/// Whether a text is the hash of a password or one that everybody knows.
pub(crate) fn is_public(text: &str) -> bool {
    is_hash(text) || PUBLISHED.contains(&text)
}

/// Whether a text is the hash of a password: `$2y$…`, `SCRAM-SHA-256$…`, `{SSHA512}…`, `sha256#…#…#` of ZNC,
/// `argon2:$…` of Jupyter, `@ByteArray(…:…)` of qBittorrent and `{`, the SHA-1 in hexadecimal and a salt of Transmission.
fn is_hash(text: &str) -> bool {
    /// What hashes a password, before what divides the rest into hash and salt.
    const METHODS: [&str; 8] = [
        "md5", "sha1", "sha256", "sha512", "argon2", "argon2id", "pbkdf2", "scrypt",
    ];
    /// The length of a SHA-1 in hexadecimal, in bytes.
    const SHA1: usize = 40;
    let before = text.split('$').next().unwrap_or_default();
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'{';
    let is_salted_sha1 = |rest: &str| {
        let hash = rest.get(..SHA1).unwrap_or_default();
        !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let names_its_scheme = text.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let is_named = names_its_scheme.is_some_and(|(scheme, hash)| {
        let of_a_name =
            |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
        scheme.len() >= 3
            && scheme != "PLAIN"
            && scheme.bytes().all(of_a_name)
            && hash.len() >= SHA1 / 2
    });
    let is_divided = text.split_once([':', '#']).is_some_and(|(method, rest)| {
        METHODS.contains(&method.to_ascii_lowercase().as_str()) && rest.contains([':', '#', '$'])
    });
    is_divided
        || (text.matches('$').count() >= 2 && before.bytes().all(is_scheme))
        || is_named
        || text.starts_with("@ByteArray(")
        || text.strip_prefix('{').is_some_and(is_salted_sha1)
}

#[cfg(test)]
mod tests {
    use secret_files::Confidence;

    use super::find;

    fn found(option: &str, text: &str) -> Option<Confidence> {
        let path: Vec<&str> = option.split('.').collect();
        find(&path, text).map(|found| found.confidence)
    }

    #[test]
    fn options_that_take_the_secret_itself() {
        let high = Some(Confidence::High);
        assert_eq!(
            found("networking.wireless.networks.attic.psk", "kx93-lm22-vb71"),
            high
        );
        assert_eq!(
            found(
                "config.systemd.services.a.serviceConfig.SetCredential",
                "token:k7Qd2mXv9LbT4sRw8HcJ5nYp3ZfG6aVe"
            ),
            high
        );
        let medium = Some(Confidence::Medium);
        assert_eq!(
            found(
                "users.users.alice.initialPassword",
                "k7Qd2mXv9LbT4sRw8HcJ5nYp3ZfG6aVe"
            ),
            medium
        );
        assert_eq!(found("users.users.root.password", "kitchen"), medium);
        assert_eq!(found("users.users.root.password", "changeme"), medium);
        assert_eq!(found("users.users.root.password", "${hash}"), None);
        let low = Some(Confidence::Low);
        assert_eq!(found("users.users.alice.password", "kitchen"), low);
        assert_eq!(found("services.x.settings.admin.password", "kitchen"), None);
        assert_eq!(found("users.users.alice.initialPassword", "kitchen"), low);
    }

    #[test]
    fn a_module_may_be_part_of_something() {
        let high = Some(Confidence::High);
        let key = "k7Qd2mXv9LbT4sRw8HcJ5nYp3ZfG6aVe";
        for option in [
            "services.x.settings.password",
            "containers.web.config.services.x.settings.password",
            "modules.services.x.settings.password",
            "flake.modules.nixos.web.services.x.settings.password",
            "flake.nixosModules.web.services.x.settings.password",
        ] {
            assert_eq!(found(option, key), high, "{option}");
        }
        for option in [
            "virtualisation.vmVariant.services.x.settings.password",
            "nodes.web.services.x.settings.password",
            "lib.services.x.settings.password",
        ] {
            assert_eq!(found(option, key), None, "{option}");
        }
    }

    #[test]
    fn references_and_placeholders_are_no_secrets() {
        for (option, text) in [
            ("networking.wireless.networks.attic.pskRaw", "ext:psk_attic"),
            ("networking.wireless.networks.attic.psk", "changeme123"),
            (
                "networking.wireguard.interfaces.wg0.privateKey",
                "<the key>",
            ),
            ("services.x.settings.password", "$PASSWORD"),
            (
                "services.x.settings.tokenFile",
                "k7Qd2mXv9LbT4sRw8HcJ5nYp3ZfG6aVe",
            ),
            (
                "systemd.services.a.serviceConfig.SetCredential",
                "mode:fast",
            ),
            (
                "services.x.settings.users.password",
                "$2y$10$k7Qd2mXv9LbT4sRw8HcJ5uYp3ZfG6aVek7Qd2mXv9LbT4sRw8HcJ5",
            ),
            (
                "services.transmission.settings.rpc-password",
                "{5e884898da28047151d0e56f8dc6292773603d0dk3Yq8LmP",
            ),
            (
                "services.x.settings.password",
                "{SHA512-CRYPT}k7Qd2mXv9LbT4sRw8HcJ5uYp3ZfG6aVe",
            ),
            (
                "services.x.settings.Preferences.password",
                "@ByteArray(k7Qd2mXv9LbT4sRw8HcJ5g==:nYp3ZfG6aVek7Qd2mXv9LbT4sRw8HcJ5)",
            ),
            ("services.znc.config.User.joe.Pass", "md5#::#::#"),
            (
                "services.znc.config.User.joe.Pass",
                "sha256#e5c1a3f7d92b480616f3c7a2d5b8e9041c6f3a7b2d8e5f90a4c1b7d3e6f8a2c5#k3:q!8;z#",
            ),
            (
                "services.jupyter.password",
                "argon2:$argon2id$v=19$m=10240,t=10,p=8$k7Qd2mXv9LbT4sRw$8HcJ5nYp3ZfG6aVe",
            ),
            (
                "services.jupyter.password",
                "sha1:61c57e3b6c75:026034a7717616a527eeabee",
            ),
            (
                "services.forgejo.settings.\"repository.signing\".SIGNING_KEY",
                "0x3681E15E5C14A241",
            ),
            (
                "services.x.settings.signingKey",
                "3681E15E5C14A2413681E15E5C14A2413681E15E",
            ),
            ("services.x.settings.signing_key", "3681E15E5C14A241!"),
            ("services.x.mqttUsernameSecret", "house/mqtt2/username"),
            ("services.x.entries.p0-api-key", "p0-api-key"),
            (
                "users.users.alice.hashedPassword",
                "k7Qd2mXv9LbT4sRw8HcJ5nYp3ZfG6aVe",
            ),
        ] {
            assert_eq!(found(option, text), None, "{option} = {text}");
        }
    }
}
