//! How sets and lists are laid out.

use super::super::support::{StringBuilder, flag, option, settle};
use crate::eval::Evaluator;
use crate::value::{AttrsId, Eval, Thunk, Value};

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
    pub(super) fn open(&self, indent: &str) -> String {
        if self.multiline {
            format!("\n{indent}  ")
        } else {
            " ".to_owned()
        }
    }

    /// The space before the closing bracket.
    pub(super) fn close(&self, indent: &str) -> String {
        if self.multiline {
            format!("\n{indent}")
        } else {
            " ".to_owned()
        }
    }
}

/// Evaluates a value to write it; `None` if it is not known, which is written behind `indent` then.
pub(super) fn forced(
    evaluator: &mut Evaluator,
    value: Thunk,
    indent: &str,
    out: &mut StringBuilder,
) -> Eval<Option<Value>> {
    evaluator.check_text(out.len())?;
    let forced = evaluator.force(value);
    match settle(evaluator, forced)? {
        Ok(forced) => Ok(Some(forced)),
        Err(why) => {
            out.text(indent).result(evaluator, Err(why))?;
            Ok(None)
        }
    }
}
