//! Reading the metadata of a sops file.

use crate::age;
use crate::rfc3339;
use crate::tree::ScalarClass;
use crate::{
    AgeFacts, Code, EncryptionRule, Problem, Recipient, RecipientKind, SopsFacts, Span,
    SshPublicKey,
};

use super::meta_value::MetaValue;

pub(super) struct Metadata {
    pub(super) facts: SopsFacts,
    /// Problems for which sops refuses to load the file.
    pub(super) refused: Vec<Problem>,
    /// Problems with which it loads.
    pub(super) accepted: Vec<Problem>,
    /// Whether there is a valid time or a recipient: otherwise it is some other `sops` key.
    pub(super) is_metadata: bool,
    pub(super) mac: Option<(String, Span)>,
}

pub(super) fn read(value: &MetaValue, span: Span, is_yaml: bool) -> Metadata {
    let mut reader = Reader {
        refused: Vec::new(),
        accepted: Vec::new(),
        ruined: Vec::new(),
    };
    let has_time = reader.last_modified(value, span, is_yaml);
    let groups = reader.groups(value);
    let has_recipients = groups.iter().any(|group| !group.is_empty());
    if !has_recipients {
        reader.refused.push(Problem::new(
            Code::NoRecipients,
            span,
            "the metadata of sops names no recipient",
        ));
    }
    let rule = reader.rule(value);
    let version = value
        .text("version")
        .map(|(text, _)| text.to_owned())
        .filter(|text| !text.is_empty());
    if version.is_none() {
        let message =
            "the metadata of sops has no `version`: `sops filestatus` calls the file plaintext";
        reader
            .accepted
            .push(Problem::new(Code::NoVersion, span, message));
    }
    let threshold = value
        .text("shamir_threshold")
        .and_then(|(text, _)| text.parse().ok());
    if let Some(threshold) =
        threshold.filter(|threshold| groups.len() >= 2 && *threshold > groups.len())
    {
        let message = format!(
            "`shamir_threshold` is {threshold}, but there are only {} key groups",
            groups.len()
        );
        reader
            .accepted
            .push(Problem::new(Code::ThresholdAboveGroups, span, message));
    }
    // Without a threshold every group is needed.
    let needed = { threshold.filter(|threshold| *threshold > 0) }.unwrap_or(groups.len());
    if let Some(first) = reader.ruined.first()
        && groups.len() - reader.ruined.len() < needed.min(groups.len())
    {
        let message = "the data key is damaged for every recipient: nobody can decrypt the file";
        let problem = Problem::new(Code::NoDataKey, *first, message);
        reader.accepted.push(problem);
    }
    let mac_only_encrypted = value
        .text("mac_only_encrypted")
        .is_some_and(|(text, _)| matches!(text, "true" | "1"));
    let facts = SopsFacts {
        span,
        version,
        rule,
        mac_only_encrypted,
        groups,
        threshold,
    };
    let mac = value
        .text("mac")
        .map(|(text, span)| (text.to_owned(), span));
    Metadata {
        facts,
        refused: reader.refused,
        accepted: reader.accepted,
        is_metadata: has_time || has_recipients,
        mac: mac.filter(|(text, _)| !text.is_empty()),
    }
}

struct Reader {
    refused: Vec<Problem>,
    accepted: Vec<Problem>,
    /// Where the groups begin of which no recipient can decrypt its part of the data key.
    ruined: Vec<Span>,
}

impl Reader {
    fn last_modified(&mut self, value: &MetaValue, span: Span, is_yaml: bool) -> bool {
        let found = value.get("lastmodified");
        let time = found
            .and_then(MetaValue::scalar)
            .filter(|(text, _)| rfc3339::is_time(text));
        let Some((_, time_span)) = time else {
            let place = found
                .and_then(MetaValue::scalar)
                .map_or(span, |(_, span)| span);
            let message = match found {
                Some(_) => "`lastmodified` is no RFC 3339 time",
                None => "the metadata of sops has no `lastmodified`",
            };
            self.refused
                .push(Problem::new(Code::BadLastModified, place, message));
            return false;
        };
        if is_yaml
            && matches!(
                found,
                Some(MetaValue::Scalar {
                    class: ScalarClass::Timestamp,
                    ..
                })
            )
        {
            let message = "`lastmodified` is not quoted: sops 3.13 and newer refuse the file";
            self.accepted
                .push(Problem::new(Code::UnquotedLastModified, time_span, message));
        }
        true
    }

    fn rule(&mut self, value: &MetaValue) -> EncryptionRule {
        let given: Vec<(&str, &str, Span)> = EncryptionRule::NAMES
            .iter()
            .filter_map(|name| value.text(name).map(|(text, span)| (*name, text, span)))
            .filter(|(_, text, _)| !text.is_empty())
            .collect();
        if let [(first, ..), (second, _, span), ..] = given.as_slice() {
            let message =
                format!("`{first}` and `{second}` exclude each other; sops refuses the file");
            self.refused
                .push(Problem::new(Code::TwoRules, *span, message));
        }
        given
            .first()
            .and_then(|(name, text, _)| EncryptionRule::from_name(name, text))
            .unwrap_or_else(EncryptionRule::default_rule)
    }

    fn groups(&mut self, value: &MetaValue) -> Vec<Vec<Recipient>> {
        let several = value
            .get("key_groups")
            .map_or(0, |groups| groups.items().count());
        let flat = self.group(value, 1);
        if !flat.is_empty() {
            return vec![flat];
        }
        let Some(groups) = value.get("key_groups") else {
            return Vec::new();
        };
        groups
            .items()
            .map(|group| self.group(group, several))
            .collect()
    }

