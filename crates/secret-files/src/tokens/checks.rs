//! Checksums and structure of tokens.

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD};
use sha2::{Digest as _, Sha256};

use super::guards::{entropy, looks_like_placeholder, looks_random};
use super::rules::{Check, Confidence, TokenRule};
use super::{TokenClass, TokenRule as Rule};
use crate::{bech32, private_key, tree};

/// The surroundings of a match.
pub(super) struct Context<'a> {
    /// The whole text.
    pub(super) text: &'a [u8],
    /// The window in which the pattern was tried.
    pub(super) window: &'a [u8],
    /// Where the match begins in the whole text.
    pub(super) start: usize,
}

/// What remains of a match after its checks.
pub(super) struct Outcome {
    pub(super) confidence: Confidence,
    pub(super) class: TokenClass,
    /// A longer match than the pattern's, for keys that go on after their header.
    pub(super) length: Option<usize>,
}

/// `None` if it is no credential after all.
pub(super) fn check(rule: &Rule, secret: &str, context: &Context<'_>) -> Option<Outcome> {
    let outcome = |confidence| {
        Some(Outcome {
            confidence,
            class: rule.class,
            length: None,
        })
    };
    let lowered =
        |is_right: bool, otherwise| outcome(if is_right { rule.confidence } else { otherwise });
    match rule.check {
        Check::None => outcome(rule.confidence),
        Check::Crc32 => lowered(crc32_is_right(secret), Confidence::Low),
        Check::Crc32Unverified => lowered(crc32_is_right(secret), Confidence::Medium),
        Check::GithubFineGrained => outcome(if fine_grained_is_right(secret) {
            Confidence::High
        } else {
            rule.confidence
        }),
        Check::GithubJwt => {
            let header = secret
                .splitn(3, '_')
                .nth(2)
                .and_then(|jwt| jwt.split('.').next())?;
            is_json(header).then(|| outcome(rule.confidence)).flatten()
        }
        Check::Entropy(hundredths) => has_entropy(secret, hundredths)
            .then(|| outcome(rule.confidence))
            .flatten(),
        Check::Brave => {
            let is_near = contains_ignoring_case(context.window, b"brave");
            (is_near && has_entropy(secret, 350))
                .then(|| outcome(rule.confidence))
                .flatten()
        }
        Check::Discord => discord_account(secret)
            .then(|| outcome(rule.confidence))
            .flatten(),
        Check::Aws => aws(rule, secret).and_then(outcome),
        Check::GoogleServiceAccount => crate::text::contains(context.text, "service_account")
            .then(|| outcome(rule.confidence))
            .flatten(),
        Check::Jwt => {
            let mut parts = secret.split('.');
            if !(is_json(parts.next()?) && is_json(parts.next()?)) {
                return None;
            }
            lowered(!is_in_link_to_a_file(context), Confidence::Low)
        }
        Check::AgeIdentity => lowered(
            private_key::is_identity(secret) && !is_test_key(secret),
            Confidence::Low,
        ),
        Check::AgePlugin => private_key::is_plugin_identity(secret)
            .then(|| outcome(rule.confidence))
            .flatten(),
        Check::NixSigningKey => private_key::is_signing_key(secret)
            .then(|| outcome(rule.confidence))
            .flatten(),
        Check::Pem => pem(rule, context),
        Check::Putty => {
            let encrypted = private_key::putty_is_encrypted(context.text.get(context.start..)?);
            let class = if encrypted {
                TokenClass::EncryptedPrivateKey
            } else {
                rule.class
            };
            Some(Outcome {
                confidence: rule.confidence,
                class,
                length: None,
            })
        }
        Check::UriToken => looks_random(secret)
            .then(|| lowered(!is_in_link_to_a_file(context), Confidence::Low))
            .flatten(),
        Check::UriPassword => is_password(secret)
            .then(|| outcome(rule.confidence))
            .flatten(),
    }
}

fn pem(rule: &TokenRule, context: &Context<'_>) -> Option<Outcome> {
    let rest = context.text.get(context.start..)?;
    let rest = rest.get(..rest.len().min(64 * 1024))?;
    let valid = rest.utf8_chunks().next()?.valid();
    let key = private_key::parse_pem(valid)?;
    let class = match (key.is_handle, key.encrypted) {
        (true, _) => TokenClass::HardwareHandle,
        (false, true) => TokenClass::EncryptedPrivateKey,
        (false, false) => rule.class,
    };
    let confidence = if key.is_published {
        Confidence::Low
    } else {
        rule.confidence
    };
    Some(Outcome {
        confidence,
        class,
        length: Some(key.length),
    })
}

/// Whether a match is in the query of a URL that names a file, `https://…/image.jpg?token=…`: such a link is handed
/// out to be opened, and opens that file only.
fn is_in_link_to_a_file(context: &Context<'_>) -> bool {
    /// More than a URL has before its query.
    const BEFORE: usize = 2048;
    let start = context.start.saturating_sub(BEFORE);
    let before = context.text.get(start..context.start).unwrap_or_default();
    let before = String::from_utf8_lossy(before);
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>');
    let url = before.rsplit(is_end).next().unwrap_or_default();
    let path = { url.split_once("://") }.and_then(|(_, rest)| rest.split_once('?'));
    let name = path.and_then(|(path, _)| path.rsplit_once('/'));
    let extension = name.and_then(|(_, name)| name.rsplit_once('.'));
    extension.is_some_and(|(_, extension)| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric();
        (2..=5).contains(&extension.len()) && extension.bytes().all(is_part)
    })
}

