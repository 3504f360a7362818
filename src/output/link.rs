//! Where a lint's page is on the web, and how a terminal is told.

use mcp_lint_lints::Lint;

/// The page of a lint.
pub(crate) fn page(lint: &Lint) -> String {
    let name = lint.name;
    format!(
        "{}/blob/main/docs/src/lints/{name}.md",
        env!("CARGO_PKG_REPOSITORY")
    )
}

/// Text that opens an address when clicked (OSC 8). Only for addresses and text of our own.
pub(super) fn linked(address: &str, text: &str) -> String {
    format!("\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\")
}
