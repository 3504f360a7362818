//! Encrypted files that no secret of the configuration names, but whose recipients a rule decides.

use std::collections::BTreeMap;
use std::path::Path;

use nix_eval::Workspace;
use rustc_hash::FxHashSet;
use secret_files::{FileFacts, SopsFormat, describe_age, describe_as_written, is_marked_by_sops};

use crate::repository::plain_files::plain;
use crate::repository::scope::{Scope, source};
use crate::repository::{problems_of, state};
use crate::values::file_path;
use inventory::model::{AgeRulesFile, PlainFile, SecretFile};

/// Text that may show sops files without being one.
const PROSE: [&str; 12] = [
    "nix", "md", "mdx", "rst", "adoc", "org", "html", "sh", "py", "go", "rs", "patch",
];

/// Whether a file is a text for people, or a program, by its extension.
pub(crate) fn is_prose(file: &Path) -> bool {
    let extension = file.extension().unwrap_or_default().to_string_lossy();
    PROSE.contains(&&*extension)
}

/// Whether a file looks like one of sops.
pub(crate) fn may_be_sops(file: &Path, bytes: &[u8]) -> bool {
    !is_prose(file) && is_marked_by_sops(bytes)
}

/// A file that looks like one of sops; `None` if it has no metadata.
pub(crate) fn sops(project: &Workspace, file: &Path, bytes: &[u8]) -> Option<SecretFile> {
    let facts = describe_as_written(SopsFormat::from_name(file), bytes);
    facts
        .sops
        .is_some()
        .then(|| secret_file(project, file, bytes, facts))
}

/// The files of the rules of agenix, and those of them that are in clear; `named` are those that are known already.
pub(crate) fn age(
    project: &Workspace,
    scope: &Scope,
    rules: &[AgeRulesFile],
    named: &FxHashSet<&Path>,
) -> (Vec<SecretFile>, Vec<PlainFile>) {
    let ruled: BTreeMap<&Path, &AgeRulesFile> = rules
        .iter()
        .flat_map(|rules| rules.rules.iter().map(move |rule| (rule, rules)))
        .map(|(rule, rules)| (rule.file.absolute.as_path(), rules))
        .filter(|(file, _)| !named.contains(file) && !scope.is_fixture(file))
        .collect();
    let mut files = Vec::new();
    let mut in_clear = Vec::new();
    for (file, rules) in ruled {
        // What is not there yet is made when it is edited first.
        let Ok(bytes) = project.read(file) else {
            continue;
        };
        let facts = describe_age(&bytes);
        if facts.age.is_some() {
            let mut found = secret_file(project, file, &bytes, facts);
            found.tracked = scope.is_tracked(file);
            files.push(found);
        } else {
            in_clear.extend(plain(project, scope, file, &bytes, &rules.path));
        }
    }
    (files, in_clear)
}

fn secret_file(project: &Workspace, file: &Path, bytes: &[u8], facts: FileFacts) -> SecretFile {
    SecretFile {
        path: file_path(project, file),
        id: source(project, file, bytes),
        format: facts.format.as_str(),
        state: state(facts.state),
        tracked: None,
        problems: problems_of(&facts),
        facts: Some(facts),
        used_by: Vec::new(),
    }
}
