//! Every declaration of one file.

use nix_eval::project::ParsedFile;
use nix_syntax::hir::{Binding, BindingValue, Expr, ExprId, File, Parameter, SetId};
use nix_syntax::source::{FileId, TextSpan};

use super::names::{call, expr, items, listed, paired};
use crate::model::Declaration;

/// What an expression is the value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    /// Anything else.
    Elsewhere,
    /// `sops`
    Sops,
    /// `age`
    Age,
    /// An option whose attributes are declarations.
    Secrets(&'static str),
}

/// The declarations in a file, in no order.
pub(super) fn declarations(parsed: &ParsedFile, text: &str) -> Vec<Declaration> {
    let mut walk = Walk {
        file: &parsed.hir,
        id: parsed.id,
        text,
        pending: vec![(parsed.hir.root, Context::Elsewhere)],
        found: Vec::new(),
    };
    // A tree has each expression once; the list of what is left is what recursion would hold.
    while let Some((expression, context)) = walk.pending.pop() {
        walk.visit(expression, context);
    }
    walk.found
}

struct Walk<'a> {
    file: &'a File,
    id: FileId,
    text: &'a str,
    pending: Vec<(ExprId, Context)>,
    found: Vec<Declaration>,
}

impl Walk<'_> {
    fn push(&mut self, expression: ExprId, context: Context) {
        self.pending.push((expression, context));
    }

    fn declare(&mut self, option: &'static str, attribute: &str, at: TextSpan) {
        self.found.push(Declaration {
            at: at.in_file(self.id),
            option,
            attribute: attribute.to_owned(),
        });
    }

    fn visit(&mut self, expression: ExprId, context: Context) {
        let Some(found) = expr(self.file, expression) else {
            return;
        };
        match found {
            Expr::Set(set) => self.set(set, context),
            Expr::Let { set, body } => {
                self.set(set, Context::Elsewhere);
                self.push(body, context);
            }
            Expr::With { scope, body } => {
                self.push(scope, Context::Elsewhere);
                self.push(body, context);
            }
            Expr::Assert { condition, body } => {
                self.push(condition, Context::Elsewhere);
                self.push(body, context);
            }
            Expr::If { condition, yes, no } => {
                self.push(condition, Context::Elsewhere);
                self.push(yes, context);
                self.push(no, context);
            }
            Expr::Lambda(lambda) => {
                if let Some(lambda) = self.file.lambdas.get(lambda.0 as usize) {
                    if let Parameter::Formals { formals, .. } = lambda.parameter {
                        let formals = self.file.formals.get(formals.range()).unwrap_or_default();
                        for default in formals.iter().filter_map(|formal| formal.default) {
                            self.push(default, Context::Elsewhere);
                        }
                    }
                    self.push(lambda.body, context);
                }
            }
            Expr::List(_) => {
                for item in items(self.file, expression).to_vec() {
                    self.push(item, context);
                }
            }
            Expr::Binary {
                op: nix_syntax::hir::BinaryOp::Update,
                left,
                right,
            } => {
                self.push(left, context);
                self.push(right, context);
            }
            Expr::Binary { left, right, .. } => {
                self.push(left, Context::Elsewhere);
                self.push(right, Context::Elsewhere);
            }
            Expr::Apply { .. } => self.call(expression, context),
            Expr::Select(selection) | Expr::HasAttribute(selection) => {
                if let Some(selection) = self.file.selections.get(selection.0 as usize) {
                    self.push(selection.base, Context::Elsewhere);
                    if let Some(default) = selection.default {
                        self.push(default, Context::Elsewhere);
                    }
                }
            }
            Expr::Not(inner) | Expr::Negate(inner) => self.push(inner, Context::Elsewhere),
            _ => {}
        }
    }

    fn set(&mut self, set: SetId, context: Context) {
        let Some(set) = self.file.sets.get(set.0 as usize) else {
            return;
        };
        let sources = self.file.children.get(set.sources.range());
        for source in sources.unwrap_or_default().to_vec() {
            self.push(source, Context::Elsewhere);
        }
        let bindings = self.file.bindings.get(set.bindings.range());
        for binding in bindings.unwrap_or_default().to_vec() {
            self.binding(binding, context);
        }
        let dynamic = self.file.dynamic_bindings.get(set.dynamic.range());
        for binding in dynamic.unwrap_or_default().to_vec() {
            if !matches!(context, Context::Secrets(_)) {
                self.push(binding.value, Context::Elsewhere);
            }
        }
    }

    fn binding(&mut self, binding: Binding, context: Context) {
        let file = self.file;
        let name = file.names.get(binding.name.0 as usize).unwrap_or_default();
        let inner = match (context, name) {
            (Context::Secrets(option), _) => {
                return self.declare(option, name, binding.name_span);
            }
            // `options.sops.secrets` declares an option.
            (Context::Elsewhere, "options") => return,
            (Context::Elsewhere, "sops") => Context::Sops,
            (Context::Elsewhere, "age") => Context::Age,
            (Context::Sops, "secrets") => Context::Secrets("sops.secrets"),
            (Context::Sops, "templates") => Context::Secrets("sops.templates"),
            (Context::Age, "secrets") => Context::Secrets("age.secrets"),
            _ => Context::Elsewhere,
        };
        if let BindingValue::Expr(value) = binding.value {
            self.push(value, inner);
        }
    }

    fn call(&mut self, expression: ExprId, context: Context) {
        let call = call(self.file, self.text, expression);
        self.push(call.function, Context::Elsewhere);
        let (last, first) = match call.arguments.split_last() {
            Some((last, first)) if context != Context::Elsewhere => (*last, first),
            _ => {
                for argument in call.arguments {
                    self.push(argument, Context::Elsewhere);
                }
                return;
            }
        };
        let option = match context {
            Context::Secrets(option) => Some(option),
            _ => None,
        };
        match (call.name, option, first) {
            ("recursiveUpdate", _, [other]) => {
                self.push(*other, context);
                self.push(last, context);
            }
            ("genAttrs", Some(option), [list]) => {
                for (name, at) in listed(self.file, *list) {
                    self.declare(option, name, at);
                }
            }
            ("listToAttrs", Some(option), []) => {
                for (name, at) in paired(self.file, self.text, last) {
                    self.declare(option, name, at);
                }
            }
            // Functions that keep the attributes of their last argument.
            (
                "mkIf" | "mkMerge" | "mkForce" | "mkDefault" | "mkOverride" | "mkBefore"
                | "mkAfter" | "mkOrder" | "mkVMOverride" | "optionalAttrs" | "mergeAttrsList"
                | "mapAttrs",
                _,
                _,
            ) => {
                self.push(last, context);
                for other in first {
                    self.push(*other, Context::Elsewhere);
                }
            }
            _ => {
                for argument in call.arguments {
                    self.push(argument, Context::Elsewhere);
                }
            }
        }
    }
}
