//! The published shapes of providers' tokens, by which a value is classed without being kept.

/// Which characters follow a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    /// Letters and digits.
    Alphanumeric,
    /// Letters, digits, `_` and `-`.
    Word,
    /// Letters, digits, `_`, `-` and `.`.
    Dotted,
    /// `0-9a-f` and `-`.
    Hexadecimal,
}

impl Alphabet {
    fn holds(self, byte: u8) -> bool {
        match self {
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::Hexadecimal => matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'),
        }
    }
}

/// One shape.
#[derive(Debug)]
pub(crate) struct Format {
    /// Stable name in reports: `github-classic`.
    pub(crate) id: &'static str,
    /// Who gives out such tokens.
    pub(crate) provider: &'static str,
    /// How they begin.
    pub(crate) prefix: &'static str,
    /// How many bytes follow the prefix: at least and at most.
    length: (usize, usize),
    alphabet: Alphabet,
}

macro_rules! formats {
    ($($id:literal $provider:literal $prefix:literal $min:literal..=$max:literal $alphabet:ident;)*) => {
        &[$(Format {
            id: $id,
            provider: $provider,
            prefix: $prefix,
            length: ($min, $max),
            alphabet: Alphabet::$alphabet,
        }),*]
    };
}

/// Longer prefixes before shorter ones of the same beginning.
pub(crate) const FORMATS: &[Format] = formats! {
    "github-fine-grained" "GitHub" "github_pat_" 82..=82 Word;
    "github-classic" "GitHub" "ghp_" 36..=36 Alphanumeric;
    "github-oauth" "GitHub" "gho_" 36..=36 Alphanumeric;
    "github-user" "GitHub" "ghu_" 36..=36 Alphanumeric;
    "github-app" "GitHub" "ghs_" 36..=600 Dotted;
    "github-refresh" "GitHub" "ghr_" 76..=76 Alphanumeric;
    "gitlab" "GitLab" "glpat-" 20..=300 Dotted;
    "anthropic" "Anthropic" "sk-ant-" 40..=200 Word;
    "openrouter" "OpenRouter" "sk-or-v1-" 64..=64 Hexadecimal;
    "openai-project" "OpenAI" "sk-proj-" 40..=300 Word;
    "openai-service" "OpenAI" "sk-svcacct-" 40..=300 Word;
    "openai-admin" "OpenAI" "sk-admin-" 40..=300 Word;
    "openai" "OpenAI" "sk-" 32..=300 Word;
    "brave" "Brave" "BSA" 28..=28 Word;
    "tavily" "Tavily" "tvly-" 32..=100 Word;
    "e2b" "E2B" "e2b_" 40..=40 Hexadecimal;
    "context7" "Context7" "ctx7sk-" 36..=36 Hexadecimal;
    "linear" "Linear" "lin_api_" 40..=40 Alphanumeric;
    "pinecone" "Pinecone" "pcsk_" 60..=80 Word;
    "firecrawl" "Firecrawl" "fc-" 32..=32 Hexadecimal;
    "jina" "Jina" "jina_" 60..=60 Alphanumeric;
    "hugging-face" "Hugging Face" "hf_" 34..=34 Alphanumeric;
    "perplexity" "Perplexity" "pplx-" 48..=48 Alphanumeric;
    "groq" "Groq" "gsk_" 52..=52 Alphanumeric;
    "xai" "xAI" "xai-" 80..=80 Word;
    "replicate" "Replicate" "r8_" 37..=37 Alphanumeric;
    "langsmith-personal" "LangSmith" "lsv2_pt_" 43..=43 Word;
    "langsmith-service" "LangSmith" "lsv2_sk_" 43..=43 Word;
    "notion" "Notion" "ntn_" 46..=46 Alphanumeric;
    "figma" "Figma" "figd_" 40..=40 Word;
    "npm" "npm" "npm_" 36..=36 Alphanumeric;
    "slack-bot" "Slack" "xoxb-" 20..=200 Word;
    "slack-user" "Slack" "xoxp-" 20..=200 Word;
    "slack-app" "Slack" "xapp-" 40..=200 Word;
    "stripe" "Stripe" "sk_live_" 20..=200 Alphanumeric;
    "tailscale" "Tailscale" "tskey-" 20..=100 Word;
    "google" "Google" "AIza" 35..=35 Word;
    "aws-key-id" "AWS" "AKIA" 16..=16 Alphanumeric;
    "age-identity" "age" "AGE-SECRET-KEY-1" 58..=58 Alphanumeric;
};

