//! `secret-file-read-at-evaluation`: a file with secrets is read while Nix evaluates, and ends up in the store.

use std::collections::BTreeMap;

use inventory::FileEvaluated;

use crate::phrases::count;
use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "secret-file-read-at-evaluation",
    group: Group::Store,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "a file with secrets is read while Nix evaluates: what is used of it is in the store",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

/// More files and places are counted.
const SHOWN: usize = 3;

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    let mut by_cause: BTreeMap<&str, Vec<&FileEvaluated>> = BTreeMap::new();
    for file in &cx.inventory.repository.files_evaluated {
        // A filter is one cause, however many files it encrypts.
        let cause = file.filter.unwrap_or(&file.path.display);
        by_cause.entry(cause).or_default().push(file);
    }
    out.extend({ by_cause.into_iter() }.filter_map(|(cause, reads)| diagnostic(cause, &reads)));
}

fn diagnostic(cause: &str, reads: &[&FileEvaluated]) -> Option<Diagnostic> {
    let (first, more) = reads.split_first()?;
    let mut files: Vec<&str> = reads.iter().map(|read| &*read.path.display).collect();
    files.dedup();
    let message = match files.as_slice() {
        [file] => format!("{file} is read while Nix evaluates"),
        files => format!(
            "{} of {cause} are read while Nix evaluates",
            count(files.len(), "file")
        ),
    };
    let note = match first.filter {
        Some(filter) => format!(
            "{filter} encrypts in the repository alone: whoever evaluates has the files in clear, and what the \
             configuration takes of them is in the Nix store, where every user of the machine can read it"
        ),
        None => "what the configuration takes of it is in the Nix store, where every user of the machine can read \
                 it; the file itself is in clear in the repository"
            .to_owned(),
    };
    let mut found = Diagnostic::new(&LINT, cause, message)
        .severity(if reads.iter().any(|read| read.option.is_some()) {
            Severity::Error
        } else {
            Severity::Warning
        })
        .primary(Some(first.at), said_of(first))
        .note(note)
        .advice(
            "give what is secret to a secret manager, and services its path; what may be public can stay as it is",
        );
    for read in more.iter().take(SHOWN) {
        found = found.secondary(
            Some(read.at),
            match read.option {
                Some(_) => said_of(read),
                None => format!("and of {}", read.path.display),
            },
        );
    }
    if let Some(left) = more.len().checked_sub(SHOWN).filter(|left| *left > 0) {
        found = found.note(format!("{} are not shown", count(left, "more place")));
    }
    Some(found)
}

/// What happens with the content of a file.
fn said_of(read: &FileEvaluated) -> String {
    let file = &read.path.display;
    match &read.option {
        Some(option) => format!("{option} is given what is in {file}"),
        None => format!("the content of {file} becomes part of the configuration"),
    }
}
