//! Names that are computed, as far as what is written in the same file shows what they are.

use std::cell::OnceCell;

use nix_syntax::hir::{BindingValue, Expr, ExprId, File, LambdaId, Parameter, Part, StringId};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::exposure::mentions::nix::written;

/// What a name may be: the texts that are known of it in their order, a hole between each two.
type Texts = Vec<String>;

/// The computed names of one file.
pub(super) struct ComputedNames<'a> {
    hir: &'a File,
    text: &'a str,
    locals: OnceCell<Locals<'a>>,
}

/// What the variables of a file are bound to, by their names: one that is bound twice is either of both.
#[derive(Default)]
struct Locals<'a> {
    /// By `let` and `rec`; `None` is an attribute of something else.
    bound: FxHashMap<&'a str, Vec<Option<ExprId>>>,
    /// By `name: …`.
    parameters: FxHashMap<&'a str, Vec<LambdaId>>,
    /// By `{ name }: …`, `{ … }@name: …`: whatever the caller gives.
    open: FxHashSet<&'a str>,
    /// The variables of `let` to which functions are bound.
    functions: FxHashMap<u32, &'a str>,
    /// Where each variable is used.
    uses: FxHashMap<&'a str, Vec<ExprId>>,
    /// The argument with which an expression is called.
    arguments: FxHashMap<ExprId, ExprId>,
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
        let name = self.written(name);
        if locals.open.contains(name) {
            return None;
        }
        let mut all = Vec::new();
        for value in locals.bound.get(name).into_iter().flatten() {
            all.push(self.literal((*value)?)?);
        }
        for lambda in locals.parameters.get(name).into_iter().flatten() {
            // Its caller is seen only if it is called by a name that is used for nothing else.
            let function = locals.functions.get(&lambda.0)?;
            for place in locals.uses.get(function).into_iter().flatten() {
                all.push(self.literal(*locals.arguments.get(place)?)?);
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
        for set in hir.sets.iter().filter(|set| set.recursive) {
            for binding in hir.bindings.get(set.bindings.range()).unwrap_or_default() {
                let name = name_of(binding.name.0);
                let value = match binding.value {
                    BindingValue::Expr(value) => Some(value),
                    BindingValue::From(_) => None,
                };
                locals.bound.entry(name).or_default().push(value);
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
                    let known = locals.parameters.entry(name_of(name.0)).or_default();
                    known.push(LambdaId(number));
                }
                Parameter::Formals { formals, whole, .. } => {
                    let formals = hir.formals.get(formals.range()).unwrap_or_default();
                    let names = formals.iter().map(|formal| formal.name).chain(whole);
                    locals.open.extend(names.map(|name| name_of(name.0)));
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

    fn expr(&self, id: ExprId) -> Option<Expr> {
        self.hir.exprs.get(id.0 as usize).copied()
    }

    fn string(&self, id: StringId) -> &'a str {
        self.hir.strings.get(id.0 as usize).unwrap_or_default()
    }

    fn written(&self, id: ExprId) -> &'a str {
        let span = self.hir.spans.get(id.0 as usize);
        span.map_or("", |span| written(self.text, *span))
    }
}
