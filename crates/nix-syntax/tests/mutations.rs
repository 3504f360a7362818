//! Texts with random mistakes: no panic, every place in the text, no id that dangles.
//!
//! `NIX_SYNTAX_SEED=7 NIX_SYNTAX_SECONDS=60 cargo test -p nix-syntax --test mutations`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::panic,
    reason = "clippy.toml allows them in test functions only, not in what those call"
)]

mod invariants;

use std::time::{Duration, Instant};

use invariants::check;
use nix_syntax::parse;

const SEEDS: &[&str] = &[
    include_str!("fixtures/module.nix"),
    include_str!("fixtures/flake.nix"),
    include_str!("fixtures/language.nix"),
];

/// Pieces that make mistakes more likely to be interesting.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "${",
    "\"",
    "''",
    "''\\",
    "'''",
    "''$",
    "\\",
    "$",
    ";",
    ",",
    "=",
    ":",
    "@",
    "?",
    ".",
    "...",
    "or ",
    "rec ",
    "let ",
    "in ",
    "with ",
    "assert ",
    "if ",
    "then ",
    "else ",
    "inherit ",
    "./a",
    "/",
    "//",
    "~/",
    "<a>",
    "<",
    ">",
    "-",
    "!",
    "a",
    "1",
    "1.",
    "0.",
    "\r",
    "\r\n",
    "\0",
    "é",
    "\u{a0}",
    "\u{feff}",
    "#",
    "/*",
    "*/",
    "|>",
    "<|",
    "->",
    "++",
    " ",
    "\n",
    "a.b",
    "a:b",
    "a/(b)",
    "__curPos",
    "mcp-lint:",
];

/// A small generator of numbers (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end.max(1) as u64).unwrap()
    }

    fn boundary(&mut self, text: &str) -> usize {
        boundary(text, self.below(text.len() + 1))
    }
}

/// The last character boundary up to `at`.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn mutate(random: &mut Random, text: &mut String) {
    let (one, other) = (random.boundary(text), random.boundary(text));
    let (start, end) = (one.min(other), one.max(other));
    match random.below(6) {
        0 => text.replace_range(start..boundary(text, end.min(start + 40)), ""),
        1 => {
            let piece = text[start..end].to_owned();
            let at = random.boundary(text);
            text.insert_str(at, &piece);
            text.truncate(boundary(text, 20_000));
        }
        2 => text.truncate(one),
        _ => text.insert_str(one, PIECES[random.below(PIECES.len())]),
    }
}

impl Random {
    /// A text of a few mutations, on a character boundary wherever it is cut.
    fn text(&mut self) -> String {
        let seed = SEEDS[self.below(SEEDS.len())];
        let (one, other) = (self.boundary(seed), self.boundary(seed));
        let mut text = seed[one.min(other)..one.max(other)].to_owned();
        for _ in 0..=self.below(6) {
            mutate(self, &mut text);
        }
        text
    }
}

#[test]
fn the_seeds_themselves_parse() {
    for seed in SEEDS {
        assert_eq!(parse(seed).errors, []);
        check(seed);
    }
}

#[test]
fn mistakes_do_no_harm() {
    let number = |name: &str, default| {
        std::env::var(name)
            .ok()
            .and_then(|value| value.parse().ok())
            .unwrap_or(default)
    };
    let (seed, seconds) = (
        number("NIX_SYNTAX_SEED", 1),
        number("NIX_SYNTAX_SECONDS", 4),
    );
    let mut random = Random(seed);
    let start = Instant::now();
    let mut count = 0;
    // At least so many whatever the machine, so that what a failure found is found again.
    while count < 5_000 || start.elapsed() < Duration::from_secs(seconds) {
        let text = random.text();
        if std::panic::catch_unwind(|| check(&text)).is_err() {
            panic!("seed {seed}, text {count}: {text:?}");
        }
        count += 1;
    }
    println!("{count} texts, seed {seed}");
}
