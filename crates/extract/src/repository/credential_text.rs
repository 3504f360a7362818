//! Whether a text is a credential, by the name that it is given to and by itself.

use secret_files::{
    Confidence, is_credential_name, looks_like_placeholder, looks_random, name_words,
    plausible_secret,
};

/// `NAME=value`, where the name is one word.
pub(crate) fn assignment(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let is_word = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    is_word.then_some((name, value.trim_matches('"')))
}

/// `Authorization: Bearer …`, where the name is that of an HTTP header.
pub(crate) fn header(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once(": ")?;
    let is_header = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_header.then_some((name, value))
}

/// Whether the name says that the value is a credential, and the value may be one.
pub(crate) fn is_credential(name: &str, value: &str) -> bool {
    // The name first: most are no credential's.
    if !is_credential_name(name) {
        return false;
    }
    // Elsewhere this is a revision or a hash; under such a name it is a key.
    let is_hex =
        matches!(value.len(), 32 | 40 | 64) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_plausible = plausible_secret(value) || (is_hex && !looks_like_placeholder(value));
    is_plausible && !is_harmless(name, value)
}

/// How sure it is that a value under a credential's name is one: a word may stand there for form's sake.
pub(crate) fn confidence_of(value: &str) -> Confidence {
    let is_word = value.chars().all(char::is_alphabetic);
    match (looks_random(value), is_word) {
        (true, _) => Confidence::High,
        (false, false) => Confidence::Medium,
        (false, true) => Confidence::Low,
    }
}

/// What stands after `Bearer` and the like.
pub(crate) fn without_scheme(value: &str) -> &str {
    let value = value.trim();
    let schemes = ["Bearer ", "bearer ", "Basic ", "basic ", "token ", "Token "];
    schemes
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme))
        .unwrap_or(value)
        .trim()
}

/// Words that stand where a local server wants some key, whatever it is, and names of other things.
fn is_harmless(name: &str, value: &str) -> bool {
    let is_word = value
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'-' || byte == b'_');
    let lower = name.to_ascii_lowercase();
    let is_password = lower.contains("pass") || lower.contains("pwd");
    let says_it_is_none = [
        "no-key",
        "nokey",
        "not-needed",
        "notneeded",
        "not-required",
        "ignored",
        "anything",
        "unused",
        "local",
    ];
    // `FILE__PASSWORD`, `HOMEPAGE_FILE_KEY`: the name says that a file holds it.
    let names_a_file = name_words(name).iter().any(|word| word == "file");
    let is_file_name = names_a_file && (value.contains(['/', '.']) || !looks_random(value));
    let is_url = value.contains("://");
    let is_key_id = lower.ends_with("key") && is_pgp_key_id(value);
    let is_reference = [
        "os.environ",
        "env:",
        "env.",
        "ENV[",
        "vault:",
        "file:",
        "secret:",
        "keyring:",
    ]
    .iter()
    .any(|prefix| value.starts_with(prefix));
    let lower_value = value.to_ascii_lowercase();
    is_file_name
        || is_url
        || is_key_id
        || is_reference
        || value.contains(char::is_whitespace)
        || says_it_is_none
            .iter()
            .any(|word| lower_value.contains(word))
        || (is_word && !is_password)
        || is_called_so(&lower, &lower_value)
}

/// Whether a text names a key of OpenPGP, which is elsewhere: 8 or 16 hexadecimal digits, or the 40 of a fingerprint
/// with `0x` before them or in capitals.
fn is_pgp_key_id(text: &str) -> bool {
    let text = text.strip_suffix('!').unwrap_or(text);
    let (is_marked, digits) = match text.strip_prefix("0x") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let is_capital = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    let is_written_so = |byte: u8| is_capital(byte) || (is_marked && (b'a'..=b'f').contains(&byte));
    matches!(digits.len(), 8 | 16 | 40) && digits.bytes().all(is_written_so)
}

/// Whether a value is nothing but the name that it stands under: what the secret is called elsewhere.
fn is_called_so(name: &str, value: &str) -> bool {
    let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    letters(name) == letters(value)
}
