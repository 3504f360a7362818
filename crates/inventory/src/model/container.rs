//! A NixOS container (`containers.<name>`): a system of its own that shares files with its host.

use nix_syntax::source::Span;

use super::{Fact, Unknown};

/// What binds a container to the host that runs it.
#[derive(Debug, Clone)]
pub struct Container {
    /// The attribute of the host's configuration: `nixosConfigurations.desk`.
    pub host: String,
    /// The name below `containers`.
    pub name: String,
    /// The option of the host, ready to paste: `containers.web`.
    pub option: String,
    /// What the host mounts into it, sorted by the attribute.
    pub mounts: Vec<BindMount>,
    /// Why more may be mounted into it, if so.
    pub mounts_open: Option<Unknown>,
    /// Whether a number of a user is the same user inside and outside (no user namespace that shifts
    /// them); `None`: not known.
    pub shares_numbers: Option<bool>,
    /// The secrets that land on the host, with where they land there.
    pub host_secrets: Vec<HostSecret>,
}

/// `containers.<name>.bindMounts.<mount>`
#[derive(Debug, Clone)]
pub struct BindMount {
    /// The file or directory of the host.
    pub host_path: Fact<String>,
    /// Where it is inside.
    pub mount_point: Fact<String>,
    /// Whether root inside can change nothing of it, not even who owns it.
    pub is_read_only: Fact<bool>,
}

/// A secret of the system that runs a container.
#[derive(Debug, Clone)]
pub struct HostSecret {
    /// Its option on the host: `sops.secrets.token`.
    pub option: String,
    /// A path where it lands on the host.
    pub path: String,
    /// Where it is declared.
    pub declared_at: Option<Span>,
}

/// What a path inside a container is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backing {
    /// This path of the host.
    Host(String),
    /// A file of the container itself.
    Own,
    /// Not known.
    Unknown,
}

impl Container {
    /// What a path inside is: the mount with the longest mount point decides.
    #[must_use]
    pub fn backing(&self, path: &str) -> Backing {
        let is_unknown = |mount: &BindMount| mount.mount_point.known().is_none();
        let is_open = self.mounts_open.is_some() || self.mounts.iter().any(is_unknown);
        match self.mount_of(path) {
            // Another mount may lie between.
            Some((point, _)) if is_open && point != path => Backing::Unknown,
            Some((point, mount)) => match (mount.host_path.known(), below(path, point)) {
                (Some(source), Some(rest)) => {
                    Backing::Host(format!("{}{rest}", source.trim_end_matches('/')))
                }
                _ => Backing::Unknown,
            },
            None if is_open => Backing::Unknown,
            None => Backing::Own,
        }
    }

    /// The mount with the longest mount point that is known and holds a path, with that point.
    #[must_use]
    pub fn mount_of(&self, path: &str) -> Option<(&str, &BindMount)> {
        let known = self.mounts.iter().filter_map(|mount| {
            let point = mount.mount_point.known()?.trim_end_matches('/');
            below(path, point).map(|_| (point, mount))
        });
        known.max_by_key(|(point, _)| point.len())
    }

    /// The secret of the host that lands at a path of the host.
    #[must_use]
    pub fn host_secret(&self, path: &str) -> Option<&HostSecret> {
        self.host_secrets.iter().find(|secret| secret.path == path)
    }
}

/// What follows a directory in a path: nothing, or a text that begins with `/`.
#[must_use]
pub fn below<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(directory.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(mounts: &[(&str, &str)], is_open: bool) -> Container {
        let why = || Unknown {
            reason: "`extraFlags`".into(),
            at: None,
        };
        let mounts = mounts.iter().map(|(host, inside)| BindMount {
            host_path: Fact::default_value((*host).to_owned()),
            mount_point: Fact::default_value((*inside).to_owned()),
            is_read_only: Fact::default_value(true),
        });
        Container {
            host: "nixosConfigurations.desk".to_owned(),
            name: "web".to_owned(),
            option: "containers.web".to_owned(),
            mounts: mounts.collect(),
            mounts_open: is_open.then(why),
            shares_numbers: Some(true),
            host_secrets: Vec::new(),
        }
    }

    fn host(path: &str) -> Backing {
        Backing::Host(path.to_owned())
    }

    #[test]
    fn the_longest_mount_point_decides() {
        let web = container(
            &[("/srv/keys", "/run/secrets"), ("/x", "/run/secrets/a/")],
            false,
        );
        assert_eq!(web.backing("/run/secrets/a"), host("/x"));
        assert_eq!(web.backing("/run/secrets/a/b"), host("/x/b"));
        assert_eq!(web.backing("/run/secrets/ab"), host("/srv/keys/ab"));
        assert_eq!(web.backing("/run/secrets-for-users/a"), Backing::Own);
    }

    #[test]
    fn a_mount_that_is_not_known_may_bring_any_path_but_a_mount_point() {
        let web = container(&[("/srv/keys", "/run/secrets/a")], true);
        assert_eq!(web.backing("/run/secrets/a"), host("/srv/keys"));
        assert_eq!(web.backing("/run/secrets/b"), Backing::Unknown);
    }

    #[test]
    fn all_of_the_host_may_be_mounted() {
        let web = container(&[("/", "/host"), ("/", "/")], false);
        assert_eq!(web.backing("/run/secrets/a"), host("/run/secrets/a"));
        assert_eq!(web.backing("/host/run/secrets/a"), host("/run/secrets/a"));
    }
}
