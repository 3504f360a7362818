//! The machine, the clock and Nix itself: what differs from one evaluation to the next is not known.

use std::rc::Rc;

use crate::eval::{Builtin, Evaluator, arguments};
use crate::value::{
    AttrsBuilder, ContextId, Entry, Eval, Hole, Position, StringData, StringPart, Thunk, Value,
};

pub(super) const BUILTINS: &[Builtin] = &[Builtin::new("getEnv", 1, get_env)];

/// `getEnv name`: the variable where the evaluation has an environment, else the empty string, as in a
/// pure evaluation.
fn get_env(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [name] = arguments(args);
    let name = evaluator.force_text(name)?;
    let variables = evaluator.environment.variables.as_ref();
    let value = variables
        .and_then(|variables| variables.get(&*name))
        .cloned();
    Ok(evaluator.string(&value.unwrap_or_default()))
}

/// Adds the values of `builtins` that are not functions.
pub(super) fn add_constants(evaluator: &mut Evaluator, builder: &mut AttrsBuilder) {
    for (name, value) in [
        ("true", Value::Bool(true)),
        ("false", Value::Bool(false)),
        ("null", Value::Null),
    ] {
        let thunk = evaluator.arena.ready(value);
        let symbol = evaluator.symbol(name);
        builder.insert(symbol, thunk);
        evaluator.set_nix_global(name, thunk);
    }
    let store = evaluator.string("/nix/store");
    for (name, value) in [("langVersion", Value::Int(6)), ("storeDir", store)] {
        let thunk = evaluator.arena.ready(value);
        let symbol = evaluator.symbol(name);
        builder.insert(symbol, thunk);
        evaluator.set_nix_global(&format!("__{name}"), thunk);
    }
    // A pure evaluation, as of a flake, has neither the time nor the system.
    for name in ["currentSystem", "currentTime"] {
        let why = evaluator.undetermined(format!("`builtins.{name}`"));
        let value = evaluator.arena.failed(why);
        let symbol = evaluator.symbol(name);
        builder.push(Entry {
            name: symbol,
            value,
            position: Position::NONE,
            maybe: Some(why),
        });
        evaluator.set_nix_global(&format!("__{name}"), value);
    }
    // Every Nix since 2018, and Lix, is 2 of something.
    let why = evaluator.undetermined("`builtins.nixVersion`".to_owned());
    let parts = [
        StringPart::Text(Rc::from("2.")),
        StringPart::Hole(Hole::Unknown(why)),
    ];
    let version = evaluator
        .arena
        .string_data(StringData::Parts(Rc::from(parts)), ContextId::default());
    let version = evaluator.arena.ready(Value::String(version));
    let symbol = evaluator.symbol("nixVersion");
    builder.insert(symbol, version);
    evaluator.set_nix_global("__nixVersion", version);
    let search_path = evaluator.lazy(|evaluator| {
        let search_path = evaluator.search_path_list();
        evaluator.force(search_path)
    });
    let symbol = evaluator.symbol("nixPath");
    builder.insert(symbol, search_path);
    evaluator.set_nix_global("__nixPath", search_path);
}
