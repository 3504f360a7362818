//! What the targets that evaluate share: a project without files, limits that are small enough to be
//! reached, and the check that they hold.

use std::sync::Arc;

use nix_eval::{Evaluator, Limits, Workspace};

/// Steps of one input: a few seconds without optimisation.
const STEPS: u64 = 400_000;

/// Bytes of one input. With `-rss_limit_mb` and `ulimit -v`, what is not counted shows.
const MEMORY: usize = 96 << 20;

/// Evaluates something in a project of the target's own, in which there are no files.
///
/// # Panics
///
/// Where more was taken than the limits allow, by more than what one builtin makes at once.
pub fn evaluate(name: &str, f: impl FnOnce(&mut Evaluator) + Send) {
    let root = std::env::temp_dir().join(format!("mcp-lint-fuzz-{name}"));
    let project = std::fs::create_dir_all(&root).and_then(|()| Workspace::open(&root));
    let Ok(project) = project else {
        return;
    };
    let limits = Limits {
        steps: STEPS,
        ..Limits::within(MEMORY)
    };
    Evaluator::run(Arc::new(project), limits, |evaluator| {
        let lib = evaluator.lib();
        evaluator.set_global("lib", lib);
        f(evaluator);
        let (steps, memory) = (evaluator.steps(), evaluator.memory());
        assert!(steps <= STEPS * 2, "{steps} steps");
        assert!(memory <= MEMORY / 10 * 13, "{} MiB", memory >> 20);
    });
}
