//! Where a path was written that a value mentions.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, StringPart, Thunk, Value};
use nix_syntax::source::Span;

use crate::host_view::HostView;
use crate::search::managed_directory;
use crate::values::{definitions, is_users, written};

/// A value on the way to a mention.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Anchor {
    /// An attribute.
    Entry(Entry),
    /// An element of a list, or the argument of a call.
    Item(Thunk),
}

/// Values longer than this are narrowed to the piece that names the secret.
const LONG: u32 = 100;

/// The innermost place in the user's files on the way to a mention of `path`.
pub(crate) fn place(
    evaluator: &mut Evaluator,
    view: &HostView<'_>,
    anchors: &[Anchor],
    path: &str,
) -> Option<Span> {
    let at = anchors.iter().rev().find_map(|anchor| match anchor {
        Anchor::Item(thunk) => evaluator
            .origin_span(*thunk)
            .filter(|at| is_users(evaluator, *at)),
        Anchor::Entry(entry) => of_entry(evaluator, *entry, path),
    })?;
    Some(narrow(evaluator, view, at, path))
}

/// Where the value of an attribute was written: the definition that holds the path, else the first.
fn of_entry(evaluator: &mut Evaluator, entry: Entry, path: &str) -> Option<Span> {
    if let Some(record) = evaluator.option_record(entry.value) {
        let winners: Vec<_> = record
            .winners()
            .map(|winner| (winner.value, winner.position))
            .collect();
        if winners.len() > 1 {
            for (value, position) in winners {
                if !holds(evaluator, value, path) {
                    continue;
                }
                let binding = evaluator.binding_place(position).map(|place| place.value);
                let origin = binding.or_else(|| evaluator.origin_span(value));
                if let Some(at) = origin.filter(|at| is_users(evaluator, *at)) {
                    return Some(at);
                }
            }
        }
    }
    written(evaluator, entry)
        .at
        .or_else(|| definitions(evaluator, entry).first().copied())
}

/// Whether a text holds the path, or a list of texts does.
fn holds(evaluator: &mut Evaluator, value: Thunk, path: &str) -> bool {
    match evaluator.force(value) {
        Ok(Value::String(text)) => {
            let parts = evaluator.arena.string_parts(text).parts();
            parts
                .iter()
                .any(|part| matches!(part, StringPart::Text(text) if text.contains(path)))
        }
        Ok(Value::List(_)) => {
            let items = crate::values::items(evaluator, value);
            items
                .into_iter()
                .any(|(item, _)| match evaluator.force(item) {
                    Ok(Value::String(_)) => holds(evaluator, item, path),
                    _ => false,
                })
        }
        _ => false,
    }
}

/// The piece of a long value that names the secret: the path itself, or the interpolation in which
/// the secret's attribute stands.
fn narrow(evaluator: &Evaluator, view: &HostView<'_>, at: Span, path: &str) -> Span {
    let Some(source) = evaluator.project.sources().get(at.file) else {
        return at;
    };
    let Some(text) = source.text().get(at.start as usize..at.end as usize) else {
        return at;
    };
    if at.end - at.start <= LONG && !text.contains('\n') {
        return at;
    }
    let piece = |start: usize, length: usize| {
        let start = u32::try_from(start)
            .ok()
            .and_then(|start| at.start.checked_add(start))?;
        let end = u32::try_from(length)
            .ok()
            .and_then(|length| start.checked_add(length))?;
        Some(Span { start, end, ..at })
    };
    if let Some(start) = text.find(path) {
        return piece(start, path.len()).unwrap_or(at);
    }
    let named = view
        .secret_at(path, None)
        .and_then(|index| view.secrets.get(index));
    // One that lands nowhere here may be another system's, by the name that it is installed under.
    let by_path = || path.strip_prefix(managed_directory(path)?);
    let attribute = named.map(|secret| secret.attribute.as_str());
    let Some(attribute) = attribute.or_else(by_path) else {
        return at;
    };
    let expressions = text.match_indices("${").filter_map(|(start, _)| {
        let length = text.get(start..)?.find('}')? + 1;
        let inner = text.get(start..start + length)?;
        is_named(inner, attribute).then_some((start, length))
    });
    let plain = text.match_indices(".path").filter_map(|(end, suffix)| {
        let before = text.get(..end)?;
        let start =
            before.rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '{' | '='))? + 1;
        let inner = text.get(start..end)?;
        is_named(inner, attribute).then_some((start, end + suffix.len() - start))
    });
    let first = expressions.chain(plain).next();
    first
        .and_then(|(start, length)| piece(start, length))
        .unwrap_or(at)
}

/// Whether an expression selects the secret of that attribute.
fn is_named(expression: &str, attribute: &str) -> bool {
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/');
    expression.match_indices(attribute).any(|(start, found)| {
        let before = expression
            .get(..start)
            .and_then(|text| text.chars().next_back());
        let after = expression
            .get(start + found.len()..)
            .and_then(|text| text.chars().next());
        matches!(before, Some('.' | '"')) && !after.is_some_and(name)
    })
}
