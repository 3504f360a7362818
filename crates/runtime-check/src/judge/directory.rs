//! The directories and links on the way to a secret.

use std::path::Path;

use super::access::{few, is_foreign, links_with_directories, others, summary};
use super::{Details, JudgeContext, shown};
use crate::checks::Check;
use crate::expect::{Secret, maker_name};
use crate::facts::Kind;
use crate::finding::Severity;
use crate::observe::acl::WRITE;
use crate::observe::file::Observation;
use crate::observe::survey::Survey;
use crate::observe::walk::Step;

/// Judges every directory on the way. `trusted` are the users who may change what leads to the
/// secret: root, its owner, and for a user's own secret that user.
pub(crate) fn judge(
    context: &mut JudgeContext<'_>,
    secret: &str,
    observation: &Observation,
    survey: &Survey,
    trusted: &[u32],
) {
    let mut seen: Vec<&Path> = Vec::new();
    let steps = observation
        .directories
        .iter()
        .filter_map(|&index| survey.chains.get(index))
        .flat_map(|chain| &chain.steps);
    for step in steps {
        let path = step.path.0.as_path();
        if step.facts.kind != Kind::Directory || seen.contains(&path) {
            continue;
        }
        seen.push(path);
        directory(context, secret, step, trusted);
    }
    for (link, directory) in links_with_directories(observation, survey) {
        if is_foreign(link, directory) {
            foreign(context, secret, link, directory);
        }
    }
}

fn directory(context: &mut JudgeContext<'_>, secret: &str, step: &Step, trusted: &[u32]) {
    let path = step.path.0.as_path();
    // Group and sticky bit of the store are Nix's own, and its builders' group is no user's.
    if path.starts_with("/nix/store") {
        return;
    }
    let facts = &step.facts;
    if facts.uid != 0 && !trusted.contains(&facts.uid) {
        let owner = context.accounts.user_label(facts.uid);
        let message = format!(
            "{} belongs to {owner}, who can put another file in the secret's place",
            shown(path)
        );
        let help = Some(format!(
            "keep the secret in a directory of root's, or chown root {}",
            shown(path)
        ));
        let details = Details {
            secret: Some(secret),
            help,
            ..Details::default()
        };
        context.add_shared(Check::DirectoryWritableByOthers, path, message, details);
        return;
    }
    let writers = others(context, facts, step.acl.as_ref(), WRITE, trusted);
    if writers.is_empty() {
        return;
    }
    let who = few(writers);
    let facts_shown = summary(context, facts, step.acl.as_ref());
    if facts.mode & 0o1000 != 0 {
        let message = format!("{who} can create files in {} ({facts_shown})", shown(path));
        let help = Some("keep the secret where its manager puts it, below /run".to_owned());
        let details = Details {
            secret: Some(secret),
            help,
            ..Details::default()
        };
        context.add_shared(Check::SharedDirectory, path, message, details);
    } else {
        let message = format!(
            "{who} can replace what is in {} ({facts_shown})",
            shown(path)
        );
        let help = Some(format!("chmod go-w {}", shown(path)));
        let details = Details {
            secret: Some(secret),
            help,
            ..Details::default()
        };
        context.add_shared(Check::DirectoryWritableByOthers, path, message, details);
    }
}

fn foreign(context: &mut JudgeContext<'_>, secret: &str, link: &Step, directory: &Step) {
    let owner = context.accounts.user_label(link.facts.uid);
    let message = format!(
        "the link {} belongs to {owner}, in {}, which is open to everybody",
        shown(&link.path.0),
        shown(&directory.path.0)
    );
    let details = Details {
        secret: Some(secret),
        ..Details::default()
    };
    context.add_shared(Check::ForeignLink, &link.path.0, message, details);
}

/// sops-nix gives the link at a secret's `path` to the secret's owner; agenix leaves it to root.
pub(crate) fn link_owner(
    context: &mut JudgeContext<'_>,
    secret: &Secret,
    observation: &Observation,
    trusted: &[u32],
) {
    let at_path = observation.links.first();
    let Some(link) = at_path.filter(|_| !secret.discovered && secret.manager.is_some()) else {
        return;
    };
    if link.facts.uid == 0 || trusted.contains(&link.facts.uid) {
        return;
    }
    let owner = context.accounts.user_label(link.facts.uid);
    let message = format!(
        "the link {} belongs to {owner}: {} did not make it",
        shown(&link.path.0),
        maker_name(secret.manager)
    );
    let details = Details {
        secret: Some(&secret.name),
        help: Some("remove it and activate the configuration again".to_owned()),
        ..Details::default()
    };
    context.add(Check::LinkOwner, &link.path.0, message, details);
}

/// A default ACL of the secret's own directory: the next file in it is born with it.
pub(crate) fn default_acl(
    context: &mut JudgeContext<'_>,
    secret: &str,
    observation: &Observation,
    survey: &Survey,
    trusted: &[u32],
) {
    let last = observation.directories.last().copied();
    let directory = last.and_then(|index| survey.chains.get(index)?.directory());
    let Some((step, acl)) = directory.and_then(|step| Some((step, step.default_acl.as_ref()?)))
    else {
        return;
    };
    let names: Vec<_> = acl
        .named()
        .filter(|(_, granted)| *granted != 0)
        .filter(
            |(tag, _)| !matches!(tag, crate::observe::acl::Tag::User(uid) if trusted.contains(uid)),
        )
        .collect();
    if names.is_empty() {
        return;
    }
    let path = step.path.0.as_path();
    let message = format!(
        "the default ACL of {} gives every new file in it to {} more",
        shown(path),
        if names.len() == 1 {
            "one user or group".to_owned()
        } else {
            format!("{} users or groups", names.len())
        }
    );
    let help = Some(format!("setfacl -k {}", shown(path)));
    let details = Details {
        secret: Some(secret),
        severity: Some(Severity::Warning),
        help,
        ..Details::default()
    };
    context.add_shared(Check::DefaultAcl, path, message, details);
}
