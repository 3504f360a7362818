//! One mistake that shows in many places is one finding, which names all of them.

use std::collections::BTreeMap;

use crate::phrases::several;
use crate::{Diagnostic, Severity};

/// A finding, and what it comes from.
pub(crate) struct Caused {
    /// The cause, the same for all findings that come from it; `None` if the finding has to be seen by itself.
    pub(crate) cause: Option<String>,
    pub(crate) finding: Diagnostic,
}

/// The findings, those of one cause and level together.
pub(crate) fn once(all: Vec<Caused>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut by_cause: BTreeMap<(Severity, String), Vec<Diagnostic>> = BTreeMap::new();
    for Caused { cause, finding } in all {
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
        first.secrets.extend(other.secrets);
        let at = other.primary.map(|mut label| {
            label.text = "here too".to_owned();
            label
        });
        let mut shown = first.primary.iter().chain(&first.secondary);
        let is_new = at
            .as_ref()
            .is_some_and(|at| shown.all(|known| known.at != at.at));
        let at = at.filter(|_| is_new && first.secondary.len() < SHOWN);
        first.secondary.extend(at);
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
