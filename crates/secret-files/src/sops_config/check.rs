//! What is wrong with a `.sops.yaml` although sops may read it.

use super::CreationRule;
use super::keys::Mapping;
use crate::tree::{Kind, NodeId, Tree};
use crate::{Code, EncryptionRule, GoRegex, Problem, Span};

/// What sops reads at the top level. Any other key may hold anchors, which many files do.
const TOP: [&str; 3] = ["creation_rules", "destination_rules", "stores"];

const RULE: [&str; 20] = [
    "path_regex",
    "timeout",
    "kms",
    "aws_profile",
    "age",
    "pgp",
    "gcp_kms",
    "hckms",
    "azure_keyvault",
    "hc_vault_transit_uri",
    "key_groups",
    "shamir_threshold",
    "plugins",
    "unencrypted_suffix",
    "encrypted_suffix",
    "unencrypted_regex",
    "encrypted_regex",
    "unencrypted_comment_regex",
    "encrypted_comment_regex",
    "mac_only_encrypted",
];

/// Names beyond these are not compared with known ones.
const MAX_NAMES: usize = 500;

const GROUP: [&str; 9] = [
    "merge",
    "kms",
    "gcp_kms",
    "hckms",
    "azure_keyvault",
    "hc_vault",
    "age",
    "pgp",
    "plugins",
];

/// Names that people write for those that sops knows.
const CONFUSED: [(&str, &str); 10] = [
    ("creation_rule", "creation_rules"),
    ("rules", "creation_rules"),
    ("path-regex", "path_regex"),
    ("path_regexp", "path_regex"),
    ("regex", "path_regex"),
    ("filename_regex", "path_regex"),
    ("recipients", "age"),
    ("age_recipients", "age"),
    ("fingerprints", "pgp"),
    ("keygroups", "key_groups"),
];

pub(super) fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

fn meant(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let normal = name.to_lowercase().replace('-', "_");
    if let Some(known) = known.iter().find(|known| **known == normal) {
        return Some(known);
    }
    let confused = CONFUSED
        .iter()
        .find(|(wrong, _)| *wrong == name)
        .map(|(_, right)| *right);
    confused.filter(|right| known.contains(right)).or_else(|| {
        let close = |known: &&&'static str| {
            name.len() <= 60 && strsim::damerau_levenshtein(&normal, known) <= 2
        };
        known.iter().find(close).copied()
    })
}

/// Other keys are only anchor storage, but a misspelt one makes sops ignore the whole file.
pub(super) fn top_level(tree: &Tree<'_>, root: NodeId, problems: &mut Vec<Problem>) {
    if tree.mapping(root).is_none() {
        let span = tree
            .node(root)
            .map_or_else(Span::default, |node| Span::at(node.span.start));
        problems.push(Problem::new(
            Code::ConfigSyntax,
            span,
            "the top level of `.sops.yaml` must be a mapping",
        ));
        return;
    }
    for (name, key, _) in tree.pairs(root).take(MAX_NAMES) {
        if TOP.contains(&name) {
            continue;
        }
        if let Some(right) = meant(name, &TOP).filter(|right| tree.get(root, right).is_none()) {
            unknown(tree, key, name, Some(right), problems);
        }
    }
}

fn unknown(
    tree: &Tree<'_>,
    key: NodeId,
    name: &str,
    right: Option<&str>,
    problems: &mut Vec<Problem>,
) {
    let span = tree.node(key).map_or_else(Span::default, |node| node.span);
    let help = right.map_or_else(String::new, |right| format!("; `{right}` may be meant"));
    let message = format!("sops does not know `{}` and ignores it{help}", short(name));
    problems.push(Problem::new(Code::ConfigUnknownKey, span, message));
}

pub(super) fn rule(tree: &Tree<'_>, rule: &Mapping<'_>, problems: &mut Vec<Problem>) {
    for (name, key) in rule.keys() {
        if !RULE.contains(&name) {
            unknown(tree, key, name, meant(name, &RULE), problems);
        }
        undefined(tree, rule.get(name), problems);
    }
    let groups = rule
        .get("key_groups")
        .and_then(|groups| tree.sequence(groups))
        .unwrap_or_default();
    for entry in groups {
        let crate::tree::Entry::Item(item) = entry else {
            continue;
        };
        let group = Mapping::new(tree, *item);
        for (name, key) in group.keys() {
            if !GROUP.contains(&name) {
                unknown(tree, key, name, meant(name, &GROUP), problems);
            }
        }
    }
}

fn undefined(tree: &Tree<'_>, value: Option<NodeId>, problems: &mut Vec<Problem>) {
    let node = value.and_then(|id| tree.node(id));
    if let Some(node) = node.filter(|node| matches!(node.kind, Kind::UnknownAlias)) {
        let message = "this alias has no anchor: sops cannot read the file";
        problems.push(Problem::new(Code::ConfigUndefinedAlias, node.span, message));
    }
}

