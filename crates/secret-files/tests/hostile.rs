//! Whatever the bytes: no panic, no stack overflow, an answer in bounded time, and nothing of
//! the content in it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test, and say what they skip"
)]

mod invariants;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use invariants::{check, everything};
use secret_files::{Code, FileFacts, MAX_PARSED_BYTES, SopsConfig, State, describe};

/// Deterministic random numbers (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }
}

fn samples() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut folders: Vec<PathBuf> = ["sops", "sops/bad", "sops/plain", "age"]
        .map(|name| root.join(name))
        .to_vec();
    let mut samples = Vec::new();
    folders.sort();
    for folder in folders {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        for file in files.into_iter().filter(|file| file.is_file()) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            samples.push((name, std::fs::read(&file).unwrap()));
        }
    }
    samples
}

#[test]
fn mutated_samples() {
    let samples = samples();
    let mut random = Random(20_261_123);
    let start = Instant::now();
    let mut slowest = Duration::ZERO;
    for round in 0..3_000 {
        let (name, bytes) = &samples[random.below(samples.len())];
        let mut bytes = bytes.clone();
        match round % 4 {
            0 => bytes.truncate(random.below(bytes.len() + 1)),
            1 => {
                for _ in 0..=random.below(4) {
                    let place = random.below(bytes.len());
                    if let Some(byte) = bytes.get_mut(place) {
                        *byte ^= 1 << random.below(8);
                    }
                }
            }
            2 => {
                let (_, other) = &samples[random.below(samples.len())];
                let from = random.below(other.len());
                let place = random.below(bytes.len() + 1);
                let piece: Vec<u8> = other
                    .iter()
                    .skip(from)
                    .take(random.below(400))
                    .copied()
                    .collect();
                bytes.splice(place..place, piece);
            }
            _ => {
                let tokens: [&[u8]; 12] = [
                    b"\n",
                    b": ",
                    b"- ",
                    b"[",
                    b"{",
                    b"&a ",
                    b"*a",
                    b"\"",
                    b"\xff",
                    b"\0",
                    b"ENC[AES256_GCM,",
                    b"sops:",
                ];
                for _ in 0..=random.below(3) {
                    let place = random.below(bytes.len() + 1);
                    bytes.splice(
                        place..place,
                        tokens[random.below(tokens.len())].iter().copied(),
                    );
                }
            }
        }
        let one = Instant::now();
        everything(name, &bytes);
        slowest = slowest.max(one.elapsed());
    }
    assert!(
        slowest < Duration::from_secs(2),
        "the slowest took {slowest:?} ({:?} in all)",
        start.elapsed()
    );
}

/// A file that is cut anywhere is never called encrypted without a word, unless only the
/// version (which nothing protects; in YAML a document after it may be lost) or white space was
/// cut.
#[test]
fn truncated_samples() {
    for (name, bytes) in samples()
        .iter()
        .filter(|(name, _)| name.starts_with("enc_"))
    {
        let whole = describe(name, bytes);
        for cut in (0..bytes.len()).step_by(64) {
            let facts = describe(name, &bytes[..cut]);
            check(&facts, &bytes[..cut]);
            let lost = &bytes[cut..];
            let last_line = bytes[..cut]
                .rsplit(|byte| *byte == b'\n')
                .next()
                .unwrap_or_default();
            let in_version = last_line.trim_ascii_start().starts_with(b"version")
                || (!lost.contains(&b'=') && lost.len() < 40);
            assert!(
                facts.state != State::Encrypted || !facts.problems.is_empty() || in_version,
                "{name} cut at {cut} of {} is called encrypted",
                bytes.len()
            );
            assert!(
                facts.state != whole.state || facts != whole || in_version,
                "{name} cut at {cut}"
            );
        }
    }
}

fn in_time(what: &str, name: &str, bytes: &[u8]) -> FileFacts {
    let start = Instant::now();
    let facts = describe(name, bytes);
    check(&facts, bytes);
    everything(name, bytes);
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{what}: {:?}",
        start.elapsed()
    );
    facts
}

