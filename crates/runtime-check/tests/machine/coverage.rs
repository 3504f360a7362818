//! Every check of the catalogue is seen to fire by some test.

use std::collections::BTreeSet;
use std::sync::Mutex;

use runtime_check::{Check, Report};

static SEEN: Mutex<BTreeSet<Check>> = Mutex::new(BTreeSet::new());

/// Remembers what a report found.
pub(crate) fn remember(report: &Report) {
    let checks = report.findings.iter().map(|finding| finding.check);
    SEEN.lock().unwrap().extend(checks);
}

/// What no test machine can be made to show: a service manager that has not run the unit yet (its
/// answers are unit-tested), and swap.
const NOT_HERE: [Check; 2] = [Check::NotInstalledYet, Check::SwappableMemory];

pub(crate) fn every_check_was_seen() {
    let seen = SEEN.lock().unwrap();
    let unseen: Vec<_> = Check::ALL
        .iter()
        .filter(|check| !seen.contains(check) && !NOT_HERE.contains(check))
        .map(|check| check.name())
        .collect();
    assert!(unseen.is_empty(), "no test has seen: {}", unseen.join(", "));
}
