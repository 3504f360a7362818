//! `secrets.nix`, the rules of agenix and ragenix: evaluated as they are, by the evaluator of the
//! configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::value::{Entry, Value};
use nix_eval::{Evaluator, Limits, Workspace};
use nix_source::normalise;
use nix_syntax::hir::{BindingValue, Expr};
use nix_syntax::source::Span;
use secret_files::{Recipient, RecipientKind};

use crate::attribute_paths::each_value;
use crate::values::file_path;
use crate::values::{is_users, items, problem, text};
use inventory::model::{
    AgeRule, AgeRuleDefect, AgeRuleDefectKind, AgeRulesFile, NamedRecipient, Problem, ProblemKind,
};

/// The name of such a file.
pub(crate) const FILE: &str = "secrets.nix";

/// The rules in these files, as far as they are such files; with the limits that ended one of them.
pub(crate) fn read(
    project: &Arc<Workspace>,
    files: &[PathBuf],
    limits: Limits,
    problems: &mut Vec<Problem>,
) -> Vec<AgeRulesFile> {
    if files.is_empty() {
        return Vec::new();
    }
    let mut read: Vec<AgeRulesFile> = Evaluator::run(Arc::clone(project), limits, |evaluator| {
        let lib = evaluator.lib();
        evaluator.set_global("lib", lib);
        let read = { files.iter() }.filter_map(|file| rules_file(evaluator, file));
        let read = read.collect();
        let reached = { evaluator.limits_reached().iter() };
        problems.extend(reached.map(|why| Problem {
            kind: ProblemKind::Limit,
            ..problem(evaluator, *why)
        }));
        read
    });
    for rules in &mut read {
        let names = names(project, &rules.path.absolute);
        rules.named_keys = named_keys(project, &rules.path.absolute);
        let keys = rules
            .rules
            .iter_mut()
            .filter_map(|rule| rule.public_keys.as_mut());
        for key in keys.flatten() {
            key.name = names.get(&key.recipient.key()).cloned();
        }
    }
    read
}

/// The rules of one file; nothing where it is no set of rules (a NixOS module has that name, too).
fn rules_file(evaluator: &mut Evaluator, file: &Path) -> Option<AgeRulesFile> {
    let parsed = evaluator.sources.parse(file).ok()?;
    let loaded = evaluator.load(parsed);
    let thunk = evaluator.file_thunk(&loaded);
    let Ok(Value::Attrs(set)) = evaluator.force(thunk) else {
        return None;
    };
    let directory = file.parent()?;
    let mut rules = Vec::new();
    for entry in evaluator.entries_by_name(set) {
        if evaluator.limit_reached().is_some() {
            break;
        }
        let name = evaluator.name(entry.name).to_string();
        rules.extend(rule(evaluator, directory, &name, entry));
    }
    let is_complete = evaluator.open_reason(set).is_none() && evaluator.limit_reached().is_none();
    evaluator.reset_limits();
    rules.sort_by(|a, b| a.file.cmp(&b.file));
    let path = file_path(evaluator.sources.workspace(), file);
    (!rules.is_empty()).then_some(AgeRulesFile {
        manager: &super::AGENIX,
        path,
        rules,
        is_complete,
        named_keys: Vec::new(),
    })
}

fn rule(evaluator: &mut Evaluator, directory: &Path, name: &str, entry: Entry) -> Option<AgeRule> {
    let set = match evaluator.force(entry.value) {
        Ok(Value::Attrs(set)) => set,
        _ => return None,
    };
    let public_keys = evaluator.symbol("publicKeys");
    let keys = evaluator.attribute(set, public_keys)?;
    let at = evaluator
        .binding_place(entry.position)
        .map(|place| place.name);
    let certain = entry.maybe.is_none() && keys.maybe.is_none();
    Some(AgeRule {
        file: file_path(
            evaluator.sources.workspace(),
            &normalise(&directory.join(name)),
        ),
        at,
        public_keys: certain.then(|| recipients(evaluator, keys)).flatten(),
        defects: if certain {
            defects(evaluator, keys, at)
        } else {
            Vec::new()
        },
    })
}

