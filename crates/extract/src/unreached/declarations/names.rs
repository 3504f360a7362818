//! The attribute names that a call makes, as far as they are written out.

use nix_syntax::hir::{AttrName, BindingValue, Expr, ExprId, File};
use nix_syntax::source::TextSpan;

/// A call with all its arguments: `f a b`.
pub(crate) struct Call<'a> {
    /// The last name of the function: `mkIf` of `lib.mkIf`.
    pub(crate) name: &'a str,
    /// What is called.
    pub(crate) function: ExprId,
    /// In order.
    pub(crate) arguments: Vec<ExprId>,
}

/// A name and where it stands.
pub(crate) type Named<'a> = (&'a str, TextSpan);

/// The call that an expression is.
pub(crate) fn call<'a>(file: &'a File, text: &'a str, expression: ExprId) -> Call<'a> {
    let mut function = expression;
    let mut arguments = Vec::new();
    while let Some(Expr::Apply {
        function: inner,
        argument,
    }) = expr(file, function)
    {
        arguments.push(argument);
        function = inner;
    }
    arguments.reverse();
    Call {
        name: function_name(file, text, function),
        function,
        arguments,
    }
}

/// The expression behind an id.
pub(crate) fn expr(file: &File, id: ExprId) -> Option<Expr> {
    file.exprs.get(id.0 as usize).copied()
}

/// The text of a string without interpolation.
pub(crate) fn string(file: &File, id: ExprId) -> Option<Named<'_>> {
    let Some(Expr::String(string)) = expr(file, id) else {
        return None;
    };
    let text = file.strings.get(string.0 as usize)?;
    Some((text, *file.spans.get(id.0 as usize)?))
}

fn function_name<'a>(file: &'a File, text: &'a str, function: ExprId) -> &'a str {
    if let Some(Expr::Select(selection)) = expr(file, function) {
        let last = file
            .selections
            .get(selection.0 as usize)
            .and_then(|selection| file.attr_names.get(selection.path.range()))
            .and_then(<[_]>::last);
        return match last {
            Some((AttrName::Static(name), _)) => {
                file.names.get(name.0 as usize).unwrap_or_default()
            }
            _ => "",
        };
    }
    // A variable's name is its text.
    file.spans
        .get(function.0 as usize)
        .and_then(|span| text.get(span.start as usize..span.end as usize))
        .unwrap_or_default()
}

/// The strings of a list that is written out: the names of `genAttrs [ "a" "b" ] f`.
pub(crate) fn listed(file: &File, list: ExprId) -> Vec<Named<'_>> {
    items(file, list)
        .iter()
        .filter_map(|item| string(file, *item))
        .collect()
}

/// The names of `listToAttrs [ { name = "a"; … } (nameValuePair "b" …) ]`.
pub(crate) fn paired<'a>(file: &'a File, text: &'a str, list: ExprId) -> Vec<Named<'a>> {
    items(file, list)
        .iter()
        .filter_map(|item| match expr(file, *item)? {
            Expr::Set(set) => {
                let set = file.sets.get(set.0 as usize)?;
                let binding = file
                    .bindings
                    .get(set.bindings.range())?
                    .iter()
                    .find(|binding| file.names.get(binding.name.0 as usize) == Some("name"))?;
                match binding.value {
                    BindingValue::Expr(value) => string(file, value),
                    BindingValue::From(_) => None,
                }
            }
            Expr::Apply { .. } => {
                let call = call(file, text, *item);
                let is_pair = matches!(call.name, "nameValuePair" | "attrNameValuePair");
                is_pair.then_some(())?;
                string(file, *call.arguments.first()?)
            }
            _ => None,
        })
        .collect()
}

/// The elements of a list literal.
pub(crate) fn items(file: &File, list: ExprId) -> &[ExprId] {
    match expr(file, list) {
        Some(Expr::List(run)) => file.children.get(run.range()).unwrap_or_default(),
        _ => &[],
    }
}
