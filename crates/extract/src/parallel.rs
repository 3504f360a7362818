//! Work on several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Does `own` on this thread, and `work` for every job on so many threads with room for an
/// evaluation, of which this is one; gives the results in the order of the jobs, whichever is done
/// first.
pub(crate) fn map_beside<T, J: Sync, R: Send>(
    threads: usize,
    jobs: &[J],
    work: impl Fn(&J) -> R + Sync,
    own: impl FnOnce() -> T,
) -> (T, Vec<R>) {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let run = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { return };
            let result = work(job);
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.push((index, result));
        }
    };
    let own = std::thread::scope(|scope| {
        for _ in 1..threads.min(jobs.len() + 1) {
            let builder = std::thread::Builder::new().stack_size(nix_syntax::LARGE_STACK);
            // A thread that cannot be had leaves its work to the others.
            let _ = builder.spawn_scoped(scope, run);
        }
        let own = own();
        run();
        own
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    (own, results.into_iter().map(|(_, result)| result).collect())
}

/// Does `own` on this thread, and `other` on another one, or after it.
pub(crate) fn beside<T, U: Send>(
    is_parallel: bool,
    own: impl FnOnce() -> T,
    other: impl FnOnce() -> U + Send,
) -> (T, U) {
    let other = Mutex::new(Some(other));
    let take = || other.lock().unwrap_or_else(PoisonError::into_inner).take();
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new();
        let spawned = is_parallel.then(|| builder.spawn_scoped(scope, || take().map(|it| it())));
        let own = own();
        let done = match spawned {
            Some(Ok(thread)) => match thread.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            },
            _ => None,
        };
        // Without a thread of its own.
        let done = done.or_else(|| take().map(|it| it()));
        #[expect(clippy::expect_used, reason = "it is there until it was done")]
        let done = done.expect("the other's result");
        (own, done)
    })
}

#[cfg(test)]
mod tests {
    use super::map_beside;

    #[test]
    fn results_are_in_the_order_of_the_jobs() {
        let jobs: Vec<u64> = (0..40).collect();
        let work = |job: &u64| {
            // The first take longest.
            std::thread::sleep(std::time::Duration::from_micros(40 - job));
            job * 2
        };
        let expected: Vec<u64> = jobs.iter().map(|job| job * 2).collect();
        for threads in [0, 1, 2, 7, 100] {
            let (own, found) = map_beside(threads, &jobs, work, || "own");
            assert_eq!((own, found), ("own", expected.clone()), "{threads} threads");
        }
    }
}
