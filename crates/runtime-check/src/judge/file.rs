//! The file itself: kind, names, owner, group, mode, ACL.

use inventory::Manager;

use super::access::{effective_mode, few, group_permissions, group_with_members};
use super::{Details, JudgeContext, fix, shown};
use crate::checks::Check;
use crate::expect::{Principal, Secret};
use crate::facts::{Kind, octal};
use crate::finding::Severity;
use crate::observe::acl::{Acl, READ, WRITE};
use crate::observe::file::Found;

/// Groups that most users of a machine are in.
const BROAD_GROUPS: [&str; 7] = [
    "users", "staff", "wheel", "admin", "nogroup", "everyone", "keys",
];

/// What is expected of the file, with names resolved.
#[derive(Debug, Clone, Default)]
pub(crate) struct Owners {
    /// The declared owner's number, or why there is none.
    pub(crate) uid: Option<Result<u32, String>>,
    /// Likewise for the group.
    pub(crate) gid: Option<Result<u32, String>>,
    /// The numbers of the users who read it, root left out.
    pub(crate) readers: Vec<u32>,
}

/// Looks up whom a declaration means.
pub(crate) fn owners(context: &mut JudgeContext<'_>, secret: &Secret, readers: Vec<u32>) -> Owners {
    let uid = secret.owner.as_ref().map(|owner| match owner {
        Principal::Id(uid) => Ok(*uid),
        Principal::Name(name) => context
            .accounts
            .user(name)
            .map(|user| user.uid)
            .ok_or_else(|| name.clone()),
    });
    let gid = secret.group.as_ref().map(|group| match group {
        Principal::Id(gid) => Ok(*gid),
        Principal::Name(name) => context.accounts.group_id(name).ok_or_else(|| name.clone()),
    });
    Owners { uid, gid, readers }
}

/// Judges a file that was reached.
pub(crate) fn judge(
    context: &mut JudgeContext<'_>,
    secret: &Secret,
    found: &Found,
    owners: &Owners,
) {
    let path = &secret.path;
    let details = || Details {
        secret: Some(&secret.name),
        ..Details::default()
    };
    if found.facts.kind != Kind::Regular {
        let message = format!("{} is {}", shown(path), found.facts.kind.phrase());
        context.add(Check::NotARegularFile, path, message, details());
        return;
    }
    if found.facts.links > 1 {
        let message = format!("{} has {} names", shown(path), found.facts.links);
        let help = Some(format!(
            "find its other names with: find / -xdev -inum {}",
            found.facts.inode
        ));
        context.add(
            Check::HardLinked,
            path,
            message,
            Details { help, ..details() },
        );
    }
    owner(context, secret, found, owners);
    mode(context, secret, found);
    access_for_others(context, secret, found, owners);
}

fn owner(context: &mut JudgeContext<'_>, secret: &Secret, found: &Found, owners: &Owners) {
    let path = &secret.path;
    let details = |help| Details {
        secret: Some(&secret.name),
        help,
        ..Details::default()
    };
    let actual = context.accounts.user_label(found.facts.uid);
    match &owners.uid {
        Some(Ok(uid)) if *uid != found.facts.uid => {
            let declared = context.accounts.user_label(*uid);
            let message = format!(
                "{} belongs to {actual}, declared is {declared}",
                shown(path)
            );
            let help = fix::option(secret).map(|_| "activate the configuration again".to_owned());
            let help =
                help.or_else(|| Some(format!("chown {declared} {}", fix::shell_word(path)?)));
            context.add(Check::OwnerDiffers, path, message, details(help));
        }
        Some(Err(name)) => {
            let name = crate::escape::Escaped::text(name);
            let message = format!(
                "{} is declared for {name}, but this machine has no such user",
                shown(path)
            );
            context.add(Check::OwnerDiffers, path, message, details(None));
        }
        None if secret.manager.is_none()
            && found.facts.uid != 0
            && !owners.readers.is_empty()
            && !owners.readers.contains(&found.facts.uid) =>
        {
            let message = format!("{} belongs to {actual}, who is not its reader", shown(path));
            let help = fix::shell_word(path).map(|word| format!("chown root {word}"));
            let severity = Some(Severity::Warning);
            context.add(
                Check::OwnerDiffers,
                path,
                message,
                Details {
                    severity,
                    ..details(help)
                },
            );
        }
        _ => {}
    }
    match &owners.gid {
        Some(Ok(gid)) if *gid != found.facts.gid => {
            let actual = context.accounts.group_label(found.facts.gid);
            let declared = context.accounts.group_label(*gid);
            let message = format!("{} has group {actual}, declared is {declared}", shown(path));
            context.add(Check::GroupDiffers, path, message, details(None));
        }
        Some(Err(name)) => {
            let name = crate::escape::Escaped::text(name);
            let message = format!(
                "{} is declared for group {name}, but this machine has no such group",
                shown(path)
            );
            context.add(Check::GroupDiffers, path, message, details(None));
        }
        _ => {}
    }
}

