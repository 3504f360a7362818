//! `diff`: what an edit would change, without making it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use mcp_lint_lints::Diagnostic;
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::findings::{Finding, Level, decide};
use super::question::{Answered, Question};
use crate::mcp_server::paging::{Paging, page};
use crate::mcp_server::project::{Cancelled, Facts, Project};

/// The largest text, in bytes; larger files are not read by an evaluation either.
const LARGEST: usize = 4 << 20;
/// How many files an edit has at most.
const FILES: usize = 32;

/// The edit.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Diff {
    /// The Nix files of the edit, each with all of its new text. Nothing is written.
    #[schemars(length(min = 1, max = 32))]
    files: Vec<NewText>,
    /// The least level; `warning` unless given.
    #[serde(default)]
    level: Level,
    /// The most findings to return; 20 unless given. A page may have fewer, so that it stays short.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// The `next_cursor` of the page before, with the same other arguments.
    cursor: Option<String>,
}

/// A file and its text after the edit.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct NewText {
    /// The file, relative to the project, ending in `.nix`. It need not exist yet.
    file: String,
    /// All of its text after the edit.
    text: String,
}

/// What an edit changes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Changes {
    /// How many findings come with the edit.
    new: usize,
    /// How many go with it.
    gone: usize,
    /// How many stay.
    unchanged: usize,
    /// The new ones, then those that go.
    changes: Vec<Change>,
    /// What could not be looked at with the edit made. Empty if everything was.
    not_inspected: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A finding that comes or goes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Change {
    /// `new` or `gone`.
    change: &'static str,
    #[serde(flatten)]
    finding: Finding,
}

impl Question for Diff {
    type Answer = Changes;

    const NAME: &'static str = "diff";
    const TITLE: &'static str = "What an edit would change";
    const ABOUT: &'static str = "The findings that an edit of Nix files would add and remove, before you make \
        it: give the files with their new text. Nothing is written. Compares with what is on disk.";

    fn answer(self, project: &Project, cancelled: &Cancelled) -> Result<Answered<Changes>, String> {
        let texts = texts(project, &self.files)?;
        let before = project.facts(cancelled)?;
        let after = project.facts_with(texts, cancelled)?;
        let found_before = decide(project, &before, &[], self.level)?.diagnostics;
        let found_after = decide(project, &after, &[], self.level)?.diagnostics;
        let new = without(&found_after, &found_before);
        let gone = without(&found_before, &found_after);
        let entry = |change, facts: &Facts, found: &[&Diagnostic]| -> Vec<Change> {
            let found = found.iter();
            let entries = found.map(|found| Change {
                change,
                finding: Finding::new(facts, found),
            });
            entries.collect()
        };
        let mut changes = entry("new", &after, &new);
        changes.extend(entry("gone", &before, &gone));
        let asked = Paging {
            limit: self.limit,
            cursor: self.cursor,
        };
        let part = page(changes, &asked)?;
        Ok(Answered {
            answer: Changes {
                new: new.len(),
                gone: gone.len(),
                unchanged: found_after.len() - new.len(),
                changes: part.entries,
                not_inspected: after.not_inspected(),
                next_cursor: part.next_cursor,
            },
            known: before.known.with(&after.known),
        })
    }
}

/// The texts by file.
fn texts(project: &Project, files: &[NewText]) -> Result<BTreeMap<PathBuf, Arc<str>>, String> {
    if files.is_empty() || files.len() > FILES {
        return Err(format!(
            "an edit has 1 to {FILES} files, not {}",
            files.len()
        ));
    }
    let mut texts = BTreeMap::new();
    for NewText { file, text } in files {
        let path = project.file(file)?;
        // What other files hold is told apart by its content: an edit could be used to guess it.
        if path.extension().is_none_or(|extension| extension != "nix") {
            return Err(format!(
                "`{file}` is no Nix file: only the text of Nix files can be proposed"
            ));
        }
        if text.len() > LARGEST {
            return Err(format!("the text of `{file}` is larger than 4 MiB"));
        }
        if texts.insert(path, Arc::from(text.as_str())).is_some() {
            return Err(format!("`{file}` is there twice"));
        }
    }
    Ok(texts)
}

/// The findings of one list that the other one does not have: not there, or not on the same hosts.
fn without<'a>(all: &'a [Diagnostic], others: &[Diagnostic]) -> Vec<&'a Diagnostic> {
    let key = |found: &Diagnostic| (found.identity(), found.hosts.clone());
    let known: std::collections::BTreeSet<_> = others.iter().map(key).collect();
    all.iter()
        .filter(|found| !known.contains(&key(found)))
        .collect()
}
