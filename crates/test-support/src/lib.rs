//! What the tests of all crates share: one test for each case of a suite, programs that a test needs, folders.
//!
//! Not published: the crates have it as a `dev-dependency` without a version, which Cargo leaves out of
//! what it publishes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has to fail"
)]

mod cases;
mod folders;
mod needs;
mod programs;

pub use cases::{Trial, case, run};
pub use folders::{copy, copy_of, files, files_with, folders};
pub use needs::{folder, program, require};
pub use programs::copy_program;
