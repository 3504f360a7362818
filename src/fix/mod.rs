//! Fixes: edits that change the user's files.
//!
//! All of it happens in memory first: edits are applied, the project is evaluated again with the
//! new texts in place of the files, and a fix that does not make its finding go away, or whose
//! result does not parse, is taken back. Only then are files written.

mod apply;
mod diff;
mod edits;
mod ignore;
mod rounds;

pub(crate) use apply::apply;
pub(crate) use diff::write as write_diff;
pub(crate) use ignore::ignoring;
pub(crate) use rounds::{Fixed, Found, Key, Made, Mode, access, fix, key};
