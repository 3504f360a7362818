//! The user and the groups of a process.

use crate::host_view::HostView;
use inventory::access::Groups;
use inventory::model::{Fact, Principal, Unknown, User};
use inventory::service_users::is_service_user;
use nix_syntax::source::Span;

/// Who a process runs as.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    /// The user.
    pub(crate) user: Fact<Principal>,
    /// The groups.
    pub(crate) groups: Groups,
    /// `DynamicUser=true`: a user that does not exist when secrets are installed.
    pub(crate) dynamic: bool,
}

impl Process {
    /// root.
    pub(crate) fn root() -> Self {
        Self {
            user: Fact::default_value(Principal::root()),
            groups: Groups::only(vec!["root".to_owned()]),
            dynamic: false,
        }
    }

    /// Somebody.
    pub(crate) fn unknown(reason: &str, at: Option<Span>) -> Self {
        Self::because(because(reason, at))
    }

    /// Somebody, with the reason.
    pub(crate) fn because(why: Unknown) -> Self {
        Self {
            user: Fact::unknown(why.clone()),
            groups: Groups::unknown(why),
            dynamic: false,
        }
    }
}

impl HostView<'_> {
    /// A process of a user of that name, or number.
    pub(crate) fn process_of(&self, name: &str) -> Process {
        let principal = self.principal(name);
        let groups = match &principal.name {
            Some(name) => self.groups_of(name),
            None => Groups::unknown(because("the user has no name here", None)),
        };
        Process {
            user: Fact::default_value(principal),
            groups,
            dynamic: false,
        }
    }

    /// A user by name or number; the name that belongs to a number where a user has it.
    pub(crate) fn principal(&self, name: &str) -> Principal {
        let Ok(number) = name.parse::<u32>() else {
            let uid = User::named(self.users, name).and_then(|user| *user.uid.known()?);
            return Principal {
                // Another name of root.
                id: uid.and_then(|uid| u32::try_from(uid).ok()),
                ..Principal::named(name)
            };
        };
        let has = |user: &&User| user.uid.known() == Some(&Some(i64::from(number)));
        match self.users.iter().find(has) {
            Some(user) => Principal {
                name: Some(user.name.clone()),
                id: Some(number),
            },
            None => Principal::numbered(number),
        }
    }

    /// The user of that name, if the project declares it.
    pub(crate) fn declared(&self, name: &str) -> Option<&User> {
        let user = User::named(self.users, name)?;
        (!user.declared_at.is_empty()).then_some(user)
    }

    /// The groups of a user, the primary one first.
    pub(crate) fn groups_of(&self, name: &str) -> Groups {
        if name == "root" {
            return Groups::only(vec!["root".to_owned()]);
        }
        let Some(known) = User::named(self.users, name) else {
            let reason = format!("user `{name}` is not declared in this project");
            return Groups::unknown(because(&reason, None));
        };
        let mut groups = Groups::only(Vec::new());
        for (fact, names) in [
            (
                known.group.value.as_ref().err(),
                known
                    .group
                    .known()
                    .cloned()
                    .flatten()
                    .into_iter()
                    .collect::<Vec<_>>(),
            ),
            (
                known.groups.value.as_ref().err(),
                known.groups.known().cloned().unwrap_or_default(),
            ),
        ] {
            groups.names.extend(names);
            groups.more = groups.more.or_else(|| fact.cloned());
        }
        if self.is_darwin() && groups.more.is_none() {
            let reason = format!("macOS may have `{name}` in more groups");
            groups.more = Some(because(&reason, None));
        }
        // The project may only add to a user that a module of nixpkgs declares, with a group of its own.
        let is_normal = known.is_normal_user.known() == Some(&true);
        let has_no_primary = known.group.known().is_none_or(Option::is_none);
        if groups.more.is_none() && !is_normal && (is_service_user(name) || has_no_primary) {
            let reason = format!("a module of nixpkgs may give `{name}` more groups");
            groups.more = Some(because(&reason, None));
        }
        groups
    }

    /// A process of whoever logs in: the one normal user, if there is only one.
    pub(crate) fn every_login(&self) -> Process {
        match self.only_login() {
            Some(user) => self.process_of(user),
            None => Process::unknown("every user that logs in", None),
        }
    }

    /// The only normal user, if there is exactly one.
    fn only_login(&self) -> Option<&str> {
        let mut users = self
            .users
            .iter()
            .filter(|user| user.is_normal_user.known() != Some(&false));
        let only = users
            .next()
            .filter(|user| user.is_normal_user.known() == Some(&true))?;
        users.next().is_none().then_some(only.name.as_str())
    }
}

/// Why something is not known, in a few words.
pub(crate) fn because(reason: &str, at: Option<Span>) -> Unknown {
    Unknown {
        reason: reason.into(),
        at,
    }
}
