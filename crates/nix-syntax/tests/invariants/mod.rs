//! What is true of every parsed text. Also used by the fuzz target.

use nix_syntax::hir::{AttrName, BindingValue, Expr, ExprId, File, Parameter, Part};
use nix_syntax::source::TextSpan;
use nix_syntax::{dump, parse};

struct Check<'t> {
    text: &'t str,
    file: &'t File,
}

impl Check<'_> {
    fn span(&self, span: TextSpan) {
        let (start, end) = (span.start as usize, span.end as usize);
        assert!(self.text.get(start..end).is_some(), "{span:?}");
    }

    fn expr(&self, id: ExprId) {
        assert!((id.0 as usize) < self.file.exprs.len());
    }

    /// Every id and every place in the file.
    fn all(&self) {
        let file = self.file;
        self.expr(file.root);
        assert_eq!(file.exprs.len(), file.spans.len());
        file.spans
            .iter()
            .chain(&file.directives)
            .for_each(|span| self.span(*span));
        for expr in &file.exprs {
            match *expr {
                Expr::String(id) | Expr::Path(id) | Expr::SearchPath(id) => {
                    assert!(file.strings.get(id.0 as usize).is_some());
                }
                Expr::Interpolation(run) => assert!(file.parts.get(run.range()).is_some()),
                Expr::PathInterpolation(run) => {
                    let parts = file.parts.get(run.range()).unwrap();
                    assert!(matches!(parts.first(), Some(Part::Text(_))));
                }
                Expr::Dynamic { name, .. } | Expr::Global(name) => {
                    assert!(file.names.get(name.0 as usize).is_some());
                }
                Expr::List(run) => assert!(file.children.get(run.range()).is_some()),
                Expr::Set(id) => assert!(file.sets.get(id.0 as usize).is_some()),
                Expr::Let { set, body } => {
                    assert!(file.sets[set.0 as usize].recursive);
                    self.expr(body);
                }
                Expr::Lambda(id) => assert!(file.lambdas.get(id.0 as usize).is_some()),
                Expr::Select(id) | Expr::HasAttribute(id) => {
                    assert!(file.selections.get(id.0 as usize).is_some());
                }
                Expr::With {
                    scope: one,
                    body: other,
                }
                | Expr::Apply {
                    function: one,
                    argument: other,
                }
                | Expr::Assert {
                    condition: one,
                    body: other,
                }
                | Expr::Binary {
                    left: one,
                    right: other,
                    ..
                } => {
                    self.expr(one);
                    self.expr(other);
                }
                Expr::If { condition, yes, no } => {
                    for id in [condition, yes, no] {
                        self.expr(id);
                    }
                }
                Expr::Not(id) | Expr::Negate(id) => self.expr(id),
                Expr::Error
                | Expr::Int(_)
                | Expr::Float(_)
                | Expr::Local { .. }
                | Expr::CurrentPosition => {}
            }
        }
        file.children.iter().for_each(|id| self.expr(*id));
        for part in &file.parts {
            match *part {
                Part::Text(id) => assert!(file.strings.get(id.0 as usize).is_some()),
                Part::Expr(id) => self.expr(id),
            }
        }
        for (name, span) in &file.attr_names {
            self.span(*span);
            match *name {
                AttrName::Static(name) => assert!(file.names.get(name.0 as usize).is_some()),
                AttrName::Dynamic(id) => self.expr(id),
            }
        }
        for selection in &file.selections {
            self.expr(selection.base);
            assert!(!file.attr_names[selection.path.range()].is_empty());
            selection.default.iter().for_each(|id| self.expr(*id));
        }
        self.sets();
        self.lambdas();
        self.variables(file.root, &mut Vec::new());
    }

    fn sets(&self) {
        let file = self.file;
        for set in &file.sets {
            let bindings = &file.bindings[set.bindings.range()];
            for (number, binding) in bindings.iter().enumerate() {
                assert!(
                    bindings[..number]
                        .iter()
                        .all(|other| other.name != binding.name)
                );
                for span in [binding.name_span, binding.path_span, binding.span] {
                    self.span(span);
                }
                match binding.value {
                    BindingValue::Expr(id) => self.expr(id),
                    BindingValue::From(source) => assert!(source < set.sources.len),
                }
            }
            for binding in &file.dynamic_bindings[set.dynamic.range()] {
                for span in [binding.name_span, binding.span] {
                    self.span(span);
                }
                for id in [binding.name, binding.value] {
                    self.expr(id);
                }
            }
            assert!(file.children.get(set.sources.range()).is_some());
        }
    }

    fn lambdas(&self) {
        let file = self.file;
        for lambda in &file.lambdas {
            self.expr(lambda.body);
            if let Parameter::Formals { formals, .. } = lambda.parameter {
                for formal in &file.formals[formals.range()] {
                    self.span(formal.span);
                    formal.default.iter().for_each(|id| self.expr(*id));
                }
            }
        }
    }

    /// Every variable names a frame and slot that are there; `frames` has the slots of each, none
    /// for a `with`. The texts are shallow, so that this may recurse.
    fn variables(&self, id: ExprId, frames: &mut Vec<Option<usize>>) {
        let file = self.file;
        let frame = |frames: &[Option<usize>], depth: u32| {
            frames
                .len()
                .checked_sub(1 + depth as usize)
                .map(|at| frames[at])
        };
        let each = |ids: &[ExprId], frames: &mut Vec<Option<usize>>| {
            ids.iter().for_each(|id| self.variables(*id, frames));
        };
        match file.exprs[id.0 as usize] {
            Expr::Local { depth, slot } => {
                let slots = frame(frames, depth).flatten().expect("a frame with slots");
                assert!((slot as usize) < slots);
            }
            Expr::Dynamic { depth, .. } => assert_eq!(frame(frames, depth), Some(None)),
            Expr::Interpolation(run) | Expr::PathInterpolation(run) => {
                for part in &file.parts[run.range()] {
                    if let Part::Expr(id) = *part {
                        self.variables(id, frames);
                    }
                }
            }
            Expr::List(run) => each(&file.children[run.range()], frames),
            Expr::Set(set) => self.set_variables(set.0 as usize, None, frames),
            Expr::Let { set, body } => self.set_variables(set.0 as usize, Some(body), frames),
            Expr::With { scope, body } => {
                self.variables(scope, frames);
                frames.push(None);
                self.variables(body, frames);
                frames.pop();
            }
            Expr::Lambda(id) => {
                let lambda = file.lambdas[id.0 as usize];
                match lambda.parameter {
                    Parameter::Name(_) => frames.push(Some(1)),
                    Parameter::Formals { formals, whole, .. } => {
                        frames.push(Some(formals.len as usize + usize::from(whole.is_some())));
                        let formals = &file.formals[formals.range()];
                        formals
                            .iter()
                            .filter_map(|formal| formal.default)
                            .for_each(|id| self.variables(id, frames));
                    }
                }
                self.variables(lambda.body, frames);
                frames.pop();
            }
            Expr::Select(id) | Expr::HasAttribute(id) => {
                let selection = file.selections[id.0 as usize];
                self.variables(selection.base, frames);
                for (name, _) in &file.attr_names[selection.path.range()] {
                    if let AttrName::Dynamic(id) = *name {
                        self.variables(id, frames);
                    }
                }
                selection
                    .default
                    .iter()
                    .for_each(|id| self.variables(*id, frames));
            }
            Expr::Apply {
                function: one,
                argument: other,
            }
            | Expr::Assert {
                condition: one,
                body: other,
            }
            | Expr::Binary {
                left: one,
                right: other,
                ..
            } => each(&[one, other], frames),
            Expr::If { condition, yes, no } => each(&[condition, yes, no], frames),
            Expr::Not(id) | Expr::Negate(id) => self.variables(id, frames),
            _ => {}
        }
    }

    fn set_variables(&self, set: usize, body: Option<ExprId>, frames: &mut Vec<Option<usize>>) {
        let file = self.file;
        let set = file.sets[set];
        if set.recursive {
            frames.push(Some(set.bindings.len as usize));
        }
        for binding in &file.bindings[set.bindings.range()] {
            if let BindingValue::Expr(id) = binding.value {
                self.variables(id, frames);
            }
        }
        for binding in &file.dynamic_bindings[set.dynamic.range()] {
            for id in [binding.name, binding.value] {
                self.variables(id, frames);
            }
        }
        file.children[set.sources.range()]
            .iter()
            .chain(&body)
            .for_each(|id| self.variables(*id, frames));
        if set.recursive {
            frames.pop();
        }
    }
}

/// Parses a text and panics if a place is outside it, an id dangles, or an error is silent.
pub(crate) fn check(text: &str) {
    let parsed = parse(text);
    let check = Check {
        text,
        file: &parsed.file,
    };
    check.all();
    parsed
        .errors
        .iter()
        .for_each(|error| check.span(error.span));
    assert!(parsed.errors.is_sorted_by_key(|error| error.span.start));
    assert!(
        !parsed.errors.is_empty() || !parsed.file.exprs.contains(&Expr::Error),
        "silent error"
    );
    let _ = dump::dump(&parsed.file);
}
