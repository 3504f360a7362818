//! What may be read by everybody: public keys and certificates, names and addresses, by what the secret is called and
//! by what reads it.

use inventory::secret_files::name_words;
use inventory::{ContentUse, Reader, Reference, Secret, SecretKind, Via};

use crate::HostContext;

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
    names.into_iter().flatten().any(names_something_public) || path.is_some_and(is_of_interfaces)
}

/// Whether a path is that of addresses and routes of systemd-networkd, which `networkctl` shows to everybody. Keys of
/// WireGuard are in a `.netdev`.
fn is_of_interfaces(path: &str) -> bool {
    let ends = [".network", ".link"];
    path.contains("/systemd/network/") && ends.iter().any(|end| path.ends_with(end))
}

/// Whether a template has placeholders, and all of them stand for what is public: an address, a name.
pub(super) fn is_made_of_what_is_public(cx: &HostContext<'_>, template: &Secret) -> bool {
    let is_of_it = |reference: &&Reference| {
        template.kind == SecretKind::Template
            && cx
                .template_of(reference)
                .is_some_and(|(name, _)| name == template.attribute)
    };
    let mut inside = cx.placeholders().filter(is_of_it).peekable();
    inside.peek().is_some()
        && inside.all(|reference| cx.referenced(reference).is_some_and(is_public))
}

/// Whom or what something is for, and where it is: declared as a secret by habit.
const IDENTIFIERS: [&str; 23] = [
    "domain",
    "domains",
    "fqdn",
    "host",
    "hosts",
    "hostname",
    "email",
    "user",
    "username",
    "latitude",
    "longitude",
    "timezone",
    "chatid",
    "ip",
    "ipv4",
    "ipv6",
    "address",
    "addresses",
    "addr",
    "phone",
    "subnet",
    "ssid",
    "port",
];

/// Whether a name is that of a number or word by which others know somebody or something: `chat_id`, `user-name`. A
/// session's is as good as a password.
fn is_identifier(words: &[&str]) -> bool {
    /// Where the id is what lets in: a session, a user of V2Ray and its kin.
    const SECRET: [&str; 9] = [
        "session", "auth", "secret", "v2ray", "vmess", "vless", "xray", "singbox", "hysteria",
    ];
    const NAMED: [&str; 6] = ["user", "host", "login", "account", "server", "display"];
    /// What is a gateway's address, and not a program that is called so.
    const NETWORKS: [&str; 8] = [
        "default", "ip", "lan", "net", "network", "router", "vpn", "wan",
    ];
    const MESSENGERS: [&str; 3] = ["telegram", "tg", "signal"];
    match words {
        ["gateway"] => true,
        [.., of, "gateway"] => NETWORKS.contains(of),
        [.., of, "chat"] => MESSENGERS.contains(of),
        [.., of, "id"] => !SECRET.contains(of),
        [.., of, "name"] => NAMED.contains(of),
        _ => false,
    }
}

/// Whether all that is known to read it are options for what is public: certificates, the mappings of U2F.
pub(super) fn is_read_as_public(cx: &HostContext<'_>, index: usize) -> bool {
    const OPTIONS: [&str; 5] = [
        "sslCertificate",
        "sslTrustedCertificate",
        "certFile",
        "caFile",
        "authfile",
    ];
    // Whoever calls the program reads its configuration: that of ssh has to be open to all of them.
    let is_of_all = |reader: &Reader, names: &[String]| {
        reader.content == ContentUse::Included && names.starts_with(&["programs".to_owned()])
    };
    let readers = cx.host.readers_of(index);
    !readers.is_empty()
        && readers.iter().all(|reader| match &reader.via {
            Via::Option { path, .. } => {
                is_of_all(reader, path.names()) || { path.names().last() }
                    .is_some_and(|last| OPTIONS.contains(&last.as_str()))
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
    const ENDS: [&str; 9] = [
        "publickey",
        "keyid",
        "allowedsigners",
        "knownhosts",
        "u2fmappings",
        "u2fkeys",
        "authorizedkeys",
        // In a kubeconfig.
        "certificatedata",
        "certificateauthoritydata",
    ];
    // `wan.publicIP`: words are also told apart by their capitals.
    let words = name_words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
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
        || words.last().is_some_and(|last| IDENTIFIERS.contains(last))
        || is_identifier(&words)
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
            "forgejo-user-name",
            "accountName",
            "dns/private.hosts",
            "publicIP",
            "wan_gateway",
            "gateway",
            "wg-address",
            "mailAddress",
            "telegram/chat",
            "kube/users/admin/client-certificate-data",
            "certificate-authority-data",
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
            "v2ray_id",
            "proxy/vless-id",
            "client-key-data",
            "domain_password",
            "candid",
            "cert_key.pem",
            "tls.pem",
            "secret_name",
            "hosts_token",
            "ship",
            "opus-gateway",
            "openai/chat",
            "address_token",
        ] {
            assert!(!is_public(name), "{name}");
        }
    }
}
