//! The lints of mcp-lint: pure functions from the inventory to diagnostics.
