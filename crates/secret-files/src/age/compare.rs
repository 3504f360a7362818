//! Whether an age file is encrypted to the public keys that it should be.

use data_encoding::BASE64_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{AgeFacts, AgeStanza, Recipient, RecipientKind, SshPublicKey, bech32, ssh};

/// What re-encrypting to the expected public keys would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgeRecipientDiff {
    /// Expected keys that certainly cannot decrypt the file.
    pub missing: Vec<Recipient>,
    /// Stanzas of keys that are no longer expected: these can still decrypt.
    pub stale: Vec<AgeStanza>,
    /// Stanzas that name nobody, when their number differs: how many are expected and how many
    /// there are. They cannot be compared one by one.
    pub anonymous: Option<(usize, usize)>,
    /// Whether some expected key is of a kind whose stanzas are not known here.
    pub undetermined: bool,
}

impl AgeRecipientDiff {
    /// Whether the file is in step as far as is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.stale.is_empty() && self.anonymous.is_none()
    }
}

/// Compares the stanzas of a file with the public keys of its rule.
///
/// SSH keys, YubiKey and tagged recipients are compared by their tag; X25519 and hybrid
/// stanzas are anonymous, so only their numbers are compared: where there are none, all are missing. Grease is ignored. A key that is
/// named twice may have one stanza or two.
#[must_use]
pub fn compare_age(expected: &[Recipient], file: &AgeFacts) -> AgeRecipientDiff {
    let mut diff = AgeRecipientDiff::default();
    let mut unexplained: Vec<&AgeStanza> = file.recipients().collect();
    let mut seen = std::collections::BTreeSet::new();
    let (mut classic, mut hybrid) = (Expected::default(), Expected::default());
    for recipient in expected {
        let is_new = seen.insert(recipient.key());
        match recipient.kind {
            RecipientKind::AgeX25519 => classic.add(recipient, is_new),
            RecipientKind::AgePostQuantum => hybrid.add(recipient, is_new),
            _ if !is_new => {}
            _ => match Tags::of(recipient) {
                Some(tags) => {
                    let before = unexplained.len();
                    unexplained.retain(|stanza| !tags.is_for(stanza));
                    if unexplained.len() == before {
                        diff.missing.push(recipient.clone());
                    }
                }
                None => diff.undetermined = true,
            },
        }
    }
    let count = |kind: &str| {
        unexplained
            .iter()
            .filter(|stanza| stanza.kind == kind)
            .count()
    };
    let mut anonymous = None;
    for (expected, found) in [
        (&classic, count("X25519")),
        (&hybrid, count("mlkem768x25519")),
    ] {
        if found == 0 {
            diff.missing.extend(expected.different.iter().cloned());
        } else if !expected.allows(found) {
            let (all, there) = anonymous.unwrap_or_default();
            anonymous = Some((all + expected.different.len(), there + found));
        }
    }
    diff.anonymous = anonymous;
    diff.stale = unexplained
        .into_iter()
        .filter(|stanza| !stanza.is_anonymous() || (!diff.undetermined && is_foreign(stanza)))
        .cloned()
        .collect();
    diff
}

impl AgeStanza {
    /// Whether the stanza is for this recipient; `None` where its kind does not show that.
    #[must_use]
    pub fn is_for(&self, recipient: &Recipient) -> Option<bool> {
        Tags::of(recipient).map(|tags| tags.is_for(self))
    }
}

/// Recipients, each with how stanzas for it look, worked out once for many stanzas.
#[derive(Debug)]
pub struct KnownRecipients(Vec<(Recipient, Tags)>);

impl KnownRecipients {
    /// Those of these whose stanzas can be told from others, in their order.
    pub fn new(recipients: impl IntoIterator<Item = Recipient>) -> Self {
        let with_tags = |recipient| Some((Tags::of(&recipient)?, recipient));
        let known = recipients.into_iter().filter_map(with_tags);
        Self(known.map(|(tags, recipient)| (recipient, tags)).collect())
    }

    /// The first one that a stanza is for.
    #[must_use]
    pub fn of(&self, stanza: &AgeStanza) -> Option<&Recipient> {
        let mut known = self.0.iter();
        let found = known.find(|(_, tags)| tags.is_for(stanza));
        found.map(|(recipient, _)| recipient)
    }
}

/// The recipients of an anonymous kind that are expected.
#[derive(Default)]
struct Expected {
    different: Vec<Recipient>,
    /// How many are named, repetitions included.
    named: usize,
}

impl Expected {
    fn add(&mut self, recipient: &Recipient, is_new: bool) {
        self.named += 1;
        if is_new {
            self.different.push(recipient.clone());
        }
    }

    const fn allows(&self, found: usize) -> bool {
        self.different.len() <= found && found <= self.named
    }
}

/// Stanzas that are not of the anonymous kinds and have no tag: plugins, passphrases.
fn is_foreign(stanza: &AgeStanza) -> bool {
    !matches!(stanza.kind.as_str(), "X25519" | "mlkem768x25519")
}

