//! Every expression of a Nix file with the attribute path that it is the value of, as far as that is
//! written out.

use nix_syntax::hir::{
    AttrName, BinaryOp, BindingValue, DynamicBinding, Expr, ExprId, File, Parameter, Part, Run,
    Set, SetId,
};

/// Functions of `lib` that give the value of their last argument, with a condition or a priority.
const TRANSPARENT: [&str; 12] = [
    "mkIf",
    "mkMerge",
    "mkForce",
    "mkDefault",
    "mkOverride",
    "mkBefore",
    "mkAfter",
    "mkOrder",
    "mkVMOverride",
    "optionalAttrs",
    "optionals",
    "recursiveUpdate",
];

/// A part of a path: the path before it, and the name (`*` where it is computed).
#[derive(Debug, Clone, Copy)]
struct Step<'a> {
    before: usize,
    name: &'a str,
}

/// Calls `visit` for every expression, with the names that lead to it.
pub(crate) fn each_value<'a>(file: &'a File, mut visit: impl FnMut(ExprId, Expr, &[&'a str])) {
    let mut walk = Walk {
        file,
        steps: vec![Step {
            before: 0,
            name: "",
        }],
        stack: vec![(file.root, 0)],
    };
    let mut path = Vec::new();
    // Every expression has one parent: this ends.
    while let Some((id, step)) = walk.stack.pop() {
        let Some(expr) = file.exprs.get(id.0 as usize) else {
            continue;
        };
        walk.path(step, &mut path);
        visit(id, *expr, &path);
        walk.children(*expr, step);
    }
}

struct Walk<'a> {
    file: &'a File,
    /// The first is the empty path.
    steps: Vec<Step<'a>>,
    stack: Vec<(ExprId, usize)>,
}

impl<'a> Walk<'a> {
    fn path(&self, mut step: usize, path: &mut Vec<&'a str>) {
        path.clear();
        while step != 0 {
            let Some(Step { before, name }) = self.steps.get(step) else {
                break;
            };
            path.push(name);
            step = *before;
        }
        path.reverse();
    }

    fn below(&mut self, before: usize, name: &'a str) -> usize {
        self.steps.push(Step { before, name });
        self.steps.len() - 1
    }