#[test]
fn nesting_and_repetition() {
    let large = 400_000;
    for (what, piece) in [
        ("lists", "- "),
        ("brackets", "["),
        ("braces", "{a: "),
        ("JSON objects", "{\"a\":"),
        ("questions", "? "),
        ("anchors", "&a "),
        ("quotes", "\""),
        ("comments", "#\n"),
        ("documents", "---\n"),
        ("tags", "!!str "),
        ("colons", ": "),
        ("pairs", "a: b\n"),
        ("INI sections", "[a]\n"),
        ("INI quotes", "a = \"\"\"\n"),
        ("INI continuations", "a = \\\n"),
        ("dotenv", "A=B\n"),
        ("flattened", "sops_a__map_a__list_0__map_"),
        ("stanzas", "-> X25519 a\n\n"),
        ("ciphertexts", "ENC[AES256_GCM,data:"),
        ("keys", "-----BEGIN PRIVATE KEY-----\n"),
        ("NUL", "\0"),
        ("spaces", " "),
        ("line feeds", "\n"),
        ("merge keys", "<<: *a\n"),
    ] {
        let text = piece.repeat(large / piece.len());
        for name in ["a.yaml", "a.json", "a.env", "a.ini", "a.bin", "a.age"] {
            check(&describe(name, text.as_bytes()), text.as_bytes());
        }
        in_time(what, "a.yaml", text.as_bytes());
        let with_marks = format!("{text}\nsops:\n  mac: ENC[AES256_GCM,data:\n");
        let facts = describe("a.yaml", with_marks.as_bytes());
        assert_ne!(facts.state, State::Encrypted, "{what}");
    }
}

