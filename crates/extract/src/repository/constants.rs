//! What the expressions of one Nix file are as far as the file itself shows it: literals, names bound by `let`,
//! `rec`, `inherit` and `with`, interpolation, and path arithmetic. No evaluation: modules that nothing loads are
//! decided in the same way.

use std::path::{Path, PathBuf};

use nix_source::normalise;
use nix_syntax::hir::{
    AttrName, BinaryOp, BindingValue, Expr, ExprId, File, Parameter, Part, Run, SelectionId, SetId,
};

use crate::attribute_paths::{called_name, transparent};

/// How many names and operators one constant may be made of: more is no literal, and what needs itself ends here.
const MAX_STEPS: usize = 24;

/// What an expression is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Constant {
    /// A text.
    Text(String),
    /// A path of the file system, absolute: a value of which Nix makes a copy in the store.
    Path(PathBuf),
    /// The text of such a path, of which it makes none: `toString ./x`.
    PathText(PathBuf),
}

/// A scope of names.
#[derive(Debug, Clone, Copy)]
struct Frame {
    up: usize,
    names: Names,
}

/// What a scope binds.
#[derive(Debug, Clone, Copy)]
enum Names {
    /// The bindings of a `let` or `rec { }`.
    Set(SetId),
    /// The attributes of the scope of a `with`.
    With(ExprId),
    /// The parameters of a function, which are not known.
    Unknown,
}

/// The constants of a file.
#[derive(Debug)]
pub(crate) struct Constants<'a> {
    file: &'a File,
    /// The directory of the file.
    directory: &'a Path,
    frames: Vec<Frame>,
    /// The innermost scope of each expression.
    scopes: Vec<usize>,
}

impl<'a> Constants<'a> {
    /// The constants of a file in that directory.
    pub(crate) fn of(file: &'a File, directory: &'a Path) -> Self {
        let outermost = Frame {
            up: 0,
            names: Names::Unknown,
        };
        let mut constants = Self {
            file,
            directory,
            frames: vec![outermost],
            scopes: vec![0; file.exprs.len()],
        };
        let mut stack = vec![(file.root, 0)];
        // Every expression has one parent: this ends.
        while let Some((id, scope)) = stack.pop() {
            if let Some(own) = constants.scopes.get_mut(id.0 as usize) {
                *own = scope;
                constants.below(id, scope, &mut stack);
            }
        }
        constants
    }

    fn expr(&self, id: ExprId) -> Option<Expr> {
        self.file.exprs.get(id.0 as usize).copied()
    }

    fn push(&mut self, up: usize, names: Names) -> usize {
        self.frames.push(Frame { up, names });
        self.frames.len() - 1
    }