/// What the shape of a whole value says.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Exactly this format.
    Matches(&'static Format),
    /// It begins like this format, but its length or characters are different.
    BeginsLike(&'static Format),
    /// None that is known here.
    Unknown,
}

/// Classes one value, without blanks around it.
pub(crate) fn shape(value: &[u8]) -> Shape {
    for format in FORMATS {
        if let Some(rest) = value.strip_prefix(format.prefix.as_bytes()) {
            let (min, max) = format.length;
            let fits = (min..=max).contains(&rest.len())
                && rest.iter().all(|&byte| format.alphabet.holds(byte));
            return if fits {
                Shape::Matches(format)
            } else {
                Shape::BeginsLike(format)
            };
        }
    }
    Shape::Unknown
}

/// The format of a stable name.
pub(crate) fn by_id(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

/// Whose token a secret of this name holds, where the name leaves no doubt.
pub(crate) fn provider_of_name(name: &str) -> Option<&'static str> {
    let name: String = name
        .rsplit('/')
        .next()
        .unwrap_or(name)
        .chars()
        .map(|c| match c {
            '-' | '.' | ' ' => '_',
            other => other.to_ascii_uppercase(),
        })
        .collect();
    Some(match name.as_str() {
        "GITHUB_TOKEN"
        | "GH_TOKEN"
        | "GITHUB_PAT"
        | "GITHUB_PERSONAL_ACCESS_TOKEN"
        | "GITHUB_API_TOKEN" => "GitHub",
        "GITLAB_TOKEN" | "GITLAB_PERSONAL_ACCESS_TOKEN" => "GitLab",
        "OPENAI_API_KEY" | "OPENAI_KEY" | "OPENAI_TOKEN" => "OpenAI",
        "ANTHROPIC_API_KEY" | "CLAUDE_API_KEY" => "Anthropic",
        "OPENROUTER_API_KEY" => "OpenRouter",
        "BRAVE_API_KEY" | "BRAVE_SEARCH_API_KEY" => "Brave",
        "TAVILY_API_KEY" => "Tavily",
        "E2B_API_KEY" => "E2B",
        "CONTEXT7_API_KEY" => "Context7",
        "LINEAR_API_KEY" => "Linear",
        "PINECONE_API_KEY" => "Pinecone",
        "FIRECRAWL_API_KEY" => "Firecrawl",
        "JINA_API_KEY" => "Jina",
        "HF_TOKEN" | "HUGGINGFACE_TOKEN" | "HUGGING_FACE_HUB_TOKEN" => "Hugging Face",
        "PERPLEXITY_API_KEY" => "Perplexity",
        "GROQ_API_KEY" => "Groq",
        "XAI_API_KEY" => "xAI",
        "REPLICATE_API_TOKEN" => "Replicate",
        "LANGSMITH_API_KEY" | "LANGCHAIN_API_KEY" => "LangSmith",
        "NOTION_TOKEN" | "NOTION_API_KEY" => "Notion",
        "NPM_TOKEN" => "npm",
        "SLACK_BOT_TOKEN" | "SLACK_TOKEN" => "Slack",
        _ => return None,
    })
}

/// How a provider's tokens begin, for a sentence: `` `ghp_`, `github_pat_` or … ``.
pub(crate) fn prefixes_of(provider: &str) -> String {
    let prefixes: Vec<String> = FORMATS
        .iter()
        .filter(|format| format.provider == provider)
        .map(|format| format!("`{}`", format.prefix))
        .collect();
    match prefixes.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_is_reachable() {
        for (index, format) in FORMATS.iter().enumerate() {
            let earlier = &FORMATS[..index];
            assert!(
                !earlier
                    .iter()
                    .any(|other| format.prefix.starts_with(other.prefix)),
                "{} is hidden by an earlier prefix",
                format.id
            );
        }
    }

    #[test]
    fn classes_by_prefix_length_and_characters() {
        let token = |text: &str| match shape(text.as_bytes()) {
            Shape::Matches(format) => format.id,
            Shape::BeginsLike(_) => "begins-like",
            Shape::Unknown => "unknown",
        };
        assert_eq!(token(&format!("ghp_{}", "a1".repeat(18))), "github-classic");
        assert_eq!(
            token(&format!("sk-proj-{}", "a1".repeat(40))),
            "openai-project"
        );
        assert_eq!(token("ghp_short"), "begins-like");
        assert_eq!(token(&format!("ghp_{}", "a ".repeat(18))), "begins-like");
        assert_eq!(token("hunter2"), "unknown");
    }

    #[test]
    fn names_are_read_as_people_write_them() {
        assert_eq!(provider_of_name("github_token"), Some("GitHub"));
        assert_eq!(provider_of_name("mcp/openai-api-key"), Some("OpenAI"));
        assert_eq!(provider_of_name("KAGI_API_KEY"), None);
        assert_eq!(provider_of_name("wifi"), None);
    }

    #[test]
    fn every_provider_named_has_a_format() {
        for name in ["GITHUB_TOKEN", "SLACK_BOT_TOKEN", "HF_TOKEN", "XAI_API_KEY"] {
            let provider = provider_of_name(name).unwrap();
            assert!(!prefixes_of(provider).is_empty(), "{provider}");
        }
        assert_eq!(prefixes_of("E2B"), "`e2b_`");
    }
}
