//! What else lies in the repository: `.sops.yaml`, `secrets.nix`, public and private keys, credentials.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::{Limits, Workspace};
use nix_syntax::source::{FileId, Span};
use rustc_hash::FxHashSet;
use secret_files::{
    Confidence, SopsConfig, SshPublicKey, TokenClass, TokenFinding, scan_private_keys,
};

use crate::managers::agenix::rules;
use crate::repository::credential_text::confidence_of;
use crate::repository::outer_config::beyond;
use crate::repository::scope::{Scope, above, source};
use crate::repository::walk::{Bound, project_files, read_at_most, read_start};

use crate::repository::{
    credentials, evaluated_files, generation_paths, plain_files, undeclared_files,
};
use crate::values::file_path;
use inventory::mcp_modules::is_client_file;
use inventory::model::{
    Credential, CredentialKind, PrivateKey, Problem, PublicKeyFile, Repository, SopsConfigFile,
    name_from,
};

/// So much of a file is searched for keys and tokens: 1 MiB.
const MAX_SEARCHED: u64 = 1 << 20;
/// The largest file that is taken for a public key.
const MAX_PUBLIC_KEY: u64 = 16 << 10;

/// What lies in the repository, whatever its configurations say.
pub(crate) struct Scan {
    pub(crate) scope: Scope,
    /// What left files out of it.
    pub(crate) bound: Option<Bound>,
    found: Repository,
    configs: BTreeSet<PathBuf>,
    rules: BTreeSet<PathBuf>,
    /// What looks like a file of sops.
    sops: Vec<(PathBuf, Vec<u8>)>,
    /// What may be a file of secrets in clear.
    others: Vec<PathBuf>,
    /// Files with keys and tokens. Only an evaluation adds a text to the sources first: an editor may have another.
    tokens: Vec<(PathBuf, Vec<u8>, Vec<TokenFinding>)>,
}

/// Looks through the files of the project. It needs no evaluation, and may run beside one.
pub(crate) fn scan(project: &Workspace, scope: Scope) -> Scan {
    let mut scan = Scan {
        found: Repository {
            is_flake: scope.is_flake,
            is_git: scope.git.is_some(),
            ..Repository::default()
        },
        configs: BTreeSet::new(),
        rules: BTreeSet::new(),
        sops: Vec::new(),
        others: Vec::new(),
        tokens: Vec::new(),
        bound: None,
        scope,
    };
    for directory in scan.scope.directories.clone() {
        let files = project_files(&directory, scan.scope.git.as_ref());
        scan.bound = scan.bound.or(files.bound);
        for file in files.paths {
            scan.file(project, &file);
        }
    }
    scan
}

