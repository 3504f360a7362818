//! What changes a secret's file after its manager installed it: `chown` in a script, `z` of tmpfiles.

use nix_eval::Evaluator;
use nix_syntax::source::Span;

use crate::activation::tmpfiles::{self, Rule};
use crate::host_view::HostView;
use crate::values::Options;
use inventory::model::{Fact, Host, Need, Principal, Readable, Secret, Unknown, Verdict};

/// Something that changes whose a secret's file is, or who may read it. When it does is not known, nor whether what
/// it says is in place before anybody reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileChange {
    /// The index of the secret among those of the host's view.
    pub(crate) secret: usize,
    /// What it changes.
    pub(crate) what: Changed,
    /// What changes it: `chown in system.activationScripts.keys.text`.
    pub(crate) by: String,
    /// Where.
    pub(crate) at: Option<Span>,
}

/// What is not known any more of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// Its owner, and perhaps its group.
    Owner,
    /// Its group.
    Group,
    /// Its mode or its access list.
    Access,
    /// All of it.
    All,
}

impl Changed {
    /// What a program changes of the files that it is given; `None` if nothing.
    pub(crate) fn by_program(program: &str) -> Option<Self> {
        Some(match program {
            "chown" => Self::Owner,
            "chgrp" => Self::Group,
            "chmod" | "setfacl" => Self::Access,
            _ => return None,
        })
    }

    fn by_rule(rule: &Rule) -> Option<Self> {
        Some(match rule.kind.as_str() {
            "z" | "Z" | "m" => Self::All,
            "a" | "A" => Self::Access,
            _ => return None,
        })
    }
}

/// What rules of tmpfiles change of secrets' files.
pub(super) fn by_tmpfiles(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    system: Options,
) -> Vec<FileChange> {
    let rules = tmpfiles::rules(evaluator, system).rules;
    let mut found = Vec::new();
    for rule in &rules {
        let Some(what) = Changed::by_rule(rule) else {
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
