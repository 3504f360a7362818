//! Findings of some files only: `--only` and `--changed-since`, or a part of the project that was
//! named. The whole project is evaluated all the same.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use inventory::{Inventory, SourceMap};
use mcp_lint_lints::Diagnostic;

use crate::usage::UsageError;

/// The files that count, absolute; those behind symbolic links under both names.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChangedFiles {
    files: BTreeSet<PathBuf>,
}

impl ChangedFiles {
    /// The files that are named, and those that changed since a revision; nothing if neither is
    /// asked for.
    pub(crate) fn new(
        paths: &[PathBuf],
        only: &[PathBuf],
        since: Option<&str>,
    ) -> Result<Option<Self>, UsageError> {
        if only.is_empty() && since.is_none() {
            return Ok(None);
        }
        let mut changed = Self::default();
        for file in only {
            // A name that is misspelt would hide every finding.
            if file.symlink_metadata().is_err() {
                let name = crate::report::near(file);
                return Err(
                    UsageError::new(format!("--only: no such file or directory: {name}")).help(
                        "name files as they are from here; a file that was deleted has no findings",
                    ),
                );
            }
            changed.add(file);
        }
        if let Some(revision) = since {
            let here = Path::new(".");
            let path = paths.first().map_or(here, PathBuf::as_path);
            let directory = if path.is_dir() {
                path
            } else {
                path.parent()
                    .filter(|parent| !parent.as_os_str().is_empty())
                    .unwrap_or(here)
            };
            for file in changed_since(directory, revision)? {
                changed.add(&file);
            }
        }
        Ok(Some(changed))
    }

    fn add(&mut self, file: &Path) {
        // A file that was deleted has no other name.
        self.files.extend(file.canonicalize());
        if let Ok(absolute) = std::path::absolute(file) {
            let directory = absolute
                .parent()
                .and_then(|parent| parent.canonicalize().ok());
            let name = absolute.file_name();
            self.files.extend(
                directory
                    .zip(name)
                    .map(|(directory, name)| directory.join(name)),
            );
            self.files.insert(absolute);
        }
    }

    /// The files, sorted.
    pub(crate) fn describe(&self, part: &mut dyn FnMut(&[u8])) {
        part(b"some files");
        for file in &self.files {
            part(file.as_os_str().as_encoded_bytes());
        }
    }

    /// Whether a file counts.
    pub(crate) fn has(&self, file: &Path) -> bool {
        self.files.contains(file)
    }
}

/// Whether a finding touches a file that counts: by a label, or because it is about a secret that
/// the file holds. What could not be looked at and has no place concerns everybody.
pub(crate) fn concerns(
    counts: &dyn Fn(&Path) -> bool,
    inventory: &Inventory,
    sources: &SourceMap,
    found: &Diagnostic,
) -> bool {
    let labels = found.primary.iter().chain(&found.secondary);
    let mut files = labels.filter_map(|label| sources.get(label.at.file));
    if files.any(|source| counts(source.path())) {
        return true;
    }
    let is_hole = mcp_lint_lints::reports_problems(found.lint);
    if is_hole && found.primary.is_none() {
        return true;
    }
    if counts(&inventory.root.join(&found.subject)) {
        return true;
    }
    let mut secrets = inventory.hosts.iter().flat_map(|host| &host.secrets);
    secrets.any(|secret| {
        let file = secret.file.known().and_then(Option::as_ref);
        secret.option == found.subject && file.is_some_and(|file| counts(&file.absolute))
    })
}

