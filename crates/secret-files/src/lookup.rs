//! Looking a key up as sops-nix does.

use crate::{FileFacts, KeyFacts, KeyId, KeyName, Keys, SopsFormat, State, Value};

/// What is at a key that a configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// A string, or something that sops decrypts to one (or damaged ciphertext, see its value).
    Found(&'a KeyFacts),
    /// The key is ignored and the whole file is the secret: the key is empty, or the format
    /// has no keys for sops-nix (binary, dotenv, INI).
    WholeFile,
    /// There is no such key.
    Missing {
        /// The longest part of the path that exists; empty if not even the first does.
        parent: String,
        /// Existing keys that may be meant, the likeliest first.
        candidates: Vec<String>,
    },
    /// The key exists, but is a number, a boolean, a mapping, …: activation fails.
    NotAString(&'a KeyFacts),
    /// An earlier part of the path is no mapping, so nothing can be below it.
    NotAMapping {
        /// The part of the path that is no mapping.
        path: String,
        /// What is there.
        key: &'a KeyFacts,
    },
    /// A nested key of a JSON file exists, but sops-nix reads only the top level of JSON.
    NestedInJson(&'a KeyFacts),
    /// A key with this very name exists, but `/` separates levels, so it cannot be reached.
    Unreachable(&'a KeyFacts),
    /// The file did not parse far enough to know.
    Undetermined,
}

/// Most candidates that are offered.
const MAX_CANDIDATES: usize = 3;
/// Keys beyond these are not compared, nor are longer ones.
const MAX_COMPARED: usize = 5_000;
const MAX_LENGTH: usize = 200;

impl FileFacts {
    /// Looks `key` up as sops-nix does with a file of the declared `format`: `/` separates the
    /// levels, only the first document counts, and the value must be a string.
    #[must_use]
    pub fn lookup(&self, format: SopsFormat, key: &str) -> Lookup<'_> {
        if key.is_empty() || !matches!(format, SopsFormat::Yaml | SopsFormat::Json) {
            return Lookup::WholeFile;
        }
        if self.keys.is_empty() && matches!(self.state, State::Broken | State::Plaintext) {
            return Lookup::Undetermined;
        }
        let keys = &self.keys;
        let mut parent: Option<KeyId> = None;
        let mut path = String::new();
        let mut parts = key.split('/').peekable();
        while let Some(part) = parts.next() {
            let Some((id, found)) = child(keys, parent, part) else {
                if let Some((_, literal)) = child(keys, None, key).filter(|_| key.contains('/')) {
                    return Lookup::Unreachable(literal);
                }
                return Lookup::Missing {
                    parent: path,
                    candidates: candidates(keys, key),
                };
            };
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(part);
            if parts.peek().is_none() {
                return if is_string(&found.value) {
                    Lookup::Found(found)
                } else {
                    Lookup::NotAString(found)
                };
            }
            if format == SopsFormat::Json {
                return Lookup::NestedInJson(found);
            }
            if found.value != Value::Mapping {
                return Lookup::NotAMapping { path, key: found };
            }
            parent = Some(id);
        }
        Lookup::Undetermined
    }
}

const fn is_string(value: &Value) -> bool {
    value.is_string() || matches!(value, Value::Malformed)
}

/// The child of this name, also from merge keys (`<<`), which YAML resolves after decryption.
fn child<'a>(keys: &'a Keys, parent: Option<KeyId>, name: &str) -> Option<(KeyId, &'a KeyFacts)> {
    let is_named =
        |key: &KeyFacts, name: &str| matches!(&key.name, KeyName::Key(key) if key == name);
    let of_first_document = |key: &KeyFacts| key.document == 0;
    let children = || {
        keys.children(parent)
            .filter(|(_, key)| of_first_document(key))
    };
    if let Some(found) = children().find(|(_, key)| is_named(key, name)) {
        return Some(found);
    }
    children()
        .filter(|(_, key)| is_named(key, "<<"))
        .find_map(|(id, key)| match key.value {
            Value::Mapping => keys.children(Some(id)).find(|(_, key)| is_named(key, name)),
            Value::Sequence => keys.children(Some(id)).find_map(|(item, _)| {
                keys.children(Some(item))
                    .find(|(_, key)| is_named(key, name))
            }),
            _ => None,
        })
}

/// Existing strings whose path, or last part, resembles `wanted`.
fn candidates(keys: &Keys, wanted: &str) -> Vec<String> {
    let last_of = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let wanted_last = normal(&last_of(wanted));
    let mut ranked: Vec<(usize, String)> = keys
        .leaves()
        .filter(|(_, key)| key.document == 0 && is_string(&key.value))
        .take(MAX_COMPARED)
        .map(|(id, _)| keys.path_text(id))
        .filter(|path| path.len() <= MAX_LENGTH && wanted.len() <= MAX_LENGTH)
        .filter_map(|path| {
            let distance = strsim::damerau_levenshtein(&normal(&path), &normal(wanted));
            let limit = wanted.chars().count().max(3) / 3;
            let last = normal(&last_of(&path));
            let rank = if distance <= limit {
                distance
            } else if last == wanted_last {
                limit + 1
            } else if strsim::damerau_levenshtein(&last, &wanted_last)
                <= wanted_last.chars().count() / 4
            {
                limit + 2
            } else {
                return None;
            };
            Some((rank, path))
        })
        .collect();
    ranked.sort();
    ranked.truncate(MAX_CANDIDATES);
    ranked.into_iter().map(|(_, path)| path).collect()
}

/// Spellings that people confuse: case, and `-` for `_`.
fn normal(text: &str) -> String {
    text.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::Lookup;
    use crate::{SopsFormat, describe};

    const YAML: &str = "db:\n  password: x\n  port: 5432\n\
                        base: &base {user: bob}\nmerged:\n  <<: *base\n  own: y\n\
                        list: [a, b]\n\"a/b\": z\nempty: ''\nnothing:\n---\nsecond: x\n";

    fn lookup(key: &str) -> String {
        let facts = describe("secrets.yaml", YAML.as_bytes());
        match facts.lookup(SopsFormat::Yaml, key) {
            Lookup::Found(key) => format!("found {}", key.name),
            Lookup::Missing { parent, candidates } => {
                format!("missing below {parent:?}: {candidates:?}")
            }
            Lookup::NotAString(key) => format!("not a string: {}", key.name),
            Lookup::NotAMapping { path, .. } => format!("not a mapping: {path}"),
            Lookup::Unreachable(_) => "unreachable".to_owned(),
            Lookup::WholeFile => "whole file".to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn as_sops_nix_does() {
        assert_eq!(lookup("db/password"), "found password");
        assert_eq!(lookup("merged/user"), "found user");
        assert_eq!(lookup("empty"), "found empty");
        assert_eq!(lookup(""), "whole file");
        assert_eq!(lookup("db"), "not a string: db");
        assert_eq!(lookup("db/port"), "not a string: port");
        assert_eq!(lookup("nothing"), "not a string: nothing");
        assert_eq!(lookup("list/0"), "not a mapping: list");
        assert_eq!(lookup("db/password/x"), "not a mapping: db/password");
        assert_eq!(lookup("a/b"), "unreachable");
        assert_eq!(lookup("db/"), "missing below \"db\": []");
        assert_eq!(lookup("second"), "missing below \"\": []");
    }

    #[test]
    fn what_may_be_meant() {
        assert_eq!(
            lookup("db/pasword"),
            "missing below \"db\": [\"db/password\"]"
        );
        assert_eq!(
            lookup("db_password"),
            "missing below \"\": [\"db/password\"]"
        );
        assert_eq!(lookup("password"), "missing below \"\": [\"db/password\"]");
        assert_eq!(lookup("PASSWORD"), "missing below \"\": [\"db/password\"]");
        assert_eq!(lookup("unrelated"), "missing below \"\": []");
    }

    #[test]
    fn json_has_one_level_for_sops_nix() {
        let facts = describe("s.json", br#"{"db": {"pass": "x"}, "flat": "y"}"#);
        assert!(matches!(
            facts.lookup(SopsFormat::Json, "db/pass"),
            Lookup::NestedInJson(_)
        ));
        assert!(matches!(
            facts.lookup(SopsFormat::Json, "flat"),
            Lookup::Found(_)
        ));
        assert!(matches!(
            facts.lookup(SopsFormat::Json, "x/pass"),
            Lookup::Missing { .. }
        ));
        assert_eq!(facts.lookup(SopsFormat::Binary, "flat"), Lookup::WholeFile);
    }
}