/// What a scan found, with what the configurations say, and what was searched; `secret_files` are those that they
/// name, `limits` those of what is evaluated, and `problems` what cut it short.
pub(crate) fn survey(
    project: &Arc<Workspace>,
    scan: Scan,
    secret_files: &[&Path],
    limits: Limits,
    problems: &mut Vec<Problem>,
) -> (Repository, Scope) {
    let Scan {
        scope: searched,
        found: mut repository,
        mut configs,
        rules,
        sops,
        others,
        tokens,
        bound: _,
    } = scan;
    let scope = &searched;
    for (file, bytes, findings) in tokens {
        add_tokens(project, scope, &file, &bytes, findings, &mut repository);
    }
    configs.extend(above(project, secret_files, secret_files::SOPS_CONFIG_NAME));
    let outer = beyond(project.project_root(), !configs.is_empty());
    configs.extend(outer);
    let configs = configs.iter().filter_map(|file| sops_config(project, file));
    repository.sops_configs = configs.collect();
    let mut rules = rules;
    rules.extend(above(project, secret_files, rules::FILE));
    let rules: Vec<PathBuf> = rules.into_iter().collect();
    repository.age_rules = rules::read(project, &rules, limits, problems);
    let named: FxHashSet<&Path> = secret_files.iter().copied().collect();
    let unnamed = sops
        .iter()
        .filter(|(file, _)| !named.contains(file.as_path()));
    for (file, bytes) in unnamed {
        if let Some(mut found) = undeclared_files::sops(project, file, bytes) {
            found.tracked = scope.is_tracked(file);
            repository.unnamed_files.push(found);
        }
    }
    let (of_age, in_clear) = undeclared_files::age(project, scope, &repository.age_rules, &named);
    repository.plain_files = plain_files::find(project, scope, &others, &repository, &named);
    repository.plain_files.extend(in_clear);
    repository.plain_files.sort_by(|a, b| a.path.cmp(&b.path));
    repository.unnamed_files.extend(of_age);
    repository.unnamed_files.sort_by(|a, b| a.path.cmp(&b.path));
    repository.unnamed_files.dedup_by(|a, b| a.path == b.path);
    let mut files = project.parsed_files();
    files.retain(|file| file.path.starts_with(project.project_root()));
    credentials::find(project, &files, scope, &mut repository);
    generation_paths::find(project, &files, scope, &mut repository);
    evaluated_files::find(project, &files, scope, &mut repository);
    repository.misnamed_sops_configs.sort();
    repository
        .private_keys
        .sort_by(|a, b| (&a.path, a.at, a.what).cmp(&(&b.path, b.at, b.what)));
    repository
        .credentials
        .sort_by(|a, b| (&a.path, a.at).cmp(&(&b.path, b.at)));
    repository.path_literals.sort_by_key(|found| found.at);
    (repository, searched)
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

impl Scan {
    fn file(&mut self, project: &Workspace, file: &Path) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name == secret_files::SOPS_CONFIG_NAME {
            self.configs.insert(file.to_owned());
        } else if is_nearly_a_config(&name) && has_rules(file) {
            let misnamed = &mut self.found.misnamed_sops_configs;
            misnamed.push(file_path(project, file));
        } else if name == rules::FILE {
            self.rules.insert(file.to_owned());
        } else if name.ends_with(".pub") {
            self.found.public_keys.extend(public_key(project, file));
            return;
        }
        let extension = file.extension().unwrap_or_default().to_string_lossy();
        let extension = extension.to_ascii_lowercase();
        if secret_files::UNSEARCHED_EXTENSIONS.contains(&extension.as_str()) {
            return;
        }
        let Some(bytes) = read_start(file, MAX_SEARCHED) else {
            return;
        };
        let tokens = match extension.as_str() {
            "nix" => secret_files::scan(&bytes),
            _ if is_client_file(&file.to_string_lossy()) => secret_files::scan(&bytes),
            _ if self.is_searched_for_tokens(file, &bytes) => secret_files::scan(&bytes),
            _ => scan_private_keys(&bytes),
        };
        if !tokens.is_empty() {
            self.tokens.push((file.to_owned(), bytes.clone(), tokens));
        }
        let is_whole = (bytes.len() as u64) < MAX_SEARCHED;
        let may_be_sops = is_whole && undeclared_files::may_be_sops(file, &bytes);
        if may_be_sops && !self.scope.is_fixture(file) {
            self.sops.push((file.to_owned(), bytes));
        } else if is_whole && !may_be_sops {
            self.others.push(file.to_owned());
        }
    }

    /// Whether tokens of a certain shape are reported that are in a file: a text that people of the project write.
    fn is_searched_for_tokens(&self, file: &Path, bytes: &[u8]) -> bool {
        /// Directories of what others write.
        const VENDORED: [&str; 7] = [
            "node_modules",
            "vendor",
            "vendored",
            "third_party",
            "third-party",
            "dist",
            ".yarn",
        ];
        /// Files that programs write.
        const WRITTEN: [&str; 5] = ["lock", "map", "patch", "diff", "svg"];
        let mut directories = file.components();
        let is_vendored = directories.any(|it| VENDORED.iter().any(|name| it.as_os_str() == *name));
        let extension = file.extension().unwrap_or_default().to_string_lossy();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let is_written = WRITTEN.contains(&&*extension)
            || name.contains(".min.")
            || matches!(&*name, "package-lock.json" | "pnpm-lock.yaml");
        !is_vendored
            && !is_written
            && !bytes.contains(&0)
            && self.scope.is_tracked(file) != Some(false)
    }
}

/// Adds what was found in a file: private keys, and in Nix credentials.
fn add_tokens(
    project: &Workspace,
    scope: &Scope,
    file: &Path,
    bytes: &[u8],
    findings: Vec<TokenFinding>,
    repository: &mut Repository,
) {
    let is_nix = { file.extension() }.is_some_and(|it| it.eq_ignore_ascii_case("nix"));
    let is_searched = is_nix || is_client_file(&file.to_string_lossy());
    let path = file_path(project, file);
    let is_fixture = scope.is_fixture(file);
    let tracked = scope.is_tracked(file);
    // What is only a beginning is no text to show places in.
    let is_whole = (bytes.len() as u64) < MAX_SEARCHED;
    let id = is_whole.then(|| source(project, file, bytes)).flatten();
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
            // Elsewhere only what has the shape of nothing else.
            (TokenClass::Credential | TokenClass::UrlPassword, Some(at))
                if is_searched
                    || (finding.class == TokenClass::Credential
                        && finding.confidence == Confidence::High) =>
            {
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
