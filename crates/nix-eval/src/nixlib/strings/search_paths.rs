//! Search paths of packages: `PATH` and its kind.

use super::super::attrsets::output_of;
use super::super::support::{StringBuilder, settle};
use super::concat::concat_with;
use crate::eval::{Evaluator, arguments};
use crate::value::{Eval, Thunk, Value};

/// `directory` of each of these that is not null, with colons between them.
fn search_path(
    evaluator: &mut Evaluator,
    output: Option<&str>,
    directory: &str,
    packages: Thunk,
) -> Eval<Value> {
    let list = evaluator.force_list(packages)?;
    let mut items = Vec::new();
    for (package, presence) in evaluator.arena.list_items(list) {
        let value = evaluator.force(package);
        if let Ok(Ok(Value::Null)) = settle(evaluator, value) {
            continue;
        }
        let outputs: Vec<&str> = output.into_iter().collect();
        let package = match outputs.as_slice() {
            [] => Ok(package),
            outputs => {
                output_of(evaluator, package, outputs).map(|value| evaluator.arena.ready(value))
            }
        };
        let mut builder = StringBuilder::new();
        match package {
            Ok(package) => builder.value(evaluator, package)?,
            Err(why) => builder.result(evaluator, Err(why))?,
        };
        builder.text("/").text(directory);
        let path = builder.finish(evaluator);
        items.push((evaluator.arena.ready(path), presence));
    }
    concat_with(evaluator, ":", &items)
}

/// `makeSearchPath directory paths`
pub(super) fn make_search_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [directory, paths] = arguments(args);
    let directory = evaluator.force_text(directory)?;
    search_path(evaluator, None, &directory, paths)
}

/// `makeSearchPathOutput output directory packages`
pub(super) fn make_search_path_output(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [output, directory, packages] = arguments(args);
    let output = evaluator.force_text(output)?;
    let directory = evaluator.force_text(directory)?;
    search_path(evaluator, Some(&output), &directory, packages)
}

/// `makeBinPath packages`
pub(super) fn make_bin_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [packages] = arguments(args);
    search_path(evaluator, Some("bin"), "bin", packages)
}

/// `makeLibraryPath packages`
pub(super) fn make_library_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [packages] = arguments(args);
    search_path(evaluator, Some("lib"), "lib", packages)
}

/// `makeIncludePath packages`
pub(super) fn make_include_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [packages] = arguments(args);
    search_path(evaluator, Some("dev"), "include", packages)
}
