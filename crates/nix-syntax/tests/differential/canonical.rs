//! A lowered tree in the form in which Nix prints expressions: operators that Nix has as functions
//! are calls, strings with interpolation are sums, bindings are sorted.

use nix_syntax::hir::{
    AttrName, BinaryOp, BindingValue, Expr, ExprId, File, Parameter, Part, SelectionId, SetId,
};

pub(crate) fn canonical(file: &File) -> String {
    Canonical {
        file,
        frames: Vec::new(),
    }
    .expression(file.root)
}

struct Canonical<'f> {
    file: &'f File,
    /// The names in each frame.
    frames: Vec<Vec<&'f str>>,
}

impl<'f> Canonical<'f> {
    fn name(&self, id: nix_syntax::hir::NameId) -> &'f str {
        &self.file.names[id.0 as usize]
    }

    fn call(&mut self, name: &str, arguments: [ExprId; 2]) -> String {
        let [left, right] = arguments.map(|id| self.expression(id));
        format!("(({name} {left}) {right})")
    }

    /// The terms of a string or path with interpolation.
    fn parts(&mut self, parts: &[Part], is_path: bool, terms: &mut Vec<String>) {
        for (number, part) in parts.iter().enumerate() {
            match *part {
                Part::Text(id) if number == 0 && is_path => {
                    terms.push(path(&self.file.strings[id.0 as usize]));
                }
                Part::Text(id) => push_text(terms, &self.file.strings[id.0 as usize]),
                Part::Expr(id) => self.term(id, terms),
            }
        }
    }

    /// The terms of a sum of sums. Nix makes several strings of one with escapes in it, so that
    /// neighbours are joined.
    fn terms(&mut self, id: ExprId, terms: &mut Vec<String>) {
        match self.file.exprs[id.0 as usize] {
            Expr::Binary {
                op: BinaryOp::Add,
                left,
                right,
            } => {
                self.terms(left, terms);
                self.term(right, terms);
            }
            Expr::Interpolation(run) => self.parts(&self.file.parts[run.range()], false, terms),
            Expr::PathInterpolation(run) => self.parts(&self.file.parts[run.range()], true, terms),
            _ => self.term(id, terms),
        }
    }

    fn term(&mut self, id: ExprId, terms: &mut Vec<String>) {
        match self.file.exprs[id.0 as usize] {
            Expr::String(text) => push_text(terms, &self.file.strings[text.0 as usize]),
            _ => terms.push(self.expression(id)),
        }
    }

    fn expression(&mut self, id: ExprId) -> String {
        let file = self.file;
        match file.exprs[id.0 as usize] {
            Expr::Error => "error".to_owned(),
            Expr::Int(value) => value.to_string(),
            Expr::Float(value) => {
                // Nix prints six digits, and whole numbers like integers.
                let rounded: f64 = format!("{value:.5e}").parse().unwrap();
                rounded.to_string()
            }
            Expr::String(id) => format!("{:?}", &file.strings[id.0 as usize]),
            Expr::Interpolation(_) | Expr::PathInterpolation(_) => {
                let mut terms = Vec::new();
                self.terms(id, &mut terms);
                sum(terms)
            }
            Expr::Path(id) => path(&file.strings[id.0 as usize]),
            Expr::SearchPath(id) => {
                format!(
                    "((__findFile __nixPath) {:?})",
                    &file.strings[id.0 as usize]
                )
            }
            Expr::Local { depth, slot } => {
                let frame = &self.frames[self.frames.len() - 1 - depth as usize];
                format!("{}^{depth}", frame[slot as usize])
            }
            // These stand for operators in what Nix prints.
            Expr::Dynamic { name, .. } if self.name(name).starts_with("__") => {
                self.name(name).to_owned()
            }
            Expr::Dynamic { name, depth } => format!("{}^with{depth}", self.name(name)),
            Expr::Global(name) => self.name(name).to_owned(),
            Expr::CurrentPosition => "__curPos".to_owned(),
            Expr::List(run) => {
                let items = file.children[run.range()].iter();
                let items: Vec<String> = items.map(|id| self.expression(*id)).collect();
                format!("[{}]", items.join(" "))
            }
            Expr::Set(set) => self.set(set, None),
            Expr::Let { set, body } => self.set(set, Some(body)),
            Expr::With { scope, body } => {
                let scope = self.expression(scope);
                self.frames.push(Vec::new());
                let body = self.expression(body);
                self.frames.pop();
                format!("(with {scope} {body})")
            }
            Expr::Lambda(id) => self.lambda(id.0 as usize),
            Expr::Apply { function, argument } => {
                format!(
                    "({} {})",
                    self.expression(function),
                    self.expression(argument)
                )
            }
            Expr::Select(id) => self.selection(".", id),
            Expr::HasAttribute(id) => self.selection("?", id),
            Expr::If { condition, yes, no } => format!(
                "(if {} {} {})",
                self.expression(condition),
                self.expression(yes),
                self.expression(no)
            ),
            Expr::Assert { condition, body } => {
                format!(
                    "(assert {} {})",
                    self.expression(condition),
                    self.expression(body)
                )
            }
            Expr::Binary { op, left, right } => self.binary(op, left, right),
            Expr::Not(id) => format!("(! {})", self.expression(id)),
            Expr::Negate(id) => format!("((__sub 0) {})", self.expression(id)),
        }
    }

    fn binary(&mut self, op: BinaryOp, left: ExprId, right: ExprId) -> String {
        let symbol = match op {
            BinaryOp::Subtract => return self.call("__sub", [left, right]),
            BinaryOp::Multiply => return self.call("__mul", [left, right]),
            BinaryOp::Divide => return self.call("__div", [left, right]),
            BinaryOp::Less => return self.call("__lessThan", [left, right]),
            BinaryOp::Greater => return self.call("__lessThan", [right, left]),
            BinaryOp::LessOrEqual => {
                return format!("(! {})", self.call("__lessThan", [right, left]));
            }
            BinaryOp::GreaterOrEqual => {
                return format!("(! {})", self.call("__lessThan", [left, right]));
            }
            BinaryOp::Add => {
                let mut terms = Vec::new();
                self.terms(left, &mut terms);
                self.term(right, &mut terms);
                return sum(terms);
            }
            BinaryOp::Concat => "++",
            BinaryOp::Update => "//",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::And => "&&",
            BinaryOp::Or => "||",
            BinaryOp::Implication => "->",
        };
        format!(
            "({symbol} {} {})",
            self.expression(left),
            self.expression(right)
        )
    }

    fn selection(&mut self, sign: &str, id: SelectionId) -> String {
        let file = self.file;
        let selection = file.selections[id.0 as usize];
        let base = self.expression(selection.base);
        let path: Vec<String> = file.attr_names[selection.path.range()]
            .iter()
            .map(|(name, _)| match *name {
                AttrName::Static(name) => format!("{:?}", self.name(name)),
                AttrName::Dynamic(id) => format!("${{{}}}", self.expression(id)),
            })
            .collect();
        let default = match selection.default {
            Some(id) => format!(" or {}", self.expression(id)),
            None => String::new(),
        };
        format!("({base} {sign} {}{default})", path.join("."))
    }

    /// A set, and the body of a `let`.
    fn set(&mut self, id: SetId, body: Option<ExprId>) -> String {
        let file = self.file;
        let set = file.sets[id.0 as usize];
        let bindings = &file.bindings[set.bindings.range()];
        if set.recursive {
            self.frames.push(
                bindings
                    .iter()
                    .map(|binding| self.name(binding.name))
                    .collect(),
            );
        }
        let mut items: Vec<String> = bindings
            .iter()
            .map(|binding| {
                let name = self.name(binding.name);
                let value = match binding.value {
                    BindingValue::Expr(id) => self.expression(id),
                    // Nix has a selection for each of the names.
                    BindingValue::From(source) => {
                        let sources = &file.children[set.sources.range()];
                        format!("({} . {name:?})", self.expression(sources[source as usize]))
                    }
                };
                format!("{name:?} = {value};")
            })
            .collect();
        items.sort();
        for binding in &file.dynamic_bindings[set.dynamic.range()] {
            let (name, value) = (
                self.expression(binding.name),
                self.expression(binding.value),
            );
            items.push(format!("${{{name}}} = {value};"));
        }
        let body = body.map(|body| format!(" {}", self.expression(body)));
        if set.recursive {
            self.frames.pop();
        }
        let kind = match (&body, set.recursive) {
            (Some(_), _) => "let",
            (None, true) => "rec",
            (None, false) => "set",
        };
        format!(
            "({kind} {{{}}}{})",
            items.join(" "),
            body.unwrap_or_default()
        )
    }

    fn lambda(&mut self, index: usize) -> String {
        let file = self.file;
        let lambda = file.lambdas[index];
        let parameter = match lambda.parameter {
            Parameter::Name(name) => {
                self.frames.push(vec![self.name(name)]);
                self.name(name).to_owned()
            }
            Parameter::Formals {
                formals,
                ellipsis,
                whole,
            } => {
                let formals = &file.formals[formals.range()];
                let names = formals.iter().map(|formal| formal.name).chain(whole);
                self.frames
                    .push(names.map(|name| self.name(name)).collect());
                let mut items: Vec<String> = formals
                    .iter()
                    .map(|formal| {
                        let default = formal
                            .default
                            .map(|id| format!(" ? {}", self.expression(id)));
                        format!("{}{}", self.name(formal.name), default.unwrap_or_default())
                    })
                    .collect();
                items.sort();
                let whole = whole.map_or("", |name| self.name(name));
                format!("{{{}}}{ellipsis} @ {whole}", items.join(", "))
            }
        };
        let body = self.expression(lambda.body);
        self.frames.pop();
        format!("({parameter}: {body})")
    }
}

/// A path as Nix prints it: absolute, and without `.`, `..` and doubled slashes.
fn path(text: &str) -> String {
    let absolute = match text.as_bytes().first() {
        Some(b'/') => text.to_owned(),
        Some(b'~') => format!("/{text}"),
        _ => format!("{}/{text}", crate::directory().display()),
    };
    let mut segments: Vec<&str> = Vec::new();
    for segment in absolute.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    // A path in a string with interpolation keeps its last slash.
    let last = if text.len() > 1 && text.ends_with('/') {
        "/"
    } else {
        ""
    };
    format!("/{}{last}", segments.join("/"))
}

fn push_text(terms: &mut Vec<String>, text: &str) {
    if text.is_empty() {
        return;
    }
    let text = format!("{text:?}");
    match terms.last_mut() {
        Some(last) if last.starts_with('"') => {
            last.pop();
            last.push_str(text.strip_prefix('"').unwrap());
        }
        _ => terms.push(text),
    }
}

fn sum(terms: Vec<String>) -> String {
    match terms.len() {
        0 => "\"\"".to_owned(),
        1 => terms.concat(),
        _ => format!("(+ {})", terms.join(" ")),
    }
}
