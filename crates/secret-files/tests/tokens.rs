//! Every rule has texts that it must find and texts that it must not.
//!
//! No token stands here: templates are filled with random characters (of a fixed seed), and
//! checksums are computed, so that no scanner takes this file for a leak.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test, and say what they skip"
)]

use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD};
use secret_files::{Confidence, TOKEN_RULES, TokenClass, scan, scan_private_keys};
use sha2::{Digest as _, Sha256};

/// Deterministic random numbers (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn of(&mut self, alphabet: &str, length: usize) -> String {
        let characters: Vec<char> = alphabet.chars().collect();
        let count = characters.len() as u64;
        (0..length)
            .map(|_| characters[(self.next() % count) as usize])
            .collect()
    }
}

const DIGITS: &str = "0123456789";
const HEX: &str = "0123456789abcdef";
const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const WORD: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

/// Fills `{hex:40}`, `{b62:10}`, `{w:10}`, `{d:5}` and the computed forms; other braces stay.
fn fill(template: &str, random: &mut Random) -> String {
    let mut output = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        output.push_str(before);
        let filled = after
            .split_once('}')
            .and_then(|(field, after)| Some((filling(field, random)?, after)));
        match filled {
            Some((filled, after)) => {
                output.push_str(&filled);
                rest = after;
            }
            None => {
                output.push('{');
                rest = after;
            }
        }
    }
    output + rest
}

