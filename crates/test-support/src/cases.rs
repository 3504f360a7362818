//! A suite whose cases are files: each is a test of its own, which can be asked for by name.

use std::process::ExitCode;

use libtest_mimic::Arguments;
pub use libtest_mimic::Trial;

/// The test of one case, which fails if `test` panics.
pub fn case(name: &str, test: impl FnOnce() + Send + 'static) -> Trial {
    let test = move || {
        test();
        Ok(())
    };
    Trial::test(plain(name), test)
}

/// The tests that these functions are, named after them: those of a suite that are no files.
#[macro_export]
macro_rules! cases {
    ($($test:ident),* $(,)?) => { vec![$($crate::case(stringify!($test), $test)),*] };
}

/// Runs the cases that the arguments of `cargo test` ask for: the `main` of a test without a harness.
/// A hyphen and an underscore are the same, so that a lint is found by its name and by its folder.
#[must_use]
pub fn run(cases: Vec<Trial>) -> ExitCode {
    let mut arguments = Arguments::from_args();
    let asked = arguments.filter.iter_mut().chain(&mut arguments.skip);
    asked.for_each(|name| *name = plain(name));
    libtest_mimic::run(&arguments, cases).exit_code()
}

fn plain(name: &str) -> String {
    name.replace('-', "_")
}
