//! Prints the modules of every host of a flake, and those that are missing.

use std::sync::Arc;

use nix_eval::{Evaluator, Limits, Project};

fn main() {
    let root = std::env::args().nth(1).expect("a directory");
    let verbose = std::env::args().nth(2).is_some();
    let project = Arc::new(Project::new(root.as_ref()).expect("a project root"));
    Evaluator::run(Arc::clone(&project), Limits::default(), |evaluator| {
        evaluator.set_schemas(inventory::SCHEMAS);
        let (hosts, unknowns) = match evaluator.flake_hosts(project.root()) {
            Ok(found) => found,
            Err(why) => return println!("flake: {}", evaluator.arena.unknown_data(why).message),
        };
        for why in unknowns {
            println!("unknown: {:?}", evaluator.arena.unknown_data(why));
        }
        for host in hosts {
            let configuration = match host.configuration {
                Ok(configuration) => configuration,
                Err(why) => {
                    println!(
                        "{}: {:?}",
                        host.attribute,
                        evaluator.arena.unknown_data(why)
                    );
                    continue;
                }
            };
            let _ = evaluator.force(configuration.config);
            println!(
                "{}: {} modules",
                host.attribute,
                configuration.loaded_modules().len()
            );
            if verbose {
                for module in configuration.loaded_modules() {
                    println!("    {}", module.file);
                }
            }
            for why in configuration.missing_modules() {
                let unknown = evaluator.arena.unknown_data(*why);
                let place = unknown.at.and_then(|at| {
                    let source = evaluator.project.sources().get(at.file)?;
                    Some(format!(
                        "{}:{}",
                        source.path().display(),
                        source.line_column(at.start).line
                    ))
                });
                println!(
                    "    missing: {:?} {} {}",
                    unknown.kind,
                    unknown.message,
                    place.unwrap_or_default()
                );
            }
        }
        for why in evaluator.take_module_problems() {
            let unknown = evaluator.arena.unknown_data(why);
            println!("problem: {} {:?}", unknown.message, unknown.at);
        }
    });
}
