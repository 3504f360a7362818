//! Control of evaluation: `import`, `throw`, `tryEval`, `seq`, `trace`, …

use crate::eval::{Builtin, Coercion, Evaluator, Pieces, arguments};
use crate::print::Printer;
use crate::value::{
    AttrsBuilder, Eval, Hole, Reason, StringPart, Thunk, UnknownId, UnknownKind, Value, well_known,
};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("abort", 1, abort),
    Builtin::new("addErrorContext", 2, add_error_context),
    Builtin::new("break", 1, identity),
    Builtin::new("deepSeq", 2, deep_seq),
    Builtin::new("import", 1, import),
    Builtin::new("scopedImport", 2, scoped_import),
    Builtin::new("seq", 2, seq),
    Builtin::new("throw", 1, throw),
    Builtin::new("trace", 2, trace),
    Builtin::new("traceVerbose", 2, trace_verbose),
    Builtin::new("tryEval", 1, try_eval),
    Builtin::new("warn", 2, warn),
];

/// `import path`: a file of the project is its value; anything else is an external.
fn import(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let value = evaluator.force(path)?;
    if let Some(known) = evaluator.import_external(value) {
        return known;
    }
    let path = evaluator.coerce_to_path(value)?;
    let thunk = evaluator.import_path(path)?;
    evaluator.force(thunk)
}

/// `scopedImport scope path`: the file sees the attributes of `scope` as global variables.
fn scoped_import(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [scope, path] = arguments(args);
    let value = evaluator.force(path)?;
    let path = evaluator.coerce_to_path(value)?;
    let scope = evaluator.force_attrs(scope)?;
    let thunk = evaluator.scoped_import(scope, path)?;
    evaluator.force(thunk)
}

/// `seq a b`
fn seq(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [first, second] = arguments(args);
    match evaluator.force(first) {
        Err(why) if !proceeds(evaluator, why) => Err(why),
        _ => evaluator.force(second),
    }
}

/// `deepSeq a b`
fn deep_seq(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [first, second] = arguments(args);
    match evaluator.force_deep(first) {
        Err(why) if !proceeds(evaluator, why) => Err(why),
        _ => evaluator.force(second),
    }
}

/// Whether evaluation goes on after a value that was only forced, and for which there is none: if
/// it is merely not known, it may well have one.
fn proceeds(evaluator: &Evaluator, why: UnknownId) -> bool {
    evaluator.arena.unknown_kind(why) == UnknownKind::Undetermined
}

/// `throw message`
fn throw(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [message] = arguments(args);
    let text = message_text(evaluator, message)?;
    Err(evaluator.throw(text))
}

/// `abort message`
fn abort(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [message] = arguments(args);
    let text = message_text(evaluator, message)?;
    let text = format!("evaluation aborted with the following error message: '{text}'");
    Err(evaluator.unknown(Reason::Abort(text.into())))
}

/// The text of a message; what is not known in it stands there by its name.
fn message_text(evaluator: &mut Evaluator, message: Thunk) -> Eval<String> {
    let mut pieces = Pieces::default();
    evaluator.coerce_thunk(message, Coercion::PathPart, &mut pieces)?;
    let value = evaluator.pieces_value(pieces);
    let Value::String(id) = value else {
        return Ok(String::new());
    };
    let mut text = String::new();
    for part in evaluator.arena.string_parts(id).parts() {
        match part {
            StringPart::Text(part) => text.push_str(&part),
            StringPart::Hole(Hole::External(external)) => {
                text.push_str(&format!("‹{}›", evaluator.external_label(external)));
            }
            StringPart::Hole(hole) => {
                let why = evaluator.hole_unknown(hole);
                text.push_str(&format!("‹{}›", evaluator.arena.unknown_data(why).reason));
            }
        }
    }
    Ok(text)
}

/// `addErrorContext message value`
fn add_error_context(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [_, value] = arguments(args);
    evaluator.force(value)
}

/// `break value`: stops in a debugger, which there is none.
fn identity(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [value] = arguments(args);
    evaluator.force(value)
}

/// `trace message value`
fn trace(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [message, value] = arguments(args);
    let message = evaluator.force(message);
    if let Err(why) = message
        && !proceeds(evaluator, why)
    {
        return Err(why);
    }
    let line = match message {
        Ok(Value::String(id)) if let Some(text) = evaluator.arena.text(id) => text.to_string(),
        message => Printer::default().print(evaluator, message),
    };
    evaluator.push_trace(format!("trace: {line}"));
    evaluator.force(value)
}

/// `traceVerbose message value`: prints only with `--trace-verbose`, and evaluates no message
/// otherwise.
fn trace_verbose(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [_, value] = arguments(args);
    evaluator.force(value)
}

/// `warn message value`
fn warn(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [message, value] = arguments(args);
    match evaluator.force_text(message) {
        Ok(text) => evaluator.push_trace(format!("evaluation warning: {text}")),
        Err(why) if !proceeds(evaluator, why) => return Err(why),
        Err(_) => {}
    }
    evaluator.force(value)
}

/// `tryEval e`: catches `throw` and `assert`, nothing else.
fn try_eval(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [thunk] = arguments(args);
    let (success, value) = match evaluator.force(thunk) {
        Ok(_) => (evaluator.arena.ready(Value::Bool(true)), thunk),
        Err(why) => match evaluator.arena.unknown_kind(why) {
            UnknownKind::Throw => {
                let no = evaluator.arena.ready(Value::Bool(false));
                (no, no)
            }
            UnknownKind::Undetermined => {
                let unknown = evaluator.arena.failed(why);
                (unknown, unknown)
            }
            _ => return Err(why),
        },
    };
    let mut builder = AttrsBuilder::new();
    builder.insert(well_known::SUCCESS, success);
    builder.insert(well_known::VALUE, value);
    Ok(Value::Attrs(evaluator.arena.attrs(builder)))
}

impl Evaluator {
    /// Evaluates a value and everything in it, each once. The first error ends it; what is merely
    /// not known is told only if there was no error.
    pub fn force_deep(&mut self, thunk: Thunk) -> Eval<Value> {
        let value = self.force(thunk);
        let mut seen = rustc_hash::FxHashSet::default();
        let mut undecided = None;
        let mut work = vec![thunk];
        while let Some(thunk) = work.pop() {
            if !seen.insert(thunk) {
                continue;
            }
            self.step()?;
            let inner = match self.force(thunk) {
                Ok(value) => value,
                Err(why) if !proceeds(self, why) => return Err(why),
                Err(why) => {
                    undecided.get_or_insert(why);
                    continue;
                }
            };
            let start = work.len();
            match inner {
                Value::List(list) => {
                    self.check_size((work.len() + self.arena.elements(list).len()) as u64)?;
                    work.extend_from_slice(self.arena.elements(list));
                }
                Value::Attrs(set) => {
                    self.check_size((work.len() + self.arena.attrs_data(set).len()) as u64)?;
                    work.extend(
                        self.arena
                            .entries_by_name(set)
                            .iter()
                            .map(|entry| entry.value),
                    );
                }
                _ => {}
            }
            // The first comes off the stack first.
            if let Some(added) = work.get_mut(start..) {
                added.reverse();
            }
        }
        match undecided {
            Some(why) if value.is_ok() => Err(why),
            _ => value,
        }
    }
}
