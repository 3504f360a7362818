//! What the functions of `lib` share.

use std::rc::Rc;

use crate::eval::{Builtin, Coercion, Evaluator, Pieces, arguments};
use crate::value::{
    AttrsBuilder, AttrsId, Entry, Eval, Hole, Presence, Reason, StringData, StringId, StringPart,
    Symbol, Thunk, UnknownId, Value,
};

/// Something that is known, or why it is not determined. Errors are outside of it.
pub(super) type Known<T> = Result<T, UnknownId>;

/// Separates what is merely not determined from errors, which pass.
pub(super) fn settle<T>(evaluator: &Evaluator, result: Eval<T>) -> Eval<Known<T>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(why) if evaluator.is_error(why) => Err(why),
        Err(why) => Ok(Err(why)),
    }
}

/// A condition, decided or not.
pub(super) fn condition(evaluator: &mut Evaluator, thunk: Thunk) -> Eval<Known<bool>> {
    let result = evaluator.force_bool(thunk);
    settle(evaluator, result)
}

/// Calls a function with all of these arguments.
pub(super) fn call(evaluator: &mut Evaluator, function: Thunk, args: &[Thunk]) -> Eval<Value> {
    let mut value = evaluator.force(function)?;
    for argument in args {
        value = evaluator.apply(value, *argument)?;
    }
    Ok(value)
}

/// The call of a function with all of these arguments, when it is needed.
pub(super) fn lazy_call(evaluator: &mut Evaluator, function: Thunk, args: &[Thunk]) -> Thunk {
    args.iter().fold(function, |function, argument| {
        evaluator.lazy_apply(function, *argument)
    })
}

/// A thunk of a function of Rust with its first arguments: how a closure of `lib` is made.
pub(super) fn function_thunk(
    evaluator: &mut Evaluator,
    builtin: &'static Builtin,
    arguments: &[Thunk],
) -> Thunk {
    let value = evaluator.partial(builtin, arguments);
    evaluator.arena.ready(value)
}

/// The builtin of that name.
pub(super) fn builtin_thunk(evaluator: &mut Evaluator, name: &str) -> Option<Thunk> {
    let builtins = evaluator.symbol("builtins");
    let builtins = evaluator.global(builtins)?;
    let Ok(Value::Attrs(set)) = evaluator.force(builtins) else {
        return None;
    };
    let symbol = evaluator.symbol(name);
    evaluator
        .arena
        .attribute(set, symbol)
        .map(|entry| entry.value)
}

/// Calls the builtin of that name.
pub(super) fn call_builtin(evaluator: &mut Evaluator, name: &str, args: &[Thunk]) -> Eval<Value> {
    match builtin_thunk(evaluator, name) {
        Some(function) => call(evaluator, function, args),
        None => Err(evaluator.undetermined(format!("`builtins.{name}`"))),
    }
}

/// A thunk of a name's string.
pub(super) fn name_thunk(evaluator: &mut Evaluator, name: Symbol) -> Thunk {
    let value = Value::String(evaluator.arena.symbol_string(name));
    evaluator.arena.ready(value)
}

/// A thunk of an integer.
pub(super) fn int_thunk(evaluator: &mut Evaluator, int: usize) -> Thunk {
    evaluator
        .arena
        .ready(Value::Int(i64::try_from(int).unwrap_or(i64::MAX)))
}

/// `{ name = …; value = …; }`
pub(super) fn pair(evaluator: &mut Evaluator, name: Thunk, value: Thunk) -> Value {
    Value::Attrs(evaluator.set_of(&[("name", name), ("value", value)]))
}

/// Elements of a place where it is not known what is there.
pub(super) fn unknown_elements(evaluator: &mut Evaluator, why: UnknownId) -> (Thunk, Presence) {
    (evaluator.arena.failed(why), Presence::Many(why))
}

/// The entries of a set value in the order of their names, and why there may be more. What is not
/// known may have any attribute.
pub(super) fn attributes(
    evaluator: &mut Evaluator,
    set: Thunk,
) -> Eval<(Vec<Entry>, Option<UnknownId>)> {
    let set = evaluator.force_attrs(set)?;
    Ok((
        evaluator.arena.entries_by_name(set),
        evaluator.arena.attrs_data(set).open,
    ))
}

/// The presence of a list element made from an attribute.
pub(super) const fn presence_of(entry: &Entry) -> Presence {
    match entry.maybe {
        None => Presence::Certain,
        Some(why) => Presence::Maybe(why),
    }
}

/// A list value of elements that may be uncertain.
pub(super) fn list_of(evaluator: &mut Evaluator, items: &[(Thunk, Presence)]) -> Value {
    Value::List(evaluator.arena.list_of(items))
}

/// A string with another one's context.
pub(super) fn string_like(evaluator: &mut Evaluator, text: &str, like: StringId) -> Value {
    let context = evaluator.arena.string_context(like);
    Value::String(
        evaluator
            .arena
            .string_data(StringData::Text(Rc::from(text)), context),
    )
}

