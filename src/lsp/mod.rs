//! The language server: what the command line tells, in an editor, while the text is being written.
//!
//! Three threads. One reads messages. One analyses one state of a project after another. The main one
//! keeps the documents, decides what is analysed and when (`pace`, `project`), answers requests from
//! the last finished analysis, at once, and writes. Positions of that analysis are carried over to the
//! text as it is now, or nothing is said. A text that does not parse is not analysed: what was found in
//! the one before it stays.

mod actions;
mod analyse;
mod capabilities;
mod carry;
mod completion;
mod diagnostics;
mod documents;
mod hints;
mod hover;
mod index;
mod navigation;
mod pace;
mod position;
mod progress;
mod project;
mod publish;
mod rename;
mod requests;
mod server;
mod symbols;
mod transport;
mod uri;
mod view;

pub(crate) use server::{End, serve};
