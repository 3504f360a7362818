//! How sets and lists are laid out.

use std::fmt;

use super::super::support::{StringBuilder, flag, option, settle};
use crate::eval::Evaluator;
use crate::value::{AttrsId, Eval, Thunk, Value};

/// The space before a line: what the caller gave, then a unit for each level. Deep values have as many
/// of these as levels, so none holds a text of its own.
#[derive(Clone, Copy)]
pub(super) struct Indent<'a> {
    start: &'a str,
    unit: &'static str,
    depth: usize,
}

impl<'a> Indent<'a> {
    pub(super) const fn new(start: &'a str, unit: &'static str) -> Self {
        let depth = 0;
        Self { start, unit, depth }
    }

    /// The indentation of the next level.
    pub(super) const fn deeper(self) -> Self {
        let depth = self.depth + 1;
        Self { depth, ..self }
    }
}

impl fmt::Display for Indent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.start)?;
        (0..self.depth).try_for_each(|_| f.write_str(self.unit))
    }
}

/// On one line, or with a line for each element.
pub(super) struct Layout {
    pub(super) multiline: bool,
}

impl Layout {
    /// The layout and the indentation that `{ multiline; indent; }` asks for.
    pub(super) fn of(evaluator: &mut Evaluator, options: AttrsId) -> Eval<(Self, String)> {
        let multiline = flag(evaluator, options, "multiline", true)?;
        let indent = match option(evaluator, options, "indent")? {
            Some(indent) => evaluator.force_text(indent)?.to_string(),
            None => String::new(),
        };
        Ok((Self { multiline }, indent))
    }

    /// The space before an element.
    pub(super) fn open(&self, indent: Indent<'_>) -> String {
        if self.multiline {
            format!("\n{}", indent.deeper())
        } else {
            " ".to_owned()
        }
    }

    /// The space before the closing bracket.
    pub(super) fn close(&self, indent: Indent<'_>) -> String {
        if self.multiline {
            format!("\n{indent}")
        } else {
            " ".to_owned()
        }
    }
}

/// Evaluates a value to write it; `None` if it is not known, which is written behind the indentation then.
pub(super) fn forced(
    evaluator: &mut Evaluator,
    value: Thunk,
    indent: Option<Indent<'_>>,
    out: &mut StringBuilder,
) -> Eval<Option<Value>> {
    evaluator.check_text(out.len())?;
    let forced = evaluator.force(value);
    match settle(evaluator, forced)? {
        Ok(forced) => Ok(Some(forced)),
        Err(why) => {
            if let Some(indent) = indent {
                out.text(&indent.to_string());
            }
            out.result(evaluator, Err(why))?;
            Ok(None)
        }
    }
}
