//! Operators whose operands are evaluated.

use std::cmp::Ordering;

use nix_syntax::hir::BinaryOp;

use super::builtin::{Builtin, arguments};
use super::coerce::{Coercion, Pieces};
use super::evaluator::Evaluator;
use crate::value::{
    AttrsId, Entry, Eval, Hole, PathId, Presence, StringPart, UnknownId, Value, merged_entries,
};

/// `select external name`
static SELECT_FROM: Builtin = Builtin {
    name: "select",
    arity: 2,
    run: |evaluator, args| {
        let [base, name] = arguments(args);
        let base = evaluator.force(base)?;
        let name = evaluator.force(name)?;
        let name = evaluator.attribute_name(name)?;
        evaluator.select(base, name)
    },
};

impl Evaluator {
    pub(super) fn negate(&mut self, value: Value) -> Eval<Value> {
        match value {
            Value::Int(int) => match int.checked_neg() {
                Some(int) => Ok(Value::Int(int)),
                None => Err(self.error("integer overflow in negating an integer")),
            },
            Value::Float(float) => Ok(Value::Float(-float)),
            other => Err(self.type_error(other, "an integer")),
        }
    }

    /// A strict binary operator.
    pub fn binary(&mut self, op: BinaryOp, left: Value, right: Value) -> Eval<Value> {
        match op {
            BinaryOp::Add => self.add(left, right),
            BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide => {
                self.arithmetic(op, left, right)
            }
            BinaryOp::Equal => self.equal(left, right).map(Value::Bool),
            BinaryOp::NotEqual => self.equal(left, right).map(|equal| Value::Bool(!equal)),
            BinaryOp::Less => self.ordered(left, right, |o| o == Some(Ordering::Less)),
            BinaryOp::Greater => self.ordered(left, right, |o| o == Some(Ordering::Greater)),
            // As Nix has it: `a <= b` is `!(b < a)`, which matters for a NaN.
            BinaryOp::LessOrEqual => self.ordered(left, right, |o| o != Some(Ordering::Greater)),
            BinaryOp::GreaterOrEqual => self.ordered(left, right, |o| o != Some(Ordering::Less)),
            BinaryOp::Concat => self.concat(Ok(left), Ok(right)),
            BinaryOp::Update => self.update(Ok(left), Ok(right)),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Implication => {
                Err(self.error("a logical operator evaluates its operands itself"))
            }
        }
    }

    fn ordered(
        &mut self,
        left: Value,
        right: Value,
        holds: impl Fn(Option<Ordering>) -> bool,
    ) -> Eval<Value> {
        self.compare(left, right)
            .map(|order| Value::Bool(holds(order)))
    }

    /// `+`, `-`, `*` or `/` of two numbers.
    pub(crate) fn arithmetic(&mut self, op: BinaryOp, left: Value, right: Value) -> Eval<Value> {
        let (verb, int): (_, fn(i64, i64) -> Option<i64>) = match op {
            BinaryOp::Subtract => ("subtracting", i64::checked_sub),
            BinaryOp::Multiply => ("multiplying", i64::checked_mul),
            BinaryOp::Divide => ("dividing", i64::checked_div),
            _ => ("adding", i64::checked_add),
        };
        let float: fn(f64, f64) -> f64 = match op {
            BinaryOp::Subtract => |a, b| a - b,
            BinaryOp::Multiply => |a, b| a * b,
            BinaryOp::Divide => |a, b| a / b,
            _ => |a, b| a + b,
        };
        if op == BinaryOp::Divide && matches!(right, Value::Int(0) | Value::Float(0.0)) {
            return Err(self.error("division by zero"));
        }
        match (left, right) {
            (Value::Int(a), Value::Int(b)) => match int(a, b) {
                Some(result) => Ok(Value::Int(result)),
                None => Err(self.error(format!("integer overflow in {verb} {a} and {b}"))),
            },
            (Value::Float(a), Value::Float(b)) => Ok(Value::Float(float(a, b))),
            #[expect(clippy::cast_precision_loss, reason = "Nix does")]
            (Value::Int(a), Value::Float(b)) => Ok(Value::Float(float(a as f64, b))),
            #[expect(clippy::cast_precision_loss, reason = "Nix does")]
            (Value::Float(a), Value::Int(b)) => Ok(Value::Float(float(a, b as f64))),
            (Value::Int(_) | Value::Float(_), other) | (other, _) => {
                Err(self.type_error(other, "an integer"))
            }
        }
    }

