//! From rnix's tree to [`hir::File`](File).

mod collect;
mod green;
mod lambda;
mod operator;
mod path;
mod scope;
mod set;
mod string;

use std::borrow::Cow;

use rnix::SyntaxKind;
use rustc_hash::FxHashMap;

use crate::error::{MAX_ERRORS, SyntaxError};
use crate::hir::{
    AttrName, Binding, DynamicBinding, Expr, ExprId, File, NameId, Part, Run, Selection,
    SelectionId, StringId,
};
use crate::source::TextSpan;

use collect::SetBuilder;
use green::{Child, Token, keep_first};
pub(crate) use green::{Node, is_expression};
use scope::Scope;

/// Lowers a tree. `text` is the text of the file: the same length as the tree's, and the same
/// text but for the bytes that were changed to suit rnix. `more_elements` has, by where a list
/// begins, roots of elements that come after those in the tree.
pub(crate) fn lower<'t>(
    root: Node<'t>,
    text: &'t str,
    more_elements: &'t FxHashMap<u32, Vec<Node<'t>>>,
    errors: &mut Vec<SyntaxError>,
) -> File {
    let mut lowering = Lowering::new(text);
    lowering.more_elements = Some(more_elements);
    let expression = root.nodes().find(|node| is_expression(node.kind()));
    lowering.file.root = match expression {
        Some(node) => lowering.expression(node),
        None => lowering.push(Expr::Error, root.span()),
    };
    errors.append(&mut lowering.errors);
    lowering.file
}

/// A file without an expression.
pub(crate) fn empty_file(span: TextSpan) -> File {
    let mut lowering = Lowering::new("");
    lowering.file.root = lowering.push(Expr::Error, span);
    lowering.file
}

struct Lowering<'t> {
    text: &'t str,
    file: File,
    errors: Vec<SyntaxError>,
    names: FxHashMap<Cow<'t, str>, NameId>,
    scope: Scope,
    /// Builders of attribute sets that are not in use.
    #[expect(
        clippy::vec_box,
        reason = "they are handed out and given back in their boxes"
    )]
    idle_builders: Vec<Box<SetBuilder<'t>>>,
    /// The attribute path being collected, for messages: none for a computed element.
    attribute_path: Vec<Option<NameId>>,
    /// Bindings of the sets being lowered; a stack.
    bindings: Vec<Binding>,
    /// Computed bindings of the sets being lowered; a stack.
    dynamic_bindings: Vec<DynamicBinding>,
    /// Pieces of the strings and paths being lowered; a stack.
    parts: Vec<Part>,
    /// Elements of the lists being lowered; a stack.
    elements: Vec<ExprId>,
    /// By where a list begins: roots of elements that are not in the list's own tree.
    more_elements: Option<&'t FxHashMap<u32, Vec<Node<'t>>>>,
    /// Elements of the attribute paths being lowered; a stack.
    path_elements: Vec<(AttrName, TextSpan)>,
}