/// The elements of `publicKeys` to which age cannot encrypt, each kind and place once.
fn defects(evaluator: &mut Evaluator, keys: Entry, rule: Option<Span>) -> Vec<AgeRuleDefect> {
    let mut found: Vec<AgeRuleDefect> = Vec::new();
    for (item, maybe) in items(evaluator, keys.value) {
        if maybe.is_some() {
            continue;
        }
        let kind = match evaluator.force(item) {
            Ok(Value::List(_)) => AgeRuleDefectKind::NestedList,
            Ok(value @ Value::String(_)) => {
                let Ok(text) = text(evaluator, value) else {
                    continue;
                };
                let recipient = Recipient::age(&text, None);
                match recipient.defect() {
                    Some(why) => AgeRuleDefectKind::Recipient(why, recipient.id),
                    None => continue,
                }
            }
            _ => continue,
        };
        let at = evaluator.origin_span(item).filter(|at| is_users(*at));
        let defect = AgeRuleDefect {
            kind,
            at: at.or(rule),
        };
        if !found.contains(&defect) {
            found.push(defect);
        }
    }
    found
}

/// The public keys, if every one of them is known.
fn recipients(evaluator: &mut Evaluator, keys: Entry) -> Option<Vec<NamedRecipient>> {
    let items = evaluator.force_exact_list(keys.value).ok()?;
    let mut recipients = Vec::with_capacity(items.len());
    for item in items {
        let value = evaluator.force(item).ok()?;
        if matches!(value, Value::Path(_)) {
            return None;
        }
        let text = text(evaluator, value).ok()?;
        recipients.push(NamedRecipient {
            recipient: Recipient::age(&text, None),
            name: None,
        });
    }
    Some(recipients)
}

/// The keys to which names are bound in one file, used or not.
fn named_keys(project: &Workspace, rules: &Path) -> Vec<NamedRecipient> {
    let files = project.parsed_files();
    let file = files.iter().find(|file| file.path == rules);
    let mut found = Vec::new();
    for binding in file.iter().flat_map(|file| &file.hir.bindings) {
        let (BindingValue::Expr(expr), Some(file)) = (binding.value, file) else {
            continue;
        };
        let Some(Expr::String(text)) = file.hir.exprs.get(expr.0 as usize) else {
            continue;
        };
        let text = file.hir.strings.get(text.0 as usize).unwrap_or_default();
        let recipient = Recipient::age(text, None);
        let name = file.hir.names.get(binding.name.0 as usize);
        if recipient.kind != RecipientKind::Unknown && recipient.defect().is_none() {
            found.push(NamedRecipient {
                recipient,
                name: name.map(ToOwned::to_owned),
            });
        }
    }
    found
}

/// The names that keys are bound to, by key: those in the rules file itself count first.
fn names(project: &Workspace, rules: &Path) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut files = project.parsed_files();
    files.sort_by_key(|file| file.path != rules);
    for file in files {
        let mut of_file: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        each_value(&file.hir, |_, expr, path| {
            let Expr::String(text) = expr else { return };
            let text = file.hir.strings.get(text.0 as usize).unwrap_or_default();
            let is_key = text.starts_with("age1") || text.starts_with("ssh-");
            let recipient = is_key.then(|| Recipient::age(text, None));
            let recipient = recipient.filter(|key| key.kind != RecipientKind::Unknown);
            if let (Some(recipient), Some(name)) = (recipient, name_of_key(path)) {
                of_file.entry(name).or_default().insert(recipient.key());
            }
        });
        for (name, keys) in of_file {
            // The name of a list of keys is that of none.
            if let [key] = keys.into_iter().collect::<Vec<_>>().as_slice() {
                names.entry(key.clone()).or_insert(name);
            }
        }
    }
    names
}

/// What a key is called by the attributes that lead to it: `desk` by `nodes.desk.publicKey`.
fn name_of_key(path: &[&str]) -> Option<String> {
    /// Attributes that say that it is a key, and not whose.
    const KINDS: [&str; 22] = [
        "*",
        "age",
        "agekey",
        "authorizedkeys",
        "ed25519",
        "host",
        "hostkey",
        "hostpubkey",
        "key",
        "keys",
        "pub",
        "pubkey",
        "pubkeys",
        "public",
        "publickey",
        "publickeys",
        "root",
        "ssh",
        "sshkey",
        "sshkeys",
        "sshpubkey",
        "openssh",
    ];
    let is_telling = |name: &&&str| {
        let letters = name.to_ascii_lowercase().replace(['_', '-'], "");
        !KINDS.contains(&letters.as_str())
    };
    let name = path.iter().rev().find(is_telling).or(path.last())?;
    Some((*name).to_owned())
}
