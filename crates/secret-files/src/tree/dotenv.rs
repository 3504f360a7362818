//! dotenv as sops reads it: no quoting, no trimming, no continuation.

use std::borrow::Cow;

use super::{Comment, Entry, Kind, Tree, plain_string};
use crate::text::lines;
use crate::{Code, Problem, Span};

/// Parses `source` into one mapping.
///
/// # Errors
/// The first line that is neither empty, nor a comment, nor has an `=`.
pub(crate) fn parse(source: &str) -> Result<Tree<'_>, Problem> {
    let mut tree = Tree::default();
    let root = tree.push(Span::new(0, source.len()), Kind::Mapping(Vec::new()))?;
    let mut entries = Vec::new();
    for (offset, line) in lines(source) {
        let span = Span::new(offset, offset + line.len());
        if line.is_empty() {
            continue;
        }
        if let Some(text) = line.strip_prefix('#') {
            entries.push(Entry::Comment(Comment {
                span,
                text: Cow::Borrowed(text),
                above: true,
            }));
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            return Err(Problem::new(
                Code::SyntaxError,
                span,
                "a line that is no comment and has no `=`",
            ));
        };
        let key = tree.push(Span::new(offset, offset + name.len()), plain_string(name))?;
        let value_span = Span::new(span.end - value.len(), span.end);
        let value = tree.push(value_span, plain_string(value))?;
        entries.push(Entry::Pair { key, value });
    }
    if let Some(node) = tree.node_mut(root) {
        node.kind = Kind::Mapping(entries);
    }
    tree.documents.push(root);
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn keys_and_values_are_taken_as_they_are() {
        let tree = parse("# c\n\nexport A= b=c \nB=").unwrap();
        let root = tree.documents[0];
        let (_, value) = tree.get(root, "export A").unwrap();
        assert_eq!(tree.string(value), Some(" b=c "));
        let node = tree.node(value).unwrap();
        assert_eq!((node.span.start, node.span.end), (14, 19));
        assert!(tree.get(root, "B").is_some());
    }

    #[test]
    fn a_line_without_an_equals_sign_is_refused() {
        for text in ["A=1\nnot a pair\n", "A=1\n \nB=2\n", "  # indented\n"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
