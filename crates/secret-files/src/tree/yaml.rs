//! YAML, through the events of `granit-parser`.

use std::borrow::Cow;

use granit_parser::{Event, Parser, Placement, ScalarStyle, ScanError, Tag};

use super::{Comment, Entry, Kind, NodeId, Scalar, ScalarClass, Tree, yaml_scalar};
use crate::{Code, Problem, Span};

/// A comment that has not found its entry yet, with its column.
type Pending<'a> = (usize, Comment<'a>);

struct Frame<'a> {
    id: NodeId,
    column: usize,
    entries: Vec<Entry<'a>>,
    /// In a mapping: whether the next node is a value, and its key.
    key: Option<NodeId>,
    is_mapping: bool,
    /// Comments beside the key, which precede the pair.
    beside: Vec<Comment<'a>>,
    /// Where the last entry ends, to recognise comments beside it.
    last_end: usize,
}

struct Builder<'a> {
    source: &'a str,
    tree: Tree<'a>,
    stack: Vec<Frame<'a>>,
    pending: Vec<Pending<'a>>,
    /// Nodes by the parser's anchor number.
    anchors: Vec<Option<NodeId>>,
    last_node: Option<NodeId>,
}

/// Parses all documents of `source`.
///
/// # Errors
/// One problem, at the place where the file stops being YAML that is followed.
pub(crate) fn parse(source: &str) -> Result<Tree<'_>, Problem> {
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        max_buffered_comment_events: 100_000,
    };
    let mut builder = Builder {
        source,
        tree: Tree::default(),
        stack: Vec::new(),
        pending: Vec::new(),
        anchors: Vec::new(),
        last_node: None,
    };
    for event in Parser::new_from_str_with_options(source, options) {
        let (event, span) = event.map_err(|error| syntax_error(source, &error))?;
        let column = span.start.col();
        let span = span
            .byte_range()
            .map_or_else(Span::default, |range| Span::new(range.start, range.end));
        builder.event(event, span, column)?;
    }
    Ok(builder.tree)
}

