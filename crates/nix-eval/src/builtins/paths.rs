//! Paths, and files and folders that go to the store.

use std::rc::Rc;

use crate::eval::{Builtin, Evaluator, Pieces, arguments};
use crate::value::{
    AttrsId, ContextId, Eval, Hole, PathId, StringData, StringPart, Thunk, Value, well_known,
};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("baseNameOf", 1, base_name_of),
    Builtin::new("dirOf", 1, dir_of),
    Builtin::new("filterSource", 2, filter_source),
    Builtin::new("findFile", 2, find_file),
    Builtin::new("path", 1, path),
    Builtin::new("storePath", 1, store_path),
    Builtin::new("toPath", 1, to_path),
];

/// `baseNameOf path`
fn base_name_of(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let (data, context) = evaluator.force_coerced(path)?;
    let (text, is_whole) = match &data {
        StringData::Text(text) => (Rc::clone(text), true),
        StringData::Parts(parts) => match parts.last() {
            Some(StringPart::Text(text)) => (Rc::clone(text), false),
            _ => (Rc::from(""), false),
        },
    };
    let trimmed = match text.strip_suffix('/') {
        Some(trimmed) if !trimmed.is_empty() || !is_whole => trimmed,
        _ => &*text,
    };
    let name = match trimmed.rsplit_once('/') {
        Some((_, name)) => name,
        None if is_whole => trimmed,
        None => {
            let why = evaluator.first_unknown(&data.parts());
            return Ok(evaluator.unknown_string(why, context));
        }
    };
    let data = StringData::Text(Rc::from(name));
    Ok(Value::String(evaluator.arena.string_data(data, context)))
}

/// `dirOf path`: a path of a path, a string of a string.
fn dir_of(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    if let Value::Path(path) = evaluator.force(path)? {
        let text = evaluator.arena.path_text(path);
        let parent = match text.rsplit_once('/') {
            Some(("", _)) | None => "/",
            Some((parent, _)) => parent,
        };
        return Ok(Value::Path(evaluator.arena.path(parent)));
    }
    let (data, context) = evaluator.force_coerced(path)?;
    let mut parts = data.parts();
    let last = match parts.pop() {
        Some(StringPart::Text(text)) => text,
        Some(hole) => {
            // A store path: its folder is the store. Anything else is not known.
            parts.push(hole);
            let why = evaluator.first_unknown(&parts);
            return Ok(evaluator.unknown_string(why, context));
        }
        None => Rc::from(""),
    };
    let parent = match (last.rsplit_once('/'), parts.is_empty()) {
        (Some(("", _)), true) => "/",
        (Some((parent, _)), _) => parent,
        (None, true) => ".",
        (None, false) => {
            let why = evaluator.first_unknown(&parts);
            return Ok(evaluator.unknown_string(why, context));
        }
    };
    parts.push(StringPart::Text(Rc::from(parent)));
    let data = StringData::from_parts(parts);
    Ok(Value::String(evaluator.arena.string_data(data, context)))
}

/// `toPath x`: the text of an absolute path.
fn to_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let (path, context) = evaluator.force_path(path)?;
    let data = StringData::Text(evaluator.arena.path_text(path));
    Ok(Value::String(evaluator.arena.string_data(data, context)))
}

/// A file or folder in the store.
fn in_store(evaluator: &mut Evaluator, path: PathId, context: ContextId) -> Value {
    let mut pieces = Pieces::default();
    pieces.push(StringPart::Hole(Hole::Source(path)));
    evaluator.push_context(&mut pieces, context);
    evaluator.pieces_value(pieces)
}

/// A path that goes to the store, or why it is not known.
fn source(evaluator: &mut Evaluator, thunk: Thunk) -> Eval<Value> {
    match evaluator.force_path(thunk) {
        Ok((path, context)) => Ok(in_store(evaluator, path, context)),
        Err(why) if evaluator.is_error(why) => Err(why),
        Err(why) => Ok(evaluator.unknown_string(why, ContextId::default())),
    }
}

/// `filterSource predicate path`: what of the folder goes along is not looked at.
fn filter_source(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [predicate, path] = arguments(args);
    let result = source(evaluator, path)?;
    if let Err(why) = evaluator.force_function(predicate)
        && evaluator.is_error(why)
    {
        return Err(why);
    }
    Ok(result)
}

/// `path { path; name ? …; filter ? …; recursive ? …; sha256 ? …; }`
fn path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [set] = arguments(args);
    let set = evaluator.force_attrs(set)?;
    check_path_arguments(evaluator, set)?;
    match evaluator.arena.attribute(set, well_known::PATH) {
        Some(entry) => source(evaluator, entry.value),
        None => match evaluator.arena.attrs_data(set).open {
            Some(why) => Ok(evaluator.unknown_string(why, ContextId::default())),
            None => Err(evaluator.error(
                "missing required 'path' attribute in the first argument to 'builtins.path'",
            )),
        },
    }
}

fn check_path_arguments(evaluator: &mut Evaluator, set: AttrsId) -> Eval<()> {
    for entry in evaluator.arena.entries_by_name(set) {
        let name = evaluator.name(entry.name);
        let checked = match &*name {
            "path" => Ok(()),
            "name" | "sha256" => evaluator.force_string(entry.value).map(drop),
            "filter" => evaluator.force_function(entry.value).map(drop),
            "recursive" => evaluator.force_bool(entry.value).map(drop),
            _ => Err(evaluator.error(format!("unsupported argument '{name}' to 'builtins.path'"))),
        };
        match checked {
            Err(why) if evaluator.is_error(why) && entry.maybe.is_none() => return Err(why),
            _ => {}
        }
    }
    Ok(())
}

/// `storePath path`: something that is in the store already.
fn store_path(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let (path, context) = evaluator.force_path(path)?;
    let text = evaluator.arena.path_text(path);
    if !text.starts_with("/nix/store/") {
        let why = evaluator.undetermined(format!("the store path of `{text}`"));
        return Ok(evaluator.unknown_string(why, context));
    }
    let element: Rc<str> = text.split('/').take(4).collect::<Vec<_>>().join("/").into();
    let more = evaluator.arena.context_of(vec![element]);
    let context = evaluator.arena.join_contexts(context, more);
    Ok(Value::String(
        evaluator.arena.string_data(StringData::Text(text), context),
    ))
}

/// `findFile searchPath name`: the first entry of the search path that holds the name.
pub(crate) fn find_file(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [search_path, name] = arguments(args);
    let search_path = evaluator.force_exact_list(search_path)?;
    let name = evaluator.force_text(name)?;
    evaluator.find_file(&search_path, &name)
}
