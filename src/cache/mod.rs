//! Results of earlier runs: a project of which nothing has changed is not evaluated again.
//!
//! A result is kept under a hash of everything that it can depend on ([`key`]): this program, its
//! arguments, the configuration file, the baseline, and the content of every file of the project
//! ([`manifest`]). What is kept ([`entry`]) is what the renderers need, without a character of the
//! sources: their excerpts are taken from the files again. The cache is a convenience: whatever is
//! wrong with it, the run goes on without.

mod directory;
mod entry;
mod finding;
mod key;
mod known_files;
mod links;
mod manifest;

use std::io::Write;
use std::path::{Path, PathBuf};

use extract::{discover, input_states};

use crate::cli::check::{CacheArguments, CheckArguments};
use crate::cli::common::CommonArguments;
use crate::cli::formats::CheckFormat;
use crate::config::Configuration;
use crate::display::escape;
use crate::input_sources::input_options;
use crate::policy::Policy;
use crate::report::Report;

use directory::Directory;
use known_files::{KnownFiles, Stat};
use manifest::Manifest;

/// The place of one run's result.
#[derive(Debug)]
pub(crate) struct Slot {
    directory: Directory,
    manifest: Manifest,
    root: PathBuf,
    /// The name of the entry.
    key: String,
    /// The file that standard input stands for, and its text.
    overlay: Option<crate::stdin::Overlay>,
    /// The drawing of the HTML page needs all facts, which are not kept.
    needs_facts: bool,
    tells: bool,
}

impl Slot {
    /// The place of the result of `check` with these arguments; nothing where no result is kept.
    pub(crate) fn of(
        arguments: &CheckArguments,
        common: &CommonArguments,
        configuration: &Configuration,
        policy: &Policy,
    ) -> Option<Self> {
        let tells = common.verbose > 0;
        // What cannot be looked at is told by the run itself.
        let discovery = discover(&arguments.input.paths).ok()?;
        let root = discovery.root.canonicalize().ok()?;
        let directory = open(&arguments.cache, common)?;
        if arguments.cache.cache_dir.is_some() && directory.path().starts_with(&root) {
            // An archive keeps modes, and whoever unpacks it owns what is in it.
            log(
                !common.quiet,
                "note: no results are kept in a directory of the project: it could bring along what nobody found",
            );
            return None;
        }
        if arguments.input.sources.names_directories() {
            log(
                tells,
                "cache: not used: files outside the project are read (--input, --nixpkgs)",
            );
            return None;
        }
        let inputs = input_options(&arguments.input.sources, configuration);
        let inputs = input_states(&discovery, &inputs);
        let files = key::of_files(&root);
        let known = { directory.read(&files) }
            .map(|bytes| KnownFiles::decode(&bytes, &files))
            .unwrap_or_default();
        let known = |path: &Path, stat: &Stat| known.hash(path, stat);
        let Some(manifest) = Manifest::of(&root, directory.path(), &known) else {
            log(
                tells,
                "cache: not used: the project is too large, or part of it cannot be read",
            );
            return None;
        };
        if let Some(bytes) = manifest.kept_files(&files) {
            // Without it, the files are read again.
            let _ = directory.write(&files, &bytes);
        }
        let key = key::key(arguments, configuration, policy, &root, &manifest, &inputs)?;
        let wanted = { arguments.outputs.iter().map(|output| output.format) };
        let needs_facts = wanted
            .chain(arguments.format)
            .any(|format| format == CheckFormat::Html);
        Some(Self {
            directory,
            manifest,
            root,
            key,
            overlay: arguments.input.overlay.clone(),
            needs_facts,
            tells,
        })
    }

    /// The report of an earlier run on the same input.
    pub(crate) fn load(&self) -> Option<Report> {
        if self.needs_facts {
            return None;
        }
        let read = self.directory.read(&self.key);
        let report =
            read.and_then(|bytes| entry::decode(&bytes, &self.key, &|path| self.text(path)));
        log(
            self.tells,
            match report {
                Some(_) => "cache: nothing has changed since an earlier run",
                None => "cache: no result of an earlier run",
            },
        );
        report
    }

    /// Keeps the report of this run, unless the project changed while it was looked at.
    pub(crate) fn keep(&self, report: &Report) {
        if !report.crashes.is_empty() {
            return;
        }
        // Whether such a source is here is known to an evaluation alone, not to the key.
        let inputs = { report.inventory.iter() }.flat_map(|inventory| &inventory.inputs);
        if inputs.into_iter().any(|input| input.is_pin) {
            log(
                self.tells,
                "cache: the result is not kept: it rests on sources that are pinned outside flake.lock",
            );
            return;
        }
        let encoded = entry::encode(report, &self.key, &|path| self.text(path).is_some());
        let kept = match encoded {
            None => Err("it points into a file that is not of the project".to_owned()),
            Some(_) if self.has_changed() => Err("the project changed meanwhile".to_owned()),
            Some(encoded) => {
                let written = self.directory.write(&self.key, &encoded);
                written.map_err(|error| error.to_string())
            }
        };
        if let Err(why) = kept {
            log(self.tells, &format!("cache: the result is not kept: {why}"));
        }
    }

    fn has_changed(&self) -> bool {
        let known = |path: &Path, stat: &Stat| self.manifest.known(path, stat);
        let now = Manifest::of(&self.root, self.directory.path(), &known);
        now.is_none_or(|now| now.digest != self.manifest.digest)
    }

    /// The text of a file, if it is still the one of the manifest.
    fn text(&self, path: &Path) -> Option<String> {
        if let Some(overlay) = &self.overlay
            && overlay.path == path
        {
            return Some(overlay.text.to_string());
        }
        self.manifest.text(path)
    }
}

/// The state of everything below the root of a project that a run can read, as one hash; `None` if it is too
/// large for that, or part of it cannot be read.
#[cfg(feature = "mcp")]
pub(crate) fn project_state(root: &Path) -> Option<[u8; 32]> {
    Manifest::of(root, Path::new(""), &|_, _| None).map(|manifest| manifest.digest)
}

/// The directory that results are kept in.
fn open(arguments: &CacheArguments, common: &CommonArguments) -> Option<Directory> {
    if arguments.no_cache {
        return None;
    }
    let path = arguments.cache_dir.clone().or_else(user_directory)?;
    match Directory::open(&path) {
        Ok(directory) => Some(directory),
        Err(refused) => {
            // A machine without a place for caches is nothing to tell of, one where somebody else has
            // a hand in ours is.
            let is_told = refused.is_suspicious || arguments.cache_dir.is_some();
            let told = (is_told && !common.quiet) || common.verbose > 0;
            let path = path.display();
            log(
                told,
                &format!("note: no results are kept in {path}: {}", refused.why),
            );
            None
        }
    }
}

/// The directory of our caches, as the XDG base directory specification has it: paths that are not absolute do not count.
pub(crate) fn user_directory() -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(base.join("mcp-lint"))
}

/// Logs a line on standard error.
fn log(told: bool, text: &str) {
    if told {
        // Nothing is left to be told if standard error is closed.
        let _ = writeln!(std::io::stderr(), "{}", escape(text));
    }
}
