//! `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`

use data_encoding::BASE64;

use crate::facts::SopsType;

/// What a text that begins like an encrypted value is.
pub(super) enum EncryptedValue {
    /// One that sops can read (the key and the position decide whether it decrypts).
    Valid {
        sops_type: SopsType,
        /// Length of the plaintext in bytes: AES-GCM does not pad.
        length: usize,
        /// Where the text after the closing bracket begins, if there is any.
        tail: Option<usize>,
    },
    /// Cut off, altered, or of a cipher or type that sops does not know.
    Malformed(&'static str),
}

/// What every encrypted value contains, to inspect text that does not parse.
pub(crate) const MARK: &str = "ENC[AES256_GCM,";
const PREFIX: &str = "ENC[";

/// `None` if the text does not begin as an encrypted value (after white space).
pub(super) fn parse(text: &str) -> Option<EncryptedValue> {
    let trimmed = text.trim_start();
    if !trimmed.starts_with(PREFIX) || trimmed.starts_with("ENC[PKCS7,") {
        return None;
    }
    if trimmed.len() != text.len() {
        return Some(EncryptedValue::Malformed("white space before it"));
    }
    Some(fields(text).unwrap_or_else(EncryptedValue::Malformed))
}

fn fields(text: &str) -> Result<EncryptedValue, &'static str> {
    let body = text.strip_prefix(MARK).ok_or("not of cipher AES256_GCM")?;
    let (body, tail) = body
        .split_once(']')
        .ok_or("cut off before its closing bracket")?;
    if tail.contains(']') {
        return Err("text after it that sops cannot skip");
    }
    let mut parts = body.split(',');
    let mut part = |name: &str| {
        let part = parts.next().and_then(|part| part.strip_prefix(name));
        part.ok_or("a part of it is missing")
    };
    let data = part("data:")?;
    let iv = part("iv:")?;
    let tag = part("tag:")?;
    let sops_type = part("type:")?;
    if parts.next().is_some() {
        return Err("it has a part too many");
    }
    if data.is_empty() {
        return Err("its data is empty");
    }
    let decoded = |text: &str| {
        BASE64
            .decode(text.as_bytes())
            .map_err(|_| "its base64 is damaged")
    };
    let length = decoded(data)?.len();
    if decoded(iv)?.len() != 32 {
        return Err("its iv has not 32 bytes");
    }
    if decoded(tag)?.len() != 16 {
        return Err("its tag has not 16 bytes");
    }
    let sops_type = SopsType::from_name(sops_type).ok_or("of a type that sops does not know")?;
    let tail = (!tail.is_empty()).then(|| text.len() - tail.len());
    Ok(EncryptedValue::Valid {
        sops_type,
        length,
        tail,
    })
}

#[cfg(test)]
mod tests {
    use super::{EncryptedValue, parse};
    use crate::facts::SopsType;

    const IV: &str = "IqQbnDK73Mv7sxPbHzy1KYOZ3J1C9WeF8NSIsXTEMVk=";
    const TAG: &str = "r8DKFCvBcI1sBvwtXuypjA==";

    fn value(data: &str, iv: &str, tag: &str, rest: &str) -> String {
        format!("ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:{rest}")
    }

    #[test]
    fn the_length_is_the_plaintext_length() {
        let parsed = parse(&value("Bghj", IV, TAG, "str]"));
        let Some(EncryptedValue::Valid {
            sops_type,
            length,
            tail,
        }) = parsed
        else {
            panic!("not valid")
        };
        assert_eq!((sops_type, length, tail), (SopsType::String, 3, None));
    }

    #[test]
    fn text_after_the_bracket_is_seen() {
        let text = value("Bg==", IV, TAG, "int] and more");
        let Some(EncryptedValue::Valid { tail, .. }) = parse(&text) else {
            panic!("not valid")
        };
        assert_eq!(tail.and_then(|tail| text.get(tail..)), Some(" and more"));
    }

    #[test]
    fn every_other_form_is_malformed() {
        for text in [
            value("", IV, TAG, "str]"),
            value("Bg=", IV, TAG, "str]"),
            value("Bg", IV, TAG, "str]"),
            value("Bh==", IV, TAG, "str]"),
            value("Bg==", "AAAA", TAG, "str]"),
            value("Bg==", IV, "AAAA", "str]"),
            value("Bg==", IV, TAG, "foo]"),
            value("Bg==", IV, TAG, "str"),
            value("Bg==", IV, TAG, "str] ]"),
            format!(" {}", value("Bg==", IV, TAG, "str]")),
            "ENC[x]".to_owned(),
            "ENC[".to_owned(),
        ] {
            assert!(
                matches!(parse(&text), Some(EncryptedValue::Malformed(_))),
                "{text}"
            );
        }
        assert!(parse("hunter2").is_none());
        assert!(parse("ENC[PKCS7,MIIB]").is_none());
    }
}
