//! Who reads each secret: one test for each way in which a configuration can consume one. Asserted
//! are the principal, the moment, the verdict and the place.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test"
)]

mod containers;
mod guide;
mod links;
mod nixos_containers;
mod options;
mod sessions;
mod support;
mod system_manager;
mod units;
mod verdicts;
