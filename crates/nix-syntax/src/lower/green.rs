//! Reading the green tree: nodes with their offsets, without trivia.
//!
//! The cursor API of rowan allocates a node for every step; the green tree underneath is plain
//! data. It has no offsets, so they are carried along.

use rnix::{NixLanguage, NodeOrToken, SyntaxKind};
use rowan::{GreenNodeData, Language};

use crate::source::TextSpan;

/// A node of the tree, and where its text starts.
#[derive(Clone, Copy)]
pub(crate) struct Node<'t> {
    green: &'t GreenNodeData,
    start: u32,
}

/// A token of the tree, and where its text starts.
#[derive(Clone, Copy)]
pub(crate) struct Token<'t> {
    pub(crate) kind: SyntaxKind,
    pub(crate) text: &'t str,
    start: u32,
}

/// A child of a node that is not trivia.
#[derive(Clone, Copy)]
pub(crate) enum Child<'t> {
    Node(Node<'t>),
    Token(Token<'t>),
}

impl<'t> Node<'t> {
    /// The root of a tree whose text begins at `start` of the file.
    pub(crate) fn root(green: &'t GreenNodeData, start: u32) -> Self {
        Self { green, start }
    }

    pub(crate) fn kind(self) -> SyntaxKind {
        NixLanguage::kind_from_raw(self.green.kind())
    }

    pub(crate) fn start(self) -> u32 {
        self.start
    }

    pub(crate) fn span(self) -> TextSpan {
        TextSpan::new(self.start, self.start + u32::from(self.green.text_len()))
    }

    /// The children that are not white space or comments.
    pub(crate) fn children(self) -> Children<'t> {
        Children {
            inner: self.green.children(),
            at: self.start,
        }
    }

    /// The children that are nodes.
    pub(crate) fn nodes(self) -> impl Iterator<Item = Node<'t>> {
        self.children().filter_map(|child| match child {
            Child::Node(node) => Some(node),
            Child::Token(_) => None,
        })
    }

    /// All children, white space and comments included.
    pub(crate) fn children_with_trivia(self) -> impl Iterator<Item = Child<'t>> {
        let mut at = self.start;
        self.green.children().map(move |element| {
            let start = at;
            let child = match element {
                NodeOrToken::Node(green) => Child::Node(Node { green, start }),
                NodeOrToken::Token(token) => Child::Token(Token {
                    kind: NixLanguage::kind_from_raw(token.kind()),
                    text: token.text(),
                    start,
                }),
            };
            at = child.span().end;
            child
        })
    }

    /// The token that covers `offset`, or that starts there.
    pub(crate) fn token_at(self, offset: u32) -> Option<Token<'t>> {
        let mut node = self;
        loop {
            let child = node
                .children_with_trivia()
                .find(|child| child.span().end > offset)?;
            match child {
                Child::Node(inner) => node = inner,
                Child::Token(token) => return Some(token),
            }
        }
    }
}

impl Token<'_> {
    pub(crate) fn span(self) -> TextSpan {
        let length = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        TextSpan::new(self.start, self.start.saturating_add(length))
    }
}

impl Child<'_> {
    pub(crate) fn span(self) -> TextSpan {
        match self {
            Self::Node(node) => node.span(),
            Self::Token(token) => token.span(),
        }
    }
}

/// The children of a node that are not trivia.
#[derive(Clone)]
pub(crate) struct Children<'t> {
    inner: rowan::Children<'t>,
    at: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Child<'t>;

    fn next(&mut self) -> Option<Child<'t>> {
        loop {
            let start = self.at;
            match self.inner.next()? {
                NodeOrToken::Node(green) => {
                    let node = Node { green, start };
                    self.at = node.span().end;
                    return Some(Child::Node(node));
                }
                NodeOrToken::Token(token) => {
                    let kind = NixLanguage::kind_from_raw(token.kind());
                    let token = Token {
                        kind,
                        text: token.text(),
                        start,
                    };
                    self.at = token.span().end;
                    if !matches!(
                        kind,
                        SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT
                    ) {
                        return Some(Child::Token(token));
                    }
                }
            }
        }
    }
}

/// Whether a node of this kind stands for an expression.
pub(crate) fn is_expression(kind: SyntaxKind) -> bool {
    use SyntaxKind::{
        NODE_APPLY, NODE_ASSERT, NODE_ATTR_SET, NODE_BIN_OP, NODE_CUR_POS, NODE_ERROR,
        NODE_HAS_ATTR, NODE_IDENT, NODE_IF_ELSE, NODE_LAMBDA, NODE_LEGACY_LET, NODE_LET_IN,
        NODE_LIST, NODE_LITERAL, NODE_PAREN, NODE_PATH_ABS, NODE_PATH_HOME, NODE_PATH_REL,
        NODE_PATH_SEARCH, NODE_SELECT, NODE_STRING, NODE_UNARY_OP, NODE_WITH,
    };
    matches!(
        kind,
        NODE_APPLY
            | NODE_ASSERT
            | NODE_ATTR_SET
            | NODE_BIN_OP
            | NODE_CUR_POS
            | NODE_ERROR
            | NODE_HAS_ATTR
            | NODE_IDENT
            | NODE_IF_ELSE
            | NODE_LAMBDA
            | NODE_LEGACY_LET
            | NODE_LET_IN
            | NODE_LIST
            | NODE_LITERAL
            | NODE_PAREN
            | NODE_PATH_ABS
            | NODE_PATH_HOME
            | NODE_PATH_REL
            | NODE_PATH_SEARCH
            | NODE_SELECT
            | NODE_STRING
            | NODE_UNARY_OP
            | NODE_WITH
    )
}

/// Keeps the first expression found; one that did not parse only until there is a better one.
pub(crate) fn keep_first<'t>(found: &mut Option<Node<'t>>, node: Node<'t>) {
    if found.is_none_or(|known| known.kind() == SyntaxKind::NODE_ERROR) {
        *found = Some(node);
    }
}

/// The token of an identifier's node.
pub(crate) fn identifier(node: Node<'_>) -> Option<Token<'_>> {
    node.children().find_map(|child| match child {
        Child::Token(token) => Some(token),
        Child::Node(_) => None,
    })
}

/// What is inside parentheses, however many.
pub(crate) fn without_parentheses(mut node: Node<'_>) -> Node<'_> {
    while node.kind() == SyntaxKind::NODE_PAREN {
        match node.nodes().find(|node| is_expression(node.kind())) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}