    /// Adds the parts of an expression, each with its scope.
    fn below(&mut self, id: ExprId, scope: usize, stack: &mut Vec<(ExprId, usize)>) {
        let Some(expr) = self.expr(id) else { return };
        let file = self.file;
        match expr {
            Expr::Set(set) => {
                self.set(set, scope, stack);
            }
            Expr::Let { set, body } => {
                let inner = self.set(set, scope, stack);
                stack.push((body, inner));
            }
            Expr::With { scope: of, body } => {
                let inner = self.push(scope, Names::With(of));
                stack.extend([(of, scope), (body, inner)]);
            }
            Expr::Lambda(lambda) => {
                let Some(lambda) = file.lambdas.get(lambda.0 as usize) else {
                    return;
                };
                let inner = self.push(scope, Names::Unknown);
                if let Parameter::Formals { formals, .. } = lambda.parameter {
                    let formals = file.formals.get(formals.range()).unwrap_or_default();
                    let defaults = formals.iter().filter_map(|formal| formal.default);
                    stack.extend(defaults.map(|default| (default, inner)));
                }
                stack.push((lambda.body, inner));
            }
            Expr::Apply { function, argument } => {
                stack.extend([(function, scope), (argument, scope)]);
            }
            Expr::List(run) => self.children(run, scope, stack),
            Expr::If { condition, yes, no } => {
                stack.extend([(condition, scope), (yes, scope), (no, scope)]);
            }
            Expr::Assert { condition, body } => stack.extend([(condition, scope), (body, scope)]),
            Expr::Binary { left, right, .. } => stack.extend([(left, scope), (right, scope)]),
            Expr::Not(inner) | Expr::Negate(inner) => stack.push((inner, scope)),
            Expr::Interpolation(run) | Expr::PathInterpolation(run) => {
                let parts = file.parts.get(run.range()).unwrap_or_default();
                stack.extend(parts.iter().filter_map(|part| match part {
                    Part::Expr(expr) => Some((*expr, scope)),
                    Part::Text(_) => None,
                }));
            }
            Expr::Select(selection) | Expr::HasAttribute(selection) => {
                let Some(selection) = file.selections.get(selection.0 as usize) else {
                    return;
                };
                stack.push((selection.base, scope));
                stack.extend(selection.default.map(|default| (default, scope)));
                let names = file.attr_names.get(selection.path.range());
                for (name, _) in names.unwrap_or_default() {
                    if let AttrName::Dynamic(expr) = name {
                        stack.push((*expr, scope));
                    }
                }
            }
            Expr::Error
            | Expr::Int(_)
            | Expr::Float(_)
            | Expr::String(_)
            | Expr::Path(_)
            | Expr::SearchPath(_)
            | Expr::Local { .. }
            | Expr::Dynamic { .. }
            | Expr::Global(_)
            | Expr::CurrentPosition => {}
        }
    }

    fn children(&self, run: Run, scope: usize, stack: &mut Vec<(ExprId, usize)>) {
        let children = self.file.children.get(run.range()).unwrap_or_default();
        stack.extend(children.iter().map(|child| (*child, scope)));
    }

    /// Adds what a set binds; gives the scope inside of it.
    fn set(&mut self, id: SetId, scope: usize, stack: &mut Vec<(ExprId, usize)>) -> usize {
        let file = self.file;
        let Some(set) = file.sets.get(id.0 as usize) else {
            return scope;
        };
        let inner = if set.recursive {
            self.push(scope, Names::Set(id))
        } else {
            scope
        };
        for binding in file.bindings.get(set.bindings.range()).unwrap_or_default() {
            if let BindingValue::Expr(value) = binding.value {
                stack.push((value, inner));
            }
        }
        let dynamic = file.dynamic_bindings.get(set.dynamic.range());
        for binding in dynamic.unwrap_or_default() {
            stack.extend([(binding.name, inner), (binding.value, inner)]);
        }
        self.children(set.sources, inner, stack);
        inner
    }

    /// The constant that an expression is; `None` if that depends on more than its file.
    pub(crate) fn fold(&self, id: ExprId) -> Option<Constant> {
        self.value(id, MAX_STEPS)
    }

    /// The text of a string, with `${…}` for what is not known in it; `None` if it is no string with interpolation, or
    /// nothing in it is known.
    pub(crate) fn text_with_holes(&self, id: ExprId) -> Option<String> {
        let Expr::Interpolation(run) = self.expr(id)? else {
            return None;
        };
        let mut text = String::new();
        let mut is_any_known = false;
        for part in self.file.parts.get(run.range())? {
            match part {
                Part::Text(piece) => text.push_str(self.file.strings.get(piece.0 as usize)?),
                Part::Expr(expr) => match self.fold(*expr) {
                    Some(Constant::Text(piece)) => {
                        is_any_known = true;
                        text.push_str(&piece);
                    }
                    _ => text.push_str("${…}"),
                },
            }
        }
        is_any_known.then_some(text)
    }

    /// The expression that a name or selection stands for; any other is itself.
    pub(crate) fn resolve(&self, id: ExprId) -> Option<ExprId> {
        self.meant(id, MAX_STEPS)
    }

