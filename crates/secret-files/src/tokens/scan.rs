//! The scan: keywords first, patterns only around them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};

use super::TokenClass;
use super::checks::{self, Context};
use super::guards::looks_like_placeholder;
use super::rules::{Check, Confidence, TokenRule};
use super::table::TOKEN_RULES as RULES;
use crate::Span;

/// A credential in a text. Its value is not kept.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenFinding {
    /// The rule that matched.
    pub rule: &'static TokenRule,
    /// The bytes of the credential.
    pub span: Span,
    /// How sure it is.
    pub confidence: Confidence,
    /// What it gives to whoever reads it.
    pub class: TokenClass,
}

impl fmt::Debug for TokenFinding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenFinding")
            .field("rule", &self.rule.id)
            .field("span", &self.span)
            .field("confidence", &self.confidence)
            .field("class", &self.class)
            .finish()
    }
}

/// More findings than anybody reads; a file of nothing but tokens ends here.
const MAX_FINDINGS: usize = 1_000;

/// Every keyword of a private key holds one of these; three searches instead of seven.
const KEY_PARTS: [&str; 3] = ["PRIVATE KEY", "AGE-", "PuTTY-User-Key-File-"];

/// A keyword, where the searched part is in it, and its rule.
type KeyKeyword = (&'static str, usize, usize);

/// Words from this length on are searched all at once; SIMD search needs four bytes.
const LONG_KEYWORD: usize = 4;

struct Scanner {
    long: AhoCorasick,
    /// For every long keyword the rules that it belongs to.
    rules: Vec<Vec<usize>>,
    /// Short keywords with their rule.
    short: Vec<(Finder<'static>, usize)>,
    /// Parts of the keywords of private keys; for each the keywords that hold it.
    keys: Vec<(Finder<'static>, Vec<KeyKeyword>)>,
    patterns: Vec<OnceLock<Option<Regex>>>,
    discord: usize,
    nix: usize,
    hash: usize,
}

static SCANNER: LazyLock<Option<Scanner>> = LazyLock::new(Scanner::new);

fn keywords(
    select: impl Fn(&TokenRule, &str) -> bool,
) -> impl Iterator<Item = (&'static str, usize)> {
    let rules = RULES.iter().enumerate();
    rules
        .flat_map(|(index, rule)| rule.keywords.iter().map(move |keyword| (*keyword, index)))
        .filter(move |(keyword, index)| RULES.get(*index).is_some_and(|rule| select(rule, keyword)))
}

fn key_keywords(part: &str) -> Vec<KeyKeyword> {
    let keywords = keywords(|rule, _| is_private_key(rule));
    keywords
        .filter_map(|(keyword, rule)| Some((keyword, keyword.find(part)?, rule)))
        .collect()
}

impl Scanner {
    fn new() -> Option<Self> {
        let mut long: Vec<&str> = keywords(|_, keyword| keyword.len() >= LONG_KEYWORD)
            .map(|(keyword, _)| keyword)
            .collect();
        // The longest first, so that a keyword is not hidden by its own prefix.
        long.sort_by_key(|keyword| (std::cmp::Reverse(keyword.len()), *keyword));
        long.dedup();
        let belongs = |keyword: &str, rule: &TokenRule| {
            rule.keywords.iter().any(|own| keyword.starts_with(own))
        };
        let rules = long.iter().map(|keyword| {
            let rules = RULES
                .iter()
                .enumerate()
                .filter(|(_, rule)| belongs(keyword, rule));
            rules.map(|(index, _)| index).collect()
        });
        let finder =
            |(keyword, rule): (&'static str, usize)| (Finder::new(keyword.as_bytes()), rule);
        let place = |id: &str| RULES.iter().position(|rule| rule.id == id);
        Some(Self {
            rules: rules.collect(),
            long: AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostFirst)
                .build(&long)
                .ok()?,
            short: keywords(|_, keyword| keyword.len() < LONG_KEYWORD)
                .map(finder)
                .collect(),
            keys: KEY_PARTS
                .iter()
                .map(|part| (Finder::new(part.as_bytes()), key_keywords(part)))
                .collect(),
            patterns: RULES.iter().map(|_| OnceLock::new()).collect(),
            discord: place("discord-bot")?,
            nix: place("nix-signing-key")?,
            hash: place("password-hash")?,
        })
    }

    fn pattern(&self, rule: usize) -> Option<(&'static TokenRule, &Regex)> {
        let definition = RULES.get(rule)?;
        let compile = || {
            RegexBuilder::new(definition.pattern)
                .unicode(false)
                .build()
                .ok()
        };
        let pattern = self.patterns.get(rule)?.get_or_init(compile).as_ref()?;
        Some((definition, pattern))
    }
}

struct Scan<'a> {
    scanner: &'a Scanner,
    text: &'a [u8],
    /// Start and rule of everything that was decided, so that it is decided once.
    seen: BTreeSet<(usize, usize)>,
    /// Where the last window of each rule ended, so that no byte is searched twice for long.
    findings: Vec<TokenFinding>,
}

/// All credentials in `text`, by place. What looks like a placeholder is left out.
#[must_use]
pub fn scan(text: impl AsRef<[u8]>) -> Vec<TokenFinding> {
    run(text.as_ref(), |scan| {
        let scanner = scan.scanner;
        for hit in scanner.long.find_iter(scan.text) {
            for rule in scanner
                .rules
                .get(hit.pattern().as_usize())
                .into_iter()
                .flatten()
            {
                scan.candidate(*rule, hit.start(), hit.end());
            }
            if scan.is_full() {
                return;
            }
        }
        scan.each(&scanner.short);
        scan.discord();
        scan.nix();
        scan.hash();
    })
}

/// Only private keys and identities: several times faster than [`scan`], for every file of a
/// repository.
#[must_use]
pub fn scan_private_keys(text: impl AsRef<[u8]>) -> Vec<TokenFinding> {
    run(text.as_ref(), |scan| {
        for (finder, keywords) in &scan.scanner.keys {
            for place in finder.find_iter(scan.text) {
                for (keyword, offset, rule) in keywords {
                    let start = place.saturating_sub(*offset);
                    if scan
                        .text
                        .get(start..)
                        .is_some_and(|rest| rest.starts_with(keyword.as_bytes()))
                    {
                        scan.candidate(*rule, start, start + keyword.len());
                    }
                }
                if scan.is_full() {
                    return;
                }
            }
        }
        scan.nix();
    })
}

fn run(text: &[u8], work: impl FnOnce(&mut Scan<'_>)) -> Vec<TokenFinding> {
    let Some(scanner) = SCANNER.as_ref() else {
        return Vec::new();
    };
    let mut scan = Scan {
        scanner,
        text,
        seen: BTreeSet::new(),
        findings: Vec::new(),
    };
    work(&mut scan);
    scan.finish()
}

const fn is_private_key(rule: &TokenRule) -> bool {
    matches!(
        rule.class,
        TokenClass::PrivateKey | TokenClass::EncryptedPrivateKey | TokenClass::HardwareHandle
    )
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A cheap look before the pattern, for keywords that are common in any text.
fn is_worth_a_look(rule: &TokenRule, text: &[u8], start: usize, end: usize) -> bool {
    let keyword = text.get(start..end).unwrap_or_default();
    let begins_pattern = rule
        .pattern
        .strip_prefix(r"\b")
        .is_some_and(|rest| rest.as_bytes().get(..2) == keyword.get(..2));
    if begins_pattern && start > 0 && text.get(start - 1).is_some_and(|byte| is_word(*byte)) {
        return false;
    }
    match rule.id {
        "uri-basic-auth" => {
            let rest = text.get(end..text.len().min(end + 402)).unwrap_or_default();
            let stop = rest
                .iter()
                .position(|byte| byte.is_ascii_whitespace() || b"/?#@\"'".contains(byte));
            stop.and_then(|stop| rest.get(stop)) == Some(&b'@')
        }
        "uri-query-token" => {
            let rest = text.get(end..text.len().min(end + 402)).unwrap_or_default();
            let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"<>\"'".contains(byte);
            let url = rest.split(is_end).next().unwrap_or_default();
            url.contains(&b'?') && url.contains(&b'=')
        }
        "telegram" => start > 0 && text.get(start - 1).is_some_and(u8::is_ascii_digit),
        "kagi" => text
            .get(end..text.len().min(end + 120))
            .is_some_and(|rest| rest.contains(&b'.')),
        "jwt" => {
            let rest = text
                .get(end..text.len().min(end + 2_010))
                .unwrap_or_default();
            let part = rest
                .iter()
                .take_while(|byte| is_word(**byte) || **byte == b'-')
                .count();
            rest.get(part..)
                .is_some_and(|rest| rest.starts_with(b".eyJ"))
        }
        _ => true,
    }
}

impl Scan<'_> {
    fn is_full(&self) -> bool {
        self.findings.len() >= MAX_FINDINGS
    }

    /// Tries a rule at its keyword.
    fn candidate(&mut self, rule: usize, start: usize, end: usize) {
        if RULES
            .get(rule)
            .is_some_and(|rule| is_worth_a_look(rule, self.text, start, end))
        {
            self.around(rule, start, end);
        }
    }

    /// Searches the keywords one after the other.
    fn each(&mut self, finders: &[(Finder<'static>, usize)]) {
        for (finder, rule) in finders {
            for start in finder.find_iter(self.text) {
                self.candidate(*rule, start, start + finder.needle().len());
                if self.is_full() {
                    return;
                }
            }
        }
    }

    /// `$6$`, `$2b$`, `$argon2`: a dollar sign, then a known name.
    fn hash(&mut self) {
        for start in memchr::memchr_iter(b'$', self.text) {
            let rest = self.text.get(start..).unwrap_or_default();
            let length = match rest {
                [_, b'y' | b'7' | b'6' | b'5', b'$', ..] => 3,
                [_, b'g', b'y', b'$', ..] | [_, b'2', b'a' | b'b' | b'x' | b'y', b'$', ..] => 4,
                _ if rest.starts_with(b"$argon2") => 7,
                _ => continue,
            };
            if self.is_full() {
                return;
            }
            self.around(self.scanner.hash, start, start + length);
        }
    }

    /// Tries one rule in the window around `start..end`.
    fn around(&mut self, rule: usize, start: usize, end: usize) {
        let Some((definition, pattern)) = self.scanner.pattern(rule) else {
            return;
        };
        let (before, after) = definition.window;
        // Without the byte before the window a word boundary would be seen where none is.
        let from = start.saturating_sub(before);
        let to = end.saturating_add(after).min(self.text.len());
        let window = self.text.get(from..to).unwrap_or_default();
        for captures in pattern.captures_iter(window) {
            let Some(whole) = captures.get(0) else {
                continue;
            };
            let cut = from > 0 && whole.start() == 0;
            let covers = from + whole.start() <= start && from + whole.end() >= end;
            let goes_on = definition.has_exact_length()
                && window
                    .get(whole.end())
                    .is_some_and(|byte| is_word(*byte) || *byte == b'-');
            if cut || !covers || goes_on || !self.seen.insert((from + whole.start(), rule)) {
                continue;
            }
            let secret = captures.get(1).unwrap_or(whole);
            let Ok(value) = std::str::from_utf8(secret.as_bytes()) else {
                continue;
            };
            let context = Context {
                text: self.text,
                window,
                start: from + secret.start(),
            };
            self.decide(definition, value, &context);
        }
    }

    fn decide(&mut self, rule: &'static TokenRule, value: &str, context: &Context<'_>) {
        let is_private_key = matches!(
            rule.check,
            Check::Pem | Check::Putty | Check::NixSigningKey | Check::AgeIdentity
        );
        if !is_private_key
            && rule.class != TokenClass::EncryptedPrivateKey
            && looks_like_placeholder(value)
        {
            return;
        }
        let Some(outcome) = checks::check(rule, value, context) else {
            return;
        };
        let length = outcome.length.unwrap_or(value.len());
        let span = Span::new(context.start, context.start + length);
        self.findings.push(TokenFinding {
            rule,
            span,
            confidence: outcome.confidence,
            class: outcome.class,
        });
    }

    /// No keyword, but two dots with six characters between them.
    fn discord(&mut self) {
        let rule = self.scanner.discord;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        for dot in memchr::memchr_iter(b'.', self.text) {
            let second = dot + 7;
            let is_shape = self.text.get(second) == Some(&b'.')
                && self
                    .text
                    .get(dot + 1..second)
                    .is_some_and(|between| between.iter().all(is_part))
                && dot >= 24
                && self
                    .text
                    .get(dot - 24..dot)
                    .is_some_and(|before| before.iter().all(is_part));
            if is_shape && !self.is_full() {
                self.around(rule, dot, second + 1);
            }
        }
    }

    /// No keyword, but 86 characters of base64 between a colon and two equals signs.
    fn nix(&mut self) {
        let rule = self.scanner.nix;
        let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        for end in memchr::memmem::find_iter(self.text, b"==") {
            let is_shape = end >= 88
                && self.text.get(end - 87) == Some(&b':')
                && self
                    .text
                    .get(end - 86..end)
                    .is_some_and(|key| key.iter().all(is_base64));
            if is_shape && !self.is_full() {
                self.around(rule, end - 87, end + 2);
            }
        }
    }

    /// By place; where two findings overlap, the surer one stays.
    fn finish(mut self) -> Vec<TokenFinding> {
        self.findings.sort_by_key(|finding| {
            (
                finding.span,
                std::cmp::Reverse(finding.confidence),
                finding.rule.id,
            )
        });
        let mut kept: Vec<TokenFinding> = Vec::with_capacity(self.findings.len());
        for finding in self.findings {
            match kept.last_mut() {
                Some(last) if finding.span.start < last.span.end => {
                    if finding.confidence > last.confidence {
                        *last = finding;
                    }
                }
                _ => kept.push(finding),
            }
        }
        kept
    }
}
