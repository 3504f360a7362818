//! Configurations made of option types, properties and submodules that contain each other: no panic, no
//! abort, within the limits. With `MCP_LINT_FUZZ_SHOW` it prints the program of each input.
//!
//! `fuzz/run types 3600`
#![no_main]

mod bounded;
mod generate;

use libfuzzer_sys::arbitrary::Unstructured;
use nix_eval::print::Printer;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(program) = generate::program(&mut Unstructured::new(bytes)) else {
        return;
    };
    if std::env::var_os("MCP_LINT_FUZZ_SHOW").is_some() {
        println!("{program}");
    }
    bounded::evaluate("types", |evaluator| {
        let path = evaluator.sources.workspace().project_root();
        let value = evaluator.eval_text(&path.join("fuzz.nix"), &program);
        let _ = Printer { deep: true }.print(evaluator, value);
    });
});
