//! What is on the machine: facts and classes, no judgement, and never a byte of a secret.
//!
//! Everything here runs with the rights of whoever runs it. To know what a user can do, the same
//! code runs again as that user, in a process of its own (see [`crate::probe`]), and hands its
//! [`Survey`](survey::Survey) back.

pub(crate) mod acl;
pub(crate) mod buffer;
pub(crate) mod client;
pub(crate) mod client_format;
mod client_yaml;
pub(crate) mod content;
pub(crate) mod file;
pub(crate) mod formats;
pub(crate) mod list;
pub(crate) mod mounts;
pub(crate) mod survey;
pub(crate) mod walk;
