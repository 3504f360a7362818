//! One file: where its path leads, its facts, whether it opens, the classes of its content.

use std::path::Path;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::acl::Acl;
use super::buffer::SecretBuffer;
use super::client::{self, Client, ClientFile};
use super::content::{self, Content};
use super::walk::{Reason, Step, Stop, Target, Walker};
use crate::escape::WirePath;
use crate::facts::{Facts, Kind};
use crate::sys;

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Depth {
    /// Only its facts; it is not opened.
    Facts,
    /// Whether it can be opened for reading; nothing is read.
    Open,
    /// The classes of its content.
    Content,
    /// As an MCP client's configuration.
    Client(ClientFile),
    /// The classes of its content, and the public halves of the private keys in it.
    Key,
}

/// Whether a file could be opened for reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Opened {
    /// Not tried: only facts were asked for, or it is not a regular file.
    NotTried,
    /// It could, and was read where that was asked for.
    Yes,
    /// The system refused.
    Denied,
    /// It was replaced or written to while it was looked at, twice.
    Changed,
    /// Something else, by the error's name: whether it opens, and what it holds, is not known.
    Failed(String),
}

impl Opened {
    /// For a sentence about what could not be looked at; `None` if the outcome is certain.
    pub(crate) fn uncertain(&self) -> Option<String> {
        match self {
            Self::NotTried | Self::Yes | Self::Denied => None,
            Self::Changed => Some("it changed while it was looked at".to_owned()),
            Self::Failed(error) => Some(format!("the system answers {error}")),
        }
    }
}

/// A file that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Found {
    /// Its path without links.
    pub(crate) real: WirePath,
    /// Its facts.
    pub(crate) facts: Facts,
    /// Its access ACL.
    pub(crate) acl: Option<Acl>,
    /// Whether it opens.
    pub(crate) opened: Opened,
    /// The classes of its content.
    pub(crate) content: Option<Content>,
    /// What it holds as a client's configuration.
    pub(crate) client: Option<Client>,
    /// Whom it can decrypt for, as a key.
    pub(crate) public: Option<PublicKeys>,
}

/// The public halves of the private keys in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublicKeys {
    /// `age1…`, `ssh-ed25519 AAAA…`
    pub(crate) recipients: Vec<String>,
    /// Whether these are all.
    pub(crate) complete: bool,
}

impl PublicKeys {
    /// Of a file of `length` bytes, from its beginning.
    fn of(bytes: &[u8], length: u64) -> Self {
        let halves = secret_files::public_halves(bytes);
        let is_whole = u64::try_from(bytes.len()).is_ok_and(|seen| seen >= length);
        Self {
            recipients: halves.recipients,
            complete: halves.complete && is_whole,
        }
    }
}

/// One path and what it led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Observation {
    /// The path as asked for.
    pub(crate) path: WirePath,
    /// The ways to its directories, in the order taken: indices of the survey's chains.
    pub(crate) directories: Vec<usize>,
    /// The links in its last component.
    pub(crate) links: Vec<Step>,
    /// The file, or why it was not reached.
    pub(crate) end: Result<Found, Stop>,
}

impl Observation {
    /// The file, if it was reached.
    pub(crate) fn found(&self) -> Option<&Found> {
        self.end.as_ref().ok()
    }

    /// A file that was not looked at, because its file system does not answer.
    pub(crate) fn unanswered(path: &Path) -> Self {
        Self {
            path: WirePath(path.to_owned()),
            directories: Vec::new(),
            links: Vec::new(),
            end: Err(Stop {
                at: WirePath(path.to_owned()),
                reason: Reason::NoAnswer,
            }),
        }
    }

    /// Why it is not known what is there; `None` if it is.
    pub(crate) fn uncertain(&self) -> Option<String> {
        match &self.end {
            Ok(found) => found.opened.uncertain(),
            Err(stop) => stop.reason.uncertain(),
        }
    }

    /// Whether nothing is there.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(&self.end, Err(stop) if stop.reason == Reason::Missing)
    }
}

/// A client's configuration can hold a whole history.
const LARGEST_CLIENT: usize = 8 * 1024 * 1024;

