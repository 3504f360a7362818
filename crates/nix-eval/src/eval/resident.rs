//! The memory that the process really takes: what no table counts shows there.

use std::fs::File;

use super::budget::INTERVAL;

/// Bytes of the longest beginning of `/proc/self/status` that is read: `VmRSS` is in its first lines.
const READ: usize = 2048;

/// The resident memory of the process, as it was last read.
#[derive(Debug)]
pub(super) struct Resident {
    /// `/proc/self/status`; `None` where the system has none, or nothing is bounded.
    status: Option<File>,
    /// Bytes that were resident when the limits were last renewed.
    at_start: usize,
    /// Bytes that were resident at the last reading.
    bytes: usize,
    /// The step at which it is read again.
    next: u64,
}

impl Resident {
    /// A first reading, if something is bounded.
    pub(super) fn new(is_bounded: bool) -> Self {
        let status = { is_bounded && cfg!(target_os = "linux") }
            .then(|| File::open("/proc/self/status").ok())
            .flatten();
        let mut resident = Self {
            status,
            at_start: 0,
            bytes: 0,
            next: 0,
        };
        resident.restart();
        resident
    }

    /// Takes what is resident now for the start of the next host, whose steps are counted from 0.
    pub(super) fn restart(&mut self) {
        self.bytes = self.read().unwrap_or(0);
        self.at_start = self.bytes;
        self.next = 0;
    }

    /// Whether so many bytes more are beyond a bound at this step. What earlier hosts took may still be
    /// resident though it is free: up to a tenth of the bound, only what comes on top of it counts.
    pub(super) fn is_beyond(&mut self, bound: usize, more: usize, step: u64) -> bool {
        let allowed = self.at_start.clamp(bound, bound + bound / 10);
        if step >= self.next || self.bytes.saturating_add(more) > allowed {
            self.bytes = self.read().unwrap_or(0);
            self.next = step + INTERVAL;
        }
        self.bytes > 0 && self.bytes.saturating_add(more) > allowed
    }

    /// Bytes that are resident; `None` where the system does not report it.
    #[cfg(unix)]
    fn read(&self) -> Option<usize> {
        use std::os::unix::fs::FileExt;
        let mut buffer = [0; READ];
        let len = self.status.as_ref()?.read_at(&mut buffer, 0).ok()?;
        let text = std::str::from_utf8(buffer.get(..len)?).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes << 10)
    }

    #[cfg(not(unix))]
    fn read(&self) -> Option<usize> {
        let _ = &self.status;
        None
    }
}
