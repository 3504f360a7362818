//! The findings, the worst first.

use std::collections::BTreeSet;

use maud::{Markup, html};
use mcp_lint_lints::{Diagnostic, Severity};

use super::super::place::place;
use super::super::{finding_text, link};
use super::words::count;
use super::{Page, excerpt};
use crate::display::escape_path;

/// So many findings are shown open.
const OPEN: usize = 5;

impl Page<'_> {
    pub(super) fn findings(&self) -> Markup {
        let mut found: Vec<&Diagnostic> = self.report.diagnostics.iter().collect();
        found.sort_by_key(|found| std::cmp::Reverse(found.severity));
        let is_open = found.len() <= OPEN;
        html! {
            section id="findings" {
                h2 { "Findings" }
                @if found.is_empty() {
                    @if self.report.is_complete() { p.good { "✓ No findings." } }
                    @else { p { "No findings in what was inspected." } }
                }
                @for of_level in found.chunk_by(|a, b| a.severity == b.severity) {
                    @if let Some(first) = of_level.first() {
                        h3 { (count(of_level.len(), word(first.severity))) }
                    }
                    @for found in of_level { (self.finding(found, is_open)) }
                }
            }
            "\n"
        }
    }

    fn finding(&self, found: &Diagnostic, is_open: bool) -> Markup {
        let class = match found.severity {
            Severity::Info => "info",
            severity => severity.name(),
        };
        let anchor = finding_text::anchor(self.report, found);
        let at = anchor.and_then(|at| place(&self.report.sources, &self.names, at));
        html! {
            article class=(class) id={ "finding-" (finding_text::fingerprint(found)) } {
                details open[is_open] {
                    summary {
                        span.message { (self.prose(&found.message)) }
                        " "
                        span.where {
                            @if let Some(at) = at { (escape_path(&at.file)) ":" (at.line) " · " }
                            (found.lint.name)
                        }
                    }
                    (excerpt::markup(self, found))
                    @if let Some(note) = &found.note { p.note { (self.prose(note)) } }
                    @if let Some(help) = &found.help {
                        div.help {
                            @if !help.text.is_empty() { p { (self.prose(&help.text)) } }
                            @if let Some(code) = help.code.as_deref().filter(|code| !code.is_empty()) {
                                pre { code { (self.lines(code)) } }
                            }
                        }
                    }
                    p.hosts {
                        @if self.report.summary.hosts.len() > 1 && !found.hosts.is_empty() {
                            "on " (self.names_of(&found.hosts)) " · "
                        }
                        a href=(link::page(found.lint)) { "what " (found.lint.name) " means" }
                    }
                }
            }
            "\n"
        }
    }

    fn names_of(&self, hosts: &BTreeSet<String>) -> String {
        let hosts: Vec<String> = hosts.iter().map(|host| self.text(host)).collect();
        hosts.join(", ")
    }
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}
