//! Names that credentials are stored under.

use super::{Confidence, guards, scan};

/// Last words (or two) of a name that holds a credential.
const ENDINGS: [&str; 37] = [
    "secret_key_base",
    "authkey",
    "application_key",
    "master_key",
    "session_key",
    "api_keys",
    "access_tokens",
    "psk",
    "pw",
    "totp_seed",
    "token",
    "api_key",
    "apikey",
    "secret",
    "secret_key",
    "secretkey",
    "password",
    "passwd",
    "pass",
    "passphrase",
    "access_key",
    "private_key",
    "client_secret",
    "signing_key",
    "encryption_key",
    "authorization",
    "auth_token",
    "bearer",
    "credential",
    "credentials",
    "connection_string",
    "dsn",
    "pat",
    "app_key",
    "auth_key",
    "webhook_url",
    "license_key",
];

/// Endings that make it something else: where the credential is, or what it is called.
const OTHER: [&str; 24] = [
    "file", "path", "command", "cmd", "name", "id", "url", "uri", "ttl", "expiry", "length",
    "count", "limit", "store", "type", "policy", "env", "var", "dir", "socket", "sock", "prefix",
    "header", "hash",
];

/// Whether a variable, option or attribute of this name holds a credential:
/// `GITHUB_TOKEN`, `openaiApiKey`, `db.password`; not `tokenFile`, `CLIENT_ID`, `MAX_TOKENS`.
#[must_use]
pub fn is_credential_name(name: &str) -> bool {
    let words = name_words(name);
    let joined = words.join("_");
    let Some(last) = words.last() else {
        return false;
    };
    if joined.ends_with("public_key") || joined.ends_with("publickey") {
        return false;
    }
    let is_webhook = joined.ends_with("webhook_url");
    if !is_webhook && OTHER.contains(&last.as_str()) {
        return false;
    }
    let is_last = |before: &str| before.is_empty() || before.ends_with('_');
    let mut endings = ENDINGS.iter();
    endings.any(|ending| joined.strip_suffix(ending).is_some_and(is_last))
}

/// The words of a name in lower case: split at `_`, `-`, `.`, `/`, blanks and at capitals.
#[must_use]
pub fn name_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut previous_is_small = false;
    for character in name.chars().take(200) {
        let is_separator = !character.is_alphanumeric();
        let ends = is_separator || (character.is_uppercase() && previous_is_small);
        if ends && !current.is_empty() {
            words.push(std::mem::take(&mut current));
        }
        if !is_separator {
            current.extend(character.to_lowercase());
        }
        previous_is_small = character.is_lowercase() || character.is_ascii_digit();
    }
    if !current.is_empty() {
        words.push(current);
    }
    words
}

/// Words of a comment after which its value may follow.
const SAID: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "token",
    "secret",
    "api key",
    "api_key",
    "apikey",
    "credentials",
];

/// Whether a comment gives a credential away: a token, or "password is …".
pub(crate) fn comment_names_a_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_said = SAID.iter().any(|word| {
        lower.match_indices(word).any(|(place, _)| {
            let rest = text
                .get(place + word.len()..)
                .unwrap_or_default()
                .trim_start();
            let value = ["is ", "was ", "=", ":"].iter().find_map(|between| {
                rest.strip_prefix(between)
                    .or_else(|| rest.strip_prefix(&*between.to_uppercase()))
            });
            let value = value
                .and_then(|value| value.split_whitespace().next())
                .unwrap_or_default();
            let is_one_word = |value: &str| !value.is_empty() && value.len() >= 4;
            is_one_word(value) && (value == "hunter2" || looks_like_a_value(value))
        })
    });
    is_said
        || scan(text)
            .iter()
            .any(|finding| finding.confidence > Confidence::Low)
}

/// Prose also says "the token is stored in …"; a password has a digit or a mark in it.
fn looks_like_a_value(value: &str) -> bool {
    let value = value.trim_end_matches(['.', ',', ';', ')']);
    let has_mark = value.chars().any(|character| !character.is_alphabetic());
    has_mark && guards::plausible_secret(value)
}

#[cfg(test)]
mod tests {
    use super::{comment_names_a_secret, is_credential_name};

    #[test]
    fn credential_names() {
        for name in [
            "GITHUB_PERSONAL_ACCESS_TOKEN",
            "SECRET_KEY_BASE",
            "secretKeyBase",
            "TS_AUTHKEY",
            "B2_APPLICATION_KEY",
            "RAILS_MASTER_KEY",
            "SESSION_KEY",
            "OPENAI_API_KEYS",
            "ACCESS_TOKENS",
            "WIFI_PSK",
            "adminPw",
            "GITHUB_TOKEN",
            "OPENAI_API_KEY",
            "KAGI_API_KEY",
            "SLITE_API_TOKEN",
            "SLACK_BOT_TOKEN",
            "QDRANT_API_KEY",
            "POSTGRES_CONNECTION_STRING",
            "DISCORD_BOT_TOKEN",
            "DEEPL_API_KEY",
            "YUTU_CACHE_TOKEN",
            "ND_MCP_BEARER_TOKEN",
            "Authorization",
            "db/password",
            "apiKey",
            "clientSecret",
            "PASSWORD",
            "github-token",
            "AWS_SECRET_ACCESS_KEY",
        ] {
            assert!(is_credential_name(name), "{name}");
        }
    }

    #[test]
    fn other_names() {
        for name in [
            "tokenFile",
            "passwordFile",
            "CLIENT_ID",
            "MAX_TOKENS",
            "AWS_ACCESS_KEY_ID",
            "PASSWORD_STORE_DIR",
            "SSH_AUTH_SOCK",
            "publicKey",
            "user",
            "",
            "tokenizer",
            "SECRET_NAME",
            "compass",
            "hashedPasswordHash",
        ] {
            assert!(!is_credential_name(name), "{name}");
        }
    }

    #[test]
    fn comments() {
        for text in [
            " password is hunter2",
            " password: k3yb0ard-Cat",
            "API key = abc123XYZ",
        ] {
            assert!(comment_names_a_secret(text), "{text}");
        }
        for text in [
            " the password is stored in the vault",
            " token: see the wiki",
            " password is in /run/secrets/x",
            " token = <insert here>",
            " secrets of the desk",
            "",
        ] {
            assert!(!comment_names_a_secret(text), "{text}");
        }
    }
}
