//! The tools, one file each.

mod check;
mod diff;
mod explain;
mod findings;
mod inventory;
mod secrets;
mod who_reads;

use rmcp::handler::server::tool::{schema_for_input, schema_for_output};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use rmcp::schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::present::{present, text};
use super::project::{Cancelled, Project};
use crate::display::Known;

/// An answer, or what the agent has to change.
pub(super) type Answer = Result<Value, String>;

/// Something that the server can be asked.
trait Question: DeserializeOwned + JsonSchema + 'static {
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
struct Answered<T> {
    answer: T,
    known: Known,
}

/// A tool: what is said of it, and what it does.
pub(super) struct Entry {
    pub(super) tool: fn() -> Tool,
    name: &'static str,
    /// Whether the project is evaluated for it: that takes its time.
    pub(super) evaluates: bool,
    run: fn(&Project, JsonObject, &Cancelled) -> Answer,
}

const fn entry<Q: Question>() -> Entry {
    Entry {
        tool: describe::<Q>,
        name: Q::NAME,
        evaluates: Q::EVALUATES,
        run: run::<Q>,
    }
}

/// Every tool, the most general first.
pub(super) static TOOLS: [Entry; 5] = [
    entry::<check::Check>(),
    entry::<inventory::InventoryQuestion>(),
    entry::<who_reads::WhoReads>(),
    entry::<explain::Explain>(),
    entry::<diff::Diff>(),
];

/// The tool of this name.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    TOOLS.iter().find(|entry| entry.name == name)
}

impl Entry {
    /// Runs it, on a thread that may be kept for long.
    pub(super) fn run(
        &self,
        project: &Project,
        arguments: JsonObject,
        cancelled: &Cancelled,
    ) -> Answer {
        (self.run)(project, arguments, cancelled)
    }
}

fn describe<Q: Question>() -> Tool {
    let annotations = ToolAnnotations::with_title(Q::TITLE)
        .read_only(true)
        .destructive(false)
        .idempotent(true)
        .open_world(false);
    let input = schema_for_input::<Q>().unwrap_or_default();
    Tool::new(Q::NAME, Q::ABOUT, input)
        .with_title(Q::TITLE)
        .with_raw_output_schema(schema_for_output::<Q::Answer>())
        .with_annotations(annotations)
}

fn run<Q: Question>(project: &Project, arguments: JsonObject, cancelled: &Cancelled) -> Answer {
    let question: Q = serde_json::from_value(Value::Object(arguments))
        .map_err(|error| format!("the arguments of {} are not right: {error}", Q::NAME))?;
    let refused = |why: String| text(&why, &project.known());
    let answered = question.answer(project, cancelled).map_err(refused)?;
    present(&answered.answer, &answered.known)
}
