//! Processes that open files which the permissions close to their user: by a capability, or by a wrapper that has one.

use nix_eval::Evaluator;
use nix_eval::value::{AttrsId, StringData, Symbol};

use crate::search::holes::with_holes;
use crate::search::walk::{Here, Visitor, Way, walk};
use crate::values::Options;

/// Capabilities before which the permissions of files do not count (capabilities(7)).
const READ_ALL: [&str; 2] = ["CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE"];

/// Where NixOS puts the programs of `security.wrappers`, which run as another user or with capabilities.
pub(crate) const WRAPPERS: &str = "/run/wrappers/bin/";

/// The capability with which a unit reads every file; `None` if its `serviceConfig` gives none.
pub(crate) fn capability(evaluator: &mut Evaluator, service: Options) -> Option<&'static str> {
    service.entry(evaluator, "AmbientCapabilities")?;
    let all = match service.texts(evaluator, "AmbientCapabilities").value {
        Ok(names) => names,
        Err(_) => {
            let one = service.text(evaluator, "AmbientCapabilities").value;
            vec![one.unwrap_or_default()]
        }
    };
    let mut names = all.iter().flat_map(|names| names.split_whitespace());
    names.find_map(|name| READ_ALL.into_iter().find(|wanted| *wanted == name))
}

/// Whether the program of an option's module is one that the project puts in its place, and that calls a wrapper:
/// `services.restic.backups.x.package`.
pub(crate) fn calls_a_wrapper(
    evaluator: &mut Evaluator,
    system: Options,
    option: &[String],
) -> bool {
    /// A module's own options are no nearer to the root: `services.x`.
    const MODULE: usize = 2;
    let names: Vec<&str> = option.iter().map(String::as_str).collect();
    (MODULE..names.len()).any(|end| {
        let path = names.get(..end).unwrap_or_default();
        let module = system.path(evaluator, path);
        let Some(package) = { module.ok() }.and_then(|module| module.entry(evaluator, "package"))
        else {
            return false;
        };
        let mut search = Search { is_found: false };
        walk(evaluator, path, package, &mut search);
        search.is_found
    })
}

/// Whether a text names a wrapper.
struct Search {
    is_found: bool,
}

impl Visitor for Search {
    const VISITS_POSSIBLE: bool = true;
    const VISITS_ONCE: bool = true;

    fn enters_declared(&mut self, _: &Evaluator, _: &Way) -> bool {
        true
    }

    fn enters_set(
        &mut self,
        _: &mut Evaluator,
        _: AttrsId,
        _: &Way,
        _: &mut Here,
    ) -> Option<Vec<Symbol>> {
        Some(Vec::new())
    }

    fn visit_string(&mut self, _: &mut Evaluator, string: &StringData, _: &Way, _: &mut Here) {
        self.is_found |= with_holes(string).contains(WRAPPERS);
    }

    fn visit_path(&mut self, _: &mut Evaluator, _: &str, _: &Way, _: Here) {}
}
