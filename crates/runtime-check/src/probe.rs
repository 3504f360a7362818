//! Looking as somebody else: a helper process that becomes the user for good, looks, and answers.
//!
//! The helper is this very program with a hidden argument. Question and answer are JSON on its
//! standard input and output; no byte of a file's content is in either. Whatever goes wrong on
//! the way (the user cannot be become, the helper dies, or takes too long) is an error for the
//! caller, never an answer.
//!
//! The caller's own looks happen in such a process, too: a file system that never answers (a dead
//! server, a FUSE daemon that will not) holds the process that asks it, even against SIGKILL. The
//! helper reports each item before it looks at it, so the one that holds it is known, and the rest
//! is asked again without that item.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

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
/// How many items may hold the helper until the whole request counts as not answered.
const MOST_HELD: usize = 4;

/// How long one check waits for its helpers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// For one item.
    pub(crate) patience: Duration,
    /// For everything.
    pub(crate) end: Instant,
}

/// Answers a probe request in this process. `begin` is called with each item before it is looked at.
///
/// # Errors
///
/// If the root directory cannot be opened.
fn run_here(request: &ProbeRequest, begin: &mut dyn FnMut(usize)) -> Result<Answer, String> {
    let survey = survey(&request.request, begin)
        .map_err(|error| format!("the root directory: {}", sys::error_name(error)))?;
    let units = request
        .units
        .iter()
        .map(|unit| (unit.clone(), units::state(unit, true)))
        .collect();
    Ok(Answer { survey, units })
}

/// Why there is no answer.
enum Trouble {
    /// The helper was held by this item, or before the first one.
    Held(Option<usize>),
    /// Anything else, as a sentence.
    Failed(String),
}

/// Sends the request to a helper, which becomes the user of the request; another one only for root.
///
/// # Errors
///
/// A sentence if there is no answer.
pub(crate) fn send(
    helper: &Helper,
    mut request: ProbeRequest,
    limits: Limits,
) -> Result<Answer, String> {
    let too_long = || "the helper process took too long".to_owned();
    for _ in 0..=MOST_HELD {
        match send_once(helper, &request, limits) {
            Ok(answer) => return Ok(answer),
            Err(Trouble::Held(Some(item))) if !request.request.unanswered.contains(&item) => {
                request.request.leave_out(item);
            }
            Err(Trouble::Held(_)) => return Err(too_long()),
            Err(Trouble::Failed(why)) => return Err(why),
        }
        if Instant::now() >= limits.end {
            break;
        }
    }
    Err(too_long())
}

fn send_once(helper: &Helper, request: &ProbeRequest, limits: Limits) -> Result<Answer, Trouble> {
    let failed = |why: String| Trouble::Failed(why);
    let question = serde_json::to_vec(request).map_err(|error| failed(error.to_string()))?;
    let mut child = command(helper, request)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(format!("the helper process does not start: {error}")))?;
    let result = converse(&mut child, question, limits);
    if result.is_err() {
        let _ = child.kill();
        // A dead file system may hold it for ever: nobody waits for that.
        std::thread::spawn(move || child.wait());
    } else {
        let _ = child.wait();
    }
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

fn converse(child: &mut Child, question: Vec<u8>, limits: Limits) -> Result<Answer, Trouble> {
    let failed = |why: &str| Trouble::Failed(why.to_owned());
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(failed("the helper process has no pipes"));
    };
    // The helper reads everything before it answers, so a writer of its own cannot block.
    std::thread::spawn(move || input.write_all(&question));
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || read_lines(output, &sender));
    let mut held_by = None;
    loop {
        let left = limits.end.saturating_duration_since(Instant::now());
        let line = match receiver.recv_timeout(limits.patience.min(left)) {
            Ok(line) => line.map_err(|error| failed(&format!("the helper process: {error}")))?,
            Err(mpsc::RecvTimeoutError::Timeout) => return Err(Trouble::Held(held_by)),
            Err(mpsc::RecvTimeoutError::Disconnected) => Vec::new(),
        };
        if let Some(item) = item_of(&line) {
            held_by = Some(item);
            continue;
        }
        return match serde_json::from_slice::<Result<Answer, String>>(&line) {
            Ok(answer) => answer.map_err(Trouble::Failed),
            Err(_) => Err(failed("the helper process ended without an answer")),
        };
    }
}

/// Sends every line of the helper's answer.
fn read_lines(output: ChildStdout, sender: &mpsc::Sender<io::Result<Vec<u8>>>) {
    let mut output = BufReader::new(output.take(LARGEST_MESSAGE));
    loop {
        let mut line = Vec::new();
        let sent = match output.read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) => sender.send(Ok(line)),
            Err(error) => sender.send(Err(error)),
        };
        if sent.is_err() {
            return;
        }
    }
}

/// The number of the item that the helper looks at next; `None` for the answer itself.
fn item_of(line: &[u8]) -> Option<usize> {
    std::str::from_utf8(line).ok()?.trim_end().parse().ok()
}

/// The helper: reads a probe request from standard input, becomes the user, answers on standard output.
///
/// The command calls it when its first argument is [`PROBE_COMMAND`](crate::PROBE_COMMAND), before
/// anything else and on its only thread, and ends with the exit code that it gives: 0 if an
/// answer was written, 2 otherwise.
pub fn probe_main(_arguments: &[OsString]) -> u8 {
    sys::harden();
    let closed = sys::close_inherited().map_err(|error| format!("open descriptors: {error}"));
    let answer = closed.and_then(|()| read_request()).and_then(|request| {
        if let Some(account) = &request.account {
            sys::become_user(account.uid, account.gid, &account.groups)
                .map_err(|error| format!("cannot become {}: {error}", account.name))?;
        }
        run_here(&request, &mut |item| {
            // Without its reader the answer goes nowhere either.
            let _ = writeln!(io::stdout(), "{item}");
        })
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
