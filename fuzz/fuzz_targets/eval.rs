//! Evaluation of any text to the bottom, and printing: no panic, no abort, within the limits.
//!
//! `cargo +nightly fuzz run eval -- -dict=fuzz/nix.dict -max_len=4096 -timeout=20`
#![no_main]

use std::sync::Arc;

use nix_eval::print::Printer;
use nix_eval::{Evaluator, Limits, Workspace};

libfuzzer_sys::fuzz_target!(|text: &str| {
    // A folder of our own without files: what the text reads is not there.
    let root = std::env::temp_dir().join("mcp-lint-fuzz-eval");
    let Ok(project) = std::fs::create_dir_all(&root).and_then(|()| Workspace::open(&root)) else {
        return;
    };
    let limits = Limits {
        steps: 200_000,
        memory: 128 << 20,
        ..Limits::default()
    };
    let _ = Evaluator::run(Arc::new(project), limits, |evaluator| {
        let path = evaluator
            .sources
            .workspace()
            .project_root()
            .join("fuzz.nix");
        let value = evaluator.eval_text(&path, text);
        if let Ok(value) = value {
            let thunk = evaluator.ready(value);
            let _ = evaluator.force_deep(thunk);
        }
        Printer { deep: true }.print(evaluator, value).len()
    });
});
