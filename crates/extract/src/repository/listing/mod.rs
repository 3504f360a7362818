//! Every secret file below a directory, with or without Nix around it: what `mcp-lint files` shows.

mod describe;
mod names;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use nix_eval::{Limits, Workspace};
use secret_files::{Code, FileFacts, KnownRecipients, SOPS_CONFIG_NAME, State};

use crate::managers::agenix::rules;
use crate::repository::describe as describe_as_declared;
use crate::repository::git::GitIndex;
use crate::repository::survey::{public_key, sops_config};
use crate::repository::walk::{Listed, is_loose};
use crate::{BuildOptions, DiscoverError, InputOptions, build, flake_above};
use describe::{Look, look, unreadable};
use inventory::model::{FlakeInput, Gap, GapKind, Inventory, Problem, Repository, Unknown};
use names::Names;

/// A secret file, ready to be shown. Holds no content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Relative to the directory that was named, with `/`; a file that was named, as it was given.
    pub path: String,
    /// What it is: `sops-yaml`, `age`, `openssh-private-key`, …
    pub format: &'static str,
    /// Whether it is encrypted.
    pub state: State,
    /// Who can decrypt it, by the names in `.sops.yaml` or `secrets.nix` where they have one; sorted.
    pub recipients: Vec<String>,
    /// The secrets that come from it: `nixosConfigurations.desk: sops.secrets.token`; sorted.
    pub used_by: Vec<String>,
    /// Whether Git tracks it; nothing where that is not known.
    pub tracked: Option<bool>,
    /// What needs saying, by place.
    pub problems: Vec<ListedProblem>,
}

/// Something about a file that needs saying.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedProblem {
    /// The line, from 1.
    pub line: usize,
    /// Which.
    pub code: ListedCode,
    /// What, in one line.
    pub message: String,
}

/// The code of a [`ListedProblem`], in the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedCode {
    /// What `secret-files` reports of the file's content.
    File(Code),
    /// The file is not encrypted to whom its rules name.
    OutOfSync,
}

impl ListedCode {
    /// The stable name; of a file that is out of sync, the one of its lint.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::File(code) => code.as_str(),
            Self::OutOfSync => "recipients-out-of-sync",
        }
    }
}

impl Ord for ListedCode {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl PartialOrd for ListedCode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The files and what could not be looked at.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Sorted by path.
    pub files: Vec<ListedFile>,
    /// What was not inspected: secrets that are declared there are missing in `used_by`.
    pub gaps: Vec<Gap>,
    /// The inputs of the flake that uses them, sorted by depth and name.
    pub inputs: Vec<FlakeInput>,
    /// Nix files that could not be read or parsed: secrets that they declare are missing in `used_by`.
    pub problems: Vec<Problem>,
}

/// Lists the secret files below a directory, which a Nix file in it stands for, or describes one other file,
/// whatever it is. Hosts are
/// evaluated on so many threads, `None` for one on each processor, and within these limits.
///
/// # Errors
///
/// Where the path is missing or neither a file nor a directory.
pub fn list_files(
    path: &Path,
    inputs: InputOptions,
    threads: Option<NonZeroUsize>,
    limits: Limits,
) -> Result<Listing, DiscoverError> {
    let fail = |message: &str| DiscoverError::new(path, message);
    let real = path.canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => fail("no such file or directory"),
        _ => fail(&error.to_string()),
    })?;
    let metadata = fs::metadata(&real).map_err(|error| fail(&error.to_string()))?;
    if !metadata.is_dir() && !metadata.is_file() {
        return Err(fail("neither a file nor a directory"));
    }
    let names_a_project =
        metadata.is_file() && real.extension().is_some_and(|extension| extension == "nix");
    let lists = metadata.is_dir() || names_a_project;
    let directory = if metadata.is_dir() {
        real.clone()
    } else {
        real.parent().unwrap_or_else(|| Path::new("/")).to_owned()
    };
    let project = project_of(&directory, lists, inputs, threads, limits);
    let (inventory, project) = match project {
        Ok(Some((inventory, project))) => (inventory, project),
        Err(error) if error.unknown_input.is_some() => return Err(error),
        other => {
            let root = around(&directory);
            let project = Workspace::open(&root).map_err(|error| fail(&error.to_string()))?;
            let gaps = other.err().map(|error| {
                let why = Unknown::because(error.message);
                Gap::new(GapKind::Configurations, error.path.to_string_lossy(), why)
            });
            let inventory = Inventory {
                gaps: gaps.into_iter().collect(),
                ..Inventory::default()
            };
            (inventory, Arc::new(project))
        }
    };
    let git = GitIndex::around(&directory);
    let list = List {
        inventory: &inventory,
        project: &project,
        git: git.as_ref(),
    };
    let mut bound = None;
    let mut files = if lists {
        let found = Listed::below(&directory);
        bound = found.files.bound;
        list.directory(&directory, found)
    } else {
        let facts = list.facts(&real).or_else(|| match look(&real, "", true) {
            Look::Secret(bytes, facts) => Some((bytes, facts)),
            Look::Unreadable(facts) => Some((Vec::new(), facts)),
            Look::Other => None,
        });
        let repository = list.repository(&[real.as_path()], &[]);
        let known = names::known_recipients(&repository);
        let shown = path.to_string_lossy().into_owned();
        let listed = facts
            .map(|(bytes, facts)| list.file(&repository, &known, &real, shown, &bytes, &facts));
        listed.into_iter().collect()
    };
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut gaps = inventory.all_gaps();
    gaps.extend(bound.map(|bound| {
        let why = Unknown::because(format!("{bound}: the others are not in it"));
        Gap::new(GapKind::Search, "the list of files", why)
    }));
    Ok(Listing {
        files,
        gaps,
        inputs: inventory.inputs,
        problems: inventory.problems,
    })
}

