//! Which values a file's rule wants encrypted.

use crate::{EncryptionRule, GoRegex, GoRegexError};

/// A rule with its pattern compiled.
pub(super) enum Matcher {
    Suffix(String),
    Regex(GoRegex),
    Comment(GoRegex),
    /// An invalid pattern: sops ignores the error and nothing matches.
    Nothing,
}

pub(super) struct Rule {
    pub(super) matcher: Matcher,
    /// Whether a match means "encrypt"; otherwise it means "leave plain".
    match_encrypts: bool,
}

impl Rule {
    /// The rule, and why its pattern matches nothing if it is invalid.
    pub(super) fn new(rule: &EncryptionRule) -> (Self, Option<GoRegexError>) {
        let compile = |pattern: &str, wrap: fn(GoRegex) -> Matcher| match GoRegex::new(pattern) {
            Ok(regex) => (wrap(regex), None),
            Err(error) => (Matcher::Nothing, Some(error)),
        };
        let (matcher, error) = match rule {
            EncryptionRule::UnencryptedSuffix(suffix) | EncryptionRule::EncryptedSuffix(suffix) => {
                (Matcher::Suffix(suffix.clone()), None)
            }
            EncryptionRule::UnencryptedRegex(pattern) | EncryptionRule::EncryptedRegex(pattern) => {
                compile(pattern, Matcher::Regex)
            }
            EncryptionRule::UnencryptedCommentRegex(pattern)
            | EncryptionRule::EncryptedCommentRegex(pattern) => compile(pattern, Matcher::Comment),
        };
        let match_encrypts = matches!(
            rule,
            EncryptionRule::EncryptedSuffix(_)
                | EncryptionRule::EncryptedRegex(_)
                | EncryptionRule::EncryptedCommentRegex(_)
        );
        (
            Self {
                matcher,
                match_encrypts,
            },
            error,
        )
    }

    /// Whether this element of a key path matches.
    pub(super) fn matches_key(&self, name: &str) -> bool {
        match &self.matcher {
            Matcher::Suffix(suffix) => name.ends_with(suffix.as_str()),
            Matcher::Regex(regex) => regex.is_match(name),
            Matcher::Comment(_) | Matcher::Nothing => false,
        }
    }

    /// Whether a comment above a value or one of its ancestors matches.
    pub(super) fn matches_comment(&self, text: &str) -> bool {
        matches!(&self.matcher, Matcher::Comment(regex) if regex.is_match(text))
    }

    /// Whether a value is to be encrypted, given whether anything of its path matched.
    pub(super) const fn encrypts(&self, matched: bool) -> bool {
        matched == self.match_encrypts
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;
    use crate::EncryptionRule;

    #[test]
    fn a_match_encrypts_or_leaves_plain() {
        let (rule, _) = Rule::new(&EncryptionRule::default_rule());
        assert!(rule.encrypts(rule.matches_key("password")));
        assert!(!rule.encrypts(rule.matches_key("port_unencrypted")));
        let (rule, _) = Rule::new(&EncryptionRule::EncryptedRegex(
            "^(data|password)$".to_owned(),
        ));
        assert!(rule.encrypts(rule.matches_key("password")));
        assert!(!rule.encrypts(rule.matches_key("passwords")));
    }

    #[test]
    fn an_invalid_pattern_matches_nothing() {
        let (rule, error) = Rule::new(&EncryptionRule::EncryptedRegex("(?=x)".to_owned()));
        assert!(error.is_some());
        assert!(!rule.encrypts(rule.matches_key("x")));
        let (rule, _) = Rule::new(&EncryptionRule::UnencryptedRegex("(?=x)".to_owned()));
        assert!(rule.encrypts(rule.matches_key("x")));
    }
}