/// A string of these pieces with another one's context.
pub(super) fn parts_like(
    evaluator: &mut Evaluator,
    parts: impl IntoIterator<Item = StringPart>,
    like: StringId,
) -> Value {
    let context = evaluator.arena.string_context(like);
    Value::String(
        evaluator
            .arena
            .string_data(StringData::from_parts(parts), context),
    )
}

/// Changes a string's text by a function that inspects the whole of it. The result of a string with
/// holes is not known.
pub(super) fn map_whole(
    evaluator: &mut Evaluator,
    string: StringId,
    change: impl FnOnce(&str) -> String,
) -> Eval<Value> {
    evaluator.check_escape_room(string)?;
    match evaluator.arena.string_parts(string).clone() {
        StringData::Text(text) => Ok(string_like(evaluator, &change(&text), string)),
        StringData::Parts(_) => {
            let why = hole_reason(evaluator, string);
            let context = evaluator.arena.string_context(string);
            Ok(evaluator.unknown_string(why, context))
        }
    }
}

/// A function's string argument, changed as by [`map_characters`].
pub(super) fn mapped_argument(
    evaluator: &mut Evaluator,
    args: &[Thunk],
    keeps: impl Fn(Hole) -> bool,
    change: impl Fn(&str) -> String,
) -> Eval<Value> {
    let [string] = arguments(args);
    let string = string_argument(evaluator, string)?;
    map_characters(evaluator, string, keeps, change)
}

/// Changes a string's text by a function that inspects each character alone. `keeps` decides which
/// holes it leaves as they are.
pub(super) fn map_characters(
    evaluator: &mut Evaluator,
    string: StringId,
    keeps: impl Fn(Hole) -> bool,
    change: impl Fn(&str) -> String,
) -> Eval<Value> {
    evaluator.check_escape_room(string)?;
    let mut changed = Vec::new();
    for part in evaluator.arena.string_parts(string).parts() {
        changed.push(match part {
            StringPart::Text(text) => StringPart::Text(Rc::from(change(&text))),
            StringPart::Hole(hole) if keeps(hole) => part,
            StringPart::Hole(hole) => StringPart::Hole(Hole::Unknown(evaluator.hole_unknown(hole))),
        });
    }
    Ok(parts_like(evaluator, changed, string))
}

/// Whether a hole is taken for a store path, which only has letters, digits and `+-._?=/`.
pub(super) const fn is_store_path(hole: Hole) -> bool {
    matches!(hole, Hole::Source(_) | Hole::External(_))
}

/// Why a string with holes is not known.
pub(super) fn hole_reason(evaluator: &mut Evaluator, string: StringId) -> UnknownId {
    match evaluator.arena.first_hole(string) {
        Some(hole) => evaluator.hole_unknown(hole),
        None => evaluator.undetermined("a string that is not known"),
    }
}

/// A Boolean that a predicate gives for an element or attribute; `doubt` is the reason why that may not be
/// there: then an error of the predicate is none of the configuration's.
pub(super) fn test(
    evaluator: &mut Evaluator,
    predicate: Thunk,
    args: &[Thunk],
    doubt: Option<UnknownId>,
) -> Eval<Known<bool>> {
    let result = call(evaluator, predicate, args).and_then(|value| evaluator.expect_bool(value));
    match (settle(evaluator, result), doubt) {
        (Err(_), Some(doubt)) => Ok(Err(doubt)),
        (result, _) => result,
    }
}

/// The names of an attribute path.
pub(super) fn attribute_path(evaluator: &mut Evaluator, path: Thunk) -> Eval<Vec<Symbol>> {
    let items = evaluator.force_exact_list(path)?;
    items
        .into_iter()
        .map(|item| {
            let name = evaluator.force(item)?;
            evaluator.attribute_name(name)
        })
        .collect()
}

/// A set, or why its attributes are not known.
#[derive(Clone, Copy)]
pub(super) enum Operand {
    /// Known as far as a set is.
    Set(AttrsId),
    /// Any attributes.
    Unknown(UnknownId),
}

impl Operand {
    /// The set that a value is expected to be.
    pub(super) fn of(evaluator: &mut Evaluator, value: Eval<Value>) -> Eval<Self> {
        match value {
            Ok(Value::Attrs(set)) => Ok(Self::Set(set)),
            Ok(Value::External(external)) => {
                Ok(Self::Unknown(evaluator.external_unknown(external)))
            }
            Ok(other) => Err(evaluator.type_error(other, "a set")),
            Err(why) if evaluator.is_error(why) => Err(why),
            Err(why) => Ok(Self::Unknown(why)),
        }
    }

    /// Its known attributes, sorted by symbol.
    pub(super) fn entries(self, evaluator: &Evaluator) -> Vec<Entry> {
        match self {
            Self::Set(set) => evaluator.arena.entries_to_vec(set),
            Self::Unknown(_) => Vec::new(),
        }
    }

