//! Every recorded sample gets the verdict of the tables that were checked against the real
//! sops 3.13.2, age 1.1.1 and rage 0.12.1.
//!
//! Samples that are upstream data are not copied; they are tested where `MCP_LINT_SAMPLES`
//! or the folder `shared` beside the checkout has them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test, and say what they skip"
)]

use std::fs;
use std::path::{Path, PathBuf};

use secret_files::{AgeErrorKind, Code, State, describe, inspect_age};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The folder with all samples, where it is at hand.
fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("MCP_LINT_SAMPLES").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/files");
    named.into_iter().chain([beside]).find(|path| path.is_dir())
}

/// A row of a table: the sample's name, all cells, the sample's bytes.
type Row = (String, Vec<String>, Vec<u8>);

/// The rows of a table, each with the sample's bytes; rows without a sample are counted.
fn samples(table: &str, folder: &str) -> (Vec<Row>, usize) {
    let text = fs::read_to_string(fixtures().join(table)).unwrap();
    let mut found = Vec::new();
    let mut absent = 0;
    for row in text.lines().skip(1) {
        let cells: Vec<String> = row.split('\t').map(str::to_owned).collect();
        let name = cells[0].clone();
        let copied = fixtures().join(folder).join(&name);
        let elsewhere = shared().map(|shared| shared.join(folder).join(&name));
        match [Some(copied), elsewhere]
            .into_iter()
            .flatten()
            .find_map(|path| fs::read(path).ok())
        {
            Some(bytes) => found.push((name, cells, bytes)),
            None => absent += 1,
        }
    }
    (found, absent)
}

fn state_of(verdict: &str) -> State {
    match verdict {
        "Encrypted" => State::Encrypted,
        "Partial" => State::Partial,
        "MetadataOnly" => State::MetadataOnly,
        "NothingEncrypted" => State::NothingEncrypted,
        "Plaintext" => State::Plaintext,
        "Empty" => State::Empty,
        "Broken" => State::Broken,
        other => panic!("a verdict that is not in the table: {other}"),
    }
}

/// The problem that the table's remark asks for.
fn code_of(remark: &str) -> Option<Code> {
    let codes = [
        ("malformed ENC", Code::MalformedValue),
        ("metadata: lastmodified", Code::BadLastModified),
        ("metadata: no master keys", Code::NoRecipients),
        ("metadata: two rules", Code::TwoRules),
        ("line without =", Code::SyntaxError),
        ("no data key", Code::NoData),
        ("parse: non-string key", Code::KeyNotAString),
        ("parse: mapping values", Code::MergeConflict),
        ("parse:", Code::SyntaxError),
        ("1 plaintext", Code::PlaintextValue),
        ("duplicate", Code::DuplicateKey),
        ("no mac", Code::NoMac),
        ("bad mac", Code::BadMac),
        ("tail after ENC", Code::TextAfterValue),
        ("ENC under unencrypted key", Code::EncryptedUnderPlainKey),
        ("ENC values but no usable", Code::NoMetadata),
        ("no version", Code::NoVersion),
        ("lastmodified unquoted", Code::UnquotedLastModified),
        ("sops text of another format", Code::WrongFormat),
        ("no sops metadata", Code::PlaintextFile),
        ("not a sops JSON envelope", Code::PlaintextFile),
        ("binary data", Code::PlaintextFile),
        ("top level", Code::PlaintextFile),
        ("`sops` key is not usable", Code::MetadataUnusable),
    ];
    codes
        .iter()
        .find(|(prefix, _)| remark.starts_with(prefix))
        .map(|(_, code)| *code)
}

