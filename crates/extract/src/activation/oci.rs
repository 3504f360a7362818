//! What containers of `virtualisation.oci-containers` are given of the host.

use nix_eval::Evaluator;

use crate::values::Options;
use inventory::model::OciContainer;

/// Options that can bring a file of the host into a container.
const BRINGS: [&str; 3] = ["volumes", "extraOptions", "mounts"];

/// The containers of a system, sorted by name.
pub(crate) fn find(evaluator: &mut Evaluator, config: Options) -> Vec<OciContainer> {
    let path = ["virtualisation", "oci-containers", "containers"];
    let Ok(all) = config.path(evaluator, &path) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, entry) in all.entries(evaluator) {
        let Ok(set) = evaluator.force_attrs(entry.value) else {
            continue;
        };
        let brings = brings(evaluator, Options { set });
        found.push(OciContainer {
            name,
            brings: brings.filter(|_| entry.maybe.is_none()),
        });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// All that such options say, if all of it is known.
fn brings(evaluator: &mut Evaluator, options: Options) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for name in BRINGS {
        if options.entry(evaluator, name).is_some() {
            all.extend(options.texts(evaluator, name).value.ok()?);
        }
    }
    Some(all)
}