    /// The attribute of that name.
    pub(super) fn attribute(self, evaluator: &Evaluator, name: Symbol) -> Option<Entry> {
        match self {
            Self::Set(set) => evaluator.arena.attribute(set, name),
            Self::Unknown(_) => None,
        }
    }

    /// Why it may have more attributes.
    pub(super) fn open(self, evaluator: &Evaluator) -> Option<UnknownId> {
        match self {
            Self::Set(set) => evaluator.arena.attrs_data(set).open,
            Self::Unknown(why) => Some(why),
        }
    }
}

/// An argument as a string, by what string functions make of it: a string, a path, something with
/// `outPath` or `__toString`.
pub(super) fn string_argument(evaluator: &mut Evaluator, thunk: Thunk) -> Eval<StringId> {
    let value = evaluator.force(thunk)?;
    match evaluator.coerce(value, Coercion::Interpolation)? {
        Value::String(id) => {
            evaluator.check_string_room(id)?;
            Ok(id)
        }
        other => Err(evaluator.type_error(other, "a string")),
    }
}

/// The text of [`string_argument`] if it has no holes.
pub(super) fn text_argument(evaluator: &mut Evaluator, thunk: Thunk) -> Eval<Rc<str>> {
    let string = string_argument(evaluator, thunk)?;
    evaluator.expect_text(Value::String(string))
}

/// Pieces of a string as they are built from text and values.
pub(super) struct StringBuilder {
    pieces: Pieces,
}

impl StringBuilder {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self {
            pieces: Pieces::default(),
        }
    }

    /// How many bytes there are by now.
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Adds text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.pieces.push_text(text);
        self
    }

    /// Adds a value as it is interpolated; what is not known leaves a hole.
    pub(super) fn value(&mut self, evaluator: &mut Evaluator, value: Thunk) -> Eval<&mut Self> {
        evaluator.coerce_thunk(value, Coercion::Interpolation, &mut self.pieces)?;
        Ok(self)
    }

    /// Adds a string or, where there is none, a hole.
    pub(super) fn result(
        &mut self,
        evaluator: &mut Evaluator,
        value: Eval<Value>,
    ) -> Eval<&mut Self> {
        let thunk = match value {
            Ok(value) => evaluator.arena.ready(value),
            Err(why) => evaluator.arena.failed(why),
        };
        self.value(evaluator, thunk)
    }

    /// The string.
    pub(super) fn finish(self, evaluator: &mut Evaluator) -> Value {
        evaluator.pieces_value(self.pieces)
    }
}

/// A function among the options of a call: the one that is given, else the default.
pub(super) fn option_or(
    evaluator: &mut Evaluator,
    options: AttrsId,
    name: &str,
    default: &'static Builtin,
) -> Eval<Thunk> {
    match option(evaluator, options, name)? {
        Some(given) => Ok(given),
        None => Ok(function_thunk(evaluator, default, &[])),
    }
}

/// One of the options of a call, if it is given.
pub(super) fn option(
    evaluator: &mut Evaluator,
    options: AttrsId,
    name: &str,
) -> Eval<Option<Thunk>> {
    let symbol = evaluator.symbol(name);
    match evaluator.arena.attribute(options, symbol) {
        Some(Entry {
            value, maybe: None, ..
        }) => Ok(Some(value)),
        Some(Entry {
            maybe: Some(why), ..
        }) => Err(why),
        None => evaluator
            .arena
            .attrs_data(options)
            .open
            .map_or(Ok(None), Err),
    }
}

/// A Boolean among the options of a call.
pub(super) fn flag(
    evaluator: &mut Evaluator,
    options: AttrsId,
    name: &str,
    default: bool,
) -> Eval<bool> {
    match option(evaluator, options, name)? {
        Some(given) => evaluator.force_bool(given),
        None => Ok(default),
    }
}

/// An option that every call must give.
pub(super) fn required(evaluator: &mut Evaluator, options: AttrsId, name: &str) -> Eval<Thunk> {
    match option(evaluator, options, name)? {
        Some(given) => Ok(given),
        None => {
            let message = format!("function called without required argument '{name}'");
            Err(evaluator.error(message))
        }
    }
}

/// A namespace inside a namespace: a set of these functions.
pub(super) fn function_set(evaluator: &mut Evaluator, functions: &'static [Builtin]) -> Value {
    let mut builder = AttrsBuilder::with_capacity(functions.len());
    for function in functions {
        let value = function_thunk(evaluator, function, &[]);
        let name = evaluator.symbol(function.name);
        builder.insert(name, value);
    }
    Value::Attrs(evaluator.arena.attrs(builder))
}

/// An error as `throw` raises it.
pub(super) fn throw(evaluator: &mut Evaluator, message: impl Into<Rc<str>>) -> UnknownId {
    evaluator.unknown(Reason::Throw(message.into()))
}
