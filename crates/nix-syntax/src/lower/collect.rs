//! The bindings of an attribute set: attribute paths are expanded and sets under one name merged,
//! as Nix's parser does it.

use rnix::SyntaxKind;
use rustc_hash::FxHashMap;

use super::green::keep_first;
use super::green::{is_expression, without_parentheses};
use super::set::is_recursive;
use super::{Lowering, Node, index};
use crate::error::MAX_ERRORS;
use crate::hir::{ExprId, NameId};
use crate::source::{Source, TextSpan};

/// An attribute set whose bindings are being collected.
#[derive(Default)]
pub(super) struct SetBuilder<'t> {
    pub(super) recursive: bool,
    pub(super) entries: Vec<Entry<'t>>,
    pub(super) dynamic: Vec<DynamicEntry<'t>>,
    /// The `e` of each `inherit (e)`, and where it is.
    pub(super) sources: Vec<(Option<Node<'t>>, TextSpan)>,
    /// Where each name is in `entries`, once there are many.
    by_name: FxHashMap<NameId, u32>,
}

/// `name = value;`, spans as in [`Binding`](crate::hir::Binding).
pub(super) struct Entry<'t> {
    pub(super) name: NameId,
    pub(super) name_span: TextSpan,
    pub(super) path_span: TextSpan,
    pub(super) span: TextSpan,
    pub(super) value: Pending<'t>,
}

/// `${name} = value;`
pub(super) struct DynamicEntry<'t> {
    pub(super) name: Node<'t>,
    pub(super) span: TextSpan,
    pub(super) value: Pending<'t>,
}

