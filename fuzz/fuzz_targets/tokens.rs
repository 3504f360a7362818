//! The scan for credentials on any bytes: no panic, findings in order, apart and inside of
//! the text.
//!
//! `cargo +nightly fuzz run tokens -- -max_len=4096 -timeout=10`
#![no_main]

use secret_files::{
    is_credential_name, looks_like_placeholder, plausible_secret, scan, scan_private_keys,
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let found = scan(bytes);
    for pair in found.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "{pair:?}");
    }
    for finding in &found {
        assert!(
            !finding.span.is_empty() && finding.span.end <= bytes.len(),
            "{finding:?}"
        );
    }
    for key in scan_private_keys(bytes) {
        assert!(
            !key.span.is_empty() && key.span.end <= bytes.len(),
            "{key:?}"
        );
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = (
        is_credential_name(&text),
        looks_like_placeholder(&text),
        plausible_secret(&text),
    );
});
