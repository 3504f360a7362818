//! Looking as somebody else: a helper process that becomes the user for good, looks, and answers.
//!
//! The helper is this very program with a hidden argument. Question and answer are JSON on its
//! standard input and output; no byte of a file's content is in either. Whatever goes wrong on
//! the way (the user cannot be become, the helper dies, or takes too long) is an error for the
//! caller, never an answer.

use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::accounts::Account;
use crate::observe::survey::{Request, Survey, survey};
use crate::options::Helper;
use crate::sys;
use crate::units::{self, UnitState};

/// What the helper is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProbeRequest {
    /// Whom to become; nobody if the process is already the right one.
    pub(crate) account: Option<Account>,
    pub(crate) request: Request,
    /// Units of the user's service manager to ask about.
    pub(crate) units: Vec<String>,
}

/// What the helper found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) survey: Survey,
    pub(crate) units: Vec<(String, UnitState)>,
}

/// Nobody's secrets fill more than this.
const LARGEST_MESSAGE: u64 = 512 * 1024 * 1024;
/// A file system that does not answer must not stop the check.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers a probe request in this process.
///
/// # Errors
///
/// If the root directory cannot be opened.
pub(crate) fn run_here(request: &ProbeRequest) -> Result<Answer, String> {
    let survey = survey(&request.request)
        .map_err(|error| format!("the root directory: {}", sys::error_name(error)))?;
    let units = request
        .units
        .iter()
        .map(|unit| (unit.clone(), units::state(unit, true)))
        .collect();
    Ok(Answer { survey, units })
}

/// Sends the request to a helper that becomes another user. Only root can.
///
/// # Errors
///
/// A sentence if there is no answer.
pub(crate) fn send(helper: &Helper, request: &ProbeRequest) -> Result<Answer, String> {
    let question = serde_json::to_vec(request).map_err(|error| error.to_string())?;
    let mut child = command(helper, request)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("the helper process does not start: {error}"))?;
    let result = converse(&mut child, question);
    if result.is_err() {
        let _ = child.kill();
    }
    let _ = child.wait();
    result
}

#[cfg(target_os = "linux")]
fn command(helper: &Helper, _request: &ProbeRequest) -> Command {
    let mut command = Command::new(&helper.program);
    command.args(&helper.arguments);
    command
}

/// Supplementary groups cannot be set from here on macOS: sudo, which root may always use, does.
#[cfg(not(target_os = "linux"))]
fn command(helper: &Helper, request: &ProbeRequest) -> Command {
    let mut command = match &request.account {
        Some(account) => {
            let mut command = Command::new("/usr/bin/sudo");
            command
                .args(["-n", "-u", &account.name, "--"])
                .arg(&helper.program);
            command
        }
        None => Command::new(&helper.program),
    };
    command.args(&helper.arguments);
    command
}

fn converse(child: &mut Child, question: Vec<u8>) -> Result<Answer, String> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("the helper process has no pipes".to_owned());
    };
    // The helper reads everything before it answers, so a writer of its own cannot block.
    let writer = std::thread::spawn(move || input.write_all(&question));
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut answer = Vec::new();
        let result = output.take(LARGEST_MESSAGE).read_to_end(&mut answer);
        let _ = sender.send(result.map(|_| answer));
    });
    let answer = match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(format!("the helper process: {error}")),
        Err(_) => return Err("the helper process took too long".to_owned()),
    };
    let _ = writer.join();
    match serde_json::from_slice::<Result<Answer, String>>(&answer) {
        Ok(answer) => answer,
        Err(_) => Err("the helper process ended without an answer".to_owned()),
    }
}

/// The helper: reads a probe request from standard input, becomes the user, answers on standard output.
///
/// The command calls it when its first argument is [`PROBE_COMMAND`](crate::PROBE_COMMAND), before
/// anything else and on its only thread, and ends with the exit code that it gives: 0 if an
/// answer was written, 2 otherwise.
pub fn probe_main(_arguments: &[OsString]) -> u8 {
    sys::harden();
    let answer = read_request().and_then(|request| {
        if let Some(account) = &request.account {
            sys::become_user(account.uid, account.gid, &account.groups)
                .map_err(|error| format!("cannot become {}: {error}", account.name))?;
        }
        run_here(&request)
    });
    let Ok(text) = serde_json::to_vec(&answer) else {
        return 2;
    };
    let mut output = io::stdout().lock();
    let written = output.write_all(&text).and_then(|()| output.flush());
    if written.is_ok() && answer.is_ok() {
        0
    } else {
        2
    }
}

fn read_request() -> Result<ProbeRequest, String> {
    let mut question = Vec::new();
    io::stdin()
        .lock()
        .take(LARGEST_MESSAGE)
        .read_to_end(&mut question)
        .map_err(|error| error.to_string())?;
    serde_json::from_slice(&question).map_err(|_| "not an errand".to_owned())
}
