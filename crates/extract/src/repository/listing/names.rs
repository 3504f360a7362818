//! Who can decrypt a file, by name, and who should.

use std::collections::BTreeSet;
use std::path::Path;

use secret_files::{
    AgeStanza, FileFacts, KnownRecipients, Recipient, RecipientKind, RuleMatch, State, compare_age,
    compare_groups,
};

use crate::repository::listing::{ListedCode, ListedProblem};
use inventory::model::{Repository, SopsConfigFile};

/// Data files that a rule of `.sops.yaml` may be for.
const DATA: [&str; 5] = [".yaml", ".yml", ".json", ".env", ".ini"];

/// Whether a rule of `.sops.yaml` names this file: it is for it and not for any other file beside it. A rule
/// for a directory says nothing of what else lies there.
pub(crate) fn is_meant(repository: &Repository, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some(extension) = DATA.iter().find(|extension| name.ends_with(*extension)) else {
        return false;
    };
    if name.starts_with(".sops.") {
        return false;
    }
    let found = repository.sops_configs_above(path).next();
    found.is_some_and(|(config, relative)| {
        let rule = |path: &str| match config.config.rule_for(path) {
            RuleMatch::Rule(index, _) => Some(index),
            _ => None,
        };
        let beside = match relative.rsplit_once('/') {
            Some((directory, _)) => format!("{directory}/x{extension}"),
            None => format!("x{extension}"),
        };
        rule(&relative).is_some_and(|index| rule(&beside) != Some(index))
    })
}

/// The names around one file.
pub(crate) struct Names<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) known: &'a KnownRecipients,
    pub(crate) path: &'a Path,
}

/// The recipients that rules and public keys name.
pub(crate) fn known_recipients(repository: &Repository) -> KnownRecipients {
    let rules = { repository.age_rules.iter() }.flat_map(|rules| &rules.rules);
    let keys = rules.filter_map(|rule| rule.public_keys.as_ref()).flatten();
    let files = repository.public_keys.iter();
    let files = files.map(|file| Recipient::age(&file.key.without_comment(), None));
    let all: BTreeSet<Recipient> = keys.map(|key| key.recipient.clone()).chain(files).collect();
    KnownRecipients::new(all)
}

impl Names<'_> {
    fn config(&self) -> Option<(&SopsConfigFile, String)> {
        self.repository.sops_configs_above(self.path).next()
    }

    /// The recipients of a file, sorted.
    pub(crate) fn recipients(&self, facts: &FileFacts) -> Vec<String> {
        let mut names: Vec<String> = match &facts.age {
            Some(age) => age.recipients().map(|stanza| self.stanza(stanza)).collect(),
            None => facts
                .recipients()
                .map(|recipient| self.name(recipient))
                .collect(),
        };
        names.sort();
        names
    }

    fn name(&self, recipient: &Recipient) -> String {
        let alias = self
            .config()
            .and_then(|(config, _)| config.config.alias(recipient).map(ToOwned::to_owned));
        alias
            .or_else(|| self.name_in_rules(recipient))
            .or_else(|| {
                self.repository
                    .public_key_of(recipient)
                    .map(|file| file.path.display.clone())
            })
            .unwrap_or_else(|| recipient.id.clone())
    }

    fn name_in_rules(&self, recipient: &Recipient) -> Option<String> {
        let rules = self
            .repository
            .age_rules
            .iter()
            .flat_map(|rules| &rules.rules);
        let mut keys = rules.filter_map(|rule| rule.public_keys.as_ref()).flatten();
        keys.find(|key| key.recipient.key() == recipient.key())
            .and_then(|key| key.name.clone())
    }

    /// A stanza names nobody, but one for an SSH key has a tag that tells whether a known key is meant.
    fn stanza(&self, stanza: &AgeStanza) -> String {
        match self.known.of(stanza) {
            Some(recipient) => {
                let comment = || {
                    recipient
                        .id
                        .splitn(3, ' ')
                        .nth(2)
                        .map(|comment| comment.trim().to_owned())
                };
                let name = self.name(recipient);
                if name == recipient.id {
                    comment().unwrap_or(name)
                } else {
                    name
                }
            }
            None => match &stanza.tag {
                Some(tag) => format!("{} {tag}", stanza.kind),
                None => stanza.kind.clone(),
            },
        }
    }

    /// Whether the file is encrypted to other keys than its rule names.
    pub(crate) fn out_of_sync(&self, facts: &FileFacts) -> Option<ListedProblem> {
        if matches!(facts.state, State::Broken | State::OtherEncrypted) {
            return None;
        }
        let message = match (&facts.sops, &facts.age) {
            (Some(sops), _) => {
                let (config, relative) = self.config()?;
                let RuleMatch::Rule(_, rule) = config.config.rule_for(&relative) else {
                    return None;
                };
                let is_certain = |recipient: &Recipient| {
                    recipient.defect().is_none()
                        && (recipient.kind.is_age() || recipient.kind == RecipientKind::Pgp)
                };
                if rule.recipients().next().is_none() || !rule.recipients().all(is_certain) {
                    return None;
                }
                let diff =
                    compare_groups(&rule.groups, &sops.groups, (rule.threshold, sops.threshold));
                let names = |recipients: &[Recipient]| {
                    let names: Vec<String> = recipients
                        .iter()
                        .map(|recipient| self.name(recipient))
                        .collect();
                    names.join(", ")
                };
                match (diff.missing.as_slice(), diff.stale.as_slice()) {
                    ([], []) => return None,
                    ([], stale) => {
                        format!("{} names no longer: {}", config.path.display, names(stale))
                    }
                    (missing, _) => format!(
                        "not encrypted to {}, as {} says",
                        names(missing),
                        config.path.display
                    ),
                }
            }
            (None, Some(age)) => {
                let (rules, rule) = self.repository.age_rule(self.path)?;
                let keys = rule.public_keys.as_ref()?;
                let expected: Vec<Recipient> =
                    keys.iter().map(|key| key.recipient.clone()).collect();
                let diff = compare_age(&expected, age);
                let names: Vec<String> = diff
                    .missing
                    .iter()
                    .map(|recipient| self.name(recipient))
                    .collect();
                match (names.as_slice(), diff.is_empty()) {
                    (_, true) => return None,
                    ([], _) => format!("encrypted to other keys than {} names", rules.path.display),
                    (names, _) => format!(
                        "not encrypted to {}, as {} says",
                        names.join(", "),
                        rules.path.display
                    ),
                }
            }
            (None, None) => return None,
        };
        Some(ListedProblem {
            line: 1,
            code: ListedCode::OutOfSync,
            message,
        })
    }
}
