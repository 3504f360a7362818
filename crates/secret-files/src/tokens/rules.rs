//! The table of rules: what credentials of each provider look like.

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

/// What is looked at after the shape fits.
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

/// A token of one word: prefix and body.
const fn token(
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

const fn wide(mut rule: TokenRule, before: usize, after: usize) -> TokenRule {
    rule.window = (before, after);
    rule
}

const fn of_class(mut rule: TokenRule, class: TokenClass) -> TokenRule {
    rule.class = class;
    rule
}

use Confidence::{High, Low, Medium};

/// All rules. The shapes were collected from the providers' own documentation and from public
/// scanners; sources and checks are described in `docs` of the project.
pub static RULES: &[TokenRule] = &[
    of_class(
        token(
            "age-identity",
            "age",
            "age identity",
            &["AGE-SECRET-KEY-1"],
            r"\bAGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}\b",
            Check::AgeIdentity,
            High,
        ),
        TokenClass::PrivateKey,
    ),
    of_class(
        token(
            "age-identity-pq",
            "age",
            "post-quantum age identity",
            &["AGE-SECRET-KEY-PQ-1"],
            r"\bAGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]{58}\b",
            Check::AgeIdentity,
            High,
        ),
        TokenClass::PrivateKey,
    ),
    of_class(
        token(
            "age-plugin-identity",
            "age",
            "handle of a hardware key",
            &["AGE-PLUGIN-"],
            r"\bAGE-PLUGIN-[A-Z0-9+._-]{1,64}?-1[02-9AC-HJ-NP-Z]{6,400}\b",
            Check::AgePlugin,
            Low,
        ),
        TokenClass::HardwareHandle,
    ),
    token(
        "github-classic",
        "GitHub",
        "GitHub token",
        &["ghp_", "gho_", "ghu_"],
        r"\bgh[pou]_[0-9A-Za-z]{36}\b",
        Check::Crc32,
        High,
    ),
    token(
        "github-app-server",
        "GitHub",
        "GitHub app token",
        &["ghs_"],
        r"\bghs_[0-9A-Za-z]{36}\b",
        Check::Crc32Unverified,
        High,
    ),
    wide(
        token(
            "github-app-server-jwt",
            "GitHub",
            "GitHub app token",
            &["ghs_"],
            r"\bghs_[0-9]{1,20}_[A-Za-z0-9_-]{10,1000}\.[A-Za-z0-9_-]{10,1000}\.[A-Za-z0-9_-]{20,1000}",
            Check::GithubJwt,
            High,
        ),
        8,
        3200,
    ),
    token(
        "github-refresh",
        "GitHub",
        "GitHub refresh token",
        &["ghr_"],
        r"\bghr_[0-9A-Za-z]{76}\b",
        Check::Crc32,
        High,
    ),
    token(
        "github-fine-grained",
        "GitHub",
        "GitHub fine-grained token",
        &["github_pat_"],
        r"\bgithub_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}\b",
        Check::GithubFineGrained,
        Medium,
    ),
    token(
        "npm",
        "npm",
        "npm token",
        &["npm_"],
        r"\bnpm_[0-9A-Za-z]{36}\b",
        Check::Crc32Unverified,
        High,
    ),
    token(
        "gitlab-pat",
        "GitLab",
        "GitLab token",
        &["glpat-"],
        r"\bglpat-[0-9A-Za-z_-]{20}\b",
        Check::Entropy(300),
        High,
    ),
    token(
        "openai-legacy",
        "OpenAI",
        "OpenAI API key",
        &["T3BlbkFJ"],
        r"\bsk-[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20}\b",
        Check::None,
        High,
    ),
    wide(
        token(
            "openai",
            "OpenAI",
            "OpenAI API key",
            &["T3BlbkFJ"],
            r"\bsk-(?:proj|svcacct|service|admin|None)-[0-9A-Za-z_-]{20,120}T3BlbkFJ[0-9A-Za-z_-]{20,120}",
            Check::None,
            High,
        ),
        160,
        160,
    ),
    token(
        "anthropic",
        "Anthropic",
        "Anthropic API key",
        &["sk-ant-"],
        r"\bsk-ant-(?:api|admin)[0-9]{2}-[0-9A-Za-z_-]{93}AA\b",
        Check::None,
        High,
    ),
    token(
        "anthropic-oauth",
        "Anthropic",
        "Anthropic OAuth token",
        &["sk-ant-o"],
        r"\bsk-ant-o[ar]t[0-9]{2}-[0-9A-Za-z_-]{40,400}",
        Check::Entropy(350),
        High,
    ),
    token(
        "openrouter",
        "OpenRouter",
        "OpenRouter API key",
        &["sk-or-v1-"],
        r"\bsk-or-v1-[0-9a-f]{64}\b",
        Check::Entropy(300),
        High,
    ),
    token(
        "brave",
        "Brave",
        "Brave Search API key",
        &["BSA"],
        r"\bBSA[0-9A-Za-z_-]{28}\b",
        Check::Brave,
        Medium,
    ),
    wide(
        token(
            "kagi",
            "Kagi",
            "Kagi API key",
            &["kagi", "Kagi", "KAGI"],
            r"(?is)\bkagi.{0,100}?\b([0-9A-Za-z_-]{11}\.[0-9A-Za-z_-]{43})\b",
            Check::Entropy(400),
            Medium,
        ),
        1,
        200,
    ),
    token(
        "tavily",
        "Tavily",
        "Tavily API key",
        &["tvly-"],
        r"\btvly-(?:(?:dev|prod)-)?[0-9A-Za-z_-]{32,64}",
        Check::Entropy(350),
        High,
    ),
    wide(
        token(
            "exa",
            "Exa",
            "Exa API key",
            &["EXA_", "exa_", "exa-", "exa.", "exaA", "exaK"],
            r"(?is)\bexa[_a-z.-]{0,40}?(?:key|token|secret).{0,40}?\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b",
            Check::Entropy(280),
            Medium,
        ),
        1,
        160,
    ),
    token(
        "e2b",
        "E2B",
        "E2B API key",
        &["e2b_"],
        r"\be2b_[0-9a-f]{40}\b",
        Check::Entropy(300),
        High,
    ),
    token(
        "context7",
        "Context7",
        "Context7 API key",
        &["ctx7sk-"],
        r"\bctx7sk-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
        Check::Entropy(280),
        High,
    ),
    token(
        "linear",
        "Linear",
        "Linear API key",
        &["lin_api_"],
        r"\blin_api_[0-9A-Za-z]{40}\b",
        Check::Entropy(350),
        High,
    ),
    token(
        "pinecone",
        "Pinecone",
        "Pinecone API key",
        &["pcsk_"],
        r"\bpcsk_[0-9A-Za-z]{5,6}_[0-9A-Za-z]{63}\b",
        Check::Entropy(350),
        High,
    ),
    token(
        "firecrawl",
        "Firecrawl",
        "Firecrawl API key",
        &["fc-"],
        r"\bfc-[0-9a-f]{32}\b",
        Check::Entropy(300),
        Medium,
    ),
    token(
        "jina",
        "Jina",
        "Jina API key",
        &["jina_"],
        r"\bjina_[0-9A-Za-z]{60}\b",
        Check::Entropy(350),
        High,
    ),
    token(
        "huggingface",
        "Hugging Face",
        "Hugging Face token",
        &["hf_", "api_org_"],
        r"\b(?:hf|api_org)_[0-9A-Za-z]{34}\b",
        Check::Entropy(330),
        High,
    ),
    token(
        "perplexity",
        "Perplexity",
        "Perplexity API key",
        &["pplx-"],
        r"\bpplx-[0-9A-Za-z]{48}\b",
        Check::Entropy(350),
        High,
    ),
    token(
        "groq",
        "Groq",
        "Groq API key",
        &["gsk_"],
        r"\bgsk_[0-9A-Za-z]{52}\b",
        Check::Entropy(350),
        High,
    ),
    token(
        "xai",
        "xAI",
        "xAI API key",
        &["xai-"],
        r"\bxai-[0-9A-Za-z_]{80}\b",
        Check::Entropy(350),
        High,
    ),
    token(
        "replicate",
        "Replicate",
        "Replicate token",
        &["r8_"],
        r"\br8_[0-9A-Za-z]{37}\b",
        Check::Entropy(330),
        High,
    ),
    token(
        "langsmith",
        "LangSmith",
        "LangSmith API key",
        &["lsv2_"],
        r"\blsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}\b",
        Check::Entropy(300),
        High,
    ),
    token(
        "notion",
        "Notion",
        "Notion token",
        &["ntn_"],
        r"\bntn_[0-9]{11}[0-9A-Za-z]{35}\b",
        Check::Entropy(350),
        High,
    ),
    token(
        "figma",
        "Figma",
        "Figma token",
        &["figd_"],
        r"\bfigd_[0-9A-Za-z_-]{40}",
        Check::Entropy(350),
        High,
    ),
    token(
        "slack",
        "Slack",
        "Slack token",
        &[
            "xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-",
        ],
        r"\bxox[abpeors]-[0-9A-Za-z-]{20,200}",
        Check::Entropy(300),
        High,
    ),
    token(
        "slack-app",
        "Slack",
        "Slack app token",
        &["xapp-"],
        r"\bxapp-[0-9]-[0-9A-Z]{1,40}-[0-9]{1,40}-[0-9a-f]{32,128}",
        Check::Entropy(300),
        High,
    ),
    wide(
        token(
            "discord-bot",
            "Discord",
            "Discord bot token",
            &[],
            r"\b([MNO][0-9A-Za-z_-]{23,27}\.[0-9A-Za-z_-]{6}\.[0-9A-Za-z_-]{27,38})\b",
            Check::Discord,
            High,
        ),
        40,
        64,
    ),
    token(
        "discord-webhook",
        "Discord",
        "Discord webhook",
        &["/api/webhooks/"],
        r"https://(?:\w{1,20}\.)?discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[0-9A-Za-z_-]{60,70}",
        Check::None,
        High,
    ),
    token(
        "slack-webhook",
        "Slack",
        "Slack webhook",
        &["hooks.slack.com"],
        r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[0-9A-Za-z+/]{40,60}",
        Check::Entropy(300),
        High,
    ),
    token(
        "aws-key-id",
        "AWS",
        "AWS access key id",
        &["AKIA", "ASIA", "ABIA", "ACCA"],
        r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
        Check::Aws,
        High,
    ),
    token(
        "gcp-api-key",
        "Google",
        "Google API key",
        &["AIza"],
        r"\bAIza[0-9A-Za-z_-]{35}\b",
        Check::Entropy(400),
        High,
    ),
    token(
        "gcp-service-account",
        "Google",
        "Google service account key",
        &["private_key_id"],
        r#""private_key_id"\s{0,20}:\s{0,20}"([0-9a-f]{40})""#,
        Check::GoogleServiceAccount,
        High,
    ),
    token(
        "stripe",
        "Stripe",
        "Stripe key",
        &["k_live_", "k_prod_"],
        r"\b[rs]k_(?:live|prod)_[0-9A-Za-z]{20,250}",
        Check::Entropy(330),
        High,
    ),
    token(
        "tailscale",
        "Tailscale",
        "Tailscale key",
        &["tskey-"],
        r"\btskey-(?:auth|api|client|webhook|scim)-[0-9A-Za-z]{1,40}-[0-9A-Za-z]{20,80}",
        Check::Entropy(330),
        High,
    ),
    token(
        "telegram",
        "Telegram",
        "Telegram bot token",
        &[":AA"],
        r"\b[0-9]{8,10}:AA[0-9A-Za-z_-]{33}\b",
        Check::Entropy(350),
        High,
    ),
    wide(
        token(
            "jwt",
            "JWT",
            "JSON Web Token",
            &["eyJ"],
            r"\beyJ[0-9A-Za-z_-]{15,2000}\.eyJ[0-9A-Za-z_-]{15,4000}\.[0-9A-Za-z_-]{20,1000}",
            Check::Jwt,
            Medium,
        ),
        8,
        7100,
    ),
    of_class(
        wide(
            token(
                "nix-signing-key",
                "Nix",
                "Nix cache signing key",
                &[],
                r"\b([0-9A-Za-z.-]{1,128}(?:-[0-9]+)?:[0-9A-Za-z+/]{86}==)",
                Check::NixSigningKey,
                High,
            ),
            220,
            4,
        ),
        TokenClass::PrivateKey,
    ),
    of_class(
        wide(
            token(
                "private-key-pem",
                "PEM",
                "private key",
                &["PRIVATE KEY-----"],
                r"-----BEGIN (?:(?:RSA|DSA|EC|OPENSSH|ENCRYPTED|ANY) )?PRIVATE KEY-----",
                Check::Pem,
                High,
            ),
            40,
            16,
        ),
        TokenClass::PrivateKey,
    ),
    of_class(
        wide(
            token(
                "pgp-private",
                "PGP",
                "PGP private key",
                &["PGP PRIVATE KEY BLOCK-----"],
                r"-----BEGIN PGP PRIVATE KEY BLOCK-----",
                Check::Pem,
                High,
            ),
            40,
            32,
        ),
        TokenClass::PrivateKey,
    ),
    of_class(
        token(
            "putty",
            "PuTTY",
            "PuTTY private key",
            &["PuTTY-User-Key-File-"],
            r"PuTTY-User-Key-File-[23]: \S{1,60}",
            Check::Putty,
            High,
        ),
        TokenClass::PrivateKey,
    ),
    of_class(
        wide(
            token(
                "ssh2-private",
                "SSH2",
                "SSH2 private key",
                &["SSH2 ENCRYPTED PRIVATE KEY ----"],
                r"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
                Check::None,
                High,
            ),
            40,
            40,
        ),
        TokenClass::EncryptedPrivateKey,
    ),
    of_class(
        wide(
            token(
                "uri-basic-auth",
                "URL",
                "password in a URL",
                &["://"],
                r#"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/?#@"'<>]{1,200}:([^\s/?#@"']{3,200})@"#,
                Check::UriPassword,
                Medium,
            ),
            24,
            410,
        ),
        TokenClass::UrlPassword,
    ),
    of_class(
        token(
            "password-hash",
            "crypt",
            "password hash",
            &[],
            r"\$(?:y|gy|7|6|5|2[abxy]|argon2(?:id|i|d))\$[./0-9A-Za-z$,=]{20,400}",
            Check::Entropy(350),
            Medium,
        ),
        TokenClass::PasswordHash,
    ),
];