/// Looks at one path.
pub(crate) fn observe(
    walker: &mut Walker,
    buffer: &mut SecretBuffer,
    path: &Path,
    depth: Depth,
) -> Observation {
    let mut observation = attempt(walker, buffer, path, depth);
    if matches!(&observation.end, Ok(found) if found.opened == Opened::Changed) {
        observation = attempt(walker, buffer, path, depth);
    }
    observation
}

fn attempt(
    walker: &mut Walker,
    buffer: &mut SecretBuffer,
    path: &Path,
    depth: Depth,
) -> Observation {
    let located = walker.locate(path);
    let end = located
        .end
        .map(|target| look(walker, buffer, &target, depth));
    Observation {
        path: WirePath(path.to_owned()),
        directories: located.directories,
        links: located.links,
        end,
    }
}

fn look(walker: &mut Walker, buffer: &mut SecretBuffer, target: &Target, depth: Depth) -> Found {
    let first = target.node.facts;
    let mut found = Found {
        real: WirePath(target.real.clone()),
        facts: first,
        acl: Acl::of(sys::file_acl(&target.node)),
        opened: Opened::NotTried,
        content: None,
        client: None,
        public: None,
    };
    if depth == Depth::Facts || found.facts.kind != Kind::Regular {
        // The list must be of the state that the facts are of.
        match target.node.facts_now() {
            Ok(now) if now.same_state(&first) => {}
            Ok(_) => found.opened = Opened::Changed,
            Err(error) => found.opened = Opened::Failed(sys::error_name(error)),
        }
        return found;
    }
    let file = match target.node.open(&target.directory, &target.name) {
        Ok(file) => file,
        Err(error) => {
            found.opened = refusal(error);
            return found;
        }
    };
    let before = match sys::facts(std::os::fd::AsFd::as_fd(&file)) {
        Ok(facts) if facts.same_state(&first) => facts,
        Ok(_) => {
            found.opened = Opened::Changed;
            return found;
        }
        Err(error) => {
            found.opened = Opened::Failed(sys::error_name(error));
            return found;
        }
    };
    found.facts = before;
    found.opened = Opened::Yes;
    let read = match depth {
        Depth::Facts | Depth::Open => return found,
        Depth::Content => buffer
            .with_content(&file, |bytes| content::classify(bytes, before.size))
            .map(|content| found.content = Some(content)),
        Depth::Key => buffer
            .with_content(&file, |bytes| {
                let public = PublicKeys::of(bytes, before.size);
                (content::classify(bytes, before.size), public)
            })
            .map(|(content, public)| {
                found.content = Some(content);
                found.public = Some(public);
            }),
        Depth::Client(of) => read_client(&file, before.size, of).map(|mut client| {
            for command in &mut client.commands {
                let located = walker.locate(Path::new(&command.path));
                command.exists = located.end.is_ok();
            }
            found.client = Some(client);
        }),
    };
    // The file is open already: that its bytes do not come is no question of rights.
    if let Err(error) = read {
        found.opened = Opened::Failed(sys::error_name(error));
        return found;
    }
    let after = sys::facts(std::os::fd::AsFd::as_fd(&file));
    if !after.is_ok_and(|after| after.same_state(&before)) {
        found.opened = Opened::Changed;
    }
    if found.opened != Opened::Yes {
        // Classes of a state that is gone are not those of the facts.
        (found.content, found.client, found.public) = (None, None, None);
    }
    found
}

fn read_client(file: &std::os::fd::OwnedFd, size: u64, of: ClientFile) -> Result<Client, Errno> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > LARGEST_CLIENT {
        return Err(Errno::FBIG);
    }
    let client =
        SecretBuffer::new(size.max(1)).with_content(file, |bytes| client::scan(bytes, of))?;
    match client.is_unread {
        true => Err(Errno::FBIG),
        false => Ok(client),
    }
}

fn refusal(error: Errno) -> Opened {
    match error {
        Errno::ACCESS | Errno::PERM => Opened::Denied,
        Errno::STALE => Opened::Changed,
        other => Opened::Failed(sys::error_name(other)),
    }
}
