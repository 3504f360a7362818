//! What every login reads: shell initialisation and variables of the system.

use nix_eval::Evaluator;

use crate::host_view::{HostView, Process};
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::option_name::{option_via, without_elements};
use crate::readers::path_uses::{PathUse, Query, path_uses};
use crate::values::Options;
use inventory::model::Moment;

/// Options that end up in the start files of every user's shell (nixos/modules/config/shells-environment.nix,
/// programs/{bash,zsh,fish}).
const OPTIONS: [&[&str]; 5] = [
    &["environment", "variables"],
    &["environment", "sessionVariables"],
    &["environment", "shellInit"],
    &["environment", "loginShellInit"],
    &["environment", "interactiveShellInit"],
];

/// Shells, and what of their options each login runs.
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];
const INITS: [&str; 4] = [
    "shellInit",
    "loginShellInit",
    "interactiveShellInit",
    "promptInit",
];

pub(crate) fn session(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    system: Options,
    found: &mut ExtractedReaders,
) {
    let process = view.every_login();
    let mut options: Vec<Vec<&str>> = OPTIONS.iter().map(|path| path.to_vec()).collect();
    for shell in SHELLS {
        options.extend(INITS.map(|init| vec!["programs", shell, init]));
    }
    for option in options {
        let Some((name, parents)) = option.split_last() else {
            continue;
        };
        let Ok(set) = system.path(evaluator, parents) else {
            continue;
        };
        let Some(entry) = set.entry(evaluator, name) else {
            continue;
        };
        let query = Query {
            option: &option,
            ..Query::default()
        };
        for path_use in path_uses(evaluator, view, entry, query) {
            let process = if is_guarded(&path_use) {
                Process::unknown("the shell looks first whether it can", None)
            } else {
                process.clone()
            };
            let via = option_via(without_elements(&path_use.option));
            let access = FileAccess::of(&path_use, &process, via, Moment::Session);
            found.readers.push(access.reader(view));
        }
    }
}

/// Whether a shell asks for the file before it opens it, or does not mind: `[ -r PATH ]`, `if test`.
pub(crate) fn is_guarded(path_use: &PathUse) -> bool {
    let before = path_use.before.as_str();
    let asks = ["-r ", "-f ", "-e ", "-s ", "-n ", "if ", "test ", "[ "];
    asks.iter().any(|word| before.contains(word))
}
