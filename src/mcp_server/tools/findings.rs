//! Findings as an agent gets them.

use mcp_lint_lints::{Diagnostic, Severity};
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::mcp_server::paging::first;
use crate::mcp_server::project::{Facts, Project};
use crate::policy::{Decided, Policy};

/// How many hosts of a finding are named.
const HOSTS: usize = 6;
/// How many lines of code a help has.
const LINES: usize = 20;

/// A finding.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Finding {
    lint: &'static str,
    /// `error`, `warning` or `info`.
    severity: &'static str,
    /// The place to change, relative to the project: `hosts/desk.nix:12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    message: String,
    /// Other places that matter, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    see: Vec<String>,
    /// What happens on the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The change to make.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// Whether `mcp-lint --fix` (`safe`) or `mcp-lint --fix=unsafe` (`unsafe`) makes the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'static str>,
    /// The configurations that it holds for; left out for a finding about the project.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hosts: Vec<String>,
    /// How many more configurations it holds for.
    #[serde(skip_serializing_if = "is_zero")]
    more_hosts: usize,
}

/// The least level of what is asked for.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// What certainly fails, leaks or locks out.
    Error,
    /// Errors, and what fails under likely conditions.
    #[default]
    Warning,
    /// Everything, also what is only worth knowing.
    Info,
}

impl Level {
    /// Whether a finding is of this level or above.
    pub(super) fn has(self, found: &Diagnostic) -> bool {
        let least = match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
        };
        found.severity >= least
    }
}

/// The findings of a project, as `mcp-lint check` decides them; `lints` and what is only worth knowing are
/// the agent's choice.
pub(super) fn decide(
    project: &Project,
    facts: &Facts,
    lints: &[String],
    level: Level,
) -> Result<Decided, String> {
    let mut arguments = project.arguments().clone();
    arguments.select = lints.to_vec();
    arguments.pedantic = matches!(level, Level::Info);
    let policy =
        Policy::new(&arguments, &facts.configuration).map_err(|error| error.to_string())?;
    let mut decided = policy.decide(&facts.inventory, &facts.sources);
    decided.diagnostics.retain(|found| level.has(found));
    Ok(decided)
}

impl Finding {
    /// A finding of these facts.
    pub(super) fn new(facts: &Facts, found: &Diagnostic) -> Self {
        let hosts: Vec<String> = found.hosts.iter().cloned().collect();
        let (hosts, more_hosts) = first(hosts, HOSTS);
        let see = found.secondary.iter().filter_map(|label| {
            let at = facts.at(Some(label.at))?;
            Some(format!("{at}: {}", label.text))
        });
        let (see, _) = first(see.collect(), HOSTS);
        let fix = { found.fixes.iter() }.map(|fix| if fix.safe { "safe" } else { "unsafe" });
        Self {
            lint: found.lint.name,
            severity: found.severity.name(),
            at: facts.at(found.primary.as_ref().map(|label| label.at)),
            message: found.message.clone(),
            see,
            note: found.note.clone(),
            help: found.help.as_ref().map(|help| {
                let code = help.code.iter().flat_map(|code| code.lines()).take(LINES);
                let text = Some(help.text.as_str()).filter(|text| !text.is_empty());
                text.into_iter().chain(code).collect::<Vec<_>>().join("\n")
            }),
            fix: fix.min(),
            hosts,
            more_hosts,
        }
    }
}

/// Whether a count need not be told.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(super) const fn is_zero(count: &usize) -> bool {
    *count == 0
}
