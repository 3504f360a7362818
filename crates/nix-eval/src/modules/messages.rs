//! Errors of the module system, as Nix words them. They never show a value: it may be a secret.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::eval::Evaluator;
use crate::value::{Position, Reason, Thunk, Unknown, UnknownId, Value};

/// The file that messages name for the module that every evaluation has.
pub(super) const INTERNAL_FILE: &str = "lib/modules.nix";

/// What `builtins.typeOf` calls a value.
pub(crate) const fn type_name(value: Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::String(_) => "string",
        Value::Path(_) => "path",
        Value::List(_) => "list",
        Value::Attrs(_) => "set",
        Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) => "lambda",
        Value::External(_) => "external",
    }
}

/// Files as `showFiles` lists them: `` `a.nix' and `b.nix' ``.
pub(crate) fn show_files<'a>(files: impl Iterator<Item = &'a Rc<str>>) -> String {
    let shown: Vec<String> = files.map(|file| format!("`{file}'")).collect();
    shown.join(" and ")
}

/// The files of definitions, one a line, in the order in which they stand, without their values.
pub(crate) fn show_definitions<'a>(files: impl Iterator<Item = &'a Rc<str>>) -> String {
    const MOST: usize = 20;
    let mut seen = BTreeSet::new();
    let mut shown = String::new();
    for file in files.filter(|file| seen.insert(Rc::clone(file))).take(MOST) {
        shown.push_str(&format!("\n- In `{file}'"));
    }
    shown
}

/// The name that is probably meant by one that nothing has: as similar as a slip of the pen makes it.
pub fn meant<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    /// The most characters that such a slip inserts, leaves out or changes.
    const SLIP: usize = 2;
    let lower = wanted.to_lowercase();
    let distance = |name: &'a str| (edit_distance(&lower, &name.to_lowercase()), name);
    let (distance, name) = names.map(distance).min()?;
    // Of a short name too little would be left.
    let most = SLIP.min(wanted.chars().count().saturating_sub(1) / 2);
    (distance <= most).then_some(name)
}

/// How many characters must be inserted, removed or changed to get from one name to another.
pub(super) fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        let steps = row.iter().zip(row.iter().skip(1)).zip(&b);
        for ((diagonal, above), y) in steps {
            let left = next.last().copied().unwrap_or_default();
            let change = diagonal + usize::from(x != *y);
            next.push(change.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

impl Evaluator {
    /// An error that `throw` raises in `lib`, at a definition.
    pub(crate) fn throw_at(
        &mut self,
        message: String,
        value: Thunk,
        position: Position,
    ) -> UnknownId {
        self.failed_at(Reason::Throw(message.into()), value, position)
    }

    /// The same of any reason.
    pub(crate) fn failed_at(
        &mut self,
        reason: Reason,
        value: Thunk,
        position: Position,
    ) -> UnknownId {
        let binding = self.binding_place(position).map(|place| place.value);
        let at = self.origin_span(value).or(binding);
        let at = at.or_else(|| self.site_span());
        self.arena.unknown(Unknown { reason, at })
    }

    /// Something needs itself.
    pub(crate) fn needs_itself(&mut self) -> UnknownId {
        self.unknown(Reason::InfiniteRecursion)
    }
}
