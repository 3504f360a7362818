//! `explain`: the page of a lint.

use inventory::GapKind;
use mcp_lint_lints::{Lint, find};
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::question::{Answered, Question};
use crate::display::Known;
use crate::mcp_server::project::{Cancelled, Project};
use crate::selection::unknown;

/// Which lint.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Explain {
    /// The lint's name, as in a finding: `secret-owner-mismatch`; or that of what was not inspected: `missing-modules`.
    lint: String,
}

/// A lint.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct LintPage {
    lint: &'static str,
    group: &'static str,
    /// `error`, `warning` or `info`, unless the configuration says otherwise.
    severity: &'static str,
    /// Whether `mcp-lint --fix` can mend it: `no`, `unsafe` or `safe`.
    fix: &'static str,
    /// What it finds, in one line.
    summary: &'static str,
    /// Why that is bad, an example, what to use instead: Markdown.
    page: &'static str,
}

impl LintPage {
    /// What a part is that was not inspected.
    const fn of_gap(gap: GapKind) -> Self {
        Self {
            lint: gap.name(),
            group: "no lint: a part was not inspected",
            severity: "none",
            fix: "no",
            summary: gap.meaning(),
            page: gap.remedy(),
        }
    }
}

impl Question for Explain {
    type Answer = LintPage;

    const NAME: &'static str = "explain";
    const TITLE: &'static str = "Explain a lint";
    const ABOUT: &'static str = "The page of a lint: what it finds, why that is bad, an example in Nix and \
        what to write instead, its limits. Ask before you mend a finding whose note and help do not suffice.";

    const EVALUATES: bool = false;

    fn answer(self, _: &Project, _: &Cancelled) -> Result<Answered<LintPage>, String> {
        let name = self.lint.trim().to_ascii_lowercase();
        if let Some(gap) = GapKind::named(&name) {
            return Ok(Answered {
                answer: LintPage::of_gap(gap),
                known: Known::default(),
            });
        }
        let lint: &'static Lint = find(&name).ok_or_else(|| unknown(&self.lint).to_string())?;
        Ok(Answered {
            answer: LintPage {
                lint: lint.name,
                group: lint.group.name(),
                severity: lint.severity.name(),
                fix: lint.fixable.name(),
                summary: lint.summary,
                page: lint.page,
            },
            known: Known::default(),
        })
    }
}
