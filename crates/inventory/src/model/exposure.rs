//! Whether it is known who reads a secret, and who else can.

use std::fmt;

use nix_syntax::source::Span;

use super::{Fact, Principal, Unknown};
use crate::access::Groups;

/// Whether it is known who reads a secret; the readers of templates that contain it count as its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It is decided for at least one reader whether it can.
    Decided,
    /// There are readers, and it is decided for none whether it can.
    Undecided,
    /// Nothing reads it: the evaluation of no host has a reference to it, and no text of the project.
    Nobody,
    /// No reader was found, and one may exist.
    #[default]
    NotFound,
}

impl Answer {
    /// The name in the JSON inventory.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Undecided => "undecided",
            Self::Nobody => "nobody",
            Self::NotFound => "not-found",
        }
    }
}

/// Who can read a secret's file, or what it is made into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// root.
    Root,
    /// Every user and process of the machine.
    Everybody,
    /// A user, by name or number.
    User(String),
    /// A unit of the system, without `.service`.
    Unit(String),
    /// Processes inside a container: the option that declares it.
    Container(String),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("root"),
            Self::Everybody => f.write_str("everybody"),
            Self::User(name) => f.write_str(name),
            Self::Unit(name) => write!(f, "{name}.service"),
            Self::Container(option) => write!(f, "{option}"),
        }
    }
}

/// Why somebody can read a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// root reads every file.
    IsRoot,
    /// It belongs to that user, who may read it.
    Owner,
    /// It is a member of this group, which may read it.
    Member(String),
    /// It is a unit that runs as this user, which may read it.
    RunsAs(String),
    /// It is a unit with this group, which may read it.
    HasGroup(String),
    /// It is a unit that has this capability, before which permissions do not count.
    Capability(String),
    /// The mode lets everybody read it.
    Mode {
        /// The permission bits, at most 0o7777.
        mode: u32,
        /// The group whose members cannot; `None` if they can.
        except: Option<String>,
    },
    /// A file or directory of the host, which holds it, is mounted there.
    Mounted {
        /// The path of the host.
        host: String,
        /// The path inside.
        inside: String,
    },
    /// Its content is copied to this path, with this mode.
    Copied {
        /// What copies: `systemd.tmpfiles.rules`.
        by: String,
        /// The path of the copy.
        to: String,
        /// Its permission bits; `None` if they are not known.
        mode: Option<u32>,
    },
    /// This template contains it, which can be read for the reason inside.
    Template {
        /// The attribute of the template.
        name: String,
        /// Why the template can be read.
        why: Box<Self>,
    },
    /// Its content comes into the Nix store, which everybody reads: by this function, or as this file.
    Store(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IsRoot => f.write_str("root reads every file"),
            Self::Owner => f.write_str("it owns it"),
            Self::Member(group) => write!(f, "a member of group {group}"),
            Self::RunsAs(user) => write!(f, "runs as {user}"),
            Self::HasGroup(group) => write!(f, "has group {group}"),
            Self::Capability(name) => write!(f, "has {name}"),
            Self::Mode { mode, except } => {
                write!(f, "mode {mode:04o}")?;
                let except = except.as_ref();
                except.map_or(Ok(()), |group| {
                    write!(f, ", but no member of group {group}")
                })
            }
            Self::Mounted { host, inside } if host == inside => write!(f, "{host} is mounted"),
            Self::Mounted { host, inside } => write!(f, "{host} is mounted at {inside}"),
            Self::Copied { by, to, mode } => {
                write!(f, "{by} copies it to {to}")?;
                mode.map_or(Ok(()), |mode| write!(f, ", mode {mode:04o}"))
            }
            Self::Template { name, why } => write!(f, "template {name}: {why}"),
            Self::Store(what) => write!(f, "{what} brings it to the Nix store"),
        }
    }
}

/// Somebody who can read a secret, whether or not it does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Other {
    /// Who.
    pub who: Who,
    /// Why it can.
    pub why: Why,
    /// Where the configuration says so; `None` if no text of the project does.
    pub at: Option<Span>,
}

/// A membership in a group beside a user's primary one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Membership {
    /// The group: `wheel`.
    pub group: String,
    /// The user: `alice`.
    pub user: String,
    /// Where the configuration says so; `None` if no text of the project does.
    pub at: Option<Span>,
}

/// Who a unit of the system runs as.
#[derive(Debug, Clone)]
pub struct UnitProcess {
    /// The unit, without `.service`.
    pub unit: String,
    /// The user.
    pub user: Fact<Principal>,
    /// The groups.
    pub groups: Groups,
    /// A capability before which the permissions of files do not count, if it has one.
    pub capability: Option<&'static str>,
    /// Where it is declared.
    pub at: Option<Span>,
}

/// A copy of a file that the configuration has made when the system starts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileCopy {
    /// The path of the original.
    pub from: String,
    /// The path of the copy.
    pub to: String,
    /// What copies: `systemd.tmpfiles.rules`.
    pub by: String,
    /// The owner of the copy; `None` if that is not known.
    pub owner: Option<String>,
    /// The permission bits of the copy, at most 0o7777; `None` if they are not known.
    pub mode: Option<u32>,
    /// Where it is written.
    pub at: Option<Span>,
    /// Whether it is certainly made, and nothing that is seen changes it afterwards.
    pub is_certain: bool,
}

impl FileCopy {
    /// Whether it is certain that every user can read the copy: by its mode, in a directory that NixOS leaves open.
    #[must_use]
    pub fn is_open_to_all(&self) -> bool {
        const OTHERS_READ: u32 = 0o004;
        const OPEN: [&str; 12] = [
            "",
            "/etc",
            "/mnt",
            "/opt",
            "/run",
            "/srv",
            "/tmp",
            "/usr",
            "/var",
            "/var/cache",
            "/var/lib",
            "/var/tmp",
        ];
        let parent = self.to.rsplit_once('/').map(|(parent, _)| parent);
        self.is_certain
            && self.mode.is_some_and(|mode| mode & OTHERS_READ != 0)
            && parent.is_some_and(|parent| OPEN.contains(&parent))
    }
}

/// Whether it is known who reads a secret, and who else can.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Whether it is known who reads it.
    pub answer: Answer,
    /// Why it may have a reader, where none was found.
    pub may_be_read: Option<Unknown>,
    /// The templates that contain it: indices into [`Host::secrets`](super::Host::secrets), in order.
    pub templates: Vec<usize>,
    /// Who can read it, sorted; readers that certainly can are not repeated.
    pub others: Vec<Other>,
    /// Why there may be more who can, sorted.
    pub others_unknown: Vec<Unknown>,
}
