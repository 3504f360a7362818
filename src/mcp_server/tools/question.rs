//! What a tool is: a question, and what is answered.

use rmcp::schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::display::Known;
use crate::mcp_server::project::{Cancelled, Project};

/// Something that the server can be asked.
pub(super) trait Question: DeserializeOwned + JsonSchema + 'static {
    /// What is answered.
    type Answer: Serialize + JsonSchema + 'static;

    const NAME: &'static str;
    const TITLE: &'static str;
    /// What it is for, to an agent that chooses among tools.
    const ABOUT: &'static str;

    /// Whether the project is evaluated for it.
    const EVALUATES: bool = true;

    /// Answers. The credentials that the project's files hold are given as well, to be covered in whatever
    /// leaves the server.
    fn answer(
        self,
        project: &Project,
        cancelled: &Cancelled,
    ) -> Result<Answered<Self::Answer>, String>;
}

/// An answer, and the credentials that may not be in it.
pub(super) struct Answered<T> {
    pub(super) answer: T,
    pub(super) known: Known,
}
