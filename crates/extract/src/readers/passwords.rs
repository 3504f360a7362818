//! `users.users.<name>.hashedPasswordFile`: read by root while users are made.

use std::collections::BTreeSet;

use nix_eval::Evaluator;
use nix_eval::value::Thunk;

use crate::host_view::{HostView, Process};
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::option_name::option_via;
use crate::values::{Options, possible_values, text};
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
    for (name, user) in users.entries(evaluator) {
        let Ok(set) = evaluator.force_attrs(user.value) else {
            continue;
        };
        for option in OPTIONS {
            let options = Options { set };
            let Some(entry) = options.entry(evaluator, option) else {
                continue;
            };
            let path = options.optional_text(evaluator, option);
            let at = path.at;
            let paths = match &path.value {
                Ok(Some(text)) => vec![text.clone()],
                Ok(None) => Vec::new(),
                // Which it has may depend on what is not known.
                Err(_) => possible_paths(evaluator, entry.value),
            };
            let is_known = path.value.is_ok() && entry.maybe.is_none();
            for text in paths {
                let access = FileAccess {
                    path: Fact {
                        value: Ok(text),
                        at,
                        binding: path.binding,
                        origin: path.origin,
                    },
                    process: Process::root(),
                    via: option_via(["users", "users", &name, option]),
                    content: ContentUse::PasswordHash,
                    moment: Moment::BeforeUsers,
                    at,
                    makes: false,
                    may_fail: None,
                    certain: is_known && user.maybe.is_none(),
                    from: ReaderOrigin::Mechanism,
                };
                found.readers.push(access.reader(view));
            }
        }
    }
}

/// The paths of the definitions of an option, each once.
fn possible_paths(evaluator: &mut Evaluator, value: Thunk) -> Vec<String> {
    let values = possible_values(evaluator, value).into_iter();
    let paths: BTreeSet<String> = values
        .filter_map(|value| {
            let value = evaluator.force(value).ok()?;
            text(evaluator, value).ok()
        })
        .collect();
    paths.into_iter().collect()
}
