//! Which files the hosts load, as far as what they have from there shows, and which secrets they declare.

use std::collections::BTreeSet;

use inventory::{FileId, Host, Inventory};

use crate::Diagnostic;

/// What a host loads and declares.
struct Load<'a> {
    files: BTreeSet<FileId>,
    /// The options that declare its secrets.
    secrets: BTreeSet<&'a str>,
}

/// What every host loads and declares, in the order of the inventory.
pub(crate) struct Loads<'a>(Vec<Load<'a>>);

impl<'a> Loads<'a> {
    pub(crate) fn of(inventory: &'a Inventory) -> Self {
        Self(inventory.hosts.iter().map(Load::of).collect())
    }

    /// Whether another host loads the file of a finding about a secret of the host with that index, and does not
    /// declare that secret: a fix there may take nothing from the declaration.
    pub(crate) fn is_loaded_without(&self, own: usize, found: &Diagnostic) -> bool {
        let Some(file) = found.primary.as_ref().map(|label| label.at.file) else {
            return false;
        };
        let declares = |load: &Load<'_>| load.secrets.contains(found.subject.as_str());
        let loads_only = |load: &Load<'_>| !declares(load) && load.files.contains(&file);
        self.0.get(own).is_some_and(declares) && self.0.iter().any(loads_only)
    }
}

impl<'a> Load<'a> {
    fn of(host: &'a Host) -> Self {
        let users = host.users.iter().flat_map(|user| &user.declared_at);
        let groups = host.groups.iter().flat_map(|group| &group.declared_at);
        let secrets = host.secrets.iter().flat_map(|secret| &secret.declared_at);
        let readers = host.readers.iter().filter_map(|reader| reader.at.as_ref());
        let places = users.chain(groups).chain(secrets).chain(readers);
        Self {
            files: places.map(|place| place.file).collect(),
            secrets: host
                .secrets
                .iter()
                .map(|secret| secret.option.as_str())
                .collect(),
        }
    }
}
