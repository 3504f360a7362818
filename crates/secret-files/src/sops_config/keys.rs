//! The recipients of a creation rule: strings with commas, lists, key groups, merge keys.

use crate::tree::{Entry, NodeId, Tree};
use crate::{Code, Problem, Recipient, RecipientKind, Span};

/// What keeping one recipient costs, in bytes of [`Tree::spend`].
const RECIPIENT_WORK: usize = 1_024;
/// Most pairs that merge keys may add to one mapping.
const MAX_MERGED: usize = 1_000;

/// A mapping with its merge keys (`<<: *base`) resolved; own keys win.
pub(super) struct Mapping<'t> {
    pairs: Vec<(&'t str, NodeId, NodeId)>,
}

impl<'t> Mapping<'t> {
    pub(super) fn new(tree: &'t Tree<'t>, id: NodeId) -> Self {
        let mut pairs = Vec::new();
        collect(tree, id, 8, &mut pairs);
        Self { pairs }
    }

    pub(super) fn get(&self, name: &str) -> Option<NodeId> {
        self.pairs
            .iter()
            .find(|(key, ..)| *key == name)
            .map(|(.., value)| *value)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = (&'t str, NodeId)> {
        self.pairs.iter().map(|(key, id, _)| (*key, *id))
    }
}

fn collect<'t>(
    tree: &'t Tree<'t>,
    id: NodeId,
    depth: usize,
    pairs: &mut Vec<(&'t str, NodeId, NodeId)>,
) {
    if depth == 0 {
        return;
    }
    let mut merged = Vec::new();
    for (name, key, value) in tree.pairs(id) {
        if pairs.len() >= MAX_MERGED || !tree.spend(0) {
            return;
        }
        if tree.scalar(key).is_some_and(|scalar| scalar.merge) {
            merged.push(value);
        } else if !pairs.iter().any(|(known, ..)| *known == name) {
            pairs.push((name, key, value));
        }
    }
    for value in merged {
        match tree.sequence(value) {
            Some(entries) => {
                for entry in entries {
                    if let Entry::Item(item) = entry
                        && tree.spend(0)
                    {
                        collect(tree, *item, depth - 1, pairs);
                    }
                }
            }
            None => collect(tree, value, depth - 1, pairs),
        }
    }
}

/// How the recipients of one kind are written in a rule and in a key group.
struct Field {
    flat: &'static str,
    grouped: &'static str,
    kind: RecipientKind,
}

const fn field(flat: &'static str, grouped: &'static str, kind: RecipientKind) -> Field {
    Field {
        flat,
        grouped,
        kind,
    }
}

const FIELDS: [Field; 8] = [
    field("age", "age", RecipientKind::AgeX25519),
    field("pgp", "pgp", RecipientKind::Pgp),
    field("kms", "kms", RecipientKind::AwsKms),
    field("gcp_kms", "gcp_kms", RecipientKind::GcpKms),
    field(
        "azure_keyvault",
        "azure_keyvault",
        RecipientKind::AzureKeyVault,
    ),
    field("hc_vault_transit_uri", "hc_vault", RecipientKind::HcVault),
    field("hckms", "hckms", RecipientKind::HuaweiKms),
    field("plugins", "plugins", RecipientKind::SopsPlugin),
];

fn recipient(kind: RecipientKind, text: &str, span: Option<Span>) -> Recipient {
    match kind {
        RecipientKind::AgeX25519 => Recipient::age(text, span),
        RecipientKind::Pgp => Recipient::pgp(text, span),
        RecipientKind::AwsKms => Recipient::other(kind, text.replace(' ', ""), span),
        _ => Recipient::other(kind, text.trim(), span),
    }
}

/// Recipients of any kind, of an anchor whose use is not known.
pub(super) fn any(text: &str) -> Vec<Recipient> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let recipients: Vec<Recipient> = parts
        .filter_map(|part| {
            let recipient = Recipient::age(part, None);
            if recipient.kind != RecipientKind::Unknown {
                return Some(recipient);
            }
            if part.starts_with("arn:") {
                return Some(self::recipient(RecipientKind::AwsKms, part, None));
            }
            if part.starts_with("projects/") {
                return Some(self::recipient(RecipientKind::GcpKms, part, None));
            }
            if part.contains("/keys/") {
                return Some(self::recipient(RecipientKind::HcVault, part, None));
            }
            let fingerprint = Recipient::pgp(part, None);
            fingerprint.defect().is_none().then_some(fingerprint)
        })
        .collect();
    // An anchor on a list of several recipients names none of them.
    if recipients.len() == 1 {
        recipients
    } else {
        Vec::new()
    }
}

