//! Activation scripts: run by root, of a user by that user.

use nix_eval::Evaluator;

use crate::host_view::{HostView, Process};
use crate::readers::{FileAccess, FoundReaders, option_via};
use crate::search::walk::{Wanted, sweep};
use crate::values::Options;
use inventory::model::Moment;

const WANTED: Wanted<'_> = Wanted {
    hard_coded: true,
    only_enabled: false,
    home: None,
};

/// `system.activationScripts`, `system.userActivationScripts`.
pub(crate) fn activation(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    system: Options,
    found: &mut FoundReaders,
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
        for mention in sweep(evaluator, view, entry, &["system", name], &[], WANTED) {
            // `system.activationScripts.x.text`: the script is `x`.
            let via = option_via(mention.option.iter().take(3).cloned());
            let access = FileAccess::of(&mention, &process, via, moment);
            found.readers.push(access.reader(view));
        }
    }
}
