//! The JSON document of `mcp-lint inventory`: one set of types for its writer and its readers.
//!
//! `docs/schemas/inventory.schema.json` describes the same document for other programs. The order of the
//! fields is that of the document. A reader ignores fields that it does not know and takes the default
//! for those that are missing, so an older or newer writer does no harm: that is why some fields are an
//! `Option` that every writer fills. `None` is written as `null`, but for the two fields that say so.

mod host;
mod mcp;
mod secret;

use serde::{Deserialize, Serialize};

pub use host::{ContainerOf, Gap, Host, KeySource, Open, Place, Problem, User};
pub use mcp::{McpConfiguration, McpServer};
pub use secret::{Need, Other, Reader, Secret};

/// The version of the document that these types describe.
pub const VERSION: u64 = 1;

/// The reasons why fields are `null`, by the field's name.
pub type Unknowns = std::collections::BTreeMap<String, String>;

/// The document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The version; [`VERSION`] from this writer.
    pub schema: u64,
    /// The project root: absolute.
    #[serde(default)]
    pub root: String,
    /// The configurations, sorted by attribute.
    #[serde(default)]
    pub hosts: Vec<Host>,
    /// The modules that no configuration loads and that were inspected on their own, sorted by file.
    #[serde(default)]
    pub modules: Vec<Host>,
    /// What was not inspected; each cause once.
    #[serde(default)]
    pub gaps: Vec<Gap>,
}

impl Document {
    /// The configurations, and the modules if there is no configuration at all: then one of them is the
    /// machine's.
    #[must_use]
    pub fn machines(&self) -> &[Host] {
        if self.hosts.is_empty() {
            &self.modules
        } else {
            &self.hosts
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test has to fail")]
mod tests {
    use super::*;

    #[test]
    fn missing_fields_are_defaults_and_others_are_ignored() {
        let document: Document = serde_json::from_str(
            r#"{"schema": 1, "later": [1], "hosts": [{"name": "desk", "secrets": [{"path": null,
                "declared_at": {"file": "x.nix", "line": 1}, "later": {}}], "readers": [{}]}]}"#,
        )
        .unwrap();
        let host = document.hosts.first().unwrap();
        let secret = host.secrets.first().unwrap();
        assert_eq!(secret.path, None);
        assert_eq!(secret.declared_at.as_ref().unwrap().line, 1);
        assert_eq!(host.readers, [Reader::default()]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let document = Document {
            schema: VERSION,
            root: "/etc/nixos".to_owned(),
            hosts: vec![Host {
                name: "desk".to_owned(),
                readers: vec![Reader {
                    user: Some("alice".to_owned()),
                    ..Reader::default()
                }],
                ..Host::default()
            }],
            modules: Vec::new(),
            gaps: Vec::new(),
        };
        let text = serde_json::to_string(&document).unwrap();
        assert!(!text.contains("container"), "{text}");
        assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), document);
    }
}
