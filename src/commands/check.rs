//! `mcp-lint check`

use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use extract::{Built, ExtraReader, build, foreign_repository};
use inventory::{Inventory, OptionPath, Via};

use crate::analysis::{self, Analysis, analyse};
use crate::baseline;
use crate::cache::Slot;
use crate::cli::check::{CheckArguments, FixArgument};
use crate::cli::common::CommonArguments;
use crate::cli::formats::CheckFormat;
use crate::config::{self, Configuration};
use crate::debug_bundle;
use crate::display::{Known, Redaction, cover, escape, is_dangerous};
use crate::exit::{Exit, Failure};
use crate::fix::{self, Fixed, Found, Mode};
use crate::output;
use crate::phases::Phases;
use crate::policy::Policy;
use crate::report::{Fixability, Names, Report, Stale, near};
use crate::report_summary::{Gap, ReportSummary};
use crate::usage::UsageError;

/// Checks the project and writes what was found.
pub(crate) fn run(
    arguments: &CheckArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let started = Instant::now();
    let format = output::standard(arguments)?;
    let configuration = config::load(&arguments.input.paths, &arguments.input.config)?;
    let policy = Policy::new(arguments, &configuration)?;
    let more = &arguments.more;
    if more.statistics && format != CheckFormat::Human {
        return Err(UsageError::new("--statistics is for people")
            .help("programs count what --format json has")
            .into());
    }
    let changes = arguments.diff || arguments.fix.is_some() || more.add_ignore.is_some();
    if arguments.input.overlay.is_some() && changes {
        return Err(UsageError::new("standard input cannot be fixed")
            .help("write the file first, then: mcp-lint --fix")
            .into());
    }
    let mut is_written = true;
    if changes {
        let found = find_fixes(arguments, &configuration, &policy)?;
        if arguments.diff {
            return difference(&found, common, out);
        }
        is_written = write_fixes(&found, common);
    }
    let mut phases = Phases::new(common);
    let mut report = kept_or_new(arguments, common, &configuration, &policy, &mut phases)?;
    report.took = started.elapsed();
    report.incomplete = policy.incomplete();
    report.lints = policy.lints();
    report.fails_from = policy.fails_from();
    report.part = policy.part().to_vec();
    if let Some((git, owner)) = foreign_repository(&report.summary.root)
        && !common.quiet
    {
        log(&format!(
            "note: what Git tracks is not known: {} belongs to user {owner}, who is neither you nor root",
            near(&git)
        ));
    }
    for option in report.idle_readers.iter().filter(|_| !common.quiet) {
        log(&format!(
            "note: no configuration gives a secret to `{option}` ([[reader]] in {}): is it spelt as its module does?",
            config::FILE_NAME
        ));
    }
    // What makes the run fail is told in any case.
    if !common.quiet || policy.fails_on_stale() {
        log_stale(&report.stale, common.verbose > 0);
    }
    for crash in &report.crashes {
        log(&format!(
            "mcp-lint has a defect: the lint {} stopped: {}",
            crash.lint, crash.message
        ));
    }
    if let Some(file) = &arguments.write_baseline {
        let count = baseline::write(file, &report.diagnostics)?;
        if !common.quiet {
            log(&format!("{} in {}", findings(count), near(file)));
        }
        return Ok(if report.fails_as_incomplete() {
            Exit::Incomplete
        } else {
            Exit::Clean
        });
    }
    output::write_files(&arguments.outputs, &report)?;
    let look = output::Look {
        quiet: common.quiet,
        links: common.follows_links(),
        width: output::Width::asked(common),
    };
    if more.statistics {
        output::statistics(&report, out)?;
    } else {
        output::check(format, &report, look, out)?;
    }
    phases.end("output");
    if let Some(file) = &more.debug_bundle {
        debug_bundle::write(file, &report, phases.all(), common.verbose > 0)?;
    }
    let is_stale = !report.stale.is_empty() && policy.fails_on_stale();
    Ok(if report.fails_as_incomplete() {
        Exit::Incomplete
    } else if policy.fails(&report.diagnostics) || is_stale || !is_written {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// Whether a configuration gives a secret to the option of a `[[reader]]`.
fn is_used(reader: &ExtraReader, inventory: &Inventory) -> bool {
    fn option(via: &Via) -> Option<&OptionPath> {
        match via {
            Via::Option { path, .. } => Some(path),
            Via::Container { inner, .. } => option(inner),
            _ => None,
        }
    }
    let mut all = inventory.hosts.iter().flat_map(|host| &host.readers);
    all.any(|it| option(&it.via).is_some_and(|option| reader.is_about(option)))
}

/// The report of an earlier run on the same input, or of this one.
fn kept_or_new(
    arguments: &CheckArguments,
    common: &CommonArguments,
    configuration: &Configuration,
    policy: &Policy,
    phases: &mut Phases,
) -> Result<Report, Failure> {
    let slot = Slot::of(arguments, common, configuration, policy);
    let kept = slot.as_ref().and_then(Slot::load);
    phases.end("earlier results");
    if let Some(report) = kept {
        if common.verbose > 0 {
            analysis::log_hosts(&report.summary, common.verbose);
        }
        return Ok(report);
    }
    let Analysis {
        inventory, sources, ..
    } = analyse(&arguments.input, configuration, common)?;
    phases.end("evaluation");
    let decided = policy.decide(&inventory, &sources);
    phases.end("lints");
    let summary = ReportSummary::new(&inventory, &sources);
    let is_whole = summary.gaps.is_empty() && !inventory.is_partial;
    let report = Report {
        idle_readers: { configuration.readers.iter() }
            .filter(|reader| is_whole && !is_used(reader, &inventory))
            .map(|reader| reader.option.clone())
            .collect(),
        summary,
        inventory: Some(inventory),
        sources,
        diagnostics: decided.diagnostics,
        hidden: decided.hidden,
        switched_off: decided.switched_off,
        ignored: decided.ignored.len(),
        baselined: decided.baselined,
        stale: decided.stale,
        elsewhere: decided.elsewhere,
        part: Vec::new(),
        crashes: decided.crashes,
        lints: policy.lints(),
        fails_from: policy.fails_from(),
        incomplete: policy.incomplete(),
        took: Duration::ZERO,
    };
    if let Some(slot) = slot {
        slot.keep(&report);
        phases.end("keeping the result");
    }
    Ok(report)
}

/// What fixing would change.
struct Fixes {
    fixed: Fixed,
    /// The project root.
    root: PathBuf,
    /// What more there is to fix, in words.
    more: Option<String>,
    /// Whether findings are ignored, not mended.
    ignores: bool,
    /// The credentials of the project, which its difference must not show.
    known: Known,
}

fn find_fixes(
    arguments: &CheckArguments,
    configuration: &Configuration,
    policy: &Policy,
) -> Result<Fixes, Failure> {
    let reason = arguments
        .more
        .add_ignore
        .as_deref()
        .map(reason)
        .transpose()?;
    let mode = match arguments.fix {
        Some(FixArgument::Unsafe) => Mode::Unsafe,
        Some(FixArgument::Safe) | None => Mode::Safe,
    };
    let options = analysis::options(&arguments.input, configuration);
    let seen = RefCell::new((PathBuf::new(), None));
    let judge = |built: &Built| {
        let decided = policy.decide(&built.inventory, &built.sources);
        let active = decided.diagnostics;
        let more = match (mode, reason) {
            (Mode::Safe, None) => Fixability::more(&active),
            _ => None,
        };
        seen.replace((built.inventory.root.clone(), more));
        let Some(reason) = reason else {
            return Found {
                all: decided.found,
                active,
                access: fix::access(&built.inventory),
            };
        };
        // A finding that is ignored is gone.
        Found {
            all: active.iter().map(fix::key).collect(),
            active: { active.into_iter() }
                .map(|found| fix::ignoring(found, &built.sources, reason))
                .collect(),
            access: fix::access(&built.inventory),
        }
    };
    let built = build(&options).map_err(analysis::cannot_look)?;
    analysis::require_inputs(&arguments.input.sources, &built.inventory.inputs)?;
    let summary = ReportSummary::new(&built.inventory, &built.sources);
    if arguments.input.require_complete && policy.incomplete().fails(&summary) {
        let gap = { summary.gaps.first() }.map_or_else(String::new, Gap::message);
        let error = UsageError::new(format!("nothing is fixed (--require-complete): {gap}"));
        let help = Gap::help(&summary.gaps);
        return Err(help.into_iter().fold(error, UsageError::help).into());
    }
    let known = Known::new(&Redaction::new(&built.inventory), &built.sources);
    let fixed = fix::fix(mode, &options, built, &judge).map_err(analysis::cannot_look)?;
    let (root, more) = seen.into_inner();
    Ok(Fixes {
        fixed,
        root,
        more,
        ignores: reason.is_some(),
        known,
    })
}

/// The reason of a comment.
fn reason(text: &str) -> Result<&str, UsageError> {
    let text = text.trim();
    if text.is_empty() || text.contains(is_dangerous) {
        return Err(UsageError::new("--add-ignore wants a reason on one line")
            .help("--add-ignore=\"alice administers this machine\""));
    }
    Ok(text)
}

/// Writes what fixing would change, and nothing else to standard output.
fn difference(
    fixes: &Fixes,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let (fixed, root) = (&fixes.fixed, fixes.root.as_path());
    let is_terminal = std::io::stdout().is_terminal();
    let covered = fix::write_diff(root, &fixed.files, &fixes.known, is_terminal, out)?;
    out.flush()?;
    notes(fixed);
    let names = Names::for_people(root);
    for file in &covered {
        log(&format!(
            "note: {} holds credentials, which are covered: its difference cannot be applied; {}",
            names.of(file),
            if fixes.ignores {
                "without --diff the comments are written"
            } else {
                "use --fix"
            }
        ));
    }
    if !common.quiet && covered.is_empty() && !fixed.files.is_empty() {
        log("note: the difference is exact: it shows lines of the files as they are");
    }
    if !common.quiet {
        let (made, files) = (fixed.made.len(), fixed.files.len());
        let verb = if fixes.ignores { "ignore" } else { "fix" };
        let more = { fixes.more.iter() }.map(|more| format!(" · {more}"));
        log(&match made {
            0 => format!("Nothing to {verb}{}", more.collect::<String>()),
            _ => format!(
                "Would {verb} {} in {}{}",
                findings(made),
                count(files, "file"),
                more.collect::<String>()
            ),
        });
    }
    Ok(if fixed.files.is_empty() {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

/// Changes the files, and logs that. Gives whether every file could be changed.
fn write_fixes(fixes: &Fixes, common: &CommonArguments) -> bool {
    let (fixed, root) = (&fixes.fixed, fixes.root.as_path());
    let applied = fix::apply(root, fixed);
    let names = Names::for_people(root);
    for (file, why) in &applied.refused {
        log(&format!("{} was not changed: {why}", names.of(file)));
    }
    notes(fixed);
    let all_written = applied.refused.is_empty();
    if common.quiet {
        return all_written;
    }
    let is_written = |made: &&fix::Made| {
        let mut changed = made.changed.iter();
        changed.all(|file| applied.written.contains(file))
    };
    let made: Vec<&fix::Made> = fixed.made.iter().filter(is_written).collect();
    if made.is_empty() {
        if all_written {
            let verb = if fixes.ignores { "ignore" } else { "fix" };
            log(&format!("Nothing to {verb}"));
        }
        return all_written;
    }
    let files = count(applied.written.len(), "file");
    let verb = if fixes.ignores { "Ignored" } else { "Fixed" };
    log(&format!("{verb} {} in {files}", findings(made.len())));
    for made in made {
        let file = names.of(&made.file);
        log(&format!(
            "  {file}:{} · {} · {}",
            made.line, made.title, made.lint
        ));
    }
    all_written
}

fn notes(fixed: &Fixed) {
    for note in &fixed.notes {
        log(&format!("note: {note}"));
    }
}

/// Logs which entries of the baseline are of no finding any more; the first of them unless all are asked for.
fn log_stale(stale: &[Stale], shows_all: bool) {
    const SHOWN: usize = 10;
    let shown = if shows_all { stale.len() } else { SHOWN };
    for entry in stale.iter().take(shown) {
        let file = entry.file.as_deref().unwrap_or("the project");
        let (lint, subject) = (&entry.lint, &entry.subject);
        let note = format!("note: no longer found: {lint} in {file}, {subject}");
        log(&cover(&note));
    }
    if stale.len() > shown {
        let more = stale.len() - shown;
        log(&format!(
            "note: {more} more are no longer found: -v shows all"
        ));
    }
}

/// Logs a line on standard error.
fn log(text: &str) {
    // Nothing is left to be told if standard error is closed.
    let _ = writeln!(std::io::stderr(), "{}", escape(text));
}

fn findings(number: usize) -> String {
    count(number, "finding")
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
