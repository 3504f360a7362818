//! What is no secret although it is where one would be.

use sha2::{Digest as _, Sha256};

/// Placeholders of at least six characters: enough that a random token does not hold them.
const LONG_WORDS: [&str; 24] = [
    "example",
    "sample",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "change me",
    "replace",
    "redacted",
    "removed",
    "insert",
    "1234567",
    "0123456",
    "abcdef",
    "your-",
    "your_",
    "your ",
    "yourtoken",
    "my-api",
    "my_api",
    "my-secret",
    "my_secret",
    "mysecret",
    "hunter2",
];

/// Short ones: they must be alone, between characters that are no letters or digits.
const SHORT_WORDS: [&str; 22] = [
    "todo",
    "fixme",
    "test",
    "tests",
    "testing",
    "fake",
    "dummy",
    "null",
    "none",
    "nil",
    "undefined",
    "foo",
    "bar",
    "baz",
    "foobar",
    "secret",
    "password",
    "token",
    "default",
    "unset",
    "empty",
    "xxx",
];

/// Whether a text is a placeholder, a reference or a template rather than a value.
///
/// `${VAR}`, `$VAR`, `$(cmd)`, `{env:X}`, `{file:…}`, `<…>`, `{{…}}`, `%VAR%`, `@VAR@`, `%s`,
/// words such as `changeme` and `your_token_here`, runs of one character, dots and stars.
#[must_use]
pub fn looks_like_placeholder(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || is_reference(text) || has_long_run(text) {
        return true;
    }
    let lower = text.to_ascii_lowercase();
    if LONG_WORDS.iter().any(|word| lower.contains(word)) {
        return true;
    }
    let mut words = lower
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.any(|word| SHORT_WORDS.contains(&word))
}

fn is_reference(text: &str) -> bool {
    let enclosed = |open: &str, close: &str| {
        text.starts_with(open) && text.ends_with(close) && text.len() > open.len()
    };
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let variable = text
        .strip_prefix('$')
        .is_some_and(|name| is_name(name) && !name.starts_with(|c: char| c.is_ascii_digit()));
    enclosed("<", ">")
        || enclosed("{", "}")
        || enclosed("[", "]")
        || text.contains("${")
        || text.contains("$(")
        || text.contains("{{")
        || variable
        || (enclosed("%", "%") && text.len() > 2)
        || (enclosed("@", "@") && text.len() > 2)
        || (enclosed("#", "#") && is_word(text.trim_matches('#')))
        || (enclosed("__", "__") && is_word(text.trim_matches('_')))
        || (text.starts_with("$__") && text.ends_with('}'))
        || is_tagged(text)
        || matches!(text, "%s" | "%d" | "%v" | "..." | "…")
}

/// `!secret wifi`, `!env_var TOKEN`: a tag of YAML, and the name of what it fetches.
fn is_tagged(text: &str) -> bool {
    let Some((tag, name)) = { text.strip_prefix('!') }.and_then(|text| text.split_once(' ')) else {
        return false;
    };
    let is_tag = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    !tag.is_empty() && tag.bytes().all(is_tag) && is_word(name)
}

/// Whether a text is one name: letters, digits, `-`, `_` and `.`.
fn is_word(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !text.is_empty() && text.bytes().all(is_part)
}

/// Whether everybody has the credential anyway: programs are built with it.
fn is_published(text: &str) -> bool {
    /// The first bytes of their SHA-256.
    const PUBLISHED: [&str; 1] = [
        // The OAuth client of Chromium builds, GOOGLE_DEFAULT_CLIENT_SECRET.
        "05d9d0c04b7f1d1db0fe1e217c794a62",
    ];
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    PUBLISHED.iter().any(|known| digest.starts_with(known))
}

/// Five or more of one character in a row (four of `x`, `*` or `.`).
fn has_long_run(text: &str) -> bool {
    let mut run = 0;
    let mut last = None;
    for character in text.chars().map(|character| character.to_ascii_lowercase()) {
        run = if last == Some(character) { run + 1 } else { 1 };
        last = Some(character);
        let limit = if matches!(character, 'x' | '*' | '.' | '•') {
            4
        } else {
            5
        };
        if run >= limit {
            return true;
        }
    }
    false
}

/// What a text is that may be public: a path, a hash, a public key, ciphertext; `None` if it
/// is nothing of the kind.
#[must_use]
pub fn known_public(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let is_hex =
        |length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| text.starts_with(prefix));
    if text.contains("ENC[AES256_GCM,") || text.contains("ENC[PKCS7,") {
        return Some("a value that sops encrypted");
    }
    if begins(&["-----BEGIN AGE ENCRYPTED FILE", "-----BEGIN PGP MESSAGE"]) {
        return Some("ciphertext");
    }
    if is_path(text) {
        return Some("a path");
    }
    if begins(&["sha256-", "sha512-", "sha1-", "md5-", "sha256:", "sha512:"]) {
        return Some("a hash");
    }
    if is_public_key(text) {
        return Some("a public key");
    }
    if is_hex(40) || is_nix_base32(text) {
        return Some("a revision or a hash");
    }
    if is_uuid(text) {
        return Some("a UUID");
    }
    None
}