/// The key groups of a rule. `key_groups` makes sops ignore the flat fields.
pub(super) fn groups(
    tree: &Tree<'_>,
    rule: &Mapping<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Vec<Recipient>> {
    let mut flat = Vec::new();
    for field in &FIELDS {
        match (field.kind, rule.get(field.flat)) {
            (_, None) => {}
            (RecipientKind::SopsPlugin, Some(value)) => {
                flat.extend(structured(tree, value, &plugin))
            }
            (_, Some(value)) => flat.extend(flat_field(tree, field, value, problems)),
        }
    }
    let groups = rule
        .get("key_groups")
        .and_then(|value| tree.sequence(value))
        .filter(|entries| !entries.is_empty());
    let Some(entries) = groups else {
        return if flat.is_empty() {
            Vec::new()
        } else {
            vec![flat]
        };
    };
    if let Some(ignored) = flat.first() {
        let message = "sops ignores recipients beside `key_groups`";
        problems.push(Problem::new(
            Code::ConfigIgnoredRecipients,
            ignored.span.unwrap_or_default(),
            message,
        ));
    }
    let groups = entries.iter().filter_map(|entry| match entry {
        Entry::Item(item) => Some(group(tree, *item, 8, problems)),
        _ => None,
    });
    groups.collect()
}

/// `age: a,b` or `age: [a, b]`; commas are split in both.
fn flat_field(
    tree: &Tree<'_>,
    field: &Field,
    value: NodeId,
    problems: &mut Vec<Problem>,
) -> Vec<Recipient> {
    let mut recipients = Vec::new();
    for (text, span) in strings(tree, value, problems) {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        recipients.extend(parts.map(|part| recipient(field.kind, part, Some(span))));
    }
    recipients
}

/// A scalar, or the scalars of a list.
fn strings<'t>(
    tree: &'t Tree<'t>,
    value: NodeId,
    problems: &mut Vec<Problem>,
) -> Vec<(&'t str, Span)> {
    let place = |id| tree.node(id).map_or_else(Span::default, |node| node.span);
    if let Some(entries) = tree.sequence(value) {
        let mut strings = Vec::new();
        for entry in entries {
            let Entry::Item(item) = entry else { continue };
            if !tree.spend(RECIPIENT_WORK) {
                break;
            }
            match tree.scalar(*item) {
                Some(scalar) => strings.push((&*scalar.text, place(*item))),
                None => {
                    let (code, message) = not_a_string(tree, *item);
                    problems.push(Problem::new(code, place(*item), message));
                }
            }
        }
        return strings;
    }
    match tree.string(value) {
        Some(text) if tree.spend(RECIPIENT_WORK + text.len()) => vec![(text, place(value))],
        Some(_) => Vec::new(),
        None => {
            let is_null = tree
                .scalar(value)
                .is_some_and(|scalar| scalar.class == crate::tree::ScalarClass::Null);
            if !is_null {
                let (code, message) = not_a_string(tree, value);
                problems.push(Problem::new(code, place(value), message));
            }
            Vec::new()
        }
    }
}

fn not_a_string(tree: &Tree<'_>, id: NodeId) -> (Code, &'static str) {
    match tree.resolve(id).map(|node| &node.kind) {
        Some(crate::tree::Kind::Sequence(_)) => (
            Code::ConfigNestedList,
            "a list inside of a list: sops refuses the file; use the list itself (`age: *list`) or its items",
        ),
        Some(crate::tree::Kind::UnknownAlias) => (
            Code::ConfigUndefinedAlias,
            "this alias has no anchor: sops cannot read the file",
        ),
        _ => (Code::ConfigSyntax, "a recipient must be a string"),
    }
}

