//! Who opens the files in which secrets land: one file for each kind of reader.

mod activation;
mod by_module;
mod commands;
mod comments;
mod containers;
mod evaluation;
mod excuse;
mod extracted;
mod file_access;
mod home;
mod keys;
mod launchd;
mod links;
mod mcp;
mod named_path;
mod option_name;
pub(crate) mod option_pattern;
pub(crate) mod options;
mod passwords;
mod path_uses;
mod places;
pub(crate) mod privileged;
mod session;
pub(crate) mod table;
pub(crate) mod units;

use nix_eval::Evaluator;

use crate::host_view::HostView;
use crate::options::Additions;
pub(crate) use crate::readers::extracted::ExtractedReaders;
use crate::readers::links::SecretLink;
use inventory::model::{KeySource, sort_readers};

pub(crate) use by_module::{is_of_option, prefer_modules};
pub(crate) use evaluation::evaluation;
pub(crate) use links::find as links;
pub(crate) use mcp::judge_environment_files;
pub(crate) use option_pattern::ELEMENT;
pub(crate) use table::Table;
pub use table::{ExtraReader, READER_TABLE};

/// Extracts every reader of a host; `links` are other paths to its secrets, `keys` those of its managers, and the rows that the user adds go before those of the table.
pub(crate) fn find(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    links: &[SecretLink],
    keys: &[KeySource],
    additions: &Additions,
) -> ExtractedReaders {
    let mut found = ExtractedReaders::default();
    // The system first: where a limit ends the search, it is more often a user's programs that reach it.
    if let Some(system) = view.system {
        units::system(evaluator, view, system, &mut found);
        passwords::passwords(evaluator, view, system, &mut found);
    }
    if let Some(system) = view.system.filter(|_| !view.secrets.is_empty()) {
        activation::activation(evaluator, view, system, &mut found);
        containers::containers(evaluator, view, system, &mut found);
        launchd::launchd(evaluator, view, system, &mut found);
        session::session(evaluator, view, system, &mut found);
        options::options(evaluator, view, additions, system, &mut found);
    }
    for home in view.homes {
        units::home(evaluator, view, home, &mut found);
        if !view.secrets.is_empty() {
            home::home(evaluator, view, home, &mut found);
        }
        // After them: it says of each server what those readers open.
        mcp::mcp(evaluator, view, home, &mut found);
    }
    links::links(view, links, &mut found);
    keys::keys(view, keys, &mut found);
    prefer_modules(&mut found.readers);
    places::places(view, &mut found);
    if let Some(system) = view.system {
        mcp::system(evaluator, view, system, &mut found);
    }
    found
        .mcp
        .sort_by(|a, b| (&a.user, a.module).cmp(&(&b.user, b.module)));
    sort_readers(&mut found.readers);
    found
}
