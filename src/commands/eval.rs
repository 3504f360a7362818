//! `mcp-lint eval`: a thin front end of the evaluator.

use std::io::Write;

use crate::cli::EvalArguments;
use crate::exit::{Exit, Failure};
use crate::usage::UsageError;

/// Writes the value of an expression, a file or an attribute of the project.
pub(crate) fn run(_arguments: &EvalArguments, _out: &mut dyn Write) -> Result<Exit, Failure> {
    Err(UsageError::new("`eval` is not wired to the evaluator yet").into())
}
