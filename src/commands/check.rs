//! `mcp-lint check`

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use extract::{Built, build, foreign_repository};

use crate::analysis::{self, Analysis, analyse};
use crate::baseline;
use crate::cache::Slot;
use crate::cli::{CheckArguments, CommonArguments, FixArgument};
use crate::config::{self, Configuration};
use crate::display::escape;
use crate::exit::{Exit, Failure};
use crate::fix::{self, Fixed, Found, Mode};
use crate::output;
use crate::policy::Policy;
use crate::report::{Names, Report, near};
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
    if arguments.input.overlay.is_some() && (arguments.diff || arguments.fix.is_some()) {
        return Err(UsageError::new("standard input cannot be fixed")
            .help("write the file first, then: mcp-lint --fix")
            .into());
    }
    let mut is_written = true;
    if arguments.diff || arguments.fix.is_some() {
        let (fixed, root) = find_fixes(arguments, &configuration, &policy)?;
        if arguments.diff {
            return difference(&fixed, &root, common, out);
        }
        is_written = write_fixes(&fixed, &root, common);
    }
    let mut report = kept_or_new(arguments, common, &configuration, &policy)?;
    report.took = started.elapsed();
    report.incomplete = policy.incomplete();
    report.part = policy.part().to_vec();
    if let Some((git, owner)) = foreign_repository(&report.summary.root)
        && !common.quiet
    {
        log(&format!(
            "note: what Git tracks is not known: {} belongs to user {owner}, who is neither you nor root",
            near(&git)
        ));
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
        width: common.width(),
    };
    output::check(format, &report, look, out)?;
    Ok(if report.fails_as_incomplete() {
        Exit::Incomplete
    } else if policy.fails(&report.diagnostics) || !is_written {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// The report of an earlier run on the same input, or of this one.
fn kept_or_new(
    arguments: &CheckArguments,
    common: &CommonArguments,
    configuration: &Configuration,
    policy: &Policy,
) -> Result<Report, Failure> {
    let slot = Slot::of(arguments, common, configuration, policy);
    if let Some(report) = slot.as_ref().and_then(Slot::load) {
        if common.verbose > 0 {
            analysis::log_hosts(&report.summary, common.verbose);
        }
        return Ok(report);
    }
    let Analysis {
        inventory, sources, ..
    } = analyse(&arguments.input, configuration, common)?;
    let decided = policy.decide(&inventory, &sources);
    let report = Report {
        summary: ReportSummary::new(&inventory, &sources),
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
        incomplete: policy.incomplete(),
        took: Duration::ZERO,
    };
    if let Some(slot) = slot {
        slot.keep(&report);
    }
    Ok(report)
}

/// What fixing would change, and the project root.
fn find_fixes(
    arguments: &CheckArguments,
    configuration: &Configuration,
    policy: &Policy,
) -> Result<(Fixed, std::path::PathBuf), Failure> {
    let mode = match arguments.fix {
        Some(FixArgument::Unsafe) => Mode::Unsafe,
        Some(FixArgument::Safe) | None => Mode::Safe,
    };
    let options = analysis::options(&arguments.input, configuration);
    let root = std::cell::RefCell::new(std::path::PathBuf::new());
    let judge = |built: &Built| {
        root.borrow_mut().clone_from(&built.inventory.root);
        let decided = policy.decide(&built.inventory, &built.sources);
        Found {
            all: decided.found,
            active: decided.diagnostics,
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
    let fixed = fix::fix(mode, &options, built, &judge).map_err(analysis::cannot_look)?;
    Ok((fixed, root.into_inner()))
}

/// Writes what fixing would change, and nothing else to standard output.
fn difference(
    fixed: &Fixed,
    root: &std::path::Path,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    fix::write_diff(root, &fixed.files, std::io::stdout().is_terminal(), out)?;
    out.flush()?;
    notes(fixed);
    let names = Names::for_people(root);
    for file in fix::covered(&fixed.files) {
        log(&format!(
            "note: {} holds credentials, which are covered: its difference cannot be applied; use --fix",
            names.of(file)
        ));
    }
    if !common.quiet && !fixed.files.is_empty() {
        log("note: the difference is exact: it shows lines of the files as they are");
    }
    if !common.quiet {
        let (made, files) = (fixed.made.len(), fixed.files.len());
        log(&match made {
            0 => "Nothing to fix".to_owned(),
            _ => format!("Would fix {} in {}", findings(made), count(files, "file")),
        });
    }
    Ok(if fixed.files.is_empty() {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

/// Changes the files, and logs that. Gives whether every file could be changed.
fn write_fixes(fixed: &Fixed, root: &std::path::Path, common: &CommonArguments) -> bool {
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
            log("Nothing to fix");
        }
        return all_written;
    }
    let files = count(applied.written.len(), "file");
    log(&format!("Fixed {} in {files}", findings(made.len())));
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
