//! The command line: arguments, exit codes, messages. Each case is a file in `tests/cmd`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

#[test]
fn cases() {
    trycmd::TestCases::new()
        // No place for results of other runs.
        .env("HOME", "")
        .env("XDG_CACHE_HOME", "")
        .case("tests/cmd/*.trycmd")
        .case("tests/cmd/*.toml");
}