    fn meant(&self, id: ExprId, steps: usize) -> Option<ExprId> {
        let steps = steps.checked_sub(1)?;
        match self.expr(id)? {
            Expr::Local { depth, slot } => {
                let frame = self.frame(id, depth)?;
                let Names::Set(set) = frame.names else {
                    return None;
                };
                let set = self.file.sets.get(set.0 as usize)?;
                let bindings = self.file.bindings.get(set.bindings.range())?;
                let binding = bindings.get(slot as usize)?;
                self.bound(set.sources, binding.value, binding.name.0, steps)
            }
            Expr::Dynamic { name, depth } => {
                let mut at = self.index(id, depth)?;
                let name = self.file.names.get(name.0 as usize)?;
                while at != 0 {
                    let frame = self.frames.get(at)?;
                    if let Names::With(scope) = frame.names {
                        // A scope that is not known may have the name.
                        let set = self.meant(scope, steps)?;
                        if let Some(found) = self.member(set, name, steps) {
                            return Some(found);
                        }
                    }
                    at = frame.up;
                }
                None
            }
            Expr::Select(selection) => self.selected(selection, steps),
            _ => Some(id),
        }
    }

    fn index(&self, id: ExprId, depth: u32) -> Option<usize> {
        let mut at = *self.scopes.get(id.0 as usize)?;
        for _ in 0..depth {
            at = self.frames.get(at)?.up;
        }
        Some(at)
    }

    fn frame(&self, id: ExprId, depth: u32) -> Option<Frame> {
        self.frames.get(self.index(id, depth)?).copied()
    }

    /// What a name is bound to.
    fn bound(&self, sources: Run, value: BindingValue, name: u32, steps: usize) -> Option<ExprId> {
        match value {
            BindingValue::Expr(value) => self.meant(value, steps),
            BindingValue::From(index) => {
                let sources = self.file.children.get(sources.range())?;
                let set = self.meant(*sources.get(index as usize)?, steps)?;
                self.member(set, self.file.names.get(name as usize)?, steps)
            }
        }
    }

    fn selected(&self, id: SelectionId, steps: usize) -> Option<ExprId> {
        let selection = self.file.selections.get(id.0 as usize)?;
        let mut at = self.meant(selection.base, steps)?;
        for (name, _) in self.file.attr_names.get(selection.path.range())? {
            let AttrName::Static(name) = name else {
                return None;
            };
            at = self.member(at, self.file.names.get(name.0 as usize)?, steps)?;
        }
        Some(at)
    }

    /// The attribute of a set that is written out.
    fn member(&self, set: ExprId, name: &str, steps: usize) -> Option<ExprId> {
        let Expr::Set(set) = self.expr(set)? else {
            return None;
        };
        let set = self.file.sets.get(set.0 as usize)?;
        let bindings = self.file.bindings.get(set.bindings.range())?;
        let is_it = |name_of: u32| self.file.names.get(name_of as usize) == Some(name);
        let binding = bindings.iter().find(|binding| is_it(binding.name.0))?;
        self.bound(set.sources, binding.value, binding.name.0, steps)
    }

    fn value(&self, id: ExprId, steps: usize) -> Option<Constant> {
        let steps = steps.checked_sub(1)?;
        let id = self.meant(id, steps)?;
        match self.expr(id)? {
            Expr::String(text) => {
                let text = self.file.strings.get(text.0 as usize)?;
                Some(Constant::Text(text.to_owned()))
            }
            Expr::Path(text) => {
                let text = self.file.strings.get(text.0 as usize)?;
                let is_home = text.starts_with('~');
                (!is_home).then(|| Constant::Path(normalise(&self.directory.join(text))))
            }
            Expr::Interpolation(run) | Expr::PathInterpolation(run) => {
                let is_path = matches!(self.expr(id)?, Expr::PathInterpolation(_));
                let mut whole = None;
                for part in self.file.parts.get(run.range())? {
                    let piece = match part {
                        Part::Text(text) => {
                            Constant::Text(self.file.strings.get(text.0 as usize)?.to_owned())
                        }
                        Part::Expr(expr) => self.value(*expr, steps)?,
                    };
                    whole = Some(match whole {
                        None if is_path => match piece {
                            Constant::Text(text) => Constant::Path(self.directory.join(text)),
                            other => other,
                        },
                        None => piece,
                        Some(before) => joined(before, piece)?,
                    });
                }
                whole
            }
            Expr::Binary {
                op: BinaryOp::Add,
                left,
                right,
            } => joined(self.value(left, steps)?, self.value(right, steps)?),
            Expr::Apply { function, argument } => {
                let is_to_string = called_name(self.file, function) == Some("toString");
                if !is_to_string && !transparent(self.file, function) {
                    return None;
                }
                Some(match self.value(argument, steps)? {
                    Constant::Path(path) if is_to_string => Constant::PathText(path),
                    other => other,
                })
            }
            _ => None,
        }
    }
}

