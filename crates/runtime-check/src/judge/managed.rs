//! A manager's own directories: the link, the mount point, the generations, the keys beside them.

use std::path::Path;

use super::access::{others, summary};
use super::{Details, JudgeContext, shown};
use inventory::Capability;

use crate::checks::Check;
use crate::expect::Place;
use crate::facts::{Kind, octal};
use crate::finding::Severity;
use crate::observe::acl::{READ, WRITE};
use crate::observe::file::Found;
use crate::observe::list::Listing;
use crate::observe::survey::Survey;
use crate::observe::walk::Step;

/// A directory with a number for a name.
fn is_generation(name: &Path) -> bool {
    name.to_str()
        .is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()))
}

/// Judges the link and the directories that it leads to. `owner` is root, or the user for
/// Home Manager's.
pub(crate) fn judge(
    context: &mut JudgeContext<'_>,
    place: &Place,
    link: &Listing,
    survey: &Survey,
    owner: u32,
) {
    let Some(chain) = survey.chains.get(link.chain) else {
        return;
    };
    let name = place.link.file_name();
    let is_link = |step: &&Step| step.target.is_some() && step.path.0.file_name() == name;
    let Some(step) = chain.steps.iter().rev().find(is_link) else {
        if let Some(directory) = chain.directory() {
            let message = format!(
                "{} is a directory, not a link to a generation",
                shown(&place.link)
            );
            let details = Details {
                help: Some(directory_instead(place)),
                ..Details::default()
            };
            context.add(
                Check::LinkLeavesManager,
                &directory.path.0,
                message,
                details,
            );
        }
        return;
    };
    let target = step
        .target
        .as_ref()
        .map(|target| target.0.as_path())
        .unwrap_or(Path::new(""));
    let leads_there = target.parent().and_then(Path::file_name) == place.generations.file_name()
        && target
            .file_name()
            .is_some_and(|name| is_generation(Path::new(name)));
    if !leads_there {
        let message = format!(
            "{} leads to {}, not to a numbered generation in {}",
            shown(&place.link),
            shown(target),
            shown(&place.generations)
        );
        context.add(
            Check::LinkLeavesManager,
            &place.link,
            message,
            Details::default(),
        );
        return;
    }
    // The generation and the mount point are the last two directories of the way.
    let directories = chain
        .steps
        .iter()
        .filter(|step| step.facts.kind == Kind::Directory);
    for directory in directories.rev().take(2) {
        one_directory(context, place, directory, owner);
    }
}

fn directory_instead(place: &Place) -> String {
    if place.manager.has(Capability::LinksToDirectory) {
        "remove it and activate again".to_owned()
    } else {
        "a secret with `symlink = false` and the default path does that: remove it".to_owned()
    }
}

fn one_directory(context: &mut JudgeContext<'_>, place: &Place, step: &Step, owner: u32) {
    let path = step.path.0.as_path();
    let facts = &step.facts;
    if facts.uid != owner {
        let actual = context.accounts.user_label(facts.uid);
        let wanted = context.accounts.user_label(owner);
        let message = format!("{} belongs to {actual}, not to {wanted}", shown(path));
        context.add(Check::DirectoryOwner, path, message, Details::default());
    }
    // Below a user's runtime directory (0700) the bits for others mean nothing.
    if place.scope.user().is_some() {
        return;
    }
    let help = Some("activate again with a umask of 022".to_owned());
    if facts.mode & 0o001 == 0 {
        let message = format!(
            "{} has mode {}: only root and its group get in, expected is 0751",
            shown(path),
            octal(facts.mode)
        );
        context.add(
            Check::DirectoryMode,
            path,
            message,
            Details {
                help,
                ..Details::default()
            },
        );
    } else if facts.mode & 0o004 != 0 {
        let message = format!(
            "{} has mode {}: everybody can list the names, expected is 0751",
            shown(path),
            octal(facts.mode)
        );
        let severity = Some(Severity::Info);
        context.add(
            Check::DirectoryMode,
            path,
            message,
            Details {
                severity,
                help,
                ..Details::default()
            },
        );
    }
}

/// Judges how many generations are kept.
pub(crate) fn generations(context: &mut JudgeContext<'_>, place: &Place, listing: &Listing) {
    let numbers = listing
        .directories
        .iter()
        .filter(|name| is_generation(&name.0))
        .count();
    if numbers > 1 {
        let message = format!("{} holds {numbers} generations", shown(&place.generations));
        let keep_one = place.manager.deployment.keep_one;
        let help = keep_one.map(|definition| format!("{definition} keeps only the current one"));
        context.add(
            Check::OldGenerations,
            &place.generations,
            message,
            Details {
                help,
                ..Details::default()
            },
        );
    }
}

/// Judges the file with the private keys that a manager leaves beside the generations.
pub(crate) fn age_keys(context: &mut JudgeContext<'_>, path: &Path, found: &Found, owner: u32) {
    let facts = &found.facts;
    let readers = others(context, facts, found.acl.as_ref(), READ | WRITE, &[owner]);
    let exposed = facts.uid != owner || facts.mode & 0o077 != 0 || !readers.is_empty();
    if exposed {
        let actual = summary(context, facts, found.acl.as_ref());
        let owner = context.accounts.user_label(owner);
        let message = format!(
            "{} holds private keys and is {actual}, expected is {owner} 0600",
            shown(path)
        );
        let help = Some(format!(
            "chown {owner} and chmod 0600 it, then change every secret that it decrypts"
        ));
        context.add(
            Check::AgeKeysExposed,
            path,
            message,
            Details {
                help,
                ..Details::default()
            },
        );
    }
}

/// Judges the user's runtime directory, which is on the way to Home Manager's secrets.
pub(crate) fn runtime_directory(
    context: &mut JudgeContext<'_>,
    directory: &Path,
    generations: &Listing,
    survey: &Survey,
    user: u32,
) {
    let Some(chain) = survey.chains.get(generations.chain) else {
        return;
    };
    let Some(step) = chain
        .steps
        .iter()
        .find(|step| step.path.0 == directory && step.target.is_none())
    else {
        return;
    };
    let facts = &step.facts;
    let mount = context
        .mounts
        .find(facts.mount, facts.device)
        .map(|mount| mount.kind.clone());
    let on_disk = mount.filter(|kind| context.is_live && kind != "tmpfs" && kind != "ramfs");
    if facts.uid != user || facts.mode & 0o077 != 0 {
        let actual = summary(context, facts, step.acl.as_ref());
        let user = context.accounts.user_label(user);
        let message = format!("{} is {actual}, expected is {user} 0700", shown(directory));
        context.add(
            Check::RuntimeDirectory,
            directory,
            message,
            Details::default(),
        );
    } else if let Some(kind) = on_disk {
        let message = format!("{} is on {kind}, not in memory", shown(directory));
        context.add(
            Check::RuntimeDirectory,
            directory,
            message,
            Details::default(),
        );
    }
}
