//! What the modules of a nixpkgs say of the options in the table of readers: rows as they make them, and which rows of
//! the table they contradict.
//!
//!     cargo run --release -p mcp-lint-extract --example reader_rows -- NIXPKGS [OPTION…]
//!
//! Without an OPTION all options of the table are asked for. Exits with 1 if the module has another user for a row: the
//! table has drifted.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for a terminal"
)]

mod rows;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(nixpkgs) = arguments.next().map(PathBuf::from) else {
        eprintln!("reader_rows NIXPKGS [OPTION…]");
        return ExitCode::from(2);
    };
    let wanted = arguments.collect();
    let outcomes =
        tempfile::tempdir().and_then(|folder| rows::outcomes(nixpkgs, &wanted, folder.path()));
    let outcomes = match outcomes {
        Ok(outcomes) => outcomes,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let (mut agree, mut open, mut drifted) = (0, 0, 0);
    for outcome in &outcomes {
        let mark = if outcome.has_drifted { "drift" } else { "ok" };
        for row in &outcome.rows {
            println!("{mark}\t{}\t{row}", outcome.option);
        }
        match (outcome.has_drifted, outcome.rows.is_empty()) {
            (true, _) => drifted += 1,
            (_, true) => open += 1,
            _ => agree += 1,
        }
    }
    println!("{agree} rows agree, {drifted} do not, {open} are not decided by a module");
    ExitCode::from(u8::from(drifted > 0))
}
