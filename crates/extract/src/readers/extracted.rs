//! What the readers of a host are.

use inventory::model::{McpConfiguration, Problem, Reader};

/// The readers of a host, and the problems of their options.
#[derive(Debug, Default)]
pub(crate) struct ExtractedReaders {
    /// Who opens which file.
    pub(crate) readers: Vec<Reader>,
    /// The MCP servers.
    pub(crate) mcp: Vec<McpConfiguration>,
    /// What is wrong with the options.
    pub(crate) problems: Vec<Problem>,
}
