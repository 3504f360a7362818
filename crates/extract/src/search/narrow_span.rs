//! The span in the user's files that a finding shows: where a value was written that holds a text, and
//! the characters of it that matter.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, StringPart, Thunk, Value};
use nix_syntax::quote::attribute_name;
use nix_syntax::source::Span;

use crate::search::managed_paths::managed_directory;
use crate::search::walk::Anchor;
use crate::values::{definitions, is_users, written};

/// How long a value is, in bytes, of which the finding shows all: it fits on a line.
const MAX_SHOWN: u32 = 100;

/// Finds where the innermost value on a way was written by the user; `None` if none of them was.
pub(crate) fn written_span(evaluator: &Evaluator, anchors: &[Anchor]) -> Option<Span> {
    anchors.iter().rev().find_map(|anchor| match anchor {
        // Its attributes have places of their own.
        Anchor::Set(_) => None,
        Anchor::Entry(entry) => written(evaluator, *entry).at,
        Anchor::Item(thunk) => users_origin(evaluator, *thunk),
    })
}

/// Finds where the innermost value on a way that mentions `path` was written by the user, narrowed to the
/// piece that names the secret; `attribute` is that of the secret, if one is declared.
pub(crate) fn path_span(
    evaluator: &mut Evaluator,
    anchors: &[Anchor],
    path: &str,
    attribute: Option<&str>,
) -> Option<Span> {
    let at = anchors.iter().rev().find_map(|anchor| match anchor {
        Anchor::Item(thunk) => users_origin(evaluator, *thunk),
        Anchor::Set(entry) | Anchor::Entry(entry) => definition_with(evaluator, *entry, path),
    })?;
    Some(narrow_to_path(evaluator, at, path, attribute).unwrap_or(at))
}

/// Where a value's expression is, if the user wrote it.
fn users_origin(evaluator: &Evaluator, thunk: Thunk) -> Option<Span> {
    let at = evaluator.origin_span(thunk);
    at.filter(|at| is_users(*at))
}

/// Where the value of an attribute was written: the definition that holds the path, else the first.
fn definition_with(evaluator: &mut Evaluator, entry: Entry, path: &str) -> Option<Span> {
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
                if let Some(at) = origin.filter(|at| is_users(*at)) {
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
            let parts = evaluator.string_parts(text).parts();
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

/// The piece of a long value that names the secret: the path itself, or the expression that selects the
/// secret's attribute; `None` for a short value, or if there is none.
fn narrow_to_path(
    evaluator: &Evaluator,
    at: Span,
    path: &str,
    attribute: Option<&str>,
) -> Option<Span> {
    let source = evaluator.sources.workspace().sources().get(at.file)?;
    let text = source.text().get(at.start as usize..at.end as usize)?;
    if at.end - at.start <= MAX_SHOWN && !text.contains('\n') {
        return None;
    }
    if let Some(start) = text.find(path) {
        return part(at, start, start + path.len());
    }
    // One that lands nowhere here may be another system's, by the name that it is installed under.
    let by_path = || path.strip_prefix(managed_directory(path)?);
    let attribute = attribute.or_else(by_path)?;
    let expressions = text.match_indices("${").filter_map(|(start, _)| {
        let end = start + text.get(start..)?.find('}')? + 1;
        is_named(text.get(start..end)?, attribute).then_some((start, end))
    });
    let plain = text.match_indices(".path").filter_map(|(end, suffix)| {
        let before = text.get(..end)?;
        let start =
            before.rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '{' | '='))? + 1;
        is_named(text.get(start..end)?, attribute).then_some((start, end + suffix.len()))
    });
    let (start, end) = expressions.chain(plain).next()?;
    part(at, start, end)
}

/// A part of a span, from and to these offsets in bytes.
fn part(at: Span, start: usize, end: usize) -> Option<Span> {
    let place = |offset: usize| at.start.checked_add(u32::try_from(offset).ok()?);
    Some(Span {
        start: place(start)?,
        end: place(end)?,
        ..at
    })
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

/// The span of the first of these texts inside `at`, with the interpolation around it; else of the
/// interpolation that follows `before`; else the first line of the value.
pub(crate) fn narrow_to_text(
    evaluator: &Evaluator,
    at: Option<Span>,
    texts: &[String],
    before: &str,
) -> Option<Span> {
    let at = at?;
    let source = evaluator.sources.workspace().sources().get(at.file)?;
    let text = source.text().get(at.start as usize..at.end as usize)?;
    let found = texts
        .iter()
        .find_map(|wanted| Some((find_whole(text, wanted)?, wanted.len())));
    let (start, end) = match found {
        Some((start, length)) => interpolation(text, start, start + length),
        None => match after(text, before) {
            Some(found) => found,
            None => (0, text.find('\n').unwrap_or(text.len())),
        },
    };
    part(at, start, end)
}

/// What is interpolated after `before`, if that occurs in the text once and is long enough to be
/// no accident.
fn after(text: &str, before: &str) -> Option<(usize, usize)> {
    // Bytes: `-f ` and the like occur anywhere.
    const LEAST: usize = 4;
    let mut found = text.match_indices(before);
    let (at, _) = found.next().filter(|_| before.len() >= LEAST)?;
    let start = at + before.len();
    let rest = text.get(start..)?;
    let end = rest.strip_prefix("${")?.find('}')? + 3;
    let is_one_line = !rest.get(..end)?.contains('\n');
    (is_one_line && found.next().is_none()).then_some((start, start + end))
}

/// The offset at which `wanted` occurs and does not go on as a longer name.
fn find_whole(text: &str, wanted: &str) -> Option<usize> {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '\'');
    text.match_indices(wanted).map(|(at, _)| at).find(|at| {
        let after = text
            .get(at + wanted.len()..)
            .and_then(|rest| rest.chars().next());
        !after.is_some_and(goes_on)
    })
}

/// The span extended to the `${…}` or the selection in which it is.
fn interpolation(text: &str, start: usize, end: usize) -> (usize, usize) {
    let selects = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\'');
    let before = text.get(..start).unwrap_or_default();
    let own = before.trim_end_matches(selects);
    let start = own.strip_suffix("${").map_or(own.len(), str::len);
    let after = text.get(end..).unwrap_or_default();
    let is_interpolated = start != own.len() && after.starts_with('}');
    if is_interpolated {
        (start, end + 1)
    } else {
        (own.len(), end)
    }
}

/// How the path of a secret is written: `secrets.x.path`, `templates."x".path`, or itself.
pub(crate) fn selections(attribute: &str, option: &str, path: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for set in ["secrets", "templates"] {
        texts.push(format!("{set}.{}.{option}", attribute_name(attribute)));
        texts.push(format!("{set}.\"{attribute}\".{option}"));
    }
    texts.push(path.to_owned());
    texts
}

/// How the placeholder of a secret is written.
pub(crate) fn placeholders(attribute: &str) -> Vec<String> {
    vec![
        format!("placeholder.{}", attribute_name(attribute)),
        format!("placeholder.\"{attribute}\""),
    ]
}