/// The project that a directory belongs to, evaluated, if there is Nix.
///
/// # Errors
///
/// If there is Nix that cannot be evaluated.
fn project_of(
    directory: &Path,
    is_directory: bool,
    inputs: InputOptions,
    threads: Option<NonZeroUsize>,
    limits: Limits,
) -> Result<Option<(Inventory, Arc<Workspace>)>, DiscoverError> {
    // For one file: the flake around it says which secrets use it.
    let named = match flake_above(directory) {
        Some(flake) => flake,
        None if is_directory && !is_loose_without_entry(directory) => directory,
        None => return Ok(None),
    };
    let options = BuildOptions {
        paths: vec![named.to_owned()],
        inputs,
        threads,
        limits,
        secrets_only: true,
        ..BuildOptions::default()
    };
    let built = build(&options)?;
    Ok(Some((built.inventory, built.project)))
}

/// A directory that is no project and has no entry point: its Nix files are no configuration.
fn is_loose_without_entry(directory: &Path) -> bool {
    is_loose(directory)
        && !crate::repository::ENTRY_POINTS
            .iter()
            .any(|name| directory.join(name).is_file())
        && !fs::read_dir(directory).is_ok_and(|entries| {
            entries.flatten().any(|entry| {
                Path::new(&entry.file_name())
                    .extension()
                    .is_some_and(|end| end == "nix")
            })
        })
}

/// The nearest directory upwards with `.git`, so that its `.sops.yaml` is seen, else the directory.
fn around(directory: &Path) -> PathBuf {
    let with_git = directory
        .ancestors()
        .find(|above| above.join(".git").exists());
    with_git.unwrap_or(directory).to_owned()
}

struct List<'a> {
    inventory: &'a Inventory,
    project: &'a Arc<Workspace>,
    git: Option<&'a GitIndex>,
}

