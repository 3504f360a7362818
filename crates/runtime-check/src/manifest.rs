//! The JSON of `mcp-lint inventory`, as far as this check needs it.
//!
//! The format is written down in `docs/schemas/inventory.schema.json`. What this program does not know
//! is ignored, what it expects and does not find is unknown: an older or newer writer does no harm.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// The document.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) schema: u64,
    #[serde(default)]
    pub(crate) hosts: Vec<Host>,
}

/// One configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Host {
    pub(crate) name: String,
    /// `nixos`, `darwin`, `home-manager`, `module`
    pub(crate) class: String,
    pub(crate) attribute: Option<String>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) readers: Vec<Reader>,
    pub(crate) mcp: Vec<Mcp>,
    pub(crate) users: Vec<User>,
    pub(crate) key_sources: Vec<KeySource>,
}

/// A declared secret.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Secret {
    pub(crate) manager: Option<String>,
    /// `system`, `user`
    pub(crate) scope: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) attribute: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) uid: Option<i64>,
    pub(crate) group: Option<String>,
    pub(crate) gid: Option<i64>,
    pub(crate) mode: Option<String>,
    pub(crate) needed_for_users: Option<bool>,
    /// The encrypted file, and to whom it is encrypted.
    pub(crate) file: Option<String>,
    pub(crate) recipients: Option<Vec<String>>,
    /// The fields that the configuration leaves open, with the reasons.
    pub(crate) unknown: BTreeMap<String, IgnoredAny>,
}

/// Something that reads a secret.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reader {
    /// The secret's attribute.
    pub(crate) secret: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) via: Option<String>,
    pub(crate) moment: Option<String>,
    /// The container in which it runs, with users of its own.
    pub(crate) container: Option<String>,
}

/// One user's MCP servers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Mcp {
    pub(crate) user: Option<String>,
    pub(crate) module: Option<String>,
    pub(crate) enabled: Option<bool>,
    pub(crate) secrets_path: Option<String>,
    pub(crate) servers: Vec<Server>,
}

/// A server and one secret that it reads.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) enabled: Option<bool>,
    pub(crate) secret: Option<String>,
    pub(crate) path: Option<String>,
}

/// A user.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) home: Option<String>,
}

/// A key that decrypts secrets.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct KeySource {
    pub(crate) manager: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) path: Option<String>,
}

/// The version of the document that this program reads.
const SCHEMA: u64 = 1;

impl Manifest {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// A sentence for the user: not JSON (with the place), or another version.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let manifest: Self = serde_json::from_str(text).map_err(|error| {
            // The error's own text could quote the document.
            format!(
                "the manifest is not the JSON of `mcp-lint inventory`: line {}, column {}",
                error.line(),
                error.column()
            )
        })?;
        if manifest.schema == SCHEMA {
            Ok(manifest)
        } else {
            Err(format!(
                "the manifest has schema {}, this program reads schema {SCHEMA}",
                manifest.schema
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_missing_fields_are_unknown() {
        let manifest = Manifest::parse(
            r#"{"schema": 1, "root": "/x", "hosts": [{"name": "desk", "class": "nixos",
                "secrets": [{"name": "a", "path": null, "declared_at": {"file": "x.nix", "line": 1}}]}]}"#,
        )
        .unwrap();
        assert_eq!(manifest.hosts[0].secrets[0].path, None);
    }

    #[test]
    fn says_what_is_wrong_without_quoting() {
        let error = Manifest::parse("{\"schema\": 1, \"hosts\": [hunter2]}").unwrap_err();
        assert!(
            error.contains("line 1") && !error.contains("hunter2"),
            "{error}"
        );
        assert!(
            Manifest::parse("{\"schema\": 2}")
                .unwrap_err()
                .contains("schema 2")
        );
    }
}
