//! Who opens the files in which secrets land: one file for each kind of reader.

pub(crate) mod activation;
pub(crate) mod containers;
pub(crate) mod evaluation;
pub(crate) mod file_access;
pub(crate) mod home;
pub(crate) mod launchd;
pub(crate) mod mcp;
pub(crate) mod option_pattern;
pub(crate) mod options;
pub(crate) mod passwords;
pub(crate) mod path_uses;
pub(crate) mod session;
pub(crate) mod table;
pub(crate) mod units;

use nix_eval::Evaluator;

use crate::host_view::HostView;
use inventory::model::{McpConfiguration, OptionPath, Problem, Reader, Via, sort_readers};

pub(crate) use evaluation::evaluation;
pub(crate) use file_access::FileAccess;
pub(crate) use mcp::mcp;
pub(crate) use table::Table;
pub use table::{ExtraReader, READER_TABLE};

/// What the readers of a host are.
#[derive(Debug, Default)]
pub(crate) struct FoundReaders {
    pub(crate) readers: Vec<Reader>,
    pub(crate) mcp: Vec<McpConfiguration>,
    pub(crate) problems: Vec<Problem>,
}

/// Every reader of a host.
pub(crate) fn find(evaluator: &mut Evaluator, view: &HostView<'_>, extra: &Table) -> FoundReaders {
    let mut found = FoundReaders::default();
    for home in view.homes {
        mcp(evaluator, view, home, &mut found);
        units::home(evaluator, view, home, &mut found);
        if !view.secrets.is_empty() {
            home::home(evaluator, view, home, &mut found);
        }
    }
    if let Some(system) = view.system {
        units::system(evaluator, view, system, &mut found);
        passwords::passwords(evaluator, view, system, &mut found);
    }
    if let Some(system) = view.system.filter(|_| !view.secrets.is_empty()) {
        activation::activation(evaluator, view, system, &mut found);
        containers::containers(evaluator, view, system, &mut found);
        launchd::launchd(evaluator, view, system, &mut found);
        session::session(evaluator, view, system, &mut found);
        options::options(evaluator, view, extra, system, &mut found);
    }
    found
        .mcp
        .sort_by(|a, b| (&a.user, a.module).cmp(&(&b.user, b.module)));
    sort_readers(&mut found.readers);
    found
}

/// An option through which a file is opened, without a unit that is known.
fn option_via<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Via {
    Via::Option {
        path: OptionPath::new(names),
        unit: None,
    }
}

/// The names of an option, without the places in its lists.
fn without_elements(option: &[String]) -> impl Iterator<Item = &str> {
    let names = option.iter().map(String::as_str);
    names.filter(|name| *name != option_pattern::ELEMENT)
}
