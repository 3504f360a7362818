//! The lints of mcp-lint: pure functions from the inventory to diagnostics.
//!
//! One lint is one folder: `mod.rs` with its metadata and check, `page.md` with its page,
//! `fixtures/` with small projects in which it fires or stays silent. One word in
//! in [`LINTS`] registers it; `tests/tidy.rs` fails where folder, page, fixtures and
//! registry disagree.
//!
//! A lint cannot fail, prints nothing and opens no file. It reports what is proven: an unknown
//! value never equals and never differs from anything.

mod context;
mod denied;
mod diagnostic;
mod edits;
mod managed;
mod metadata;
mod near_miss;
mod run;
mod words;

pub use context::HostContext;
pub use diagnostic::{Confidence, Diagnostic, Edit, Fix, Help, Label, Severity};
pub use metadata::{Check, Fixable, Group, Lint, ProjectContext};
pub use run::{Crash, Findings, run};

/// Declares the module of each lint and collects their metadata, sorted by name.
macro_rules! lints {
    ($($name:ident)*) => {
        $(mod $name;)*

        /// Every lint, sorted by name.
        pub static LINTS: &[&Lint] = &[$(&$name::LINT),*];
    };
}

// To add a lint, add its folder and one word here.
lints! {
    decryption_key_unavailable_at_boot
    mcp_secret_missing
    mcp_secret_name_mismatch
    mcp_secrets_path_mismatch
    missing_secret_file
    needed_for_users_owner_ignored
    odd_or_invalid_mode
    password_secret_not_needed_for_users
    path_inside_secrets_for_users
    root_owned_secret
    secret_owner_mismatch
    secret_owner_not_declared
    system_secrets_decryptable_by_user_key
    unencrypted_secret_file
    world_accessible_secret_mode
}

/// The lint with that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Lint> {
    LINTS.iter().copied().find(|lint| lint.name == name)
}
