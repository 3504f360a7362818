//! A lowered file as text, for tests and for looking at it.

use std::fmt::Write as _;

use crate::hir::{
    AttrName, BinaryOp, BindingValue, Expr, ExprId, File, NameId, Parameter, Part, Run,
    SelectionId, SetId, StringId,
};

/// The tree of a file as an s-expression, on one line.
///
/// Variables are written with their resolution: `x^1.0` is slot 0 one frame up, `x^with2` is
/// looked up from the `with` two frames up, and a plain `x` is a global name.
#[must_use]
pub fn dump(file: &File) -> String {
    let mut dump = Dump {
        file,
        out: String::new(),
        frames: Vec::new(),
    };
    dump.expression(file.root);
    dump.out
}

struct Dump<'f> {
    file: &'f File,
    out: String,
    /// The names in each frame, for variables; a `with` has none.
    frames: Vec<Vec<NameId>>,
}

impl<'f> Dump<'f> {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn string(&mut self, id: StringId) {
        match self.file.strings.get(id.0 as usize) {
            Some(text) => {
                let _ = write!(self.out, "{text:?}");
            }
            None => self.text("?"),
        }
    }

    fn name(&self, id: NameId) -> &'f str {
        self.file.names.get(id.0 as usize).unwrap_or("?")
    }

    /// A name as it is written, in quotes if it is no identifier.
    fn attribute(&mut self, id: NameId) {
        let name = self.name(id);
        let is_identifier = name
            .starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
            && name
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || "_-'".contains(char));
        if is_identifier {
            self.text(name);
        } else {
            let _ = write!(self.out, "{name:?}");
        }
    }

    /// `(head a b …)`
    fn form(&mut self, head: &str, ids: &[ExprId]) {
        self.text("(");
        self.text(head);
        for id in ids {
            self.text(" ");
            self.expression(*id);
        }
        self.text(")");
    }

    fn children(&mut self, head: &str, run: Run) {
        let file = self.file;
        self.form(head, file.children.get(run.range()).unwrap_or_default());
    }

    fn expression(&mut self, id: ExprId) {
        let Some(expr) = self.file.exprs.get(id.0 as usize) else {
            return self.text("?");
        };
        match *expr {
            Expr::Error => self.text("error"),
            Expr::Int(value) => {
                let _ = write!(self.out, "{value}");
            }
            Expr::Float(value) => {
                let _ = write!(self.out, "{value:?}");
            }
            Expr::String(id) => self.string(id),
            Expr::Interpolation(run) => self.parts("string", run),
            Expr::Path(id) => {
                self.text("(path ");
                self.string(id);
                self.text(")");
            }
            Expr::PathInterpolation(run) => self.parts("path", run),
            Expr::SearchPath(id) => {
                self.text("(search ");
                self.string(id);
                self.text(")");
            }
            Expr::Local { depth, slot } => self.local(depth, slot),
            Expr::Dynamic { name, depth } => {
                let name = self.name(name);
                let _ = write!(self.out, "{name}^with{depth}");
            }
            Expr::Global(name) => {
                let name = self.name(name);
                self.text(name);
            }
            Expr::CurrentPosition => self.text("__curPos"),
            Expr::List(run) => self.children("list", run),
            Expr::Set(set) => {
                self.set(set);
                self.leave(set);
            }
            Expr::Let { set, body } => {
                self.text("(let ");
                self.set(set);
                self.text(" ");
                self.expression(body);
                self.text(")");
                self.leave(set);
            }
            Expr::With { scope, body } => {
                self.text("(with ");
                self.expression(scope);
                self.text(" ");
                self.frames.push(Vec::new());
                self.expression(body);
                self.frames.pop();
                self.text(")");
            }
            Expr::Lambda(id) => self.lambda(id.0 as usize),
            Expr::Apply { function, argument } => self.form("apply", &[function, argument]),
            Expr::Select(id) => self.selection("select", id),
            Expr::HasAttribute(id) => self.selection("has", id),
            Expr::If { condition, yes, no } => self.form("if", &[condition, yes, no]),
            Expr::Assert { condition, body } => self.form("assert", &[condition, body]),
            Expr::Binary { op, left, right } => self.form(symbol(op), &[left, right]),
            Expr::Not(id) => self.form("!", &[id]),
            Expr::Negate(id) => self.form("-", &[id]),
        }
    }

    fn local(&mut self, depth: u32, slot: u32) {
        let frame = self.frames.iter().rev().nth(depth as usize);
        let name = frame.and_then(|names| names.get(slot as usize)).copied();
        let name = name.map_or("?", |name| self.name(name));
        let _ = write!(self.out, "{name}^{depth}.{slot}");
    }

    fn parts(&mut self, head: &str, run: Run) {
        self.text("(");
        self.text(head);
        for part in self.file.parts.get(run.range()).unwrap_or_default() {
            self.text(" ");
            match *part {
                Part::Text(id) => self.string(id),
                Part::Expr(id) => self.expression(id),
            }
        }
        self.text(")");
    }

    /// A set. If it is recursive its frame stays pushed, see [`Self::leave`].
    fn set(&mut self, id: SetId) {
        let file = self.file;
        let Some(set) = file.sets.get(id.0 as usize) else {
            return self.text("?");
        };
        let bindings = file.bindings.get(set.bindings.range()).unwrap_or_default();
        let dynamic = file
            .dynamic_bindings
            .get(set.dynamic.range())
            .unwrap_or_default();
        self.text(if set.recursive { "(rec" } else { "(set" });
        if set.recursive {
            self.frames
                .push(bindings.iter().map(|binding| binding.name).collect());
        }
        if set.sources.len > 0 {
            self.text(" ");
            self.children("sources", set.sources);
        }
        for binding in bindings {
            self.text(" (");
            self.attribute(binding.name);
            match binding.value {
                BindingValue::Expr(value) => {
                    self.text(" ");
                    self.expression(value);
                }
                BindingValue::From(source) => {
                    let _ = write!(self.out, " from{source}");
                }
            }
            self.text(")");
        }
        for binding in dynamic {
            self.text(" (${");
            self.expression(binding.name);
            self.text("} ");
            self.expression(binding.value);
            self.text(")");
        }
        self.text(")");
    }

    fn leave(&mut self, id: SetId) {
        if self
            .file
            .sets
            .get(id.0 as usize)
            .is_some_and(|set| set.recursive)
        {
            self.frames.pop();
        }
    }

    fn lambda(&mut self, index: usize) {
        let file = self.file;
        let Some(lambda) = file.lambdas.get(index) else {
            return self.text("?");
        };
        self.text("(lambda ");
        match lambda.parameter {
            Parameter::Name(name) => {
                self.frames.push(vec![name]);
                self.attribute(name);
            }
            Parameter::Formals {
                formals,
                ellipsis,
                whole,
            } => {
                let formals = file.formals.get(formals.range()).unwrap_or_default();
                let names = formals.iter().map(|formal| formal.name).chain(whole);
                self.frames.push(names.collect());
                self.text("{");
                for (number, formal) in formals.iter().enumerate() {
                    self.text(if number == 0 { "" } else { " " });
                    self.attribute(formal.name);
                    if let Some(default) = formal.default {
                        self.text("?");
                        self.expression(default);
                    }
                }
                self.text(if ellipsis { " ...}" } else { "}" });
                if let Some(whole) = whole {
                    self.text("@");
                    self.attribute(whole);
                }
            }
        }
        self.text(" ");
        self.expression(lambda.body);
        self.text(")");
        self.frames.pop();
    }

    fn selection(&mut self, head: &str, id: SelectionId) {
        let file = self.file;
        let Some(selection) = file.selections.get(id.0 as usize) else {
            return self.text("?");
        };
        self.text("(");
        self.text(head);
        self.text(" ");
        self.expression(selection.base);
        for (name, _) in file
            .attr_names
            .get(selection.path.range())
            .unwrap_or_default()
        {
            self.text(" ");
            match *name {
                AttrName::Static(name) => self.attribute(name),
                AttrName::Dynamic(id) => {
                    self.text("${");
                    self.expression(id);
                    self.text("}");
                }
            }
        }
        if let Some(default) = selection.default {
            self.text(" or ");
            self.expression(default);
        }
        self.text(")");
    }
}

fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Concat => "++",
        BinaryOp::Update => "//",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
        BinaryOp::And => "&&",
        BinaryOp::Or => "||",
        BinaryOp::Implication => "->",
    }
}
