//! Every declaration of one file.

use nix_source::ParsedFile;
use nix_syntax::hir::{Binding, BindingValue, Expr, ExprId, File, Parameter, SetId};
use nix_syntax::source::{FileId, TextSpan};

use crate::managers::MANAGERS;
use crate::unreached::declarations::names::{call, expr, items, listed, paired};
use inventory::model::Declaration;

/// What an expression is the value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    /// Anything else.
    Elsewhere,
    /// The first parts of an option whose attributes are declarations: `sops`.
    Above(&'static str),
    /// An option whose attributes are declarations.
    Secrets(&'static str),
}

/// Where an expression stands, by the attributes that lead to it from the file's value.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// The attributes, an index into [`Walk::paths`]; nothing where no attributes lead there.
    path: Option<usize>,
    /// Those that lead to the innermost function around it.
    function: Option<usize>,
}

/// What a file declares.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In no order.
    pub(crate) declarations: Vec<Declaration>,
    /// The attributes that lead to the modules which declare them, the likeliest first.
    pub(crate) modules: Vec<Vec<String>>,
}

/// The declarations in a file.
pub(crate) fn declarations(parsed: &ParsedFile, text: &str) -> Found {
    let root = Place {
        path: Some(0),
        function: None,
    };
    let mut walk = Walk {
        file: &parsed.hir,
        id: parsed.id,
        text,
        pending: vec![(parsed.hir.root, Context::Elsewhere, root)],
        paths: vec![(0, "")],
        place: root,
        found: Found::default(),
    };
    // A tree has each expression once; the list of what is left is what recursion would hold.
    while let Some((expression, context, place)) = walk.pending.pop() {
        walk.place = place;
        walk.visit(expression, context);
    }
    walk.found
}

/// What an attribute of this name is, below the first parts of an option.
fn below(first: &str, name: &str) -> Context {
    let options = MANAGERS.iter().flat_map(|it| it.declaring_options());
    for option in options {
        let rest = match first {
            "" => Some(option),
            _ => option
                .strip_prefix(first)
                .and_then(|rest| rest.strip_prefix('.')),
        };
        match rest.map(|rest| rest.split_once('.').unwrap_or((rest, ""))) {
            Some((part, "")) if part == name => return Context::Secrets(option),
            Some((part, more)) if part == name => {
                let length = option.len() - more.len() - 1;
                return option
                    .get(..length)
                    .map_or(Context::Elsewhere, Context::Above);
            }
            _ => {}
        }
    }
    Context::Elsewhere
}

struct Walk<'a> {
    file: &'a File,
    id: FileId,
    text: &'a str,
    pending: Vec<(ExprId, Context, Place)>,
    /// Paths of attributes, each by its beginning and its last name; the first one is empty.
    paths: Vec<(usize, &'a str)>,
    /// Where the visited expression stands.
    place: Place,
    found: Found,
}

impl<'a> Walk<'a> {
    /// An expression whose value stands in the same place.
    fn push(&mut self, expression: ExprId, context: Context) {
        self.pending.push((expression, context, self.place));
    }

    /// An expression that no attributes lead to.
    fn push_aside(&mut self, expression: ExprId, context: Context) {
        self.pending.push((expression, context, Place::default()));
    }

    /// The place of an attribute of the visited set.
    fn below(&mut self, name: &'a str) -> Place {
        let path = self.place.path.map(|path| {
            self.paths.push((path, name));
            self.paths.len() - 1
        });
        Place { path, ..self.place }
    }

    fn names(&self, mut path: usize) -> Vec<String> {
        let mut names = Vec::new();
        while path > 0
            && let Some((before, name)) = self.paths.get(path)
        {
            names.push((*name).to_owned());
            path = *before;
        }
        names.reverse();
        names
    }

    /// Notes that the visited set has options of a manager: it belongs to a module.
    fn note_module(&mut self) {
        for path in [self.place.function, self.place.path].into_iter().flatten() {
            let names = self.names(path);
            if !self.found.modules.contains(&names) {
                self.found.modules.push(names);
            }
        }
    }

    fn declare(&mut self, option: &'static str, attribute: &str, at: TextSpan) {
        self.found.declarations.push(Declaration {
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
                let place = std::mem::take(&mut self.place);
                self.set(set, Context::Elsewhere);
                self.place = place;
                self.push(body, context);
            }
            Expr::With { scope, body } => {
                self.push_aside(scope, Context::Elsewhere);
                self.push(body, context);
            }
            Expr::Assert { condition, body } => {
                self.push_aside(condition, Context::Elsewhere);
                self.push(body, context);
            }
            Expr::If { condition, yes, no } => {
                self.push_aside(condition, Context::Elsewhere);
                self.push(yes, context);
                self.push(no, context);
            }
            Expr::Lambda(lambda) => {
                if let Some(lambda) = self.file.lambdas.get(lambda.0 as usize) {
                    if let Parameter::Formals { formals, .. } = lambda.parameter {
                        let formals = self.file.formals.get(formals.range()).unwrap_or_default();
                        for default in formals.iter().filter_map(|formal| formal.default) {
                            self.push_aside(default, Context::Elsewhere);
                        }
                    }
                    self.place.function = self.place.path;
                    self.push(lambda.body, context);
                }
            }
            Expr::List(_) => {
                for item in items(self.file, expression).to_vec() {
                    self.push_aside(item, context);
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
                self.push_aside(left, Context::Elsewhere);
                self.push_aside(right, Context::Elsewhere);
            }
            Expr::Apply { .. } => self.call(expression, context),
            Expr::Select(selection) | Expr::HasAttribute(selection) => {
                if let Some(selection) = self.file.selections.get(selection.0 as usize) {
                    self.push_aside(selection.base, Context::Elsewhere);
                    if let Some(default) = selection.default {
                        self.push_aside(default, Context::Elsewhere);
                    }
                }
            }
            Expr::Not(inner) | Expr::Negate(inner) => self.push_aside(inner, Context::Elsewhere),
            _ => {}
        }
    }

    fn set(&mut self, set: SetId, context: Context) {
        let Some(set) = self.file.sets.get(set.0 as usize) else {
            return;
        };
        let sources = self.file.children.get(set.sources.range());
        for source in sources.unwrap_or_default().to_vec() {
            self.push_aside(source, Context::Elsewhere);
        }
        let bindings = self.file.bindings.get(set.bindings.range());
        for binding in bindings.unwrap_or_default().to_vec() {
            self.binding(binding, context);
        }
        let dynamic = self.file.dynamic_bindings.get(set.dynamic.range());
        for binding in dynamic.unwrap_or_default().to_vec() {
            if !matches!(context, Context::Secrets(_)) {
                self.push_aside(binding.value, Context::Elsewhere);
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
            (Context::Elsewhere, _) => below("", name),
            (Context::Above(first), _) => below(first, name),
        };
        if context == Context::Elsewhere && inner != Context::Elsewhere {
            self.note_module();
        }
        if let BindingValue::Expr(value) = binding.value {
            let place = self.below(name);
            self.pending.push((value, inner, place));
        }
    }

    fn call(&mut self, expression: ExprId, context: Context) {
        let call = call(self.file, self.text, expression);
        self.push_aside(call.function, Context::Elsewhere);
        let Some((last, first)) = call.arguments.split_last() else {
            return;
        };
        let last = *last;
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
                    self.push_aside(*other, Context::Elsewhere);
                }
            }
            _ => {
                for argument in call.arguments {
                    self.push_aside(argument, Context::Elsewhere);
                }
            }
        }
    }
}
