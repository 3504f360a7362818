//! Other paths by which processes come to a secret: files of `/etc`, links and copies of tmpfiles rules.

use nix_eval::Evaluator;

use crate::host_view::secret_paths::Alias;
use crate::host_view::{HostView, Process};
use crate::readers::excuse::Excuse;
use crate::readers::extracted::ExtractedReaders;
use crate::readers::file_access::FileAccess;
use crate::readers::option_name::{option_via, without_elements};
use crate::readers::path_uses::{PathUse, Query, path_uses};
use inventory::model::Moment;

/// The options that make them.
const OPTIONS: [&[&str]; 3] = [
    &["environment", "etc"],
    &["systemd", "tmpfiles", "rules"],
    &["systemd", "tmpfiles", "settings"],
];

/// Another path to a secret, and what makes it.
#[derive(Debug)]
pub(crate) struct SecretLink {
    pub(crate) alias: Alias,
    /// Whether root copies the file there.
    is_copy: bool,
    path_use: PathUse,
}

/// Finds the other paths to the secrets of a system.
pub(crate) fn find(evaluator: &mut Evaluator, view: &HostView<'_>) -> Vec<SecretLink> {
    let Some(system) = view.system.filter(|_| !view.secrets.is_empty()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for option in OPTIONS {
        let Some((name, parents)) = option.split_last() else {
            continue;
        };
        let set = system.path(evaluator, parents).ok();
        let Some(entry) = set.and_then(|set| set.entry(evaluator, name)) else {
            continue;
        };
        let query = Query {
            option,
            only_declared: true,
            only_enabled: true,
            ..Query::default()
        };
        let uses = path_uses(evaluator, view, entry, query);
        found.extend(uses.into_iter().filter_map(|path_use| link(view, path_use)));
    }
    found
}

fn link(view: &HostView<'_>, path_use: PathUse) -> Option<SecretLink> {
    let secret = view.secret_at(&path_use.path, None)?;
    let names: Vec<&str> = path_use.option.iter().map(String::as_str).collect();
    let (path, is_copy, names) = match names.as_slice() {
        ["environment", "etc", name, rest @ ..] => {
            let is_source = rest == ["source"] && path_use.is_whole;
            (format!("/etc/{name}"), false, !is_source)
        }
        ["systemd", "tmpfiles", "rules", ..] => {
            let mut words = path_use.before.split_whitespace();
            let (kind, path) = (words.next()?, words.next()?);
            (path.to_owned(), is_copy(kind)?, false)
        }
        ["systemd", "tmpfiles", "settings", _, path, kind, "argument"] => {
            ((*path).to_owned(), is_copy(kind)?, false)
        }
        _ => return None,
    };
    let is_path = path.starts_with('/') && path.len() > 1 && !path.contains('%');
    is_path.then(|| SecretLink {
        alias: Alias {
            path,
            secret,
            leads_to: path_use.path.clone(),
            names,
        },
        is_copy,
        path_use,
    })
}

/// Whether a tmpfiles rule of that type copies; `None` if it does not link, either.
fn is_copy(kind: &str) -> Option<bool> {
    match kind.trim_end_matches(['!', '-', '=', '~', '^', '$', '+', '?']) {
        "L" => Some(false),
        "C" => Some(true),
        _ => None,
    }
}

/// Adds who opens what tmpfiles rules link to and copy.
pub(crate) fn links(view: &HostView<'_>, links: &[SecretLink], found: &mut ExtractedReaders) {
    for link in links {
        if link
            .path_use
            .option
            .first()
            .is_none_or(|name| name != "systemd")
        {
            continue;
        }
        let (process, moment) = if link.is_copy {
            (Process::root(), Moment::Activation)
        } else {
            let process = of_link(view, &link.alias);
            (process, Moment::Service)
        };
        let via = option_via(without_elements(&link.path_use.option).take(3));
        let mut access = FileAccess::of(&link.path_use, &process, via, moment);
        access.may_fail = Some(Excuse::ByPlace);
        found.readers.push(access.reader(view));
    }
}

/// Who opens a link, by where it is.
fn of_link(view: &HostView<'_>, alias: &Alias) -> Process {
    let secret = view.secrets.get(alias.secret);
    let owner = secret.and_then(|secret| secret.effective_owner.known()?.name.as_deref());
    let reason = || format!("whoever opens {}", alias.path);
    view.process_of_place(&alias.path, owner)
        .unwrap_or_else(|| Process::unknown(&reason(), None))
}

/// Decides who opens the link that the command of an access makes, by where the link is. `home` is the home
/// directory of whoever runs the command.
pub(crate) fn decide_linked(
    view: &HostView<'_>,
    path_use: &PathUse,
    home: Option<&str>,
    access: &mut FileAccess,
) {
    let Some(written) = path_use.linked_at.as_deref().filter(|_| path_use.is_linked) else {
        return;
    };
    let mut written_homes = ["~/", "$HOME/", "${HOME}/"].into_iter();
    let below_home = written_homes.find_map(|prefix| written.strip_prefix(prefix));
    let path = match (below_home, home) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => written.to_owned(),
    };
    let secret = view.secret_at(&path_use.path, None);
    let secret = secret.and_then(|index| view.secrets.get(index));
    let owner = secret.and_then(|secret| secret.effective_owner.known()?.name.as_deref());
    if let Some(process) = view.process_of_place(&path, owner) {
        access.process = process;
        access.may_fail = Some(Excuse::ByPlace);
    }
}
