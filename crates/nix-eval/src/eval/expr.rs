//! Expressions to values.

use std::path::Path;
use std::rc::Rc;

use nix_syntax::hir::{self, BinaryOp, Expr, ExprId, Part};

use super::coerce::{Coercion, Pieces};
use super::evaluator::{Evaluator, Site};
use super::loaded::Loaded;
use crate::value::{
    AttrsBuilder, AttrsId, Closure, Env, Eval, Hole, Reason, Slot, StringPart, Thunk, UnknownId,
    Value, well_known,
};
use nix_source::normalise;

/// How many `if`s that are not decided may be evaluated one inside the other. A recursion whose end
/// depends on one does not end, and would take all of the stack.
const MAX_UNDECIDED: u32 = 256;

impl Evaluator {
    /// Evaluates an expression to weak head normal form.
    pub(crate) fn eval(&mut self, file: &Rc<Loaded>, expr: ExprId, env: Env) -> Eval<Value> {
        let (mut expr, mut env) = (expr, env);
        loop {
            self.at(file, expr);
            match file.expr(expr) {
                Expr::Int(int) => return Ok(Value::Int(int)),
                Expr::Float(float) => return Ok(Value::Float(float)),
                Expr::String(id) => return Ok(self.literal(file, id)),
                Expr::Local { depth, slot } => {
                    let env = self.arena.ancestor(env, depth);
                    let thunk = self.arena.variable(env, slot);
                    return self.force(thunk);
                }
                Expr::Dynamic { name, depth } => {
                    let thunk = self.lookup_with(file, name, env, depth)?;
                    return self.force(thunk);
                }
                Expr::Global(name) => {
                    let thunk = self.lookup_global(file, name)?;
                    return self.force(thunk);
                }
                Expr::Apply { function, argument } => {
                    return self.eval_call(file, expr, (function, argument), env);
                }
                Expr::Select(id) => return self.eval_selection(file, id, env),
                Expr::HasAttribute(id) => return self.eval_has_attribute(file, id, env),
                Expr::If { condition, yes, no } => match self.eval_bool(file, condition, env) {
                    Ok(condition) => expr = if condition { yes } else { no },
                    Err(why) if self.is_error(why) => return Err(why),
                    Err(why) => return self.eval_both(file, why, (yes, no), env),
                },
                Expr::Let { set, body } => {
                    env = self.recursive_frame(file, file.set(set), env);
                    expr = body;
                }
                Expr::With { scope, body } => {
                    let scope = self.thunk_of(file, scope, env);
                    env = self.arena.frame(env, 1, true);
                    self.arena.set_variable(env, 0, scope);
                    expr = body;
                }
                Expr::Assert { condition, body } => match self.eval_bool(file, condition, env) {
                    Ok(true) => expr = body,
                    Ok(false) => {
                        self.at(file, condition);
                        let text = self.expr_text(file, condition);
                        return Err(self.throw(format!("assertion '{text}' failed")));
                    }
                    Err(why) if self.is_error(why) => return Err(why),
                    // Either it holds, or there is no configuration to speak of.
                    Err(_) => expr = body,
                },
                Expr::Set(id) => return self.eval_set(file, file.set(id), env),
                Expr::List(run) => {
                    let items: Vec<Thunk> = file
                        .children(run)
                        .iter()
                        .map(|item| self.thunk_of(file, *item, env))
                        .collect();
                    return Ok(self.list(&items));
                }
                Expr::Lambda(lambda) => {
                    let closure = Closure {
                        file: file.number,
                        lambda,
                        env,
                    };
                    return Ok(Value::Lambda(self.arena.closure(closure)));
                }
                Expr::Interpolation(run) => return self.eval_interpolation(file, run, env),
                Expr::Path(text) => return self.eval_path(file, file.text(text)),
                Expr::PathInterpolation(run) => return self.eval_path_parts(file, run, env),
                Expr::SearchPath(text) => {
                    return self.search_path_value(file.text(text));
                }
                Expr::Binary { op, left, right } => {
                    return self.eval_binary(file, op, left, right, env, expr);
                }
                Expr::Not(operand) => {
                    return self
                        .eval_bool(file, operand, env)
                        .map(|value| Value::Bool(!value));
                }
                Expr::Negate(operand) => {
                    let value = self.eval(file, operand, env)?;
                    return self.negate(value);
                }
                Expr::CurrentPosition => {
                    return match file.span(expr) {
                        Some(span) => Ok(self.position_value(span)),
                        None => Ok(Value::Null),
                    };
                }
                Expr::Error => return Err(self.unknown(Reason::Syntax)),
            }
        }
    }