/// How stanzas for one recipient look.
#[derive(Debug)]
enum Tags {
    /// The type and the tag.
    Fixed(Vec<&'static str>, String),
    /// The type, the label and the compressed point; the tag depends on the stanza.
    Keyed(&'static str, &'static [u8], Vec<u8>),
}

impl Tags {
    fn of(recipient: &Recipient) -> Option<Self> {
        match recipient.kind {
            RecipientKind::SshEd25519 => Some(Self::Fixed(
                vec!["ssh-ed25519"],
                SshPublicKey::parse(&recipient.id)?.tag(),
            )),
            RecipientKind::SshRsa => Some(Self::Fixed(
                vec!["ssh-rsa"],
                SshPublicKey::parse(&recipient.id)?.tag(),
            )),
            RecipientKind::AgePlugin => {
                let (prefix, point) = bech32::decode(&recipient.id)?;
                (prefix == "age1yubikey")
                    .then(|| Self::Fixed(vec!["piv-p256"], ssh::short_hash(&point)))
            }
            RecipientKind::AgeTag => {
                let (prefix, data) = bech32::decode(&recipient.id)?;
                match prefix.as_str() {
                    "age1tag" => Some(Self::Keyed("p256tag", b"age-encryption.org/p256tag", data)),
                    "age1tagpq" => {
                        let point = data.get(1184..)?.to_vec();
                        Some(Self::Keyed(
                            "mlkem768p256tag",
                            b"age-encryption.org/mlkem768p256tag",
                            point,
                        ))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn is_for(&self, stanza: &AgeStanza) -> bool {
        match self {
            Self::Fixed(kinds, tag) => {
                kinds.contains(&stanza.kind.as_str()) && stanza.tag.as_deref() == Some(tag.as_str())
            }
            Self::Keyed(kind, label, point) => {
                stanza.kind == *kind
                    && stanza.tag.is_some()
                    && stanza.tag == keyed_tag(label, point, stanza)
            }
        }
    }
}

/// `HMAC-SHA256(label, enc || SHA-256(point)[..4])[..4]`
fn keyed_tag(label: &[u8], point: &[u8], stanza: &AgeStanza) -> Option<String> {
    let encapsulated = BASE64_NOPAD
        .decode(stanza.arguments.get(1)?.as_bytes())
        .ok()?;
    let hash = BASE64_NOPAD
        .decode(ssh::short_hash(point).as_bytes())
        .ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(label).ok()?;
    mac.update(&encapsulated);
    mac.update(&hash);
    let tag = mac.finalize().into_bytes();
    Some(BASE64_NOPAD.encode(tag.get(..4)?))
}

#[cfg(test)]
mod tests {
    use super::compare_age;
    use crate::{AgeFacts, AgeStanza, Recipient, Span};

    const USER1: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL0idNvgGiucWgup/mP78zyC23uFjYq0evcWdjGQUaBH";
    const SYSTEM1: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPJDyIr/FSz1cJdcoW69R+NrWzwGK/+3gJpqD1t8L2zE";
    const CLASSIC: &str = "age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvy";

    fn stanza(kind: &str, tag: Option<&str>) -> AgeStanza {
        AgeStanza {
            kind: kind.to_owned(),
            arguments: tag.map(str::to_owned).into_iter().collect(),
            tag: tag.map(str::to_owned),
            span: Span::default(),
        }
    }

    fn file(stanzas: Vec<AgeStanza>) -> AgeFacts {
        AgeFacts {
            armored: false,
            stanzas,
            plaintext_length: 1,
        }
    }

    fn keys(texts: &[&str]) -> Vec<Recipient> {
        texts
            .iter()
            .map(|text| Recipient::age(text, None))
            .collect()
    }

    #[test]
    fn ssh_keys_are_compared_by_tag() {
        let both = file(vec![
            stanza("ssh-ed25519", Some("V3XmEA")),
            stanza("ssh-ed25519", Some("KLPP8w")),
        ]);
        assert!(compare_age(&keys(&[USER1, SYSTEM1]), &both).is_empty());
        let diff = compare_age(&keys(&[USER1]), &both);
        assert_eq!(diff.stale.len(), 1);
        assert_eq!(diff.stale[0].tag.as_deref(), Some("KLPP8w"));
        let one = file(vec![stanza("ssh-ed25519", Some("V3XmEA"))]);
        assert_eq!(
            compare_age(&keys(&[USER1, SYSTEM1]), &one).missing,
            keys(&[SYSTEM1])
        );
    }

    #[test]
    fn anonymous_stanzas_are_only_counted_and_grease_is_ignored() {
        let two = file(vec![
            stanza("X25519", None),
            stanza("X25519", None),
            stanza("gU[-grease", None),
        ]);
        assert_eq!(compare_age(&keys(&[CLASSIC]), &two).anonymous, Some((1, 2)));
        let one = file(vec![stanza("X25519", None), stanza("x-grease", None)]);
        assert!(compare_age(&keys(&[CLASSIC, CLASSIC]), &one).is_empty());
    }

    #[test]
    fn a_stanza_of_another_kind_is_stale_unless_a_plugin_is_expected() {
        let plugin = file(vec![stanza("fido2-hmac", None)]);
        assert_eq!(compare_age(&keys(&[CLASSIC]), &plugin).stale.len(), 1);
        let diff = compare_age(&keys(&["age1fido2-hmac1qqqq"]), &plugin);
        assert!(diff.undetermined && diff.stale.is_empty());
    }
}
