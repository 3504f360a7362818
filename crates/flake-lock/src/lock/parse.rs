//! From the text of a lock to its nodes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions};

use super::{
    Attribute, Edge, EdgeTarget, Fetcher, Lock, LockError, LockErrorKind, Locked, Node, NodeId,
    first_parents, follows,
};
use crate::nar_hash::NarHash;

/// The largest lock that is read, in bytes. The largest of 126 public ones has 212 nodes and less
/// than 200 KB; this leaves room for twenty times as many.
/// What is made of it takes twenty times as much.
pub const MAX_LOCK_SIZE: usize = 4 << 20;

/// The longest name of a node or an input, in bytes: it is a part of many messages. As long as the name
/// of a file.
const MAX_NAME: usize = 255;

/// Inputs of all nodes together: the largest public lock has some 600.
const MAX_INPUTS: usize = 100_000;

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

type Parsed<T> = Result<T, LockError>;

/// The properties of a set by name. A name that is there twice has its last value, as in Nix.
type Properties<'v, 'a> = BTreeMap<&'v str, &'v Value<'a>>;

pub(super) fn parse(text: &str) -> Parsed<Lock> {
    if text.len() > MAX_LOCK_SIZE {
        return Err(error(LockErrorKind::TooLarge, 0..0));
    }
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &STRICT);
    let parsed = parsed.map_err(|wrong| {
        let range = wrong.range();
        error(LockErrorKind::Syntax, range.start..range.end)
    })?;
    let end = text.len();
    let value = parsed
        .value
        .ok_or_else(|| error(LockErrorKind::Syntax, end..end))?;
    let lock = set(&value, "flake.lock")?;
    let version = version(&lock, &value)?;
    let span = span(&value);
    let nodes_value = required(&lock, "nodes", &span)?;
    let listed = set(nodes_value, "nodes")?;
    let mut by_name = BTreeMap::new();
    for (at, name) in listed.keys().enumerate() {
        let id = u32::try_from(at).map_err(|_| error(LockErrorKind::TooLarge, span.clone()))?;
        by_name.insert(Arc::<str>::from(*name), NodeId(id));
    }
    let root_value = required(&lock, "root", &span)?;
    let root = node_named(&by_name, text_of(root_value, "root")?, root_value)?;
    let mut nodes = Vec::with_capacity(by_name.len());
    let mut inputs = 0;
    for ((name, id), value) in by_name.iter().zip(listed.values()) {
        let node = node(name, value, *id == root, &by_name)?;
        inputs += node.inputs.len();
        if inputs > MAX_INPUTS {
            return Err(error(LockErrorKind::TooManyInputs(MAX_INPUTS), node.span));
        }
        nodes.push(node);
    }
    let targets = follows::resolve(&nodes, root);
    let targets = { nodes.iter().zip(targets) }
        .map(|(node, targets)| node.inputs.keys().cloned().zip(targets).collect());
    let mut lock = Lock {
        version,
        root,
        by_name,
        targets: targets.collect(),
        parents: first_parents(&nodes, root),
        nodes,
    };
    lock.resolve_parents();
    Ok(lock)
}

fn version(lock: &Properties<'_, '_>, value: &Value<'_>) -> Parsed<u32> {
    let found = lock.get("version");
    let number = found.and_then(|found| integer(found));
    match number {
        Some(version @ 5..=7) => Ok(u32::try_from(version).unwrap_or(7)),
        other => {
            let place = found.map_or_else(|| span(value), |found| span(found));
            Err(error(LockErrorKind::Version(other), place))
        }
    }
}

fn node(
    name: &Arc<str>,
    value: &Value<'_>,
    is_root: bool,
    by_name: &BTreeMap<Arc<str>, NodeId>,
) -> Parsed<Node> {
    let node = set(value, name)?;
    let too_long = |name: &str| name.len() > MAX_NAME;
    if too_long(name) {
        return Err(error(LockErrorKind::LongName, span(value)));
    }
    let mut inputs = BTreeMap::new();
    if let Some(value) = node.get("inputs") {
        for (input, value) in set(value, "inputs")? {
            let target = match value {
                Value::Array(_) => EdgeTarget::Follows(path(value, input)?),
                _ => EdgeTarget::Node(node_named(by_name, text_of(value, input)?, value)?),
            };
            let span = span(value);
            if too_long(input) {
                return Err(error(LockErrorKind::LongName, span));
            }
            inputs.insert(Arc::from(input), Edge { target, span });
        }
    }
    // Version 5 keeps the hash and the time apart.
    let info = node.get("info").copied();
    let locked = match (node.get("locked"), is_root) {
        (Some(value), false) => Some(locked(value, info)?),
        (None, false) => return Err(error(LockErrorKind::Missing("locked"), span(value))),
        (_, true) => None,
    };
    let original = match node.get("original") {
        Some(value) if !is_root => Some(self::locked(value, None)?),
        _ => None,
    };
    let is_flake = match node.get("flake") {
        None => true,
        Some(Value::BooleanLit(flake)) => flake.value,
        Some(other) => return Err(wrong_type("flake", "true or false", other)),
    };
    let parent = node.get("parent").map(|value| path(value, "parent"));
    Ok(Node {
        name: Arc::clone(name),
        inputs,
        locked,
        original,
        is_flake,
        parent: parent.transpose()?,
        span: span(value),
    })
}

