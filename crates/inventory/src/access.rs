//! May a process read a secret's file? Decided as the kernel would.
//!
//! The class is exclusive: the owner is judged by the owner bits alone, a member of the group by
//! the group bits, everybody else by the last three. The managers keep their directories at 0751,
//! so for a secret of the system the file's mode is the only wall; a secret of a user lies in that
//! user's runtime directory, which is 0700.

use crate::model::{Fact, Principal, Readable, Scope, Secret, Unknown, Verdict};

const OWNER_READS: u32 = 0o400;
const GROUP_READS: u32 = 0o040;
const OTHERS_READ: u32 = 0o004;

/// The groups of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// Those that it certainly has, the primary one first.
    pub names: Vec<String>,
    /// Why it may have more; nothing if it has not.
    pub more: Option<Unknown>,
}

impl Groups {
    /// These and no others.
    pub const fn only(names: Vec<String>) -> Self {
        Self { names, more: None }
    }

    /// Of which nothing is known.
    pub const fn unknown(why: Unknown) -> Self {
        Self {
            names: Vec::new(),
            more: Some(why),
        }
    }

    /// As a fact: known where there are no more.
    pub fn fact(&self) -> Fact<Vec<String>> {
        match &self.more {
            None => Fact::default_value(self.names.clone()),
            Some(why) => Fact::unknown(why.clone()),
        }
    }
}

/// Whether a process of `user` with these groups (the primary one included) may read the file of
/// `secret`, and why, in words that follow the secret's name: `it belongs to root, mode 0400`.
#[must_use]
pub fn access(secret: &Secret, user: &Fact<Principal>, groups: &Fact<Vec<String>>) -> Verdict {
    let groups = match &groups.value {
        Ok(names) => Groups::only(names.clone()),
        Err(why) => Groups::unknown(why.clone()),
    };
    access_of_process(secret, user, &groups)
}

/// The same, where some of the groups may be known.
pub fn access_of_process(secret: &Secret, user: &Fact<Principal>, groups: &Groups) -> Verdict {
    let user = match &user.value {
        Ok(user) => user,
        Err(why) => {
            let reason = format!("who reads it is not known: {}", why.reason);
            return verdict(Readable::Unknown, &reason);
        }
    };
    if user.is_root() {
        return verdict(Readable::Yes, "root reads every file");
    }
    by_permissions(secret, user, groups)
}

/// The same for a process that has no capability, whose user may be root: the permissions count for it, too.
pub fn by_permissions(secret: &Secret, user: &Principal, groups: &Groups) -> Verdict {
    if let Scope::User(name) = &secret.scope
        && user.same(&Principal::named(name)) == Some(false)
    {
        let reason =
            format!("it lies in the runtime directory of {name}, which is closed to others");
        return verdict(Readable::No, &reason);
    }
    let Some(mode) = secret.effective_mode.known().copied() else {
        return verdict(Readable::Unknown, "its mode is not known");
    };
    let readable = match secret.effective_owner.known().map(|owner| owner.same(user)) {
        Some(Some(true)) => decide(mode & OWNER_READS != 0),
        Some(Some(false)) => by_group(secret, mode, groups),
        // The owner cannot be compared: certain only where every class agrees.
        Some(None) | None => agree(&[
            mode & OWNER_READS != 0,
            mode & GROUP_READS != 0,
            mode & OTHERS_READ != 0,
        ]),
    };
    verdict(readable, &belongs_to(secret, mode))
}

fn by_group(secret: &Secret, mode: u32, groups: &Groups) -> Readable {
    let (group_reads, others_read) = (mode & GROUP_READS != 0, mode & OTHERS_READ != 0);
    let group = secret
        .effective_group
        .known()
        .and_then(|group| group.name.as_deref());
    match group {
        Some(group) if groups.names.iter().any(|name| name == group) => decide(group_reads),
        Some(_) if groups.more.is_none() => decide(others_read),
        _ => agree(&[group_reads, others_read]),
    }
}

fn belongs_to(secret: &Secret, mode: u32) -> String {
    let owner = secret
        .effective_owner
        .known()
        .map_or_else(|| "?".to_owned(), ToString::to_string);
    let group = secret
        .effective_group
        .known()
        .map_or_else(|| "?".to_owned(), ToString::to_string);
    if mode & 0o070 == 0 {
        format!("it belongs to {owner}, mode {mode:04o}")
    } else {
        format!("it belongs to {owner}:{group}, mode {mode:04o}")
    }
}

fn decide(readable: bool) -> Readable {
    if readable {
        Readable::Yes
    } else {
        Readable::No
    }
}

fn agree(classes: &[bool]) -> Readable {
    match classes {
        [first, rest @ ..] if rest.iter().all(|class| class == first) => decide(*first),
        _ => Readable::Unknown,
    }
}

