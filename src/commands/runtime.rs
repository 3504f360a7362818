//! `mcp-lint runtime`

use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use runtime_check::{
    Escaped, Expectation, NotChecked, Options, RenderOptions, Report, Severity, human, json, junit,
};

use crate::analysis::{Analysis, analyse};
use crate::cli::common::CommonArguments;
use crate::cli::input::{InputArguments, ThreadsArgument};
use crate::cli::runtime::{RuntimeArguments, RuntimeFailOn, RuntimeFormat};
use crate::exit::{Exit, Failure};
use crate::output::inventory_json;
use crate::report_summary::Gap;
use crate::secret_rows::Filter;
use crate::usage::UsageError;

/// The inventory of a thousand hosts is far from this.
const LARGEST_MANIFEST: u64 = 256 * 1024 * 1024;

/// Checks what is on this machine and writes what was found.
pub(crate) fn run(
    arguments: &RuntimeArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let (expectation, not_read) = expectation(arguments, common)?;
    let mut report = runtime_check::run(&Options {
        host: arguments.host.clone(),
        user: arguments.user.clone(),
        fail_on: match arguments.fail_on {
            RuntimeFailOn::Error => Severity::Error,
            RuntimeFailOn::Warning => Severity::Warning,
            RuntimeFailOn::Info => Severity::Info,
        },
        ..Options::new(&extract::MANAGERS, expectation)
    });
    report.not_checked.extend(not_read);
    report.not_checked.sort();
    write(&report, arguments.format, common, out)?;
    Ok(match report.exit_code() {
        0 => Exit::Clean,
        1 => Exit::Findings,
        _ => Exit::Incomplete,
    })
}

fn write(
    report: &Report,
    format: RuntimeFormat,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = match format {
        // The stream takes the colours out where they are not wanted.
        RuntimeFormat::Human => human(
            report,
            RenderOptions {
                color: true,
                verbose: common.verbose > 0,
                quiet: common.quiet,
            },
        ),
        RuntimeFormat::Json => json(report),
        RuntimeFormat::Junit => junit(report),
    };
    out.write_all(text.as_bytes())
}

/// What should be there, and the parts of the configuration that could not be read.
fn expectation(
    arguments: &RuntimeArguments,
    common: &CommonArguments,
) -> Result<(Expectation, Vec<NotChecked>), Failure> {
    if let Some(file) = &arguments.manifest {
        let text = read_manifest(file)?;
        return Ok((Expectation::Manifest(text), Vec::new()));
    }
    if let Some(directory) = &arguments.secrets_path {
        let expectation = Expectation::SecretsPath {
            directory: absolute(directory)?,
            secrets: file_names(&arguments.secrets)?,
        };
        return Ok((expectation, Vec::new()));
    }
    // A host without a project is one of the project in this directory, as everywhere else.
    let here = arguments.host.as_ref().map(|_| PathBuf::from("."));
    match arguments.path.clone().or(here) {
        Some(path) => project(path, arguments.host.clone(), common),
        None => Ok((Expectation::Discover, Vec::new())),
    }
}

/// What a configuration declares.
fn project(
    path: PathBuf,
    host: Option<String>,
    common: &CommonArguments,
) -> Result<(Expectation, Vec<NotChecked>), Failure> {
    let input = InputArguments {
        threads: ThreadsArgument::default(),
        paths: vec![path],
        hosts: host.into_iter().collect(),
        stdin_filename: None,
        overlay: None,
        sources: crate::cli::inputs::SourceArguments::default(),
        require_complete: false,
        config: crate::cli::input::ConfigArguments::default(),
    };
    let configuration = crate::config::load(&input.paths, &input.config)?;
    let Analysis {
        inventory, sources, ..
    } = analyse(&input, &configuration, common)?;
    let mut manifest = Vec::new();
    inventory_json::render(&inventory, &sources, &[], &Filter::default(), &mut manifest)?;
    let manifest = String::from_utf8(manifest).map_err(io::Error::other)?;
    let not_read = { inventory.problems.iter() }.filter(|problem| problem.kind.is_hole());
    let gaps = Gap::all(&inventory).into_iter().map(|gap| NotChecked {
        what: Escaped::text(&gap.subjects.join(", ")).to_string(),
        why: Escaped::text(&gap.message()).to_string(),
    });
    let not_read = not_read.map(|problem| {
        let file = problem.at.and_then(|at| sources.get(at.file));
        let file = file.map(|file| Escaped::path(file.path()).to_string());
        NotChecked {
            what: file.unwrap_or_else(|| "the configuration".to_owned()),
            why: Escaped::text(&problem.to_string()).to_string(),
        }
    });
    Ok((
        Expectation::Manifest(manifest),
        not_read.chain(gaps).collect(),
    ))
}

fn read_manifest(file: &Path) -> Result<String, UsageError> {
    let cannot = |why: &dyn std::fmt::Display| {
        UsageError::new(format!(
            "cannot read the manifest {}: {why}",
            file.display()
        ))
        .help("make one with: mcp-lint inventory --format json > manifest.json")
    };
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin()
            .lock()
            .take(LARGEST_MANIFEST + 1)
            .read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file)
            .and_then(|file| file.take(LARGEST_MANIFEST + 1).read_to_end(&mut bytes))
    };
    match read {
        Err(error) => Err(cannot(&error)),
        Ok(length) if length as u64 > LARGEST_MANIFEST => Err(cannot(&"it is too large")),
        Ok(_) => String::from_utf8(bytes).map_err(|_| cannot(&"it is not UTF-8")),
    }
}

fn absolute(directory: &Path) -> Result<PathBuf, UsageError> {
    std::path::absolute(directory).map_err(|error| {
        UsageError::new(format!("cannot look at {}: {error}", directory.display()))
    })
}

/// Names below the directory, such as `api/token`.
fn file_names(names: &[String]) -> Result<Vec<String>, UsageError> {
    use std::path::Component;
    for name in names {
        let is_below = |component| matches!(component, Component::Normal(_) | Component::CurDir);
        if name.is_empty() || !Path::new(name).components().all(is_below) {
            return Err(
                UsageError::new(format!("`{name}` is no name of a file in the directory")).help(
                    "give the directory with --secrets-path, and the name alone with --secret",
                ),
            );
        }
    }
    Ok(names.to_vec())
}
