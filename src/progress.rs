//! A sign of life on long runs: on standard error, and only on a terminal.

use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::ProgressBar;

use crate::cli::common::CommonArguments;

/// A run that is shorter shows nothing.
const PATIENCE: Duration = Duration::from_millis(700);
const TICK: Duration = Duration::from_millis(100);

/// Shown until it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts to wait; says `doing` when it has taken long.
    pub(crate) fn start(doing: &'static str, common: &CommonArguments) -> Self {
        if common.quiet || !std::io::stderr().is_terminal() {
            return Self {
                stop: None,
                thread: None,
            };
        }
        let (stop, stopped) = channel::<()>();
        let show = move || {
            let is_time =
                |wait| matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout));
            if !is_time(PATIENCE) {
                return;
            }
            let bar = ProgressBar::new_spinner().with_message(doing);
            while is_time(TICK) {
                bar.tick();
            }
            bar.finish_and_clear();
        };
        // Without a thread there is no sign of life, and nothing else is lost.
        let thread = std::thread::Builder::new().spawn(show).ok();
        Self {
            stop: Some(stop),
            thread,
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // The thread ends when nobody can send any more.
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
