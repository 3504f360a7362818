//! Threads with a large stack.

/// How much stack [`with_large_stack`] gives, in bytes. It is address space: only what is used
/// takes memory.
pub const LARGE_STACK: usize = 256 << 20;

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

#[cfg(test)]
mod tests {
    use super::with_large_stack;

    fn sum_to(number: u64) -> u64 {
        let here = std::hint::black_box([number; 16]);
        if number == 0 {
            0
        } else {
            here[7] + sum_to(number - 1)
        }
    }

    #[test]
    fn there_is_room_for_deep_recursion() {
        assert_eq!(with_large_stack(|| sum_to(100_000)), 5_000_050_000);
    }

    #[test]
    #[should_panic(expected = "as it was")]
    fn a_panic_goes_on() {
        with_large_stack(|| panic!("as it was"));
    }
}
