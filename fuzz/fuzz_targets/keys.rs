//! Private keys (OpenSSH, PEM, PuTTY, PGP, age and its plugins) and public ones on any bytes: no panic, places
//! inside of the file, and no private half in what is said of it.
//!
//! `cargo +nightly fuzz run keys -- -max_len=8192 -timeout=60`
#![no_main]

use secret_files::{
    Recipient, SshPublicKey, describe, known_public, public_halves, scan_private_keys,
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let facts = describe("key", bytes);
    for problem in &facts.problems {
        assert!(
            problem.span.start <= problem.span.end && problem.span.end <= bytes.len(),
            "{problem:?}"
        );
        assert!(!problem.message.contains("AGE-SECRET-KEY-1"), "{problem:?}");
    }
    for found in scan_private_keys(bytes) {
        assert!(
            !found.span.is_empty() && found.span.end <= bytes.len(),
            "{found:?}"
        );
    }
    for recipient in public_halves(bytes).recipients {
        assert!(
            recipient.starts_with("age1") || recipient.starts_with("ssh-"),
            "{recipient}"
        );
        assert_eq!(
            Recipient::age(&recipient, None).defect(),
            None,
            "{recipient}"
        );
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = known_public(&text);
    for line in text.lines().take(20) {
        if let Some(key) = SshPublicKey::parse(line) {
            let _ = (key.tag(), key.to_age_recipient());
            let again = SshPublicKey::parse(&key.without_comment()).expect("a key that was read");
            assert_eq!(again.tag(), key.tag());
        }
        for recipient in [Recipient::age(line, None), Recipient::pgp(line, None)] {
            let _ = (recipient.defect(), recipient.key());
        }
    }
});
