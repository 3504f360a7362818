//! Every host of the project.
//!
//! One evaluator finds out which hosts there are. The hosts are divided into groups, by their number
//! alone; the first group is evaluated there, each other one by an evaluator of its own over the shared
//! workspace, on whichever thread is free. Within a group what hosts share (outputs,
//! `lib`, schemas, imported files) is evaluated once. Each host has limits of its own; an evaluator in which
//! one cut a host short is given up, as values may be missing that the next host would share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::value::UnknownId;
use nix_eval::{Evaluator, Limits, Part, Workspace};
use nix_source::{ReadLog, SourceReader};

use crate::defects::{attempt, defect, guarded};
use crate::discover::is_entry_point;
use crate::host::containers::containers;
use crate::host::modules::{Modules, joined};
use crate::host::{HostFacts, host};
use crate::host_cache::{Evaluated, Logged, Logs, Recall, Sources, Unreached};
use crate::host_sources::{all_sources, sources_of_files};
use crate::inputs::input_states;
use crate::missing_file;
use crate::nixpkgs_release::Releases;
use crate::options::Additions;
use crate::outputs;
use crate::parallel;
use crate::source::{Origin, SetUp, Source, set_up};
use crate::unreached::declarations::{self, Declared};
use crate::unreached::{self, Reached};
use crate::values::{problem, unknown};
use crate::{BuildOptions, Discovery, HostLog};
use inventory::model::{
    EvaluationError, Gap, GapKind, Host, Inventory, Problem, ProblemKind, Reason, Unknown,
};

/// An evaluator whose values take more bytes is given up after a host, and they are freed at once:
/// more than the largest project is known to take for all of its hosts.
const MAX_MEMORY: usize = 256 << 20;

/// How often the modules of inputs and of nixpkgs are evaluated for one host, with fewer of them each time that
/// some cannot be: enough to find one in thirty.
const MAX_ATTEMPTS: usize = 10;

/// How many groups so many hosts are divided into. Each evaluates anew what hosts share, about as
/// much as two hosts take.
const fn number_of_groups(hosts: usize) -> usize {
    match hosts {
        0..4 => 1,
        4..24 => 2,
        _ => 4,
    }
}

/// Hosts that are evaluated again are evaluated alone if they are no more than these, so that each has a log of
/// its own: what they share is evaluated for each, about as much as two hosts take.
const FEW_HOSTS: usize = 3;

/// The group of a host: to and fro over the groups, as hosts of one kind are next to each other by
/// name, and often every other one is a small variant of the one before.
const fn group_of(index: usize, groups: usize) -> usize {
    let place = index % (2 * groups);
    if place < groups {
        place
    } else {
        2 * groups - 1 - place
    }
}

/// Evaluates what the discovery found.
pub(crate) fn evaluate(
    workspace: &Arc<Workspace>,
    discovery: &Discovery,
    options: &BuildOptions,
) -> (Inventory, Vec<HostLog>) {
    nix_syntax::with_large_stack(|| evaluate_here(workspace, discovery, options))
}

