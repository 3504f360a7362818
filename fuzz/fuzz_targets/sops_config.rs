//! `.sops.yaml` on any bytes: no panic, places inside of the file, and the rule that is found for a file is
//! the first of those that match it.
//!
//! `cargo +nightly fuzz run sops_config -- -max_len=4096 -timeout=10`
#![no_main]

use secret_files::{RuleMatch, SopsConfig, compare_groups};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let config = SopsConfig::parse(bytes);
    for problem in &config.problems {
        assert!(
            problem.span.start <= problem.span.end && problem.span.end <= bytes.len(),
            "{problem:?}"
        );
        assert!(
            !problem.message.is_empty() && problem.message.len() < 400,
            "{problem:?}"
        );
    }
    for path in ["secrets/a.yaml", "a", "hosts/é/secrets.yaml"] {
        let all = config.all_rules_for(path);
        match config.rule_for(path) {
            RuleMatch::Rule(index, rule) => {
                assert_eq!(all.first().map(|(first, _)| *first), Some(index));
                let same =
                    compare_groups(&rule.groups, &rule.groups, (rule.threshold, rule.threshold));
                assert!(same.same_access());
                for recipient in rule.recipients() {
                    let _ = (recipient.defect(), config.alias(recipient));
                }
            }
            RuleMatch::NoMatch => assert!(all.is_empty()),
            RuleMatch::BadRegex(..) | RuleMatch::NoRules => {}
        }
    }
});
