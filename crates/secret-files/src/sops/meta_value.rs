//! The metadata of a sops file as one tree, whether it was nested or flattened.

use std::collections::BTreeMap;

use crate::Span;
use crate::tree::{Entry, Kind, NodeId, ScalarClass, Tree};

/// More values than any real metadata has.
const MAX_VALUES: usize = 20_000;
/// More text than any real metadata has, in bytes; aliases count each time.
const MAX_TEXT: usize = 16 << 20;
const MAX_DEPTH: usize = 12;

pub(super) enum MetaValue {
    Scalar {
        text: String,
        span: Span,
        class: ScalarClass,
    },
    List(BTreeMap<usize, MetaValue>),
    Map(BTreeMap<String, MetaValue>),
}

/// What may still be taken over.
struct Budget {
    values: usize,
    text: usize,
}

impl Budget {
    fn take(&mut self, text: &str) -> Option<String> {
        self.text = self.text.checked_sub(text.len())?;
        Some(text.to_owned())
    }
}

impl MetaValue {
    /// The value below `id`; aliases are followed. `None` if it is larger than metadata can be.
    pub(super) fn from_tree(tree: &Tree<'_>, id: NodeId) -> Option<Self> {
        let mut budget = Budget {
            values: MAX_VALUES,
            text: MAX_TEXT,
        };
        convert(tree, id, MAX_DEPTH, &mut budget)
    }

    /// Metadata whose keys were flattened: `age__list_0__map_recipient`.
    pub(super) fn from_flattened<'a>(
        pairs: impl Iterator<Item = (&'a str, &'a str, Span)>,
    ) -> Option<Self> {
        let mut root = Self::Map(BTreeMap::new());
        for (count, (key, text, span)) in pairs.enumerate() {
            if count >= MAX_VALUES {
                return None;
            }
            let text = text.replace("\\n", "\n");
            insert(
                &mut root,
                key,
                Self::Scalar {
                    text,
                    span,
                    class: ScalarClass::String,
                },
            );
        }
        Some(root)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(name),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &Self> {
        match self {
            Self::List(list) => Some(list.values()),
            _ => None,
        }
        .into_iter()
        .flatten()
    }

    /// The text and place of a scalar that is not null.
    pub(super) fn scalar(&self) -> Option<(&str, Span)> {
        match self {
            Self::Scalar { text, span, class } if *class != ScalarClass::Null => {
                Some((text, *span))
            }
            _ => None,
        }
    }

    /// The text and place of the scalar at `name`.
    pub(super) fn text(&self, name: &str) -> Option<(&str, Span)> {
        self.get(name)?.scalar()
    }
}

fn convert(tree: &Tree<'_>, id: NodeId, depth: usize, budget: &mut Budget) -> Option<MetaValue> {
    budget.values = budget.values.checked_sub(1)?;
    let depth = depth.checked_sub(1)?;
    let node = tree.resolve(id)?;
    Some(match &node.kind {
        Kind::Scalar(scalar) => MetaValue::Scalar {
            text: budget.take(&scalar.text)?,
            span: node.span,
            class: scalar.class,
        },
        Kind::Sequence(entries) => {
            let mut list = BTreeMap::new();
            for entry in entries {
                if let Entry::Item(item) = entry {
                    list.insert(list.len(), convert(tree, *item, depth, budget)?);
                }
            }
            MetaValue::List(list)
        }
        Kind::Mapping(entries) => {
            let mut map = BTreeMap::new();
            for entry in entries {
                if let Entry::Pair { key, value } = entry
                    && let Some(key) = tree.scalar(*key)
                {
                    map.insert(
                        budget.take(&key.text)?,
                        convert(tree, *value, depth, budget)?,
                    );
                }
            }
            MetaValue::Map(map)
        }
        Kind::Alias(_) | Kind::UnknownAlias => return None,
    })
}

/// Puts `value` where the flattened `key` says; keys that contradict earlier ones are dropped.
fn insert(root: &mut MetaValue, key: &str, value: MetaValue) {
    let mut place = root;
    let mut rest = key;
    let mut is_list = false;
    for _ in 0..MAX_DEPTH {
        let map = rest.find("__map_");
        let list = rest.find("__list_");
        let (length, next_is_list) = match (map, list) {
            (Some(map), Some(list)) => (map.min(list), list < map),
            (Some(map), None) => (map, false),
            (None, Some(list)) => (list, true),
            (None, None) => (rest.len(), false),
        };
        let name = rest.get(..length).unwrap_or_default();
        let after = rest.get(length..).unwrap_or_default();
        let is_last = after.is_empty();
        let empty = match (is_last, next_is_list) {
            (true, _) => None,
            (false, true) => Some(MetaValue::List(BTreeMap::new())),
            (false, false) => Some(MetaValue::Map(BTreeMap::new())),
        };
        let slot = match (place, is_list) {
            (MetaValue::Map(map), false) => match empty {
                None => {
                    map.insert(name.to_owned(), value);
                    return;
                }
                Some(empty) => map.entry(name.to_owned()).or_insert(empty),
            },
            (MetaValue::List(list), true) => {
                let Ok(index) = name.parse() else { return };
                match empty {
                    None => {
                        list.insert(index, value);
                        return;
                    }
                    Some(empty) => list.entry(index).or_insert(empty),
                }
            }
            _ => return,
        };
        place = slot;
        rest = after
            .strip_prefix(if next_is_list { "__list_" } else { "__map_" })
            .unwrap_or_default();
        is_list = next_is_list;
    }
}

#[cfg(test)]
mod tests {
    use super::MetaValue;
    use crate::Span;

    #[test]
    fn flattened_keys_are_unfolded() {
        let pairs = [
            ("age__list_1__map_recipient", "b"),
            ("age__list_0__map_recipient", "a"),
            ("age__list_0__map_enc", "x\\ny"),
            ("key_groups__list_0__map_age__list_0__map_recipient", "c"),
            ("version", "3.9.0"),
            ("version__map_x", "contradicts"),
            ("age__list_x__map_recipient", "no index"),
        ];
        let root = MetaValue::from_flattened(
            pairs
                .iter()
                .map(|(key, text)| (*key, *text, Span::default())),
        )
        .unwrap();
        let age: Vec<&str> = root
            .get("age")
            .unwrap()
            .items()
            .map(|entry| entry.text("recipient").unwrap().0)
            .collect();
        assert_eq!(age, ["a", "b"]);
        let first = root.get("age").unwrap().items().next().unwrap();
        assert_eq!(first.text("enc").unwrap().0, "x\ny");
        assert_eq!(root.text("version").unwrap().0, "3.9.0");
        let group = root.get("key_groups").unwrap().items().next().unwrap();
        assert_eq!(group.get("age").unwrap().items().count(), 1);
    }
}
