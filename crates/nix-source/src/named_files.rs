//! The files that a Nix file names.

use std::path::{Path, PathBuf};

use nix_syntax::hir::{AttrName, Expr, ExprId, File};
use rustc_hash::FxHashSet;

use crate::normalise::normalise;

/// Functions that do not evaluate the file that they are given: its text is data, or it is a
/// package, which stays external.
const NOT_EVALUATING: [&str; 6] = [
    "callPackage",
    "callPackages",
    "fileContents",
    "importJSON",
    "importTOML",
    "readFile",
];

/// The Nix files that a file names by paths without interpolation.
pub(crate) fn named_files(path: &Path, file: &File) -> Vec<PathBuf> {
    let Some(directory) = path.parent() else {
        return Vec::new();
    };
    let not_evaluated = not_evaluated(file);
    let mut named = Vec::new();
    for (number, expr) in (0..).zip(&file.exprs) {
        let Expr::Path(text) = expr else { continue };
        if not_evaluated.contains(&ExprId(number)) {
            continue;
        }
        let Some(text) = file.strings.get(text.0 as usize) else {
            continue;
        };
        let mut path = normalise(&directory.join(text));
        match path.extension() {
            Some(extension) if extension == "nix" => {}
            _ => path.push("default.nix"),
        }
        named.push(path);
    }
    named
}

/// The arguments of [`NOT_EVALUATING`].
fn not_evaluated(file: &File) -> FxHashSet<ExprId> {
    let calls = file.exprs.iter().filter_map(|expr| match expr {
        Expr::Apply { function, argument } => Some((*function, *argument)),
        _ => None,
    });
    calls
        .filter(|(function, _)| {
            function_name(file, *function).is_some_and(|name| NOT_EVALUATING.contains(&name))
        })
        .map(|(_, argument)| argument)
        .collect()
}

fn function_name(file: &File, function: ExprId) -> Option<&str> {
    let name = match file.exprs.get(function.0 as usize)? {
        Expr::Global(name) | Expr::Dynamic { name, .. } => *name,
        Expr::Select(selection) => {
            let selection = file.selections.get(selection.0 as usize)?;
            let path = file.attr_names.get(selection.path.range())?;
            match path.last()? {
                (AttrName::Static(name), _) => *name,
                (AttrName::Dynamic(_), _) => return None,
            }
        }
        _ => return None,
    };
    file.names.get(name.0 as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_evaluated_are_named() {
        let text = "{ imports = [ ./a.nix ../b (import ./c) ]; x = callPackage ./d.nix { }; \
                    y = builtins.readFile ./e.nix; z = ./f${g}.nix; }";
        let parsed = nix_syntax::parse(text);
        let named = named_files(Path::new("/p/q/file.nix"), &parsed.file);
        let named: Vec<_> = named.iter().map(|path| path.to_string_lossy()).collect();
        assert_eq!(
            named,
            ["/p/q/a.nix", "/p/b/default.nix", "/p/q/c/default.nix"]
        );
    }
}
