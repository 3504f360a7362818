//! The NixOS containers and virtual machines of a host (`containers.<name>`, `microvm.vms.<name>`): each is a
//! system of its own, and what the host mounts into a container are secrets of the host that are read
//! inside.

mod mounts;
mod secrets;

use std::rc::Rc;

use nix_eval::Evaluator;
use nix_eval::flake::{HostConfiguration, SystemKind};
use nix_eval::modules::Configuration;
use nix_syntax::quote::attribute_name;

use crate::host::containers::secrets::Mounted;
use crate::host::host_among;
use crate::options::Additions;
use crate::values::problem;
use crate::values::{Options, certainty, definitions};
use inventory::model::{Gap, GapKind, Host, HostClass, Unknown, sort_readers};

/// How deep containers in containers are looked at.
const MAX_DEPTH: usize = 3;

/// The containers of a host, and of those, with what they read of the host's secrets added to its
/// readers.
pub(crate) fn containers(
    evaluator: &mut Evaluator,
    source: &HostConfiguration,
    host: &mut Host,
    additions: Option<&Additions>,
) -> Vec<Host> {
    let mut found = Vec::new();
    inside(evaluator, source, host, additions, 0, &mut found);
    found
}

fn inside(
    evaluator: &mut Evaluator,
    source: &HostConfiguration,
    host: &mut Host,
    additions: Option<&Additions>,
    depth: usize,
    found: &mut Vec<Host>,
) {
    let Some(config) = config(evaluator, source).filter(|_| depth < MAX_DEPTH) else {
        return;
    };
    for kind in [Kind::Container, Kind::VirtualMachine] {
        let Ok(all) = config.path(evaluator, kind.option()) else {
            continue;
        };
        for (name, entry) in all.entries(evaluator) {
            // One that may not be there says nothing of who reads what.
            if entry.maybe.is_some() && additions.is_some() {
                continue;
            }
            let Ok(set) = evaluator.force_attrs(entry.value) else {
                continue;
            };
            let options = Options { set };
            let option = format!("{}.{}", kind.option().join("."), attribute_name(&name));
            let attribute = match host.class {
                HostClass::Module => format!("{}#{option}.config", host.attribute),
                _ => format!("{}.config.{option}.config", host.attribute),
            };
            let Some(configuration) = configuration(evaluator, host, options, &attribute) else {
                continue;
            };
            let inner = HostConfiguration {
                name: format!("{}/{name}", host.name),
                kind: SystemKind::Nixos,
                attribute,
                at: definitions(evaluator, entry).first().copied(),
                configuration: Ok(configuration),
            };
            let is_module = host.class == HostClass::Module;
            let mut within = match kind {
                Kind::Container => {
                    let container = mounts::container(evaluator, host, config, &name, options);
                    let mounted = Mounted::of(host, &container);
                    let facts =
                        host_among(evaluator, &inner, additions, is_module, &mounted.secrets);
                    let mut within = facts.host;
                    let readers = mounted.readers(host, &container, &within, facts.of_mounted);
                    host.readers.extend(readers);
                    within.container = Some(container);
                    within
                }
                Kind::VirtualMachine => {
                    host_among(evaluator, &inner, additions, is_module, &[]).host
                }
            };
            evaluator.reset_limits();
            within.is_inner = true;
            if let Some(why) = entry.maybe {
                for secret in &mut within.secrets {
                    secret.certainty = certainty(evaluator, Some(why));
                }
            }
            inside(evaluator, &inner, &mut within, additions, depth + 1, found);
            found.push(within);
        }
    }
    sort_readers(&mut host.readers);
    host.problems.sort();
    host.problems.dedup();
    host.gaps.sort();
    host.gaps.dedup();
}

/// What a system is in a host.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Container,
    VirtualMachine,
}

impl Kind {
    /// The option that they are declared below.
    const fn option(self) -> &'static [&'static str] {
        match self {
            Self::Container => &["containers"],
            Self::VirtualMachine => &["microvm", "vms"],
        }
    }
}

/// What stands for the `config` of a system in a host.
const INSTEAD: [&str; 3] = ["path", "flake", "updateFlake"];

/// The configuration of a system in a host; `None` if it has none, which is noted: it may be given
/// otherwise.
fn configuration(
    evaluator: &mut Evaluator,
    host: &mut Host,
    options: Options,
    attribute: &str,
) -> Option<Rc<Configuration>> {
    let found = options.entry(evaluator, "config").and_then(|inner| {
        let why = match evaluator.force(inner.value) {
            Ok(value) => return evaluator.configuration_of_config(value),
            Err(why) => why,
        };
        let is_defined = evaluator
            .option_record(inner.value)
            .is_some_and(|record| !record.definitions.is_empty());
        if is_defined && evaluator.is_error(why) {
            host.problems.push(problem(evaluator, why));
        }
        None
    });
    if found.is_none() {
        for instead in INSTEAD {
            let Some(entry) = options.entry(evaluator, instead) else {
                continue;
            };
            let at = definitions(evaluator, entry).first().copied();
            let reason = format!("its system is given by `{instead}`");
            let why = Unknown {
                reason: reason.into(),
                at,
            };
            host.gaps
                .push(Gap::new(GapKind::NotEvaluated, attribute, why));
            break;
        }
    }
    found
}

/// The `config` of a NixOS system.
fn config(evaluator: &mut Evaluator, source: &HostConfiguration) -> Option<Options> {
    if source.kind != SystemKind::Nixos {
        return None;
    }
    let configuration = source.configuration.as_ref().ok()?;
    let set = evaluator.force_attrs(configuration.config).ok()?;
    Some(Options { set })
}
