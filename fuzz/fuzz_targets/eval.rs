//! Evaluation of any text to the bottom, and printing: no panic, no abort, within the limits.
//!
//! `fuzz/run eval 3600`
#![no_main]

mod bounded;

use nix_eval::print::Printer;

libfuzzer_sys::fuzz_target!(|text: &str| {
    bounded::evaluate("eval", |evaluator| {
        let path = evaluator.sources.workspace().project_root();
        let value = evaluator.eval_text(&path.join("fuzz.nix"), text);
        if let Ok(value) = value {
            let thunk = evaluator.ready(value);
            let _ = evaluator.force_deep(thunk);
        }
        let _ = Printer { deep: true }.print(evaluator, value);
    });
});
