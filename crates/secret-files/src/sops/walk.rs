//! All values of a file: their keys, and which of them are encrypted.

use std::collections::BTreeMap;

use super::encrypted_value::{self, EncryptedValue};
use super::rule::Rule;
use crate::tree::{self, Entry, Kind, MAX_DEPTH, MAX_NODES, NodeId, ScalarClass, Tree};
use crate::{Code, KeyFacts, KeyId, KeyName, Keys, Problem, Span, Value, ValueClass};

/// Most problems of one kind that are listed.
const MAX_LISTED: usize = 200;

/// What the values of a file add up to.
#[derive(Default)]
pub(super) struct Summary {
    pub(super) keys: Keys,
    pub(super) problems: Vec<Problem>,
    /// Valid ciphertexts where ciphertext should be.
    pub(super) encrypted: usize,
    /// Plaintext where ciphertext should be.
    pub(super) plaintext: usize,
    /// Damaged ciphertext where ciphertext should be.
    pub(super) malformed: usize,
    /// Values that are not empty and that the rule leaves plain.
    pub(super) left_plain: usize,
}

pub(super) struct Walk<'t> {
    tree: &'t Tree<'t>,
    /// `None` in a file that is no sops file.
    rule: Option<&'t Rule>,
    summary: Summary,
    /// Every ciphertext, with the first key at which it occurs.
    ciphertexts: BTreeMap<&'t str, KeyId>,
    listed: BTreeMap<Code, usize>,
    document: usize,
}

/// What is known of a value before it is inspected.
struct Place {
    name: KeyName,
    parent: Option<KeyId>,
    key_span: Span,
    /// Whether the rule matches the path or a comment above it.
    matched: bool,
    depth: usize,
}

/// Walks through all documents. `skip` decides which keys of a document's top level are metadata.
pub(super) fn walk<'t>(
    tree: &'t Tree<'t>,
    rule: Option<&'t Rule>,
    skip: impl Fn(&str) -> bool,
) -> Result<Summary, Problem> {
    let mut walk = Walk {
        tree,
        rule,
        summary: Summary::default(),
        ciphertexts: BTreeMap::new(),
        listed: BTreeMap::new(),
        document: 0,
    };
    for (document, root) in tree.documents.iter().enumerate() {
        walk.document = document;
        walk.mapping(*root, None, false, 0, &skip)?;
    }
    Ok(walk.summary)
}

impl<'t> Walk<'t> {
    fn mapping(
        &mut self,
        id: NodeId,
        parent: Option<KeyId>,
        matched: bool,
        depth: usize,
        skip: &dyn Fn(&str) -> bool,
    ) -> Result<(), Problem> {
        let mut commented = false;
        for entry in self.tree.mapping(id).unwrap_or_default() {
            match entry {
                Entry::Comment(comment) => commented |= self.comment(comment)?,
                Entry::Pair { key, value } => {
                    let (name, key_span) = self.key_name(*key);
                    self.spend(name.len(), key_span)?;
                    if skip(name) {
                        commented = false;
                        continue;
                    }
                    let rule_matches = self.rule.is_some_and(|rule| rule.matches_key(name));
                    let place = Place {
                        name: KeyName::Key(name.to_owned()),
                        parent,
                        key_span,
                        matched: matched || commented || rule_matches,
                        depth: depth + 1,
                    };
                    commented = false;
                    self.value(*value, place)?;
                }
                Entry::Item(_) => {}
            }
        }
        Ok(())
    }

    fn sequence(
        &mut self,
        id: NodeId,
        parent: KeyId,
        matched: bool,
        depth: usize,
    ) -> Result<(), Problem> {
        let mut commented = false;
        let mut index = 0;
        for entry in self.tree.sequence(id).unwrap_or_default() {
            match entry {
                Entry::Comment(comment) => commented |= self.comment(comment)?,
                Entry::Item(item) => {
                    let place = Place {
                        name: KeyName::Index(index),
                        parent: Some(parent),
                        key_span: self
                            .tree
                            .node(*item)
                            .map_or_else(Span::default, |node| node.span),
                        matched: matched || commented,
                        depth: depth + 1,
                    };
                    commented = false;
                    index += 1;
                    self.value(*item, place)?;
                }
                Entry::Pair { .. } => {}
            }
        }
        Ok(())
    }

    fn key_name(&mut self, key: NodeId) -> (&'t str, Span) {
        let span = self
            .tree
            .node(key)
            .map_or_else(Span::default, |node| node.span);
        if self.tree.string(key).is_none() && self.rule.is_some() {
            let message = "a key that is not a string: sops cannot decrypt such a file";
            self.list(Code::KeyNotAString, span, || message.to_owned());
        }
        (
            self.tree.scalar(key).map_or("", |scalar| &*scalar.text),
            span,
        )
    }

    fn spend(&self, bytes: usize, span: Span) -> Result<(), Problem> {
        if self.tree.spend(bytes) {
            Ok(())
        } else {
            Err(tree::too_complex(span))
        }
    }

    /// Whether the comment makes the rule match the entry after it.
    fn comment(&mut self, comment: &tree::Comment<'_>) -> Result<bool, Problem> {
        self.spend(comment.text.len(), comment.span)?;
        let matches = self
            .rule
            .is_some_and(|rule| rule.matches_comment(&comment.text));
        Ok(comment.above && matches)
    }

