//! The project of a server: evaluated when it is asked about, and again once something of it has changed.

use std::collections::BTreeMap;
use std::path::{Component, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use extract::{BuildOptions, HostCache, ParseCache, build, discover, input_states};
use inventory::{Host, Inventory, SourceMap, Span};

use crate::analysis;
use crate::cache::project_state;
use crate::cli::check::CheckArguments;
use crate::config::{self, Configuration};
use crate::display::{Known, Redaction};
use crate::exit::Failure;
use crate::input_sources::input_options;
use crate::output::place;
use crate::report::Names;
use crate::report_summary::{Gap, ReportSummary};
use crate::usage::UsageError;

/// The project that a server answers about.
#[derive(Debug)]
pub(super) struct Project {
    /// What `check` would be told.
    arguments: CheckArguments,
    /// The root: absolute, without symbolic links. Nothing outside is looked at.
    root: PathBuf,
    trees: Arc<ParseCache>,
    hosts: Arc<HostCache>,
    last: Mutex<Option<(State, Arc<Facts>)>>,
}

/// Everything that the facts of a project depend on.
type State = ([u8; 32], Option<(PathBuf, String)>, Vec<String>);

/// The facts of one state of the project.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) inventory: Inventory,
    pub(super) sources: Arc<SourceMap>,
    pub(super) configuration: Configuration,
    /// The credentials that are written out in the files.
    pub(super) known: Known,
    /// What was not inspected, the largest first.
    pub(super) gaps: Vec<Gap>,
}

/// Set once nobody waits for the answer.
pub(super) type Cancelled = Arc<AtomicBool>;

impl Project {
    /// The project around the path of the arguments.
    pub(super) fn open(mut arguments: CheckArguments) -> Result<Self, UsageError> {
        let mut paths = Vec::new();
        for path in &arguments.input.paths {
            let absolute = path.canonicalize().map_err(|error| {
                UsageError::new(format!("cannot look at {}: {error}", path.display()))
                    .help("give the directory of the project: mcp-lint mcp ~/nixos")
            })?;
            paths.push(absolute);
        }
        let named = paths.first().cloned().unwrap_or_default();
        // Files may come later: an agent can begin in an empty directory.
        let root = discover(&paths).map_or(named, |found| found.root);
        let root = root.canonicalize().unwrap_or(root);
        arguments.input.paths = paths;
        Ok(Self {
            arguments,
            root,
            trees: Arc::default(),
            hosts: Arc::default(),
            last: Mutex::new(None),
        })
    }

    /// The arguments of `check` for it.
    pub(super) const fn arguments(&self) -> &CheckArguments {
        &self.arguments
    }

    /// The facts of what is on disk now.
    pub(super) fn facts(&self, cancelled: &Cancelled) -> Result<Arc<Facts>, String> {
        let configuration = self.configuration()?;
        let state = self.state(&configuration);
        if let (Some(now), Some((then, facts))) = (&state, &*self.last())
            && now == then
        {
            return Ok(Arc::clone(facts));
        }
        let facts = Arc::new(self.evaluate(configuration, BTreeMap::new(), cancelled)?);
        *self.last() = state.map(|state| (state, Arc::clone(&facts)));
        Ok(facts)
    }

    /// The facts if files had these texts. Nothing is written.
    pub(super) fn facts_with(
        &self,
        texts: BTreeMap<PathBuf, Arc<str>>,
        cancelled: &Cancelled,
    ) -> Result<Facts, String> {
        self.evaluate(self.configuration()?, texts, cancelled)
    }

    /// The last facts; held for no longer than it takes to look.
    fn last(&self) -> MutexGuard<'_, Option<(State, Arc<Facts>)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The credentials that the files held when they were read last.
    pub(super) fn known(&self) -> Known {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref()
            .map_or_else(Known::default, |(_, facts)| facts.known.clone())
    }

    fn configuration(&self) -> Result<Configuration, String> {
        let input = &self.arguments.input;
        config::load(&input.paths, &input.config).map_err(Failure::into_message)
    }

    /// The state of all that the facts depend on; `None` if that would take as long as to evaluate it.
    fn state(&self, configuration: &Configuration) -> Option<State> {
        let discovery = discover(&self.arguments.input.paths).ok()?;
        let inputs = input_options(&self.arguments.input.sources, configuration);
        let source = configuration.source.as_ref();
        // Directories of inputs may change, and are not of the project.
        self.arguments
            .input
            .sources
            .overrides
            .is_empty()
            .then_some(())?;
        Some((
            project_state(&self.root)?,
            source.map(|source| (source.directory.clone(), source.text.clone())),
            input_states(&discovery, &inputs),
        ))
    }

