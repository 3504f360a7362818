//! Files that a rule says are encrypted, that are not, and that no secret names.

use std::path::{Path, PathBuf};

use nix_eval::Workspace;
use nix_source::encrypting_filter;
use rustc_hash::FxHashSet;
use secret_files::{
    RuleMatch, SopsConfig, SopsFormat, State, describe_as_written, has_secret_name, is_public_key,
};

use crate::repository::scope::{Scope, source};
use crate::repository::undeclared_files::is_prose;
use crate::repository::walk::read_at_most;
use crate::values::file_path;
use inventory::model::{FilePath, PlainFile, Repository};

/// What lies beside secrets and is none: public keys and certificates, lists of recipients, marks for directories.
const BESIDE: [&str; 9] = [
    "pub",
    "crt",
    "cer",
    "asc",
    "lock",
    "gitkeep",
    "keep",
    "gitignore",
    "gitattributes",
];

/// Names of files that show what a secret file looks like.
const EXAMPLES: [&str; 6] = ["example", "sample", "template", "tpl", "schema", "dist"];

/// Finds them among these files. `named` are those that secrets name.
pub(crate) fn find(
    project: &Workspace,
    scope: &Scope,
    files: &[PathBuf],
    repository: &Repository,
    named: &FxHashSet<&Path>,
) -> Vec<PlainFile> {
    let candidates = files.iter().filter(|file| {
        !named.contains(file.as_path())
            && may_be_data(file)
            && !scope.is_fixture(file)
            && scope.is_tracked(file) != Some(false)
    });
    let found = candidates.filter_map(|file| {
        let (config, relative) = repository.sops_configs_above(file).next()?;
        if !is_meant(&config.config, file, &relative) {
            return None;
        }
        let bytes = read_at_most(file, secret_files::MAX_PARSED_BYTES as u64)?;
        plain(project, scope, file, &bytes, &config.path)
    });
    found.collect()
}

/// A file with that content, if it is in clear and holds more than public keys.
pub(crate) fn plain(
    project: &Workspace,
    scope: &Scope,
    file: &Path,
    bytes: &[u8],
    rule: &FilePath,
) -> Option<PlainFile> {
    let text = std::str::from_utf8(bytes).ok()?;
    let facts = describe_as_written(SopsFormat::from_name(file), bytes);
    let is_open = facts.state == State::Plaintext
        && encrypting_filter(bytes).is_none()
        && !text.contains('\0')
        && !text.starts_with("-----BEGIN");
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_nothing = |line: &str| matches!(line, "{}" | "[]" | "---" | "..." | "null");
    let is_content =
        |line: &str| !line.starts_with(['#', ';']) && !is_nothing(line) && !is_public_key(line);
    let is_config = || SopsConfig::parse(bytes).rules.is_some();
    (is_open && lines.any(is_content) && !is_config()).then(|| PlainFile {
        path: file_path(project, file),
        id: source(project, file, bytes),
        rule: rule.clone(),
        tracked: scope.is_tracked(file),
    })
}

/// Whether a file holds data, by its name.
fn may_be_data(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let extension = name.rsplit('.').next().unwrap_or_default();
    let is_example = name
        .split(['.', '-', '_'])
        .any(|part| EXAMPLES.contains(&part));
    !is_prose(file)
        && !BESIDE.contains(&extension)
        && !is_example
        && !name.starts_with("README")
        && !name.starts_with(".sops.")
}

/// Whether the rules are meant for that file: one that matches files of the kind anywhere, or whatever is in a directory,
/// is not meant for each of them, unless the file is called a secret.
fn is_meant(config: &SopsConfig, file: &Path, relative: &str) -> bool {
    let RuleMatch::Rule(index, rule) = config.rule_for(relative) else {
        return false;
    };
    if rule.path_regex.is_none() {
        return false;
    }
    let extension = file.extension().unwrap_or_default().to_string_lossy();
    let dot = if extension.is_empty() { "" } else { "." };
    let matches =
        |other: &str| matches!(config.rule_for(other), RuleMatch::Rule(found, _) if found == index);
    let places = [
        ".github/workflows/ci",
        "modules/services/compose",
        "settings",
    ];
    let mut anywhere = { places.iter() }.map(|name| format!("{name}{dot}{extension}"));
    let name = relative.rsplit('/').next().unwrap_or_default();
    let directory = relative.strip_suffix(name).unwrap_or_default();
    let matches_all =
        matches(&format!("{directory}notes.unlikely")) || anywhere.any(|other| matches(&other));
    !matches_all || has_secret_name(file, relative)
}
