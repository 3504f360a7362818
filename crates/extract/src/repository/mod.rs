//! The secret files that the hosts' secrets name, and what else lies in the repository.

mod constants;
pub(crate) mod credential_text;
mod credentials;
mod evaluated_files;
mod generation_paths;
mod git;
pub(crate) mod given;
mod listing;
mod literal_options;
mod outer_config;
mod plain_files;
pub(crate) mod scope;
mod secret_file_options;
mod survey;
mod undeclared_files;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::{Limits, Workspace};
use nix_source::ReadError;
use secret_files::{Code, FileFacts, SopsFormat, State, describe_age, describe_as_written};

pub use listing::{ListedCode, ListedFile, ListedProblem, Listing, list_files};

pub(crate) use git::GitIndex;
pub use git::foreign_repository;
use scope::Scope;
use survey::Scan;
pub(crate) use walk::read_at_most;

use crate::Discovery;
use crate::attribute_paths::SERVERS_FUNCTION;
use crate::defects::{guarded, undescribed};
use inventory::model::{
    Encryption, FilePath, FileProblem, FileState, Gap, GapKind, Inventory, Problem, ProblemKind,
    Secret, SecretFile, SecretKind, Unknown,
};
use inventory::{FileId, McpKind};

/// Who uses a file, and what for.
#[derive(Debug, Default)]
pub(crate) struct Use {
    used_by: Vec<(usize, usize)>,
    /// `format` of sops-nix; nothing for age.
    format: Option<String>,
    is_age: bool,
}

/// Files that stand for the directory in which they lie.
const ENTRY_POINTS: [&str; 7] = [
    "flake.nix",
    "flake.lock",
    "configuration.nix",
    "darwin-configuration.nix",
    "home.nix",
    "hive.nix",
    "default.nix",
];

/// The directories that the user named: a directory, or the one around an entry point. A module is
/// looked at alone.
fn directories(named: &[PathBuf]) -> Vec<PathBuf> {
    let here = [PathBuf::from(".")];
    let named = if named.is_empty() { &here } else { named };
    let mut directories: Vec<PathBuf> = named
        .iter()
        .filter_map(|path| {
            let real = path.canonicalize().ok()?;
            if real.is_dir() {
                return Some(real);
            }
            let name = real.file_name()?.to_str()?;
            let is_entry = ENTRY_POINTS.contains(&name);
            is_entry
                .then(|| real.parent().map(Path::to_owned))
                .flatten()
        })
        .collect();
    directories.sort();
    // What lies below another is looked at with it.
    directories.dedup_by(|below, above| below.starts_with(above));
    directories
}

/// All regular files of a project, sorted; `None` if there are more. `git` is what Git tracks, if that is known.
pub(crate) fn project_texts(
    project: &Workspace,
    git: Option<&GitIndex>,
    is_flake: bool,
) -> Option<Vec<PathBuf>> {
    let root = project.project_root();
    if walk::is_loose(root) {
        return None;
    }
    // A flake has what Git tracks; without one, Nix reads what lies there.
    let files = walk::project_files(root, git.filter(|_| is_flake));
    files.bound.is_none().then_some(files.paths)
}

/// Looks through the files of the repository, beside the evaluation; `named` are the paths that the user
/// named.
pub(crate) fn scan(project: &Workspace, discovery: &Discovery, named: &[PathBuf]) -> Scan {
    let scope = Scope {
        directories: directories(named),
        is_flake: discovery.flake.is_some(),
        git: GitIndex::around(project.project_root()),
    };
    survey::scan(project, scope)
}

