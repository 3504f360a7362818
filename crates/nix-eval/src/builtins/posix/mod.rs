//! `match` and `split`: POSIX extended regular expressions as Nix has them, which are those of
//! C++'s `std::regex` in its `extended` grammar, over bytes.
//!
//! Whether and where there is a match is found in linear time by the `regex` crates; only its
//! groups are found as `std::regex` finds them.

mod class;
mod parse;
mod program;
mod translate;

use std::cell::OnceCell;
use std::rc::Rc;

use regex_automata::util::syntax;
use regex_automata::{Input, meta};
use rustc_hash::FxHashMap;

use self::program::{Match, Mode, Program, Range};
use crate::eval::{Builtin, Evaluator, State, arguments};
use crate::value::{ContextId, Eval, Thunk, Value};

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin::new("match", 2, match_whole),
    Builtin::new("split", 2, split),
];

/// Patterns that were used before, each compiled once per evaluator.
#[derive(Debug, Default)]
pub(crate) struct PatternCache(FxHashMap<Rc<str>, Rc<Pattern>>);

impl State for PatternCache {}

/// The largest program of the `regex` crates, in bytes.
const SIZE_LIMIT: usize = 8 << 20;

/// More patterns are not kept.
const MAX_PATTERNS: usize = 500;

/// A pattern, compiled as far as it was used. Compiling takes longer than most searches.
#[derive(Debug)]
struct Pattern {
    /// The pattern as the `regex` crates write it.
    translated: String,
    /// Finds where a match begins; `None` if it needs more memory than [`SIZE_LIMIT`].
    search: OnceCell<Option<meta::Regex>>,
    /// Matches from the first to the last byte; `None` likewise.
    whole: OnceCell<Option<meta::Regex>>,
    /// Finds the groups, and where the match ends.
    program: Program,
}

impl Pattern {
    /// `None` for a pattern that Nix refuses, too.
    fn new(pattern: &str) -> Option<Self> {
        let (node, groups) = parse::parse(pattern)?;
        Some(Self {
            program: Program::new(&node, groups)?,
            translated: translate::translate(&node),
            search: OnceCell::new(),
            whole: OnceCell::new(),
        })
    }

    fn search(&self) -> Option<&meta::Regex> {
        let search = self.search.get_or_init(|| build(&self.translated));
        search.as_ref()
    }

    fn whole(&self) -> Option<&meta::Regex> {
        let whole = || build(&format!("\\A(?:{})\\z", self.translated));
        self.whole.get_or_init(whole).as_ref()
    }
}

fn build(pattern: &str) -> Option<meta::Regex> {
    let syntax = syntax::Config::new()
        .unicode(false)
        .utf8(false)
        .dot_matches_new_line(true)
        .nest_limit(1000);
    let config = meta::Config::new()
        .utf8_empty(false)
        // Made in advance, an automaton costs more than the few short texts that it matches.
        .dfa(false)
        .nfa_size_limit(Some(SIZE_LIMIT));
    let mut builder = meta::Regex::builder();
    { builder.configure(config).syntax(syntax).build(pattern) }.ok()
}

impl Evaluator {
    fn pattern(&mut self, thunk: Thunk) -> Eval<Rc<Pattern>> {
        let text = self.force_text(thunk)?;
        if let Some(known) = self.state::<PatternCache>().0.get(&text) {
            return Ok(Rc::clone(known));
        }
        // Compiling takes about as long as some thousand steps.
        self.count_work(20_000)?;
        let Some(pattern) = Pattern::new(&text) else {
            return Err(self.error(format!("invalid regular expression '{text}'")));
        };
        let pattern = Rc::new(pattern);
        let PatternCache(known) = self.state_mut();
        if known.len() >= MAX_PATTERNS {
            known.clear();
        }
        known.insert(text, Rc::clone(&pattern));
        Ok(pattern)
    }

    /// The compiled form of a pattern, if it is not too large.
    fn compiled<'a>(&mut self, regex: Option<&'a meta::Regex>) -> Eval<&'a meta::Regex> {
        regex.ok_or_else(|| self.undetermined("a large regular expression"))
    }

    fn run_pattern(
        &mut self,
        pattern: &Pattern,
        text: &[u8],
        from: usize,
        mode: Mode,
    ) -> Eval<Option<Match>> {
        let result = pattern.program.run(text, from, mode);
        let steps = result
            .as_ref()
            .map_or(program::MAX_STEPS, |(_, steps)| *steps);
        self.count_work(steps)?;
        match result {
            Some((found, _)) => Ok(found),
            None => Err(self.undetermined("a regular expression that takes too long")),
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
    let text = text.as_bytes();
    if !evaluator.compiled(pattern.whole())?.is_match(text) {
        return Ok(Value::Null);
    }
    match evaluator.run_pattern(&pattern, text, 0, Mode::Whole)? {
        Some(found) => evaluator.group_list(text, &found.groups),
        None => Ok(Value::Null),
    }
}

/// `split pattern text`: what is between the matches, and the groups of each match.
fn split(evaluator: &mut Evaluator, args: &[Thunk]) -> Eval<Value> {
    let [pattern, text] = arguments(args);
    let pattern = evaluator.pattern(pattern)?;
    let text = evaluator.force_text(text)?;
    let text = text.as_bytes();
    let search = evaluator.compiled(pattern.search())?;
    let mut items = Vec::new();
    let (mut from, mut last_end) = (0, 0);
    let mut after_empty = false;
    while from <= text.len() {
        // After an empty match comes one that is not empty at the same place, or one further on.
        let mut found = None;
        if after_empty {
            let here = evaluator.run_pattern(&pattern, text, from, Mode::NotEmpty)?;
            found = here.map(|found| (from, found));
            from += usize::from(found.is_none());
        }
        if found.is_none()
            && let Some(place) = search.search(&Input::new(text).range(from..))
        {
            let start = place.start();
            let here = evaluator.run_pattern(&pattern, text, start, Mode::Prefix)?;
            found = here.map(|found| (start, found));
        }
        let Some((start, Match { end, groups })) = found else {
            break;
        };
        evaluator.check_size(2 + groups.len() as u64)?;
        let between = evaluator.piece(text, (last_end, start))?;
        items.push(evaluator.arena.ready(between));
        let groups = evaluator.group_list(text, &groups)?;
        items.push(evaluator.arena.ready(groups));
        last_end = end;
        from = end;
        after_empty = start == end;
        if after_empty && end == text.len() {
            break;
        }
    }
    let tail = evaluator.piece(text, (last_end, text.len()))?;
    items.push(evaluator.arena.ready(tail));
    Ok(evaluator.list(&items))
}
