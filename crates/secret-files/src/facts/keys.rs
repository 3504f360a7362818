//! The keys of a file, as a tree in one vector.

use std::fmt;

use crate::Span;

/// The type that sops remembers beside a ciphertext.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SopsType {
    /// `str`
    String,
    /// `int`
    Integer,
    /// `float`
    Float,
    /// `bytes`
    Bytes,
    /// `bool`
    Bool,
    /// `time`
    Time,
    /// `comment`
    Comment,
}

impl SopsType {
    /// The name inside `ENC[…,type:name]`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "str",
            Self::Integer => "int",
            Self::Float => "float",
            Self::Bytes => "bytes",
            Self::Bool => "bool",
            Self::Time => "time",
            Self::Comment => "comment",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "str" => Self::String,
            "int" => Self::Integer,
            "float" => Self::Float,
            "bytes" => Self::Bytes,
            "bool" => Self::Bool,
            "time" => Self::Time,
            "comment" => Self::Comment,
            _ => return None,
        })
    }
}

/// What a plaintext scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueClass {
    /// A string.
    String,
    /// A whole number.
    Integer,
    /// A number with a fraction or exponent.
    Float,
    /// `true` or `false`.
    Bool,
    /// No value.
    Null,
    /// A date or time that YAML recognises.
    Timestamp,
}

impl ValueClass {
    /// The name for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Float => "number",
            Self::Bool => "boolean",
            Self::Null => "null",
            Self::Timestamp => "timestamp",
        }
    }
}

/// What is at a key. Never the content itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A mapping (also a document or a section).
    Mapping,
    /// A list.
    Sequence,
    /// Ciphertext of sops.
    Encrypted {
        /// The type of the plaintext.
        sops_type: SopsType,
        /// The length of the plaintext in bytes.
        length: usize,
    },
    /// Begins as ciphertext, but cannot be decrypted.
    Malformed,
    /// Plaintext.
    Plain {
        /// What it is.
        class: ValueClass,
        /// Its length in bytes.
        length: usize,
        /// Whether the rule of the sops file wants it encrypted. Empty strings and null stay
        /// plain under every rule; in a file that is no sops file this is `false`.
        should_be_encrypted: bool,
    },
}

impl Value {
    /// Whether it decrypts to (or is) an empty string or nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(
            self,
            Self::Plain {
                class: ValueClass::String,
                length: 0,
                ..
            } | Self::Plain {
                class: ValueClass::Null,
                ..
            }
        )
    }

    /// Whether it is a string, or sops would decrypt it to one.
    #[must_use]
    pub const fn is_string(&self) -> bool {
        matches!(
            self,
            Self::Encrypted {
                sops_type: SopsType::String,
                ..
            } | Self::Plain {
                class: ValueClass::String,
                ..
            }
        )
    }

    /// Length of the plaintext in bytes, for a scalar.
    #[must_use]
    pub const fn plaintext_length(&self) -> Option<usize> {
        match self {
            Self::Encrypted { length, .. } | Self::Plain { length, .. } => Some(*length),
            _ => None,
        }
    }
}

/// The place of a key in [`Keys`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(u32);

/// One element of a key path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyName {
    /// A key of a mapping.
    Key(String),
    /// A place in a list, from 0.
    Index(usize),
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(name) => formatter.write_str(name),
            Self::Index(index) => write!(formatter, "{index}"),
        }
    }
}

/// One key with what is at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// The key or index.
    pub name: KeyName,
    /// The mapping or list that it is in; `None` at the top of a document.
    pub parent: Option<KeyId>,
    /// The document that it is in, from 0.
    pub document: usize,
    /// The place of the key; of the value for items of a list.
    pub key_span: Span,
    /// The place of the value.
    pub span: Span,
    /// What is there.
    pub value: Value,
    /// How many keys are below, so that siblings can be reached.
    pub(crate) below: u32,
}

/// All keys of a file, every mapping before what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    keys: Vec<KeyFacts>,
}

impl Keys {
    pub(crate) fn push(&mut self, key: KeyFacts) -> Option<KeyId> {
        let id = KeyId(u32::try_from(self.keys.len()).ok()?);
        self.keys.push(key);
        Some(id)
    }

    /// To be called after everything below `id` was pushed.
    pub(crate) fn close(&mut self, id: KeyId) {
        let count = self.keys.len().saturating_sub(id.0 as usize + 1);
        if let Some(key) = self.keys.get_mut(id.0 as usize) {
            key.below = u32::try_from(count).unwrap_or(u32::MAX);
        }
    }

    pub(crate) fn set_value(&mut self, id: KeyId, value: Value) {
        if let Some(key) = self.keys.get_mut(id.0 as usize) {
            key.value = value;
        }
    }

    /// Number of keys, with mappings and lists.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key at `id`.
    #[must_use]
    pub fn get(&self, id: KeyId) -> Option<&KeyFacts> {
        self.keys.get(id.0 as usize)
    }

    /// All keys in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (KeyId, &KeyFacts)> {
        self.keys
            .iter()
            .enumerate()
            .map(|(index, key)| (KeyId(u32::try_from(index).unwrap_or(u32::MAX)), key))
    }

    /// The keys with a value: neither mappings nor lists.
    pub fn leaves(&self) -> impl Iterator<Item = (KeyId, &KeyFacts)> {
        self.iter()
            .filter(|(_, key)| !matches!(key.value, Value::Mapping | Value::Sequence))
    }

    /// The keys directly below `parent`; with `None` those at the top of all documents.
    pub fn children(&self, parent: Option<KeyId>) -> impl Iterator<Item = (KeyId, &KeyFacts)> {
        let (mut next, end) = match parent {
            None => (0, self.keys.len()),
            Some(id) => {
                let below = self.get(id).map_or(0, |key| key.below as usize);
                (id.0 as usize + 1, id.0 as usize + 1 + below)
            }
        };
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let key = self.keys.get(next)?;
            let id = KeyId(u32::try_from(next).ok()?);
            next += 1 + key.below as usize;
            Some((id, key))
        })
    }

    /// The names from the top to `id`.
    #[must_use]
    pub fn path(&self, id: KeyId) -> Vec<&KeyName> {
        let mut path = Vec::new();
        let mut next = Some(id);
        while let Some(key) = next.and_then(|id| self.get(id)) {
            path.push(&key.name);
            next = key.parent;
        }
        path.reverse();
        path
    }

    /// The path in the notation of sops-nix: `db/password`, list items by number.
    #[must_use]
    pub fn path_text(&self, id: KeyId) -> String {
        let parts: Vec<String> = self.path(id).iter().map(ToString::to_string).collect();
        parts.join("/")
    }
}
