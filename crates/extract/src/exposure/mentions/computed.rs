//! Names that are computed, as far as what is written in the same file shows what they are.

use std::cell::OnceCell;

use nix_syntax::hir::{BindingValue, Expr, ExprId, File, LambdaId, Parameter, Part, StringId};
use nix_syntax::source::TextSpan;
use rustc_hash::FxHashMap;

use crate::exposure::mentions::nix::written;

/// What a name may be: the texts that are known of it in their order, a hole between each two.
type Texts = Vec<String>;

/// The computed names of one file.
pub(super) struct ComputedNames<'a> {
    hir: &'a File,
    text: &'a str,
    locals: OnceCell<Locals<'a>>,
}

/// What binds a variable.
#[derive(Clone, Copy)]
enum Binder {
    /// `let` or `rec`; `None` is an attribute of something else.
    Value(Option<ExprId>),
    /// `name: …`.
    Parameter(LambdaId),
    /// `{ name }: …`, `{ … }@name: …`: whatever the caller gives.
    Open,
}

/// What the variables of a file are bound to.
#[derive(Default)]
struct Locals<'a> {
    /// By the name of a variable, what binds it and where in the file that holds.
    binders: FxHashMap<&'a str, Vec<(TextSpan, Binder)>>,
    /// The variables of `let` to which functions are bound.
    functions: FxHashMap<u32, &'a str>,
    /// Where each variable is used.
    uses: FxHashMap<&'a str, Vec<ExprId>>,
    /// The argument with which an expression is called.
    arguments: FxHashMap<ExprId, ExprId>,
}

impl<'a> Locals<'a> {
    fn bind(&mut self, name: &'a str, place: TextSpan, binder: Binder) {
        self.binders.entry(name).or_default().push((place, binder));
    }

    /// What binds a variable at a place: the innermost of those that hold there.
    fn binders_of(&self, name: &str, at: TextSpan) -> impl Iterator<Item = Binder> {
        let all = self.binders.get(name).map_or(&[][..], Vec::as_slice);
        let holds = move |place: &TextSpan| place.start <= at.start && at.end <= place.end;
        let length = |place: &TextSpan| place.end - place.start;
        let here = all.iter().filter(move |(place, _)| holds(place));
        let shortest = here.clone().map(|(place, _)| length(place)).min();
        let nearest = here.filter(move |(place, _)| Some(length(place)) == shortest);
        nearest.map(|(_, binder)| *binder)
    }
}

impl<'a> ComputedNames<'a> {
    pub(super) const fn new(hir: &'a File, text: &'a str) -> Self {
        Self {
            hir,
            text,
            locals: OnceCell::new(),
        }
    }

    /// What a name may be; `None` if nothing of it is known.
    pub(super) fn texts(&self, name: ExprId) -> Option<Vec<Texts>> {
        if let Some(texts) = self.literal(name) {
            return Some(vec![texts]);
        }
        if !matches!(self.expr(name), Some(Expr::Local { .. })) {
            return None;
        }
        let locals = self.locals.get_or_init(|| self.locals());
        let place = self.span(name);
        let mut all = Vec::new();
        for binder in locals.binders_of(self.written(name), place) {
            match binder {
                Binder::Value(value) => all.push(self.literal(value?)?),
                Binder::Parameter(lambda) => {
                    // Its caller is seen only if it is called by a name that is used for nothing else.
                    let function = locals.functions.get(&lambda.0)?;
                    for place in locals.uses.get(function).into_iter().flatten() {
                        all.push(self.literal(*locals.arguments.get(place)?)?);
                    }
                }
                Binder::Open => return None,
            }
        }
        (!all.is_empty()).then_some(all)
    }

    /// The texts of a string of which something is written.
    fn literal(&self, expr: ExprId) -> Option<Texts> {
        match self.expr(expr)? {
            Expr::String(text) => Some(vec![self.string(text).to_owned()]),
            Expr::Interpolation(run) => {
                let mut texts = vec![String::new()];
                for part in self.hir.parts.get(run.range()).unwrap_or_default() {
                    match part {
                        Part::Text(text) => texts.last_mut()?.push_str(self.string(*text)),
                        Part::Expr(_) => texts.push(String::new()),
                    }
                }
                texts.iter().any(|text| !text.is_empty()).then_some(texts)
            }
            _ => None,
        }
    }

    fn locals(&self) -> Locals<'a> {
        let hir = self.hir;
        let name_of = |name: u32| hir.names.get(name as usize).unwrap_or_default();
        let mut locals = Locals::default();
        for (expr, place) in hir.exprs.iter().zip(&hir.spans) {
            let (Expr::Set(set) | Expr::Let { set, .. }) = expr else {
                continue;
            };
            let Some(set) = hir.sets.get(set.0 as usize).filter(|set| set.recursive) else {
                continue;
            };
            for binding in hir.bindings.get(set.bindings.range()).unwrap_or_default() {
                let value = match binding.value {
                    BindingValue::Expr(value) => Some(value),
                    BindingValue::From(_) => None,
                };
                locals.bind(name_of(binding.name.0), *place, Binder::Value(value));
            }
        }
        for expr in &hir.exprs {
            let Expr::Let { set, .. } = expr else {
                continue;
            };
            let set = hir.sets.get(set.0 as usize);
            let bindings = set.and_then(|set| hir.bindings.get(set.bindings.range()));
            for binding in bindings.unwrap_or_default() {
                if let BindingValue::Expr(value) = binding.value
                    && let Some(Expr::Lambda(lambda)) = self.expr(value)
                {
                    locals.functions.insert(lambda.0, name_of(binding.name.0));
                }
            }
        }
        for (number, lambda) in (0..).zip(&hir.lambdas) {
            match lambda.parameter {
                Parameter::Name(name) => {
                    let binder = Binder::Parameter(LambdaId(number));
                    locals.bind(name_of(name.0), self.span(lambda.body), binder);
                }
                Parameter::Formals { formals, whole, .. } => {
                    let formals = hir.formals.get(formals.range()).unwrap_or_default();
                    let names = formals.iter().map(|formal| formal.name).chain(whole);
                    for name in names {
                        locals.bind(name_of(name.0), self.span(lambda.body), Binder::Open);
                    }
                }
            }
        }
        for (number, expr) in (0..).zip(&hir.exprs) {
            match *expr {
                Expr::Local { .. } => {
                    let id = ExprId(number);
                    locals.uses.entry(self.written(id)).or_default().push(id);
                }
                Expr::Apply { function, argument } => {
                    locals.arguments.insert(function, argument);
                }
                _ => {}
            }
        }
        locals
    }

    fn span(&self, id: ExprId) -> TextSpan {
        { self.hir.spans.get(id.0 as usize).copied() }.unwrap_or_default()
    }

    fn expr(&self, id: ExprId) -> Option<Expr> {
        self.hir.exprs.get(id.0 as usize).copied()
    }

    fn string(&self, id: StringId) -> &'a str {
        self.hir.strings.get(id.0 as usize).unwrap_or_default()
    }

    fn written(&self, id: ExprId) -> &'a str {
        written(self.text, self.span(id))
    }
}