fn mode(context: &mut JudgeContext<'_>, secret: &Secret, found: &Found) {
    let path = &secret.path;
    let details = |help| Details {
        secret: Some(&secret.name),
        help,
        ..Details::default()
    };
    let actual = effective_mode(&found.facts, found.acl.as_ref());
    if let Some(declared) = secret.mode.filter(|declared| *declared != actual) {
        let (message, severity) = if actual & !declared == 0 {
            let masking = secret.manager.filter(|manager| manager.umask.is_some());
            let cause = match masking {
                Some(Manager { name, .. }) => {
                    format!("a umask took bits away: {name} writes files without chmod")
                }
                None => "bits are missing".to_owned(),
            };
            (
                format!(
                    "{} has mode {}, declared is {}: {cause}",
                    shown(path),
                    octal(actual),
                    octal(declared)
                ),
                Severity::Info,
            )
        } else {
            (
                format!(
                    "{} has mode {}, declared is {}",
                    shown(path),
                    octal(actual),
                    octal(declared)
                ),
                Severity::Warning,
            )
        };
        let help = Some("activate the configuration again".to_owned());
        context.add(
            Check::ModeDiffers,
            path,
            message,
            Details {
                severity: Some(severity),
                ..details(help)
            },
        );
    }
    if actual & 0o7111 != 0 {
        let message = format!(
            "{} has mode {}: a secret needs no more than 0400 or 0600",
            shown(path),
            octal(actual)
        );
        let help = fix::set_mode(secret, "0400");
        context.add(Check::OddModeBits, path, message, details(help));
    }
}

fn access_for_others(
    context: &mut JudgeContext<'_>,
    secret: &Secret,
    found: &Found,
    owners: &Owners,
) {
    let path = &secret.path;
    let facts = &found.facts;
    let acl = found.acl.as_ref();
    let details = |help, severity| Details {
        secret: Some(&secret.name),
        help,
        severity,
        ..Details::default()
    };
    let shown_path = shown(path);
    if facts.mode & 0o007 != 0 {
        let message = format!(
            "{shown_path} has mode {}: everybody on this machine can use it",
            octal(facts.mode)
        );
        let severity = is_public(secret, found).then_some(Severity::Info);
        context.add(
            Check::WorldAccessible,
            path,
            message,
            details(fix::set_mode(secret, "0400"), severity),
        );
    }
    let group = group_permissions(facts, acl);
    let mut trusted = owners.readers.clone();
    trusted.push(facts.uid);
    if group & (READ | WRITE) != 0 && facts.mode & 0o007 == 0 {
        let members = group_with_members(context, facts.gid, &trusted);
        let has_members = members.is_some();
        let label = context.accounts.group_label(facts.gid);
        let who = members.unwrap_or_else(|| format!("group {label}"));
        let declared = secret.mode.is_some_and(|mode| mode & 0o070 != 0);
        let name = context.accounts.group_name(facts.gid);
        if name.is_some_and(|name| BROAD_GROUPS.contains(&name)) {
            let message = format!(
                "{shown_path} is open to {who}, mode {}",
                octal(effective_mode(facts, acl))
            );
            context.add(
                Check::BroadGroup,
                path,
                message,
                details(fix::set_mode(secret, "0400"), None),
            );
        } else if !declared {
            // A group that nobody else is in gives nothing away.
            let severity = (!has_members).then_some(Severity::Info);
            let message = format!(
                "{shown_path} is open to {who}, mode {}",
                octal(effective_mode(facts, acl))
            );
            context.add(
                Check::GroupAccessible,
                path,
                message,
                details(fix::set_mode(secret, "0400"), severity),
            );
        }
    }
    let named = named_by_acl(context, acl, &trusted);
    if !named.is_empty() {
        let message = format!("an ACL opens {shown_path} to {}", few(named));
        let help = fix::shell_word(path).map(|word| format!("setfacl -b {word}"));
        context.add(Check::AclGrantsAccess, path, message, details(help, None));
    }
}

fn named_by_acl(context: &mut JudgeContext<'_>, acl: Option<&Acl>, trusted: &[u32]) -> Vec<String> {
    use crate::observe::acl::Tag;
    acl.into_iter()
        .flat_map(Acl::named)
        .filter(|(_, granted)| granted & (READ | WRITE) != 0)
        .filter_map(|(tag, _)| match tag {
            Tag::User(uid) if uid != 0 && !trusted.contains(&uid) => {
                Some(context.accounts.user_label(uid))
            }
            Tag::Group(gid) => Some(format!("group {}", context.accounts.group_label(gid))),
            _ => None,
        })
        .collect()
}

/// Public halves of keys and certificates may be read by all.
fn is_public(secret: &Secret, found: &Found) -> bool {
    use crate::observe::content::KeyMaterial;
    let name = secret.name.to_ascii_lowercase();
    [".pub", ".crt", ".cert"]
        .iter()
        .any(|ending| name.ends_with(ending))
        || found
            .content
            .as_ref()
            .is_some_and(|c| c.key == Some(KeyMaterial::Public))
}
