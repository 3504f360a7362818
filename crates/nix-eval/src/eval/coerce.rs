//! Values to strings and paths.

use std::rc::Rc;

use super::evaluator::Evaluator;
use crate::value::{
    AttrsId, ContextId, Eval, Hole, PathId, StringData, StringId, StringPart, Symbol, Thunk,
    UnknownId, Value, well_known,
};

/// How a value becomes a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coercion {
    /// `"${x}"`: strings, paths (copied to the store), sets with `__toString` or `outPath`.
    Interpolation,
    /// `./a/${x}`: as in a string, but a path is not copied.
    PathPart,
    /// `toString x`: everything but functions and plain sets; a path is its own text.
    ToString,
    /// As `toString`, but paths are copied to the store: what derivations do with their attributes.
    Derivation,
}

/// The pieces of a string in the making.
#[derive(Debug, Default, Clone)]
pub struct Pieces {
    parts: Vec<StringPart>,
    text: String,
    /// Bytes that `parts` take.
    length: usize,
    context: Option<ContextId>,
}

impl Pieces {
    /// Adds text.
    pub fn push_text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Makes room for exactly so many bytes more of text.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.text.reserve_exact(bytes);
    }

    /// Adds a piece.
    pub fn push(&mut self, part: StringPart) {
        match part {
            StringPart::Text(text) => self.text.push_str(&text),
            hole @ StringPart::Hole(_) => {
                if !self.text.is_empty() {
                    self.length += self.text.len();
                    self.parts
                        .push(StringPart::Text(Rc::from(self.text.as_str())));
                    self.text.clear();
                }
                self.length += size_of::<StringPart>();
                self.parts.push(hole);
            }
        }
    }

    /// How many bytes text and holes take.
    pub(crate) fn len(&self) -> usize {
        self.length + self.text.len()
    }

    /// Whether the last piece is a hole.
    pub(crate) fn ends_with_hole(&self) -> bool {
        self.text.is_empty() && !self.parts.is_empty()
    }

    /// The string's text and holes, and its context.
    pub(crate) fn finish(self) -> (StringData, ContextId) {
        let context = self.context.unwrap_or_default();
        if self.parts.is_empty() {
            return (StringData::Text(Rc::from(self.text)), context);
        }
        let tail = (!self.text.is_empty()).then(|| StringPart::Text(Rc::from(self.text)));
        (
            StringData::Parts(self.parts.into_iter().chain(tail).collect()),
            context,
        )
    }
}

impl Evaluator {
    /// Adds a string of the arena with its context.
    pub(crate) fn push_string(&mut self, pieces: &mut Pieces, id: StringId) {
        match self.arena.string_parts(id) {
            StringData::Text(text) => pieces.push_text(text),
            StringData::Parts(parts) => {
                for part in parts.iter() {
                    pieces.push(part.clone());
                }
            }
        }
        self.push_context(pieces, self.arena.string_context(id));
    }

    pub(crate) fn push_context(&mut self, pieces: &mut Pieces, context: ContextId) {
        if context != ContextId::default() {
            let joined = self
                .arena
                .join_contexts(pieces.context.unwrap_or_default(), context);
            pieces.context = Some(joined);
        }
    }

    /// The string value of the pieces.
    pub(crate) fn pieces_value(&mut self, pieces: Pieces) -> Value {
        let (data, context) = pieces.finish();
        Value::String(self.arena.string_data(data, context))
    }

    /// The text of the pieces, if there are no holes.
    pub(crate) fn known_text(&mut self, pieces: Pieces) -> Eval<Rc<str>> {
        let value = self.pieces_value(pieces);
        self.expect_text(value)
    }