/// Whether a text is a public key or a certificate: of SSH, age, PGP, TLS or a Nix cache.
#[must_use]
pub fn is_public_key(text: &str) -> bool {
    let text = text.trim();
    [
        "-----BEGIN PGP PUBLIC",
        "-----BEGIN CERTIFICATE",
        "-----BEGIN PUBLIC KEY",
        "age1",
        "ssh-ed25519 ",
        "ssh-rsa ",
        "ecdsa-sha2-",
        "sk-ssh-ed25519",
        "sk-ecdsa-",
    ]
    .iter()
    .any(|prefix| text.starts_with(prefix))
        || is_cache_public_key(text)
}

/// Whether a text names a file: an absolute path, one from a directory that a shell, a program or systemd fills in
/// (`~/x`, `$CREDENTIALS_DIRECTORY/x`, `%d/x`, `@/x`), or a relative one of plain words.
fn is_path(text: &str) -> bool {
    if text.contains(char::is_whitespace) {
        return false;
    }
    // curl and others: what follows is the name of a file.
    let text = text.strip_prefix('@').unwrap_or(text);
    let begins = ["/", "./", "../", "~/", "file:"];
    begins.iter().any(|prefix| text.starts_with(prefix))
        || is_below_a_variable(text)
        || is_relative_path(text)
}

/// `$NAME/…`, `${NAME}/…`, or a specifier of systemd.unit(5): `%d/…`, `%h/…`.
fn is_below_a_variable(text: &str) -> bool {
    let Some((directory, rest)) = text.split_once('/') else {
        return false;
    };
    let variable = directory.strip_prefix('$').map(|name| {
        let braced = name
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'));
        braced.unwrap_or(name)
    });
    let is_variable = variable.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    let specifier = directory.strip_prefix('%').map(str::as_bytes);
    let is_specifier = matches!(specifier, Some([letter]) if letter.is_ascii_alphabetic());
    (is_variable || is_specifier) && !rest.is_empty()
}

/// `secrets/db.txt`: directories and a file in lower case, the first a plain word; base64 has capitals.
fn is_relative_path(text: &str) -> bool {
    let is_name = |name: &str| {
        let is_part =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        !name.is_empty() && name.bytes().all(is_part)
    };
    text.split_once('/').is_some_and(|(first, _)| {
        first.len() >= 3 && first.bytes().all(|byte| byte.is_ascii_lowercase())
    }) && text.split('/').all(is_name)
}

/// `name:` and 32 bytes of base64.
fn is_cache_public_key(text: &str) -> bool {
    text.split_once(':').is_some_and(|(name, key)| {
        !name.is_empty()
            && !name.contains(char::is_whitespace)
            && key.len() == 44
            && data_encoding::BASE64
                .decode(key.as_bytes())
                .is_ok_and(|bytes| bytes.len() == 32)
    })
}

fn is_nix_base32(text: &str) -> bool {
    text.len() == 52
        && text.bytes().all(|byte| {
            byte.is_ascii_digit() || (byte.is_ascii_lowercase() && !b"etou".contains(&byte))
        })
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups
            .iter()
            .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The password in `Basic …`, the base64 of a user and a password; `None` if a text is nothing of the kind.
#[must_use]
pub fn basic_password(text: &str) -> Option<String> {
    let (scheme, encoded) = text.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = data_encoding::BASE64
        .decode(encoded.trim().as_bytes())
        .ok()?;
    let (_user, password) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    Some(password.to_owned())
}

/// Shannon entropy in bits per byte; 0 for an empty text.
#[must_use]
pub fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let length = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    let shares = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length);
    shares.map(|share| -share * share.log2()).sum()
}

/// The entropy that 99 of 100 random texts of this length exceed, less a tenth of a bit; hex
/// digits hold less than letters and digits. English and paths are often above it too, so it
/// only rules out.
#[must_use]
pub fn entropy_floor(length: usize, is_hex: bool) -> f64 {
    const HEX: [(usize, f64); 5] = [(8, 1.75), (16, 2.69), (32, 3.25), (40, 3.41), (64, 3.64)];
    const BASE62: [(usize, f64); 6] = [
        (8, 2.25),
        (16, 3.33),
        (20, 3.65),
        (24, 3.89),
        (32, 4.22),
        (40, 4.47),
    ];
    let table: &[(usize, f64)] = if is_hex { &HEX } else { &BASE62 };
    let mut floor = table.first().map_or(0.0, |(_, first)| *first);
    for pair in table.windows(2) {
        let [(short, low), (long, high)] = pair else {
            continue;
        };
        if length >= *short {
            let span = f64::from(u32::try_from(long - short).unwrap_or(1));
            let part = f64::from(u32::try_from(length.min(*long) - short).unwrap_or(0));
            floor = low + (high - low) * part / span;
        }
    }
    floor - 0.1
}

