//! git, asked about a repository that may be a stranger's.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Why git gave no answer.
#[derive(Debug)]
pub(crate) enum GitError {
    /// It is not installed.
    NotInstalled,
    /// It did not answer in time.
    Silent,
    /// It could not be run.
    Io(io::Error),
    /// It failed: the first line of what it said.
    Said(String),
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled => f.write_str("git is not installed"),
            Self::Silent => {
                let seconds = PATIENCE.as_secs();
                write!(f, "git does not answer within {seconds} seconds")
            }
            Self::Io(error) => write!(f, "cannot run git: {error}"),
            Self::Said(line) => write!(f, "git says: {line}"),
        }
    }
}

/// What git prints in a directory. Nothing that the repository names is run: no monitor, no remote's program.
pub(crate) fn git(
    directory: &Path,
    arguments: &[&str],
    environment: &[(&'static str, OsString)],
) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    for setting in [
        "core.fsmonitor=false",
        "core.attributesFile=/dev/null",
        "protocol.allow=never",
    ] {
        command.args(["-c", setting]);
    }
    command
        .args(arguments)
        .current_dir(directory)
        // What a partial clone lacks is not fetched: the repository names the program that would.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "none")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = ended(&mut command, PATIENCE).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => GitError::NotInstalled,
        io::ErrorKind::TimedOut => GitError::Silent,
        _ => GitError::Io(error),
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().next().unwrap_or("nothing");
    Err(GitError::Said(
        line.trim_start_matches("fatal: ").to_owned(),
    ))
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
