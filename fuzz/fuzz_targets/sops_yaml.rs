//! The yaml store of sops.
//!
//! `cargo +nightly fuzz run sops_yaml -- -max_len=8192 -timeout=60`
#![no_main]

mod stores;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stores::check(secret_files::SopsFormat::Yaml, bytes));
