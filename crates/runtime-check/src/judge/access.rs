//! Who may do what, as the kernel decides it: owner, else ACL entries, else group, else others.

use std::path::Path;

use super::{JudgeContext, shown};
use crate::accounts::Account;
use crate::facts::{Facts, Kind, octal};
use crate::observe::acl::{Acl, READ, Tag};
use crate::observe::file::{Found, Observation, Opened};
use crate::observe::survey::Survey;
use crate::observe::walk::{Reason, Step, Stop};

/// What a file's group really may do: the ACL's entry where there is one.
pub(crate) fn group_permissions(facts: &Facts, acl: Option<&Acl>) -> u16 {
    let bits = u16::try_from((facts.mode >> 3) & 7).unwrap_or(0);
    acl.and_then(Acl::owning_group).unwrap_or(bits)
}

/// The permissions with the group's real ones in place of an ACL's mask.
pub(crate) fn effective_mode(facts: &Facts, acl: Option<&Acl>) -> u32 {
    (facts.mode & !0o070) | (u32::from(group_permissions(facts, acl)) << 3)
}

/// The others that may do any of `permissions`: a phrase for each, root and `trusted` left out.
pub(crate) fn others(
    context: &mut JudgeContext<'_>,
    facts: &Facts,
    acl: Option<&Acl>,
    permissions: u16,
    trusted: &[u32],
) -> Vec<String> {
    let mut others = Vec::new();
    if facts.mode & u32::from(permissions) != 0 {
        others.push("everybody".to_owned());
        return others;
    }
    if group_permissions(facts, acl) & permissions != 0 {
        others.extend(group_with_members(context, facts.gid, trusted));
    }
    for (tag, granted) in acl.into_iter().flat_map(Acl::named) {
        if granted & permissions == 0 {
            continue;
        }
        match tag {
            Tag::User(uid) if uid != 0 && !trusted.contains(&uid) => {
                others.push(format!("{} (by an ACL)", context.accounts.user_label(uid)));
            }
            Tag::Group(gid) => {
                let phrase = group_with_members(context, gid, trusted);
                others.extend(phrase.map(|phrase| format!("{phrase} (by an ACL)")));
            }
            _ => {}
        }
    }
    others
}

/// A group and its members that are not trusted: `group users (bob, carol)`; `None` if there are none.
pub(crate) fn group_with_members(
    context: &mut JudgeContext<'_>,
    gid: u32,
    trusted: &[u32],
) -> Option<String> {
    const SHOWN: usize = 4;
    let mut members = context.accounts.members(gid);
    members.retain(|name| {
        context
            .accounts
            .user(name)
            .is_some_and(|user| !trusted.contains(&user.uid))
    });
    if members.is_empty() {
        return None;
    }
    let label = context.accounts.group_label(gid);
    let more = members.len().saturating_sub(SHOWN);
    members.truncate(SHOWN);
    let mut list = members.join(", ");
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    Some(format!("group {label} ({list})"))
}

/// Some of many, for a sentence: `a and b`, `a and b and c and d and 1996 more`.
pub(crate) fn few(mut phrases: Vec<String>) -> String {
    const SHOWN: usize = 4;
    let more = phrases.len().saturating_sub(SHOWN);
    phrases.truncate(SHOWN);
    if more > 0 {
        phrases.push(format!("{more} more"));
    }
    phrases.join(" and ")
}

/// `alice:users 0400`, with `+` where there is an ACL.
pub(crate) fn summary(context: &mut JudgeContext<'_>, facts: &Facts, acl: Option<&Acl>) -> String {
    let owner = context.accounts.user_label(facts.uid);
    let group = context.accounts.group_label(facts.gid);
    let plus = if acl.is_some() { "+" } else { "" };
    format!("{owner}:{group} {}{plus}", octal(facts.mode))
}

/// Why a user did not get at a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    /// The component that keeps the user out.
    pub(crate) at: std::path::PathBuf,
    /// For a sentence that begins with the user or the file.
    pub(crate) reason: String,
    /// What kind.
    pub(crate) kind: DenialKind,
}

/// The kinds that have different remedies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DenialKind {
    /// Nothing is there.
    Missing,
    /// A directory keeps the user out.
    Directory,
    /// The file belongs to others.
    NotTheirs,
    /// The user owns it, but its mode lets the owner not read.
    OwnMode,
    /// It cannot be read by anybody: a pipe, a loop.
    Broken,
    /// Whether it can be read is not known: an error that is no refusal.
    Unknown,
    /// The permissions let the user in, something else does not.
    OtherLayer,
}

/// Explains what `user` met; nothing if the file opened.
pub(crate) fn denial(
    context: &mut JudgeContext<'_>,
    user: &Account,
    observation: &Observation,
    survey: &Survey,
) -> Option<Denial> {
    match &observation.end {
        Err(stop) => Some(stopped(context, user, stop, survey)),
        Ok(found) => match &found.opened {
            Opened::Yes => foreign_link(context, user, observation, survey),
            Opened::Denied => Some(refused(context, user, found)),
            Opened::NotTried => Some(Denial {
                at: found.real.0.clone(),
                reason: format!("it is {}", found.facts.kind.phrase()),
                kind: DenialKind::Broken,
            }),
            Opened::Changed => Some(Denial {
                at: found.real.0.clone(),
                reason: "it changed while it was looked at".to_owned(),
                kind: DenialKind::Unknown,
            }),
            Opened::Failed(error) => Some(Denial {
                at: found.real.0.clone(),
                reason: format!("opening it fails with {error}"),
                kind: DenialKind::Unknown,
            }),
        },
    }
}