#[test]
fn sops_samples_get_the_verdict_of_the_table() {
    let (samples, absent) = samples("sops/sops_verdicts.tsv", "sops");
    let mut wrong = Vec::new();
    for (name, cells, bytes) in &samples {
        let facts = describe(name, bytes);
        let codes: Vec<Code> = facts.problems.iter().map(|problem| problem.code).collect();
        if facts.state != state_of(&cells[1]) {
            wrong.push(format!(
                "{name}: {} instead of {}; {codes:?}",
                facts.state, cells[1]
            ));
        }
        let expected = match (name.as_str(), cells[1].as_str()) {
            ("bad/multidoc_second_not_mapping.yaml", _) => Some(Code::TopLevelNotAMapping),
            _ => code_of(&cells[2]),
        };
        if expected.is_some_and(|expected| !codes.contains(&expected)) {
            wrong.push(format!("{name}: {expected:?} is not among {codes:?}"));
        }
    }
    assert!(
        absent <= 5,
        "{absent} samples are absent: only the five files of sops-nix are not copied"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the real sops decrypts is never called damaged, partly plaintext or plaintext; and
/// what it cannot even load is never called encrypted without a word.
#[test]
fn no_false_alarm_against_sops() {
    let (samples, _) = samples("sops/sops_expected.tsv", "sops");
    assert!(samples.len() >= 110);
    for (name, cells, bytes) in &samples {
        let facts = describe(name, bytes);
        let decrypts = cells[2] == "OK";
        if decrypts {
            assert!(
                matches!(facts.state, State::Encrypted | State::NothingEncrypted),
                "{name} decrypts, but is called {}",
                facts.state
            );
        }
        if cells[2].contains("LOADERR") {
            let is_named = !facts.problems.is_empty();
            assert!(is_named, "{name} does not load, but nothing is said");
        }
    }
}

/// The words of the table for the damage of an age file.
fn structural(bytes: &[u8]) -> String {
    match inspect_age(bytes) {
        Ok(facts) => {
            let kinds: Vec<&str> = facts
                .stanzas
                .iter()
                .map(|stanza| stanza.kind.as_str())
                .collect();
            format!("ok {}", kinds.join(","))
        }
        Err(error) => match error.kind {
            AgeErrorKind::Intro => "header: intro".to_owned(),
            AgeErrorKind::HeaderEnd => "header: eof".to_owned(),
            AgeErrorKind::NoStanza => "header: no stanza".to_owned(),
            AgeErrorKind::PayloadShort(length) => format!("payload: short {length}"),
            AgeErrorKind::ArmorTrailing => "armor: trailing".to_owned(),
            AgeErrorKind::ArmorBase64 => "armor: b64".to_owned(),
            // The table's classifier saw the missing last line as an empty line.
            AgeErrorKind::ArmorEnd | AgeErrorKind::ArmorLine => {
                "armor: data after short line".to_owned()
            }
            other => format!("{other:?}"),
        },
    }
}

#[test]
fn age_samples_get_the_verdict_of_the_table() {
    let (samples, absent) = samples("age/age_expected.tsv", "age");
    for (name, cells, bytes) in &samples {
        assert_eq!(structural(bytes), cells[3], "{name}");
    }
    assert!(
        absent <= 4,
        "{absent} samples are absent: only agenix's three and the large one are not copied"
    );
}

/// Who reads only `describe` sees the same, and every file that age or rage refuses for its
/// structure has a problem.
#[test]
fn age_files_are_described() {
    for (name, state, code) in [
        ("x25519.age", State::Encrypted, None),
        ("armor_leading_ws.age", State::Encrypted, None),
        ("scrypt.age", State::Encrypted, Some(Code::AgePassphrase)),
        (
            "bad_crlf_header.age",
            State::Broken,
            Some(Code::LineEndingsChanged),
        ),
        (
            "bad_git_crlf.age",
            State::Broken,
            Some(Code::LineEndingsChanged),
        ),
        (
            "bad_utf8_mangled.age",
            State::Broken,
            Some(Code::TextMangled),
        ),
        (
            "bad_leading_space.age",
            State::Broken,
            Some(Code::AgeHeader),
        ),
        (
            "bad_armor_comment_first.age",
            State::Broken,
            Some(Code::AgeArmor),
        ),
        ("bad_magic_nonl.age", State::Broken, Some(Code::AgeHeader)),
        ("bad_v2.age", State::Broken, Some(Code::AgeHeader)),
        ("base64_of_age.age", State::Broken, Some(Code::Base64OfAge)),
        ("bad_nonce_only.age", State::Broken, Some(Code::AgePayload)),
        ("empty.age", State::Empty, Some(Code::EmptyFile)),
        (
            "plain_text.age",
            State::Plaintext,
            Some(Code::PlaintextFile),
        ),
        (
            "git_crypt.age",
            State::OtherEncrypted,
            Some(Code::OtherTool),
        ),
        (
            "gitlfs_pointer.age",
            State::OtherEncrypted,
            Some(Code::OtherTool),
        ),
        (
            "gpg_message.age",
            State::OtherEncrypted,
            Some(Code::OtherTool),
        ),
    ] {
        let bytes = fs::read(fixtures().join("age").join(name)).unwrap();
        let facts = describe(name, &bytes);
        assert_eq!(facts.state, state, "{name}: {:?}", facts.problems);
        let codes: Vec<Code> = facts.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes.first().copied(), code, "{name}");
    }
}

#[test]
fn the_length_of_the_plaintext_is_known() {
    let bytes = fs::read(fixtures().join("age/empty_plaintext.age")).unwrap();
    assert_eq!(
        describe("empty_plaintext.age", &bytes).plaintext_length,
        Some(0)
    );
    let bytes = fs::read(fixtures().join("sops/enc_blob.bin")).unwrap();
    let plain = fs::read(fixtures().join("sops/plain/blob.bin")).unwrap();
    assert_eq!(
        describe("enc_blob.bin", &bytes).plaintext_length,
        Some(plain.len())
    );
    if let Some(large) = shared().and_then(|shared| fs::read(shared.join("age/big200k.age")).ok()) {
        assert_eq!(
            describe("big200k.age", &large).plaintext_length,
            Some(200_000)
        );
    }
}
