//! The span in the user's files that a finding shows: where a value was written that holds a text, and
//! the characters of it that matter.

use nix_eval::Evaluator;
use nix_eval::value::{Entry, StringPart, Thunk, Value};
use nix_syntax::quote::attribute_name;
use nix_syntax::source::Span;
use rustc_hash::FxHashMap;

use crate::search::managed_paths::managed_directory;
use crate::search::text_matcher::TextMatcher;
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
    texts: &mut WrittenTexts,
) -> Option<Span> {
    let at = anchors.iter().rev().find_map(|anchor| match anchor {
        Anchor::Item(thunk) => users_origin(evaluator, *thunk),
        Anchor::Set(entry) | Anchor::Entry(entry) => definition_with(evaluator, *entry, path),
    })?;
    Some(narrow_to_path(evaluator, at, path, attribute, texts).unwrap_or(at))
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
    texts: &mut WrittenTexts,
) -> Option<Span> {
    let source = evaluator.sources.workspace().sources().get(at.file)?;
    let text = source.text().get(at.start as usize..at.end as usize)?;
    if at.end - at.start <= MAX_SHOWN && !text.contains('\n') {
        return None;
    }
    let index = texts.index(at, text);
    let literal = match index {
        Some(index) => index.find(text, path),
        None => text.find(path),
    };
    if let Some(start) = literal {
        return part(at, start, start + path.len());
    }
    // One that lands nowhere here may be another system's, by the name that it is installed under.
    let by_path = || path.strip_prefix(managed_directory(path)?);
    let attribute = attribute.or_else(by_path)?;
    let (start, _, end) = match index {
        Some(index) => index.named(text, attribute)?,
        None => expressions(text).find(|(start, end, _)| {
            let expression = text.get(*start..*end);
            expression.is_some_and(|it| is_named(it, attribute))
        })?,
    };
    part(at, start, end)
}

/// An expression that may select a secret: the offsets, in bytes, of its beginning, of the end of what names the
/// secret, and of its own end.
type Expression = (usize, usize, usize);

/// The expressions in a text: interpolations, then what ends in `.path`.
fn expressions(text: &str) -> impl Iterator<Item = Expression> {
    let interpolated = text.match_indices("${").filter_map(|(start, _)| {
        let end = start + text.get(start..)?.find('}')? + 1;
        Some((start, end, end))
    });
    let plain = text.match_indices(".path").filter_map(|(end, suffix)| {
        let before = text.get(..end)?;
        let start =
            before.rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '{' | '='))? + 1;
        Some((start, end, end + suffix.len()))
    });
    interpolated.chain(plain)
}

/// How many places are searched for one by one in a text; for more it is looked through once.
const FEW: usize = 8;

/// The longest expression, in bytes, of which the names are kept: others are searched each time.
const MAX_INDEXED: usize = 200;

/// The texts in which the places of paths are searched for.
#[derive(Debug, Default)]
pub(crate) struct WrittenTexts {
    /// The last one, and how often it was asked for.
    last: Option<(Span, usize)>,
    index: Option<TextIndex>,
}

impl WrittenTexts {
    /// The index of the text at a place, once it is asked for often.
    fn index(&mut self, at: Span, text: &str) -> Option<&TextIndex> {
        let uses = match self.last {
            Some((last, uses)) if last == at => uses + 1,
            _ => {
                self.index = None;
                1
            }
        };
        self.last = Some((at, uses));
        if uses > FEW && self.index.is_none() {
            self.index = Some(TextIndex::new(text));
        }
        self.index.as_ref()
    }
}

/// Where a text has paths, and expressions that may select secrets.
#[derive(Debug)]
struct TextIndex {
    /// The offsets of slashes, by what follows.
    slashes: FxHashMap<[u8; TextIndex::KEY], Vec<usize>>,
    expressions: Vec<Expression>,
    /// The first expression, by every attribute that it may select.
    by_name: FxHashMap<String, usize>,
    /// The expressions whose names are not kept.
    long: Vec<usize>,
}

