//! The pages of lints as resources.

use mcp_lint_lints::{LINTS, Lint, find};
use rmcp::model::{Resource, ResourceContents, ResourceTemplate};

/// What the addresses of pages begin with.
const START: &str = "mcp-lint://lint/";
const MARKDOWN: &str = "text/markdown";
/// How many pages one list has.
const LISTED: usize = 50;

/// A part of the list of pages, and the cursor of the next one; `None` for a cursor that no list gave.
pub(super) fn list(cursor: Option<&str>) -> Option<(Vec<Resource>, Option<String>)> {
    let start = cursor.map_or(Some(0), |cursor| cursor.parse().ok())?;
    let part: Vec<Resource> = { LINTS.iter().skip(start).take(LISTED) }
        .map(|lint| resource(lint))
        .collect();
    let end = start.checked_add(part.len())?;
    Some((part, (end < LINTS.len()).then(|| end.to_string())))
}

fn resource(lint: &Lint) -> Resource {
    Resource::new(format!("{START}{}", lint.name), lint.name)
        .with_description(lint.summary)
        .with_mime_type(MARKDOWN)
        .with_size(lint.page.len() as u64)
}

/// How the address of a page is made of a lint's name.
pub(super) fn template() -> ResourceTemplate {
    ResourceTemplate::new(format!("{START}{{name}}"), "lint")
        .with_description(
            "The page of a lint: what it finds, why that is bad, what to write instead",
        )
        .with_mime_type(MARKDOWN)
}

/// The page at an address, `None` if there is none.
pub(super) fn read(address: &str) -> Option<ResourceContents> {
    let lint = find(address.strip_prefix(START)?)?;
    let text = format!("# {}\n\n{}", lint.name, lint.page);
    Some(ResourceContents::text(text, address).with_mime_type(MARKDOWN))
}