    fn evaluate(
        &self,
        configuration: Configuration,
        texts: BTreeMap<PathBuf, Arc<str>>,
        cancelled: &Cancelled,
    ) -> Result<Facts, String> {
        let input = &self.arguments.input;
        let options = BuildOptions {
            overlays: texts,
            cache: Some(Arc::clone(&self.trees)),
            host_cache: Some(Arc::clone(&self.hosts)),
            cancelled: Some(Arc::clone(cancelled)),
            ..analysis::options(input, &configuration)
        };
        let said = |error: UsageError| error.to_string();
        let built = build(&options).map_err(|error| said(analysis::cannot_look(error)))?;
        if cancelled.load(Ordering::Relaxed) {
            return Err("cancelled".to_owned());
        }
        analysis::require_inputs(&input.sources, &built.inventory.inputs).map_err(said)?;
        let known = Known::new(&Redaction::new(&built.inventory), &built.sources);
        let gaps = ReportSummary::new(&built.inventory, &built.sources).gaps;
        Ok(Facts {
            inventory: built.inventory,
            sources: built.sources,
            configuration,
            known,
            gaps,
        })
    }

    /// The file of the project that an agent names, which need not exist.
    ///
    /// # Errors
    ///
    /// If it is outside of the project, however it gets there.
    pub(super) fn file(&self, named: &str) -> Result<PathBuf, String> {
        let outside = || {
            format!(
                "`{named}` is outside of the project {}: the server looks at nothing else",
                self.root.display()
            )
        };
        let path = self.root.join(named);
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(outside());
        }
        // Whatever of it exists may be a link.
        let mut existing = path.as_path();
        let mut rest = Vec::new();
        let real = loop {
            match existing.canonicalize() {
                Ok(real) => break real,
                Err(_) => match (existing.parent(), existing.file_name()) {
                    (Some(above), Some(name)) => {
                        rest.push(name);
                        existing = above;
                    }
                    _ => return Err(outside()),
                },
            }
        };
        if !real.starts_with(&self.root) {
            return Err(outside());
        }
        Ok(rest.iter().rev().fold(real, |path, name| path.join(name)))
    }
}

impl Facts {
    /// A place as `hosts/desk.nix:12`.
    pub(super) fn at(&self, at: Option<Span>) -> Option<String> {
        let names = Names::in_project(&self.inventory.root);
        let place = place(&self.sources, &names, at?)?;
        Some(format!("{}:{}", place.file, place.line))
    }

    /// The host of this name or attribute, with its containers; all hosts if none is named.
    ///
    /// # Errors
    ///
    /// If there is none: which there are.
    pub(super) fn hosts(&self, named: Option<&str>) -> Result<Vec<(usize, &Host)>, String> {
        let all = self.inventory.hosts.iter().enumerate();
        let Some(named) = named else {
            return Ok(all.collect());
        };
        let is_named = |host: &Host| host.name == named || host.attribute == named;
        let attributes: Vec<&str> = { self.inventory.hosts.iter() }
            .filter(|host| is_named(host))
            .map(|host| host.attribute.as_str())
            .collect();
        if attributes.is_empty() {
            let names: Vec<&str> = { self.inventory.hosts.iter() }
                .map(|host| host.name.as_str())
                .collect();
            let error = UsageError::new(format!("there is no host `{named}`"))
                .did_you_mean(named, names.iter().copied())
                .help(format!("the hosts are: {}", names.join(", ")));
            return Err(error.to_string());
        }
        let is_of = |host: &Host| {
            let within = host.container.as_ref().map(|it| it.host.as_str());
            is_named(host) || within.is_some_and(|host| attributes.contains(&host))
        };
        Ok(all.filter(|(_, host)| is_of(host)).collect())
    }

    /// What was not inspected, in sentences: the first ones.
    pub(super) fn not_inspected(&self) -> Vec<String> {
        const SHOWN: usize = 5;
        let mut said: Vec<String> = self.gaps.iter().take(SHOWN).map(Gap::message).collect();
        let more = self.gaps.len().saturating_sub(SHOWN);
        if more > 0 {
            said.push(format!("and {more} more reasons"));
        }
        said.extend(Gap::help(&self.gaps));
        said
    }
}
