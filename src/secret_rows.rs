//! The secrets of hosts one by one, each with what else is known of it, and which of them are shown.

use globset::GlobSet;
use inventory::{
    Answer, FileState, Host, Inventory, Need, Principal, Readable, Reader, Secret, SecretFile,
    User, Who,
};
use mcp_lint_lints::{Diagnostic, Severity};

/// A secret of a host, its readers and its file.
#[derive(Debug)]
pub(crate) struct SecretRow<'a> {
    /// The host that has it.
    pub(crate) host: &'a Host,
    /// The secret.
    pub(crate) secret: &'a Secret,
    /// Who reads it; readers that differ in nothing that is shown are one.
    pub(crate) readers: Vec<&'a Reader>,
    /// The file of the repository; `None` if it has none or that is not known.
    pub(crate) file: Option<&'a SecretFile>,
    /// The errors and warnings of `check` that are about it.
    pub(crate) findings: Vec<&'a Diagnostic>,
}

/// Whether there is something to do about a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// A reader cannot read it, everybody can, its file is not encrypted, or `check` has an error or a warning about it.
    Wrong,
    /// It is not decided whether a reader can, or where it lands, whose it is or what its file is.
    Undecided,
    /// Neither.
    Fine,
}

impl Standing {
    /// The name in the output.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Undecided => "undecided",
            Self::Fine => "fine",
        }
    }
}

/// The secrets of a host, in the order of the inventory, with what `check` reports of them.
pub(crate) fn rows<'a>(
    inventory: &'a Inventory,
    reported: &'a [Diagnostic],
    host_index: usize,
) -> Vec<SecretRow<'a>> {
    let Some(host) = inventory.hosts.get(host_index) else {
        return Vec::new();
    };
    let mut rows: Vec<SecretRow<'_>> = { host.secrets.iter() }
        .map(|secret| SecretRow {
            host,
            secret,
            readers: Vec::new(),
            file: None,
            findings: Vec::new(),
        })
        .collect();
    for reader in &host.readers {
        let row = reader.secret.and_then(|index| rows.get_mut(index));
        if let Some(row) = row.filter(|row| !row.readers.iter().any(|known| is_same(known, reader)))
        {
            row.readers.push(reader);
        }
    }
    for file in &inventory.files {
        let of_host = file.used_by.iter().filter(|(host, _)| *host == host_index);
        for (_, index) in of_host {
            if let Some(row) = rows.get_mut(*index) {
                row.file = Some(file);
            }
        }
    }
    let of_host = { reported.iter() }
        .filter(|found| found.severity > Severity::Info)
        .flat_map(|found| found.secrets.iter().map(move |secret| (found, secret)))
        .filter(|(_, (attribute, _))| *attribute == host.attribute);
    for (found, (_, option)) in of_host {
        for row in rows.iter_mut().filter(|row| row.secret.option == *option) {
            row.findings.push(found);
        }
    }
    rows
}

fn is_same(one: &Reader, other: &Reader) -> bool {
    one.via == other.via
        && one.user.known() == other.user.known()
        && one.verdict == other.verdict
        && one.needs == other.needs
}

impl<'a> SecretRow<'a> {
    /// Whether there is something to do about it.
    pub(crate) fn standing(&self) -> Standing {
        if self.findings.is_empty() {
            self.standing_of_facts()
        } else {
            Standing::Wrong
        }
    }

    /// What `check` reports of it where the facts that are shown have nothing wrong.
    pub(crate) fn told_by_check(&self) -> &[&'a Diagnostic] {
        match self.standing_of_facts() {
            Standing::Wrong => &[],
            Standing::Undecided | Standing::Fine => &self.findings,
        }
    }

