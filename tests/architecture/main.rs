//! What imports what: the order of the crates, the layers of the evaluator, and no large circle.

mod circles;
mod sources;

use sources::Sources;

/// More files than these in a circle are no longer one subject.
const MAX_CIRCLE: usize = 5;

#[test]
fn no_circle_of_imports_is_large() {
    let sources = Sources::read();
    let circles = circles::circles(&sources.imports());
    let large: Vec<String> = circles
        .iter()
        .filter(|circle| circle.len() > MAX_CIRCLE)
        .map(|circle| {
            let imports = sources.imports();
            let arrows = circle.iter().flat_map(|from| {
                let inside = imports[*from].iter().filter(|to| circle.contains(to));
                inside.map(|to| {
                    let (from, to) = (&sources.files[*from].path, &sources.files[*to].path);
                    format!("  {from} -> {to}\n")
                })
            });
            let arrows: String = arrows.collect();
            format!("{} files:\n{arrows}", circle.len())
        })
        .collect();
    assert!(large.is_empty(), "{}", large.join("\n"));
}
