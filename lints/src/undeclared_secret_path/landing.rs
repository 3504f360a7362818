//! Where the secrets of a host land, for many paths that are compared with them.

use std::cell::Cell;
use std::collections::BTreeSet;

use inventory::Scope;

use crate::HostContext;
use crate::context::is_below;
use crate::phrases::closest;

/// How many pairs of paths are compared for each host before no path is suggested any more: a comparison takes about
/// half a microsecond, and no project has as many.
const MOST_COMPARED: usize = 1 << 18;

/// Where the secrets of a host land.
pub(super) struct Landing<'a> {
    /// In the order of the secrets.
    paths: Vec<&'a str>,
    sorted: Vec<&'a str>,
    /// Those of users' secrets.
    of_users: BTreeSet<&'a str>,
    /// The directories of the managers that the secrets are of.
    directories: BTreeSet<&'static str>,
    /// Whether the path of every secret is known.
    pub(super) all_known: bool,
    /// How many pairs of paths may still be compared.
    left: Cell<usize>,
}

impl<'a> Landing<'a> {
    pub(super) fn of(cx: &HostContext<'a>) -> Self {
        let secrets = || cx.secrets().map(|(_, secret)| secret);
        let paths: Vec<&str> = secrets()
            .filter_map(|secret| secret.path.known().map(String::as_str))
            .collect();
        let mut sorted = paths.clone();
        sorted.sort_unstable();
        let of_users = secrets().filter(|secret| matches!(secret.scope, Scope::User(_)));
        let mut all = cx.host.secrets.iter();
        Self {
            of_users: of_users
                .filter_map(|secret| secret.path.known().map(String::as_str))
                .collect(),
            directories: secrets()
                .flat_map(|secret| secret.manager.directories())
                .collect(),
            all_known: all.all(|secret| secret.path.known().is_some()),
            left: Cell::new(MOST_COMPARED),
            paths,
            sorted,
        }
    }

    /// Whether a path is below a directory of a manager that the host has secrets of.
    pub(super) fn is_in_a_directory(&self, path: &str) -> bool {
        { self.directories.iter() }.any(|managed| is_below(path, managed))
    }

    /// Whether a secret of a user lands below a directory.
    pub(super) fn has_of_user(&self, directory: &str) -> bool {
        let below = format!("{}/", directory.trim_end_matches('/'));
        let mut from = self.of_users.range(below.as_str()..);
        from.next().is_some_and(|path| path.starts_with(&below))
    }

    /// What follows a path and a full stop where secrets land that differ by their extension alone.
    pub(super) fn extensions(&self, path: &str) -> Vec<&'a str> {
        let stem = format!("{path}.");
        let start = self.sorted.partition_point(|known| *known < stem.as_str());
        let rest = self.sorted.get(start..).unwrap_or_default();
        let extensions = rest.iter().map_while(|known| known.strip_prefix(&stem));
        extensions
            .filter(|extension| !extension.contains('/'))
            .collect()
    }

    /// The path that is most like another, if one is like it enough to be meant.
    pub(super) fn closest(&self, path: &str) -> Option<&'a str> {
        let left = self.left.get().checked_sub(self.paths.len())?;
        self.left.set(left);
        closest(path, self.paths.iter().copied())
    }
}
