//! Prints the lowered tree and the syntax errors of a file or of `-e EXPRESSION`.
#![allow(clippy::print_stdout, reason = "an example prints")]

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let text = match (arguments.next().as_deref(), arguments.next()) {
        (Some("-e"), Some(text)) => text,
        (Some(path), _) => std::fs::read_to_string(path)?,
        (None, _) => std::io::read_to_string(std::io::stdin())?,
    };
    let parsed = nix_syntax::parse(&text);
    println!("{}", nix_syntax::dump::dump(&parsed.file));
    for error in &parsed.errors {
        println!(
            "{}..{}: {}",
            error.span.start, error.span.end, error.message
        );
    }
    Ok(())
}
