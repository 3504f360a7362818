//! The command line: arguments, exit codes, messages. Each case is a file in `tests/cmd`.

#[test]
fn cases() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .case("tests/cmd/*.toml");
}
