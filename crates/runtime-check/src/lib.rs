//! What is really on the machine: the deployed secret files of this host, checked by descriptor.
//!
//! The static side of mcp-lint proves what a configuration should lead to. This crate looks at
//! the live system: where every path leads, who owns it, who can read it (as that very user, in a
//! process of its own), where it is stored, and of what class its content is. It never tells,
//! keeps or passes on a byte of a secret: what leaves the one buffer that contents are read into
//! is a length and a list of classes.
//!
//! ```no_run
//! use runtime_check::{Expectation, Options, RenderOptions, human, run};
//!
//! let manifest = std::fs::read_to_string("/etc/mcp-lint/manifest.json")?;
//! let report = run(&Options::new(&extract::MANAGERS, Expectation::Manifest(manifest)));
//! let text = human(&report, RenderOptions::default());
//! std::process::exit(report.exit_code().into());
//! # #[allow(unreachable_code, reason = "the example ends with exit")]
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The command must give its first argument a look before anything else: if it is
//! [`PROBE_COMMAND`], it calls [`probe_main`] and ends with its exit code. That is how a check as
//! root looks as another user.
//!
//! Layers, each using only those below: `run` puts a run together; `judge` turns facts into
//! findings; `plan` and `probe` decide who looks; `observe` looks; `sys` is what differs between
//! operating systems. The JSON of `mcp-lint inventory` and what secret managers are is all that this
//! crate knows of the rest of the workspace.

mod accounts;
mod checks;
mod escape;
mod expect;
mod facts;
mod finding;
mod judge;
mod manifest;
mod observe;
mod options;
mod plan;
mod probe;
mod render;
mod report;
mod run;
mod sys;
mod units;

pub use checks::{About, Check};
pub use escape::Escaped;
pub use finding::{Finding, NotChecked, Severity};
pub use options::{Expectation, Helper, Options, PROBE_COMMAND};
pub use probe::probe_main;
pub use render::{RenderOptions, human, json, junit};
pub use report::{Readable, ReaderReport, Report, SecretReport, ServerReport, ServerStatus};
pub use run::run;
