//! Whether a file is a module, by its syntax.

use nix_syntax::hir::{Expr, ExprId, File, NameId, Parameter};

use crate::unreached::declarations::names::expr;

/// What a module's function is called with, `pkgs` left out: a package's function takes it, too.
const ARGUMENTS: [&str; 5] = [
    "config",
    "options",
    "osConfig",
    "modulesPath",
    "specialArgs",
];

/// What a module consists of, where it is no function.
const PARTS: [&str; 3] = ["imports", "options", "config"];

/// Whether a file is a function of `config` and the like, or of any arguments (`...`), that gives a set;
/// or a set with `imports`, `options` or `config`.
pub(crate) fn looks_like_one(file: &File) -> bool {
    let mut current = file.root;
    let mut takes_config = false;
    let mut takes_more = false;
    // Each step goes down the tree, which is finite.
    while let Some(found) = expr(file, current) {
        match found {
            Expr::Let { body, .. } | Expr::With { body, .. } | Expr::Assert { body, .. } => {
                current = body;
            }
            Expr::Lambda(lambda) => {
                let Some(lambda) = file.lambdas.get(lambda.0 as usize) else {
                    return false;
                };
                if let Parameter::Formals {
                    formals, ellipsis, ..
                } = lambda.parameter
                {
                    takes_more = ellipsis;
                    let formals = file.formals.get(formals.range()).unwrap_or_default();
                    takes_config |= formals
                        .iter()
                        .any(|formal| ARGUMENTS.contains(&name(file, formal.name)));
                }
                current = lambda.body;
            }
            Expr::Set(_) => return takes_config || takes_more || has_any(file, current, &PARTS),
            Expr::Apply { .. } => return takes_config,
            _ => return false,
        }
    }
    false
}

/// Whether a file is a call, such as `import ./host.nix [ … ]` or `pkgs.nixos …`: what it gives shows when
/// it is evaluated.
pub(crate) fn is_call(file: &File) -> bool {
    matches!(expr(file, body(file)), Some(Expr::Apply { .. }))
}

/// Whether a file looks like the machines of morph or colmena: a set with `network` or `meta`.
pub(crate) fn is_hive(file: &File) -> bool {
    has_any(file, body(file), &["network", "meta"])
}

/// What a file gives, without the bindings before it.
fn body(file: &File) -> ExprId {
    let mut current = file.root;
    // Each step goes down the tree, which is finite.
    while let Some(Expr::Let { body, .. } | Expr::With { body, .. } | Expr::Assert { body, .. }) =
        expr(file, current)
    {
        current = body;
    }
    current
}

/// Whether a file is a set and no function.
pub(crate) fn is_set(file: &File) -> bool {
    matches!(expr(file, file.root), Some(Expr::Set(_)))
}

fn has_any(file: &File, set: ExprId, names: &[&str]) -> bool {
    let Some(Expr::Set(set)) = expr(file, set) else {
        return false;
    };
    let bindings = file
        .sets
        .get(set.0 as usize)
        .and_then(|set| file.bindings.get(set.bindings.range()));
    let mut bindings = bindings.unwrap_or_default().iter();
    bindings.any(|binding| names.contains(&name(file, binding.name)))
}

fn name(file: &File, name: NameId) -> &str {
    file.names.get(name.0 as usize).unwrap_or_default()
}