impl<'a> Builder<'a> {
    fn event(&mut self, event: Event<'a>, span: Span, column: usize) -> Result<(), Problem> {
        match event {
            Event::DocumentStart(..) => {
                self.anchors.clear();
            }
            Event::DocumentEnd => self.pending.clear(),
            Event::Comment(text, placement) => self.comment(text, placement, span, column),
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = scalar(text, style, tag.as_deref());
                let id = self.tree.push(span, Kind::Scalar(scalar))?;
                self.anchor(anchor, id);
                self.attach(id, span, column);
            }
            Event::SequenceStart(_, anchor, _) => self.open(false, anchor, span, column)?,
            Event::MappingStart(_, anchor, _) => self.open(true, anchor, span, column)?,
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => {
                let target = self.anchors.get(anchor).copied().flatten();
                let Some(target) = target else {
                    return Err(unknown_alias(span));
                };
                if self.stack.iter().any(|frame| frame.id == target) {
                    return Err(Problem::new(
                        Code::SyntaxError,
                        span,
                        "an anchor contains itself",
                    ));
                }
                let id = self.tree.push(span, Kind::Alias(target))?;
                self.attach(id, span, column);
            }
            Event::UnresolvedAlias(_) => {
                let id = self.tree.push(span, Kind::UnknownAlias)?;
                self.attach(id, span, column);
            }
            Event::Anchor(_, name) => {
                if let Some(id) = self.last_node {
                    self.tree.anchors.push((id, name.into_owned()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn anchor(&mut self, anchor: usize, id: NodeId) {
        self.last_node = Some(id);
        if anchor > 0 {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            if let Some(place) = self.anchors.get_mut(anchor) {
                *place = Some(id);
            }
        }
    }

    fn comment(&mut self, text: Cow<'a, str>, placement: Placement, span: Span, column: usize) {
        let comment = Comment {
            span,
            text,
            above: true,
        };
        if placement == Placement::Right
            && let Some(frame) = self.stack.last_mut()
        {
            if frame.key.is_some() {
                return frame.beside.push(comment);
            }
            let between = self.source.get(frame.last_end..span.start);
            let same_line = between.is_some_and(|between| !between.contains('\n'));
            if same_line && let Some(entry) = frame.entries.pop() {
                frame.entries.push(Entry::Comment(comment));
                return frame.entries.push(entry);
            }
        }
        self.pending.push((column, comment));
    }

    /// Puts a finished or opened node into the collection that is being read.
    fn attach(&mut self, id: NodeId, span: Span, column: usize) {
        let Some(frame) = self.stack.last_mut() else {
            self.tree.documents.push(id);
            return;
        };
        match (frame.is_mapping, frame.key.take()) {
            (true, None) => {
                drain(&mut self.pending, &mut frame.entries, column);
                frame.key = Some(id);
            }
            (true, Some(key)) => {
                frame
                    .entries
                    .extend(frame.beside.drain(..).map(Entry::Comment));
                frame.entries.push(Entry::Pair { key, value: id });
            }
            (false, _) => {
                // Items are a few columns after their dash, comments at the dash or after.
                drain(&mut self.pending, &mut frame.entries, column);
                frame.entries.push(Entry::Item(id));
            }
        }
        frame.last_end = span.end;
    }

    fn open(
        &mut self,
        is_mapping: bool,
        anchor: usize,
        span: Span,
        column: usize,
    ) -> Result<(), Problem> {
        let kind = if is_mapping {
            Kind::Mapping(Vec::new())
        } else {
            Kind::Sequence(Vec::new())
        };
        let id = self.tree.push(span, kind)?;
        self.anchor(anchor, id);
        let has_key_before = self.stack.last().is_none_or(|frame| frame.is_mapping);
        if has_key_before {
            // Comments between a key and its block belong to the first entry of the block.
            let pending = std::mem::take(&mut self.pending);
            self.attach(id, span, column);
            self.pending = pending;
        } else {
            self.attach(id, span, column);
        }
        let frame = Frame {
            id,
            column,
            entries: Vec::new(),
            key: None,
            is_mapping,
            beside: Vec::new(),
            last_end: span.end,
        };
        self.stack.push(frame);
        Ok(())
    }

    fn close(&mut self, span: Span) {
        let Some(mut frame) = self.stack.pop() else {
            return;
        };
        let last = self
            .pending
            .iter()
            .rposition(|(column, _)| *column >= frame.column);
        let inside = last.map_or(0, |last| last + 1);
        frame.entries.extend(
            self.pending
                .drain(..inside)
                .map(|(_, comment)| Entry::Comment(comment)),
        );
        if let Some(node) = self.tree.node_mut(frame.id) {
            node.span = Span::new(node.span.start, span.end.max(node.span.start));
            match &mut node.kind {
                Kind::Mapping(entries) | Kind::Sequence(entries) => *entries = frame.entries,
                _ => {}
            }
        }
        if let Some(parent) = self.stack.last_mut() {
            parent.last_end = span.end;
        }
    }
}

/// Comments that are indented deeper than the entry after them belong to nothing in front.
fn drain<'a>(pending: &mut Vec<Pending<'a>>, entries: &mut Vec<Entry<'a>>, column: usize) {
    entries.extend(pending.drain(..).map(|(at, mut comment)| {
        comment.above = at <= column;
        Entry::Comment(comment)
    }));
}

fn scalar<'a>(text: Cow<'a, str>, style: ScalarStyle, tag: Option<&Tag>) -> Scalar<'a> {
    let suffix = tag.and_then(|tag| tag.suffix_in_namespace("tag:yaml.org,2002:"));
    let from_tag = suffix.as_deref().and_then(yaml_scalar::tagged);
    let is_merge_tag = suffix.as_deref() == Some("merge");
    let (class, merge) = match (style, from_tag) {
        (_, Some(class)) => (class, false),
        (ScalarStyle::Plain, None) if tag.is_none() => yaml_scalar::plain(&text),
        _ => (ScalarClass::String, is_merge_tag),
    };
    Scalar { text, class, merge }
}

pub(crate) fn unknown_alias(span: Span) -> Problem {
    Problem::new(Code::SyntaxError, span, "an alias without an anchor")
}

/// The parser's own messages may quote the file, so only the kind of error is reported.
fn syntax_error(source: &str, error: &ScanError) -> Problem {
    use granit_parser::ErrorKind;
    let offset = error
        .marker()
        .byte_offset()
        .unwrap_or_default()
        .min(source.len());
    let code = match error.kind() {
        ErrorKind::RecursionLimitExceeded | ErrorKind::TooManyComments => Code::FileTooComplex,
        _ => Code::SyntaxError,
    };
    let message = match error.kind() {
        ErrorKind::RecursionLimitExceeded => "nested too deeply to be judged",
        ErrorKind::TooManyComments => "too many comments in a row to be judged",
        ErrorKind::UnclosedQuotedScalar => "not valid YAML: a quoted string is not closed",
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping => "not valid YAML: a bracket is not closed",
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => "not valid YAML: a tab in the indentation",
        ErrorKind::InvalidIndentation => "not valid YAML: wrong indentation",
        ErrorKind::UnexpectedEof
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEofBlockSequence => "not valid YAML: the file ends in the middle",
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::MappingKeyNotAllowed => "not valid YAML: a colon where no mapping can be",
        ErrorKind::SimpleKeyExpected
        | ErrorKind::InvalidSimpleKey
        | ErrorKind::ExpectedBlockMappingKey => "not valid YAML: a key with its colon was expected",
        _ => "not valid YAML",
    };
    Problem::new(code, Span::at(offset), message)
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, Kind, NodeId, Tree};
    use super::parse;

    /// The tree in one line: `{#c a=1}` with `#` for comments above, `~` for others.
    fn shape(tree: &Tree<'_>, id: NodeId) -> String {
        match &tree.node(id).unwrap().kind {
            Kind::Scalar(scalar) => scalar.text.to_string(),
            Kind::Alias(target) => format!("*{}", shape(tree, *target)),
            Kind::UnknownAlias => "*?".to_owned(),
            Kind::Mapping(entries) | Kind::Sequence(entries) => {
                let parts: Vec<String> = entries
                    .iter()
                    .map(|entry| match entry {
                        Entry::Comment(comment) => {
                            format!(
                                "{}{}",
                                if comment.above { '#' } else { '~' },
                                comment.text.trim()
                            )
                        }
                        Entry::Pair { key, value } => {
                            format!("{}={}", shape(tree, *key), shape(tree, *value))
                        }
                        Entry::Item(item) => shape(tree, *item),
                    })
                    .collect();
                format!("{{{}}}", parts.join(" "))
            }
        }
    }

    fn shape_of(source: &str) -> String {
        let tree = parse(source).unwrap();
        tree.documents
            .iter()
            .map(|id| shape(&tree, *id))
            .collect::<Vec<_>>()
            .join(" --- ")
    }

    #[test]
    fn comments_stand_before_what_they_describe() {
        assert_eq!(shape_of("# x\na: 1 # y\n# z\nb: 2\n"), "{#x #y a=1 #z b=2}");
        assert_eq!(
            shape_of("a: # x\n  b: 1\n  # y\nc: 2\n"),
            "{#x a={b=1 #y} c=2}"
        );
        assert_eq!(shape_of("a:\n  b: 1\n# y\nc: 2\n"), "{a={b=1} #y c=2}");
        assert_eq!(shape_of("a:\n  # x\n  b: 1\n"), "{a={#x b=1}}");
        assert_eq!(shape_of("a:\n  - 1 # x\n  # y\n  - 2\n"), "{a={#x 1 #y 2}}");
    }

    #[test]
    fn aliases_and_documents() {
        assert_eq!(
            shape_of("a: &x {b: 1}\nc: *x\nd: *nope\n"),
            "{a={b=1} c=*{b=1} d=*?}"
        );
        assert_eq!(shape_of("a: 1\n---\nb: 2\n"), "{a=1} --- {b=2}");
        assert!(parse("a: &x [*x]\n").is_err());
    }

    #[test]
    fn hostile_nesting_is_an_error() {
        for source in [
            "- ".repeat(100_000),
            "[".repeat(100_000),
            "{a: ".repeat(100_000),
            "? ".repeat(100_000),
        ] {
            assert!(parse(&source).is_err());
        }
    }
}
