//! The command: arguments in, findings out. It knows every crate below it and no rule.

mod analysis;
mod baseline;
mod cache;
mod changed_files;
mod changed_since;
mod cli;
mod commands;
mod config;
mod debug_bundle;
mod display;
mod exit;
mod fix;
mod git;
mod input_sources;
mod lsp;
#[cfg(feature = "mcp")]
mod mcp_server;
mod output;
mod phases;
mod policy;
mod progress;
mod report;
mod report_summary;
mod secret_rows;
mod selection;
mod stdin;
mod usage;
mod write;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use anstream::AutoStream;
use clap::Parser;
use mimalloc::MiMalloc;
use runtime_check::{PROBE_COMMAND, probe_main};

use cli::Cli;
use display::{Covering, cover};
use exit::{Exit, Failure};

/// Trees and values are many small pieces of memory, which the system's allocator is slow with.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // The runtime check starts this program again to look as another user: before anything else,
    // while this is the only thread.
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if arguments
        .first()
        .is_some_and(|first| first == PROBE_COMMAND)
    {
        return ExitCode::from(probe_main(&arguments));
    }
    let mut cli = match Cli::try_parse_from(Cli::ordered(std::env::args_os().collect())) {
        Ok(cli) => cli,
        // The help and the version are no errors.
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            // An argument is shown in it, and may be anything.
            let styled = error.render();
            let text = match cover(&styled.to_string()) {
                Cow::Borrowed(_) => styled.ansi().to_string(),
                Cow::Owned(covered) => covered,
            };
            // Nothing is left to be told if standard error is closed.
            let _ = write!(AutoStream::auto(io::stderr()), "{text}");
            return ExitCode::from(2);
        }
    };
    cli.settle();
    // Without its lock: the server for agents writes from another thread.
    let out = io::BufWriter::new(AutoStream::new(io::stdout(), cli.common.choice()));
    let mut out = Covering::new(out);
    let input = cli.input();
    let taken = input.map_or(Ok(()), |input| stdin::take(input, io::stdin().lock()));
    let result = match taken {
        Ok(()) => commands::run(&cli, &mut out),
        Err(error) => Err(error.into()),
    };
    let result = result.and_then(|exit| out.flush().map(|()| exit).map_err(Failure::from));
    end(result)
}

/// The exit code; what went wrong goes to standard error.
fn end(result: Result<Exit, Failure>) -> ExitCode {
    match result {
        Ok(exit) => exit.into(),
        // Whoever read the output has seen enough: `mcp-lint | head`.
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => {
            report_error(&format!("error: cannot write the output: {error}"))
        }
        Err(Failure::Configuration(text)) => report_error(&text),
        Err(Failure::Usage(error)) => report_error(&error.to_string()),
    }
}

fn report_error(message: &str) -> ExitCode {
    // Nothing is left to be told if standard error is closed as well.
    let _ = writeln!(io::stderr(), "{}", cover(message));
    ExitCode::from(2)
}
