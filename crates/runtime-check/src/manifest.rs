//! The manifest: the JSON of `mcp-lint inventory`.

use inventory_schema::{Document, VERSION};

/// Reads a document.
///
/// # Errors
///
/// A sentence for the user: not JSON (with the place), or another version.
pub(crate) fn parse(text: &str) -> Result<Document, String> {
    let manifest: Document = serde_json::from_str(text).map_err(|error| {
        // The error's own text could quote the document.
        format!(
            "the manifest is not the JSON of `mcp-lint inventory`: line {}, column {}",
            error.line(),
            error.column()
        )
    })?;
    if manifest.schema == VERSION {
        Ok(manifest)
    } else {
        Err(format!(
            "the manifest has schema {}, this program reads schema {VERSION}",
            manifest.schema
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_missing_fields_are_unknown() {
        let manifest = parse(
            r#"{"schema": 1, "root": "/x", "hosts": [{"name": "desk", "class": "nixos",
                "secrets": [{"name": "a", "path": null, "declared_at": {"file": "x.nix", "line": 1}}]}]}"#,
        )
        .unwrap();
        assert_eq!(manifest.hosts[0].secrets[0].path, None);
    }

    #[test]
    fn says_what_is_wrong_without_quoting() {
        let error = parse("{\"schema\": 1, \"hosts\": [hunter2]}").unwrap_err();
        assert!(
            error.contains("line 1") && !error.contains("hunter2"),
            "{error}"
        );
        assert!(parse("{\"schema\": 2}").unwrap_err().contains("schema 2"));
    }
}
