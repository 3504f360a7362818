//! `check`: the findings.

use mcp_lint_lints::Severity;
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::findings::{Finding, Level, decide};
use super::question::{Answered, Question};
use crate::changed_files::concerns;
use crate::mcp_server::paging::{Paging, page};
use crate::mcp_server::project::{Cancelled, Project};

/// Which findings.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// Only findings that touch these files, relative to the project.
    #[serde(default)]
    files: Vec<String>,
    /// Only findings of this host (`desk` or `nixosConfigurations.desk`) and its containers.
    host: Option<String>,
    /// Only findings of these lints or groups: `secret-owner-mismatch`, `access`.
    #[serde(default)]
    lints: Vec<String>,
    /// The least level; `warning` unless given.
    #[serde(default)]
    level: Level,
    /// The most findings to return; 20 unless given. A page may have fewer, so that it stays short.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// The `next_cursor` of the page before, with the same other arguments.
    cursor: Option<String>,
}

/// Findings.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Findings {
    /// How many findings these arguments have, on all pages.
    total: usize,
    errors: usize,
    warnings: usize,
    /// By file and line.
    findings: Vec<Finding>,
    /// What could not be looked at: there may be findings that nobody sees. Empty if everything was.
    not_inspected: Vec<String>,
    /// How many secrets all configurations declare together.
    secrets: usize,
    /// How many findings comments in the files ignore, and the baseline holds.
    ignored: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Question for Check {
    type Answer = Findings;

    const NAME: &'static str = "check";
    const TITLE: &'static str = "Check the secrets of a Nix configuration";
    const ABOUT: &'static str = "Findings about the secrets of this project's NixOS, nix-darwin and Home \
        Manager configurations: readers that cannot read, secrets that others can read, files that are not \
        encrypted, wrong paths and keys, MCP servers whose secret is missing. Every finding has its place, \
        what happens on the machine, and the change to make. An empty list with an empty `not_inspected` \
        means that nothing is wrong that this program knows of.";

    fn answer(
        self,
        project: &Project,
        cancelled: &Cancelled,
    ) -> Result<Answered<Findings>, String> {
        let mut files = Vec::new();
        for file in &self.files {
            let path = project.file(file)?;
            if !path.exists() {
                return Err(format!(
                    "there is no file `{file}` in the project: a name that is misspelt would hide everything"
                ));
            }
            files.push(path);
        }
        let facts = project.facts(cancelled)?;
        let hosts = facts.hosts(self.host.as_deref())?;
        let mut decided = decide(project, &facts, &self.lints, self.level)?;
        if self.host.is_some() {
            let is_of =
                |attribute: &String| hosts.iter().any(|(_, host)| host.attribute == *attribute);
            decided
                .diagnostics
                .retain(|found| found.hosts.iter().any(is_of));
        }
        if !files.is_empty() {
            let counts = |path: &std::path::Path| files.iter().any(|file| path.starts_with(file));
            { &mut decided.diagnostics }
                .retain(|found| concerns(&counts, &facts.inventory, &facts.sources, found));
        }
        let of = |severity: Severity| {
            let of_level = decided
                .diagnostics
                .iter()
                .filter(|found| found.severity == severity);
            of_level.count()
        };
        let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
        let found = decided.diagnostics.iter();
        let found = found.map(|found| Finding::new(&facts, found)).collect();
        let asked = Paging {
            limit: self.limit,
            cursor: self.cursor,
        };
        let part = page(found, &asked)?;
        Ok(Answered {
            answer: Findings {
                total: part.total,
                errors,
                warnings,
                findings: part.entries,
                not_inspected: facts.not_inspected(),
                secrets: hosts.iter().map(|(_, host)| host.secrets.len()).sum(),
                ignored: decided.ignored.len() + decided.baselined,
                next_cursor: part.next_cursor,
            },
            known: facts.known.clone(),
        })
    }
}