impl TextIndex {
    /// How many bytes of a path are its key: enough for the directory of a manager.
    const KEY: usize = 12;

    fn new(text: &str) -> Self {
        let mut slashes: FxHashMap<_, Vec<usize>> = FxHashMap::default();
        for (at, _) in text.match_indices('/') {
            if let Some(key) = text.as_bytes().get(at..).and_then(<[u8]>::first_chunk) {
                slashes.entry(*key).or_default().push(at);
            }
        }
        let mut index = Self {
            slashes,
            expressions: expressions(text).collect(),
            by_name: FxHashMap::default(),
            long: Vec::new(),
        };
        for (number, (start, end, _)) in index.expressions.iter().enumerate() {
            let expression = text.get(*start..*end).unwrap_or_default();
            if expression.len() > MAX_INDEXED {
                index.long.push(number);
                continue;
            }
            for name in names(expression) {
                if !index.by_name.contains_key(name) {
                    index.by_name.insert(name.to_owned(), number);
                }
            }
        }
        index
    }

    /// Where a path occurs first.
    fn find(&self, text: &str, path: &str) -> Option<usize> {
        match path
            .as_bytes()
            .first_chunk()
            .filter(|_| path.starts_with('/'))
        {
            Some(key) => {
                let mut places = self.slashes.get(key)?.iter().copied();
                places.find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(path)))
            }
            None => text.find(path),
        }
    }

    /// The first expression that selects the secret of an attribute.
    fn named(&self, text: &str, attribute: &str) -> Option<Expression> {
        let is_it = |number: &&usize| {
            let place = self.expressions.get(**number);
            let expression = place.and_then(|(start, end, _)| text.get(*start..*end));
            expression.is_some_and(|it| is_named(it, attribute))
        };
        let long = self.long.iter().find(is_it);
        let number = long.into_iter().chain(self.by_name.get(attribute)).min()?;
        self.expressions.get(*number).copied()
    }
}

/// What [`is_named`] holds for in an expression.
fn names(expression: &str) -> impl Iterator<Item = &str> {
    let starts = expression.match_indices(['.', '"']);
    starts.flat_map(move |(at, _)| {
        let rest = expression.get(at + 1..).unwrap_or_default();
        let ends = rest.char_indices().filter(|(_, c)| !goes_on(*c));
        let ends = ends.map(|(end, _)| end).chain([rest.len()]);
        ends.filter_map(move |end| rest.get(..end).filter(|name| !name.is_empty()))
    })
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
    expression.match_indices(attribute).any(|(start, found)| {
        let before = expression
            .get(..start)
            .and_then(|text| text.chars().next_back());
        let after = expression
            .get(start + found.len()..)
            .and_then(|text| text.chars().next());
        matches!(before, Some('.' | '"')) && !after.is_some_and(goes_on)
    })
}

/// Whether the name of a secret may go on with a character.
fn goes_on(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '/')
}

/// What is searched for in a value's text.
pub(crate) struct Wanted<'a> {
    /// Any of these, the first ones first.
    pub(crate) texts: Vec<String>,
    /// What is before it in the evaluated text.
    pub(crate) before: &'a str,
}

/// The span of the first of these texts inside `at`, with the interpolation around it; else of the
/// interpolation that follows `before`; else the first line of the value.
pub(crate) fn narrow_to_text(
    evaluator: &Evaluator,
    at: Option<Span>,
    texts: &[String],
    before: &str,
) -> Option<Span> {
    let texts = texts.to_vec();
    narrow_to_texts(evaluator, at, &[Wanted { texts, before }])
        .pop()
        .flatten()
}

