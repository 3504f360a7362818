//! The NixOS containers of a host (`containers.<name>`): each is a system of its own, and what the host
//! mounts into it are secrets of the host that are read inside.

mod mounts;
mod secrets;

use nix_eval::Evaluator;
use nix_eval::flake::{HostConfiguration, SystemKind};
use nix_syntax::quote::attribute_name;

use crate::host::containers::secrets::Mounted;
use crate::host::host_among;
use crate::options::Additions;
use crate::values::problem;
use crate::values::{Options, certainty, definitions};
use inventory::model::{Host, HostClass, sort_readers};

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
    let Ok(all) = config.path(evaluator, &["containers"]) else {
        return;
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
        let Some(inner) = options.entry(evaluator, "config") else {
            continue;
        };
        let configuration = match evaluator.force(inner.value) {
            Ok(value) => evaluator.configuration_of_config(value),
            Err(why) => {
                // A container by `path` or `flake` has no `config`.
                let is_defined = evaluator
                    .option_record(inner.value)
                    .is_some_and(|record| !record.definitions.is_empty());
                if is_defined && evaluator.is_error(why) {
                    host.problems.push(problem(evaluator, why));
                }
                None
            }
        };
        let Some(configuration) = configuration else {
            continue;
        };
        let quoted = attribute_name(&name);
        let attribute = match host.class {
            HostClass::Module => format!("{}#containers.{quoted}.config", host.attribute),
            _ => format!("{}.config.containers.{quoted}.config", host.attribute),
        };
        let inner = HostConfiguration {
            name: format!("{}/{name}", host.name),
            kind: SystemKind::Nixos,
            attribute,
            at: definitions(evaluator, entry).first().copied(),
            configuration: Ok(configuration),
        };
        let container = mounts::container(evaluator, host, config, &name, options);
        let mounted = Mounted::of(host, &container);
        let is_module = host.class == HostClass::Module;
        let (mut within, readers) =
            host_among(evaluator, &inner, additions, is_module, &mounted.secrets);
        evaluator.reset_limits();
        let readers = mounted.readers(host, &container, &within, readers);
        host.readers.extend(readers);
        within.container = Some(container);
        if let Some(why) = entry.maybe {
            for secret in &mut within.secrets {
                secret.certainty = certainty(evaluator, Some(why));
            }
        }
        inside(evaluator, &inner, &mut within, additions, depth + 1, found);
        found.push(within);
    }
    sort_readers(&mut host.readers);
    host.problems.sort();
    host.problems.dedup();
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