fn filling(field: &str, random: &mut Random) -> Option<String> {
    let (kind, length) = field.split_once(':').unwrap_or((field, "0"));
    let length: usize = length.parse().ok()?;
    Some(match kind {
        "hex" => random.of(HEX, length),
        "b62" => random.of(BASE62, length),
        "w" => random.of(WORD, length),
        "d" => random.of(DIGITS, length),
        "uuid" => [8, 4, 4, 4, 12]
            .map(|length| random.of(HEX, length))
            .join("-"),
        "aws" => aws(random),
        "crc" => crc(length, random),
        "fine" => fine_grained(random),
        "discord" => BASE64.encode(format!("1{}", random.of(DIGITS, 17)).as_bytes()),
        "jwt" => BASE64URL_NOPAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#),
        "claims" => {
            BASE64URL_NOPAD.encode(format!(r#"{{"sub":"{}"}}"#, random.of(DIGITS, 12)).as_bytes())
        }
        "body" => BASE64.encode(random.of(BASE62, length).as_bytes()),
        "openssh" => openssh(random),
        "identity" => identity("age-secret-key-", random),
        "identity-pq" => identity("age-secret-key-pq-", random),
        "plugin" => identity("age-plugin-yubikey-", random),
        "nix" => signing_key(random),
        _ => return None,
    })
}

fn identity(prefix: &str, random: &mut Random) -> String {
    let data: Vec<u8> = (0..32).map(|_| random.next().to_be_bytes()[0]).collect();
    let prefix = bech32::Hrp::parse(prefix).unwrap();
    bech32::encode_upper::<bech32::Bech32>(prefix, &data).unwrap()
}

/// A seed and the public key that belongs to it.
fn signing_key(random: &mut Random) -> String {
    let seed: Vec<u8> = (0..32).map(|_| random.next().to_be_bytes()[0]).collect();
    let digest = sha2::Sha512::digest(&seed);
    let point =
        curve25519_dalek::EdwardsPoint::mul_base_clamped(*digest.first_chunk::<32>().unwrap());
    let mut key = seed;
    key.extend(point.compress().as_bytes());
    format!("cache.example.org-1:{}", BASE64.encode(&key))
}

fn base62(mut number: u32) -> String {
    let mut digits = Vec::new();
    for _ in 0..6 {
        digits.push(BASE62.chars().nth((number % 62) as usize).unwrap());
        number /= 62;
    }
    digits.iter().rev().collect()
}

/// A body of `length` characters and its checksum.
fn crc(length: usize, random: &mut Random) -> String {
    let body = random.of(BASE62, length);
    let checksum = base62(crc32fast::hash(body.as_bytes()));
    body + &checksum
}

fn fine_grained(random: &mut Random) -> String {
    let signed = format!(
        "github_pat_{}_{}",
        random.of(BASE62, 22),
        random.of(BASE62, 43)
    );
    let digest = BASE32_NOPAD.encode(&Sha256::digest(signed.as_bytes()));
    format!(
        "{signed}{}{}",
        digest.get(..8).unwrap(),
        random.of(BASE62, 8)
    )
}

/// The account number lies within the first six bytes.
fn aws(random: &mut Random) -> String {
    let account = random.next() % 1_000_000_000_000;
    let number = (account << 7).to_be_bytes();
    let mut bytes = number[2..].to_vec();
    bytes.extend(random.next().to_be_bytes().iter().take(4));
    BASE32_NOPAD.encode(&bytes).chars().take(16).collect()
}

fn openssh(random: &mut Random) -> String {
    let mut bytes = b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none".to_vec();
    bytes.extend(random.of(BASE62, 200).bytes());
    BASE64.encode(&bytes)
}

/// Rule, texts that it finds, texts that it does not.
const EXAMPLES: &[(&str, &[&str], &[&str])] = &[
    (
        "github-classic",
        &[
            "ghp_{crc:30}",
            "token = \"gho_{crc:30}\";",
            "ghu_{crc:30}\n",
        ],
        &[
            "ghp_{b62:20}",
            "xghp_{crc:30}",
            "ghp_{crc:30}x",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ],
    ),
    ("github-app-server", &["ghs_{crc:30}"], &["ghs_{b62:12}"]),
    (
        "github-app-server-jwt",
        &["ghs_{d:8}_{jwt}.{claims}.{w:86}"],
        &["ghs_{d:8}_{b62:40}.{b62:40}.{b62:40}"],
    ),
    ("github-refresh", &["ghr_{crc:70}"], &["ghr_{b62:36}"]),
    (
        "github-fine-grained",
        &["{fine}"],
        &["github_pat_{b62:22}_{b62:50}", "github_pat_your_token"],
    ),
    (
        "npm",
        &["//registry/:_authToken=npm_{crc:30}"],
        &["npm_{b62:20}", "npm_config_registry"],
    ),
    (
        "gitlab-pat",
        &["glpat-{b62:20}"],
        &["glpat-aaaaaaaaaaaaaaaaaaaa", "glpat-{b62:8}"],
    ),
    (
        "openai-legacy",
        &["sk-{b62:20}T3BlbkFJ{b62:20}"],
        &["sk-{b62:48}", "T3BlbkFJ"],
    ),
    (
        "openai",
        &[
            "sk-proj-{b62:74}T3BlbkFJ{b62:74}",
            "sk-svcacct-{b62:58}T3BlbkFJ{b62:58}",
        ],
        &["sk-proj-{b62:10}"],
    ),
    (
        "anthropic",
        &["sk-ant-api03-{w:93}AA"],
        &["sk-ant-api03-{w:93}BB", "sk-ant-xxxx"],
    ),
    (
        "anthropic-oauth",
        &["sk-ant-oat01-{w:80}"],
        &["sk-ant-oat01-{w:10}"],
    ),
    ("openrouter", &["sk-or-v1-{hex:64}"], &["sk-or-v1-{hex:32}"]),
    (
        "brave",
        &["BRAVE_API_KEY=BSA{w:28}"],
        &["BSA{w:28}", "BRAVE_API_KEY=BSA{w:10}"],
    ),
    (
        "kagi",
        &["KAGI_API_KEY = \"{b62:11}.{b62:43}\""],
        &["{b62:11}.{b62:43}", "KAGI_API_KEY = \"your-key\""],
    ),
    (
        "tavily",
        &["tvly-dev-{b62:32}", "tvly-{b62:32}"],
        &["tvly-YOUR_API_KEY", "tvly-{b62:10}"],
    ),
    (
        "exa",
        &["EXA_API_KEY=\"{uuid}\"", "exaApiKey = \"{uuid}\""],
        &["{uuid}", "example_key = {uuid}"],
    ),
    ("e2b", &["e2b_{hex:40}"], &["e2b_{hex:20}"]),
    ("context7", &["ctx7sk-{uuid}"], &["ctx7sk-{hex:20}"]),
    ("linear", &["lin_api_{b62:40}"], &["lin_api_key"]),
    ("pinecone", &["pcsk_{b62:6}_{b62:63}"], &["pcsk_{b62:6}"]),
    (
        "firecrawl",
        &["fc-{hex:32}"],
        &["fc-{hex:12}", "abc-{hex:32}"],
    ),
    ("jina", &["jina_{b62:60}"], &["jina_embeddings"]),
    (
        "huggingface",
        &["hf_{b62:34}", "api_org_{b62:34}"],
        &["hf_hub_download"],
    ),
    ("perplexity", &["pplx-{b62:48}"], &["pplx-7b-online"]),
    ("groq", &["gsk_{b62:52}"], &["gsk_{b62:20}"]),
    ("xai", &["xai-{b62:80}"], &["xai-grok"]),
    ("replicate", &["r8_{b62:37}"], &["r8_{b62:10}"]),
    (
        "langsmith",
        &["lsv2_pt_{hex:32}_{hex:10}"],
        &["lsv2_pt_{hex:10}"],
    ),
    ("notion", &["ntn_{d:11}{b62:35}"], &["ntn_{b62:10}"]),
    ("figma", &["figd_{b62:40}"], &["figd_{b62:10}"]),
    (
        "slack",
        &["xoxb-{d:12}-{d:12}-{b62:24}"],
        &["xoxb-your-token-here-please", "xoxb-{b62:5}"],
    ),
    (
        "slack-app",
        &["xapp-1-A0{d:9}-{d:13}-{hex:64}"],
        &["xapp-{d:3}"],
    ),
    (
        "discord-bot",
        &["{discord}.{w:6}.{w:38}"],
        &[
            "MTk4NjIyNDgzNDcxOTI1MjQ4Cl2F.{w:6}.{w:27}",
            "{discord}.{w:5}.{w:38}",
        ],
    ),
    (
        "discord-webhook",
        &["https://discord.com/api/webhooks/{d:18}/{w:68}"],
        &["https://discord.com/api/webhooks/{d:18}/x"],
    ),
    (
        "slack-webhook",
        &["https://hooks.slack.com/services/T{d:8}/B{d:8}/{b62:24}"],
        &["https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"],
    ),
    (
        "aws-key-id",
        &["AKIA{aws}", "ASIA{aws}"],
        &["AKIAIOSFODNN7EXAMPLE", "AKIA{aws}0"],
    ),
    ("gcp-api-key", &["AIza{w:35}"], &["AIza{w:20}"]),
    (
        "gcp-service-account",
        &["{\"type\": \"service_account\", \"private_key_id\": \"{hex:40}\"}"],
        &["\"private_key_id\": \"{hex:40}\""],
    ),
    (
        "stripe",
        &["sk_live_{b62:24}", "rk_live_{b62:40}"],
        &["sk_test_{b62:24}"],
    ),
    (
        "tailscale",
        &["tskey-auth-{b62:12}-{b62:32}"],
        &["tskey-auth-{b62:5}"],
    ),
    (
        "telegram",
        &["{d:10}:AA{w:33}"],
        &["{d:5}:AA{w:33}", "a:AA{w:33}"],
    ),
    (
        "jwt",
        &["{jwt}.{claims}.{w:43}"],
        &["eyJ{b62:20}.eyJ{b62:20}.{b62:40}"],
    ),
    (
        "private-key-pem",
        &[
            "-----BEGIN PRIVATE KEY-----\n{body:200}\n-----END PRIVATE KEY-----",
            "''\n  -----BEGIN OPENSSH PRIVATE KEY-----\n  {openssh}\n  -----END OPENSSH PRIVATE KEY-----\n''",
        ],
        &[
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
            "-----BEGIN PUBLIC KEY-----\n{body:200}",
        ],
    ),
    (
        "pgp-private",
        &[
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{body:200}\n-----END PGP PRIVATE KEY BLOCK-----",
        ],
        &[
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n...",
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n{body:200}",
        ],
    ),
    (
        "putty",
        &["PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n"],
        &["PuTTY-User-Key-File-9: x"],
    ),
    (
        "ssh2-private",
        &["---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n"],
        &["---- BEGIN SSH2 PUBLIC KEY ----"],
    ),
    (
        "uri-query-token",
        &[
            "https://api.lan/v1/ping?token={b62:24}",
            "curl 'https://api.lan/in?id=3&api_key={hex:32}&x=1'",
        ],
        &[
            "https://api.lan/in?page={b62:24}",
            "https://api.lan/in?token=$TOKEN",
            "https://api.lan/in?token=your_token_goes_here",
            "https://api.lan/token={b62:24}",
        ],
    ),
    (
        "uri-basic-auth",
        &[
            "postgres://alice:{b62:12}@db.lan/x",
            "\"https://bob:{b62:9}@git.lan\"",
        ],
        &[
            "postgres://user:password@localhost/db",
            "https://x:${TOKEN}@h",
            "http://[::1]:80/a@b",
            "https://github.com/a@b",
            "https://host:8080/",
        ],
    ),
    (
        "password-hash",
        &[
            "$6${b62:16}${b62:86}",
            "$y$j9T${b62:22}${b62:43}",
            "$2b$12${b62:53}",
        ],
        &["$6$", "$argon2id$v=19"],
    ),
    (
        "age-identity",
        &["{identity}", "key = \"{identity}\""],
        &["AGE-SECRET-KEY-1QQQQ", "AGE-SECRET-KEY-1..."],
    ),
    (
        "age-identity-pq",
        &["{identity-pq}"],
        &["AGE-SECRET-KEY-PQ-1QQQQ"],
    ),
    (
        "age-plugin-identity",
        &["{plugin}"],
        &["AGE-PLUGIN-YUBIKEY-1QQQQQQQQQQ", "AGE-PLUGIN-"],
    ),
    (
        "nix-signing-key",
        &["{nix}", "x = \"{nix}\";"],
        &[
            "cache.example-1:{body:64}",
            "Sig: cache.nixos.org-1:{b62:86}==",
        ],
    ),
];

fn text_at(text: &str, span: secret_files::Span) -> &str {
    text.get(span.start..span.end).unwrap()
}

#[test]
fn every_rule_has_examples() {
    let mut rules: Vec<&str> = TOKEN_RULES.iter().map(|rule| rule.id).collect();
    let mut tested: Vec<&str> = EXAMPLES.iter().map(|(rule, ..)| *rule).collect();
    rules.sort_unstable();
    tested.sort_unstable();
    assert_eq!(rules, tested);
    assert_eq!(rules.len(), 53);
}

#[test]
fn positive_examples_are_found_exactly() {
    let mut random = Random(1);
    for (rule, positive, _) in EXAMPLES {
        for template in *positive {
            // Several fillings, since a random text may look like a placeholder once in a while.
            let found = (0..8).filter(|_| {
                let text = format!("before\n  {}\nafter", fill(template, &mut random));
                scan(&text).iter().any(|finding| finding.rule.id == *rule)
            });
            assert!(found.count() >= 7, "{rule}: {template}");
        }
    }
}

#[test]
fn negative_examples_are_not_found() {
    let mut random = Random(2);
    for (rule, _, negative) in EXAMPLES {
        for template in *negative {
            for _ in 0..4 {
                let text = fill(template, &mut random);
                let found = scan(&text).into_iter().find(|finding| {
                    finding.rule.id == *rule && finding.confidence > Confidence::Low
                });
                assert_eq!(found, None, "{rule}: {template}");
            }
        }
    }
}

#[test]
fn the_span_is_the_credential_and_nothing_else() {
    let mut random = Random(3);
    let token = format!("ghp_{}", crc(30, &mut random));
    let text = format!("env.GITHUB_TOKEN = \"{token}\"; # note");
    let found = scan(&text);
    assert_eq!(found.len(), 1);
    assert_eq!(text_at(&text, found[0].span), token);
    assert_eq!(found[0].confidence, Confidence::High);
    assert_eq!(found[0].class, TokenClass::Credential);
    let shown = format!("{found:?}");
    assert!(
        !shown.contains(token.trim_start_matches("ghp_")),
        "the value must not be shown: {shown}"
    );
}

/// The faster search for private keys finds the same keys.
#[test]
fn private_keys_are_found_by_both_searches() {
    let mut random = Random(6);
    for (rule, positive, _) in EXAMPLES {
        let class = TOKEN_RULES.iter().find(|known| known.id == *rule).unwrap();
        for template in *positive {
            let text = format!("x = ''{}''", fill(template, &mut random));
            let is_key = |finding: &secret_files::TokenFinding| {
                matches!(
                    finding.class,
                    TokenClass::PrivateKey
                        | TokenClass::EncryptedPrivateKey
                        | TokenClass::HardwareHandle
                )
            };
            let all: Vec<_> = scan(&text).into_iter().filter(is_key).collect();
            assert_eq!(scan_private_keys(&text), all, "{} {template}", class.id);
        }
    }
}

#[test]
fn a_wrong_checksum_lowers_confidence() {
    let mut random = Random(4);
    let text = format!("ghp_{}", random.of(BASE62, 36));
    assert_eq!(scan(&text)[0].confidence, Confidence::Low);
    let scrambled = format!(
        "github_pat_{}_{}",
        random.of(BASE62, 22),
        random.of(BASE62, 59)
    );
    assert_eq!(scan(&scrambled)[0].confidence, Confidence::Medium);
}

#[test]
fn a_key_spans_its_whole_block() {
    let mut random = Random(5);
    let block = format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----",
        openssh(&mut random)
    );
    let text = format!("x\n{block}\ny");
    let found = scan(&text);
    assert_eq!(text_at(&text, found[0].span), block);
    assert_eq!(found[0].class, TokenClass::PrivateKey);
}

#[test]
fn ciphertext_and_public_keys_are_no_findings() {
    for name in [
        "enc_full.yaml",
        "enc_app.env",
        "enc_app.ini",
        "enc_full.json",
        ".sops.yaml",
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/sops")
            .join(name);
        assert_eq!(scan(std::fs::read(path).unwrap()), [], "{name}");
    }
}

#[test]
fn a_text_of_nothing_but_keywords_is_scanned_in_time() {
    let start = std::time::Instant::now();
    for keyword in [
        "eyJ",
        "://",
        "kagi",
        "exa_key",
        "==",
        "a.bcdefg.",
        "PRIVATE KEY-----",
        "$6$",
        "ghp_",
        "T3BlbkFJ",
    ] {
        assert!(scan(keyword.repeat(200_000 / keyword.len())).len() <= 1_000);
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
