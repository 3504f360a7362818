//! Directories on the machine that belong to a secret manager.

use inventory::{Host, Manager};

use crate::HostContext;
use crate::context::is_below;

/// Whether files in this directory come from a manager, so that a file that no declaration puts
/// there is not there.
pub(crate) fn is_managed(cx: &HostContext<'_>, directory: &str) -> bool {
    is_of_the_system(cx, directory) || is_user_directory(cx, directory.trim_end_matches('/'))
}

/// Whether the directory holds the secrets of the system, not of one user.
pub(crate) fn is_of_the_system(cx: &HostContext<'_>, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    let is_in = |managed: &str| directory == managed || is_below(directory, managed);
    let mut told = cx.managed_directories.iter().map(String::as_str);
    let mut landing = cx.managers.iter().flat_map(|it| it.landing_directories());
    landing.any(is_in) || told.any(is_in)
}

/// Whether the directory holds the secrets of one user.
pub(crate) fn is_user_directory(cx: &HostContext<'_>, directory: &str) -> bool {
    below_home(cx, directory).is_some()
}

/// The directory of a user's secrets that a path is or lies below, and what follows it.
pub(crate) fn below_home<'p>(cx: &HostContext<'_>, path: &'p str) -> Option<(&'p str, &'p str)> {
    let homes = cx.managers.iter().filter_map(|it| it.home.as_ref());
    homes.into_iter().find_map(|home| {
        let (before, after) = path.split_once(home.path)?;
        let directory = path.get(..before.len() + home.path.len())?;
        (after.is_empty() || after.starts_with('/')).then_some((directory, after))
    })
}

/// The name of a secret as its path tells it: what comes after the directory of the manager.
pub(crate) fn name_below<'p>(cx: &HostContext<'_>, path: &'p str) -> Option<&'p str> {
    let of_manager = |manager: &&Manager| {
        let rendered = manager.templates.as_ref().map(|it| it.directory);
        // The directory of templates may lie in that of the secrets.
        rendered.into_iter().chain(manager.landing_directories())
    };
    let of_system = cx
        .managers
        .iter()
        .flat_map(of_manager)
        .find_map(|directory| path.strip_prefix(directory)?.strip_prefix('/'));
    let of_user = || below_home(cx, path)?.1.strip_prefix('/');
    of_system.or_else(of_user).filter(|name| !name.is_empty())
}

/// The manager that examples are written for: the one that most secrets of the hosts are of; one that
/// renders templates where there are none.
pub(crate) fn exemplary<'h>(
    managers: &[&'static Manager],
    hosts: impl IntoIterator<Item = &'h Host>,
) -> Option<&'static Manager> {
    let mut uses: Vec<(&'static Manager, usize)> = Vec::new();
    for secret in hosts.into_iter().flat_map(|host| &host.secrets) {
        match uses.iter_mut().find(|(known, _)| *known == secret.manager) {
            Some((_, count)) => *count += 1,
            None => uses.push((secret.manager, 1)),
        }
    }
    let used = uses.into_iter().max_by_key(|(_, count)| *count);
    let rendering = || { managers.iter().copied() }.find(|manager| manager.templates.is_some());
    used.map(|(manager, _)| manager).or_else(rendering)
}

/// The option that renders files from secrets, for advice: `sops.templates`. `None` if the host's manager
/// renders none.
pub(crate) fn template_option(cx: &HostContext<'_>) -> Option<&'static str> {
    let manager = exemplary(cx.managers, [cx.host])?;
    Some(manager.templates.as_ref()?.option)
}