/// The same for each of several.
pub(crate) fn narrow_to_texts(
    evaluator: &Evaluator,
    at: Option<Span>,
    wanted: &[Wanted<'_>],
) -> Vec<Option<Span>> {
    let source = at.and_then(|at| evaluator.sources.workspace().sources().get(at.file));
    let text = at.zip(source.as_ref()).and_then(|(at, source)| {
        let text = source.text().get(at.start as usize..at.end as usize)?;
        Some((at, text))
    });
    let Some((at, text)) = text else {
        return vec![None; wanted.len()];
    };
    let all = || wanted.iter().flat_map(|wanted| &wanted.texts);
    let mut firsts: Vec<Option<usize>> = match wanted.len() {
        ..=FEW => Vec::new(),
        _ => first_places(text, all().map(String::as_str)),
    };
    let is_searched = firsts.is_empty();
    let mut firsts = firsts.drain(..);
    let narrow = |wanted: &Wanted<'_>| {
        let places: Vec<Option<usize>> = match is_searched {
            true => Vec::new(),
            false => firsts.by_ref().take(wanted.texts.len()).collect(),
        };
        let found = if is_searched {
            let mut texts = wanted.texts.iter();
            texts.find_map(|text_of| Some((find_whole(text, text_of)?, text_of.len())))
        } else {
            let mut texts = wanted.texts.iter().zip(places);
            texts.find_map(|(text_of, first)| Some((first?, text_of.len())))
        };
        let (start, end) = match found {
            Some((start, length)) => interpolation(text, start, start + length),
            None => match after(text, wanted.before) {
                Some(found) => found,
                None => (0, text.find('\n').unwrap_or(text.len())),
            },
        };
        part(at, start, end)
    };
    wanted.iter().map(narrow).collect()
}

/// Where each of these texts is first and does not go on as a longer name.
fn first_places<'a>(text: &str, wanted: impl Iterator<Item = &'a str>) -> Vec<Option<usize>> {
    let wanted: Vec<&str> = wanted.collect();
    let mut firsts = vec![None; wanted.len()];
    let matcher = TextMatcher::new(wanted.iter().copied());
    for (at, number) in matcher.find(text) {
        if let (Some(first @ None), Some(wanted)) = (firsts.get_mut(number), wanted.get(number))
            && ends_at(text, at + wanted.len())
        {
            *first = Some(at);
        }
    }
    firsts
}

/// What is interpolated after `before`, if that occurs in the text once and is long enough to be
/// no accident.
fn after(text: &str, before: &str) -> Option<(usize, usize)> {
    // Bytes: `-f ` and the like occur anywhere.
    const LEAST: usize = 4;
    if before.len() > text.len() {
        return None;
    }
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
    let mut places = text.match_indices(wanted).map(|(at, _)| at);
    places.find(|at| ends_at(text, at + wanted.len()))
}

/// Whether a name ends at an offset.
fn ends_at(text: &str, at: usize) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '\'');
    let after = text.get(at..).and_then(|rest| rest.chars().next());
    !after.is_some_and(goes_on)
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

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "A=${config.sops.secrets.\"a/b\".path} B=${x.secrets.a.path} C=(cfg.secrets.c.path) \
        D=/run/secrets/d-2 E=/run/secrets/d ${secrets.a.path}";

    #[test]
    fn an_index_finds_what_a_search_finds() {
        let index = TextIndex::new(TEXT);
        for attribute in ["a", "a/b", "b", "c", "d", "secrets", "a.path", "path", "/b"] {
            let searched = expressions(TEXT).find(|(start, end, _)| {
                TEXT.get(*start..*end)
                    .is_some_and(|it| is_named(it, attribute))
            });
            assert_eq!(index.named(TEXT, attribute), searched, "{attribute}");
        }
        for path in [
            "/run/secrets/d",
            "/run/secrets/d-2",
            "/run/secrets/e",
            "/run",
        ] {
            assert_eq!(index.find(TEXT, path), TEXT.find(path), "{path}");
        }
    }

    #[test]
    fn many_texts_are_found_where_each_is() {
        let wanted = [
            "secrets.a.path",
            "secrets.a",
            "secrets.\"a/b\".path",
            "none",
            "D=/run/secrets/d",
        ];
        let each: Vec<_> = { wanted.iter() }
            .map(|wanted| find_whole(TEXT, wanted))
            .collect();
        assert_eq!(first_places(TEXT, wanted.into_iter()), each);
        assert_eq!(each.iter().flatten().count(), 3);
    }
}