fn stopped(context: &mut JudgeContext<'_>, user: &Account, stop: &Stop, survey: &Survey) -> Denial {
    let at = stop.at.0.clone();
    let (reason, kind) = match &stop.reason {
        Reason::Missing => (
            format!("{} does not exist", shown(&at)),
            DenialKind::Missing,
        ),
        Reason::Denied => {
            let directory = survey
                .chains
                .iter()
                .flat_map(|chain| &chain.steps)
                .find(|step| step.path == stop.at && step.facts.kind == Kind::Directory);
            let facts = directory
                .map(|step| format!(" ({})", summary(context, &step.facts, step.acl.as_ref())))
                .unwrap_or_default();
            let reason = format!("{} may not enter {}{facts}", user.name, shown(&at));
            (reason, DenialKind::Directory)
        }
        Reason::NotADirectory => (
            format!("{} is not a directory", shown(&at)),
            DenialKind::Broken,
        ),
        Reason::TooManyLinks => (
            format!("{} is in a loop of links", shown(&at)),
            DenialKind::Broken,
        ),
        Reason::Impossible(error) => (
            format!("{} fails with {error}", shown(&at)),
            DenialKind::Broken,
        ),
        Reason::Failed(error) => (
            format!("{} fails with {error}", shown(&at)),
            DenialKind::Unknown,
        ),
        Reason::NoAnswer => (
            format!("the file system of {} does not answer", shown(&at)),
            DenialKind::Unknown,
        ),
    };
    Denial { at, reason, kind }
}

fn refused(context: &mut JudgeContext<'_>, user: &Account, found: &Found) -> Denial {
    let facts = &found.facts;
    let mode = octal(facts.mode);
    let owner = context.accounts.user_label(facts.uid);
    let group = context.accounts.group_label(facts.gid);
    let (reason, kind) = if facts.uid == user.uid {
        if facts.mode & 0o400 == 0 {
            let reason = format!("it belongs to {owner}, but mode {mode} gives the owner nothing");
            (reason, DenialKind::OwnMode)
        } else {
            let reason = format!(
                "it belongs to {owner}, mode {mode}, and yet opening it is refused: a security module or mount option"
            );
            (reason, DenialKind::OtherLayer)
        }
    } else if user.groups.contains(&facts.gid) {
        if group_permissions(facts, found.acl.as_ref()) & READ == 0 {
            let reason =
                format!("it belongs to {owner}, and mode {mode} gives group {group} no access");
            (reason, DenialKind::NotTheirs)
        } else {
            let reason = format!(
                "group {group} may read it, and yet opening it is refused: the groups of this session are older"
            );
            (reason, DenialKind::OtherLayer)
        }
    } else if facts.mode & 0o004 != 0 && found.acl.is_none() {
        let reason = format!(
            "mode {mode} lets everybody in, and yet opening it is refused: a security module or mount option"
        );
        (reason, DenialKind::OtherLayer)
    } else {
        (
            format!("it belongs to {owner}:{group}, mode {mode}",),
            DenialKind::NotTheirs,
        )
    };
    Denial {
        at: found.real.0.clone(),
        reason,
        kind,
    }
}

/// A link in a sticky, world-writable directory that the kernel will not follow for this user
/// (`fs.protected_symlinks`): our own walk reads links instead of following them, so it gets by.
fn foreign_link(
    context: &mut JudgeContext<'_>,
    user: &Account,
    observation: &Observation,
    survey: &Survey,
) -> Option<Denial> {
    let mut links = links_with_directories(observation, survey).into_iter();
    let (link, directory) = links
        .find(|(link, directory)| is_foreign(link, directory) && link.facts.uid != user.uid)?;
    let owner = context.accounts.user_label(link.facts.uid);
    Some(Denial {
        at: link.path.0.clone(),
        reason: format!(
            "the link {} belongs to {owner} and is in {}, which is open to everybody: the kernel does not follow it",
            shown(&link.path.0),
            shown(&directory.path.0)
        ),
        kind: DenialKind::Directory,
    })
}

/// Whether the kernel treats a link as somebody else's trap.
pub(crate) fn is_foreign(link: &Step, directory: &Step) -> bool {
    directory.facts.mode & 0o1002 == 0o1002 && link.facts.uid != directory.facts.uid
}

/// Every link on the way with the directory that it is in.
pub(crate) fn links_with_directories<'s>(
    observation: &'s Observation,
    survey: &'s Survey,
) -> Vec<(&'s Step, &'s Step)> {
    let steps: Vec<&Step> = observation
        .directories
        .iter()
        .filter_map(|&index| survey.chains.get(index))
        .flat_map(|chain| &chain.steps)
        .collect();
    let directory_of = |path: &Path| {
        let parent = path.parent()?;
        let is_parent = |step: &&&Step| step.path.0 == parent && step.target.is_none();
        steps.iter().find(is_parent).copied()
    };
    let on_the_way = steps.iter().copied().filter(|step| step.target.is_some());
    on_the_way
        .chain(&observation.links)
        .filter_map(|link| Some((link, directory_of(&link.path.0)?)))
        .collect()
}
