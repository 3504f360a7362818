//! Any text as a module, in a closed and in an open world: no panic, no abort, within the limits.
//!
//! `cargo +nightly fuzz run modules -- -dict=fuzz/nix.dict -max_len=4096 -timeout=20`
#![no_main]

use std::sync::Arc;

use nix_eval::modules::ModuleArguments;
use nix_eval::print::Printer;
use nix_eval::value::{Location, Value};
use nix_eval::{Evaluator, Limits, Workspace};

/// Options for the text to define, so that merging is reached.
const OPTIONS: &str = "{ lib, ... }: { options = with lib; {
  a = mkOption { type = types.attrsOf (types.submodule { freeformType = types.attrsOf types.anything; options.b = mkOption { type = types.listOf types.str; default = [ ]; }; }); default = { }; };
  c = mkOption { type = types.either types.lines (types.nullOr types.int); };
}; }";

libfuzzer_sys::fuzz_target!(|text: &str| {
    let root = std::env::temp_dir().join("mcp-lint-fuzz-modules");
    let Ok(project) = std::fs::create_dir_all(&root).and_then(|()| Workspace::open(&root)) else {
        return;
    };
    let project = Arc::new(project);
    let limits = Limits {
        steps: 200_000,
        memory: 128 << 20,
        ..Limits::default()
    };
    for is_open in [false, true] {
        Evaluator::run(Arc::clone(&project), limits, |evaluator| {
            let path = evaluator
                .sources
                .workspace()
                .project_root()
                .join("fuzz.nix");
            let mut modules = Vec::new();
            for text in [OPTIONS, text] {
                let module = match evaluator.eval_text(&path, text) {
                    Ok(value) => evaluator.ready(value),
                    Err(why) => evaluator.failed(why),
                };
                modules.push((module, None));
            }
            let Ok(Value::Attrs(special_arguments)) = evaluator.eval_text(&path, "{ }") else {
                return;
            };
            let why = evaluator.undetermined("an open world");
            let configuration = evaluator.configuration(ModuleArguments {
                modules,
                special_arguments,
                prefix: Location::from([]),
                class: None,
                open: is_open.then_some(why),
                file: "fuzz.nix".into(),
                check: !is_open,
            });
            for thunk in [configuration.config, configuration.options] {
                let value = evaluator.force(thunk);
                let _ = Printer { deep: true }.print(evaluator, value);
            }
        });
    }
});
