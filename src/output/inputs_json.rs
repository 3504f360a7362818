//! The inputs of a flake as one JSON document: see `docs/schemas/inputs.schema.json`.

use std::io::{self, Write};

use serde::Serialize;

use super::document;
use inventory::{FlakeInput, InputSource};

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
pub(crate) fn render(inputs: &[FlakeInput], out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: 1,
        inputs: inputs.iter().map(entry).collect(),
    };
    document::write(&document, out)
}

fn entry(input: &FlakeInput) -> InputEntry<'_> {
    let reason = match &input.source {
        InputSource::Missing(why) => Some(&**why),
        _ => None,
    };
    let directory = input.directory.as_ref();
    let directory = directory.map(|path| path.display().to_string());
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