    fn add(&mut self, left: Value, right: Value) -> Eval<Value> {
        match left {
            Value::Int(_) => self.arithmetic(BinaryOp::Add, left, right),
            // Nix sums up from zero here: `-0.0 + -0.0` is 0.0, unlike that of `builtins.add`.
            Value::Float(left) => self.arithmetic(BinaryOp::Add, Value::Float(left + 0.0), right),
            Value::Path(path) => self.add_to_path(path, right),
            _ => {
                let mut pieces = Pieces::default();
                if let (Value::String(left), Value::String(right)) = (left, right) {
                    let bytes = self.string_bytes(left) + self.string_bytes(right);
                    self.check_text(bytes)?;
                    pieces.reserve(bytes);
                }
                self.coerce_into(left, Coercion::Interpolation, &mut pieces)?;
                // Only after a string is a path copied: `self + /x` goes on with its text.
                let coercion = match left {
                    Value::String(_) => Coercion::Interpolation,
                    _ => Coercion::PathPart,
                };
                self.coerce_into(right, coercion, &mut pieces)?;
                Ok(self.pieces_value(pieces))
            }
        }
    }

    fn add_to_path(&mut self, path: PathId, right: Value) -> Eval<Value> {
        let mut pieces = Pieces::default();
        self.coerce_into(right, Coercion::PathPart, &mut pieces)?;
        let text = format!("{}{}", self.arena.path_text(path), self.known_text(pieces)?);
        self.check_text(text.len())?;
        let path = nix_source::normalise_text(&text);
        Ok(Value::Path(self.arena.path(&path)))
    }

    /// `left // right`. Where one operand is not known, the other's attributes are still there:
    /// the right one's certainly, the left one's unless they are replaced.
    pub fn update(&mut self, left: Eval<Value>, right: Eval<Value>) -> Eval<Value> {
        let external = match (&left, &right) {
            // A flake's outputs and its source are one input.
            (Ok(Value::External(left)), Ok(Value::External(right))) if left == right => {
                return Ok(Value::External(*left));
            }
            (Ok(Value::External(_)), Ok(Value::External(_))) => None,
            (Ok(Value::External(external)), _) | (_, Ok(Value::External(external))) => {
                Some(*external)
            }
            _ => None,
        };
        let left = self.update_operand(left)?;
        let right = self.update_operand(right)?;
        let updated = self.updated(left, right)?;
        if let (Some(external), Value::Attrs(set)) = (external, updated)
            && self.arena.attrs_data(set).open.is_some()
            && self.arena.fallback(set).is_none()
        {
            let external = self.arena.ready(Value::External(external));
            let select = self.partial(&SELECT_FROM, &[external]);
            let select = self.arena.ready(select);
            self.arena.set_fallback(set, select);
        }
        Ok(updated)
    }

    fn updated(
        &mut self,
        left: Result<AttrsId, UnknownId>,
        right: Result<AttrsId, UnknownId>,
    ) -> Eval<Value> {
        match (left, right) {
            (Ok(left), Ok(right)) => Ok(Value::Attrs(self.update_sets(left, right))),
            (Ok(lib), Err(_)) if self.is_lib(lib) => Ok(Value::Attrs(lib)),
            (Ok(set), Err(why)) => {
                // Any attribute of `set` may be replaced by an unknown one.
                let mut entries = self.arena.entries(set).to_vec();
                for entry in &mut entries {
                    let value = entry.value;
                    let origin = self.arena.origin(value);
                    entry.value = self.arena.failed(why);
                    self.arena.set_origin(entry.value, origin);
                }
                let open = self.arena.attrs_data(set).open.or(Some(why));
                Ok(Value::Attrs(self.arena.sorted_attrs(&entries, open)))
            }
            (Err(_), Ok(lib)) if self.is_lib(lib) => Ok(Value::Attrs(lib)),
            (Err(why), Ok(set)) => {
                let entries = self.arena.entries(set).to_vec();
                Ok(Value::Attrs(self.arena.sorted_attrs(&entries, Some(why))))
            }
            (Err(why), Err(_)) => Err(why),
        }
    }

    /// Whether a set is nixpkgs' `lib`, perhaps with additions. What a project or an input adds to it
    /// is taken not to replace what `lib` has, where it is not known what that is.
    pub(crate) fn is_lib(&self, set: AttrsId) -> bool {
        self.kept_open.is_some() && self.arena.attrs_data(set).open == self.kept_open
    }