    fn children(&mut self, expr: Expr, step: usize) {
        match expr {
            Expr::Set(set) => self.set(set, step),
            Expr::Let { set, body } => {
                self.set(set, 0);
                self.stack.push((body, step));
            }
            Expr::With { scope, body } => self.stack.extend([(scope, 0), (body, step)]),
            Expr::Lambda(id) => {
                let Some(lambda) = self.file.lambdas.get(id.0 as usize) else {
                    return;
                };
                if let Parameter::Formals { formals, .. } = lambda.parameter {
                    let formals = self.file.formals.get(formals.range()).unwrap_or_default();
                    self.stack.extend(
                        formals
                            .iter()
                            .filter_map(|formal| Some((formal.default?, 0))),
                    );
                }
                self.stack.push((lambda.body, step));
            }
            Expr::Apply { function, argument } => {
                let inner = if transparent(self.file, function) {
                    step
                } else if is_configuration_of_servers(self.file, function) {
                    self.below(0, SERVERS_FUNCTION)
                } else {
                    0
                };
                self.stack.extend([(function, 0), (argument, inner)]);
            }
            Expr::List(run) => self.list(run, step),
            Expr::If { condition, yes, no } => {
                self.stack.extend([(condition, 0), (yes, step), (no, step)]);
            }
            Expr::Assert { condition, body } => self.stack.extend([(condition, 0), (body, step)]),
            Expr::Binary { op, left, right } => {
                let keeps = matches!(op, BinaryOp::Update | BinaryOp::Concat);
                let inner = if keeps { step } else { 0 };
                self.stack.extend([(left, inner), (right, inner)]);
            }
            Expr::Not(inner) | Expr::Negate(inner) => self.stack.push((inner, 0)),
            Expr::Interpolation(run) | Expr::PathInterpolation(run) => self.parts(run),
            Expr::Select(selection) | Expr::HasAttribute(selection) => {
                let Some(selection) = self.file.selections.get(selection.0 as usize) else {
                    return;
                };
                self.stack.push((selection.base, 0));
                self.stack
                    .extend(selection.default.map(|default| (default, step)));
                let names = self
                    .file
                    .attr_names
                    .get(selection.path.range())
                    .unwrap_or_default();
                self.stack
                    .extend(names.iter().filter_map(|(name, _)| match name {
                        AttrName::Dynamic(expr) => Some((*expr, 0)),
                        AttrName::Static(_) => None,
                    }));
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

    fn set(&mut self, id: SetId, step: usize) {
        let file = self.file;
        let Some(Set {
            bindings,
            dynamic,
            sources,
            ..
        }) = file.sets.get(id.0 as usize).copied()
        else {
            return;
        };
        for binding in file.bindings.get(bindings.range()).unwrap_or_default() {
            let BindingValue::Expr(value) = binding.value else {
                continue;
            };
            let name = file.names.get(binding.name.0 as usize).unwrap_or_default();
            let inner = self.below(step, name);
            self.stack.push((value, inner));
        }
        for DynamicBinding { name, value, .. } in file
            .dynamic_bindings
            .get(dynamic.range())
            .unwrap_or_default()
        {
            let inner = self.below(step, "*");
            self.stack.extend([(*name, 0), (*value, inner)]);
        }
        self.list(sources, 0);
    }

    fn list(&mut self, run: Run, step: usize) {
        let children = self.file.children.get(run.range()).unwrap_or_default();
        self.stack
            .extend(children.iter().map(|child| (*child, step)));
    }

    fn parts(&mut self, run: Run) {
        let parts = self.file.parts.get(run.range()).unwrap_or_default();
        self.stack
            .extend(parts.iter().filter_map(|part| match part {
                Part::Expr(expr) => Some((*expr, 0)),
                Part::Text(_) => None,
            }));
    }
}

/// Whether a function, perhaps with its first argument, is one of [`TRANSPARENT`].
pub(crate) fn transparent(file: &File, function: ExprId) -> bool {
    let head = match file.exprs.get(function.0 as usize) {
        Some(Expr::Apply { function, .. }) => *function,
        _ => function,
    };
    called_name(file, head).is_some_and(|name| TRANSPARENT.contains(&name))
}

/// The name that leads to what the functions of mcp-servers-nix are given.
pub(crate) const SERVERS_FUNCTION: &str = "mkConfig";

/// `mkConfig pkgs` and `evalModule pkgs` of mcp-servers-nix: what follows is a configuration.
fn is_configuration_of_servers(file: &File, function: ExprId) -> bool {
    let Some(Expr::Apply { function, .. }) = file.exprs.get(function.0 as usize) else {
        return false;
    };
    let name = called_name(file, *function);
    name.is_some_and(|name| matches!(name, SERVERS_FUNCTION | "evalModule"))
}

/// The last name of a function: `mkIf` of `lib.mkIf`, of `mkIf` inherited from `lib`, or after
/// `with lib;`.
pub(crate) fn called_name(file: &File, function: ExprId) -> Option<&str> {
    match file.exprs.get(function.0 as usize)? {
        Expr::Global(name) | Expr::Dynamic { name, .. } => file.names.get(name.0 as usize),
        Expr::Select(selection) => {
            let selection = file.selections.get(selection.0 as usize)?;
            let (last, _) = file.attr_names.get(selection.path.range())?.last()?;
            match last {
                AttrName::Static(name) => file.names.get(name.0 as usize),
                AttrName::Dynamic(_) => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use nix_syntax::hir::Expr;

    use super::each_value;

    fn strings(text: &str) -> Vec<String> {
        let parsed = nix_syntax::parse(text);
        let mut found = Vec::new();
        each_value(&parsed.file, |_, expr, path| {
            if let Expr::String(id) = expr {
                let value = parsed.file.strings.get(id.0 as usize).unwrap();
                found.push(format!("{} = {value}", path.join(".")));
            }
        });
        found.sort();
        found
    }

    #[test]
    fn paths_are_followed_through_what_keeps_them() {
        let text = r#"{ lib, ... }: {
          a.b = "1";
          a = { c = lib.mkIf true "2"; } // { d = [ "3" ]; };
          e = other { f = "4"; };
        }"#;
        assert_eq!(
            strings(&text.replace("a = {", "g = {")),
            ["a.b = 1", "f = 4", "g.c = 2", "g.d = 3"]
        );
    }

    #[test]
    fn a_variable_starts_a_path_of_its_own() {
        assert_eq!(
            strings(r#"let env = { T = "1"; }; in { a = env; b = "2"; }"#),
            ["b = 2", "env.T = 1"]
        );
    }
}
