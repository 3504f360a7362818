//! JSON, through `jsonc-parser`, as strict as Go's `encoding/json`.

use std::borrow::Cow;

use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions};

use super::{Entry, Kind, NodeId, Scalar, ScalarClass, Tree};
use crate::{Code, Problem, Span};

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

/// Parses the first value of `source`; the tree has its end, since sops ignores the rest.
///
/// # Errors
/// One problem, at the place where the file stops being JSON.
pub(crate) fn parse(source: &str) -> Result<Tree<'_>, Problem> {
    let start = source.len() - source.trim_start_matches([' ', '\t', '\r', '\n']).len();
    let end = end_of_value(source.as_bytes(), start);
    let text = source.get(start..end).unwrap_or_default();
    let parsed =
        jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|error| {
            let range = error.range();
            Problem::new(
                Code::SyntaxError,
                Span::new(range.start, range.end).shifted(start),
                "not valid JSON",
            )
        })?;
    let Some(value) = parsed.value else {
        return Err(Problem::new(
            Code::SyntaxError,
            Span::at(start),
            "not valid JSON: there is no value",
        ));
    };
    let mut tree = Tree {
        end: Some(end),
        ..Tree::default()
    };
    let root = convert(&mut tree, value, start)?;
    tree.documents.push(root);
    Ok(tree)
}

/// Where the object or list that begins at `start` ends; the end of the text for anything else.
fn end_of_value(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(bytes, at),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    bytes.len()
}

/// The place after the closing quote of the string whose text begins at `start`; the end of the text if none is.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(rest) = bytes.get(at..)
        && let Some(found) = memchr::memchr2(b'"', b'\\', rest)
    {
        at += found + 1;
        if rest.get(found) == Some(&b'"') {
            return at;
        }
        // What is escaped ends nothing.
        at += 1;
    }
    bytes.len()
}

/// The depth is bounded by the parser (512).
fn convert<'a>(tree: &mut Tree<'a>, value: Value<'a>, offset: usize) -> Result<NodeId, Problem> {
    let range = value.range();
    let span = Span::new(range.start, range.end).shifted(offset);
    let scalar = |text, class| {
        Kind::Scalar(Scalar {
            text,
            class,
            merge: false,
        })
    };
    let kind = match value {
        Value::StringLit(string) => scalar(string.value, ScalarClass::String),
        Value::NumberLit(number) => {
            let is_float = number.value.contains(['.', 'e', 'E']);
            let class = if is_float {
                ScalarClass::Float
            } else {
                ScalarClass::Integer
            };
            scalar(Cow::Borrowed(number.value), class)
        }
        Value::BooleanLit(boolean) => scalar(
            Cow::Borrowed(if boolean.value { "true" } else { "false" }),
            ScalarClass::Bool,
        ),
        Value::NullKeyword(_) => scalar(Cow::Borrowed("null"), ScalarClass::Null),
        Value::Array(array) => {
            let id = tree.push(span, Kind::Sequence(Vec::new()))?;
            let mut entries = Vec::with_capacity(array.elements.len());
            for element in array.elements {
                entries.push(Entry::Item(convert(tree, element, offset)?));
            }
            return Ok(finish(tree, id, Kind::Sequence(entries)));
        }
        Value::Object(object) => {
            let id = tree.push(span, Kind::Mapping(Vec::new()))?;
            let mut entries = Vec::with_capacity(object.properties.len());
            for property in object.properties {
                let range = property.name.range();
                let name = match property.name {
                    ObjectPropName::String(string) => string.value,
                    ObjectPropName::Word(word) => Cow::Borrowed(word.value),
                };
                let key_span = Span::new(range.start, range.end).shifted(offset);
                let key = tree.push(key_span, scalar(name, ScalarClass::String))?;
                let value = convert(tree, property.value, offset)?;
                entries.push(Entry::Pair { key, value });
            }
            return Ok(finish(tree, id, Kind::Mapping(entries)));
        }
    };
    tree.push(span, kind)
}

fn finish<'a>(tree: &mut Tree<'a>, id: NodeId, kind: Kind<'a>) -> NodeId {
    if let Some(node) = tree.node_mut(id) {
        node.kind = kind;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_the_first_value_counts() {
        let tree = parse(" {\"a\": [1, \"}\"]} trailing").unwrap();
        assert_eq!(tree.end, Some(16));
        let root = tree.documents[0];
        assert!(tree.get(root, "a").is_some());
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for text in [
            "{a: 1}",
            "{\"a\": 1,}",
            "// c\n{}",
            "\u{feff}{}",
            "{\"a\": 0x1}",
            "",
            "{\"a\"",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&format!("{}{}", "[".repeat(20_000), "]".repeat(20_000))).is_err());
    }
}
