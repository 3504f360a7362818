//! `rekey-storage-shared-by-hosts`: several hosts keep their rekeyed secrets in one folder.

use std::collections::BTreeMap;

use inventory::{Host, Rekey};

use crate::phrases::list;
use crate::{Check, Diagnostic, Fixable, Group, Lint, ProjectContext, Severity};

pub(crate) static LINT: Lint = Lint {
    name: "rekey-storage-shared-by-hosts",
    group: Group::Rekey,
    severity: Severity::Error,
    fixable: Fixable::No,
    since: "0.1.0",
    summary: "several hosts keep their rekeyed secrets in one folder",
    page: include_str!("page.md"),
    check: Check::Project(check),
};

fn check(cx: &ProjectContext<'_>, out: &mut Vec<Diagnostic>) {
    let mut folders: BTreeMap<&str, Vec<(&Host, &Rekey)>> = BTreeMap::new();
    for host in &cx.inventory.hosts {
        let Some(rekey) = &host.settings.rekey else {
            continue;
        };
        let is_local = rekey
            .storage_mode
            .known()
            .is_some_and(|mode| mode.as_deref() == Some("local"));
        if let Some(Some(folder)) = rekey
            .local_storage
            .known()
            .filter(|_| is_local && !rekey.rekeyed.is_empty())
        {
            folders
                .entry(&folder.display)
                .or_default()
                .push((host, rekey));
        }
    }
    for (folder, hosts) in folders.iter().filter(|(_, hosts)| hosts.len() > 1) {
        out.push(diagnostic(folder, hosts));
    }
}

fn diagnostic(folder: &str, hosts: &[(&Host, &Rekey)]) -> Diagnostic {
    let names = list(hosts.iter().map(|(host, _)| host.name.as_str()));
    let message = format!("{names} keep their rekeyed secrets in one folder: {folder}");
    let mut found = Diagnostic::new(&LINT, "age.rekey.localStorageDir", message);
    for (host, rekey) in hosts {
        let text = format!("for {}", host.name);
        found = match found.primary {
            None => found.primary(rekey.local_storage.at, "the same for several hosts"),
            Some(ref first) if Some(first.at) == rekey.local_storage.at => found,
            Some(_) => found.secondary(rekey.local_storage.at, text),
        };
        found.hosts.insert(host.attribute.clone());
    }
    found
        .note("rekeying a host removes the files that are not its own: what the other hosts need is gone, and their build fails")
        .help(
            "give each host its own",
            "age.rekey.localStorageDir = ./. + \"/secrets/rekeyed/${config.networking.hostName}\";",
        )
}