    fn update_operand(&mut self, operand: Eval<Value>) -> Eval<Result<AttrsId, UnknownId>> {
        match operand {
            Ok(Value::Attrs(set)) => Ok(Ok(set)),
            Ok(Value::External(external)) => Ok(Err(self.external_unknown(external))),
            Ok(other) => Err(self.type_error(other, "a set")),
            Err(why) if self.is_error(why) => Err(why),
            Err(why) => Ok(Err(why)),
        }
    }

    /// `left // right` of two sets.
    pub fn update_sets(&mut self, left: AttrsId, right: AttrsId) -> AttrsId {
        let (left_open, right_open) = (
            self.arena.attrs_data(left).open,
            self.arena.attrs_data(right).open,
        );
        if self.arena.attrs_data(right).is_empty() && right_open.is_none() {
            return left;
        }
        if self.arena.attrs_data(left).is_empty() && left_open.is_none() {
            return right;
        }
        let open = match right_open {
            Some(_) if self.is_lib(right) => right_open,
            _ => left_open.or(right_open),
        };
        let hides = right_open.filter(|_| !self.is_lib(left));
        if self.arena.uncertain_attribute(right).is_none() {
            return match hides {
                None => self.arena.updated_attrs(left, right, open),
                Some(why) => {
                    let hidden = self.hidden_entries(left, right, why);
                    self.arena.extended_attrs(right, &hidden, open)
                }
            };
        }
        let mut above = self.arena.entries_to_vec(right);
        for entry in &mut above {
            if let Some(why) = entry.maybe
                && let Some(old) = self.arena.attribute(left, entry.name)
            {
                entry.value = self.join_lazily(why, entry.value, old.value);
                entry.maybe = old.maybe;
            }
        }
        match hides {
            None => self.arena.extended_attrs(left, &above, open),
            Some(why) => {
                let below = self.hidden_entries(left, right, why);
                self.arena
                    .sorted_attrs(&merged_entries(&below, &above), open)
            }
        }
    }

    /// The entries of a set that an open right operand does not show, each of which it may replace.
    fn hidden_entries(&mut self, left: AttrsId, right: AttrsId, why: UnknownId) -> Vec<Entry> {
        let mut entries = self.arena.entries_to_vec(left);
        entries.retain(|entry| self.arena.attribute(right, entry.name).is_none());
        for entry in &mut entries {
            let origin = self.arena.origin(entry.value);
            entry.value = self.arena.failed(why);
            self.arena.set_origin(entry.value, origin);
        }
        entries
    }

    /// `left ++ right`. An operand that is not known stands for any number of elements.
    pub fn concat(&mut self, left: Eval<Value>, right: Eval<Value>) -> Eval<Value> {
        if let (Ok(Value::List(left)), Ok(Value::List(right))) = (left, right) {
            let exact = |evaluator: &Self, list| evaluator.arena.list_data(list).is_exact();
            if exact(self, left) && exact(self, right) {
                let copied = self.arena.concat_cost(left, right);
                self.check_size(copied as u64)?;
                return Ok(Value::List(self.arena.concat_exact(left, right)));
            }
        }
        let mut items = self.concat_operand(left)?;
        items.extend(self.concat_operand(right)?);
        self.check_size(items.len() as u64)?;
        Ok(Value::List(self.arena.list_of(&items)))
    }

    /// The elements of an operand of `++`.
    pub(crate) fn concat_operand(
        &mut self,
        operand: Eval<Value>,
    ) -> Eval<Vec<(crate::value::Thunk, Presence)>> {
        let why = match operand {
            Ok(Value::List(list)) => return Ok(self.arena.list_items(list)),
            Ok(Value::External(external)) => self.external_unknown(external),
            Ok(other) => return Err(self.type_error(other, "a list")),
            Err(why) if self.is_error(why) => return Err(why),
            Err(why) => why,
        };
        Ok(vec![(self.arena.failed(why), Presence::Many(why))])
    }

    /// A string value with the store path of a file of the project as its only piece.
    pub fn source_string(&mut self, path: PathId) -> Value {
        let mut pieces = Pieces::default();
        pieces.push(StringPart::Hole(Hole::Source(path)));
        self.pieces_value(pieces)
    }
}