fn evaluate_here(
    workspace: &Arc<Workspace>,
    discovery: &Discovery,
    options: &BuildOptions,
) -> (Inventory, Vec<HostLog>) {
    let mut inventory = Inventory::default();
    let mut work = Work {
        workspace,
        limits: options.limits,
        additions: options.additions().map(|additions| Additions {
            releases: { workspace.input_sources() }
                .map(|sources| Releases::of(sources.lock()))
                .unwrap_or_default(),
            ..additions
        }),
        is_logged: false,
        options,
    };
    // The modules of sources that the user gives are read without a log.
    let is_given = !options.inputs.overrides.is_empty() || options.inputs.nixpkgs.is_some();
    let cache = { options.host_cache.as_deref() }.filter(|_| !is_given);
    let settings = || settings(workspace, discovery, options);
    let mut recall = Recall::new(workspace, cache, settings);
    work.is_logged = options.read_logs || recall.is_kept();
    let mut first = None;
    let found = match recall.sources().filter(|_| discovery.flake.is_some()) {
        Some(known) => known,
        None => {
            let found = work.sources(&mut first, discovery);
            if let Some(logs) = work.logs_of(first.as_ref()) {
                recall.keep_sources(Logged {
                    logs,
                    result: found.clone(),
                });
            }
            found
        }
    };
    inventory.problems.extend(found.problems);
    inventory.gaps.extend(found.gaps);
    let mut sources = found.sources;
    // Modules that a configuration loads are inspected with it.
    let mut alone = Vec::new();
    if sources.iter().any(|source| !source.is_module()) {
        let modules = sources.extract_if(.., |source| source.is_module());
        alone.extend(modules.filter_map(|it| it.origin_file().map(Path::to_owned)));
    }
    work.limits = { options.limits }.of_each(sources.len(), number_of_groups(sources.len()));
    let knew_hosts = recall.knows_hosts();
    let mut known: Vec<Option<Evaluated>> = { sources.iter() }
        .map(|source| recall.host(source, &work.limits))
        .collect();
    let open: Vec<&Source> = { sources.iter().zip(&known) }
        .filter_map(|(source, known)| known.is_none().then_some(source))
        .collect();
    let groups = match open.len() {
        // What is evaluated alone has a log of its own.
        few @ 1..=FEW_HOSTS if knew_hosts => few,
        many => number_of_groups(many),
    };
    // Its hosts have no more than those of other groups.
    if let Some(session) = &mut first {
        session.limits = work.limits;
    }
    let group = |number: usize| {
        let members = open.iter().enumerate();
        let members = members.filter(|(index, _)| group_of(*index, groups) == number);
        members
            .map(|(_, source)| (*source).clone())
            .collect::<Vec<_>>()
    };
    // A part of a project says nothing of the rest.
    let roots = discovery.searched();
    let is_searched = options.hosts.is_empty() && !roots.is_empty();
    let mut jobs: Vec<Job> = (1..groups)
        .map(|number| Job::Group(group(number)))
        .collect();
    jobs.extend(is_searched.then(|| Job::Declarations(roots.to_vec())));
    let own = group(0);
    let (own, done) = parallel::map_beside(
        options.threads(),
        &jobs,
        |job| match job {
            Job::Group(sources) => {
                let mut session = None;
                let evaluated = work.group(sources, &mut session);
                work.leave(session);
                Done::Group(evaluated)
            }
            Job::Declarations(roots) => {
                let mut problems = Vec::new();
                let find = || declarations::find(workspace, roots);
                let found = attempt("the declarations of secrets", &mut problems, find);
                Done::Declarations(found, problems)
            }
        },
        || work.group(&own, &mut first),
    );
    let mut by_group = vec![own.into_iter()];
    let mut declaring = None;
    for done in done {
        match done {
            Done::Group(evaluated) => by_group.push(evaluated.into_iter()),
            Done::Declarations(found, problems) => {
                declaring = Some(found);
                inventory.problems.extend(problems);
            }
        }
    }
    let mut reached = Vec::new();
    let mut logs = Vec::new();
    let is_cancelled = workspace.is_cancelled();
    if !is_cancelled {
        recall.retain_hosts(&sources);
    }
    let mut evaluated = 0;
    for (source, known) in sources.into_iter().zip(known.iter_mut()) {
        let mut next = || {
            let group = by_group.get_mut(group_of(evaluated, groups));
            evaluated += 1;
            group.and_then(Iterator::next)
        };
        let found = match known.take() {
            Some(known) => known,
            None => {
                let Some(found) = next() else { continue };
                recall.keep_host(&source, &found);
                found
            }
        };
        inventory.hosts.extend(found.hosts);
        inventory.problems.extend(found.problems);
        logs.extend(options.read_logs.then(|| HostLog {
            attribute: source.name.attribute.clone(),
            reads: joined_logs(&found.logs),
        }));
        let files = found.files;
        reached.push(Reached { source, files });
    }
    inventory.modules = unreached::modules(workspace, &reached);
    alone.retain(|file| inventory.modules.binary_search(file).is_err());
    alone.extend(unreached::named(
        workspace,
        &discovery.below_flake,
        &inventory.modules,
    ));
    work.alone(&alone, &mut inventory);
    if let Some(found) = declaring {
        work.unreached(&mut first, found, &reached, &mut inventory, &mut recall);
    }
    recall.finish();
    work.leave(first);
    inventory
        .hosts
        .sort_by(|a, b| a.attribute.cmp(&b.attribute));
    (inventory, logs)
}

