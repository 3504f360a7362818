//! Directories on the machine that belong to a secret manager.

use crate::context::is_below;

/// Where sops-nix and agenix put the secrets of the system unless told otherwise.
const DIRECTORIES: [&str; 3] = ["/run/secrets", "/run/secrets-for-users", "/run/agenix"];

/// Where sops-nix links the secrets of a Home Manager configuration, below the home directory.
const USER_DIRECTORY: &str = "/.config/sops-nix/secrets";

/// Whether files in this directory come from a manager, so that a file that no declaration puts
/// there is not there.
pub(crate) fn is_managed(directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    let is_in = |managed: &str| directory == managed || is_below(directory, managed);
    DIRECTORIES.into_iter().any(is_in) || is_user_directory(directory)
}

/// Whether the directory holds the secrets of one user.
pub(crate) fn is_user_directory(directory: &str) -> bool {
    directory.ends_with(USER_DIRECTORY) || directory.contains("/.config/sops-nix/secrets/")
}
