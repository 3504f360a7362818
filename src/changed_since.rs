//! What git says has changed in a repository that may be a stranger's.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::git::{GitError, git};
use crate::usage::UsageError;

/// The files of the working tree that differ from where the current branch left `revision`, and
/// those that git does not know. A file that was touched without a change may be among them.
pub(crate) fn changed_since(directory: &Path, revision: &str) -> Result<Vec<PathBuf>, UsageError> {
    let repository = Repository::around(directory)?;
    let commit = format!("{revision}^{{commit}}");
    let verify =
        |commit: &str| repository.asked("rev-parse --verify --quiet --end-of-options", &[commit]);
    let Ok(commit) = verify(&commit) else {
        return Err(
            UsageError::new(format!("git knows no revision `{revision}`"))
                .help("fetch it first; a shallow clone (actions/checkout) needs fetch-depth: 0"),
        );
    };
    let commit = text(&commit);
    let head = text(&verify("HEAD^{commit}")?);
    let alone = repository.alone()?;
    // Without a common ancestor, everything that differs counts.
    let base = alone.asked("merge-base", &[&commit, &head]);
    let base = base.map_or_else(|_| commit.clone(), |base| text(&base));
    let outputs = [
        alone.asked(
            "diff-tree -r -z --no-renames --name-only",
            &[&base, &head, "--"],
        )?,
        alone.asked(
            "diff-index --cached -z --no-renames --ignore-submodules=dirty --name-only",
            &[&head, "--"],
        )?,
        alone.asked(
            "diff-files -z --no-renames --ignore-submodules=dirty --name-only",
            &["--"],
        )?,
        repository.asked("ls-files --others --exclude-standard -z", &[])?,
    ];
    let names = outputs
        .iter()
        .flat_map(|output| output.split(|byte| *byte == 0));
    let names = names.filter(|name| !name.is_empty());
    Ok(names.map(|name| repository.top.join(os(name))).collect())
}

/// A repository that may be a stranger's.
struct Repository {
    /// The top of its working tree.
    top: PathBuf,
    /// Where else git is to look than in the repository's own directory.
    environment: Vec<(&'static str, OsString)>,
    /// The directory that stands for the repository's own.
    _directory: Option<TempDir>,
}

impl Repository {
    /// The repository that a directory is in.
    fn around(directory: &Path) -> Result<Self, UsageError> {
        let here = Self {
            top: directory.to_owned(),
            environment: Vec::new(),
            _directory: None,
        };
        let top = here.asked("rev-parse --show-toplevel", &[])?;
        Ok(Self {
            top: PathBuf::from(os(top.trim_ascii_end())),
            ..here
        })
    }

    /// Its objects and its index under a directory of ours: what git does there reads neither its configuration
    /// nor its attributes, which can name programs to run (filters, a remote that has what a partial clone lacks).
    fn alone(&self) -> Result<Self, UsageError> {
        let cannot = |error: io::Error| UsageError::new(format!("--changed-since: {error}"));
        let place = |name: &str| -> Result<OsString, UsageError> {
            let path = self.asked("rev-parse --git-path", &[name])?;
            Ok(self.top.join(os(path.trim_ascii_end())).into_os_string())
        };
        let is_sha256 = self.asked("rev-parse --show-object-format", &[]);
        let is_sha256 = is_sha256.is_ok_and(|format| format.trim_ascii() == b"sha256");
        let (configuration, empty) = match is_sha256 {
            true => (SHA256, EMPTY_TREE_SHA256),
            false => ("", EMPTY_TREE),
        };
        let directory = tempfile::tempdir().map_err(cannot)?;
        for below in ["objects", "refs"] {
            std::fs::create_dir(directory.path().join(below)).map_err(cannot)?;
        }
        for (file, content) in [
            ("HEAD", "ref: refs/heads/none\n"),
            ("config", configuration),
        ] {
            std::fs::write(directory.path().join(file), content).map_err(cannot)?;
        }
        Ok(Self {
            top: self.top.clone(),
            environment: vec![
                ("GIT_DIR", directory.path().into()),
                ("GIT_WORK_TREE", self.top.clone().into_os_string()),
                ("GIT_OBJECT_DIRECTORY", place("objects")?),
                ("GIT_INDEX_FILE", place("index")?),
                // Attributes of an empty tree: no file names a filter of the user's.
                ("GIT_ATTR_SOURCE", empty.into()),
            ],
            _directory: Some(directory),
        })
    }

    /// What git answers to a command, which is given as words, and its further arguments.
    fn asked(&self, command: &str, arguments: &[&str]) -> Result<Vec<u8>, UsageError> {
        let words: Vec<&str> = ["-c", "core.hooksPath=/dev/null"]
            .into_iter()
            .chain(command.split(' '))
            .chain(arguments.iter().copied())
            .collect();
        git(&self.top, &words, &self.environment).map_err(|failure| {
            let error = UsageError::new(format!("--changed-since: {failure}"));
            match failure {
                GitError::NotInstalled => error.help("name the files instead: --only FILE..."),
                _ => error,
            }
        })
    }
}

/// The configuration of a repository whose names are SHA-256.
const SHA256: &str = "[core]\nrepositoryFormatVersion = 1\n[extensions]\nobjectFormat = sha256\n";

/// The tree without files, which every repository has.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const EMPTY_TREE_SHA256: &str = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output.trim_ascii_end()).into_owned()
}

#[cfg(unix)]
fn os(bytes: &[u8]) -> &OsStr {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes)
}

#[cfg(not(unix))]
fn os(bytes: &[u8]) -> &OsStr {
    std::str::from_utf8(bytes).map_or(OsStr::new(""), OsStr::new)
}