impl List<'_> {
    /// Those of the files below a directory, and of the tracked ones, that are of secrets.
    fn directory(&self, directory: &Path, found: Listed) -> Vec<ListedFile> {
        let mut paths: BTreeSet<PathBuf> = found.files.paths.into_iter().collect();
        // A file may be tracked although it is ignored.
        paths.extend(
            self.git
                .into_iter()
                .flat_map(|git| git.files_below(directory)),
        );
        let used = self.inventory.files.iter();
        let used: BTreeSet<&Path> = used.map(|file| file.path.absolute.as_path()).collect();
        let configs: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let repository = self.repository(&used.iter().copied().collect::<Vec<_>>(), &configs);
        let known = names::known_recipients(&repository);
        let mut files = Vec::new();
        for path in paths
            .iter()
            .map(PathBuf::as_path)
            .filter(|path| !used.contains(path))
        {
            let shown = relative(directory, path);
            let by_rule = names::is_meant(&repository, path);
            match look(path, &shown, by_rule) {
                Look::Secret(bytes, facts) => {
                    files.push(self.file(&repository, &known, path, shown, &bytes, &facts))
                }
                Look::Unreadable(facts) => {
                    files.push(self.file(&repository, &known, path, shown, &[], &facts))
                }
                Look::Other => {}
            }
        }
        for path in used {
            let shown = relative(directory, path);
            if let Some((bytes, facts)) = self.facts(path) {
                files.push(self.file(&repository, &known, path, shown, &bytes, &facts));
            }
        }
        for (path, error) in found.closed {
            let facts = describe::broken(&format!("a directory that cannot be read: {error}"));
            let shown = if path == directory {
                ".".to_owned()
            } else {
                relative(directory, &path)
            };
            files.push(self.file(&repository, &known, &path, shown, &[], &facts));
        }
        for path in found.special {
            let shown = relative(directory, &path);
            if secret_files::has_secret_name(&path, &shown)
                && !files.iter().any(|file| file.path == shown)
            {
                let facts = unreadable(&path);
                files.push(self.file(&repository, &known, &path, shown, &[], &facts));
            }
        }
        files
    }

    /// A file that the configuration names, as it is declared there; nothing if it is missing.
    fn facts(&self, path: &Path) -> Option<(Vec<u8>, FileFacts)> {
        let known = self
            .inventory
            .files
            .iter()
            .find(|file| file.path.absolute == path)?;
        match self.project.read(path) {
            Ok(bytes) => {
                let mut found = crate::repository::Use::default();
                for (host, secret) in &known.used_by {
                    let host = self.inventory.hosts.get(*host);
                    if let Some(secret) = host.and_then(|host| host.secrets.get(*secret)) {
                        crate::repository::note(&mut found, secret);
                    }
                }
                let facts = describe_as_declared(&known.path, &bytes, &found);
                Some((bytes, facts))
            }
            Err(nix_source::ReadError::Missing) => None,
            Err(error) => Some((Vec::new(), describe::broken(&error.to_string()))),
        }
    }

    /// Who the recipients are: `.sops.yaml`, `secrets.nix` and public keys.
    fn repository(&self, near: &[&Path], below: &[&Path]) -> Repository {
        let mut repository = Repository::default();
        let mut configs = crate::repository::scope::above(self.project, near, SOPS_CONFIG_NAME);
        let mut rules = crate::repository::scope::above(self.project, near, rules::FILE);
        let all_above = crate::repository::scope::above(self.project, below, SOPS_CONFIG_NAME);
        configs.extend(all_above);
        let outer = crate::repository::outer_config::beyond(
            self.project.project_root(),
            !configs.is_empty(),
        );
        configs.extend(outer);
        for path in below {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name == rules::FILE {
                rules.insert((*path).to_owned());
            } else if name.ends_with(".pub") {
                repository
                    .public_keys
                    .extend(public_key(self.project, path));
            }
        }
        repository.sops_configs = configs
            .iter()
            .filter_map(|file| sops_config(self.project, file))
            .collect();
        repository.age_rules = rules::read(
            self.project,
            &rules.into_iter().collect::<Vec<_>>(),
            Limits::default(),
            &mut Vec::new(),
        );
        repository
    }

    fn file(
        &self,
        repository: &Repository,
        known: &KnownRecipients,
        path: &Path,
        shown: String,
        bytes: &[u8],
        facts: &FileFacts,
    ) -> ListedFile {
        let names = Names {
            repository,
            known,
            path,
        };
        let mut problems: Vec<ListedProblem> = facts
            .problems
            .iter()
            .map(|problem| ListedProblem {
                line: problem.span.line(bytes),
                code: ListedCode::File(problem.code),
                message: problem.message.clone(),
            })
            .collect();
        problems.extend(names.out_of_sync(facts));
        problems.sort();
        problems.dedup();
        ListedFile {
            path: shown,
            format: facts.format.as_str(),
            state: facts.state,
            recipients: names.recipients(facts),
            used_by: self.used_by(path),
            tracked: self.git.and_then(|git| git.is_tracked(path)),
            problems,
        }
    }

    fn used_by(&self, path: &Path) -> Vec<String> {
        let known = self
            .inventory
            .files
            .iter()
            .find(|file| file.path.absolute == path);
        let mut names: BTreeMap<String, ()> = BTreeMap::new();
        for (host, secret) in known.into_iter().flat_map(|file| &file.used_by) {
            let host = self.inventory.hosts.get(*host);
            if let Some((host, secret)) =
                host.and_then(|host| Some((host, host.secrets.get(*secret)?)))
            {
                names.insert(format!("{}: {}", host.attribute, secret.option), ());
            }
        }
        names.into_keys().collect()
    }
}

/// `path` seen from `directory`, with `..` where it lies elsewhere.
fn relative(directory: &Path, path: &Path) -> String {
    let common = directory
        .components()
        .zip(path.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = directory.components().count() - common;
    let mut parts: Vec<String> = vec!["..".to_owned(); up];
    parts.extend(path.components().skip(common).map(|part| match part {
        Component::Normal(name) => name.to_string_lossy().into_owned(),
        other => other.as_os_str().to_string_lossy().into_owned(),
    }));
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::relative;

    #[test]
    fn a_path_is_seen_from_the_directory() {
        let from = |directory: &str, path: &str| relative(Path::new(directory), Path::new(path));
        assert_eq!(from("/a/b", "/a/b/c/d"), "c/d");
        assert_eq!(from("/a/b", "/a/c"), "../c");
    }
}