/// Reads and describes every file that a secret names, and adds what the scan found. Returns what Git tracks.
pub(crate) fn read(
    inventory: &mut Inventory,
    project: &Arc<Workspace>,
    scan: Scan,
    limits: Limits,
) -> Option<GitIndex> {
    let mut uses: BTreeMap<FilePath, Use> = BTreeMap::new();
    for (host_index, host) in inventory.hosts.iter().enumerate() {
        for (index, secret) in host.secrets.iter().enumerate() {
            if secret.kind == SecretKind::Template {
                continue;
            }
            let Some(Some(path)) = secret.file.known() else {
                continue;
            };
            let found = uses.entry(path.clone()).or_default();
            found.used_by.push((host_index, index));
            note(found, secret);
        }
    }
    let mut submodules = BTreeSet::new();
    inventory.files = uses
        .into_iter()
        .map(|(path, found)| {
            let mut file = file(project, path, found);
            if !matches!(file.state, FileState::Missing | FileState::Unreadable) {
                file.tracked = scan.scope.is_tracked(&file.path.absolute);
            }
            let submodule = { scan.scope.git.as_ref() }
                .and_then(|git| git.submodule_of(&file.path.absolute))
                .filter(|_| file.state == FileState::Missing)
                .filter(|directory| {
                    project
                        .read_directory(directory)
                        .is_ok_and(|entries| entries.is_empty())
                });
            // It may well be in the submodule.
            if let Some(directory) = submodule {
                file.state = FileState::Unreadable;
                submodules.insert(directory.to_owned());
            }
            file
        })
        .collect();
    inventory.problems.extend(submodules.iter().map(|directory| Problem {
        at: None,
        kind: ProblemKind::Unreadable,
        reason: format!(
            "cannot read {}: it is a Git submodule that is not checked out (git submodule update --init)",
            project.display(directory)
        )
        .into(),
    }));
    let unreadable: Vec<Problem> = inventory
        .files
        .iter()
        .filter(|file| file.path.absolute.starts_with(project.project_root()))
        .filter_map(|file| not_read(inventory, file))
        .collect();
    inventory.problems.extend(unreadable);
    let files: Vec<&Path> = inventory
        .files
        .iter()
        .map(|file| file.path.absolute.as_path())
        .collect();
    let bound = scan.bound;
    let (repository, scope) =
        survey::survey(project, scan, &files, limits, &mut inventory.problems);
    inventory.repository = repository;
    inventory.gaps.extend(bound.map(|bound| {
        let why = Unknown::because(format!("{bound}: the others were not searched"));
        Gap::new(GapKind::Search, "the search for keys and tokens", why)
    }));
    credentials::of_servers(&inventory.hosts, project, &scope, &mut inventory.repository);
    forget_evaluated_servers(inventory);
    given::add(&inventory.hosts, project, &scope, &mut inventory.repository);
    let reason = "packages and shells are not evaluated: only credentials that are written out there are found";
    let unevaluated = inventory.repository.unevaluated_servers.iter();
    inventory.gaps.extend(unevaluated.map(|(option, at)| {
        let subject = format!("what `{option}` declares of MCP servers");
        let why = Unknown {
            reason: reason.to_owned().into(),
            at: Some(*at),
        };
        Gap::new(GapKind::NotEvaluated, subject, why)
    }));
    scope.git
}

/// Forgets the calls of [`SERVERS_FUNCTION`] whose servers a configuration has: a file of servers that is evaluated
/// shows them in the same file.
fn forget_evaluated_servers(inventory: &mut Inventory) {
    let of_hosts = inventory.hosts.iter().flat_map(|host| &host.mcp);
    let of_files = of_hosts.filter(|mcp| mcp.module.kind == McpKind::File);
    let evaluated: BTreeSet<FileId> = of_files
        .flat_map(|mcp| {
            let servers = mcp.servers.iter().filter_map(|server| server.at);
            servers.chain(mcp.values.iter().filter_map(|value| value.at))
        })
        .map(|at| at.file)
        .collect();
    let places = &mut inventory.repository.unevaluated_servers;
    places.retain(|(option, at)| *option != SERVERS_FUNCTION || !evaluated.contains(&at.file));
}

