//! The language server: what the command line tells, in an editor, while the text is being written.
//!
//! Three threads. One reads messages. One analyses: it takes the newest state of each project, so that
//! a change that arrives meanwhile ends the analysis before it. The main one keeps the documents,
//! answers requests from the last finished analysis, at once, and writes. Positions of that analysis
//! are carried over to the text as it is now, or nothing is said.

mod actions;
mod analyse;
mod capabilities;
mod carry;
mod completion;
mod diagnostics;
mod documents;
mod hover;
mod index;
mod navigation;
mod position;
mod requests;
mod server;
mod transport;
mod uri;

pub(crate) use server::{End, serve};