    /// A call: `call` is `function argument`. Where the function is a call itself, as in `f a b`, the
    /// arguments of a builtin are put together without a partial application for each.
    fn eval_call(
        &mut self,
        file: &Rc<Loaded>,
        call: ExprId,
        (function, argument): (ExprId, ExprId),
        env: Env,
    ) -> Eval<Value> {
        let function = match file.expr(function) {
            Expr::Apply {
                function: inner,
                argument: first,
            } => {
                let head = self.eval(file, inner, env)?;
                let first = self.thunk_of(file, first, env);
                if self.takes_two(head) {
                    let second = self.thunk_of(file, argument, env);
                    self.at(file, call);
                    return self.apply_both(head, first, second);
                }
                self.at(file, function);
                self.apply(head, first)?
            }
            _ => self.eval(file, function, env)?,
        };
        let argument = self.thunk_of(file, argument, env);
        self.at(file, call);
        self.apply(function, argument)
    }

    /// Says that this expression is being evaluated.
    fn at(&mut self, file: &Loaded, expr: ExprId) {
        self.site = Site {
            file: file.number,
            expr: Some(expr),
        };
    }

    /// The value of an `if` whose condition is not known because of `why`.
    #[cold]
    fn eval_both(
        &mut self,
        file: &Rc<Loaded>,
        why: UnknownId,
        (yes, no): (ExprId, ExprId),
        env: Env,
    ) -> Eval<Value> {
        self.note_condition(file.parsed.id, why);
        if self.undecided >= MAX_UNDECIDED {
            return Err(why);
        }
        self.undecided += 1;
        let yes = self.eval(file, yes, env);
        let no = self.eval(file, no, env);
        self.undecided -= 1;
        self.join(why, yes, no)
    }

    /// A thunk of an expression; none is made for what is evaluated already.
    pub(crate) fn thunk_of(&mut self, file: &Rc<Loaded>, expr: ExprId, env: Env) -> Thunk {
        let value = match file.expr(expr) {
            Expr::Local { depth, slot } => {
                let env = self.arena.ancestor(env, depth);
                let thunk = self.arena.variable(env, slot);
                if thunk != Thunk::NONE {
                    return thunk;
                }
                None
            }
            Expr::Int(int) => Some(Value::Int(int)),
            Expr::Float(float) => Some(Value::Float(float)),
            Expr::String(id) => Some(self.literal(file, id)),
            Expr::Lambda(lambda) => {
                let closure = Closure {
                    file: file.number,
                    lambda,
                    env,
                };
                Some(Value::Lambda(self.arena.closure(closure)))
            }
            _ => None,
        };
        let slot = match value {
            Some(value) => Slot::Value(value),
            None => Slot::Expr {
                file: file.number,
                expr,
                env,
            },
        };
        self.arena.thunk_from(slot, file.origin(expr))
    }

    fn literal(&mut self, file: &Loaded, id: hir::StringId) -> Value {
        let cell = file.literal(id);
        let string = cell
            .get()
            .unwrap_or_else(|| self.arena.string(file.text(id)));
        cell.set(Some(string));
        Value::String(string)
    }

