//! The report for people, for programs, and for CI.

mod human;
mod json;
mod junit;

pub use human::human;
pub use json::json;
pub use junit::junit;

/// How the report for people looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RenderOptions {
    /// With colours (ANSI escapes of our own).
    pub color: bool,
    /// With infos, notes and every secret.
    pub verbose: bool,
    /// Only what is wrong: without available servers and the summary.
    pub quiet: bool,
}