/// A file of the project that a secret names and that could not be looked at: nothing is said of it then, which
/// must not look like nothing to say. What lies elsewhere is a matter of its own.
fn not_read(inventory: &Inventory, file: &SecretFile) -> Option<Problem> {
    let problem = file
        .problems
        .iter()
        .find(|problem| problem.code == Code::Unreadable)?;
    let places = file.used_by.iter().filter_map(|(host, secret)| {
        let secret = inventory.hosts.get(*host)?.secrets.get(*secret)?;
        secret
            .file
            .at
            .or_else(|| secret.declared_at.first().copied())
    });
    Some(Problem {
        at: places.min(),
        kind: ProblemKind::Unreadable,
        reason: format!("cannot read {}: {}", file.path.display, problem.message).into(),
    })
}

fn note(found: &mut Use, secret: &Secret) {
    if secret.manager.files.encryption == Encryption::Age {
        found.is_age = true;
    }
    if found.format.is_none() {
        found.format = secret.format.known().cloned().flatten();
    }
}

fn file(project: &Workspace, path: FilePath, found: Use) -> SecretFile {
    let blank = |path: FilePath, state, used_by| SecretFile {
        path,
        id: None,
        format: "unknown",
        state,
        tracked: None,
        problems: Vec::new(),
        facts: None,
        used_by,
    };
    // A store path that is not the project's own: an input's, which is not here.
    let bytes = match project.read(&path.absolute) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return blank(path, FileState::Missing, found.used_by),
        Err(error) => {
            let mut file = blank(path, FileState::Unreadable, found.used_by);
            file.problems.push(FileProblem {
                code: Code::Unreadable,
                span: nix_syntax::source::TextSpan::new(0, 0),
                message: error.to_string(),
            });
            return file;
        }
    };
    let facts = describe(&path, &bytes, &found);
    let problems = problems_of(&facts);
    let text = std::str::from_utf8(&bytes).ok();
    let id = text.map(|text| project.add_source(&path.absolute, Arc::from(text)));
    SecretFile {
        id,
        format: facts.format.as_str(),
        state: state(facts.state),
        tracked: None,
        problems,
        facts: Some(facts),
        used_by: found.used_by,
        path,
    }
}

/// The problems of a file, as the inventory keeps them.
fn problems_of(facts: &FileFacts) -> Vec<FileProblem> {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let problems = facts.problems.iter();
    problems
        .map(|problem| FileProblem {
            code: problem.code,
            span: nix_syntax::source::TextSpan::new(
                place(problem.span.start),
                place(problem.span.end),
            ),
            message: problem.message.clone(),
        })
        .collect()
}

/// A secret file with this content panics.
#[cfg(test)]
pub(crate) const DEFECTIVE: &str = "defective: true\n";

/// A sops file is described in the format that it was written in; where that does not show, in the
/// one that the configuration says, else by its name.
fn describe(path: &FilePath, bytes: &[u8], found: &Use) -> FileFacts {
    guarded(|| describe_content(path, bytes, found)).unwrap_or_else(|panic| undescribed(&panic))
}

fn describe_content(path: &FilePath, bytes: &[u8], found: &Use) -> FileFacts {
    #[cfg(test)]
    assert!(bytes != DEFECTIVE.as_bytes(), "a defect");
    if found.is_age {
        return describe_age(bytes);
    }
    let declared = found.format.as_deref().and_then(SopsFormat::from_option);
    let format = declared.unwrap_or_else(|| SopsFormat::from_name(&path.absolute));
    describe_as_written(format, bytes)
}

const fn state(state: State) -> FileState {
    match state {
        State::Encrypted => FileState::Encrypted,
        State::Partial => FileState::Partial,
        State::MetadataOnly => FileState::MetadataOnly,
        State::NothingEncrypted => FileState::NothingEncrypted,
        State::Plaintext => FileState::Plaintext,
        State::Empty => FileState::Empty,
        State::Broken => FileState::Broken,
        State::OtherEncrypted => FileState::OtherEncrypted,
    }
}
