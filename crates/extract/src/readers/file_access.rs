//! Who opens which file, and whether that process may.

use std::borrow::Cow;

use nix_syntax::source::Span;

use crate::host_view::secret_paths::{home_directory, home_of};
use crate::host_view::{HostView, Process};
use crate::readers::excuse::Excuse;
use crate::readers::path_uses::PathUse;
use inventory::access::{Groups, access_of_process};
use inventory::model::{
    ContentUse, Fact, Group, Moment, Need, Principal, Readable, Reader, ReaderOrigin, Secret,
    Unknown, User, Verdict, Via,
};

/// Only a link was made.
const LINKED: &str = "the command links to it: whoever opens the link reads it";

/// A file that a process opens, before it is known which secret is there.
#[derive(Debug, Clone)]
pub(crate) struct FileAccess {
    pub(crate) path: Fact<String>,
    pub(crate) process: Process,
    pub(crate) via: Via,
    pub(crate) content: ContentUse,
    pub(crate) moment: Moment,
    pub(crate) at: Option<Span>,
    pub(crate) certain: bool,
    /// Whether it makes the file.
    pub(crate) makes: bool,
    /// Why it is no fault if the process cannot; `None` if it is one.
    pub(crate) may_fail: Option<Excuse>,
    /// How it is known who opens it.
    pub(crate) from: ReaderOrigin,
}

impl FileAccess {
    /// The access to what a value uses.
    pub(crate) fn of(path_use: &PathUse, process: &Process, via: Via, moment: Moment) -> Self {
        let process = if path_use.is_linked {
            Process::unknown(LINKED, None)
        } else if path_use.is_mounted {
            Process::unknown("the user inside the container", None)
        } else if path_use.by_another() {
            Process::unknown("another user is named in the command", None)
        } else {
            process.clone()
        };
        Self {
            path: Fact::default_value(path_use.path.clone()),
            process,
            via,
            content: if path_use.is_included() {
                ContentUse::Included
            } else {
                ContentUse::Value
            },
            moment,
            at: path_use.at,
            certain: path_use.certain,
            makes: path_use.is_made,
            may_fail: match path_use {
                _ if path_use.is_guarded => Some(Excuse::LooksFirst),
                _ if path_use.is_in_directory => Some(Excuse::InDirectory),
                _ if path_use.is_of_naming_file => Some(Excuse::NamedInFile),
                _ => None,
            },
            from: ReaderOrigin::Mechanism,
        }
    }

    /// The reader: with the secret at the path, and the verdict.
    pub(crate) fn reader(self, view: &HostView<'_>) -> Reader {
        let Process {
            user,
            groups,
            dynamic,
        } = self.process;
        let name = user.known().and_then(|user| user.name.clone());
        let path = self.path.known();
        let secret = path.and_then(|path| view.secret_at(path, name.as_deref()));
        let mut needs = None;
        let verdict = match secret.and_then(|index| view.secrets.get(index)) {
            Some(secret) => {
                let named = with_names(view, secret);
                let verdict = if_declared_whole(secret, access_of_process(&named, &user, &groups));
                let path = path.map_or("", String::as_str);
                let verdict = through_directories(view, verdict, path, user.known());
                let excuse = self.may_fail.filter(|_| verdict.readable == Readable::No);
                let verdict = excuse.map_or(verdict, |excuse| Verdict {
                    readable: Readable::Unknown,
                    reason: excuse.reason().to_owned(),
                });
                needs = missing(secret, &user, &groups, &verdict);
                verdict
            }
            None => Verdict {
                readable: Readable::Unknown,
                reason: "no declared secret lands there".to_owned(),
            },
        };
        Reader {
            secret,
            path: self.path,
            user,
            groups: groups.fact(),
            dynamic_user: dynamic,
            via: self.via,
            content: self.content,
            moment: self.moment,
            at: self.at,
            verdict,
            // Nor does a script mind that there is no such secret.
            certain: self.certain
                && (secret.is_some() || self.may_fail != Some(Excuse::LooksFirst)),
            from: self.from,
            needs,
            makes: self.makes,
            may_be_another: self.may_fail.is_some(),
            container: None,
        }
    }
}