    fn group(&mut self, value: &MetaValue, groups: usize) -> Vec<Recipient> {
        let mut group = Vec::new();
        let known = self.accepted.len();
        let entries = |name: &str| value.get(name).into_iter().flat_map(MetaValue::items);
        for entry in entries("age") {
            if let Some((text, span)) = entry.text("recipient") {
                let recipient = Recipient::age(text, Some(span));
                self.age(&recipient, entry, span, groups);
                group.push(recipient);
            }
        }
        for entry in entries("pgp") {
            if let Some((text, span)) = entry.text("fp") {
                self.created_at(entry, span);
                let is_message =
                    |text: &str| text.trim_start().starts_with("-----BEGIN PGP MESSAGE-----");
                if !entry.text("enc").is_some_and(|(enc, _)| is_message(enc)) {
                    self.bad_data_key(span, "is no PGP message");
                }
                group.push(Recipient::pgp(text, Some(span)));
            }
        }
        for (list, kind) in [
            ("kms", RecipientKind::AwsKms),
            ("gcp_kms", RecipientKind::GcpKms),
            ("azure_kv", RecipientKind::AzureKeyVault),
            ("hc_vault", RecipientKind::HcVault),
            ("hckms", RecipientKind::HuaweiKms),
            ("plugins", RecipientKind::SopsPlugin),
        ] {
            for entry in entries(list) {
                if let Some((id, span)) = identification(kind, entry) {
                    if kind != RecipientKind::SopsPlugin {
                        self.created_at(entry, span);
                    }
                    group.push(Recipient::other(kind, id, Some(span)));
                }
            }
        }
        let damaged = self.accepted.iter().skip(known);
        let damaged = damaged.filter(|problem| problem.code == Code::BadDataKey);
        if !group.is_empty() && damaged.count() == group.len() {
            let first = group
                .first()
                .and_then(|recipient: &Recipient| recipient.span);
            self.ruined.push(first.unwrap_or_default());
        }
        self.check(&group);
        group
    }

    /// Well-formed and without duplicates?
    fn check(&mut self, group: &[Recipient]) {
        let mut seen = std::collections::BTreeSet::new();
        for recipient in group {
            let span = recipient.span.unwrap_or_default();
            if let Some(defect) = recipient.defect() {
                self.accepted
                    .push(Problem::new(Code::BadRecipient, span, defect));
            }
            if !seen.insert(recipient.key()) {
                let message = "this recipient is named twice in one group";
                self.accepted
                    .push(Problem::new(Code::DuplicateRecipient, span, message));
            }
        }
    }

    fn created_at(&mut self, entry: &MetaValue, span: Span) {
        let time = entry.text("created_at");
        if !time.is_some_and(|(text, _)| rfc3339::is_time(text)) {
            let place = time.map_or(span, |(_, span)| span);
            let message = "`created_at` of this recipient is no RFC 3339 time";
            self.refused
                .push(Problem::new(Code::BadCreatedAt, place, message));
        }
    }

    fn bad_data_key(&mut self, span: Span, what: &str) {
        let message = format!("the data key of this recipient {what}: it cannot decrypt the file");
        self.accepted
            .push(Problem::new(Code::BadDataKey, span, message));
    }

    /// The data key (32 bytes, one more as a part of several groups) must be encrypted to
    /// exactly this recipient.
    fn age(&mut self, recipient: &Recipient, entry: &MetaValue, span: Span, groups: usize) {
        let Some((enc, _)) = entry.text("enc") else {
            return self.bad_data_key(span, "is missing");
        };
        let Ok(facts) = age::inspect(enc.as_bytes()) else {
            return self.bad_data_key(span, "is damaged");
        };
        let expected = if groups >= 2 { 33 } else { 32 };
        let recipients: Vec<_> = facts.recipients().collect();
        if recipients.len() != 1 || !facts.armored || facts.plaintext_length != expected {
            return self.bad_data_key(span, "is no age message of one data key");
        }
        if !belongs(recipient, &facts) {
            let message = "the data key beside this SSH recipient was encrypted to another key";
            self.accepted
                .push(Problem::new(Code::RecipientTagMismatch, span, message));
        }
    }
}

/// Whether the stanza can be one for this recipient; only SSH stanzas hold more than their type.
fn belongs(recipient: &Recipient, facts: &AgeFacts) -> bool {
    let Some(key) = SshPublicKey::parse(&recipient.id) else {
        return true;
    };
    let tag = key.tag();
    facts
        .recipients()
        .all(|stanza| stanza.tag.as_deref() == Some(&*tag))
}

/// What `sops updatekeys` compares.
fn identification(kind: RecipientKind, entry: &MetaValue) -> Option<(String, Span)> {
    let text = |name: &str| entry.text(name).map_or("", |(text, _)| text);
    let (name, id) = match kind {
        RecipientKind::AwsKms => {
            let role = text("role");
            let arn = text("arn").to_owned();
            (
                "arn",
                if role.is_empty() {
                    arn
                } else {
                    format!("{arn}+{role}")
                },
            )
        }
        RecipientKind::GcpKms => ("resource_id", text("resource_id").to_owned()),
        RecipientKind::AzureKeyVault => (
            "name",
            format!(
                "{}/keys/{}/{}",
                text("vault_url"),
                text("name"),
                text("version")
            ),
        ),
        RecipientKind::HcVault => (
            "key_name",
            format!(
                "{}/v1/{}/keys/{}",
                text("vault_address"),
                text("engine_path"),
                text("key_name")
            ),
        ),
        RecipientKind::SopsPlugin => (
            "binary_name",
            format!("{}/{}", text("binary_name"), text("instance_id")),
        ),
        _ => ("key_id", text("key_id").to_owned()),
    };
    entry.text(name).map(|(_, span)| (id, span))
}