    /// What would decide whether a reader can; `None` where `check` has a finding at its place: what is decided there
    /// would stand for a reader that is none.
    pub(crate) fn needs(&self, reader: &'a Reader) -> Option<&'a Need> {
        let is_there = |found: &&Diagnostic| {
            let at = found.primary.as_ref().map(|label| label.at);
            at.is_some() && at == reader.at
        };
        let needs = reader.needs.as_ref();
        needs.filter(|_| !self.findings.iter().any(is_there))
    }

    fn standing_of_facts(&self) -> Standing {
        let secret = self.secret;
        let has = |readable| { self.readers.iter() }.any(|it| it.verdict.readable == readable);
        let file = match self.file.map(|file| file.state) {
            None | Some(FileState::Encrypted | FileState::OtherEncrypted) => Standing::Fine,
            Some(FileState::Unreadable | FileState::MetadataOnly) => Standing::Undecided,
            Some(_) => Standing::Wrong,
        };
        let is_open = { secret.exposure.others.iter() }.any(|other| other.who == Who::Everybody);
        let is_unknown = secret.path.known().is_none()
            || secret.effective_owner.known().is_none()
            || secret.effective_mode.known().is_none()
            || secret.file.known().is_none();
        if has(Readable::No) || is_open {
            Standing::Wrong
        } else if has(Readable::Unknown) || is_unknown {
            Standing::Undecided.min(file)
        } else {
            file
        }
    }

    /// Whether no reader of it was found.
    pub(crate) const fn is_unread(&self) -> bool {
        matches!(
            self.secret.exposure.answer,
            Answer::Nobody | Answer::NotFound
        )
    }

    /// Who owns it, reads it or can read it without being root.
    pub(crate) fn users(&self) -> impl Iterator<Item = String> {
        let others = self.secret.exposure.others.iter();
        let others = others.filter_map(|other| match &other.who {
            Who::User(name) => Some(name.clone()),
            _ => None,
        });
        let readers = self.readers.iter().map(|reader| &reader.user);
        { std::iter::once(&self.secret.effective_owner).chain(readers) }
            .filter_map(|user| user.known().map(Principal::to_string))
            .chain(others)
    }

    /// Whether a user of the host reads it, owns it or can read it without being root.
    fn is_of(&self, user: &str) -> bool {
        let is_there = User::named(&self.host.users, user).is_some();
        self.users().any(|name| name == user) || (is_there && self.is_readable_by_all())
    }

    /// Whether everybody on the machine can read it: where it lands, or in the store.
    fn is_readable_by_all(&self) -> bool {
        let in_store = self.file.is_some_and(|file| match file.state {
            FileState::Plaintext | FileState::Partial | FileState::NothingEncrypted => true,
            FileState::Encrypted
            | FileState::MetadataOnly
            | FileState::Empty
            | FileState::Broken
            | FileState::OtherEncrypted
            | FileState::Missing
            | FileState::Unreadable => false,
        });
        let others = &self.secret.exposure.others;
        in_store || others.iter().any(|other| other.who == Who::Everybody)
    }
}

/// Which secrets are shown.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// Whose name or path one of these matches; `None`: of any.
    pub(crate) names: Option<GlobSet>,
    /// Those of this user; `None`: of any.
    pub(crate) user: Option<String>,
    /// Only those of which no reader was found.
    pub(crate) unread: bool,
    /// Only those about which there is something to do.
    pub(crate) problems: bool,
}

impl Filter {
    /// Whether all secrets are shown.
    pub(crate) const fn is_open(&self) -> bool {
        self.names.is_none() && self.user.is_none() && !self.unread && !self.problems
    }

    /// Whether a secret is shown.
    pub(crate) fn shows(&self, row: &SecretRow<'_>) -> bool {
        let is_named = |names: &GlobSet| {
            let path = row.secret.path.known();
            names.is_match(&row.secret.attribute) || path.is_some_and(|path| names.is_match(path))
        };
        self.names.as_ref().is_none_or(is_named)
            && self.user.as_ref().is_none_or(|user| row.is_of(user))
            && (!self.unread || row.is_unread())
            && (!self.problems || row.standing() != Standing::Fine)
    }

    /// The secrets of a host that are shown.
    pub(crate) fn rows<'a>(
        &self,
        inventory: &'a Inventory,
        reported: &'a [Diagnostic],
        host_index: usize,
    ) -> Vec<SecretRow<'a>> {
        let mut rows = rows(inventory, reported, host_index);
        rows.retain(|row| self.shows(row));
        rows
    }
}
