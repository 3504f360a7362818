//! The characters of a mention inside a value's source text.

use nix_eval::Evaluator;
use nix_syntax::quote::attribute_name;
use nix_syntax::source::Span;

/// The span of the first of these texts inside `at`, with the interpolation around it; else of the
/// interpolation that follows `before`; else the first line of the value.
pub(crate) fn narrow(
    evaluator: &Evaluator,
    at: Option<Span>,
    texts: &[String],
    before: &str,
) -> Option<Span> {
    let at = at?;
    let source = evaluator.project.sources().get(at.file)?;
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
    let place = |offset: usize| u32::try_from(offset).ok().map(|offset| at.start + offset);
    Some(Span {
        file: at.file,
        start: place(start)?,
        end: place(end)?,
    })
}

/// What is interpolated after `before`, where that stands in the text once and is long enough to be
/// no accident.
fn after(text: &str, before: &str) -> Option<(usize, usize)> {
    const LEAST: usize = 4;
    let mut found = text.match_indices(before);
    let (at, _) = found.next().filter(|_| before.len() >= LEAST)?;
    let start = at + before.len();
    let rest = text.get(start..)?;
    let end = rest.strip_prefix("${")?.find('}')? + 3;
    let is_one_line = !rest.get(..end)?.contains('\n');
    (is_one_line && found.next().is_none()).then_some((start, start + end))
}

/// Where `wanted` stands and does not go on as a longer name.
fn find_whole(text: &str, wanted: &str) -> Option<usize> {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '\'');
    text.match_indices(wanted).map(|(at, _)| at).find(|at| {
        let after = text
            .get(at + wanted.len()..)
            .and_then(|rest| rest.chars().next());
        !after.is_some_and(goes_on)
    })
}

/// The span extended to the `${…}` or the selection in which it stands.
fn interpolation(text: &str, start: usize, end: usize) -> (usize, usize) {
    let selects = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\'');
    let before = text.get(..start).unwrap_or_default();
    let own = before.trim_end_matches(selects);
    let start = own.strip_suffix("${").map_or(own.len(), str::len);
    let after = text.get(end..).unwrap_or_default();
    let is_interpolated = start != own.len() && after.starts_with('}');
    match is_interpolated {
        true => (start, end + 1),
        false => (own.len(), end),
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
