//! Secret keys of Nix binary caches.

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::clamp_integer;
use data_encoding::BASE64;
use sha2::{Digest as _, Sha512};

/// Whether `text` is `name:base64` of an Ed25519 key with its public half.
///
/// The signature of a store path has the same shape, so the public half must really belong to
/// the secret one.
pub(crate) fn is_signing_key(text: &str) -> bool {
    check(text).unwrap_or_default()
}

fn check(text: &str) -> Option<bool> {
    let (name, key) = text.split_once(':')?;
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if !is_name || key.len() != 88 {
        return Some(false);
    }
    let key = BASE64.decode(key.as_bytes()).ok()?;
    let (seed, public) = key.split_first_chunk::<32>()?;
    let digest = Sha512::digest(seed);
    let scalar = clamp_integer(*digest.first_chunk::<32>()?);
    let point = EdwardsPoint::mul_base_clamped(scalar);
    Some(point.compress().as_bytes().as_slice() == public)
}
