//! Go patterns: the first line is the pattern, the rest the text. No panic, no pattern that Rust refuses after
//! it was translated for another reason than its size, and linear time.
//!
//! `cargo +nightly fuzz run go_regex -- -max_len=1024 -timeout=10`
#![no_main]

use secret_files::GoRegex;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (pattern, subject) = text.split_once('\n').unwrap_or((&text, "secrets/a.yaml"));
    if let Ok(regex) = GoRegex::new(pattern) {
        let _ = regex.is_match(subject);
        // An alternative beside it can only add matches.
        if let Ok(wider) = GoRegex::new(&format!("(?:{pattern})|\\z")) {
            assert!(wider.is_match(subject) || !regex.is_match(subject));
        }
    }
});
