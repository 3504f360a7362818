//! Who reads each secret: the facts that lints, `mcp-lint inventory` and the runtime check share.
//!
//! An [`Inventory`] is plain data. Every value that the configuration decides is a [`Fact`]: known,
//! or unknown with its reason, together with the place where it was written. Nothing here knows
//! how a fact is found or how a finding is printed, and no field ever holds a secret's value.

pub mod model;

pub mod access;
pub mod content;
pub mod mcp_modules;
pub mod service_users;

pub use access::access;
pub use mcp_modules::{McpKind, McpModule};
pub use model::*;
pub use nix_syntax::source::{FileId, LineColumn, Source, SourceMap, Span, TextSpan};
pub use secret_files;
pub use service_users::{has_known_users, is_service_user};