    fn value(&mut self, id: NodeId, place: Place) -> Result<(), Problem> {
        let span = self
            .tree
            .node(id)
            .map_or_else(Span::default, |node| node.span);
        if self.summary.keys.len() >= MAX_NODES || place.depth > MAX_DEPTH {
            return Err(tree::too_complex(span));
        }
        let (matched, depth) = (place.matched, place.depth);
        let key = KeyFacts {
            name: place.name,
            parent: place.parent,
            document: self.document,
            key_span: place.key_span,
            span,
            value: Value::Mapping,
            below: 0,
        };
        let Some(key) = self.summary.keys.push(key) else {
            return Err(tree::too_complex(span));
        };
        match self.tree.resolve(id).map(|node| &node.kind) {
            Some(Kind::Mapping(_)) => {
                self.mapping(id, Some(key), matched, depth, &|_| false)?;
            }
            Some(Kind::Sequence(_)) => {
                self.summary.keys.set_value(key, Value::Sequence);
                self.sequence(id, key, matched, depth)?;
            }
            Some(Kind::Scalar(scalar)) => {
                self.spend(scalar.text.len(), span)?;
                let should = self.rule.is_some_and(|rule| rule.encrypts(matched));
                let value = self.leaf(&scalar.text, scalar.class, should, key, span);
                self.summary.keys.set_value(key, value);
            }
            Some(Kind::UnknownAlias) => {
                let problem = tree::yaml::unknown_alias(span);
                return Err(problem);
            }
            Some(Kind::Alias(_)) | None => {}
        }
        self.summary.keys.close(key);
        Ok(())
    }

    fn leaf(
        &mut self,
        text: &'t str,
        class: ScalarClass,
        should: bool,
        key: KeyId,
        span: Span,
    ) -> Value {
        let class = value_class(class);
        let is_empty =
            class == ValueClass::Null || (class == ValueClass::String && text.is_empty());
        let should_be_encrypted = should && !is_empty;
        let encrypted = if class == ValueClass::String {
            encrypted_value::parse(text)
        } else {
            None
        };
        match encrypted {
            Some(EncryptedValue::Valid {
                sops_type,
                length,
                tail,
            }) => {
                self.ciphertext(text, key, span, tail);
                if should {
                    self.summary.encrypted += 1;
                } else if self.rule.is_some() {
                    self.list_key(Code::EncryptedUnderPlainKey, key, span, |path| {
                        format!("`{path}` is encrypted, but the file's rule leaves it plain: its ciphertext is used as the value")
                    });
                }
                Value::Encrypted { sops_type, length }
            }
            Some(EncryptedValue::Malformed(how)) if should || self.rule.is_none() => {
                self.summary.malformed += 1;
                if self.rule.is_some() {
                    self.list_key(Code::MalformedValue, key, span, |path| {
                        format!("the ciphertext of `{path}` is damaged: {how}")
                    });
                }
                Value::Malformed
            }
            _ => {
                if should_be_encrypted {
                    self.summary.plaintext += 1;
                    self.list_key(Code::PlaintextValue, key, span, |path| {
                        format!(
                            "`{path}` is plaintext ({}, {} bytes) and should be encrypted",
                            class.as_str(),
                            text.len()
                        )
                    });
                } else if !is_empty {
                    self.summary.left_plain += 1;
                }
                Value::Plain {
                    class,
                    length: text.len(),
                    should_be_encrypted,
                }
            }
        }
    }

    fn ciphertext(&mut self, text: &'t str, key: KeyId, span: Span, tail: Option<usize>) {
        if let Some(tail) = tail {
            let length = text.len() - tail;
            self.list_key(Code::TextAfterValue, key, span, |path| {
                format!("{length} bytes of plaintext follow the ciphertext of `{path}`; sops ignores them")
            });
        }
        let first = *self.ciphertexts.entry(text).or_insert(key);
        if first != key
            && self
                .listed
                .get(&Code::RepeatedCiphertext)
                .is_none_or(|count| *count < MAX_LISTED)
        {
            let keys = &self.summary.keys;
            let names = |id| -> Vec<&KeyName> {
                keys.path(id)
                    .into_iter()
                    .filter(|name| matches!(name, KeyName::Key(_)))
                    .collect()
            };
            if names(first) != names(key) {
                let other = short(&keys.path_text(first));
                self.list_key(Code::RepeatedCiphertext, key, span, |path| {
                    format!("`{path}` has the same ciphertext as `{other}`; it is bound to its key, so one of them cannot decrypt")
                });
            }
        }
    }

    fn list_key(
        &mut self,
        code: Code,
        key: KeyId,
        span: Span,
        message: impl FnOnce(&str) -> String,
    ) {
        let count = self.listed.get(&code).copied().unwrap_or_default();
        if count < MAX_LISTED {
            let path = short(&self.summary.keys.path_text(key));
            self.list(code, span, || message(&path));
        } else {
            self.list(code, span, String::new);
        }
    }

    fn list(&mut self, code: Code, span: Span, message: impl FnOnce() -> String) {
        let count = self.listed.entry(code).or_default();
        *count += 1;
        if *count <= MAX_LISTED {
            self.summary
                .problems
                .push(Problem::new(code, span, message()));
        }
    }
}

const fn value_class(class: ScalarClass) -> ValueClass {
    match class {
        ScalarClass::String => ValueClass::String,
        ScalarClass::Integer => ValueClass::Integer,
        ScalarClass::Float => ValueClass::Float,
        ScalarClass::Bool => ValueClass::Bool,
        ScalarClass::Null => ValueClass::Null,
        ScalarClass::Timestamp => ValueClass::Timestamp,
    }
}

/// A key path for a message: at most 120 characters.
fn short(path: &str) -> String {
    match path.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", path.get(..end).unwrap_or_default()),
        None => path.to_owned(),
    }
}