/// What would decide a verdict, if it is not decided.
fn missing(
    secret: &Secret,
    user: &Fact<Principal>,
    groups: &Groups,
    verdict: &Verdict,
) -> Option<Need> {
    if verdict.readable != Readable::Unknown {
        return None;
    }
    let facts = [
        user.value.as_ref().err(),
        secret.effective_mode.value.as_ref().err(),
        secret.effective_owner.value.as_ref().err(),
        secret.effective_group.value.as_ref().err(),
        groups.more.as_ref(),
    ];
    let why = facts.into_iter().flatten().next().cloned();
    // All that is left is where the file is.
    let why = why.unwrap_or_else(|| Unknown::because(verdict.reason.as_str()));
    Some(match why.reason.input() {
        Some(name) => Need::Input {
            name: name.to_owned(),
            at: why.at,
        },
        None => Need::Value(why),
    })
}

/// A secret whose owner and group have the names that their numbers belong to.
fn with_names<'a>(view: &HostView<'_>, secret: &'a Secret) -> Cow<'a, Secret> {
    let is_named = |principal: &Fact<Principal>| {
        let principal = principal.known();
        principal.is_none_or(|principal| principal.name.is_some())
    };
    if is_named(&secret.effective_owner) && is_named(&secret.effective_group) {
        return Cow::Borrowed(secret);
    }
    let mut secret = secret.clone();
    if let Ok(owner) = &mut secret.effective_owner.value
        && owner.name.is_none()
    {
        let has = |user: &&User| user.uid.known() == Some(&owner.id.map(i64::from));
        owner.name = view.users.iter().find(has).map(|user| user.name.clone());
    }
    if let Ok(group) = &mut secret.effective_group.value
        && group.name.is_none()
    {
        let has = |known: &&Group| known.gid.known() == Some(&group.id.map(i64::from));
        group.name = view.groups.iter().find(has).map(|known| known.name.clone());
    }
    Cow::Owned(secret)
}

/// The verdict where directories on the way may be closed: the managers' own are open to all (0751),
/// the home of another user is not by default.
fn through_directories(
    view: &HostView<'_>,
    verdict: Verdict,
    path: &str,
    user: Option<&Principal>,
) -> Verdict {
    let is_root = user.is_some_and(Principal::is_root);
    let is_below = |home: &str| {
        let rest = path.strip_prefix(home);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let mut homes = view.users.iter().filter_map(home_directory);
    if verdict.readable != Readable::Yes || is_root || !homes.any(is_below) {
        return verdict;
    }
    let is_closed = |home: &User| {
        let is_another = user.and_then(|user| user.same(&Principal::named(&home.name)));
        home_of(view.users, &home.name).is_some_and(is_below) && is_another == Some(false)
    };
    match view.users.iter().find(|home| is_closed(home)) {
        Some(home) => Verdict {
            readable: Readable::Unknown,
            reason: format!(
                "it lies below the home directory of {}, whose mode is not known",
                home.name
            ),
        },
        None => verdict,
    }
}

/// The verdict on a secret that is declared here. One without a file, which no option gives it here,
/// is declared in a module that is not here as well, and that may give it an owner.
fn if_declared_whole(secret: &Secret, verdict: Verdict) -> Verdict {
    let has_no_file = secret.file.value.is_err() && !secret.file.is_defined();
    if has_no_file && !secret.owner.is_defined() && verdict.readable == Readable::No {
        return Verdict {
            readable: Readable::Unknown,
            reason: "its file, and perhaps its owner, is given in a module that is not here"
                .to_owned(),
        };
    }
    verdict
}
