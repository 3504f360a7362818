//! Threads with a large stack.

/// How much stack [`with_large_stack`] gives, in bytes. It is address space: only what is used
/// takes memory.
const LARGE_STACK: usize = 256 << 20;

/// Runs `work` on a thread of its own with 256 MiB of stack, for what recurses as deep as its
/// input does, and gives what it gives. A panic goes on to the caller. If no such thread can be
/// had, `work` runs where it is.
pub fn with_large_stack<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    // The closure is kept here until the thread takes it, so that it is not lost with a thread
    // that could not be started.
    let work = std::sync::Mutex::new(Some(work));
    let take = || {
        work.lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take()
    };
    let result = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(LARGE_STACK);
        let thread = builder
            .spawn_scoped(scope, || take().map(|work| work()))
            .ok()?;
        match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    match result {
        Some(result) => result,
        None => match take() {
            Some(work) => work(),
            None => unreachable!("a thread that was started has given a result"),
        },
    }
}
