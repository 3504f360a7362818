//! Every parser of secret files on any bytes: no panic, no abort, every place in the file, and
//! nothing that is not encrypted without a problem that says so.
//!
//! The first byte chooses the name of the file, and so the format.
//!
//! `cargo +nightly fuzz run secret_files fuzz/corpus/secret_files crates/secret-files/tests/fixtures/sops
//! crates/secret-files/tests/fixtures/age -- -max_len=8192 -timeout=10`
#![no_main]

#[path = "../../crates/secret-files/tests/invariants/mod.rs"]
mod invariants;

const NAMES: [&str; 6] = ["a.yaml", "a.json", "a.env", "a.ini", "a.bin", "a.age"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let name = NAMES
        .get(usize::from(*first) % NAMES.len())
        .copied()
        .unwrap_or("a");
    let _ = invariants::everything(name, rest);
});