/// Two constants one after the other: `./. + "/x"`.
fn joined(left: Constant, right: Constant) -> Option<Constant> {
    let after = |path: &Path, text: &str| {
        let mut whole = path.to_str()?.to_owned();
        whole.push_str(text);
        Some(normalise(Path::new(&whole)))
    };
    match (left, right) {
        (Constant::Text(left), Constant::Text(right)) => Some(Constant::Text(left + &right)),
        (Constant::Path(path), Constant::Text(text)) => Some(Constant::Path(after(&path, &text)?)),
        (Constant::PathText(path), Constant::Text(text)) => {
            Some(Constant::PathText(after(&path, &text)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use nix_syntax::hir::{Expr, ExprId, File};

    use super::{Constant, Constants};

    /// The constant that the whole of a file is.
    fn constant(text: &str) -> Option<Constant> {
        let file = nix_syntax::parse(text).file;
        let mut root = file.root;
        // The body, below functions and `let`s.
        while let Some(inner) = body(&file, root) {
            root = inner;
        }
        Constants::of(&file, Path::new("/project")).fold(root)
    }

    fn body(file: &File, id: ExprId) -> Option<ExprId> {
        match file.exprs.get(id.0 as usize)? {
            Expr::Let { body, .. } | Expr::With { body, .. } => Some(*body),
            Expr::Lambda(lambda) => Some(file.lambdas.get(lambda.0 as usize)?.body),
            _ => None,
        }
    }

    #[test]
    fn texts_and_paths_are_followed_through_names() {
        let text = |text: &str| Some(Constant::Text(text.to_owned()));
        let path = |path: &str| Some(Constant::Path(path.into()));
        for (source, expected) in [
            (r#""a""#, text("a")),
            (
                r#"{ lib, ... }: let a = "x"; b = lib.mkDefault a; in "${b}y""#,
                text("xy"),
            ),
            (
                r#"let s = { a = { b = "x"; }; }; inherit (s) a; in a.b + "y""#,
                text("xy"),
            ),
            (r#"let s = rec { a = "x"; b = a; }; in s.b"#, text("x")),
            (r#"let s = { a = "x"; }; in with s; a"#, text("x")),
            (
                r#"let a = "outer"; f = { a }: a; in let b = a; in b"#,
                text("outer"),
            ),
            ("./secrets/a.txt", path("/project/secrets/a.txt")),
            (
                r#"let d = ./secrets; n = "a"; in d + "/${n}.txt""#,
                path("/project/secrets/a.txt"),
            ),
            (
                r#"let n = "a"; in ./secrets/${n}.txt"#,
                path("/project/secrets/a.txt"),
            ),
            (r#""${./secrets}/a.txt""#, path("/project/secrets/a.txt")),
            (
                r#"toString ./. + "/a.txt""#,
                Some(Constant::PathText("/project/a.txt".into())),
            ),
        ] {
            assert_eq!(constant(source), expected, "{source}");
        }
    }

    #[test]
    fn what_depends_on_more_than_the_file_is_no_constant() {
        for source in [
            "{ a }: a",
            "x",
            r#"{ dir }: dir + "/a""#,
            r#"{ s }: with s; a"#,
            "let a = b; b = a; in a",
            "if true then ./a else ./b",
            r#"f ./a"#,
            "~/a",
        ] {
            assert_eq!(constant(source), None, "{source}");
        }
    }
}
