//! Credentials whose length is fixed, so that one byte more is a trailing newline.

/// A word of the name, further words of which one must be there too, lengths, what it is.
type Fixed = (
    &'static str,
    &'static [&'static str],
    &'static [usize],
    &'static str,
);

const FIXED: [Fixed; 22] = [
    ("github", &["token", "pat"], &[40, 93], "GitHub tokens"),
    ("gh", &["token", "pat"], &[40, 93], "GitHub tokens"),
    ("gitlab", &["token", "pat"], &[26], "GitLab tokens"),
    ("npm", &["token"], &[40], "npm tokens"),
    ("anthropic", &["key"], &[108], "Anthropic API keys"),
    ("brave", &["key"], &[31], "Brave Search API keys"),
    ("kagi", &["key", "token"], &[55], "Kagi API keys"),
    ("exa", &["key"], &[36], "Exa API keys"),
    ("e2b", &["key"], &[44], "E2B API keys"),
    ("linear", &["key"], &[48], "Linear API keys"),
    ("firecrawl", &["key"], &[35], "Firecrawl API keys"),
    ("jina", &["key", "token"], &[65], "Jina API keys"),
    ("hf", &["token"], &[37], "Hugging Face tokens"),
    (
        "huggingface",
        &["token", "key"],
        &[37],
        "Hugging Face tokens",
    ),
    ("groq", &["key"], &[56], "Groq API keys"),
    ("xai", &["key"], &[84], "xAI API keys"),
    ("perplexity", &["key"], &[53], "Perplexity API keys"),
    ("replicate", &["token", "key"], &[40], "Replicate tokens"),
    ("openrouter", &["key"], &[73], "OpenRouter API keys"),
    (
        "wireguard",
        &["key", "private", "psk", "preshared"],
        &[44],
        "WireGuard keys",
    ),
    (
        "wg",
        &["key", "private", "psk", "preshared"],
        &[44],
        "WireGuard keys",
    ),
    ("aws", &["secret"], &[40], "AWS secret access keys"),
];

/// Whether a secret of this name and length probably ends with a newline: its length is one
/// (or two, for CRLF) more than that of every credential of its kind. Says of which kind.
#[must_use]
pub fn trailing_newline_suspected(name: &str, length: usize) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|character: char| !character.is_ascii_alphanumeric())
        .collect();
    FIXED.iter().find_map(|(provider, kinds, lengths, what)| {
        let is_named = words.contains(provider)
            && kinds.iter().any(|kind| {
                words
                    .iter()
                    .any(|word| word.contains(kind) && word != provider)
            });
        let is_longer = lengths
            .iter()
            .any(|fixed| length == fixed + 1 || length == fixed + 2);
        (is_named && is_longer && !lengths.contains(&length)).then_some(*what)
    })
}

#[cfg(test)]
mod tests {
    use super::trailing_newline_suspected;

    #[test]
    fn one_byte_more_is_a_newline() {
        assert_eq!(
            trailing_newline_suspected("github_token", 41),
            Some("GitHub tokens")
        );
        assert_eq!(
            trailing_newline_suspected("GITHUB_PERSONAL_ACCESS_TOKEN", 94),
            Some("GitHub tokens")
        );
        assert_eq!(
            trailing_newline_suspected("wireguard/private-key", 45),
            Some("WireGuard keys")
        );
        for (name, length) in [
            ("github_token", 40),
            ("github_token", 60),
            ("token", 41),
            ("github", 41),
        ] {
            assert_eq!(
                trailing_newline_suspected(name, length),
                None,
                "{name} {length}"
            );
        }
    }
}
