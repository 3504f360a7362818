//! How fast a body has to come: a server that sends a byte now and then is never silent.

use std::time::{Duration, Instant};

/// How long less than [`SLOWEST`] may come: what a train in a tunnel takes.
const WINDOW: Duration = Duration::from_secs(60);

/// The least number of bytes in a [`WINDOW`]: 1 KiB a second.
const SLOWEST: u64 = 60 << 10;

/// The bytes that came within the current window.
pub(crate) struct Pace {
    start: Instant,
    came: u64,
}

impl Pace {
    /// A window that starts now.
    pub(crate) const fn new(now: Instant) -> Self {
        Self {
            start: now,
            came: 0,
        }
    }

    /// Adds what came, and returns whether it comes too slowly.
    pub(crate) fn is_too_slow(&mut self, bytes: u64, now: Instant) -> bool {
        self.came += bytes;
        if now.duration_since(self.start) < WINDOW {
            return false;
        }
        let is_slow = self.came < SLOWEST;
        *self = Self::new(now);
        is_slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_a_second_is_too_slow_and_a_pause_is_not() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut pace = Pace::new(start);
        let slow = (1..=60).find(|second| pace.is_too_slow(1, after(*second)));
        assert_eq!(slow, Some(60));
        let mut pace = Pace::new(start);
        assert!(!pace.is_too_slow(60 << 10, after(1)));
        // Half a minute without anything.
        assert!(!pace.is_too_slow(1, after(31)));
        assert!(!pace.is_too_slow(1, after(60)));
        // The next window has nothing of the one before.
        assert!(pace.is_too_slow(1, after(120)));
    }
}