/// The next index of a table. Files are under 4 GiB, so that it fits.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl<'t> Lowering<'t> {
    fn new(text: &'t str) -> Self {
        let file = File {
            root: ExprId(0),
            exprs: Vec::new(),
            spans: Vec::new(),
            names: Vec::new(),
            strings: Vec::new(),
            children: Vec::new(),
            parts: Vec::new(),
            attr_names: Vec::new(),
            selections: Vec::new(),
            sets: Vec::new(),
            bindings: Vec::new(),
            dynamic_bindings: Vec::new(),
            lambdas: Vec::new(),
            formals: Vec::new(),
            directives: Vec::new(),
        };
        Self {
            text,
            file,
            errors: Vec::new(),
            names: FxHashMap::default(),
            scope: Scope::default(),
            idle_builders: Vec::new(),
            attribute_path: Vec::new(),
            bindings: Vec::new(),
            dynamic_bindings: Vec::new(),
            parts: Vec::new(),
            elements: Vec::new(),
            more_elements: None,
            path_elements: Vec::new(),
        }
    }

    fn push(&mut self, expr: Expr, span: TextSpan) -> ExprId {
        let id = ExprId(index(self.file.exprs.len()));
        self.file.exprs.push(expr);
        self.file.spans.push(span);
        id
    }

    fn error(&mut self, span: TextSpan, message: impl Into<String>) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        self.errors.push(SyntaxError {
            span,
            message: message.into(),
        });
    }

    fn name(&mut self, text: Cow<'t, str>) -> NameId {
        if let Some(known) = self.names.get(&text) {
            return *known;
        }
        let id = NameId(index(self.file.names.len()));
        self.file.names.push(Box::from(text.as_ref()));
        self.names.insert(text, id);
        self.scope.add_name();
        id
    }

    fn string(&mut self, text: &str) -> StringId {
        let id = StringId(index(self.file.strings.len()));
        self.file.strings.push(Box::from(text));
        id
    }

    /// The original text of a span.
    fn slice(&self, span: TextSpan) -> &'t str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// An expression that may be missing.
    fn optional(&mut self, node: Option<Node<'t>>, place: TextSpan) -> ExprId {
        match node {
            Some(node) => self.expression(node),
            None => self.push(Expr::Error, TextSpan::new(place.end, place.end)),
        }
    }

    /// An expression that stands where Nix's grammar has no function, `f x: y` say.
    fn operand(&mut self, node: Option<Node<'t>>, place: TextSpan) -> ExprId {
        if let Some(node) = node
            && node.kind() == SyntaxKind::NODE_LAMBDA
        {
            let colon = node.children().find_map(|child| match child {
                Child::Token(token) if token.kind == SyntaxKind::TOKEN_COLON => Some(token.span()),
                _ => None,
            });
            self.error(colon.unwrap_or(node.span()), "syntax error, unexpected ':'");
        }
        self.optional(node, place)
    }

    fn expression(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        match node.kind() {
            SyntaxKind::NODE_IDENT => {
                let expr = match identifier(node) {
                    Some(token) => {
                        let name = self.name(Cow::Borrowed(token.text));
                        self.scope.resolve(name)
                    }
                    None => Expr::Error,
                };
                self.push(expr, span)
            }
            SyntaxKind::NODE_SELECT => self.select(node),
            SyntaxKind::NODE_STRING => self.string_literal(node),
            SyntaxKind::NODE_APPLY => {
                let (function, argument) = two(node);
                let function = self.operand(function, span);
                let argument = self.operand(argument, span);
                self.push(Expr::Apply { function, argument }, span)
            }
            SyntaxKind::NODE_ATTR_SET => self.attribute_set(node),
            SyntaxKind::NODE_LIST => self.list(node),
            SyntaxKind::NODE_LITERAL => self.literal(node),
            SyntaxKind::NODE_PAREN => self.parentheses(node),
            SyntaxKind::NODE_LAMBDA => self.lambda(node),
            SyntaxKind::NODE_LET_IN => self.let_in(node),
            SyntaxKind::NODE_LEGACY_LET => self.legacy_let(node),
            SyntaxKind::NODE_BIN_OP => self.binary(node),
            SyntaxKind::NODE_UNARY_OP => self.unary(node),
            SyntaxKind::NODE_HAS_ATTR => self.has_attribute(node),
            SyntaxKind::NODE_PATH_ABS | SyntaxKind::NODE_PATH_REL | SyntaxKind::NODE_PATH_HOME => {
                self.path(node)
            }
            SyntaxKind::NODE_PATH_SEARCH => self.search_path(node),
            SyntaxKind::NODE_WITH => {
                let [scope, body, _] = segments(node);
                let scope = self.optional(scope, span);
                self.scope.push_with();
                let body = self.optional(body, span);
                self.scope.pop_with();
                self.push(Expr::With { scope, body }, span)
            }
            SyntaxKind::NODE_ASSERT => {
                let [condition, body, _] = segments(node);
                let condition = self.optional(condition, span);
                let body = self.optional(body, span);
                self.push(Expr::Assert { condition, body }, span)
            }
            SyntaxKind::NODE_IF_ELSE => {
                let [condition, yes, no] = segments(node);
                let condition = self.optional(condition, span);
                let yes = self.optional(yes, span);
                let no = self.optional(no, span);
                self.push(Expr::If { condition, yes, no }, span)
            }
            SyntaxKind::NODE_CUR_POS => self.push(Expr::CurrentPosition, span),
            _ => self.push(Expr::Error, span),
        }
    }

    fn parentheses(&mut self, node: Node<'t>) -> ExprId {
        let mut inner = None;
        let mut last = None;
        for child in node.children() {
            match child {
                Child::Node(node) if inner.is_none() && is_expression(node.kind()) => {
                    inner = Some(node);
                }
                _ => {}
            }
            last = Some(child);
        }
        // rnix takes whatever stands there for the closing parenthesis.
        if let Some(Child::Token(token)) = last
            && token.kind != SyntaxKind::TOKEN_R_PAREN
        {
            let message = format!(
                "syntax error, unexpected {}, expecting ')'",
                crate::message::describe(token.kind)
            );
            self.error(token.span(), message);
        }
        self.optional(inner, node.span())
    }

    fn list(&mut self, node: Node<'t>) -> ExprId {
        let mark = self.elements.len();
        for element in node.nodes() {
            if is_expression(element.kind()) {
                let id = self.operand(Some(element), node.span());
                self.elements.push(id);
            }
        }
        let more = self
            .more_elements
            .and_then(|lists| lists.get(&node.start()));
        for root in more.into_iter().flatten() {
            let id = self.optional(root.nodes().next(), root.span());
            self.elements.push(id);
        }
        let run = self.take_elements(mark);
        self.push(Expr::List(run), node.span())
    }

    /// Moves the expressions stacked since `mark` into the table of children.
    fn take_elements(&mut self, mark: usize) -> Run {
        let start = index(self.file.children.len());
        let len = index(self.elements.len() - mark);
        self.file.children.extend(self.elements.drain(mark..));
        Run { start, len }
    }

    fn literal(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let token = node.children().find_map(|child| match child {
            Child::Token(token) => Some(token),
            Child::Node(_) => None,
        });
        let Some(token) = token else {
            return self.push(Expr::Error, span);
        };
        let expr = match token.kind {
            SyntaxKind::TOKEN_INTEGER => match token.text.parse() {
                Ok(value) => Expr::Int(value),
                Err(_) => {
                    self.error(span, format!("invalid integer '{}'", token.text));
                    Expr::Error
                }
            },
            SyntaxKind::TOKEN_FLOAT => match float(token.text) {
                Some(value) => Expr::Float(value),
                None => {
                    self.error(span, format!("invalid float '{}'", token.text));
                    Expr::Error
                }
            },
            SyntaxKind::TOKEN_URI => Expr::String(self.string(token.text)),
            _ => Expr::Error,
        };
        self.push(expr, span)
    }

    fn select(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let mut base = None;
        let mut path = None;
        let mut default = None;
        for child in node.nodes() {
            match child.kind() {
                SyntaxKind::NODE_ATTRPATH => path = Some(child),
                kind if !is_expression(kind) => {}
                _ if path.is_some() => default = default.or(Some(child)),
                _ => base = base.or(Some(child)),
            }
        }
        let base = self.operand(base, span);
        let path = self.selection_path(path, span);
        let default = default.map(|node| self.operand(Some(node), span));
        let id = SelectionId(index(self.file.selections.len()));
        self.file.selections.push(Selection {
            base,
            path,
            default,
        });
        self.push(Expr::Select(id), span)
    }

    fn has_attribute(&mut self, node: Node<'t>) -> ExprId {
        let span = node.span();
        let mut base = None;
        let mut path = None;
        let mut question = span;
        for child in node.children() {
            match child {
                Child::Token(token) => question = token.span(),
                Child::Node(child) if child.kind() == SyntaxKind::NODE_ATTRPATH => {
                    path = Some(child);
                }
                Child::Node(child) => base = base.or(Some(child)),
            }
        }
        if base.is_some_and(|base| base.kind() == SyntaxKind::NODE_HAS_ATTR) {
            self.error(question, "syntax error, unexpected '?'");
        }
        let base = self.operand(base, span);
        let path = self.selection_path(path, span);
        let id = SelectionId(index(self.file.selections.len()));
        self.file.selections.push(Selection {
            base,
            path,
            default: None,
        });
        self.push(Expr::HasAttribute(id), span)
    }

    /// The elements of a selection's attribute path: never none.
    fn selection_path(&mut self, path: Option<Node<'t>>, place: TextSpan) -> Run {
        let mark = self.path_elements.len();
        for element in path.into_iter().flat_map(Node::nodes) {
            let name = self.attribute_name(element);
            self.path_elements.push((name, element.span()));
        }
        if self.path_elements.len() == mark {
            let span = TextSpan::new(place.end, place.end);
            let missing = self.push(Expr::Error, span);
            self.path_elements.push((AttrName::Dynamic(missing), span));
        }
        let start = index(self.file.attr_names.len());
        let len = index(self.path_elements.len() - mark);
        self.file
            .attr_names
            .extend(self.path_elements.drain(mark..));
        Run { start, len }
    }

    /// An element of an attribute path, its dynamic parts lowered.
    fn attribute_name(&mut self, node: Node<'t>) -> AttrName {
        match self.static_name(node) {
            Some(name) => AttrName::Static(name),
            None => AttrName::Dynamic(self.dynamic_name(node)),
        }
    }

    /// The name that an element of an attribute path is, if it is not computed: `a`, `"a"`, and,
    /// as in Nix, `${"a"}`.
    fn static_name(&mut self, node: Node<'t>) -> Option<NameId> {
        match node.kind() {
            SyntaxKind::NODE_IDENT => {
                let text = identifier(node).map_or("", |token| token.text);
                Some(self.name(Cow::Borrowed(text)))
            }
            SyntaxKind::NODE_STRING => {
                let text = self.plain_string(node)?;
                Some(self.name(text))
            }
            SyntaxKind::NODE_DYNAMIC => {
                let inner = without_parentheses(node.nodes().next()?);
                match inner.kind() {
                    SyntaxKind::NODE_STRING => {
                        let text = self.plain_string(inner)?;
                        Some(self.name(text))
                    }
                    SyntaxKind::NODE_LITERAL => match inner.children().next()? {
                        Child::Token(token) if token.kind == SyntaxKind::TOKEN_URI => {
                            Some(self.name(Cow::Borrowed(token.text)))
                        }
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The expression that computes an element of an attribute path.
    fn dynamic_name(&mut self, node: Node<'t>) -> ExprId {
        if node.kind() == SyntaxKind::NODE_DYNAMIC {
            let inner = node.nodes().find(|node| is_expression(node.kind()));
            self.optional(inner, node.span())
        } else {
            self.expression(node)
        }
    }
}

/// The token of an identifier's node.
fn identifier(node: Node<'_>) -> Option<Token<'_>> {
    node.children().find_map(|child| match child {
        Child::Token(token) => Some(token),
        Child::Node(_) => None,
    })
}

/// The first two expressions in a node.
fn two(node: Node<'_>) -> (Option<Node<'_>>, Option<Node<'_>>) {
    let mut expressions = node.nodes().filter(|node| is_expression(node.kind()));
    (expressions.next(), expressions.next())
}

/// What stands inside parentheses, however many.
fn without_parentheses(mut node: Node<'_>) -> Node<'_> {
    while node.kind() == SyntaxKind::NODE_PAREN {
        match node.nodes().find(|node| is_expression(node.kind())) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// The expressions after the first, second and third keyword or semicolon of `if`, `with` and
/// `assert`. Where a part did not parse, the parts after it keep their places.
fn segments(node: Node<'_>) -> [Option<Node<'_>>; 3] {
    let mut found = [None; 3];
    let mut segment = 0_usize;
    for child in node.children() {
        match child {
            Child::Token(_) => segment += 1,
            Child::Node(child) if is_expression(child.kind()) => {
                if let Some(place) = segment.checked_sub(1).and_then(|at| found.get_mut(at)) {
                    keep_first(place, child);
                }
            }
            Child::Node(_) => {}
        }
    }
    found
}

/// A floating-point literal; none if it is too large or too small for a double, as in Nix.
fn float(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    let is_zero = || {
        let digits = text.split(['e', 'E']).next().unwrap_or("");
        !digits.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
    };
    (value.is_normal() || (value == 0.0 && is_zero())).then_some(value)
}
