//! The tools, one file each.

mod check;
mod diff;
mod explain;
mod findings;
mod inventory;
mod question;
mod secrets;
mod who_reads;

use rmcp::handler::server::tool::{schema_for_input, schema_for_output};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::Value;

use super::present::{present, text};
use super::project::{Cancelled, Project};
use question::Question;

/// An answer, or what the agent has to change.
pub(super) type Answer = Result<Value, String>;

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