/// What is done beside the first group.
enum Job {
    /// Evaluates the hosts of a group.
    Group(Vec<Source>),
    /// Finds the declarations in files and directories.
    Declarations(Vec<PathBuf>),
}

/// What a job gives.
enum Done {
    Group(Vec<Evaluated>),
    Declarations(Declared, Vec<Problem>),
}

/// Whether a host, or a container of it, was asked for.
fn is_wanted(options: &BuildOptions, source: &Source) -> bool {
    let host = &source.name;
    let is_meant = |name: &String| {
        let within = |outer: &str, separator| {
            let rest = name.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(separator))
        };
        within(&host.name, "/")
            || within(&host.attribute, ".config.")
            || within(&host.attribute, "#")
    };
    options.hosts.is_empty() || options.hosts.iter().any(is_meant)
}

/// Whether a host or container is meant, by its own name or the outer host's.
fn is_meant(options: &BuildOptions, host: &Host) -> bool {
    let is_named = |name: &String| {
        let rest = host.name.strip_prefix(name.as_str());
        let below = host.attribute.strip_prefix(name.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            || below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '#']))
    };
    options.hosts.is_empty() || options.hosts.iter().any(is_named)
}

/// An evaluator in which some hosts are set up.
struct Session {
    evaluator: Evaluator,
    hosts: Vec<SetUp>,
    /// Those of each part.
    limits: Limits,
    /// What each part so far has read.
    logs: Logs,
    /// The problems of all of them, if there is a log.
    problems: Vec<Problem>,
    /// Whether a limit cut any part short.
    is_cut_short: bool,
    is_logged: bool,
}

impl Session {
    /// Evaluates a part, with its problems: modules that could not be loaded, limits that were reached.
    fn part<R>(
        &mut self,
        f: impl FnOnce(&mut Evaluator, &mut Vec<SetUp>) -> R,
    ) -> (Part<R>, Vec<Problem>) {
        let hosts = &mut self.hosts;
        let part = self
            .evaluator
            .part(self.limits, |evaluator| f(evaluator, hosts));
        self.is_cut_short |= part.is_cut_short;
        let log = self.evaluator.sources.take_log();
        if !log.is_empty() {
            self.logs.push(Arc::new(log));
        }
        let of_kind = |why, kind| Problem {
            kind,
            ..problem(&self.evaluator, why)
        };
        let modules = part.module_problems.iter();
        let modules = modules.map(|why| {
            let mut problem = of_kind(*why, ProblemKind::Module);
            if let Reason::Error(EvaluationError::NoSuchFile { path }) = &problem.reason {
                let workspace = self.evaluator.sources.workspace();
                problem.at = missing_file::place(workspace, path).or(problem.at);
                if missing_file::is_left_out(workspace, Path::new(path)) {
                    // Not that Nix stops: it may well be on the user's machine.
                    let words = problem.to_string();
                    problem.reason = Reason::Error(EvaluationError::Other(words));
                }
            }
            problem
        });
        // A syntax error is reported where the file was parsed.
        let syntax = Reason::Error(EvaluationError::Syntax);
        let modules = modules.filter(|problem| problem.reason != syntax);
        let limits = part.limits.iter();
        let limits = limits.map(|why| of_kind(*why, ProblemKind::Limit));
        let mut problems: Vec<Problem> = modules.chain(limits).collect();
        for (name, why) in self.evaluator.take_failed_inputs() {
            let Unknown { reason, at } = unknown(&self.evaluator, why);
            problems.push(Problem {
                at,
                kind: ProblemKind::Module,
                reason: Reason::Other(format!(
                    "the source of input `{name}` could not be evaluated: {reason}"
                )),
            });
        }
        if self.is_logged {
            self.problems.extend_from_slice(&problems);
        }
        (part, problems)
    }