    /// Adds a value as a string to the pieces. What is not known becomes a hole.
    pub fn coerce_into(
        &mut self,
        value: Value,
        coercion: Coercion,
        pieces: &mut Pieces,
    ) -> Eval<()> {
        let more = matches!(coercion, Coercion::ToString | Coercion::Derivation);
        if !matches!(value, Value::String(_)) {
            self.check_text(pieces.len())?;
        }
        match value {
            Value::String(id) => {
                self.check_text(pieces.len() + self.string_bytes(id))?;
                self.push_string(pieces, id);
            }
            Value::Path(path) => match coercion {
                Coercion::Interpolation | Coercion::Derivation => {
                    pieces.push(StringPart::Hole(Hole::Source(path)));
                }
                Coercion::PathPart | Coercion::ToString => {
                    pieces.push_text(&self.arena.path_text(path));
                }
            },
            Value::External(external) => pieces.push(StringPart::Hole(Hole::External(external))),
            Value::Attrs(set) => self.coerce_set(value, set, coercion, pieces)?,
            Value::Int(int) if more => pieces.push_text(&int.to_string()),
            Value::Float(float) if more => pieces.push_text(&format!("{float:.6}")),
            Value::Bool(true) if more => pieces.push_text("1"),
            Value::Bool(false) | Value::Null if more => {}
            Value::List(list) if more => {
                let items = self.exact_list(list)?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        // Nix puts no space after an empty list.
                        let previous = items.get(index - 1).copied();
                        if !self.is_empty_list(previous) {
                            pieces.push_text(" ");
                        }
                    }
                    self.coerce_thunk(*item, coercion, pieces)?;
                }
            }
            other => {
                let kind = other.type_with_article();
                return Err(self.error(format!("cannot coerce {kind} to a string")));
            }
        }
        Ok(())
    }

    fn is_empty_list(&self, thunk: Option<Thunk>) -> bool {
        let Some(thunk) = thunk else { return false };
        match self.arena.slot(thunk) {
            crate::value::Slot::Value(Value::List(list)) => self.arena.list_data(list).slots() == 0,
            _ => false,
        }
    }

    /// Adds a thunk's value as a string; an unknown one becomes a hole.
    pub fn coerce_thunk(
        &mut self,
        thunk: Thunk,
        coercion: Coercion,
        pieces: &mut Pieces,
    ) -> Eval<()> {
        match self.force(thunk) {
            Ok(value) => self.coerce_into(value, coercion, pieces),
            Err(why) if self.is_error(why) => Err(why),
            Err(why) => {
                pieces.push(StringPart::Hole(Hole::Unknown(why)));
                Ok(())
            }
        }
    }

    fn coerce_set(
        &mut self,
        value: Value,
        set: AttrsId,
        coercion: Coercion,
        pieces: &mut Pieces,
    ) -> Eval<()> {
        self.step()?;
        if let Some(entry) = self.arena.attribute(set, well_known::TO_STRING) {
            let this = self.arena.ready(value);
            let text = self.call(entry.value, this)?;
            return self.coerce_into(text, coercion, pieces);
        }
        if let Some(entry) = self.arena.attribute(set, well_known::OUT_PATH) {
            return match self.force(entry.value)? {
                Value::Path(path) if coercion != Coercion::ToString => {
                    pieces.push(StringPart::Hole(Hole::Source(path)));
                    Ok(())
                }
                inner => self.coerce_into(inner, coercion, pieces),
            };
        }
        match self.arena.attrs_data(set).open {
            Some(why) => {
                pieces.push(StringPart::Hole(Hole::Unknown(why)));
                Ok(())
            }
            None => Err(self.error("cannot coerce a set to a string")),
        }
    }

    /// `toString` and its kind, as a string value.
    pub fn coerce(&mut self, value: Value, coercion: Coercion) -> Eval<Value> {
        if let Value::String(_) = value {
            return Ok(value);
        }
        let mut pieces = Pieces::default();
        self.coerce_into(value, coercion, &mut pieces)?;
        Ok(self.pieces_value(pieces))
    }

    /// Why a hole is not known.
    pub fn hole_unknown(&mut self, hole: Hole) -> UnknownId {
        match hole {
            Hole::Unknown(why) => why,
            Hole::External(external) => self.external_unknown(external),
            Hole::Source(path) => {
                let path = self.arena.path_text(path);
                let shown = self
                    .sources
                    .workspace()
                    .display(std::path::Path::new(&*path));
                self.undetermined(format!("the store path of `{shown}`"))
            }
        }
    }

    /// The name of the store path to which Nix copies a file or folder of the project: that of the file.
    /// `None` for the root of a project or an input, which has another name there.
    pub(crate) fn store_name(&self, path: PathId) -> Option<Rc<str>> {
        let text = self.arena.path_text(path);
        let is_root = self
            .sources
            .workspace()
            .is_root(std::path::Path::new(&*text));
        let name = text.rsplit('/').next().filter(|name| !name.is_empty())?;
        (!is_root).then(|| Rc::from(name))
    }

    // What a value is expected to be

    /// The text of a string value without holes.
    pub fn expect_text(&mut self, value: Value) -> Eval<Rc<str>> {
        match value {
            Value::String(id) => match self.arena.text(id).cloned() {
                Some(text) => {
                    self.check_text_room(text.len())?;
                    Ok(text)
                }
                None => match self.arena.first_hole(id) {
                    Some(hole) => Err(self.hole_unknown(hole)),
                    None => Ok(Rc::from("")),
                },
            },
            Value::External(external) => Err(self.external_unknown(external)),
            other => Err(self.type_error(other, "a string")),
        }
    }

    /// The text of a thunk's string value without holes.
    pub fn force_text(&mut self, thunk: Thunk) -> Eval<Rc<str>> {
        let value = self.force(thunk)?;
        self.expect_text(value)
    }

    /// A thunk's string.
    pub fn force_string(&mut self, thunk: Thunk) -> Eval<StringId> {
        match self.force(thunk)? {
            Value::String(id) => {
                self.check_string_room(id)?;
                Ok(id)
            }
            Value::External(external) => Err(self.external_unknown(external)),
            other => Err(self.type_error(other, "a string")),
        }
    }

    /// A thunk's set.
    pub fn force_attrs(&mut self, thunk: Thunk) -> Eval<AttrsId> {
        match self.force(thunk)? {
            Value::Attrs(set) => {
                self.check_room(self.arena.attrs_data(set).len())?;
                Ok(set)
            }
            Value::External(external) => Err(self.external_unknown(external)),
            other => Err(self.type_error(other, "a set")),
        }
    }

    /// A thunk's set, all of whose attributes are known to be there and to be all.
    pub fn force_exact_attrs(&mut self, thunk: Thunk) -> Eval<AttrsId> {
        let set = self.force_attrs(thunk)?;
        match self.attrs_uncertainty(set) {
            Some(why) => Err(why),
            None => Ok(set),
        }
    }

    /// Why the names of a set are not all known, if they are not.
    #[must_use]
    pub fn attrs_uncertainty(&self, set: AttrsId) -> Option<UnknownId> {
        let open = self.arena.attrs_data(set).open;
        open.or_else(|| self.arena.uncertain_attribute(set))
    }

    /// A thunk's list.
    pub fn force_list(&mut self, thunk: Thunk) -> Eval<crate::value::ListId> {
        match self.force(thunk)? {
            Value::List(list) => {
                self.check_room(self.arena.list_data(list).slots())?;
                Ok(list)
            }
            Value::External(external) => Err(self.external_unknown(external)),
            other => Err(self.type_error(other, "a list")),
        }
    }

    /// The elements of a list that are all certain.
    pub fn exact_list(&mut self, list: crate::value::ListId) -> Eval<Vec<Thunk>> {
        // Elements that are evaluated take no step when they are forced: lists in lists end here.
        self.step()?;
        match self.arena.list_uncertainty(list) {
            Some(why) => Err(why),
            None => Ok(self.arena.elements(list).to_vec()),
        }
    }

    /// The elements of a thunk's list that are all certain.
    pub fn force_exact_list(&mut self, thunk: Thunk) -> Eval<Vec<Thunk>> {
        let list = self.force_list(thunk)?;
        self.exact_list(list)
    }

    /// A thunk's integer.
    pub fn force_int(&mut self, thunk: Thunk) -> Eval<i64> {
        match self.force(thunk)? {
            Value::Int(int) => Ok(int),
            Value::External(external) => Err(self.external_unknown(external)),
            other => Err(self.type_error(other, "an integer")),
        }
    }

    /// A thunk's Boolean.
    pub fn force_bool(&mut self, thunk: Thunk) -> Eval<bool> {
        match self.force(thunk)? {
            Value::Bool(value) => Ok(value),
            Value::External(external) => Err(self.external_unknown(external)),
            other => Err(self.type_error(other, "a Boolean")),
        }
    }

    /// The error of a value of another type than the expected one.
    pub fn type_error(&mut self, value: Value, expected: &str) -> UnknownId {
        if let Value::External(external) = value {
            return self.external_unknown(external);
        }
        let kind = value.type_with_article();
        self.error(format!("value is {kind} while {expected} was expected"))
    }

    /// The path that a value names: a path, an absolute string, or a store path of the project
    /// (`"${self}/x"`, `"${./x}"`).
    pub fn coerce_to_path(&mut self, value: Value) -> Eval<PathId> {
        match value {
            Value::Path(path) => Ok(path),
            Value::String(id) => self.string_to_path(id),
            Value::Attrs(set) => {
                let mut pieces = Pieces::default();
                self.coerce_set(value, set, Coercion::Interpolation, &mut pieces)?;
                let value = self.pieces_value(pieces);
                self.coerce_to_path(value)
            }
            Value::External(external) => Err(self.external_file(external)),
            other => Err(self.type_error(other, "a path")),
        }
    }

    fn string_to_path(&mut self, id: StringId) -> Eval<PathId> {
        let text = match self.arena.string_parts(id) {
            StringData::Text(text) => Rc::clone(text),
            StringData::Parts(parts) => match source_path_parts(parts) {
                Some((path, rest)) => {
                    let base = self.arena.path_text(path);
                    Rc::from(format!("{base}{rest}"))
                }
                None => {
                    let hole = self.arena.first_hole(id);
                    return match hole {
                        Some(Hole::External(external)) => Err(self.external_file(external)),
                        Some(hole) => Err(self.hole_unknown(hole)),
                        None => Err(self.error("not a path")),
                    };
                }
            },
        };
        if !text.starts_with('/') {
            return Err(self.error(format!(
                "string '{text}' doesn't represent an absolute path"
            )));
        }
        Ok(self.arena.path(&nix_source::normalise_text(&text)))
    }

    /// `name` in a set of options of a call, forced, if it is there.
    pub(crate) fn argument(&mut self, set: AttrsId, name: &str) -> Eval<Option<Value>> {
        let symbol: Symbol = self.symbol(name);
        self.select_optional(Value::Attrs(set), symbol)
    }
}

/// A string that is the store path of something in the project and text: the two.
pub(crate) fn source_path_parts(parts: &[StringPart]) -> Option<(PathId, &str)> {
    match parts {
        [StringPart::Hole(Hole::Source(path))] => Some((*path, "")),
        [StringPart::Hole(Hole::Source(path)), StringPart::Text(rest)] => Some((*path, rest)),
        _ => None,
    }
}