fn has_entropy(secret: &str, hundredths: u32) -> bool {
    entropy(secret) * 100.0 >= f64::from(hundredths)
}

fn contains_ignoring_case(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word))
}

/// The last six characters are the CRC-32 of the ones between the prefix and them, in base 62.
fn crc32_is_right(token: &str) -> bool {
    let Some((_, body)) = token.split_once('_') else {
        return false;
    };
    let Some((body, checksum)) = body
        .len()
        .checked_sub(6)
        .and_then(|split| body.split_at_checked(split))
    else {
        return false;
    };
    base62(crc32fast::hash(body.as_bytes())) == checksum
}

/// Six digits of base 62, the alphabet in the order of ASCII digits, capitals, small letters.
pub(super) fn base62(mut number: u32) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut digits = ['0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS
            .get(number as usize % 62)
            .copied()
            .map_or('0', char::from);
        number /= 62;
    }
    digits.iter().collect()
}

/// Eight characters of the last part are base32 of SHA-256 of everything before them.
fn fine_grained_is_right(token: &str) -> bool {
    let Some((signed, rest)) = token
        .len()
        .checked_sub(16)
        .and_then(|split| token.split_at_checked(split))
    else {
        return false;
    };
    let digest = BASE32_NOPAD.encode(&Sha256::digest(signed.as_bytes()));
    rest.get(..8)
        .is_some_and(|checksum| digest.starts_with(checksum))
}

fn is_json(part: &str) -> bool {
    let decoded = BASE64URL_NOPAD.decode(part.as_bytes()).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    text.is_some_and(|text| text.starts_with('{') && tree::json::parse(&text).is_ok())
}

/// The first part is the number of the bot's account in base64.
fn discord_account(token: &str) -> bool {
    let first = token.split('.').next().unwrap_or_default();
    let decoded = BASE64_NOPAD
        .decode(first.as_bytes())
        .or_else(|_| BASE64URL_NOPAD.decode(first.as_bytes()));
    decoded.is_ok_and(|number| {
        (17..=20).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
    })
}

/// Key ids of today hold the account number; it has twelve digits.
fn aws(rule: &TokenRule, key: &str) -> Option<Confidence> {
    if key.ends_with("EXAMPLE") {
        return None;
    }
    if key.starts_with("AKIAI") || key.starts_with("AKIAJ") {
        return Some(Confidence::Medium);
    }
    let decoded = BASE32_NOPAD.decode(key.get(4..)?.as_bytes()).ok()?;
    let number = decoded
        .iter()
        .take(6)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let account = (number & 0x7fff_ffff_ff80) >> 7;
    Some(if account <= 999_999_999_999 {
        rule.confidence
    } else {
        Confidence::Low
    })
}

/// A key of equal bytes occurs in documentation.
fn is_test_key(identity: &str) -> bool {
    bech32::decode(identity)
        .is_some_and(|(_, data)| data.iter().all(|byte| data.first() == Some(byte)))
}

/// URLs in documentation have passwords that say so.
fn is_password(password: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    let is_word = [
        "pass", "pwd", "pw", "user", "username", "key", "private", "s3cr3t", "admin",
    ]
    .contains(&lower.as_str());
    let says_so = ["password", "passwd", "secret", "token"]
        .iter()
        .any(|word| lower.contains(word));
    let is_reference = password.contains("${")
        || password.contains('{')
        || password.starts_with(['$', '%', '<', '@']);
    !is_word && !says_so && !is_reference && !looks_like_placeholder(password)
}

#[cfg(test)]
mod tests {
    use super::{aws, base62, crc32_is_right, fine_grained_is_right};
    use crate::tokens::{Confidence, TOKEN_RULES};

    /// The check value of CRC-32 (IEEE) is 0xCBF43926 for "123456789"; in base 62 by hand:
    /// 3421780262 = 3·62⁵ + 45·62⁴ + 35·62³ + 27·62² + 22·62 + 14.
    #[test]
    fn crc32_in_base_62() {
        assert_eq!(base62(0xcbf4_3926), "3jZRME");
        assert_eq!(base62(0), "000000");
        assert!(crc32_is_right("ghp_1234567893jZRME"));
        assert!(!crc32_is_right("ghp_1234567893jZRMF"));
        assert!(!crc32_is_right("ghp_"));
    }

    #[test]
    fn short_text_has_no_checksum() {
        assert!(!fine_grained_is_right("github_pat_x"));
        assert!(!fine_grained_is_right(""));
    }

    #[test]
    fn aws_documentation_keys_are_no_finding() {
        let rule = TOKEN_RULES
            .iter()
            .find(|rule| rule.id == "aws-key-id")
            .unwrap();
        assert_eq!(aws(rule, "AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(aws(rule, "AKIA7777777777777777"), Some(Confidence::Low));
        assert_eq!(aws(rule, "AKIAQYLPMN5HAAAAAAAA"), Some(Confidence::High));
    }
}
