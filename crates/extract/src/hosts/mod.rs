//! Every host of the project.
//!
//! One evaluator finds out which hosts there are. The hosts are divided into groups, by their number
//! alone; the first group is evaluated there, each other one by an evaluator of its own over the shared
//! workspace, on whichever thread is free. Within a group what hosts share (outputs,
//! `lib`, schemas, imported files) is evaluated once. Each host has limits of its own; an evaluator in which
//! one cut a host short is given up, as values may be missing that the next host would share.

mod session;
mod wanted;
mod work;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::Workspace;
use nix_source::ReadLog;

use crate::defects::attempt;
use crate::host_cache::{Evaluated, Logged, Recall};
use crate::inputs::input_states;
use crate::nixpkgs_release::Releases;
use crate::options::Additions;
use crate::parallel;
use crate::source::Source;
use crate::unreached::declarations::{self, Declared};
use crate::unreached::{self, Reached};
use crate::{BuildOptions, Discovery, HostLog};
use inventory::model::{Inventory, Problem};
use work::Work;

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

    use inventory::model::ProblemKind;
    use nix_eval::Limits;

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
