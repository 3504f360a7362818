//! Activation scripts: run by root, of a user by that user.

use nix_eval::Evaluator;

use crate::host_view::{HostView, Process};
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::links::decide_linked;
use crate::readers::option_name::option_via;
use crate::readers::path_uses::{Query, path_uses};
use crate::values::Options;
use inventory::model::Moment;

/// `system.activationScripts`, `system.userActivationScripts`.
pub(crate) fn activation(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    system: Options,
    found: &mut ExtractedReaders,
) {
    let Ok(options) = system.path(evaluator, &["system"]) else {
        return;
    };
    let scripts = [
        ("activationScripts", Process::root(), Moment::Activation),
        ("userActivationScripts", view.every_login(), Moment::Session),
    ];
    for (name, process, moment) in scripts {
        let Some(entry) = options.entry(evaluator, name) else {
            continue;
        };
        let query = Query {
            option: &["system", name],
            ..Query::default()
        };
        for path_use in path_uses(evaluator, view, entry, query) {
            // `system.activationScripts.x.text`: the script is `x`.
            let via = option_via(path_use.option.iter().take(3).cloned());
            let mut access = FileAccess::of(&path_use, &process, via, moment);
            decide_linked(view, &path_use, None, &mut access);
            found.readers.push(access.reader(view));
        }
    }
}
