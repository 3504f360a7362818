//! Whether a sops file is encrypted to whom `.sops.yaml` says.

use std::collections::BTreeMap;

use super::Recipient;

/// What `sops updatekeys` would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecipientDiff {
    /// Expected, but not in the file: they cannot decrypt it.
    pub missing: Vec<Recipient>,
    /// In the file, but no longer expected: they still can decrypt it.
    pub stale: Vec<Recipient>,
    /// The same SSH key with another comment: sops wants to update, access is the same.
    pub other_comment: Vec<Recipient>,
    /// The same recipients, but divided into groups differently.
    pub groups_differ: bool,
    /// The threshold that is expected and the one of the file, if they differ.
    pub threshold: Option<(usize, usize)>,
}

impl RecipientDiff {
    /// Whether nothing differs, not even a comment.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the same keys can decrypt, in the same groups.
    #[must_use]
    pub fn same_access(&self) -> bool {
        self.missing.is_empty()
            && self.stale.is_empty()
            && !self.groups_differ
            && self.threshold.is_none()
    }
}

/// Compares group by group, by the sets of keys, as `sops updatekeys` does.
///
/// `threshold` is `shamir_threshold` of the rule and of the file; with fewer than two groups
/// it has no meaning. sops takes all groups where none is given.
#[must_use]
pub fn compare_groups(
    expected: &[Vec<Recipient>],
    actual: &[Vec<Recipient>],
    threshold: (Option<usize>, Option<usize>),
) -> RecipientDiff {
    let all = |groups: &[Vec<Recipient>]| -> BTreeMap<String, Recipient> {
        groups
            .iter()
            .flatten()
            .map(|recipient| (recipient.key(), recipient.clone()))
            .collect()
    };
    let (wanted, present) = (all(expected), all(actual));
    let without = |these: &BTreeMap<String, Recipient>,
                   those: &BTreeMap<String, Recipient>|
     -> Vec<Recipient> {
        these
            .iter()
            .filter(|(key, _)| !those.contains_key(*key))
            .map(|(_, recipient)| recipient.clone())
            .collect()
    };
    let missing = without(&wanted, &present);
    let stale = without(&present, &wanted);
    let other_comment = present
        .iter()
        .filter(|(key, recipient)| {
            wanted
                .get(*key)
                .is_some_and(|wanted| wanted.id != recipient.id)
        })
        .map(|(_, recipient)| recipient.clone())
        .collect();
    let same_set = missing.is_empty() && stale.is_empty();
    let groups_differ = same_set && sets(expected) != sets(actual);
    let threshold = (expected.len() >= 2 || actual.len() >= 2)
        .then(|| {
            let effective = |given: Option<usize>, groups: usize| match given {
                None | Some(0) => groups,
                Some(given) => given.min(groups),
            };
            (
                effective(threshold.0, expected.len()),
                effective(threshold.1, actual.len()),
            )
        })
        .filter(|(expected, actual)| expected != actual);
    RecipientDiff {
        missing,
        stale,
        other_comment,
        groups_differ,
        threshold,
    }
}

fn sets(groups: &[Vec<Recipient>]) -> Vec<Vec<String>> {
    let set = |group: &Vec<Recipient>| {
        let mut keys: Vec<String> = group.iter().map(Recipient::key).collect();
        keys.sort();
        keys.dedup();
        keys
    };
    groups.iter().map(set).collect()
}

#[cfg(test)]
mod tests {
    use super::{Recipient, compare_groups};

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPJDyIr/FSz1cJdcoW69R+NrWzwGK/+3gJpqD1t8L2zE";

    fn age(text: &str) -> Recipient {
        Recipient::age(text, None)
    }

    #[test]
    fn missing_and_stale() {
        let diff = compare_groups(
            &[vec![age("age1a"), age("age1b")]],
            &[vec![age("age1b"), age("age1c")]],
            (None, None),
        );
        assert_eq!(diff.missing, [age("age1a")]);
        assert_eq!(diff.stale, [age("age1c")]);
        assert!(!diff.same_access());
    }

    #[test]
    fn order_in_a_group_and_duplicates_do_not_matter() {
        let diff = compare_groups(
            &[vec![age("age1a"), age("age1b"), age("age1a")]],
            &[vec![age("age1b"), age("age1a")]],
            (None, None),
        );
        assert!(diff.is_empty());
    }

    #[test]
    fn order_of_groups_matters() {
        let (a, b) = (vec![age("age1a")], vec![age("age1b")]);
        let diff = compare_groups(&[a.clone(), b.clone()], &[b, a], (Some(2), Some(2)));
        assert!(diff.groups_differ);
    }

    #[test]
    fn a_comment_is_no_difference_of_access() {
        let diff = compare_groups(
            &[vec![age(&format!("{KEY} a@b"))]],
            &[vec![age(KEY)]],
            (None, None),
        );
        assert!(diff.same_access());
        assert_eq!(diff.other_comment.len(), 1);
    }

    #[test]
    fn thresholds_count_at_most_all_groups() {
        let groups = [vec![age("age1a")], vec![age("age1b")]];
        assert!(compare_groups(&groups, &groups, (Some(5), None)).is_empty());
        assert_eq!(
            compare_groups(&groups, &groups, (Some(1), Some(2))).threshold,
            Some((1, 2))
        );
        assert!(compare_groups(&groups[..1], &groups[..1], (Some(1), None)).is_empty());
    }
}
