//! What of a host was not inspected.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use nix_eval::Evaluator;
use nix_eval::modules::{Configuration, LoadedModule};
use nix_eval::value::UnknownId;
use nix_syntax::source::Root;

use super::without_secrets::is_without_secrets;
use crate::module_index::{MayDeclare, ModuleIndex};
use crate::values::unknown;
use inventory::model::{Certainty, Fact, Gap, GapKind, Host, Reason, Secret, Unknown};

/// Notes that a host could not be evaluated at all.
pub(super) fn fail(host: &mut Host, why: Unknown) {
    host.users_open = Some(why.clone());
    host.secrets_open = Some(why.clone());
    host.readers_open = Some(why.clone());
    host.open = vec![why.clone()];
    add(host, GapKind::Failed, why.clone());
    host.failed = Some(why);
}

/// Notes what modules that are not here may declare, and what of the host's own modules is not known.
/// Its secrets have been extracted.
pub(super) fn find(
    evaluator: &mut Evaluator,
    configuration: &Rc<Configuration>,
    index: Option<&ModuleIndex>,
    host: &mut Host,
) {
    let mut missing = configuration.missing_modules().iter();
    host.loads_nixpkgs_modules = missing.any(|why| evaluator.is_of_nixpkgs(*why));
    let mut missing: Vec<UnknownId> = { configuration.missing_modules().iter().copied() }
        .filter(|why| evaluator.may_declare_users(*why))
        .collect();
    let mut loaded = configuration.loaded_modules().iter();
    // A file that is inspected on its own need not be a module at all.
    let is_hollow = !host.is_module() && !loaded.any(|module| is_of_project(evaluator, module));
    // The words of a source that is here may rule out more than the name of its project.
    let mut with_users = None;
    if let Some(index) = index.filter(|_| !is_hollow) {
        missing.retain(|why| {
            let Some(input) = evaluator.input_of_module(*why) else {
                return true;
            };
            let workspace = evaluator.sources.workspace();
            let MayDeclare { users, secrets } = index.may_declare(workspace, &input.directory);
            if users && with_users.is_none() {
                with_users = Some(*why);
            }
            secrets
        });
    }
    let with_users = with_users.map(|why| unknown(evaluator, why));
    let mut reasons: Vec<Unknown> = Vec::new();
    // Of those a module may set anything, but read no secret that no option gives it.
    let mut without_readers: Vec<Unknown> = Vec::new();
    for why in missing {
        let reason = unknown(evaluator, why);
        if !is_hollow && is_without_secrets(evaluator, why) {
            without_readers.push(reason.clone());
        }
        let may_be_own = configuration.unlisted_modules().contains(&why);
        if !is_hollow && (may_be_own || !reason.reason.is_external()) {
            add(host, GapKind::Modules, reason.clone());
        }
        reasons.push(reason);
    }
    // What modules that are not here may declare is no fault of the set of secrets.
    if let Some(why) = &host.secrets_open
        && !reasons.contains(why)
    {
        add(host, GapKind::Secrets, why.clone());
    }
    let mut reading = host.secrets_open.iter().chain(&reasons);
    let reading = reading.find(|why| !without_readers.contains(why)).cloned();
    host.readers_open = reading;
    if let Some(first) = reasons.first() {
        if is_hollow {
            add(host, GapKind::Hollow, first.clone());
        }
        host.users_open.get_or_insert_with(|| first.clone());
        host.secrets_open.get_or_insert_with(|| first.clone());
    }
    if let Some(why) = with_users {
        host.users_open.get_or_insert(why);
    }
    reasons.extend(
        [&host.users_open, &host.secrets_open]
            .into_iter()
            .flatten()
            .cloned(),
    );
    if let Some(first) = reasons.first() {
        for secret in &mut host.secrets {
            defined_elsewhere(secret, first);
        }
    }
    reasons.sort();
    reasons.dedup();
    host.open = reasons;
    undecided(evaluator, host);
    host.gaps.sort();
    host.gaps.dedup();
}

/// Notes what of the secrets depends on a condition that is not decided: once for each condition. What is an error is
/// reported as one, and a module on its own is inspected as if its switch were on.
fn undecided(evaluator: &Evaluator, host: &mut Host) {
    if host.is_module() {
        return;
    }
    let mut by_cause: BTreeMap<Unknown, Vec<String>> = BTreeMap::new();
    let mut add = |why: &Unknown, option: String| {
        let is_reported = matches!(why.reason, Reason::Error(_) | Reason::Limit(_));
        if !is_reported {
            by_cause.entry(why.clone()).or_default().push(option);
        }
    };
    let conditions = OnceCell::new();
    let is_condition = |why: &Unknown| {
        let all = || { evaluator.undecided_conditions() }.map(|why| unknown(evaluator, why));
        let conditions: &BTreeSet<Unknown> = conditions.get_or_init(|| all().collect());
        conditions.contains(why)
    };
    for secret in &host.secrets {
        if let Certainty::Maybe(why) = &secret.certainty {
            add(why, secret.option.clone());
            continue;
        }
        let access = [
            ("owner", secret.owner.value.as_ref().err()),
            ("group", secret.group.value.as_ref().err()),
            ("mode", secret.mode.value.as_ref().err()),
        ];
        for (name, why) in access {
            // A value that is not known for itself, such as the user of a service, is shown with its secret.
            if let Some(why) = why.filter(|why| is_condition(why)) {
                add(why, format!("{}.{name}", secret.option));
            }
        }
    }
    let subject = &host.attribute;
    let gaps = by_cause.into_iter().map(|(why, options)| Gap {
        options,
        ..Gap::new(GapKind::Undecided, subject, why)
    });
    host.gaps.extend(gaps);
}

/// What no module that is here defines, one that is not here may.
fn defined_elsewhere(secret: &mut Secret, why: &Unknown) {
    fn replace<T>(fact: &mut Fact<T>, why: &Unknown) {
        if let Err(unknown) = &mut fact.value
            && unknown.reason.is_no_definition()
        {
            unknown.reason = why.reason.clone();
        }
    }
    replace(&mut secret.file, why);
    replace(&mut secret.path, why);
    replace(&mut secret.owner, why);
    replace(&mut secret.effective_owner, why);
    replace(&mut secret.effective_group, why);
    replace(&mut secret.mode, why);
}

/// Adds a gap; a bound that ended the evaluation is one of its own kind.
fn add(host: &mut Host, kind: GapKind, why: Unknown) {
    let kind = if why.reason.is_limit() {
        GapKind::Limit
    } else {
        kind
    };
    let subject = host.attribute.clone();
    host.gaps.push(Gap::new(kind, subject, why));
}

/// Whether a module was written in the project.
fn is_of_project(evaluator: &Evaluator, module: &LoadedModule) -> bool {
    let mut files = evaluator.files_of_module(module);
    files.any(|file| file.key().root == Root::Project)
}
