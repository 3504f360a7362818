//! Any text as a module, in a closed and in an open world: no panic, no abort, within the limits.
//!
//! `fuzz/run modules 3600`
#![no_main]

mod bounded;

use nix_eval::modules::ModuleArguments;
use nix_eval::print::Printer;
use nix_eval::value::{Location, Value};

/// Options for the text to define, so that merging is reached.
const OPTIONS: &str = "{ lib, ... }: { options = with lib; {
  a = mkOption { type = types.attrsOf (types.submodule { freeformType = types.attrsOf types.anything; options.b = mkOption { type = types.listOf types.str; default = [ ]; }; }); default = { }; };
  c = mkOption { type = types.either types.lines (types.nullOr types.int); };
}; }";

libfuzzer_sys::fuzz_target!(|text: &str| {
    for is_open in [false, true] {
        bounded::evaluate("modules", |evaluator| {
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
