//! `mcp-lint inputs fetch`: the one command that uses the network.

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write};

use extract::Built;
use flake_lock::Locked;
use indicatif::{ProgressBar, ProgressStyle};
use input_fetch::{Environment, FetchError, Fetcher, Limits};
use inventory::FlakeInput;

use super::inputs::{evaluate, options};
use crate::cli::common::CommonArguments;
use crate::cli::inputs::FetchArguments;
use crate::display::escape;
use crate::exit::{Exit, Failure};
use crate::input_sources::tree_directory;
use crate::usage::UsageError;

/// A source that came may ask for others, which ask for others: more rounds than these are not made.
const MAX_ROUNDS: usize = 8;

/// Fetches the inputs that are named, or those that evaluation asks for until it asks for no more.
pub(crate) fn run(
    arguments: &FetchArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let cache = tree_directory().ok_or_else(|| {
        let error = UsageError::new("there is no place to keep sources in");
        error.help(
            "set XDG_CACHE_HOME, or make ~/.cache/mcp-lint a directory of your own, mode 0700",
        )
    })?;
    let environment = Environment::read(&|name| std::env::var(name).ok());
    let fetcher = Fetcher::new(cache, environment, Limits::default())
        .map_err(|error| UsageError::new(format!("cannot fetch: {error}")))?;
    let options = options(&arguments.project, &arguments.sources, &arguments.config)?;
    let mut run = Run {
        fetcher,
        common,
        tried: BTreeSet::new(),
        fetched: 0,
        failed: 0,
    };
    for _ in 0..MAX_ROUNDS {
        let built = evaluate(&options, common)?;
        if let Some(problem) = &built.lock_problem {
            return Err(UsageError::new(problem.to_string()).into());
        }
        let wanted = match arguments.names.is_empty() {
            true => wanted(&built),
            false => named(&built, &arguments.names)?,
        };
        let before = run.fetched;
        for input in &wanted {
            run.fetch(&built, input, out)?;
        }
        if run.fetched == before || !arguments.names.is_empty() {
            break;
        }
    }
    run.end(out)
}

/// The inputs that an evaluation asked for, and that can be brought. What is emulated can, too: its
/// source has more than this program knows of it.
fn wanted(built: &Built) -> Vec<FlakeInput> {
    let is_wanted = |input: &&FlakeInput| {
        input.used && !input.source.is_here() && !input.is_nixpkgs && input.nar_hash.is_some()
    };
    { built.inventory.inputs.iter() }
        .filter(is_wanted)
        .cloned()
        .collect()
}

/// The inputs of these names.
fn named(built: &Built, names: &[String]) -> Result<Vec<FlakeInput>, UsageError> {
    let all = &built.inventory.inputs;
    for name in names {
        let known: Vec<&str> = all.iter().map(|input| &*input.name).collect();
        match all.iter().find(|input| input.name == *name) {
            None => {
                let error = UsageError::new(format!("there is no input `{name}`"));
                return Err(error
                    .did_you_mean(name, known)
                    .help("`mcp-lint inputs` lists them"));
            }
            Some(input) if input.is_nixpkgs => {
                let error = UsageError::new(format!("`{name}` is nixpkgs, which is never fetched"));
                return Err(error.help("what it declares of secrets is part of mcp-lint"));
            }
            Some(_) => {}
        }
    }
    let named = all.iter().filter(|input| names.contains(&input.name));
    Ok(named.cloned().collect())
}

struct Run<'a> {
    fetcher: Fetcher,
    common: &'a CommonArguments,
    /// Inputs that are not tried again, by name.
    tried: BTreeSet<String>,
    fetched: usize,
    failed: usize,
}

impl Run<'_> {
    fn fetch(
        &mut self,
        built: &Built,
        input: &FlakeInput,
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        if !self.tried.insert(input.name.clone()) {
            return Ok(());
        }
        // What is in the store, or below the project, is not fetched again.
        if input.source.is_here() {
            let line = format!("{}: here already ({})", input.name, input.source.word());
            return Ok(writeln!(out, "{}", escape(&line))?);
        }
        let names: Vec<&str> = input.name.split('/').collect();
        let lock = built.inputs.lock();
        let node = lock.node_at(&names).ok().flatten();
        let pin = || {
            let pins = built.inputs.pins();
            let pin = pins.iter().find(|pin| pin.label() == input.name)?;
            pin.reference()
        };
        let locked = match input.is_pin {
            true => pin(),
            false => node.and_then(|node| lock.node(node).locked.clone()),
        };
        let Some(locked) = &locked else {
            return self.failed(input, "it is not locked", None);
        };
        match self.download(input, locked) {
            Ok(received) => {
                self.fetched += 1;
                let kibibytes = received.div_ceil(1024);
                let line = format!("{}: fetched {locked}, {kibibytes} KiB", input.name);
                writeln!(out, "{}", escape(&line))?;
                // A long run shows what it has done so far.
                Ok(out.flush()?)
            }
            Err(error) => {
                let help = error.may_need_token().then_some(
                    "a private source needs a token: GITHUB_TOKEN, GITLAB_TOKEN, or access-tokens in NIX_CONFIG",
                );
                self.failed(input, &error.to_string(), help)
            }
        }
    }

    fn download(&self, input: &FlakeInput, locked: &Locked) -> Result<u64, FetchError> {
        let is_shown = !self.common.quiet && std::io::stderr().is_terminal();
        let bar = match is_shown {
            true => ProgressBar::no_length(),
            false => ProgressBar::hidden(),
        };
        let style = ProgressStyle::with_template("{msg} {bytes} of {total_bytes}, {bytes_per_sec}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(escape(&input.name));
        let fetched = self.fetcher.fetch(locked, &mut |progress| {
            if let Some(total) = progress.total {
                bar.set_length(total);
            }
            bar.set_position(progress.received);
        });
        bar.finish_and_clear();
        fetched.map(|fetched| fetched.received)
    }

    fn failed(&mut self, input: &FlakeInput, why: &str, help: Option<&str>) -> Result<(), Failure> {
        self.failed += 1;
        let mut error = UsageError::new(format!("{}: {why}", input.name));
        if let Some(help) = help {
            error = error.help(help);
        }
        // Nothing is left to be told if standard error is closed.
        let _ = writeln!(std::io::stderr(), "{error}");
        Ok(())
    }

    fn end(self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let noun = if self.fetched == 1 { "input" } else { "inputs" };
        let rest = match self.failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        writeln!(out, "{} {noun} fetched{rest}", self.fetched)?;
        Ok(match self.failed {
            0 => Exit::Clean,
            _ => Exit::Incomplete,
        })
    }
}
