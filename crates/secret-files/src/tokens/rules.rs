//! What a rule is.

use super::TokenClass;

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// It has the shape, but its checksum is wrong or nothing else speaks for it.
    Low,
    /// It has a shape that little else has.
    Medium,
    /// Its checksum is right, or nothing else has this shape.
    High,
}

/// What is inspected after the shape fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Nothing more.
    None,
    /// GitHub's CRC-32; without it the finding is less sure.
    Crc32,
    /// As `Crc32`, for a provider of which no vector was at hand.
    Crc32Unverified,
    /// The checksum of fine-grained GitHub tokens; never lowers confidence.
    GithubFineGrained,
    /// The first part decodes to a JSON header.
    GithubJwt,
    /// Shannon entropy of at least this many hundredths of a bit per byte.
    Entropy(u32),
    /// As above, and the word `brave` nearby.
    Brave,
    /// The first part decodes to the number of an account.
    Discord,
    /// The account number inside of the key id is one.
    Aws,
    /// The file says that it is a service account.
    GoogleServiceAccount,
    /// Two parts that decode to JSON.
    Jwt,
    /// Bech32 of 32 bytes.
    AgeIdentity,
    /// Bech32.
    AgePlugin,
    /// The public half belongs to the secret one.
    NixSigningKey,
    /// A body follows the header.
    Pem,
    /// The encryption line of the header.
    Putty,
    /// A password that is no placeholder.
    UriPassword,
    /// A random text, in a URL that names more than a file.
    UriToken,
}

/// A rule: one shape of one provider's credentials.
#[derive(Debug, PartialEq, Eq)]
pub struct TokenRule {
    /// Stable name, in kebab case.
    pub id: &'static str,
    /// Who issues it.
    pub provider: &'static str,
    /// What it is, for a sentence: "a … ".
    pub what: &'static str,
    /// Text of which one must occur for the rule to be tried. Words of four bytes or more are
    /// searched all at once, shorter ones one by one, so they are kept few. Rules without any
    /// have a search of their own.
    pub(super) keywords: &'static [&'static str],
    /// Bytes before and after the keyword in which the pattern is tried.
    pub(super) window: (usize, usize),
    /// The pattern; group 1, if there is one, is the credential.
    pub(super) pattern: &'static str,
    pub(super) check: Check,
    pub(super) class: TokenClass,
    pub(super) confidence: Confidence,
}

impl TokenRule {
    /// Whether the pattern ends with a fixed number of characters that may be hyphens, where
    /// `\b` cannot find the end of the token.
    pub(super) fn has_exact_length(&self) -> bool {
        let pattern = self.pattern.trim_end_matches(')');
        let count = pattern
            .strip_suffix('}')
            .and_then(|pattern| pattern.rsplit_once("_-]{"));
        count.is_some_and(|(_, count)| !count.contains(','))
    }
}

/// A token of one word: prefix and body.
pub(super) const fn token(
    id: &'static str,
    provider: &'static str,
    what: &'static str,
    keywords: &'static [&'static str],
    pattern: &'static str,
    check: Check,
    confidence: Confidence,
) -> TokenRule {
    TokenRule {
        id,
        provider,
        what,
        keywords,
        window: (64, 512),
        pattern,
        check,
        class: TokenClass::Credential,
        confidence,
    }
}

pub(super) const fn wide(mut rule: TokenRule, before: usize, after: usize) -> TokenRule {
    rule.window = (before, after);
    rule
}

pub(super) const fn of_class(mut rule: TokenRule, class: TokenClass) -> TokenRule {
    rule.class = class;
    rule
}
