//! When a project is analysed: at once after a pause, and seldom enough while somebody types.

use std::time::{Duration, Instant};

/// Changes that come this close after each other are analysed together.
const QUIET: Duration = Duration::from_millis(5);
/// Nobody types any more: what an analysis costs matters less than waiting for it.
const SETTLED: Duration = Duration::from_millis(400);
/// An analysis that began this long after the change it is for is not given up for a newer one, so
/// that somebody who never stops typing sees findings, too.
const OVERDUE: Duration = Duration::from_millis(700);
/// While somebody types, analyses take one part in so many of the time of a processor.
const SHARE: u32 = 4;

/// The pace of one project.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    /// The oldest and the newest change that no analysis has taken up.
    waiting: Option<(Instant, Instant)>,
    /// The oldest change that the running analysis is for, and when it began.
    running: Option<(Instant, Instant)>,
    /// When what the last analysis cost is made up for.
    rested: Option<Instant>,
}

impl Pace {
    /// Something changed that an analysis would see.
    pub(crate) fn changed(&mut self, now: Instant) {
        let oldest = self.waiting.map_or(now, |(oldest, _)| oldest);
        self.waiting = Some((oldest, now));
    }

    /// What changed was taken back, or no analysis would see it.
    pub(crate) const fn settled(&mut self) {
        self.waiting = None;
    }

    /// When the next analysis begins, unless another change comes before; `None` if nothing waits for
    /// one.
    pub(crate) fn due(&self) -> Option<Instant> {
        let (_, newest) = self.waiting?;
        let rested = self.rested.unwrap_or(newest);
        Some(rested.min(newest + SETTLED).max(newest + QUIET))
    }

    /// An analysis begins.
    pub(crate) fn started(&mut self, now: Instant) {
        let oldest = self.waiting.take().map_or(now, |(oldest, _)| oldest);
        self.running = Some((oldest, now));
    }

    /// Whether the running analysis is not worth its end, as what it saw has changed.
    pub(crate) fn may_cancel(&self, now: Instant) -> bool {
        { self.running }.is_some_and(|(oldest, _)| now.duration_since(oldest) < OVERDUE)
    }

    /// The running analysis has ended after so much processor time; `is_cancelled` if it gave nothing.
    pub(crate) fn ended(&mut self, now: Instant, cost: Duration, is_cancelled: bool) {
        let Some((oldest, began)) = self.running.take() else {
            return;
        };
        self.rested = Some(began + cost * SHARE);
        if is_cancelled {
            let newest = self.waiting.map_or(now, |(_, newest)| newest);
            self.waiting = Some((oldest, newest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn a_change_after_a_pause_is_analysed_at_once() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert_eq!(pace.due(), None);
        pace.changed(start);
        assert_eq!(pace.due(), Some(start + QUIET));
        pace.started(start + QUIET);
        assert_eq!(pace.due(), None);
        pace.ended(start + ms(105), ms(100), false);
        pace.changed(start + ms(600));
        assert_eq!(pace.due(), Some(start + ms(600) + QUIET));
    }

    /// Keys at one distance for a minute: the share of a processor, and the longest time without
    /// findings.
    #[test]
    fn typing_costs_a_quarter_of_a_processor_and_starves_nothing() {
        for (cost, between) in [(20, 150), (140, 90), (140, 200), (300, 120), (900, 200)] {
            let start = Instant::now();
            let mut pace = Pace::default();
            let (mut running, mut spent, mut shown, mut longest) = (None, 0, 0, 0);
            for time in 0..60_000 {
                let now = start + ms(time);
                if time % between == 0 {
                    pace.changed(now);
                    if running.is_some() && pace.may_cancel(now) {
                        let begun: u64 = running.take().unwrap();
                        spent += time - begun;
                        pace.ended(now, ms(time - begun), true);
                    }
                }
                if running.is_some_and(|begun| time - begun >= cost) {
                    running = None;
                    spent += cost;
                    pace.ended(now, ms(cost), false);
                    longest = longest.max(time - shown);
                    shown = time;
                }
                if running.is_none() && pace.due().is_some_and(|due| due <= now) {
                    pace.started(now);
                    running = Some(time);
                }
            }
            let what =
                format!("{cost} ms, a key each {between} ms: {spent} ms, longest {longest} ms");
            assert!(spent <= 60_000 / 4 + 2 * cost, "{what}");
            assert!(longest <= 4 * cost + 1_500, "{what}");
        }
    }

    #[test]
    fn who_stops_typing_does_not_wait_for_the_rest() {
        let start = Instant::now();
        let mut pace = Pace::default();
        pace.changed(start);
        pace.started(start + QUIET);
        pace.ended(start + ms(900), ms(900), false);
        pace.changed(start + ms(900));
        assert_eq!(pace.due(), Some(start + ms(900) + SETTLED));
    }
}
