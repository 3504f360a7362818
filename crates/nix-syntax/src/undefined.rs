//! Variables that nothing binds.

use crate::SyntaxError;
use crate::hir::{Expr, File};

/// The variables of a file that have no binder, no `with` around them, and no global value, each
/// with Nix's message, in order of place. Nix finds the first of them before it evaluates anything.
pub fn undefined_variables(file: &File, is_global: impl Fn(&str) -> bool) -> Vec<SyntaxError> {
    let defined: Vec<bool> = file.names.iter().map(is_global).collect();
    let mut errors: Vec<SyntaxError> = file
        .exprs
        .iter()
        .zip(&file.spans)
        .filter_map(|(expr, span)| {
            let Expr::Global(name) = expr else {
                return None;
            };
            let index = name.0 as usize;
            if defined.get(index).copied().unwrap_or(false) {
                return None;
            }
            let name = file.names.get(index).unwrap_or_default();
            Some(SyntaxError {
                span: *span,
                message: format!("undefined variable '{name}'"),
            })
        })
        .collect();
    errors.sort_by_key(|error| error.span);
    errors
}

#[cfg(test)]
mod tests {
    use super::undefined_variables;
    use crate::parse;

    #[test]
    fn only_what_nothing_binds_is_undefined() {
        let undefined = |text: &str| -> Vec<String> {
            undefined_variables(&parse(text).file, |name| name == "map")
                .into_iter()
                .map(|error| format!("{}: {}", error.span.start, error.message))
                .collect()
        };
        assert_eq!(
            undefined("x: { inherit map x; y = rec { z = y; }; }"),
            ["34: undefined variable 'y'"]
        );
        assert_eq!(undefined("with map; y"), [""; 0]);
        assert_eq!(
            undefined("{ inherit q; } // (with q; r)"),
            ["10: undefined variable 'q'", "24: undefined variable 'q'",]
        );
    }
}