/// Whether a text may be random: long enough, letters and digits, entropy above the floor.
#[must_use]
pub fn looks_random(text: &str) -> bool {
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.len() >= 8
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !text.contains(char::is_whitespace)
        && entropy(text) >= entropy_floor(text.len(), is_hex)
}

/// Whether a literal may be a secret at all: neither a placeholder nor something public, and
/// no ordinary word. For text that is assigned to a credential-named key.
#[must_use]
pub fn plausible_secret(text: &str) -> bool {
    let text = text.trim();
    let is_switch = matches!(
        text.to_ascii_lowercase().as_str(),
        "true"
            | "false"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "auto"
            | "required"
            | "optional"
            | "enabled"
            | "disabled"
    );
    let may_be_one = !is_switch && !looks_like_placeholder(text) && known_public(text).is_none();
    text.len() >= 4 && may_be_one && !is_published(text)
}

#[cfg(test)]
mod tests {
    use super::{
        entropy, entropy_floor, known_public, looks_like_placeholder, looks_random,
        plausible_secret,
    };

    #[test]
    fn placeholders() {
        for text in [
            "",
            "changeme",
            "CHANGE_ME",
            "your_token_here",
            "YOUR-API-KEY",
            "<token>",
            "${GITHUB_TOKEN}",
            "$TOKEN",
            "$(cat /run/secrets/x)",
            "{env:TOKEN}",
            "{file:/run/x}",
            "{{ token }}",
            "%TOKEN%",
            "@token@",
            "#mail_password#",
            "__DB_PASSWORD__",
            "$__file{/run/credentials/app.service/password}",
            "$__env{GRAFANA_PASSWORD}",
            "!secret wifi_password9",
            "!env_var API_KEY",
            "%s",
            "xxxxxxxx",
            "sk-xxxx",
            "****",
            "...",
            "aaaaaaaa",
            "ghp_1234567890",
            "my-secret-key",
            "TODO",
            "fake-token",
            "test",
            "a ${b} c",
            "sk-ant-example",
            "none",
        ] {
            assert!(looks_like_placeholder(text), "{text}");
        }
    }

    #[test]
    fn values_are_no_placeholders() {
        for text in [
            "hk3Jd92kslPq",
            "correct horse battery",
            "p4ssw0rd!",
            "S3cr3t-Value",
            "$6$salt",
            "latest8",
            "#hk3J#d92k$#",
            "!hk3Jd 92k!",
            "__hk3J?d92__",
        ] {
            assert!(!looks_like_placeholder(text), "{text}");
        }
    }

    #[test]
    fn public_things() {
        for text in [
            "/run/secrets/token",
            "~/.config/x",
            "%d/token",
            "%h/.token9",
            "$CREDENTIALS_DIRECTORY/token",
            "${XDG_RUNTIME_DIR}/token",
            "@/var/lib/app/token",
            "secrets/token-9.txt",
            "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvy",
            "ssh-ed25519 AAAA",
            "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=",
            "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c",
            "123e4567-e89b-12d3-a456-426614174000",
            "ENC[AES256_GCM,data:x]",
        ] {
            assert!(known_public(text).is_some(), "{text}");
        }
        for text in [
            "hk3Jd92kslPq",
            "%dk3/9x2",
            "$2b$10$kIqR3vbsmxHmDPvV1Y",
            "@hk3Jd92",
            "hk3/d92k",
            "Kq8/ab3c",
        ] {
            assert_eq!(known_public(text), None, "{text}");
        }
    }

    #[test]
    fn entropy_is_bounded_by_the_length() {
        assert!(entropy("aaaa").abs() < 1e-9);
        assert!((entropy("abcd") - 2.0).abs() < 1e-9);
        assert!((entropy_floor(32, false) - 4.12).abs() < 1e-9);
        assert!((entropy_floor(1000, true) - 3.54).abs() < 1e-9);
        assert!(looks_random("hk3Jd92kslPq8Zx1Lm0Q"));
        assert!(!looks_random("aaaaaaaaaaaaaaaaaaa1"));
        assert!(!looks_random("onlyletters"));
    }

    #[test]
    fn the_password_of_basic_authentication() {
        let password = |text: &str| super::basic_password(text);
        assert_eq!(
            password("Basic YWxpY2U6c2VzYW1l").as_deref(),
            Some("sesame")
        );
        assert_eq!(password("Bearer YWxpY2U6c2VzYW1l"), None);
        assert_eq!(password("Basic YWxpY2U="), None);
    }

    #[test]
    fn plausible_secrets() {
        assert!(plausible_secret("hk3Jd92kslPq"));
        // The last is that of every Chromium, in pieces.
        let published = ["OTJgUOQcT7lO", "7GsGZq2G4IlT"].concat();
        for text in [
            "true",
            "no",
            "abc",
            "changeme",
            "/run/secrets/x",
            &published,
        ] {
            assert!(!plausible_secret(text), "{text}");
        }
    }
}
