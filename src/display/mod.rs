//! What a person sees of the user's files and names: inert, short, and without secrets.
//!
//! codespan-reporting sanitises nothing, so nothing reaches it but what this module made.

mod cover;
mod escape;
mod known;
mod literals;
mod public_names;
mod redact;
mod view;

pub(crate) use cover::{Covering, cover, cover_values};
pub(crate) use escape::{escape, escape_lines, escape_path, escape_whole, is_dangerous};
pub(crate) use known::Known;
pub(crate) use literals::literals;
pub(crate) use public_names::PublicNames;
pub(crate) use redact::Redaction;
pub(crate) use view::View;
