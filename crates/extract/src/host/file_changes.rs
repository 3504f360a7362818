//! What changes a secret's file after its manager installed it: `chown` in a script, `z` of tmpfiles.

use crate::activation::tmpfiles::{Rule, Rules};
use crate::host_view::HostView;
use crate::host_view::file_change::{Changed, FileChange};
use inventory::model::{Fact, Host, Need, Principal, Readable, Secret, Unknown, Verdict};

/// What a rule changes of the file at its path; `None` if nothing.
fn changed_by(rule: &Rule) -> Option<Changed> {
    Some(match rule.kind.as_str() {
        "z" | "Z" | "m" => Changed::All,
        "a" | "A" => Changed::Access,
        _ => return None,
    })
}

/// What rules of tmpfiles change of secrets' files.
pub(super) fn by_tmpfiles(view: &HostView<'_>, tmpfiles: &Rules) -> Vec<FileChange> {
    let mut found = Vec::new();
    for rule in &tmpfiles.rules {
        let Some(what) = changed_by(rule) else {
            continue;
        };
        let is_recursive = matches!(rule.kind.as_str(), "Z" | "A");
        let below = is_recursive.then(|| view.by_path.below(&rule.path));
        let paths = below.into_iter().flatten();
        for path in paths.chain([rule.path.as_str()]) {
            found.extend(view.secret_at(path, None).map(|secret| FileChange {
                secret,
                what,
                by: format!("`{}` in {}", rule.kind, rule.option),
                at: rule.at,
            }));
        }
    }
    found
}

/// Takes back what was concluded from the owner, the group and the mode of files that something changes.
pub(super) fn apply(changes: &[FileChange], host: &mut Host) {
    for change in changes {
        let Some(secret) = host.secrets.get_mut(change.secret) else {
            continue;
        };
        let why = Unknown {
            reason: format!("{} changes it after it was installed", change.by).into(),
            at: change.at,
        };
        forget(secret, change.what, &why);
        for reader in &mut host.readers {
            let is_root = { reader.user.known() }.is_some_and(Principal::is_root);
            if reader.secret == Some(change.secret) && !is_root {
                reader.verdict = Verdict {
                    readable: Readable::Unknown,
                    reason: why.reason.to_string(),
                };
                reader.needs = Some(Need::Value(why.clone()));
            }
        }
    }
}

fn forget(secret: &mut Secret, what: Changed, why: &Unknown) {
    let (owner, group, access) = match what {
        Changed::Owner => (true, true, false),
        Changed::Group => (false, true, false),
        Changed::Access => (false, false, true),
        Changed::All => (true, true, true),
    };
    if owner {
        secret.effective_owner = Fact::unknown(why.clone());
    }
    if group {
        secret.effective_group = Fact::unknown(why.clone());
    }
    if access {
        secret.effective_mode = Fact::unknown(why.clone());
    }
}