/// A value that waits until all of its set's bindings are known.
pub(super) enum Pending<'t> {
    /// An expression, if there is one.
    Expr(Option<Node<'t>>),
    /// A set that attribute paths make, or into which another was merged.
    Set(Box<SetBuilder<'t>>, TextSpan),
    /// `inherit x;`
    Variable,
    /// `inherit (e) x;`: which of the sources.
    From(u32),
    /// One that need not wait.
    Lowered(ExprId),
}

/// From how many entries on a set has an index by name.
const MANY: usize = 16;

impl<'t> SetBuilder<'t> {
    fn find(&self, name: NameId) -> Option<usize> {
        if self.by_name.is_empty() {
            self.entries.iter().position(|entry| entry.name == name)
        } else {
            self.by_name.get(&name).map(|at| *at as usize)
        }
    }

    /// Adds an entry, whose name is new.
    fn add(&mut self, entry: Entry<'t>) {
        if !self.by_name.is_empty() {
            self.by_name.insert(entry.name, index(self.entries.len()));
        } else if self.entries.len() == MANY {
            let names = self
                .entries
                .iter()
                .map(|entry| entry.name)
                .chain([entry.name]);
            self.by_name.extend(names.zip(0..));
        }
        self.entries.push(entry);
    }
}

impl<'t> Lowering<'t> {
    pub(super) fn new_builder(&mut self, recursive: bool) -> Box<SetBuilder<'t>> {
        let mut builder = self.idle_builders.pop().unwrap_or_default();
        builder.recursive = recursive;
        builder
    }

    /// Gives back an emptied builder, for its memory.
    pub(super) fn return_builder(&mut self, mut builder: Box<SetBuilder<'t>>) {
        builder.by_name.clear();
        self.idle_builders.push(builder);
    }

    /// Adds the bindings in `node` to `builder`.
    pub(super) fn collect(&mut self, builder: &mut SetBuilder<'t>, node: Node<'t>) {
        for child in node.nodes() {
            match child.kind() {
                SyntaxKind::NODE_ATTRPATH_VALUE => self.collect_binding(builder, child),
                SyntaxKind::NODE_INHERIT => self.collect_inherit(builder, child),
                _ => {}
            }
        }
    }

    fn collect_inherit(&mut self, builder: &mut SetBuilder<'t>, node: Node<'t>) {
        let mut source = None;
        for child in node.nodes() {
            match child.kind() {
                SyntaxKind::NODE_INHERIT_FROM => {
                    let expression = child.nodes().find(|node| is_expression(node.kind()));
                    source = Some(index(builder.sources.len()));
                    builder.sources.push((expression, child.span()));
                    continue;
                }
                SyntaxKind::NODE_IDENT | SyntaxKind::NODE_STRING | SyntaxKind::NODE_DYNAMIC => {}
                _ => continue,
            }
            let span = child.span();
            let Some(name) = self.static_name(child) else {
                self.error(span, "dynamic attributes not allowed in inherit");
                continue;
            };
            if let Some(known) = builder.find(name).and_then(|at| builder.entries.get(at)) {
                self.scratch.attribute_path.push(Some(name));
                self.duplicate_attribute(span, known.path_span);
                self.scratch.attribute_path.pop();
                continue;
            }
            let value = source.map_or(Pending::Variable, Pending::From);
            builder.add(Entry {
                name,
                name_span: span,
                path_span: span,
                span,
                value,
            });
        }
    }

    fn collect_binding(&mut self, builder: &mut SetBuilder<'t>, node: Node<'t>) {
        let mut path = None;
        let mut value = None;
        for child in node.nodes() {
            match child.kind() {
                SyntaxKind::NODE_ATTRPATH => path = path.or(Some(child)),
                kind if is_expression(kind) => keep_first(&mut value, child),
                _ => {}
            }
        }
        let Some(path) = path else { return };
        let mark = self.scratch.attribute_path.len();
        self.collect_path(builder, path, value, node.span());
        self.scratch.attribute_path.truncate(mark);
    }

    /// Adds `path = value;`, which spans `span`.
    fn collect_path(
        &mut self,
        builder: &mut SetBuilder<'t>,
        path: Node<'t>,
        value: Option<Node<'t>>,
        span: TextSpan,
    ) {
        let mut inside = builder;
        let mut elements = path
            .nodes()
            .filter(|node| node.kind() != SyntaxKind::NODE_ERROR)
            .peekable();
        while let Some(element) = elements.next() {
            let builder = inside;
            let name_span = element.span();
            let path_span = TextSpan::new(span.start, name_span.end);
            let rest = elements
                .peek()
                .map(|next| TextSpan::new(next.start(), span.end));
            let name = self.static_name(element);
            self.scratch.attribute_path.push(name);

            if let Some(at) = name.and_then(|name| builder.find(name)) {
                let Some(known) = builder.entries.get_mut(at) else {
                    return;
                };
                let known_span = known.path_span;
                if rest.is_some() {
                    let Some(set) = self.as_set(&mut known.value) else {
                        self.duplicate_attribute(path.span(), known_span);
                        return;
                    };
                    inside = set;
                    continue;
                }
                let literal = value
                    .map(without_parentheses)
                    .filter(|value| value.kind() == SyntaxKind::NODE_ATTR_SET);
                let merged = literal.and_then(|literal| {
                    // A `rec` of the set that is merged into the other counts for nothing, as in
                    // Nix.
                    let set = self.as_set(&mut known.value)?;
                    self.collect(set, literal);
                    Some(())
                });
                if merged.is_none() {
                    self.duplicate_attribute(path.span(), known_span);
                }
                return;
            }

            let pending = match rest {
                Some(rest) => Pending::Set(self.new_builder(false), rest),
                None => Pending::Expr(value),
            };
            let added = match name {
                Some(name) => {
                    builder.add(Entry {
                        name,
                        name_span,
                        path_span,
                        span,
                        value: pending,
                    });
                    builder.entries.last_mut().map(|entry| &mut entry.value)
                }
                None => {
                    builder.dynamic.push(DynamicEntry {
                        name: element,
                        span,
                        value: pending,
                    });
                    builder.dynamic.last_mut().map(|entry| &mut entry.value)
                }
            };
            match added {
                Some(Pending::Set(set, _)) => inside = set,
                _ => return,
            }
        }
    }

    /// The set that a value is, for other bindings to be added to it; none if it is no set.
    fn as_set<'b>(&mut self, value: &'b mut Pending<'t>) -> Option<&'b mut SetBuilder<'t>> {
        if let Pending::Expr(Some(node)) = value {
            let node = without_parentheses(*node);
            if node.kind() != SyntaxKind::NODE_ATTR_SET {
                return None;
            }
            let mut builder = self.new_builder(is_recursive(node));
            let path = std::mem::take(&mut self.scratch.attribute_path);
            self.collect(&mut builder, node);
            self.scratch.attribute_path = path;
            *value = Pending::Set(builder, node.span());
        }
        match value {
            Pending::Set(builder, _) => Some(builder),
            _ => None,
        }
    }

    fn duplicate_attribute(&mut self, span: TextSpan, known: TextSpan) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        let mut path = String::new();
        for name in &self.scratch.attribute_path {
            if !path.is_empty() {
                path.push('.');
            }
            let name = name.and_then(|name| self.scratch.file.names.get(name.0 as usize));
            path.push_str(name.unwrap_or("\"${...}\""));
        }
        let place = Source::new("".into(), self.text.into()).line_column(known.start);
        let message = format!(
            "attribute '{path}' already defined at {}:{}",
            place.line, place.column
        );
        self.error(span, message);
    }
}
