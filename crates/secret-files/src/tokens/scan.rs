//! The scan: keywords first, patterns only around them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, MatchKind};
use regex::bytes::{Regex, RegexBuilder};

use super::TokenClass;
use super::checks::{self, Context};
use super::guards::looks_like_placeholder;
use super::rules::{Check, Confidence, RULES, TokenRule};
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

struct Scanner {
    keywords: AhoCorasick,
    /// For every keyword the rules that it belongs to.
    rules: Vec<Vec<usize>>,
    patterns: Vec<OnceLock<Option<Regex>>>,
    discord: usize,
    nix: usize,
}

static SCANNER: LazyLock<Option<Scanner>> = LazyLock::new(Scanner::new);

impl Scanner {
    fn new() -> Option<Self> {
        let mut keywords: Vec<&str> = RULES
            .iter()
            .flat_map(|rule| rule.keywords.iter().copied())
            .collect();
        // The longest first, so that a keyword is not hidden by its own prefix.
        keywords.sort_by_key(|keyword| (std::cmp::Reverse(keyword.len()), *keyword));
        keywords.dedup();
        let rules = keywords
            .iter()
            .map(|keyword| {
                let belongs =
                    |rule: &TokenRule| rule.keywords.iter().any(|own| keyword.starts_with(own));
                RULES
                    .iter()
                    .enumerate()
                    .filter(|(_, rule)| belongs(rule))
                    .map(|(index, _)| index)
                    .collect()
            })
            .collect();
        let place = |check: Check| RULES.iter().position(|rule| rule.check == check);
        Some(Self {
            keywords: AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostFirst)
                .build(&keywords)
                .ok()?,
            rules,
            patterns: RULES.iter().map(|_| OnceLock::new()).collect(),
            discord: place(Check::Discord)?,
            nix: place(Check::NixSigningKey)?,
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
    let text = text.as_ref();
    let Some(scanner) = SCANNER.as_ref() else {
        return Vec::new();
    };
    let mut scan = Scan {
        scanner,
        text,
        seen: BTreeSet::new(),
        findings: Vec::new(),
    };
    for hit in scanner.keywords.find_iter(text) {
        if scan.findings.len() >= MAX_FINDINGS {
            break;
        }
        for rule in scanner
            .rules
            .get(hit.pattern().as_usize())
            .into_iter()
            .flatten()
        {
            if RULES
                .get(*rule)
                .is_some_and(|rule| is_worth_a_look(rule, text, hit.start(), hit.end()))
            {
                scan.around(*rule, hit.start(), hit.end());
            }
        }
    }
    scan.discord();
    scan.nix();
    scan.finish()
}

/// A cheap look before the pattern, for keywords that are common in any text.
fn is_worth_a_look(rule: &TokenRule, text: &[u8], start: usize, end: usize) -> bool {
    match rule.id {
        "uri-basic-auth" => {
            let rest = text.get(end..text.len().min(end + 402)).unwrap_or_default();
            let stop = rest
                .iter()
                .position(|byte| byte.is_ascii_whitespace() || b"/?#@\"'".contains(byte));
            stop.and_then(|stop| rest.get(stop)) == Some(&b'@')
        }
        "exa" => {
            let before = start.checked_sub(1).and_then(|place| text.get(place));
            let after = text.get(end);
            !before.is_some_and(u8::is_ascii_alphanumeric)
                && !after.is_some_and(u8::is_ascii_lowercase)
        }
        "telegram" => start > 0 && text.get(start - 1).is_some_and(u8::is_ascii_digit),
        _ => true,
    }
}

impl Scan<'_> {
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
            if cut || !covers || !self.seen.insert((from + whole.start(), rule)) {
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
            if is_shape && self.findings.len() < MAX_FINDINGS {
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
            if is_shape && self.findings.len() < MAX_FINDINGS {
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