#[test]
fn alias_bombs_end() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let previous = level - 1;
        let aliases = vec![format!("*a{previous}"); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    text.push_str(
        "sops:\n  age:\n    - recipient: age1x\n  lastmodified: '2026-11-23T12:42:31Z'\n  mac: x\n",
    );
    let facts = in_time("alias bomb", "a.yaml", text.as_bytes());
    assert_eq!(facts.state, State::Broken);
    assert!(
        facts
            .problems
            .iter()
            .any(|problem| problem.code == Code::FileTooComplex),
        "{:?}",
        facts.problems
    );

    // Deep instead of wide.
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..5_000 {
        text.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    in_time("deep aliases", "a.yaml", text.as_bytes());
    in_time(
        "deep aliases",
        ".sops.yaml",
        text.replace("a4999", "creation_rules").as_bytes(),
    );
}

/// Small files whose aliases stand for more than any machine could look at.
#[test]
fn aliases_in_metadata_and_configuration() {
    let start = Instant::now();
    let chain = |kind: &str| {
        let mut text = "x0: &x0 {age: a}\n".to_owned();
        for level in 1..9 {
            let aliases = vec![format!("*x{}", level - 1); 300].join(", ");
            text.push_str(&format!("x{level}: &x{level} {{{kind}: [{aliases}]}}\n"));
        }
        text
    };
    for text in [
        format!("{}creation_rules:\n  - *x8\n", chain("<<")),
        format!("{}creation_rules:\n  - key_groups: [*x8]\n", chain("merge")),
        format!(
            "list: &list [{}]\ncreation_rules:\n{}",
            "a,".repeat(2_000),
            "  - age: *list\n".repeat(20_000)
        ),
        format!(
            "creation_rules:\n{}",
            "  - path_regex: \\pL{20}\n    age: a\n".repeat(20_000)
        ),
    ] {
        let config = SopsConfig::parse(text.as_bytes());
        assert!(
            config
                .problems
                .iter()
                .any(|problem| problem.code == Code::FileTooComplex),
            "{}",
            &text.len()
        );
    }
    let long = "x".repeat(1 << 20);
    let entries = "    - {recipient: *long, enc: *long}\n".repeat(5_000);
    let text = format!(
        "long: &long {long}\nsops:\n  lastmodified: '2026-11-23T12:42:31Z'\n  age:\n{entries}"
    );
    assert_ne!(describe("a.yaml", text.as_bytes()).state, State::Encrypted);
    let comments = "  # a comment\n".repeat(20_000);
    let aliases = "- *many\n".repeat(50_000);
    let text = format!("many: &many\n{comments}  a: 1\nlist:\n{aliases}");
    assert_eq!(describe("a.yaml", text.as_bytes()).state, State::Plaintext);
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn large_files_are_not_parsed() {
    let mut bytes = vec![b'x'; MAX_PARSED_BYTES + 1];
    let facts = describe("a.yaml", &bytes);
    assert_eq!(facts.state, State::Plaintext);
    bytes.extend(b"\nENC[AES256_GCM,data:");
    let facts = describe("a.yaml", &bytes);
    assert_eq!(
        (facts.state, facts.problems[0].code),
        (State::Broken, Code::FileTooLarge)
    );
    assert!(!SopsConfig::parse(&bytes).problems.is_empty());
}

#[test]
fn arbitrary_bytes() {
    let mut random = Random(7);
    for length in [0, 1, 2, 16, 300, 5_000] {
        for _ in 0..40 {
            let bytes: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
            everything("a.yaml", &bytes);
        }
    }
    for path in ["", "/", "..", "a\0b", ".age", "a.yaml/"] {
        assert_eq!(describe(path, b"x").state, State::Plaintext, "{path:?}");
    }
}

/// Values of every shape and place are marked; no answer holds a mark.
#[test]
fn no_content_in_any_answer() {
    const MARK: &str = "Zq7mark";
    let sops = "sops:\n  age:\n    - recipient: age1vccqu0xcafjej9acrr5a6s3cs5g879cvytcxh7339qfvgku5x5wqrlhxvy\n      enc: Zq7mark\n  lastmodified: \"Zq7mark\"\n  mac: Zq7mark\n  version: 3.9.0\n";
    let token = format!("ghp_{MARK}abcdefghijkABCDEFGHIJKmnop0129");
    let cases = [
        ("a.yaml", format!("key: Zq7mark\nlist: [Zq7mark, \"Zq7mark\"]\nblock: |\n  Zq7mark\n# password is Zq7mark1\n{sops}")),
        ("a.yaml", "key: ENC[AES256_GCM,data:Zq7mark]\nother: \"Zq7mark\n".to_owned()),
        ("a.yaml", format!("key: Zq7mark: Zq7mark\n{sops}")),
        ("a.yaml", format!("key: ' ENC[AES256_GCM,Zq7mark'\n{sops}")),
        ("a.yaml", format!("key: *Zq7mark\n{sops}")),
        ("a.yaml", format!("- Zq7mark\n- ENC[AES256_GCM,\n{sops}")),
        ("a.json", "{\"a\": \"Zq7mark\", \"b\": [\"Zq7mark\"], \"sops\": \"Zq7mark\"} Zq7mark ENC[AES256_GCM,".to_owned()),
        ("a.json", "{\"a\": Zq7mark, \"sops\": {}}".to_owned()),
        ("a.env", "A=Zq7mark\nsops_mac=Zq7mark\nsops_lastmodified=Zq7mark\n".to_owned()),
        ("a.env", "A=Zq7mark\nZq7mark\nsops_mac=x\n".to_owned()),
        ("a.ini", "[a]\nb = Zq7mark\n; Zq7mark\n[sops]\nmac = Zq7mark\nversion = ENC[AES256_GCM,\n".to_owned()),
        ("a.bin", "Zq7mark".to_owned()),
        ("a.age", "Zq7mark".to_owned()),
        ("key", "-----BEGIN PRIVATE KEY-----\nZq7markZq7markZq7markZq7markZq7markZq7markZq7markZq7markZq7markZq7mark\n-----END PRIVATE KEY-----\n".to_owned()),
        ("keys.txt", "AGE-SECRET-KEY-1Zq7mark".to_owned()),
        ("a.nix", format!("x = \"{token}\"; y = \"postgres://u:Zq7mark9@h/d\"; z = \"$6$Zq7mark$Zq7markZq7markabcdefghijkl\";")),
        (".sops.yaml", "creation_rules:\n  - age: AGE-SECRET-KEY-1Zq7mark\n".to_owned()),
    ];
    for (name, text) in cases {
        let is_marked = |answer: &str| answer.contains(MARK);
        // The pattern of a `GoRegex` is configuration, which the caller gave.
        let answer = everything(name, text.as_bytes());
        let answer = answer
            .rsplit_once("Ok(GoRegex")
            .map_or(answer.as_str(), |(before, _)| before);
        assert!(!is_marked(answer), "{name}: {answer}");
        let config = format!("{:?}", SopsConfig::parse(text.as_bytes()));
        assert!(!is_marked(&config), "{name}: {config}");
    }
}