    fn expr_text(&self, file: &Loaded, expr: ExprId) -> String {
        let Some(span) = file.span(expr) else {
            return String::new();
        };
        let Some(source) = self.sources.workspace().sources().get(span.file) else {
            return String::new();
        };
        let text = source
            .text()
            .get(span.start as usize..span.end as usize)
            .unwrap_or("");
        let short: String = text.chars().take(80).collect();
        short.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Evaluates a condition.
    pub(crate) fn eval_bool(&mut self, file: &Rc<Loaded>, expr: ExprId, env: Env) -> Eval<bool> {
        match self.eval(file, expr, env)? {
            Value::Bool(value) => Ok(value),
            Value::External(external) => Err(self.external_unknown(external)),
            other => {
                let kind = other.type_with_article();
                Err(self.error(format!("expected a Boolean but found {kind}")))
            }
        }
    }

    // Strings and paths

    fn eval_interpolation(&mut self, file: &Rc<Loaded>, run: hir::Run, env: Env) -> Eval<Value> {
        let mut pieces = Pieces::default();
        for part in file.parts(run) {
            match part {
                Part::Text(text) => pieces.push_text(file.text(*text)),
                Part::Expr(expr) => match self.eval(file, *expr, env) {
                    Ok(value) => self.coerce_into(value, Coercion::Interpolation, &mut pieces)?,
                    Err(why) if self.is_error(why) => return Err(why),
                    Err(why) => pieces.push(StringPart::Hole(Hole::Unknown(why))),
                },
            }
        }
        Ok(self.pieces_value(pieces))
    }

    fn eval_path(&mut self, file: &Loaded, text: &str) -> Eval<Value> {
        let path = match (text.strip_prefix("~/"), &self.environment.home) {
            (None, _) => Path::new(&*file.directory).join(text),
            (Some(rest), Some(home)) => home.join(rest),
            (Some(_), None) => {
                let why = format!("`{text}` is in a home directory");
                return Err(self.undetermined(why));
            }
        };
        let normal = normalise(&path);
        Ok(Value::Path(self.arena.path(&normal.to_string_lossy())))
    }

    fn eval_path_parts(&mut self, file: &Rc<Loaded>, run: hir::Run, env: Env) -> Eval<Value> {
        let mut text = String::new();
        for part in file.parts(run) {
            match part {
                Part::Text(more) => text.push_str(file.text(*more)),
                Part::Expr(expr) => {
                    let value = self.eval(file, *expr, env)?;
                    let mut pieces = Pieces::default();
                    self.coerce_into(value, Coercion::PathPart, &mut pieces)?;
                    text.push_str(&self.known_text(pieces)?);
                }
            }
        }
        self.eval_path(file, &text)
    }

    // Operators with their own evaluation order

    fn eval_binary(
        &mut self,
        file: &Rc<Loaded>,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        env: Env,
        whole: ExprId,
    ) -> Eval<Value> {
        let shortcut = match op {
            BinaryOp::And => Some(false),
            BinaryOp::Or => Some(true),
            BinaryOp::Implication => Some(false),
            _ => None,
        };
        if let Some(decisive) = shortcut {
            return self.eval_logical(file, op, decisive, (left, right), env);
        }
        let left = self.eval(file, left, env);
        let right = match op {
            BinaryOp::Update | BinaryOp::Concat => self.eval(file, right, env),
            _ => {
                // The left operand's failure comes first.
                left?;
                self.eval(file, right, env)
            }
        };
        self.at(file, whole);
        match op {
            BinaryOp::Update => self.update(left, right),
            BinaryOp::Concat => self.concat(left, right),
            _ => {
                let (left, right) = (left?, right?);
                self.binary(op, left, right)
            }
        }
    }

    /// `&&`, `||` and `->`. Where the left operand is not known, a decisive right one decides.
    fn eval_logical(
        &mut self,
        file: &Rc<Loaded>,
        op: BinaryOp,
        decisive: bool,
        (left, right): (ExprId, ExprId),
        env: Env,
    ) -> Eval<Value> {
        let implication = op == BinaryOp::Implication;
        match self.eval_bool(file, left, env) {
            Ok(left) if left == decisive => Ok(Value::Bool(decisive != implication)),
            Ok(_) => self.eval_bool(file, right, env).map(Value::Bool),
            Err(why) if self.is_error(why) => Err(why),
            Err(why) => match self.eval_bool(file, right, env) {
                Ok(right) if right == (decisive != implication) => Ok(Value::Bool(right)),
                _ => Err(why),
            },
        }
    }

    /// `{ file; line; column; }` of a place.
    pub(crate) fn position_value(&mut self, span: nix_syntax::source::Span) -> Value {
        let Some(source) = self.sources.workspace().sources().get(span.file) else {
            return Value::Null;
        };
        let at = source.line_column(span.start);
        let file = self.string_thunk(&source.path().to_string_lossy());
        let line = self.arena.ready(Value::Int(i64::from(at.line)));
        let column = self.arena.ready(Value::Int(i64::from(at.column)));
        let mut builder = AttrsBuilder::new();
        builder.insert(well_known::SOURCE_FILE, file);
        builder.insert(well_known::LINE, line);
        builder.insert(well_known::COLUMN, column);
        Value::Attrs(self.arena.attrs(builder))
    }

    /// A set value with these certain attributes.
    pub(crate) fn set_of(&mut self, attributes: &[(&str, Thunk)]) -> AttrsId {
        let mut builder = AttrsBuilder::with_capacity(attributes.len());
        for (name, value) in attributes {
            let name = self.symbol(name);
            builder.insert(name, *value);
        }
        self.arena.attrs(builder)
    }
}
