//! The steps of an evaluation, on whichever thread they are made.

use std::path::PathBuf;
use std::sync::Arc;

use nix_eval::{Evaluator, Limits, Workspace};
use nix_source::SourceReader;

use super::session::Session;
use super::wanted::{is_meant, is_wanted};
use crate::defects::{defect, guarded};
use crate::discover::is_entry_point;
use crate::host::containers::containers;
use crate::host::modules::{Modules, joined};
use crate::host::{HostFacts, host};
use crate::host_cache::{Evaluated, Logged, Logs, Recall, Sources, Unreached};
use crate::host_sources::{all_sources, sources_of_files};
use crate::options::Additions;
use crate::outputs;
use crate::source::{Origin, Source, set_up};
use crate::unreached::declarations::Declared;
use crate::unreached::{self, Reached};
use crate::{BuildOptions, Discovery};
use inventory::model::{Gap, GapKind, Host, Inventory, Unknown};

/// An evaluator whose values take more bytes is given up after a host, and they are freed at once:
/// more than the largest project is known to take for all of its hosts.
const MAX_MEMORY: usize = 256 << 20;

/// How often the modules of inputs and of nixpkgs are evaluated for one host, with fewer of them each time that
/// some cannot be: enough to find one in thirty.
const MAX_ATTEMPTS: usize = 10;

/// What all threads share.
pub(super) struct Work<'a> {
    pub(super) workspace: &'a Arc<Workspace>,
    pub(super) limits: Limits,
    /// `None` if no readers are wanted.
    pub(super) additions: Option<Additions>,
    /// Whether evaluators log what they read.
    pub(super) is_logged: bool,
    pub(super) options: &'a BuildOptions,
}

