//! Evaluates an expression and prints it: `cargo run -p nix-eval --example eval -- 'EXPR'`.

use std::sync::Arc;

use nix_eval::print::Printer;
use nix_eval::{Evaluator, Limits, Project};

fn main() {
    let text = std::env::args().nth(1).unwrap_or_default();
    let root = std::env::current_dir().expect("a current directory");
    let project = Arc::new(Project::new(&root).expect("a project root"));
    let printed = Evaluator::run(project, Limits::default(), |evaluator| {
        let lib = evaluator.lib();
        evaluator.set_global("lib", lib);
        let path = evaluator.project.root().join("«string»");
        let value = evaluator.eval_text(&path, &text);
        Printer { deep: true }.print(evaluator, value)
    });
    println!("{printed}");
}
