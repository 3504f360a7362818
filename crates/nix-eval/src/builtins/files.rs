//! Reading files: inside the project, and nowhere else. What lies outside is not known.

use rustc_hash::FxHashMap;

use crate::eval::{Builtin, Evaluator, State, arguments};
use crate::value::{
    AttrsBuilder, AttrsId, ContextId, Eval, PathId, StringData, StringId, Thunk, Value,
};
use nix_source::ReadError;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("pathExists", 1, path_exists),
    Builtin::new("readDir", 1, read_dir),
    Builtin::new("readFile", 1, read_file),
    Builtin::new("readFileType", 1, read_file_type),
];

/// What was read: each host of a project reads the same files again.
#[derive(Debug, Default)]
pub(crate) struct FilesRead {
    texts: FxHashMap<(PathId, ContextId), StringId>,
    directories: FxHashMap<PathId, AttrsId>,
}

impl State for FilesRead {}

impl Evaluator {
    /// The path that a thunk's value names, and the context of its text: what is read from a marked
    /// path is marked itself.
    pub(crate) fn force_path(&mut self, thunk: Thunk) -> Eval<(PathId, ContextId)> {
        let value = self.force(thunk)?;
        let context = match value {
            Value::String(id) => self.arena.string_context(id),
            Value::Attrs(_) => {
                let (data, context) = self.force_coerced(thunk)?;
                let string = Value::String(self.arena.string_data(data, context));
                return self.coerce_to_path(string).map(|path| (path, context));
            }
            _ => ContextId::default(),
        };
        self.coerce_to_path(value).map(|path| (path, context))
    }

    /// The text of a file whose bytes are wanted; `None` if it cannot be read or is withheld, or is no text.
    pub fn text_of_file(
        &mut self,
        path: PathId,
        is_wanted: impl Fn(&[u8]) -> bool,
    ) -> Option<String> {
        let name = self.arena.path_text(path);
        let name = std::path::Path::new(&*name);
        let bytes = self.sources.read(name).ok().filter(|it| is_wanted(it))?;
        String::from_utf8(self.shown(name, bytes).ok()?).ok()
    }

    /// The bytes of a file.
    pub(crate) fn read_path(&mut self, path: PathId) -> Eval<Vec<u8>> {
        let text = self.arena.path_text(path);
        match self.sources.read(std::path::Path::new(&*text)) {
            Ok(bytes) => self.shown(std::path::Path::new(&*text), bytes),
            Err(error) => Err(self.read_error(&text, &error)),
        }
    }
}

/// `readFile path`
fn read_file(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let context = match evaluator.force(path)? {
        Value::String(id) => evaluator.arena.string_context(id),
        _ => ContextId::default(),
    };
    let forced = evaluator.force_path(path);
    if let Ok(key) = forced
        && let Some(known) = evaluator.state::<FilesRead>().texts.get(&key)
    {
        return Ok(Value::String(*known));
    }
    let read = forced.and_then(|(path, context)| {
        evaluator
            .read_path(path)
            .map(|bytes| (path, context, bytes))
    });
    match read {
        Ok((path, _, bytes)) if bytes.contains(&0) => {
            let path = evaluator.arena.path_text(path);
            Err(evaluator.error(format!(
                "the contents of the file '{path}' cannot be represented as a Nix string"
            )))
        }
        Ok((path, context, bytes)) => {
            let value = evaluator.string_of_bytes(bytes, context)?;
            if let Value::String(id) = value
                && evaluator.arena.text(id).is_some()
            {
                evaluator
                    .state_mut::<FilesRead>()
                    .texts
                    .insert((path, context), id);
            }
            Ok(value)
        }
        Err(why) if evaluator.is_error(why) => Err(why),
        // It is a string, whatever is in it.
        Err(why) => Ok(evaluator.unknown_string(why, context)),
    }
}

/// `readDir path`
fn read_dir(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let (path, _) = evaluator.force_path(path)?;
    if let Some(known) = evaluator.state::<FilesRead>().directories.get(&path) {
        return Ok(Value::Attrs(*known));
    }
    let text = evaluator.arena.path_text(path);
    let entries = match evaluator
        .sources
        .read_directory(std::path::Path::new(&*text))
    {
        Ok(entries) => entries,
        Err(error) => return Err(evaluator.read_error(&text, &error)),
    };
    let mut builder = AttrsBuilder::with_capacity(entries.len());
    for (name, kind) in entries {
        let name = evaluator.symbol(&name);
        let kind = evaluator.symbol(kind.name());
        let kind = Value::String(evaluator.arena.symbol_string(kind));
        let kind = evaluator.arena.ready(kind);
        builder.insert(name, kind);
    }
    let set = evaluator.arena.attrs(builder);
    evaluator
        .state_mut::<FilesRead>()
        .directories
        .insert(path, set);
    Ok(Value::Attrs(set))
}

/// `readFileType path`: a symbolic link is one, wherever it leads.
fn read_file_type(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [path] = arguments(args);
    let (path, _) = evaluator.force_path(path)?;
    let text = evaluator.arena.path_text(path);
    match evaluator.sources.entry_kind(std::path::Path::new(&*text)) {
        Ok(Some(kind)) => Ok(evaluator.string(kind.name())),
        Ok(None) => Err(evaluator.read_error(&text, &ReadError::Missing)),
        Err(error) => Err(evaluator.read_error(&text, &error)),
    }
}

/// Whether something is in the store, where it needs no look: the store itself is there, and
/// nothing in it that is not named as Nix names it.
fn exists_in_store(text: &str) -> Option<bool> {
    match text.strip_prefix("/nix/store")? {
        "" => Some(true),
        rest => {
            let name = rest.strip_prefix('/')?.split('/').next()?;
            let is_known = super::context::is_store_path(&format!("/nix/store/{name}"));
            (!is_known && name != ".links").then_some(false)
        }
    }
}

/// `pathExists path`: true of a symbolic link that leads nowhere; `"a/"` must be a directory.
fn path_exists(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [thunk] = arguments(args);
    let (path, _) = evaluator.force_path(thunk)?;
    let must_be_directory = match evaluator.force(thunk)? {
        Value::String(id) => {
            let parts = evaluator.arena.string_parts(id).parts();
            let tail = StringData::from_parts(parts.last().cloned());
            tail.text()
                .is_some_and(|text| text.ends_with('/') || text.ends_with("/."))
        }
        _ => false,
    };
    let text = evaluator.arena.path_text(path);
    if let Some(exists) = exists_in_store(&text) {
        return Ok(Value::Bool(exists));
    }
    let path = std::path::Path::new(&*text);
    let kind = if must_be_directory {
        evaluator
            .sources
            .kind(path)
            .map(|kind| kind == Some(nix_source::FileKind::Directory))
    } else {
        evaluator
            .sources
            .entry_kind(path)
            .map(|kind| kind.is_some())
    };
    match kind {
        Ok(exists) => Ok(Value::Bool(exists)),
        Err(error) => Err(evaluator.read_error(&text, &error)),
    }
}
