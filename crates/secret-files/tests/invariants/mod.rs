//! What every answer about any bytes promises. Used by the mutation tests and the fuzz target.
#![allow(clippy::indexing_slicing, reason = "the list of answers is built here")]

use secret_files::{
    FileFacts, GoRegex, SopsConfig, SopsFormat, SshPublicKey, State, TokenFinding, describe,
    describe_age, describe_as_written, describe_sops, inspect_age, is_marked_by_sops, scan,
    scan_private_keys, sops_format,
};

/// Every entry point once; the answers as text, as a caller might print them.
pub(crate) fn everything(name: &str, bytes: &[u8]) -> String {
    let mut facts: Vec<FileFacts> = vec![describe(name, bytes), describe_age(bytes)];
    facts.extend(
        SopsFormat::ALL
            .iter()
            .map(|format| describe_sops(*format, bytes)),
    );
    for facts in &facts {
        check(facts, bytes);
    }
    // Parsed once or twice, what is found is the same.
    let written = sops_format(bytes);
    assert_eq!(is_marked_by_sops(bytes), written.is_some());
    for otherwise in SopsFormat::ALL.iter().copied() {
        let twice = describe_sops(written.unwrap_or(otherwise), bytes);
        let once = describe_as_written(otherwise, bytes);
        assert_eq!(format!("{once:?}"), format!("{twice:?}"));
    }
    let lookups: Vec<String> = ["a/b", "sops", "", "db/password", "//"]
        .iter()
        .map(|key| format!("{:?}", facts[0].lookup(SopsFormat::Yaml, key)))
        .collect();
    let text = String::from_utf8_lossy(bytes);
    let pattern = GoRegex::new(&text.chars().take(200).collect::<String>());
    let config = SopsConfig::parse(bytes);
    let _ = config.rule_for("secrets/a.yaml");
    let age = inspect_age(bytes);
    let _ = SshPublicKey::parse(&text);
    format!(
        "{facts:?} {lookups:?} {age:?} {:?} {:?} {pattern:?}",
        findings(bytes),
        sops_format(bytes)
    )
}

/// The findings of a scan: in order, apart, inside of the text, and with all private keys.
fn findings(bytes: &[u8]) -> Vec<TokenFinding> {
    let found = scan(bytes);
    for pair in found.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "{pair:?}");
    }
    assert!(
        found
            .iter()
            .all(|finding| finding.span.end <= bytes.len() && !finding.span.is_empty())
    );
    let keys = scan_private_keys(bytes);
    assert!(
        keys.iter().all(|key| found
            .iter()
            .any(|finding| finding.span.start <= key.span.start)),
        "{keys:?}"
    );
    found
}

/// What every answer promises.
pub(crate) fn check(facts: &FileFacts, bytes: &[u8]) {
    let spans = facts.problems.iter().map(|problem| problem.span);
    let spans = spans.chain(facts.recipients().filter_map(|recipient| recipient.span));
    for span in spans {
        assert!(
            span.start <= span.end && span.end <= bytes.len(),
            "{span:?}"
        );
    }
    for problem in &facts.problems {
        assert!(
            problem.span.start <= problem.span.end && problem.span.end <= bytes.len(),
            "{problem:?}"
        );
        assert!(
            !problem.message.is_empty() && problem.message.len() < 400,
            "{problem:?}"
        );
    }
    for (_, key) in facts.keys.iter() {
        assert!(key.span.start <= key.span.end && key.span.end <= bytes.len());
    }
    let is_fine = matches!(facts.state, State::Encrypted);
    assert!(
        is_fine || !facts.problems.is_empty(),
        "{}: nothing is said",
        facts.state
    );
}