/// The files of the working tree that differ from where the current branch left `revision`, and
/// those that git does not know.
fn changed_since(directory: &Path, revision: &str) -> Result<Vec<PathBuf>, UsageError> {
    let top = git(directory, &["rev-parse", "--show-toplevel"])?;
    let top = PathBuf::from(os(trimmed(&top.stdout)));
    let commit = format!("{revision}^{{commit}}");
    let verify = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &commit,
    ];
    let Ok(commit) = git(&top, &verify) else {
        return Err(
            UsageError::new(format!("git knows no revision `{revision}`"))
                .help("fetch it first; a shallow clone (actions/checkout) needs fetch-depth: 0"),
        );
    };
    let commit = String::from_utf8_lossy(trimmed(&commit.stdout)).into_owned();
    // Without a common ancestor, everything that differs counts.
    let base = git(&top, &["merge-base", &commit, "HEAD"])
        .map(|base| String::from_utf8_lossy(trimmed(&base.stdout)).into_owned())
        .unwrap_or(commit);
    let differences = [
        "diff",
        "--name-only",
        "-z",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
    ];
    let mut arguments = differences.to_vec();
    arguments.extend([base.as_str(), "--"]);
    let changed = git(&top, &arguments)?;
    let untracked = ["ls-files", "--others", "--exclude-standard", "-z"];
    let untracked = git(&top, &untracked)?;
    let names = changed.stdout.split(|byte| *byte == 0);
    let names = names.chain(untracked.stdout.split(|byte| *byte == 0));
    Ok(names
        .filter(|name| !name.is_empty())
        .map(|name| top.join(os(name)))
        .collect())
}

/// The tree without files, which every repository has.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// Runs git, without what a repository's configuration could make it run.
fn git(directory: &Path, arguments: &[&str]) -> Result<Output, UsageError> {
    let mut command = Command::new("git");
    command
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .args(arguments)
        .current_dir(directory)
        // Attributes of an empty tree: no file names a filter, so none is run.
        .env("GIT_ATTR_SOURCE", EMPTY_TREE)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = ended(&mut command, PATIENCE).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            UsageError::new("--changed-since asks git, and git is not installed")
                .help("name the files instead: --only FILE...")
        }
        io::ErrorKind::TimedOut => UsageError::new(format!(
            "--changed-since asks git, and it does not answer within {} seconds",
            PATIENCE.as_secs()
        )),
        _ => UsageError::new(format!("cannot run git: {error}")),
    })?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = said.lines().next().unwrap_or("git says nothing");
    let line = line.trim_start_matches("fatal: ").to_owned();
    Err(UsageError::new(format!(
        "--changed-since asks git, and it says: {line}"
    )))
}

/// How long git may take: it waits without an end for a FIFO in the place of one of its files.
const PATIENCE: Duration = Duration::from_secs(60);

/// The output of a command with piped streams that ends in time.
fn ended(command: &mut Command, patience: Duration) -> io::Result<Output> {
    /// How often it is asked whether it ended.
    const INTERVAL: Duration = Duration::from_millis(2);
    let mut child = command.spawn()?;
    let (stdout, stderr) = (read(child.stdout.take()), read(child.stderr.take()));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > patience {
            child.kill()?;
            child.wait()?;
            return Err(io::ErrorKind::TimedOut.into());
        }
        std::thread::sleep(INTERVAL);
    };
    Ok(Output {
        status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

/// Reads a pipe to its end on a thread of its own: who writes to it waits for that.
fn read(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What came before an error is shown.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_end()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_command_that_waits_without_an_end_is_ended() {
        let piped = |program: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", program]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command
        };
        let output = ended(&mut piped("echo a; echo b >&2; exit 3"), PATIENCE);
        let output = output.expect("it ends");
        assert_eq!(
            (&*output.stdout, &*output.stderr),
            (&b"a\n"[..], &b"b\n"[..])
        );
        assert_eq!(output.status.code(), Some(3));
        let much = ended(&mut piped("head -c 1000000 /dev/zero"), PATIENCE);
        assert_eq!(much.map(|it| it.stdout.len()).ok(), Some(1_000_000));
        let ends = ended(&mut piped("exec sleep 60"), Duration::from_millis(50));
        assert_eq!(
            ends.map_err(|error| error.kind()).err(),
            Some(io::ErrorKind::TimedOut)
        );
    }
}
