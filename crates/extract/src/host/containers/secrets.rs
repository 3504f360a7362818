//! The secrets of a host as a container sees them.

use crate::host_view::secret_paths::lands_at;
use crate::search::managed_paths::managed_directory;
use inventory::access::access;
use inventory::model::{
    Backing, Certainty, Container, Fact, Group, Host, Principal, Readable, Reader, Scope, Secret,
    Unknown, User, Verdict, Via, below,
};

/// What a host's secrets are inside a container.
pub(crate) struct Mounted {
    /// One for each path inside; owner and group by number.
    pub(crate) secrets: Vec<Secret>,
    /// Of each, which secret of the host it is, and where that lands.
    origins: Vec<(usize, String)>,
}

impl Mounted {
    /// The secrets of the system that the mounts of a container bring.
    pub(crate) fn of(host: &Host, container: &Container) -> Self {
        let mut mounted = Self {
            secrets: Vec::new(),
            origins: Vec::new(),
        };
        let of_system = host
            .secrets
            .iter()
            .enumerate()
            .filter(|(_, secret)| secret.scope == Scope::System && !secret.path_is_shell_text);
        for (index, secret) in of_system {
            for path in lands_at(secret, &host.users) {
                for inside in inside(container, &path) {
                    let seen = Secret {
                        path: Fact {
                            value: Ok(inside),
                            ..secret.path.clone()
                        },
                        name: Fact::unknown(because("its name inside the container")),
                        effective_owner: numbered(&secret.effective_owner, |name| {
                            number_of_user(&host.users, name)
                        }),
                        effective_group: numbered(&secret.effective_group, |name| {
                            number_of_group(&host.groups, name)
                        }),
                        ..secret.clone()
                    };
                    mounted.secrets.push(seen);
                    mounted.origins.push((index, path.clone()));
                }
            }
        }
        mounted
    }

    /// The readers inside the container of what is mounted, as readers of the host's secrets.
    pub(crate) fn readers(
        &self,
        host: &Host,
        container: &Container,
        inside: &Host,
        found: Vec<Reader>,
    ) -> Vec<Reader> {
        let mut readers = Vec::new();
        for mut reader in found {
            let seen = reader
                .secret
                .and_then(|index| Some((self.secrets.get(index)?, self.origins.get(index)?)));
            let Some((seen, (secret, path))) = seen else {
                continue;
            };
            if let Ok(user) = &mut reader.user.value
                && let Some(name) = &user.name
                && user.id.is_none()
            {
                user.id = number_of_user(&inside.users, name);
            }
            reader.verdict = verdict(container, seen, path, &reader);
            reader.secret = Some(*secret);
            reader.path = Fact {
                value: Ok(path.clone()),
                ..reader.path
            };
            reader.via = Via::Container {
                option: container.option.clone(),
                inner: Box::new(reader.via),
            };
            reader.container = Some(container.name.clone());
            reader.certain &= host
                .secrets
                .get(*secret)
                .is_some_and(|secret| secret.certainty == Certainty::Certain);
            readers.push(reader);
        }
        readers
    }
}

/// Where a path of the host is inside.
fn inside(container: &Container, path: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for mount in &container.mounts {
        let (Some(source), Some(point)) = (mount.host_path.known(), mount.mount_point.known())
        else {
            continue;
        };
        let Some(rest) = below(path, source) else {
            continue;
        };
        let inside = format!("{}{rest}", point.trim_end_matches('/'));
        if container.backing(&inside) == Backing::Host(path.to_owned()) && !paths.contains(&inside)
        {
            paths.push(inside);
        }
    }
    paths
}

/// Whether a process inside may read what is mounted.
fn verdict(container: &Container, seen: &Secret, path: &str, reader: &Reader) -> Verdict {
    let not_known = |reason: &str| Verdict {
        readable: Readable::Unknown,
        reason: reason.to_owned(),
    };
    if container.shares_numbers != Some(true) {
        return not_known("the numbers of users inside the container may be others");
    }
    let is_file = seen.symlink.known() == Some(&false);
    if !is_file && !is_whole(container, path) {
        return not_known("the way to it inside the container is not known");
    }
    let verdict = access(seen, &reader.user, &reader.groups);
    let mount = seen
        .path
        .known()
        .and_then(|inside| container.mount_of(inside));
    let is_read_only = mount.is_some_and(|(_, mount)| mount.is_read_only.known() == Some(&true));
    if verdict.readable == Readable::No && !is_read_only {
        return not_known("the mount is writable: the container may give it to another owner");
    }
    verdict
}

/// Whether what lies at a path of the host is the same inside: a link leads elsewhere there, unless the
/// file itself or the directory in which the manager keeps it is mounted, or all stays where it is.
fn is_whole(container: &Container, path: &str) -> bool {
    let managed = managed_directory(path).map(|directory| directory.trim_end_matches('/'));
    let leads_here = |source: &str, point: &str| {
        let is_in_managed = managed.is_some_and(|managed| below(source, managed).is_some());
        source == path || is_in_managed || (managed.is_some() && source == point)
    };
    let mut mounts = container.mounts.iter().filter_map(|mount| {
        let (source, point) = (mount.host_path.known()?, mount.mount_point.known()?);
        let (source, point) = (source.trim_end_matches('/'), point.trim_end_matches('/'));
        below(path, source).map(|_| (source, point))
    });
    mounts.all(|(source, point)| leads_here(source, point))
}

/// A principal by its number; not known where it has only a name whose number is not fixed.
fn numbered(principal: &Fact<Principal>, number: impl Fn(&str) -> Option<u32>) -> Fact<Principal> {
    let value = principal.value.clone().and_then(|known| {
        let id = known.id.or_else(|| known.name.as_deref().and_then(number));
        id.map(Principal::numbered)
            .ok_or_else(|| because("its number is not fixed"))
    });
    Fact {
        value,
        ..principal.clone()
    }
}

fn number_of_user(users: &[User], name: &str) -> Option<u32> {
    if name == "root" {
        return Some(0);
    }
    let user = User::named(users, name)?;
    u32::try_from((*user.uid.known()?)?).ok()
}

fn number_of_group(groups: &[Group], name: &str) -> Option<u32> {
    if name == "root" {
        return Some(0);
    }
    let group = groups.iter().find(|group| group.name == name)?;
    u32::try_from((*group.gid.known()?)?).ok()
}

fn because(reason: &str) -> Unknown {
    Unknown {
        reason: reason.into(),
        at: None,
    }
}
