//! `mcp-lint init`

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::common::CommonArguments;
use crate::cli::init::{HookArgument, InitArguments};
use crate::config::FILE_NAME;
use crate::display::escape;
use crate::exit::{Exit, Failure};
use crate::git::{GitError, git};
use crate::report::near;
use crate::usage::UsageError;
use crate::write::replace_file;

/// The configuration file that is written.
pub(crate) const TEMPLATE: &str = include_str!("init/mcp-lint.toml");

/// The entry for the pre-commit framework, as it stands under `repos:`.
const ENTRY: &str = include_str!("init/pre-commit.yaml");

/// The hook for git alone.
const SCRIPT: &str = include_str!("init/pre-commit.sh");

/// A file to write.
struct Planned {
    path: PathBuf,
    content: String,
    is_executable: bool,
}

/// Writes the configuration file, and the hook if asked for: everything, or nothing.
pub(crate) fn run(
    arguments: &InitArguments,
    common: &CommonArguments,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let directory = &arguments.directory;
    if !directory.is_dir() {
        let message = format!("{} is no directory", near(directory));
        return Err(UsageError::new(message).into());
    }
    let configuration = Planned {
        path: directory.join(FILE_NAME),
        content: TEMPLATE.to_owned(),
        is_executable: false,
    };
    // Who asks for a hook has configured the rest already.
    let is_kept = arguments.hook.is_some()
        && !arguments.force
        && configuration.path.symlink_metadata().is_ok();
    let mut planned = Vec::new();
    if !is_kept {
        planned.push(configuration);
    } else if !common.quiet {
        writeln!(out, "kept {}", escape(&near(&configuration.path)))?;
    }
    match arguments.hook {
        Some(HookArgument::PreCommit) => planned.extend(framework(directory)?),
        Some(HookArgument::Git) => planned.push(Planned {
            path: hooks_directory(directory)?.join("pre-commit"),
            content: SCRIPT.to_owned(),
            is_executable: true,
        }),
        None => {}
    }
    let is_entry = |file: &Planned| file.path.ends_with(".pre-commit-config.yaml");
    if !arguments.force {
        for file in planned.iter().filter(|file| !is_entry(file)) {
            if file.path.symlink_metadata().is_ok() {
                let message = format!("{} is there already", near(&file.path));
                return Err(UsageError::new(message)
                    .help("replace it with --force")
                    .into());
            }
        }
    }
    // What a link leads to is not what was asked for.
    if let Some(link) = planned.iter().find(|file| file.path.is_symlink()) {
        let message = format!(
            "{} is a symbolic link: it is not written through",
            near(&link.path)
        );
        return Err(UsageError::new(message).into());
    }
    for file in &planned {
        write(file).map_err(|error| {
            UsageError::new(format!("cannot write {}: {error}", near(&file.path)))
        })?;
        if !common.quiet {
            writeln!(out, "wrote {}", escape(&near(&file.path)))?;
        }
    }
    if !common.quiet && arguments.hook == Some(HookArgument::PreCommit) {
        writeln!(out, "switch the hook on with: pre-commit install")?;
    }
    Ok(Exit::Clean)
}

/// The configuration of the pre-commit framework with our entry; nothing if it has one.
fn framework(directory: &Path) -> Result<Option<Planned>, UsageError> {
    let path = directory.join(".pre-commit-config.yaml");
    let old = match path.symlink_metadata() {
        Ok(_) => crate::config::read_file(&path)?,
        Err(_) => "repos:\n".to_owned(),
    };
    if old.contains("mcp-lint") {
        return Ok(None);
    }
    // Only a list that ends the file can be gone on with without understanding YAML.
    let last_key = old
        .lines()
        .rfind(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
    if last_key.map(str::trim_end) != Some("repos:") {
        let message = format!("`repos:` is not the last key of {}", near(&path));
        return Err(UsageError::new(message).help(format!(
            "add this to its list yourself:\n{}",
            ENTRY.trim_end()
        )));
    }
    let indentation = old
        .lines()
        .find(|line| line.trim_start().starts_with("- "))
        .map_or("  ", |line| line.split('-').next().unwrap_or_default());
    let mut content = old.trim_end().to_owned() + "\n";
    for line in ENTRY.lines() {
        content.push_str(&format!("{indentation}{line}\n"));
    }
    Ok(Some(Planned {
        path,
        content,
        is_executable: false,
    }))
}

/// The path that `git rev-parse` prints; `None` if it has none to print, or there is no git.
fn git_path(directory: &Path, arguments: &[&str]) -> Result<Option<PathBuf>, UsageError> {
    match git(directory, &[&["rev-parse"], arguments].concat(), &[]) {
        Ok(output) => {
            let text = String::from_utf8(output).ok();
            Ok(text.map(|text| directory.join(text.trim_end_matches('\n'))))
        }
        Err(GitError::NotInstalled | GitError::Said(_)) => Ok(None),
        Err(failure @ (GitError::Silent | GitError::Io(_))) => {
            Err(UsageError::new(failure.to_string()).help("use --hook=pre-commit"))
        }
    }
}

/// Where git looks for the hooks of the repository around a directory.
fn hooks_directory(directory: &Path) -> Result<PathBuf, UsageError> {
    let real = directory
        .canonicalize()
        .map_err(|error| UsageError::new(format!("cannot look at {}: {error}", near(directory))))?;
    // Git knows of `core.hooksPath`, worktrees and submodules.
    if let Some(hooks) = git_path(&real, &["--git-path", "hooks"])? {
        return within_repository(&real, hooks);
    }
    let repository = real
        .ancestors()
        .map(|above| above.join(".git"))
        .find(|git| git.exists());
    match repository {
        Some(git) if git.is_dir() => Ok(git.join("hooks")),
        Some(_) => Err(
            UsageError::new("this is a worktree or submodule: its hooks are elsewhere")
                .help("run it in the main working tree, or use --hook=pre-commit"),
        ),
        None => Err(UsageError::new("this is not a git repository").help("git init makes one")),
    }
}

/// The directory of hooks, unless `core.hooksPath` has it elsewhere: a repository of a stranger could name any
/// directory, and hooks that all repositories share are not this one's to change.
fn within_repository(directory: &Path, hooks: PathBuf) -> Result<PathBuf, UsageError> {
    let asked = |what: &str| git_path(directory, &[what]).ok()??.canonicalize().ok();
    let normal = nix_source::normalise(&hooks);
    let existing = normal
        .ancestors()
        .find_map(|above| above.canonicalize().ok());
    let homes = ["--show-toplevel", "--git-common-dir"]
        .into_iter()
        .filter_map(asked);
    if { homes }.any(|home| {
        existing
            .as_ref()
            .is_some_and(|place| place.starts_with(home))
    }) {
        return Ok(hooks);
    }
    let message = format!(
        "core.hooksPath leads out of the repository, to {}",
        near(&normal)
    );
    Err(UsageError::new(message).help("write the hook there yourself, or use --hook=pre-commit"))
}

fn write(file: &Planned) -> io::Result<()> {
    if let Some(directory) = file.path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    replace_file(&file.path, file.content.as_bytes())?;
    if file.is_executable {
        make_executable(&file.path)?;
    }
    Ok(())
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode();
    // Whoever may read it may run it.
    std::fs::set_permissions(
        path,
        std::fs::Permissions::from_mode(mode | ((mode & 0o444) >> 2)),
    )
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}