    /// The files in which something is wrong.
    fn places(&self, problems: &[UnknownId]) -> Vec<PathBuf> {
        let workspace = self.evaluator.sources.workspace();
        let spans = { problems.iter() }.filter_map(|why| self.evaluator.unknown_data(*why).at);
        spans
            .filter_map(|at| workspace.path(at.file.key()))
            .collect()
    }
}

/// What all threads share.
struct Work<'a> {
    workspace: &'a Arc<Workspace>,
    limits: Limits,
    /// `None` if no readers are wanted.
    additions: Option<Additions>,
    /// Whether evaluators log what they read.
    is_logged: bool,
    options: &'a BuildOptions,
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
    fn leave(&self, session: Option<Session>) {
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
    fn sources(&self, session: &mut Option<Session>, discovery: &Discovery) -> Sources {
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
            let gap = Gap {
                kind: GapKind::Configurations,
                subject: "the project".to_owned(),
                why: Unknown::because(defect.reason.clone()),
            };
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
    fn logs_of(&self, session: Option<&Session>) -> Option<Logs> {
        let is_kept = self.is_logged && !self.workspace.is_cancelled();
        let session = session.filter(|session| is_kept && !session.is_cut_short)?;
        Some(session.logs.clone())
    }

    /// Evaluates the hosts of a group, one after another, in a session that is made if there is none.
    fn group(&self, sources: &[Source], session: &mut Option<Session>) -> Vec<Evaluated> {
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
            assert!(source.name.name != tests::DEFECTIVE, "a defect");
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
    fn alone(&self, files: &[PathBuf], inventory: &mut Inventory) {
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
    fn unreached(
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

/// What results depend on beside the files that were read, as a text that differs if that does.
fn settings(workspace: &Workspace, discovery: &Discovery, options: &BuildOptions) -> String {
    let BuildOptions {
        paths,
        hosts,
        limits,
        exclude,
        managed_directories,
        extra_readers,
        inputs,
        secrets_only,
        // They change texts, which logs have, or nothing of what is found.
        overlays: _,
        cache: _,
        host_cache: _,
        cancelled: _,
        threads: _,
        read_logs: _,
        one_shot: _,
    } = options;
    let lock = { workspace.input_sources() }.and_then(|sources| {
        workspace
            .read(&sources.flake_directory().join("flake.lock"))
            .ok()
    });
    let states = input_states(discovery, inputs);
    format!(
        "{paths:?} {hosts:?} {limits:?} {exclude:?} {managed_directories:?} {extra_readers:?} \
         {secrets_only} {discovery:?} {lock:?} {states:?}"
    )
}

/// What all parts of an evaluation have read.
fn joined_logs(logs: &[Arc<ReadLog>]) -> ReadLog {
    let mut joined = ReadLog::default();
    for log in logs {
        joined.extend(ReadLog::clone(log));
    }
    joined
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test that meets what it does not expect has to fail"
    )]

    use std::num::NonZeroUsize;

    use super::*;
    use crate::{Built, build};

    /// The evaluation of a host of this name panics.
    pub(super) const DEFECTIVE: &str = "defective";

    const FLAKE: &str = "{ outputs = { nixpkgs, ... }: { nixosConfigurations = \
        nixpkgs.lib.genAttrs [ \"ash\" \"defective\" \"elm\" \"oak\" ] (name: nixpkgs.lib.nixosSystem \
        { modules = [ ./common.nix (./. + \"/${name}.nix\") ]; }); }; }";

    fn built(threads: usize) -> (tempfile::TempDir, Built) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("flake.nix"), FLAKE).unwrap();
        for name in ["common", "ash", "defective", "elm"] {
            std::fs::write(folder.path().join(format!("{name}.nix")), "{ }").unwrap();
        }
        let options = BuildOptions {
            paths: vec![folder.path().to_owned()],
            threads: NonZeroUsize::new(threads),
            read_logs: true,
            ..BuildOptions::default()
        };
        let built = build(&options).unwrap();
        (folder, built)
    }

    #[test]
    fn hosts_are_shared_out_evenly() {
        for hosts in 0..60 {
            let groups = number_of_groups(hosts);
            let mut sizes = vec![0; groups];
            for index in 0..hosts {
                sizes[group_of(index, groups)] += 1;
            }
            let (least, most) = (sizes.iter().min(), sizes.iter().max());
            assert!(most.unwrap() - least.unwrap() <= 2, "{hosts}: {sizes:?}");
        }
    }

    #[test]
    fn a_defect_at_one_host_does_not_hide_the_others() {
        for threads in [1, 3] {
            let (_folder, built) = built(threads);
            let hosts = built.inventory.hosts.iter().map(|host| host.name.as_str());
            assert_eq!(hosts.collect::<Vec<_>>(), ["ash", "elm", "oak"]);
            let problems = built.inventory.problems.iter();
            let defects: Vec<_> = problems
                .filter(|problem| problem.kind == ProblemKind::Internal)
                .collect();
            assert_eq!(defects.len(), 1, "{defects:?}");
            assert!(defects.iter().all(|defect| {
                let message = defect.reason.to_string();
                message.contains("nixosConfigurations.defective") && message.contains("a defect")
            }));
        }
    }

    #[test]
    fn hosts_of_all_groups_have_the_same_limits() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..6).map(|number| format!("h{number}")).collect();
        let flake = FLAKE.replace(
            r#""ash" "defective" "elm" "oak""#,
            &names
                .iter()
                .map(|name| format!("\"{name}\" "))
                .collect::<String>(),
        );
        std::fs::write(folder.path().join("flake.nix"), flake).unwrap();
        let large = "{ lib, ... }: { users.users.a.home = \
            lib.concatStrings (lib.genList toString 1000000000); }";
        std::fs::write(folder.path().join("common.nix"), large).unwrap();
        for name in &names {
            std::fs::write(folder.path().join(format!("{name}.nix")), "{ }").unwrap();
        }
        let options = BuildOptions {
            paths: vec![folder.path().to_owned()],
            limits: Limits {
                memory: 96 << 20,
                ..Limits::default()
            },
            ..BuildOptions::default()
        };
        let built = build(&options).unwrap();
        let limits = built.inventory.problems.iter();
        let limits = limits.filter(|problem| problem.kind == ProblemKind::Limit);
        let texts: std::collections::BTreeSet<_> =
            limits.map(|problem| problem.reason.to_string()).collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
    }

    #[test]
    fn the_log_of_a_host_has_what_it_read_and_what_it_missed() {
        let (_folder, built) = built(2);
        let log = |name: &str| {
            let attribute = format!("nixosConfigurations.{name}");
            let mut logs = built.read_logs.iter();
            let log = logs.find(|log| log.attribute == attribute).unwrap();
            let files = log.reads.iter();
            let files = files.map(|(file, _, seen)| {
                let is_missing = *seen == nix_source::Observation::Missing;
                (file.relative.to_string_lossy().into_owned(), is_missing)
            });
            files.collect::<std::collections::BTreeSet<_>>()
        };
        for name in ["ash", "elm"] {
            for file in ["flake.nix", "common.nix", &format!("{name}.nix")] {
                let read = (file.to_owned(), false);
                assert!(log(name).contains(&read), "{name}: {:?}", log(name));
            }
        }
        let missing = ("oak.nix".to_owned(), true);
        assert!(log("oak").contains(&missing), "{:?}", log("oak"));
        assert!(!log("ash").contains(&missing));
    }
}
