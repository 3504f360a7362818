//! `match` and `split`: POSIX extended regular expressions as Nix has them, which are those of
//! C++'s `std::regex` in its `extended` grammar, over bytes.

mod translate;

use std::rc::Rc;

use regex_automata::nfa::thompson::{self, pikevm};
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind, meta};
use rustc_hash::FxHashMap;

use super::{Builtin, arguments};
use crate::eval::Evaluator;
use crate::value::{ContextId, Eval, Thunk, Value};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("match", 2, match_whole),
    Builtin::new("split", 2, split),
];

/// Patterns that were used before, each compiled once per evaluator.
#[derive(Debug, Default)]
pub(crate) struct PatternCache(FxHashMap<Rc<str>, Rc<Pattern>>);

/// The largest program of a pattern, in bytes.
const SIZE_LIMIT: usize = 8 << 20;

/// A compiled pattern.
#[derive(Debug)]
struct Pattern {
    /// Finds where a match begins, and nothing else of it.
    search: meta::Regex,
    /// Matches from the first to the last byte.
    whole: meta::Regex,
    /// Finds the longest match from a given place on, which POSIX prefers.
    longest: pikevm::PikeVM,
}

/// The bytes between two offsets.
type Range = (usize, usize);

/// Why a pattern cannot be used.
enum PatternError {
    /// Nix says so, too.
    Invalid,
    /// It needs more memory than we give it.
    TooLarge,
}

impl Pattern {
    fn compile(pattern: &str) -> Result<Self, PatternError> {
        let translated = translate::translate(pattern).ok_or(PatternError::Invalid)?;
        let whole = format!("\\A(?:{translated})\\z");
        let syntax = syntax::Config::new()
            .unicode(false)
            .utf8(false)
            .dot_matches_new_line(true);
        let build = |text: &str| {
            let config = meta::Config::new()
                .utf8_empty(false)
                .nfa_size_limit(Some(SIZE_LIMIT));
            meta::Regex::builder()
                .configure(config)
                .syntax(syntax)
                .build(text)
                .ok()
        };
        let program = thompson::Config::new()
            .utf8(false)
            .nfa_size_limit(Some(SIZE_LIMIT));
        let longest = pikevm::PikeVM::builder()
            .configure(pikevm::PikeVM::config().match_kind(MatchKind::All))
            .thompson(program)
            .syntax(syntax)
            .build(&translated)
            .ok();
        match (build(&translated), build(&whole), longest) {
            (Some(search), Some(whole), Some(longest)) => Ok(Self {
                search,
                whole,
                longest,
            }),
            _ => Err(PatternError::TooLarge),
        }
    }

    /// The groups of a match of the whole text.
    fn match_whole(&self, text: &[u8]) -> Option<Vec<Option<Range>>> {
        let mut captures = self.whole.create_captures();
        self.whole.captures(text, &mut captures);
        captures.is_match().then(|| groups(&captures))
    }

    /// The first match at `from` or later: the longest of those that begin first.
    fn find(
        &self,
        cache: &mut pikevm::Cache,
        text: &[u8],
        from: usize,
    ) -> Option<(Range, Vec<Option<Range>>)> {
        let start = self.search.search(&Input::new(text).range(from..))?.start();
        let input = Input::new(text).range(start..).anchored(Anchored::Yes);
        let mut captures = self.longest.create_captures();
        self.longest.search(cache, &input, &mut captures);
        let found = captures.get_match()?;
        Some(((found.start(), found.end()), groups(&captures)))
    }
}

fn groups(captures: &Captures) -> Vec<Option<Range>> {
    captures
        .iter()
        .skip(1)
        .map(|group| group.map(|span| (span.start, span.end)))
        .collect()
}

impl Evaluator {
    fn pattern(&mut self, thunk: Thunk) -> Eval<Rc<Pattern>> {
        let text = self.force_text(thunk)?;
        if let Some(known) = self.patterns.0.get(&text) {
            return Ok(Rc::clone(known));
        }
        match Pattern::compile(&text) {
            Ok(pattern) => {
                let pattern = Rc::new(pattern);
                self.patterns.0.insert(text, Rc::clone(&pattern));
                Ok(pattern)
            }
            Err(PatternError::Invalid) => {
                Err(self.error(format!("invalid regular expression '{text}'")))
            }
            Err(PatternError::TooLarge) => Err(self.undetermined("a large regular expression")),
        }
    }

    /// The list of the groups of a match; null for a group that took no part.
    fn group_list(&mut self, text: &[u8], groups: &[Option<Range>]) -> Eval<Value> {
        let mut items = Vec::with_capacity(groups.len());
        for group in groups {
            let value = match group {
                Some(range) => self.piece(text, *range)?,
                None => Value::Null,
            };
            items.push(self.arena.ready(value));
        }
        Ok(self.list(&items))
    }

    fn piece(&mut self, text: &[u8], (start, end): Range) -> Eval<Value> {
        let bytes = text.get(start..end).unwrap_or_default().to_vec();
        self.string_of_bytes(bytes, ContextId::default())
    }
}

/// `match pattern text`: the groups if the whole text matches, else null.
fn match_whole(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [pattern, text] = arguments(args);
    let pattern = evaluator.pattern(pattern)?;
    let text = evaluator.force_text(text)?;
    match pattern.match_whole(text.as_bytes()) {
        Some(groups) => evaluator.group_list(text.as_bytes(), &groups),
        None => Ok(Value::Null),
    }
}

/// `split pattern text`: what is between the matches, and the groups of each match.
fn split(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [pattern, text] = arguments(args);
    let pattern = evaluator.pattern(pattern)?;
    let text = evaluator.force_text(text)?;
    let text = text.as_bytes();
    let mut cache = pattern.longest.create_cache();
    let mut items = Vec::new();
    let (mut from, mut last_end) = (0, 0);
    while let Some(((start, end), groups)) = pattern.find(&mut cache, text, from) {
        evaluator.check_size(2 + groups.len() as u64)?;
        let between = evaluator.piece(text, (last_end, start))?;
        items.push(evaluator.arena.ready(between));
        let groups = evaluator.group_list(text, &groups)?;
        items.push(evaluator.arena.ready(groups));
        last_end = end;
        from = end;
        if start == end {
            if end == text.len() {
                break;
            }
            // After an empty match the search goes on one byte later.
            from += 1;
        }
    }
    let tail = evaluator.piece(text, (last_end, text.len()))?;
    items.push(evaluator.arena.ready(tail));
    Ok(evaluator.list(&items))
}
