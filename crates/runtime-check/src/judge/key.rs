//! The keys that decrypt the secrets.

use inventory::EARLY_MOUNTS;

use super::access::{others, summary};
use super::{Details, JudgeContext, shown};
use crate::checks::Check;
use crate::expect::{Key, Scope, maker_name};
use crate::facts::Kind;
use crate::finding::Severity;
use crate::observe::acl::{READ, WRITE};
use crate::observe::content::KeyMaterial;
use crate::observe::file::{Found, Observation};
use crate::observe::walk::Reason;

/// Judges a key. `owner` is root, or the user for Home Manager's. `alone`: no other key of the
/// same manager and scope is declared that is there.
pub(crate) fn judge(
    context: &mut JudgeContext<'_>,
    key: &Key,
    seen: &Observation,
    owner: u32,
    alone: bool,
) {
    let path = &key.path;
    match &seen.end {
        Ok(found) => reached(context, key, found, owner),
        Err(stop) if stop.reason == Reason::Missing => {
            if key.declared {
                let message = format!(
                    "{} is not there: {} cannot decrypt with it",
                    shown(path),
                    maker_name(key.manager)
                );
                // One of several keys is enough.
                let severity = (!alone).then_some(Severity::Info);
                context.add(
                    Check::KeyMissing,
                    path,
                    message,
                    Details {
                        severity,
                        ..Details::default()
                    },
                );
            }
        }
        // Only its owner gets there, as it should be.
        Err(_) => {}
    }
}

fn reached(context: &mut JudgeContext<'_>, key: &Key, found: &Found, owner: u32) {
    let path = &key.path;
    let facts = &found.facts;
    let add = |context: &mut JudgeContext<'_>, check, message, help| {
        context.add(
            check,
            path,
            message,
            Details {
                help,
                ..Details::default()
            },
        );
    };
    if facts.kind != Kind::Regular {
        let message = format!("{} is {}, not a key file", shown(path), facts.kind.phrase());
        add(context, Check::KeyUnusable, message, None);
        return;
    }
    if found.real.0.starts_with("/nix/store") {
        let message = format!(
            "{} is in the Nix store, which everybody can read",
            shown(path)
        );
        let help = Some(
            "write the path as a string (\"/var/lib/…\"), not as a path, and make a new key"
                .to_owned(),
        );
        add(context, Check::KeyInStore, message, help);
        return;
    }
    let in_home = found.real.0.starts_with("/home") || found.real.0.starts_with("/Users");
    if key.scope == Scope::System && in_home {
        let message = format!(
            "{} decrypts the system's secrets and is in a home directory",
            shown(path)
        );
        let help = Some("move it to /var/lib/sops-nix/key.txt, owner root, mode 0400".to_owned());
        add(context, Check::KeyInHome, message, help);
    } else if facts.uid != owner {
        let actual = context.accounts.user_label(facts.uid);
        let wanted = context.accounts.user_label(owner);
        let message = format!("{} belongs to {actual}, not to {wanted}", shown(path));
        add(
            context,
            Check::KeyOwner,
            message,
            Some(format!("chown {wanted} it")),
        );
    }
    let trusted = [owner, facts.uid];
    let readers = others(context, facts, found.acl.as_ref(), READ | WRITE, &trusted);
    if facts.mode & 0o077 != 0 || !readers.is_empty() {
        let actual = summary(context, facts, found.acl.as_ref());
        let message = format!(
            "{} is {actual}: others than its owner can use the key",
            shown(path)
        );
        add(
            context,
            Check::KeyExposed,
            message,
            Some("chmod 0400 it, and make a new key if others could read it".to_owned()),
        );
    }
    unusable(context, key, found);
    if context.is_live && key.scope == Scope::System {
        let mount = context
            .mounts
            .find(facts.mount, facts.device)
            .map(|mount| mount.point.clone());
        let separate =
            mount.filter(|point| !EARLY_MOUNTS.iter().any(|early| point.as_os_str() == *early));
        if let Some(point) = separate {
            let message = format!(
                "{} is on a file system of its own, {}",
                shown(path),
                shown(&point)
            );
            let help = Some(format!(
                "fileSystems.\"{}\".neededForBoot = true;",
                shown(&point)
            ));
            add(context, Check::KeyOnSeparateMount, message, help);
        }
    }
}

fn unusable(context: &mut JudgeContext<'_>, key: &Key, found: &Found) {
    let what = match &found.content {
        _ if found.facts.size == 0 => "is empty",
        Some(content) => match content.key {
            Some(KeyMaterial::PassphraseProtected) => {
                "is protected by a passphrase, which nobody types at activation"
            }
            Some(KeyMaterial::Public) => "is a public key: it decrypts nothing",
            None => "is not a key that age, ssh or PGP writes",
            Some(KeyMaterial::AgeIdentity | KeyMaterial::AgePlugin | KeyMaterial::Private) => {
                return;
            }
        },
        None => return,
    };
    let message = format!("{} {what}", shown(&key.path));
    context.add(Check::KeyUnusable, &key.path, message, Details::default());
}
