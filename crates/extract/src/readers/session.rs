//! What every login reads: shell initialisation and variables of the system.

use nix_eval::Evaluator;

use crate::host_view::HostView;
use crate::readers::excuse::Excuse;
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::option_name::{option_via, without_elements};
use crate::readers::path_uses::{PathUse, Query, path_uses};
use crate::values::Options;
use inventory::model::Moment;

/// Options that end up in the start files of every user's shell (nixos/modules/config/shells-environment.nix,
/// programs/{bash,zsh,fish}).
const OPTIONS: [&[&str]; 6] = [
    &["environment", "variables"],
    &["environment", "sessionVariables"],
    &["environment", "shellInit"],
    &["environment", "loginShellInit"],
    &["environment", "interactiveShellInit"],
    &["environment", "shellAliases"],
];

/// Programs that every user has.
const PACKAGES: &[&str] = &["environment", "systemPackages"];

/// Shells, and what of their options each login runs.
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];
const INITS: [&str; 5] = [
    "shellInit",
    "loginShellInit",
    "interactiveShellInit",
    "promptInit",
    "shellAliases",
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
    options.push(PACKAGES.to_vec());
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
            // What a package is made of may be for the inside of a container.
            only_declared: option == PACKAGES,
            ..Query::default()
        };
        for path_use in path_uses(evaluator, view, entry, query) {
            let via = option_via(without_elements(&path_use.option));
            let mut access = FileAccess::of(&path_use, &process, via, Moment::Session);
            if is_guarded(&path_use) {
                access.may_fail = Some(Excuse::LooksFirst);
            } else if option == PACKAGES
                || option.last() == Some(&"shellAliases")
                || is_only_set(&option, &path_use)
            {
                access.may_fail = Some(Excuse::ByHand);
            }
            found.readers.push(access.reader(view));
        }
    }
}

/// Whether the shell only sets a variable to the path: who uses the variable may be root.
fn is_only_set(option: &[&str], path_use: &PathUse) -> bool {
    let is_variable = option.last().is_some_and(|name| name.ends_with("ariables"));
    is_variable && !["$(", "`"].iter().any(|it| path_use.before.contains(it))
}

/// Whether a shell asks for the file before it opens it, or does not mind: `[ -r PATH ]`, `if test`.
pub(crate) fn is_guarded(path_use: &PathUse) -> bool {
    let before = path_use.before.as_str();
    let asks = ["-r ", "-f ", "-e ", "-s ", "-n ", "if ", "test ", "[ "];
    asks.iter().any(|word| before.contains(word))
}
