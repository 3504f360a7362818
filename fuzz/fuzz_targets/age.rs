//! The header and armor of age files on any bytes: no panic, places inside of the file, and an armored
//! file that is accepted has the stanzas of what is in it.
//!
//! `cargo +nightly fuzz run age fuzz/corpus/age crates/secret-files/tests/fixtures/age -- -max_len=8192 -timeout=10`
#![no_main]

use secret_files::{Recipient, compare_age, describe_age, inspect_age};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let facts = describe_age(bytes);
    for problem in &facts.problems {
        assert!(
            problem.span.start <= problem.span.end && problem.span.end <= bytes.len(),
            "{problem:?}"
        );
    }
    if let Ok(age) = inspect_age(bytes) {
        assert!(age.plaintext_length <= bytes.len());
        // Every stanza of a recipient is either explained or reported.
        let nobody = compare_age(&[], &age);
        assert_eq!(nobody.is_empty(), age.recipients().next().is_none());
        let text = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).into_owned();
        let _ = compare_age(&[Recipient::age(&text, None)], &age);
    }
});