fn verdict(readable: Readable, reason: &str) -> Verdict {
    Verdict {
        readable,
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use nix_syntax::source::{FileId, Span};

    use super::*;
    use crate::model::{Certainty, Manager, SecretKind};

    static SOPS: Manager = Manager {
        name: "sops-nix",
        ..Manager::UNKNOWN
    };

    fn secret(owner: &str, group: &str, mode: u32) -> Secret {
        Secret {
            manager: &SOPS,
            kind: SecretKind::Secret,
            scope: Scope::System,
            attribute: "github_token".to_owned(),
            option: "sops.secrets.github_token".to_owned(),
            declared_at: vec![Span {
                file: FileId::in_project("a.nix"),
                start: 0,
                end: 1,
            }],
            certainty: Certainty::Certain,
            name: Fact::default_value("github_token".to_owned()),
            path: Fact::default_value("/run/secrets/github_token".to_owned()),
            path_is_shell_text: false,
            owner: Fact::default_value(Some(owner.to_owned())),
            uid: Fact::default_value(None),
            group: Fact::default_value(Some(group.to_owned())),
            gid: Fact::default_value(None),
            effective_owner: Fact::default_value(Principal::named(owner)),
            effective_group: Fact::default_value(Principal::named(group)),
            mode: Fact::default_value(format!("{mode:04o}")),
            effective_mode: Fact::default_value(mode),
            file: Fact::default_value(None),
            is_rekeyed: false,
            key: Fact::default_value(None),
            format: Fact::default_value(None),
            needed_for_users: Fact::default_value(false),
            symlink: Fact::default_value(true),
            restart_units: Fact::default_value(Vec::new()),
            unrendered: None,
            is_secret: Some(true),
            exposure: crate::model::Exposure::default(),
        }
    }

    fn alice(secret: &Secret, groups: &[&str]) -> Verdict {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        access(
            secret,
            &Fact::default_value(Principal::named("alice")),
            &Fact::default_value(groups),
        )
    }

    fn unknown<T>() -> Fact<T> {
        Fact::unknown(Unknown {
            reason: "input `site`".into(),
            at: None,
        })
    }

    #[test]
    fn the_owner_is_judged_by_the_owner_bits_alone() {
        assert_eq!(
            alice(&secret("alice", "users", 0o400), &["users"]).readable,
            Readable::Yes
        );
        assert_eq!(
            alice(&secret("alice", "users", 0o044), &["users"]).readable,
            Readable::No
        );
    }

    #[test]
    fn a_member_of_the_group_is_judged_by_the_group_bits_alone() {
        assert_eq!(
            alice(&secret("root", "wheel", 0o440), &["users", "wheel"]).readable,
            Readable::Yes
        );
        assert_eq!(
            alice(&secret("root", "wheel", 0o404), &["users", "wheel"]).readable,
            Readable::No
        );
        assert_eq!(
            alice(&secret("root", "wheel", 0o440), &["users"]).readable,
            Readable::No
        );
        assert_eq!(
            alice(&secret("root", "wheel", 0o444), &["users"]).readable,
            Readable::Yes
        );
    }

    #[test]
    fn one_group_of_several_may_be_enough() {
        let user = Fact::default_value(Principal::named("grafana"));
        let groups = Groups {
            names: vec!["keys".to_owned()],
            more: Some(Unknown {
                reason: "nixpkgs".into(),
                at: None,
            }),
        };
        let readable = |group: &str, mode| {
            access_of_process(&secret("root", group, mode), &user, &groups).readable
        };
        assert_eq!(readable("keys", 0o440), Readable::Yes);
        assert_eq!(readable("wheel", 0o440), Readable::Unknown);
        assert_eq!(readable("wheel", 0o400), Readable::No);
    }

    #[test]
    fn root_reads_everything() {
        let verdict = access(
            &secret("alice", "users", 0),
            &Fact::default_value(Principal::root()),
            &unknown(),
        );
        assert_eq!(verdict.readable, Readable::Yes);
    }

    #[test]
    fn what_is_unknown_decides_nothing() {
        let root_owned = secret("root", "root", 0o400);
        assert_eq!(
            access(&root_owned, &unknown(), &unknown()).readable,
            Readable::Unknown
        );
        let user = Fact::default_value(Principal::named("alice"));
        assert_eq!(
            access(&secret("root", "wheel", 0o440), &user, &unknown()).readable,
            Readable::Unknown
        );
        assert_eq!(
            access(&root_owned, &user, &unknown()).readable,
            Readable::No
        );
        let of_somebody = Secret {
            effective_owner: unknown(),
            ..root_owned
        };
        assert_eq!(alice(&of_somebody, &["users"]).readable, Readable::Unknown);
        let of_nobody = Secret {
            effective_mode: Fact::default_value(0),
            ..of_somebody
        };
        assert_eq!(alice(&of_nobody, &["users"]).readable, Readable::No);
    }

    #[test]
    fn a_number_is_not_compared_with_a_name() {
        let numbered = Secret {
            effective_owner: Fact::default_value(Principal::numbered(1000)),
            ..secret("bob", "users", 0o400)
        };
        assert_eq!(alice(&numbered, &["users"]).readable, Readable::Unknown);
    }

    #[test]
    fn a_secret_of_a_user_is_closed_to_other_users() {
        let of_bob = Secret {
            scope: Scope::User("bob".to_owned()),
            ..secret("bob", "users", 0o444)
        };
        let verdict = alice(&of_bob, &["users"]);
        assert_eq!(verdict.readable, Readable::No);
        assert_eq!(
            verdict.reason,
            "it lies in the runtime directory of bob, which is closed to others"
        );
    }

    #[test]
    fn the_reason_names_the_group_only_where_it_has_rights() {
        assert_eq!(
            alice(&secret("root", "root", 0o400), &[]).reason,
            "it belongs to root, mode 0400"
        );
        assert_eq!(
            alice(&secret("root", "wheel", 0o440), &[]).reason,
            "it belongs to root:wheel, mode 0440"
        );
    }
}
