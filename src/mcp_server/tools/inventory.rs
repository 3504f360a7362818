//! `inventory`: the secrets, one short entry each.

use std::collections::BTreeSet;

use inventory::{FileState, Host, Readable, Reader};
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::findings::{Level, decide, is_zero};
use super::question::{Answered, Question};
use super::secrets::{access, from, plain, state, templates, text};
use crate::mcp_server::paging::{Paging, first, page};
use crate::mcp_server::project::{Cancelled, Facts, Project};
use crate::secret_rows::{self, SecretRow, Standing};

/// How many hosts and readers of a secret are named.
const NAMED: usize = 6;

/// Which secrets.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct InventoryQuestion {
    /// Only the secrets of this host (`desk` or `nixosConfigurations.desk`) and its containers.
    host: Option<String>,
    /// Only secrets with this in their option, path, file, owner or readers: `postgres`.
    search: Option<String>,
    /// Only some of them; all unless given.
    #[serde(default)]
    only: Only,
    /// The most secrets to return; 20 unless given. A page may have fewer, so that it stays short.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// The `next_cursor` of the page before, with the same other arguments.
    cursor: Option<String>,
}

/// Which secrets are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(rename_all = "lowercase")]
enum Only {
    /// Every secret.
    #[default]
    All,
    /// Those that a reader cannot read or everybody can, whose file is not there, not encrypted or damaged, or that
    /// the tool `check` has an error or a warning about.
    Wrong,
    /// Those of which it is not determined whether a reader can, or where they land, whose they are or what their
    /// file is.
    Undecided,
    /// Those that nothing reads, or of which no reader was found.
    Unread,
}

/// The secrets of a project.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Secrets {
    /// The hosts, and how many secrets each declares: `desk (nixos): 12`.
    hosts: Vec<String>,
    /// How many secrets these arguments have, on all pages; one that several hosts share counts once.
    total: usize,
    secrets: Vec<Row>,
    /// What could not be looked at: there may be secrets that nobody sees. Empty if everything was.
    not_inspected: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Row {
    /// The option that declares it: `sops.secrets.github_token`.
    secret: String,
    hosts: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    more_hosts: usize,
    lands_at: String,
    /// Owner, group and mode of the file on the machine: `alice:users 0400`.
    access: String,
    /// The encrypted file and the key in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// What lies in the repository, unless it is encrypted: `plaintext`, `missing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_state: Option<&'static str>,
    /// Who reads it: `✓` can, `✗` cannot, `?` is not determined. The tool `who_reads` has the reasons.
    readers: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    more_readers: usize,
    /// The lints whose error or warning is about it: the tool `check` has the reasons and what to change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<&'static str>,
    /// Whether it is known who reads it: `decided`, `undecided`, `nobody`, `not-found`.
    known: &'static str,
}

impl Question for InventoryQuestion {
    type Answer = Secrets;

    const NAME: &'static str = "inventory";
    const TITLE: &'static str = "List the secrets and their readers";
    const ABOUT: &'static str = "Every secret that this project's configurations declare (sops-nix, agenix and \
        others): where it lands on the machine, owner and mode, its encrypted file, and who reads it. Narrow \
        it with `host`, `search` and `only`. For one secret, with the reasons, ask `who_reads`.";

    fn answer(self, project: &Project, cancelled: &Cancelled) -> Result<Answered<Secrets>, String> {
        let facts = project.facts(cancelled)?;
        let hosts = facts.hosts(self.host.as_deref())?;
        let reported = decide(project, &facts, &[], Level::Warning)?.diagnostics;
        let mut rows: Vec<(Row, Vec<String>)> = Vec::new();
        for (host_index, host) in &hosts {
            for (index, entry) in secret_rows::rows(&facts.inventory, &reported, *host_index)
                .iter()
                .enumerate()
            {
                let row = row(&facts, (*host_index, host), index, entry);
                let is_wanted = wanted(self.only, entry) && { self.search.as_deref() }
                    .is_none_or(|search| row.mentions(search));
                if !is_wanted {
                    continue;
                }
                match rows.iter_mut().find(|(known, _)| *known == row) {
                    Some((_, of)) => of.push(host.name.clone()),
                    None => rows.push((row, vec![host.name.clone()])),
                }
            }
        }
        let rows = rows.into_iter().map(|(row, mut of)| {
            of.dedup();
            let (hosts, more_hosts) = first(of, NAMED);
            Row {
                hosts,
                more_hosts,
                ..row
            }
        });
        let asked = Paging {
            limit: self.limit,
            cursor: self.cursor,
        };
        let part = page(rows.collect(), &asked)?;
        let described = { hosts.iter() }.map(|(_, host)| {
            format!(
                "{} ({}): {}",
                host.name,
                host.class.name(),
                host.secrets.len()
            )
        });
        let (mut described, more) = first(described.collect(), 40);
        if more > 0 {
            described.push(format!("and {more} more"));
        }
        Ok(Answered {
            answer: Secrets {
                hosts: described,
                total: part.total,
                secrets: part.entries,
                not_inspected: facts.not_inspected(),
                next_cursor: part.next_cursor,
            },
            known: facts.known.clone(),
        })
    }
}

impl Row {
    /// Whether a text is in it, however it is written.
    fn mentions(&self, search: &str) -> bool {
        let search = plain(search);
        let texts = [&self.secret, &self.lands_at, &self.access];
        let texts = texts.into_iter().chain(&self.from).chain(&self.readers);
        let mut plain = texts.map(|text| plain(text));
        plain.any(|text| text.contains(&search))
    }
}

/// A secret without its hosts.
fn row(
    facts: &Facts,
    (host_index, host): (usize, &Host),
    index: usize,
    entry: &SecretRow<'_>,
) -> Row {
    let secret = entry.secret;
    let state = state(&facts.inventory, host_index, index);
    let findings: BTreeSet<&'static str> = { entry.findings.iter() }
        .map(|found| found.lint.name)
        .collect();
    let of_secret = host
        .readers
        .iter()
        .filter(|reader| reader.secret == Some(index));
    let mut readers: Vec<String> = of_secret.map(reader).collect();
    readers.dedup();
    readers.extend(
        templates(host, secret)
            .iter()
            .map(|name| format!("in template {name}")),
    );
    let (readers, more_readers) = first(readers, NAMED);
    Row {
        secret: secret.option.clone(),
        hosts: Vec::new(),
        more_hosts: 0,
        lands_at: text(&secret.path),
        access: access(secret),
        from: from(secret),
        file_state: state
            .filter(|state| *state != FileState::Encrypted)
            .map(FileState::name),
        readers,
        more_readers,
        findings: findings.into_iter().collect(),
        known: secret.exposure.answer.name(),
    }
}

fn reader(reader: &Reader) -> String {
    let mark = match reader.verdict.readable {
        Readable::Yes => "✓",
        Readable::No => "✗",
        Readable::Unknown => "?",
    };
    match reader.user.known() {
        Some(user) => format!("{mark} {user} · {}", reader.via),
        None => format!("{mark} {}", reader.via),
    }
}

fn wanted(only: Only, entry: &SecretRow<'_>) -> bool {
    match only {
        Only::All => true,
        Only::Wrong => entry.standing() == Standing::Wrong,
        Only::Undecided => entry.standing() == Standing::Undecided,
        Only::Unread => entry.is_unread(),
    }
}
