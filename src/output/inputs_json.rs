//! The inputs of a flake as one JSON document: see `docs/schemas/inputs.schema.json`.

use std::io::{self, Write};

use serde::Serialize;

use super::document;
use crate::input_list::{InputSource, ListedInput};

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    inputs: Vec<InputEntry<'a>>,
}

#[derive(Serialize)]
struct InputEntry<'a> {
    name: &'a str,
    reference: Option<&'a str>,
    rev: Option<&'a str>,
    nar_hash: Option<&'a str>,
    source: &'static str,
    reason: Option<&'a str>,
    directory: Option<String>,
    used: bool,
}

/// Writes the document.
pub(crate) fn render(inputs: &[ListedInput], out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: 1,
        inputs: inputs.iter().map(entry).collect(),
    };
    document::write(&document, out)
}

fn entry(input: &ListedInput) -> InputEntry<'_> {
    let (reason, directory) = match &input.source {
        InputSource::Located(located) => {
            let directory = match located.directory.as_os_str().is_empty() {
                true => located.tree.clone(),
                false => located.tree.join(&located.directory),
            };
            (None, Some(directory.display().to_string()))
        }
        InputSource::Emulated => (None, None),
        InputSource::Missing(why) => (Some(&**why), None),
    };
    InputEntry {
        name: &input.name,
        reference: input.reference.as_deref(),
        rev: input.revision.as_deref(),
        nar_hash: input.nar_hash.as_deref(),
        source: input.source.word(),
        reason,
        directory,
        used: input.used,
    }
}
