//! Directories on the machine that belong to a secret manager.

use crate::HostContext;
use crate::context::is_below;

/// Where sops-nix and agenix put the secrets of the system unless told otherwise.
const DIRECTORIES: [&str; 3] = ["/run/secrets", "/run/secrets-for-users", "/run/agenix"];

/// Where sops-nix links the secrets of a Home Manager configuration, below the home directory.
pub(crate) const USER_DIRECTORY: &str = "/.config/sops-nix/secrets";

/// Whether files in this directory come from a manager, so that a file that no declaration puts
/// there is not there.
pub(crate) fn is_managed(cx: &HostContext<'_>, directory: &str) -> bool {
    is_of_the_system(cx, directory) || is_user_directory(directory.trim_end_matches('/'))
}

/// Whether the directory holds the secrets of the system, not of one user.
pub(crate) fn is_of_the_system(cx: &HostContext<'_>, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    let is_in = |managed: &str| directory == managed || is_below(directory, managed);
    let told = cx.managed_directories.iter().map(String::as_str);
    DIRECTORIES.into_iter().chain(told).any(is_in)
}

/// Whether the directory holds the secrets of one user.
pub(crate) fn is_user_directory(directory: &str) -> bool {
    directory.ends_with(USER_DIRECTORY) || directory.contains("/.config/sops-nix/secrets/")
}

/// The name of a secret as its path tells it: what comes after the directory of the manager.
pub(crate) fn name_below(path: &str) -> Option<&str> {
    let longest_first = [
        "/run/secrets-for-users/",
        "/run/secrets/rendered/",
        "/run/secrets/",
        "/run/agenix/",
    ];
    let of_system = longest_first
        .into_iter()
        .find_map(|directory| path.strip_prefix(directory));
    let of_user = || {
        path.split_once("/.config/sops-nix/secrets/")
            .map(|(_, name)| name)
    };
    of_system.or_else(of_user).filter(|name| !name.is_empty())
}