pub(super) fn encryption(rules: &[(EncryptionRule, Span)], problems: &mut Vec<Problem>) {
    if let [(first, _), (second, span), ..] = rules {
        let message = format!(
            "`{}` and `{}` exclude each other: sops refuses the rule",
            first.name(),
            second.name()
        );
        problems.push(Problem::new(Code::TwoRules, *span, message));
    }
    for (rule, span) in rules {
        let is_suffix = matches!(
            rule,
            EncryptionRule::UnencryptedSuffix(_) | EncryptionRule::EncryptedSuffix(_)
        );
        if let Some(error) = GoRegex::new(rule.text()).err().filter(|_| !is_suffix) {
            let effect = if rule.name().starts_with("encrypted") {
                "nothing is encrypted"
            } else {
                "it is ignored"
            };
            let message = format!(
                "sops cannot use this `{}`, so {effect}: {error}",
                rule.name()
            );
            problems.push(Problem::new(Code::BadRuleRegex, *span, message));
        }
    }
}

pub(super) fn recipients(rule: &CreationRule, problems: &mut Vec<Problem>) {
    let start = Span::at(rule.span.start);
    if rule.recipients().next().is_none() {
        let message =
            "a rule without recipients: sops refuses to encrypt the files that it matches";
        problems.push(Problem::new(Code::ConfigNoRecipients, start, message));
    } else if let Some(empty) = rule.groups.iter().position(Vec::is_empty) {
        let message = format!(
            "key group {} of this rule is empty: sops refuses to encrypt",
            empty + 1
        );
        problems.push(Problem::new(Code::ConfigNoRecipients, start, message));
    }
    for group in &rule.groups {
        let mut seen = std::collections::BTreeSet::new();
        for recipient in group {
            let span = recipient.span.unwrap_or(start);
            if let Some(defect) = recipient.defect() {
                problems.push(Problem::new(Code::BadRecipient, span, defect));
            }
            if !seen.insert(recipient.key()) {
                problems.push(Problem::new(
                    Code::DuplicateRecipient,
                    span,
                    "this recipient is named twice in one group",
                ));
            }
        }
    }
    let groups = rule.groups.len();
    if let Some(threshold) = rule
        .threshold
        .filter(|threshold| groups >= 2 && *threshold > groups)
    {
        let message =
            format!("`shamir_threshold` is {threshold}, but there are only {groups} key groups");
        problems.push(Problem::new(Code::ThresholdAboveGroups, start, message));
    }
}

/// Rules that are never reached, and patterns that Go refuses or that match more than meant.
pub(super) fn order(rules: &[CreationRule], problems: &mut Vec<Problem>) {
    let mut catch_all = None;
    for (index, rule) in rules.iter().enumerate() {
        if let Some(earlier) = catch_all {
            let message = format!("never used: rule {earlier} before it matches every file");
            problems.push(Problem::new(
                Code::ConfigDeadRule,
                Span::at(rule.span.start),
                message,
            ));
        }
        let Some(path_regex) = &rule.path_regex else {
            catch_all.get_or_insert(index + 1);
            continue;
        };
        match &path_regex.regex {
            Ok(_) if matches_everything(&path_regex.pattern) => {
                catch_all.get_or_insert(index + 1);
            }
            Ok(_) => unescaped_dot(&path_regex.pattern, path_regex.span, problems),
            Err(error) => {
                let message =
                    format!("sops cannot use this `path_regex`, nor any rule after it: {error}");
                problems.push(Problem::new(Code::ConfigBadRegex, path_regex.span, message));
            }
        }
    }
}

/// The patterns that people write for "every file".
fn matches_everything(pattern: &str) -> bool {
    let inner = pattern.trim_start_matches('^').trim_end_matches('$');
    let inner = inner
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(inner);
    matches!(inner, "" | ".*" | ".+" | ".")
}

/// `.yaml` where `\.yaml` is meant: harmless mostly, but it also matches `xyaml`.
fn unescaped_dot(pattern: &str, span: Span, problems: &mut Vec<Problem>) {
    let is_unescaped = ["yaml", "yml", "json", "env", "ini", "(yaml", "(yml"]
        .iter()
        .any(|extension| {
            pattern
                .match_indices(&format!(".{extension}"))
                .any(|(place, _)| {
                    let before = pattern.get(..place).unwrap_or_default();
                    !before.ends_with(['\\', '[', '*', '+']) && !before.is_empty()
                })
        });
    if is_unescaped {
        let message = "the dot before the extension stands for any character; write `\\.`";
        problems.push(Problem::new(Code::ConfigUnescapedDot, span, message));
    }
}
