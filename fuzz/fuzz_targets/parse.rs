//! Parsing and lowering of any text: no panic, no abort, every place in the text, no id that
//! dangles, no error that is silent.
//!
//! `cargo +nightly fuzz run parse -- -dict=fuzz/nix.dict -max_len=8192`
#![no_main]

#[path = "../../crates/nix-syntax/tests/invariants/mod.rs"]
mod invariants;

libfuzzer_sys::fuzz_target!(|text: &str| invariants::check(text));
