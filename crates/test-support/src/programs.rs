//! Programs that a test makes and runs.

use std::path::Path;
use std::process::Command;

/// Copies a program to a place where it can be run at once.
///
/// A process of its own copies it. A descriptor that is open for writing here would be inherited by
/// what another thread starts at that moment, and Linux runs no file that anybody has open for writing
/// ("text file busy").
///
/// # Panics
///
/// If it cannot be copied.
pub fn copy_program(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("--").args([from, to]).status();
    assert!(status.unwrap().success(), "cp to {}", to.display());
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::copy_program;

    #[test]
    fn a_copy_runs_while_other_threads_start_programs() {
        let folder = tempfile::tempdir().unwrap();
        let done = AtomicBool::new(false);
        let start = |program: &Path| Command::new(program).stdin(Stdio::null()).status();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        start(Path::new("true")).unwrap();
                    }
                });
            }
            let busy = (0..100).filter(|number| {
                let program = folder.path().join(number.to_string());
                copy_program(Path::new("/bin/sh"), &program);
                start(&program).is_err()
            });
            let busy = busy.count();
            done.store(true, Ordering::Relaxed);
            assert_eq!(busy, 0, "of 100 copies do not run");
        });
    }
}
