//! `users.users.<name>.hashedPasswordFile`: read by root while users are made.

use nix_eval::Evaluator;

use crate::host_view::{HostView, Process};
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::option_name::option_via;
use crate::values::Options;
use inventory::model::{ContentUse, Fact, Moment, ReaderOrigin};

/// The options that name a password file (nixos/modules/config/users-groups.nix).
const OPTIONS: [&str; 3] = [
    "hashedPasswordFile",
    "passwordFile",
    "initialHashedPasswordFile",
];

pub(crate) fn passwords(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    system: Options,
    found: &mut ExtractedReaders,
) {
    let Ok(users) = system.path(evaluator, &["users", "users"]) else {
        return;
    };
    for (name, entry) in users.entries(evaluator) {
        let Ok(set) = evaluator.force_attrs(entry.value) else {
            continue;
        };
        for option in OPTIONS {
            let options = Options { set };
            if options.entry(evaluator, option).is_none() {
                continue;
            }
            let path = options.optional_text(evaluator, option);
            let at = path.at;
            let path = match path.value {
                Ok(Some(text)) => Fact {
                    value: Ok(text),
                    at,
                    binding: path.binding,
                    origin: path.origin,
                },
                // No file, or not known which: nothing to say.
                Ok(None) | Err(_) => continue,
            };
            let access = FileAccess {
                path,
                process: Process::root(),
                via: option_via(["users", "users", &name, option]),
                content: ContentUse::PasswordHash,
                moment: Moment::BeforeUsers,
                at,
                may_fail: None,
                certain: entry.maybe.is_none(),
                from: ReaderOrigin::Mechanism,
            };
            found.readers.push(access.reader(view));
        }
    }
}
