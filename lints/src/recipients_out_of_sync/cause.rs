//! One key that was taken out or came late puts many files out of step: one finding for all of them.

use std::collections::BTreeMap;

use inventory::secret_files::{AgeStanza, Recipient};

use crate::phrases::several;
use crate::{Diagnostic, Severity};

/// A file that is out of step with its rules.
pub(super) struct OutOfStep {
    /// What puts it out of step, the same for all files of which it is the cause; `None` if the file has to be
    /// seen by itself.
    pub(super) cause: Option<String>,
    pub(super) finding: Diagnostic,
}

/// The cause of a difference from the rules in a file or option; `None` if a key that decrypts is not named.
pub(super) fn of_age(rules: &str, missing: &[Recipient], stale: &[AgeStanza]) -> Option<String> {
    let stale: Option<Vec<&str>> = stale.iter().map(|stanza| stanza.tag.as_deref()).collect();
    let stale = stale.filter(|stale| !(missing.is_empty() && stale.is_empty()))?;
    Some(cause(rules, missing, stale))
}

/// The cause of a difference from the rules in a file.
pub(super) fn of_sops(rules: &str, missing: &[Recipient], stale: &[Recipient]) -> Option<String> {
    let stale: Vec<&str> = stale
        .iter()
        .map(|recipient| recipient.id.as_str())
        .collect();
    (!(missing.is_empty() && stale.is_empty())).then(|| cause(rules, missing, stale))
}

fn cause(rules: &str, missing: &[Recipient], mut stale: Vec<&str>) -> String {
    let mut missing: Vec<&str> = missing.iter().map(|key| key.id.as_str()).collect();
    missing.sort_unstable();
    stale.sort_unstable();
    [rules, &missing.join(" "), &stale.join(" ")].join("\n")
}

/// The findings, those of one cause and level together.
pub(super) fn once(all: Vec<OutOfStep>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut by_cause: BTreeMap<(Severity, String), Vec<Diagnostic>> = BTreeMap::new();
    for OutOfStep { cause, finding } in all {
        match cause {
            Some(cause) => {
                let same = by_cause.entry((finding.severity, cause));
                same.or_default().push(finding);
            }
            None => findings.push(finding),
        }
    }
    findings.extend(by_cause.into_values().filter_map(one_of));
    findings
}

/// The first of these findings, which names the files of the others.
fn one_of(mut same: Vec<Diagnostic>) -> Option<Diagnostic> {
    /// More places and commands are no help.
    const SHOWN: usize = 8;
    same.sort_by(|a, b| a.subject.cmp(&b.subject));
    let mut same = same.into_iter();
    let mut first = same.next()?;
    let mut others = Vec::new();
    for other in same {
        others.push(other.subject);
        first.hosts.extend(other.hosts);
        let at = other.primary.map(|mut label| {
            label.text = "here too".to_owned();
            label
        });
        first
            .secondary
            .extend(at.filter(|_| first.secondary.len() < SHOWN));
        if let (Some(help), Some(more)) = (&mut first.help, other.help)
            && let (Some(code), Some(more)) = (&mut help.code, more.code)
            && code.lines().count() < SHOWN
            && !code.lines().any(|line| line == more)
        {
            code.push('\n');
            code.push_str(&more);
        }
    }
    if !others.is_empty() {
        let others = several(&others, ToString::to_string);
        let before = first
            .note
            .map(|note| format!("{note}; "))
            .unwrap_or_default();
        first.note = Some(format!("{before}the same holds for {others}"));
    }
    Some(first)
}
