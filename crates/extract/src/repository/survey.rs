//! What else lies in the repository: `.sops.yaml`, `secrets.nix`, public and private keys, credentials.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::Workspace;
use nix_syntax::source::{FileId, Span};
use secret_files::{SopsConfig, SshPublicKey, TokenClass, TokenFinding, scan, scan_private_keys};

use crate::managers::agenix::rules;
use crate::repository::credentials::confidence_of;
use crate::repository::outer_config::beyond;
use crate::repository::scope::{Scope, above, source};
use crate::repository::walk::{project_files, read_at_most};

use crate::repository::{credentials, generation_paths, undeclared_files};
use crate::values::file_path;
use inventory::model::{
    Credential, CredentialKind, PrivateKey, PublicKeyFile, Repository, SopsConfigFile, name_from,
};

/// Larger files are not searched for keys: 1 MiB.
const MAX_SEARCHED: u64 = 1 << 20;
/// The largest file that is taken for a public key.
const MAX_PUBLIC_KEY: u64 = 16 << 10;

/// Looks through the project; `secret_files` are those that the configuration names.
pub(crate) fn survey(
    project: &Arc<Workspace>,
    scope: &Scope<'_>,
    secret_files: &[&Path],
) -> Repository {
    let mut repository = Repository {
        is_flake: scope.is_flake,
        is_git: scope.git.is_some(),
        ..Repository::default()
    };
    let mut configs = above(project, secret_files, secret_files::SOPS_CONFIG_NAME);
    let mut rules = above(project, secret_files, rules::FILE);
    for directory in &scope.directories {
        for file in project_files(directory, scope.git) {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            if name == secret_files::SOPS_CONFIG_NAME {
                configs.insert(file.clone());
            } else if is_nearly_a_config(&name) && has_rules(&file) {
                let misnamed = &mut repository.misnamed_sops_configs;
                misnamed.push(file_path(project, &file));
            } else if name == rules::FILE {
                rules.insert(file.clone());
            } else if name.ends_with(".pub") {
                repository.public_keys.extend(public_key(project, &file));
                continue;
            }
            let is_named = secret_files.contains(&file.as_path());
            search(project, scope, &file, is_named, &mut repository);
        }
    }
    let outer = beyond(project.project_root(), !configs.is_empty());
    configs.extend(outer);
    let configs = configs.iter().filter_map(|file| sops_config(project, file));
    repository.sops_configs = configs.collect();
    let rules: Vec<PathBuf> = rules.into_iter().collect();
    repository.age_rules = rules::read(project, &rules);
    let of_age = undeclared_files::age(project, scope, &repository.age_rules, secret_files);
    repository.unnamed_files.extend(of_age);
    repository.unnamed_files.sort_by(|a, b| a.path.cmp(&b.path));
    repository.unnamed_files.dedup_by(|a, b| a.path == b.path);
    credentials::find(project, scope, &mut repository);
    generation_paths::find(project, scope, &mut repository);
    repository.misnamed_sops_configs.sort();
    repository
        .private_keys
        .sort_by(|a, b| (&a.path, a.at, a.what).cmp(&(&b.path, b.at, b.what)));
    repository
        .credentials
        .sort_by(|a, b| (&a.path, a.at).cmp(&(&b.path, b.at)));
    repository.path_literals.sort_by_key(|found| found.at);
    repository
}

/// Whether a file has a name that people give a `.sops.yaml`, and that sops does not look for.
fn is_nearly_a_config(name: &str) -> bool {
    matches!(name, ".sops.yml" | "sops.yaml" | "sops.yml" | ".sops.YAML")
}

/// Whether a file has rules of sops in it.
fn has_rules(file: &Path) -> bool {
    let bytes = read_at_most(file, secret_files::MAX_PARSED_BYTES as u64);
    let config = bytes.map(|bytes| SopsConfig::parse(&bytes));
    config.is_some_and(|config| config.rules.is_some_and(|rules| !rules.is_empty()))
}

pub(crate) fn sops_config(project: &Workspace, file: &Path) -> Option<SopsConfigFile> {
    let bytes = read_at_most(file, secret_files::MAX_PARSED_BYTES as u64)?;
    let mut path = file_path(project, file);
    let is_beyond = !file.starts_with(project.project_root());
    if is_beyond {
        path.display = name_from(project.project_root(), file);
    }
    Some(SopsConfigFile {
        path,
        is_beyond,
        id: source(project, file, &bytes),
        config: SopsConfig::parse(&bytes),
    })
}

pub(crate) fn public_key(project: &Workspace, file: &Path) -> Option<PublicKeyFile> {
    let bytes = read_at_most(file, MAX_PUBLIC_KEY)?;
    let text = String::from_utf8(bytes).ok()?;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let key = SshPublicKey::parse(lines.next()?).filter(|_| lines.next().is_none())?;
    let age_recipient = key.to_age_recipient();
    Some(PublicKeyFile {
        path: file_path(project, file),
        key,
        age_recipient,
    })
}

/// Searches one file: for private keys, and Nix for credentials. Of a sops file that no secret names its
/// recipients are kept.
fn search(
    project: &Workspace,
    scope: &Scope<'_>,
    file: &Path,
    is_named: bool,
    repository: &mut Repository,
) {
    let extension = file
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    if secret_files::UNSEARCHED_EXTENSIONS.contains(&extension.as_str()) {
        return;
    }
    let Some(bytes) = read_at_most(file, MAX_SEARCHED) else {
        return;
    };
    if !is_named
        && !scope.is_fixture(file)
        && let Some(mut found) = undeclared_files::sops(project, file, &bytes)
    {
        found.tracked = scope.is_tracked(file);
        repository.unnamed_files.push(found);
    }
    let is_nix = extension == "nix";
    let findings = if is_nix {
        scan(&bytes)
    } else {
        scan_private_keys(&bytes)
    };
    if findings.is_empty() {
        return;
    }
    let path = file_path(project, file);
    let is_fixture = scope.is_fixture(file);
    let tracked = scope.is_tracked(file);
    let id = source(project, file, &bytes);
    for finding in findings {
        let at = id.and_then(|id| place(id, &finding));
        match (finding.class, at) {
            (
                TokenClass::PrivateKey
                | TokenClass::EncryptedPrivateKey
                | TokenClass::HardwareHandle,
                at,
            ) => repository.private_keys.push(PrivateKey {
                path: path.clone(),
                at,
                what: finding.rule.what,
                class: finding.class,
                confidence: finding.confidence,
                tracked,
                is_fixture,
            }),
            (TokenClass::Credential | TokenClass::UrlPassword, Some(at)) if is_nix => {
                repository.credentials.push(Credential {
                    path: path.clone(),
                    at,
                    kind: CredentialKind::Token {
                        provider: finding.rule.provider,
                        what: finding.rule.what,
                    },
                    confidence: match finding.class {
                        // A word in a URL is a password for form's sake.
                        TokenClass::UrlPassword => {
                            let value = bytes.get(finding.span.start..finding.span.end);
                            let value = String::from_utf8_lossy(value.unwrap_or_default());
                            finding.confidence.min(confidence_of(&value))
                        }
                        _ => finding.confidence,
                    },
                    tracked,
                    is_fixture,
                });
            }
            _ => {}
        }
    }
}

fn place(id: FileId, finding: &TokenFinding) -> Option<Span> {
    Some(Span {
        file: id,
        start: u32::try_from(finding.span.start).ok()?,
        end: u32::try_from(finding.span.end).ok()?,
    })
}