impl Work<'_> {
    fn session(&self) -> Session {
        let workspace = Arc::clone(self.workspace);
        let sources = if self.is_logged {
            SourceReader::logging(workspace)
        } else {
            SourceReader::new(workspace)
        };
        let setup = crate::evaluator_options(self.limits);
        Session {
            evaluator: Evaluator::with_reader(sources, setup),
            hosts: Vec::new(),
            limits: self.limits,
            logs: Logs::new(),
            problems: Vec::new(),
            is_cut_short: false,
            is_logged: self.is_logged,
        }
    }

    /// Gives an evaluator up at the end.
    pub(super) fn leave(&self, session: Option<Session>) {
        if self.options.one_shot {
            // To free small values one by one takes up to a quarter of the whole time, and the
            // process ends soon.
            std::mem::forget(session);
        }
    }

    /// Works in a session, which is made if there is none, and given up if a limit or a panic cuts it
    /// short.
    ///
    /// # Errors
    ///
    /// The message of a panic: a defect of this program, which must not hide the other hosts.
    fn within<R>(
        &self,
        session: &mut Option<Session>,
        f: impl FnOnce(&mut Session) -> R,
    ) -> Result<R, String> {
        let before = session.take();
        guarded(|| {
            let mut open = before.unwrap_or_else(|| self.session());
            let found = f(&mut open);
            (!open.is_cut_short).then(|| *session = Some(open));
            found
        })
    }

    /// The hosts that are asked for. Those of one origin are in a row and sorted by name.
    pub(super) fn sources(&self, session: &mut Option<Session>, discovery: &Discovery) -> Sources {
        let found = self.within(session, |session| {
            let (part, problems) = session.part(|evaluator, _| {
                let (sources, more) = all_sources(evaluator, discovery);
                let gaps = outputs::gaps(evaluator, discovery, self.options);
                (sources, gaps, more)
            });
            let (sources, gaps, more) = part.result;
            (sources, gaps, [problems, more].concat())
        });
        let (mut sources, gaps, problems) = found.unwrap_or_else(|panic| {
            let defect = defect("the search for hosts", &panic);
            let why = Unknown::because(defect.reason.clone());
            let gap = Gap::new(GapKind::Configurations, "the project", why);
            (Vec::new(), vec![gap], vec![defect])
        });
        sources.retain(|source| is_wanted(self.options, source));
        Sources {
            sources,
            gaps,
            problems,
        }
    }

    /// What was read in a session, for a cache; `None` if what was found there is not to be kept.
    pub(super) fn logs_of(&self, session: Option<&Session>) -> Option<Logs> {
        let is_kept = self.is_logged && !self.workspace.is_cancelled();
        let session = session.filter(|session| is_kept && !session.is_cut_short)?;
        Some(session.logs.clone())
    }

    /// Evaluates the hosts of a group, one after another, in a session that is made if there is none.
    pub(super) fn group(
        &self,
        sources: &[Source],
        session: &mut Option<Session>,
    ) -> Vec<Evaluated> {
        let mut evaluated = Vec::new();
        for (index, source) in sources.iter().enumerate() {
            let rest = sources.get(index..).unwrap_or_default();
            let found = self.within(session, |session| self.host(session, source, rest));
            evaluated.push(found.unwrap_or_else(|panic| Evaluated {
                problems: vec![defect(&source.name.attribute, &panic)],
                ..Evaluated::default()
            }));
            let kept = { self.limits.process }.map_or(MAX_MEMORY, |_| self.limits.memory / 4);
            if { session.as_ref() }.is_some_and(|it| it.evaluator.memory() > kept) {
                *session = None;
            }
        }
        evaluated
    }

    /// Evaluates a host in a session, in which `rest` is set up if nothing is.
    fn host(&self, session: &mut Session, source: &Source, rest: &[Source]) -> Evaluated {
        let mut problems = Vec::new();
        if session.hosts.is_empty() {
            let (_, more) = session.part(|evaluator, hosts| *hosts = set_up(evaluator, rest));
            problems.extend(more);
        }
        let (part, more) = session.part(|evaluator, hosts| {
            #[cfg(test)]
            assert!(source.name.name != super::tests::DEFECTIVE, "a defect");
            let configuration = source.find(hosts)?;
            let is_module = source.is_module();
            let additions = self.additions.as_ref();
            let facts = host(evaluator, configuration, additions, is_module);
            let HostFacts {
                mut host, options, ..
            } = facts;
            evaluator.reset_limits();
            let mut found = containers(evaluator, configuration, &mut host, additions);
            found.push(host);
            Some((found, options))
        });
        problems.extend(more);
        let (mut hosts, options) = part.result.unwrap_or_default();
        if let Some(host) = hosts.last_mut().filter(|host| !host.is_module())
            && let Some(with_modules) = self.with_modules(session, source, host, &options)
        {
            *host = with_modules;
        }
        hosts.retain(|host| is_meant(self.options, host));
        let own = source.find(&session.hosts);
        let own = own.and_then(|host| host.configuration.as_ref().ok());
        let configurations = own.into_iter().chain(&part.configurations);
        let files = unreached::files(&session.evaluator, configurations);
        // What earlier hosts of the session read may be what this one did not have to read; so with problems.
        if self.is_logged {
            problems.clone_from(&session.problems);
        }
        Evaluated {
            hosts,
            files,
            problems,
            limits: self.logs_of(Some(session)).map(|_| self.limits),
            logs: session.logs.clone(),
        }
    }

    /// A host with the modules of inputs and of nixpkgs that declare these options of it; `None` if none of
    /// them is here, or if they cannot be evaluated.
    fn with_modules(
        &self,
        session: &mut Session,
        source: &Source,
        host: &Host,
        options: &[Vec<String>],
    ) -> Option<Host> {
        let additions = self.additions.as_ref()?;
        let configuration = source.find(&session.hosts)?;
        let evaluator = &mut session.evaluator;
        let all = Modules::declaring(evaluator, configuration, options, additions)?;
        let mut found = None;
        let mut loaded = Modules::default();
        let mut open = vec![all];
        for _ in 0..MAX_ATTEMPTS {
            let Some(next) = open.pop() else { break };
            let modules = loaded.with(&next);
            let (part, problems) = session.part(|evaluator, hosts| {
                let configuration = source.find(hosts)?;
                modules.host(evaluator, configuration, additions)
            });
            if part.is_cut_short {
                break;
            }
            let joined = { part.result.filter(|_| problems.is_empty()) }
                .and_then(|facts| joined(host, facts.host));
            match joined {
                Some(host) => {
                    found = Some(host);
                    loaded = modules;
                }
                None => open.extend(next.parts(&session.places(&part.module_problems))),
            }
        }
        found
    }

    /// Adds the modules that were named and that no host loads.
    pub(super) fn alone(&self, files: &[PathBuf], inventory: &mut Inventory) {
        if files.is_empty() {
            return;
        }
        let mut session = None;
        let sources = self.within(&mut session, |session| {
            let (part, problems) = session.part(|evaluator, _| sources_of_files(evaluator, files));
            (part.result, problems)
        });
        let (sources, problems) = sources.unwrap_or_else(|panic| {
            (
                Vec::new(),
                vec![defect("the modules that were named", &panic)],
            )
        });
        inventory.problems.extend(problems);
        let sources: Vec<Source> = { sources.into_iter() }
            .filter(|source| match &source.origin {
                Origin::Module(file) => unreached::may_be_module(self.workspace, file),
                Origin::File(_) | Origin::Flake(_) => true,
            })
            .collect();
        let found = self.group(&sources, &mut session);
        for (source, mut found) in sources.iter().zip(found) {
            // As good as a configuration of its own.
            let is_own = source.origin_file().is_some_and(is_entry_point);
            for host in &mut found.hosts {
                host.is_unloaded = host.is_module() && !is_own;
            }
            inventory.hosts.extend(found.hosts);
            inventory.problems.extend(found.problems);
        }
        self.leave(session);
    }

    /// Adds what the declarations that no host has give, in the evaluator of the first hosts.
    pub(super) fn unreached(
        &self,
        session: &mut Option<Session>,
        declared: Declared,
        reached: &[Reached],
        inventory: &mut Inventory,
        recall: &mut Recall<'_>,
    ) {
        let Declared { files, all } = declared;
        inventory.declarations = { files.iter() }
            .flat_map(|file| file.declarations.iter().cloned())
            .collect();
        inventory.declarations.sort();
        let left = unreached::missing(files, &inventory.hosts);
        if left.is_empty() {
            return;
        }
        let mut asked = Unreached::default();
        if recall.is_kept() {
            asked.left.clone_from(&left);
            let files = |host: &Reached| host.files.iter().cloned().collect();
            let all = reached.iter();
            asked.reached = all.map(|it| (it.source.clone(), files(it))).collect();
            if let Some(known) = recall.unreached(&asked) {
                inventory.hosts.extend(known.hosts);
                inventory.problems.extend(known.problems);
                return;
            }
        }
        let before = inventory.hosts.len();
        let done = self.within(session, |session| {
            // Nothing else is evaluated meanwhile, and nothing of it is loaded.
            session.evaluator.sources.stop_counting();
            session.limits = self.options.limits;
            // Those of other evaluators.
            let others: Vec<Source> = { reached.iter().map(|host| &host.source) }
                .filter(|source| source.find(&session.hosts).is_none())
                .cloned()
                .collect();
            let (_, mut problems) = session.part(|evaluator, hosts| {
                let others = set_up(evaluator, &others);
                unreached::load(evaluator, &others);
                hosts.extend(others);
            });
            let (_, more) = session.part(|evaluator, hosts| {
                let left = Declared { files: left, all };
                unreached::analyse(evaluator, left, (reached, hosts), &mut inventory.hosts);
            });
            problems.extend(more);
            problems
        });
        let problems =
            done.unwrap_or_else(|panic| vec![defect("modules that no host loads", &panic)]);
        // A session that a limit or a panic cut short is gone.
        if let Some(logs) = self.logs_of(session.as_ref()).filter(|_| recall.is_kept()) {
            asked.hosts = inventory.hosts.get(before..).unwrap_or_default().to_vec();
            asked.problems.clone_from(&problems);
            let result = asked;
            recall.keep_unreached(Logged { logs, result });
        }
        inventory.problems.extend(problems);
    }
}
