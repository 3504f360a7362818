//! Whose a place is: who opens the files in a directory that somebody has for himself.

use crate::host_view::secret_paths::home_directory;
use crate::host_view::{HostView, Process};

/// Directories whose files programs of root alone open.
const OF_ROOT: [&str; 14] = [
    "/etc/NetworkManager/",
    "/etc/docker/",
    "/etc/ipsec.d/",
    "/etc/iwd/",
    "/etc/nix/",
    "/etc/ppp/",
    "/etc/samba/",
    "/etc/ssh/",
    "/etc/swanctl/",
    "/etc/wireguard/",
    "/root/",
    "/var/lib/NetworkManager/",
    "/var/lib/bluetooth/",
    "/var/lib/iwd/",
];

/// Directories with one for each service, named as its user is.
const OF_SERVICES: [&str; 5] = ["/etc/", "/run/", "/srv/", "/var/cache/", "/var/lib/"];

impl HostView<'_> {
    /// The process that opens the file at a path, by whose directory it is in; `None` if that tells nothing.
    /// `owner` is whom the file belongs to, if that is known.
    pub(crate) fn process_of_place(&self, path: &str, owner: Option<&str>) -> Option<Process> {
        if OF_ROOT.iter().any(|directory| path.starts_with(directory)) {
            return Some(Process::root());
        }
        if path.starts_with("/etc/systemd/network/") {
            return Some(self.process_of("systemd-network"));
        }
        self.home_with(path)
            .or_else(|| self.service_with(path, owner))
            .map(|user| self.process_of(user))
    }

    /// The user in whose home directory a path is.
    fn home_with(&self, path: &str) -> Option<&str> {
        let is_below = |home: &str| {
            let rest = path.strip_prefix(home);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let homes = self.users.iter().filter_map(|user| {
            let home = home_directory(user)?;
            // Where many users without files have their home.
            let is_own = !matches!(home, "/var/empty" | "/home" | "/var/lib" | "/run");
            (is_own && is_below(home)).then_some((home.len(), user.name.as_str()))
        });
        homes.max().map(|(_, user)| user)
    }

    /// The user whose name the directory of a service has, if it is declared here or owns the file.
    fn service_with<'a>(&'a self, path: &'a str, owner: Option<&str>) -> Option<&'a str> {
        let path = path.strip_prefix("/persist").unwrap_or(path);
        let mut directories = OF_SERVICES.iter();
        let rest = directories.find_map(|directory| path.strip_prefix(directory))?;
        let (name, _) = rest.split_once('/')?;
        (owner == Some(name) || self.declared(name).is_some()).then_some(name)
    }
}
