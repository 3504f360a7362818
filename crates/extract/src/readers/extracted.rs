//! What the readers of a host are.

use inventory::model::{McpConfiguration, Problem, Reader};

/// The readers of a host, and the problems of their options.
#[derive(Debug, Default)]
pub(crate) struct ExtractedReaders {
    /// Who opens which file.
    pub(crate) readers: Vec<Reader>,
    /// The MCP servers.
    pub(crate) mcp: Vec<McpConfiguration>,
    /// The options that receive a secret, and that no module declares that is here, but for those of which
    /// the user says who opens their files.
    pub(crate) options: Vec<Vec<String>>,
    /// What is wrong with the options.
    pub(crate) problems: Vec<Problem>,
}