/// One key group, with the groups that it merges, without duplicates.
fn group(tree: &Tree<'_>, id: NodeId, depth: usize, problems: &mut Vec<Problem>) -> Vec<Recipient> {
    let fields = Mapping::new(tree, id);
    let mut recipients: Vec<Recipient> = Vec::new();
    if let Some(merged) = fields
        .get("merge")
        .and_then(|value| tree.sequence(value))
        .filter(|_| depth > 0)
    {
        for entry in merged {
            if let Entry::Item(item) = entry
                && tree.spend(RECIPIENT_WORK)
            {
                recipients.extend(group(tree, *item, depth - 1, problems));
            }
        }
    }
    for field in &FIELDS {
        let Some(value) = fields.get(field.grouped) else {
            continue;
        };
        match field.kind {
            RecipientKind::AwsKms => recipients.extend(structured(tree, value, &kms)),
            RecipientKind::GcpKms => recipients.extend(structured(tree, value, &gcp)),
            RecipientKind::AzureKeyVault => recipients.extend(structured(tree, value, &azure)),
            RecipientKind::HuaweiKms => recipients.extend(structured(tree, value, &huawei)),
            RecipientKind::SopsPlugin => recipients.extend(structured(tree, value, &plugin)),
            // Only here sops splits the strings of a list at commas.
            RecipientKind::AgeX25519 => recipients.extend(flat_field(tree, field, value, problems)),
            _ => {
                for (text, span) in strings(tree, value, problems) {
                    recipients.push(recipient(field.kind, text, Some(span)));
                }
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    recipients.retain(|recipient| seen.insert(recipient.id.clone()));
    recipients
}

type Build = dyn Fn(&dyn Fn(&str) -> String) -> (RecipientKind, String);

/// A list of mappings, each one recipient.
fn structured(tree: &Tree<'_>, value: NodeId, build: &Build) -> Vec<Recipient> {
    let mut recipients = Vec::new();
    for entry in tree.sequence(value).unwrap_or_default() {
        let Entry::Item(item) = entry else { continue };
        if !tree.spend(RECIPIENT_WORK) {
            break;
        }
        let mapping = Mapping::new(tree, *item);
        let text = |name: &str| -> String {
            mapping
                .get(name)
                .and_then(|id| tree.scalar(id))
                .map_or_else(String::new, |scalar| scalar.text.to_string())
        };
        let (kind, id) = build(&text);
        let span = tree.node(*item).map(|node| node.span);
        recipients.push(Recipient::other(kind, id, span));
    }
    recipients
}

fn kms(text: &dyn Fn(&str) -> String) -> (RecipientKind, String) {
    let (arn, role) = (text("arn").replace(' ', ""), text("role"));
    (
        RecipientKind::AwsKms,
        if role.is_empty() {
            arn
        } else {
            format!("{arn}+{role}")
        },
    )
}

fn gcp(text: &dyn Fn(&str) -> String) -> (RecipientKind, String) {
    (RecipientKind::GcpKms, text("resource_id").replace(' ', ""))
}

fn azure(text: &dyn Fn(&str) -> String) -> (RecipientKind, String) {
    let id = format!(
        "{}/keys/{}/{}",
        text("vaultUrl"),
        text("key"),
        text("version")
    );
    (RecipientKind::AzureKeyVault, id)
}

fn plugin(text: &dyn Fn(&str) -> String) -> (RecipientKind, String) {
    (
        RecipientKind::SopsPlugin,
        format!("{}/{}", text("binary_name"), text("instance_id")),
    )
}

fn huawei(text: &dyn Fn(&str) -> String) -> (RecipientKind, String) {
    (RecipientKind::HuaweiKms, text("key_id"))
}
