//! launchd on nix-darwin: daemons run as root or as `UserName`, agents as whoever logs in.

use nix_eval::Evaluator;

use crate::host_view::{HostView, Process};
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::option_name::option_via;
use crate::readers::path_uses::{Query, path_uses};
use crate::values::{Options, unknown};
use inventory::model::Moment;

/// `launchd.daemons`, `launchd.agents`, `launchd.user.agents`.
pub(crate) fn launchd(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    system: Options,
    found: &mut ExtractedReaders,
) {
    let kinds: [&[&str]; 3] = [
        &["launchd", "daemons"],
        &["launchd", "agents"],
        &["launchd", "user", "agents"],
    ];
    for path in kinds.iter().filter(|_| view.is_darwin()) {
        let Ok(jobs) = system.path(evaluator, path) else {
            continue;
        };
        for (name, entry) in jobs.entries(evaluator) {
            let is_daemon = path.last() == Some(&"daemons");
            let process = if is_daemon {
                daemon(evaluator, view, entry)
            } else {
                view.every_login()
            };
            let moment = if is_daemon {
                Moment::Service
            } else {
                Moment::UserService
            };
            let start: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
            let query = Query {
                option: &start,
                ..Query::default()
            };
            for path_use in path_uses(evaluator, view, entry, query) {
                let via = option_via(start.iter().copied());
                let access = FileAccess::of(&path_use, &process, via, moment);
                found.readers.push(access.reader(view));
            }
        }
    }
}

/// Who a daemon runs as: root, if `UserName` does not say otherwise (launchd.plist(5)).
fn daemon(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    entry: nix_eval::value::Entry,
) -> Process {
    let service = evaluator
        .force_attrs(entry.value)
        .ok()
        .and_then(|set| Options { set }.path(evaluator, &["serviceConfig"]).ok());
    let name = service.and_then(|service| service.entry(evaluator, "UserName"));
    let Some(name) = name else {
        return Process::root();
    };
    let value = evaluator
        .force(name.value)
        .and_then(|value| evaluator.expect_text(value));
    match value {
        Ok(name) => view.process_of(&name),
        Err(why) => Process::because(unknown(evaluator, why)),
    }
}