fn locked(value: &Value<'_>, info: Option<&Value<'_>>) -> Parsed<Locked> {
    let mut found = match info {
        Some(info) => set(info, "info")?,
        None => BTreeMap::new(),
    };
    found.extend(set(value, "locked")?);
    let fetcher = fetcher(text_of(required(&found, "type", &span(value))?, "type")?);
    let nar_hash = match found.get("narHash") {
        None => None,
        Some(value) => {
            let hash = NarHash::parse(text_of(value, "narHash")?);
            Some(hash.ok_or_else(|| error(LockErrorKind::Hash, span(value)))?)
        }
    };
    let mut attributes = BTreeMap::new();
    for (name, value) in found {
        let attribute = match value {
            Value::StringLit(text) => Attribute::Text(Arc::from(&*text.value)),
            Value::BooleanLit(value) => Attribute::Bool(value.value),
            Value::NumberLit(_) => match integer(value) {
                Some(number) => Attribute::Integer(number),
                None => return Err(wrong_type(name, "an integer", value)),
            },
            // What no fetcher has, says nothing.
            Value::NullKeyword(_) | Value::Array(_) | Value::Object(_) => continue,
        };
        attributes.insert(Arc::from(name), attribute);
    }
    Ok(Locked {
        fetcher,
        nar_hash,
        attributes,
    })
}

fn fetcher(name: &str) -> Fetcher {
    match name {
        "github" => Fetcher::Github,
        "gitlab" => Fetcher::Gitlab,
        "sourcehut" => Fetcher::Sourcehut,
        "git" => Fetcher::Git,
        "hg" => Fetcher::Mercurial,
        "tarball" => Fetcher::Tarball,
        "file" => Fetcher::File,
        "path" => Fetcher::Path,
        "indirect" => Fetcher::Indirect,
        other => Fetcher::Other(Arc::from(other)),
    }
}

fn node_named(
    by_name: &BTreeMap<Arc<str>, NodeId>,
    name: &str,
    value: &Value<'_>,
) -> Parsed<NodeId> {
    let found = by_name.get(name).copied();
    found.ok_or_else(|| error(LockErrorKind::NoSuchNode(Arc::from(name)), span(value)))
}

fn path(value: &Value<'_>, what: &str) -> Parsed<Vec<Arc<str>>> {
    let Value::Array(list) = value else {
        return Err(wrong_type(what, "a list", value));
    };
    let names = list.elements.iter();
    names
        .map(|name| text_of(name, what).map(Arc::from))
        .collect()
}

fn set<'v, 'a>(value: &'v Value<'a>, what: &str) -> Parsed<Properties<'v, 'a>> {
    match value {
        Value::Object(object) => Ok(properties(object)),
        other => Err(wrong_type(what, "a set", other)),
    }
}

fn properties<'v, 'a>(object: &'v Object<'a>) -> Properties<'v, 'a> {
    let properties = object.properties.iter();
    properties
        .map(|property| (property.name.as_str(), &property.value))
        .collect()
}

fn required<'v, 'a>(
    found: &Properties<'v, 'a>,
    name: &'static str,
    span: &Range<usize>,
) -> Parsed<&'v Value<'a>> {
    let value = found.get(name).copied();
    value.ok_or_else(|| error(LockErrorKind::Missing(name), span.clone()))
}

fn text_of<'v>(value: &'v Value<'_>, what: &str) -> Parsed<&'v str> {
    match value {
        Value::StringLit(text) => Ok(&text.value),
        other => Err(wrong_type(what, "a text", other)),
    }
}

fn integer(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::NumberLit(number) => number.value.parse().ok(),
        _ => None,
    }
}

fn span(value: &Value<'_>) -> Range<usize> {
    let range = value.range();
    range.start..range.end
}

const fn error(kind: LockErrorKind, span: Range<usize>) -> LockError {
    LockError { kind, span }
}

fn wrong_type(what: &str, wanted: &'static str, value: &Value<'_>) -> LockError {
    let what = Arc::from(what);
    error(LockErrorKind::Type { what, wanted }, span(value))
}
