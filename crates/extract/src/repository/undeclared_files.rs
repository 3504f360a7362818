//! Encrypted files that no secret of the configuration names, but whose recipients a rule decides.

use std::collections::BTreeSet;
use std::path::Path;

use nix_eval::Workspace;
use rustc_hash::FxHashSet;
use secret_files::{FileFacts, SopsFormat, describe_age, describe_as_written, is_marked_by_sops};

use crate::repository::scope::{Scope, source};
use crate::repository::{problems_of, state};
use crate::values::file_path;
use inventory::model::{AgeRulesFile, SecretFile};

/// Text that may show sops files without being one.
const PROSE: [&str; 12] = [
    "nix", "md", "mdx", "rst", "adoc", "org", "html", "sh", "py", "go", "rs", "patch",
];

/// Whether a file looks like one of sops.
pub(crate) fn may_be_sops(file: &Path, bytes: &[u8]) -> bool {
    let extension = file.extension().unwrap_or_default().to_string_lossy();
    !PROSE.contains(&&*extension) && is_marked_by_sops(bytes)
}

/// A file that looks like one of sops; `None` if it has no metadata.
pub(crate) fn sops(project: &Workspace, file: &Path, bytes: &[u8]) -> Option<SecretFile> {
    let facts = describe_as_written(SopsFormat::from_name(file), bytes);
    facts
        .sops
        .is_some()
        .then(|| secret_file(project, file, bytes, facts))
}

/// The files of the rules of agenix; `named` are those that are known already.
pub(crate) fn age(
    project: &Workspace,
    scope: &Scope,
    rules: &[AgeRulesFile],
    named: &FxHashSet<&Path>,
) -> Vec<SecretFile> {
    let ruled: BTreeSet<&Path> = rules
        .iter()
        .flat_map(|rules| &rules.rules)
        .map(|rule| rule.file.absolute.as_path())
        .filter(|file| !named.contains(file) && !scope.is_fixture(file))
        .collect();
    let files = ruled.into_iter().filter_map(|file| {
        // What is not there yet is made when it is edited first.
        let bytes = project.read(file).ok()?;
        let facts = describe_age(&bytes);
        facts
            .age
            .is_some()
            .then(|| secret_file(project, file, &bytes, facts))
    });
    let mut files: Vec<SecretFile> = files.collect();
    for file in &mut files {
        file.tracked = scope.is_tracked(&file.path.absolute);
    }
    files
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
