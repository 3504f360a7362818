//! The functions of flake-utils that every project calls.

use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{AttrsBuilder, Entry, Eval, Symbol, Thunk, Value};

pub(super) static EACH_DEFAULT_SYSTEM: Builtin = Builtin {
    name: "eachDefaultSystem",
    arity: 1,
    run: each_default_system,
};
pub(super) static EACH_SYSTEM: Builtin = Builtin {
    name: "eachSystem",
    arity: 2,
    run: each_system,
};

/// The systems that flake-utils calls default.
const DEFAULT_SYSTEMS: [&str; 4] = [
    "x86_64-linux",
    "aarch64-linux",
    "x86_64-darwin",
    "aarch64-darwin",
];

fn each_default_system(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [function] = arguments(args);
    let systems: Vec<Thunk> = DEFAULT_SYSTEMS
        .iter()
        .map(|system| evaluator.string_thunk(system))
        .collect();
    let systems = evaluator.list(&systems);
    let systems = evaluator.arena.ready(systems);
    each_system(evaluator, &[systems, function])
}

/// `eachSystem systems f`: `{ packages.<system> = (f system).packages; … }`
fn each_system(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [systems, function] = arguments(args);
    let systems = match evaluator.force_exact_list(systems) {
        Ok(systems) => systems,
        // `flake-utils.lib.allSystems`: enough to see what is there.
        Err(_) => DEFAULT_SYSTEMS
            .iter()
            .map(|system| evaluator.string_thunk(system))
            .collect(),
    };
    let mut names: Vec<Symbol> = Vec::new();
    let mut outputs: Vec<(Symbol, Symbol, Entry)> = Vec::new();
    let mut open = None;
    for system in systems {
        let name = evaluator.force(system)?;
        let name = evaluator.attribute_name(name)?;
        match evaluator.call(function, system) {
            Ok(Value::Attrs(set)) => {
                open = open.or(evaluator.arena.attrs_data(set).open);
                for entry in evaluator.arena.entries(set).to_vec() {
                    if !names.contains(&entry.name) {
                        names.push(entry.name);
                    }
                    outputs.push((entry.name, name, entry));
                }
            }
            Ok(other) => return Err(evaluator.type_error(other, "a set")),
            Err(why) => open = open.or(Some(why)),
        }
    }
    let mut builder = AttrsBuilder::new();
    for name in names {
        let mut inner = AttrsBuilder::new();
        for (_, system, entry) in outputs.iter().filter(|(output, ..)| *output == name) {
            inner.push(Entry {
                name: *system,
                ..*entry
            });
        }
        let inner = Value::Attrs(evaluator.arena.attrs(inner));
        let inner = evaluator.arena.ready(inner);
        builder.insert(name, inner);
    }
    if let Some(why) = open {
        builder.open(why);
    }
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}
