//! INI as the Go library that sops uses reads it.

use std::borrow::Cow;

use super::{Comment, Entry, Kind, NodeId, Tree, plain_string};
use crate::text::lines;
use crate::{Code, Problem, Span};

/// The section of keys before the first header.
const DEFAULT_SECTION: &str = "DEFAULT";

struct Section<'a> {
    id: NodeId,
    entries: Vec<Entry<'a>>,
}

/// Parses `source` into a mapping of sections.
///
/// # Errors
/// The first line that is neither empty, nor a comment, a header or a pair.
pub(crate) fn parse(source: &str) -> Result<Tree<'_>, Problem> {
    let mut tree = Tree::default();
    let whole = Span::new(0, source.len());
    let root = tree.push(whole, Kind::Mapping(Vec::new()))?;
    let mut sections = Vec::new();
    let mut current: Option<Section<'_>> = None;
    let mut comments: Vec<Entry<'_>> = Vec::new();
    let mut rest = lines(source).peekable();
    while let Some((offset, raw)) = rest.next() {
        let line = raw.trim_start_matches('\u{feff}').trim();
        let offset = offset + raw.find(line).unwrap_or_default();
        let span = Span::new(offset, offset + line.len());
        if line.is_empty() {
            continue;
        }
        if let Some(text) = line.strip_prefix([';', '#']) {
            comments.push(Entry::Comment(Comment {
                span,
                text: Cow::Borrowed(text.trim_start()),
                above: true,
            }));
            continue;
        }
        if line.starts_with('[') {
            let Some(name) = line
                .get(1..)
                .and_then(|inner| inner.rsplit_once(']'))
                .map(|(name, _)| name)
            else {
                return Err(Problem::new(
                    Code::SyntaxError,
                    span,
                    "a section header that is not closed",
                ));
            };
            finish(&mut tree, current.take());
            let name_span = Span::new(offset + 1, offset + 1 + name.len());
            let opened = open(&mut tree, &mut sections, name, name_span)?;
            current = Some(Section {
                id: opened,
                entries: std::mem::take(&mut comments),
            });
            continue;
        }
        let Some(split) = line.find(['=', ':']) else {
            return Err(Problem::new(
                Code::SyntaxError,
                span,
                "a line that is no comment and has no `=`",
            ));
        };
        let name = line.get(..split).unwrap_or_default().trim_end();
        let key = tree.push(Span::new(offset, offset + name.len()), plain_string(name))?;
        let after = line.get(split + 1..).unwrap_or_default();
        let value_start = span.end - after.trim_start().len();
        let value = read_value(source, value_start, span.end);
        // Values may go on over several lines.
        while rest.peek().is_some_and(|(next, _)| *next < value.1) {
            rest.next();
        }
        let value = tree.push(
            Span::new(value_start, value.1),
            Kind::Scalar(string(value.0)),
        )?;
        let section = match &mut current {
            Some(section) => section,
            None => {
                let id = open(&mut tree, &mut sections, DEFAULT_SECTION, Span::at(offset))?;
                current.insert(Section {
                    id,
                    entries: Vec::new(),
                })
            }
        };
        section.entries.append(&mut comments);
        section.entries.push(Entry::Pair { key, value });
    }
    if let Some(section) = &mut current {
        section.entries.append(&mut comments);
    }
    finish(&mut tree, current);
    sections.append(&mut comments);
    if let Some(node) = tree.node_mut(root) {
        node.kind = Kind::Mapping(sections);
    }
    tree.documents.push(root);
    Ok(tree)
}

fn string(text: Cow<'_, str>) -> super::Scalar<'_> {
    super::Scalar {
        text,
        class: super::ScalarClass::String,
        merge: false,
    }
}

fn open<'a>(
    tree: &mut Tree<'a>,
    sections: &mut Vec<Entry<'a>>,
    name: &'a str,
    span: Span,
) -> Result<NodeId, Problem> {
    let key = tree.push(span, plain_string(name))?;
    let value = tree.push(span, Kind::Mapping(Vec::new()))?;
    sections.push(Entry::Pair { key, value });
    Ok(value)
}

fn finish<'a>(tree: &mut Tree<'a>, section: Option<Section<'a>>) {
    if let Some(section) = section
        && let Some(node) = tree.node_mut(section.id)
    {
        node.kind = Kind::Mapping(section.entries);
    }
}

/// The value that begins at `start`, on a line that ends at `line_end`, and where it ends.
fn read_value(source: &str, start: usize, line_end: usize) -> (Cow<'_, str>, usize) {
    let line = source.get(start..line_end).unwrap_or_default();
    for quote in ["\"\"\"", "`"] {
        if let Some(inner) = source
            .get(start..)
            .and_then(|rest| rest.strip_prefix(quote))
            && let Some(length) = inner.find(quote)
        {
            let inner = inner.get(..length).unwrap_or_default();
            return (Cow::Borrowed(inner), start + length + 2 * quote.len());
        }
    }
    if line.ends_with('\\') {
        let mut text = String::new();
        let mut end = start;
        for part in source
            .get(start..)
            .unwrap_or_default()
            .split_inclusive('\n')
        {
            end += part.len();
            let part = part.trim();
            match part.strip_suffix('\\') {
                Some(part) => text.push_str(part),
                None => {
                    text.push_str(part);
                    break;
                }
            }
        }
        return (Cow::Owned(text), end);
    }
    for quote in ['"', '\''] {
        let inner = line
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.contains(quote)) {
            return (Cow::Borrowed(inner), line_end);
        }
    }
    let comment = line.match_indices([';', '#']).find(|(place, _)| {
        line.get(..*place)
            .is_some_and(|before| before.ends_with([' ', '\t']))
    });
    match comment {
        Some((place, _)) => {
            let value = line.get(..place).unwrap_or_default().trim_end();
            (Cow::Borrowed(value), start + value.len())
        }
        None => (Cow::Borrowed(line), line_end),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NodeId, Tree};
    use super::parse;

    fn value<'a>(tree: &'a Tree<'_>, section: &str, key: &str) -> Option<&'a str> {
        let root: NodeId = tree.documents[0];
        let (_, section) = tree.get(root, section)?;
        let (_, value) = tree.get(section, key)?;
        tree.string(value)
    }

    #[test]
    fn sections_values_and_continuations() {
        let text = "top = 1 ; c\n; note\n[db]\nuser : \"x\"\nlong = \"\"\"a\nb\"\"\"\nz = a\\\n b\nlast=`q`\n[e]\n";
        let tree = parse(text).unwrap();
        assert_eq!(value(&tree, "DEFAULT", "top"), Some("1"));
        assert_eq!(value(&tree, "db", "user"), Some("x"));
        assert_eq!(value(&tree, "db", "long"), Some("a\nb"));
        assert_eq!(value(&tree, "db", "z"), Some("ab"));
        assert_eq!(value(&tree, "db", "last"), Some("q"));
        assert!(tree.get(tree.documents[0], "e").is_some());
    }

    #[test]
    fn what_is_no_ini_is_refused() {
        assert!(parse("[open\n").is_err());
        assert!(parse("just text\n").is_err());
        assert!(parse("").is_ok());
    }
}
