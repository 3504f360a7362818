//! `who_reads`: who can read a secret, and why.

use inventory::{Host, McpConfiguration, McpServer, McpStatus, Reader, Secret, ServerValue, Who};
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::findings::is_zero;
use super::question::{Answered, Question};
use super::secrets::{access, from, not_determined, plain, readable, state, templates, text};
use crate::mcp_server::paging::{Paging, first, page};
use crate::mcp_server::project::{Cancelled, Facts, Project};
use crate::output::mcp_text;
use crate::usage::UsageError;

/// How many readers and others of a secret are named.
const NAMED: usize = 12;
/// How many hosts are named.
const HOSTS: usize = 6;

/// Which secret.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct WhoReads {
    /// The secret by its option, attribute, path on the machine, file name, key, or the variable or file that
    /// an MCP server takes: `sops.secrets.github_token`, `GITHUB_TOKEN`, `/run/secrets/github_token`. If
    /// none is called exactly so, other spellings and parts of names count.
    secret: String,
    /// Only on this host (`desk` or `nixosConfigurations.desk`) and its containers.
    host: Option<String>,
    /// The most secrets to return; 20 unless given. A page may have fewer, so that it stays short.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// The `next_cursor` of the page before, with the same other arguments.
    cursor: Option<String>,
}

/// Who can read the secrets of that name.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Access {
    /// How many secrets there are on all pages; one with the same answer on several hosts counts once.
    total: usize,
    secrets: Vec<SecretAccess>,
    /// The MCP servers that take a variable or file of that name, and whether they get it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mcp_servers: Vec<String>,
    /// What could not be looked at: there may be readers that nobody sees. Empty if everything was.
    not_inspected: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Who can read a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct SecretAccess {
    /// The option that declares it: `sops.secrets.github_token`.
    secret: String,
    hosts: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    more_hosts: usize,
    /// Where it is declared first.
    #[serde(skip_serializing_if = "Option::is_none")]
    declared_at: Option<String>,
    lands_at: String,
    /// Owner, group and mode of the file on the machine: `alice:users 0400`.
    access: String,
    /// The encrypted file and the key in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// What lies in the repository: `encrypted`, `plaintext`, `missing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_state: Option<&'static str>,
    /// Whether it is known who reads it: `decided`, `undecided`, `nobody`, `not-found`.
    known: &'static str,
    /// The processes that open it.
    readers: Vec<ReaderAccess>,
    #[serde(skip_serializing_if = "is_zero")]
    more_readers: usize,
    /// The templates that contain it; their readers are its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    in_templates: Vec<String>,
    /// Who else can read it, whether or not they do: `who, why (place)`.
    others: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    more_others: usize,
    /// Who certainly cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_to: Option<String>,
    /// Why there may be more who can; empty if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others_not_determined: Vec<String>,
}

/// A process that opens a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct ReaderAccess {
    /// The user that opens the file.
    user: String,
    /// What reads: `services.mcp github`, `postgresql.service ExecStart`.
    through: String,
    /// Whether it can: `yes`, `no`, `unknown`.
    can: &'static str,
    why: String,
    /// Where the configuration says that it reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// What would decide it; left out if it is decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
}

impl Question for WhoReads {
    type Answer = Access;

    const NAME: &'static str = "who_reads";
    const TITLE: &'static str = "Who can read a secret, and why";
    const ABOUT: &'static str = "Who reads a secret at run time, whether each of them can, and who else can: \
        with the reason and the place in the configuration for each. Where that is not determined, it says \
        what would decide it. Answers questions like: who can read GITHUB_TOKEN?";

    fn answer(self, project: &Project, cancelled: &Cancelled) -> Result<Answered<Access>, String> {
        let asked = plain(&self.secret);
        if asked.is_empty() {
            return Err("say which secret: GITHUB_TOKEN, sops.secrets.github_token".to_owned());
        }
        let facts = project.facts(cancelled)?;
        let hosts = facts.hosts(self.host.as_deref())?;
        let mut found: Vec<(Likeness, SecretAccess, Vec<String>)> = Vec::new();
        for (host_index, host) in &hosts {
            for (index, secret) in host.secrets.iter().enumerate() {
                let likeness = likeness(host, index, secret, &self.secret, &asked);
                let Some(likeness) = likeness else { continue };
                let entry = secret_access(&facts, (*host_index, host), index, secret);
                match found.iter_mut().find(|(_, known, _)| *known == entry) {
                    Some((known, _, of)) => {
                        *known = likeness.max(*known);
                        of.push(host.name.clone());
                    }
                    None => found.push((likeness, entry, vec![host.name.clone()])),
                }
            }
        }
        let best = found.iter().map(|(likeness, _, _)| *likeness).max();
        found.retain(|(likeness, _, _)| Some(*likeness) == best);
        let mut mcp_servers = servers(&hosts, &asked);
        mcp_servers.dedup();
        if found.is_empty() && mcp_servers.is_empty() {
            return Err(nothing(&facts, &hosts, &self.secret));
        }
        let entries = found.into_iter().map(|(_, entry, mut of)| {
            of.dedup();
            let (hosts, more_hosts) = first(of, HOSTS);
            SecretAccess {
                hosts,
                more_hosts,
                ..entry
            }
        });
        let asked = Paging {
            limit: self.limit,
            cursor: self.cursor,
        };
        let part = page(entries.collect(), &asked)?;
        let (mut mcp_servers, more) = first(mcp_servers, NAMED);
        if more > 0 {
            mcp_servers.push(format!("and {more} more"));
        }
        Ok(Answered {
            answer: Access {
                total: part.total,
                secrets: part.entries,
                mcp_servers,
                not_inspected: facts.not_inspected(),
                next_cursor: part.next_cursor,
            },
            known: facts.known.clone(),
        })
    }
}

/// How a secret is like what was asked for; more is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// What was asked for is a part of a name of it.
    Part,
    /// A name of it is written otherwise.
    Spelling,
    /// It is called so.
    Name,
}

fn likeness(
    host: &Host,
    index: usize,
    secret: &Secret,
    asked: &str,
    plain_asked: &str,
) -> Option<Likeness> {
    let mut names = vec![
        secret.attribute.as_str(),
        &secret.option,
        secret.option_in_scope(),
    ];
    names.extend(secret.path.known().map(String::as_str));
    names.extend(secret.name.known().map(String::as_str));
    names.extend(secret.key.known().and_then(Option::as_deref));
    // The file that an MCP server takes it from.
    let servers = host.mcp.iter().flat_map(|mcp| &mcp.servers);
    let provided = servers.filter(|server| server.provided_by == Some(index));
    names.extend(provided.filter_map(|server| server.secret.known()?.as_deref()));
    if names.contains(&asked) {
        return Some(Likeness::Name);
    }
    // `github/token` is called `token` as well.
    let last = names
        .iter()
        .filter_map(|name| name.rsplit(['/', '.']).next());
    let mut spellings = names.iter().copied().chain(last);
    if spellings.any(|name| plain(name) == plain_asked) {
        return Some(Likeness::Spelling);
    }
    let is_part = names.iter().any(|name| plain(name).contains(plain_asked));
    is_part.then_some(Likeness::Part)
}

fn secret_access(
    facts: &Facts,
    (host_index, host): (usize, &Host),
    index: usize,
    secret: &Secret,
) -> SecretAccess {
    let of_secret = host
        .readers
        .iter()
        .filter(|reader| reader.secret == Some(index));
    let mut readers: Vec<ReaderAccess> = of_secret
        .map(|reader| reader_access(facts, reader))
        .collect();
    readers.dedup();
    let (readers, more_readers) = first(readers, NAMED);
    let others = secret.exposure.others.iter().map(|other| {
        let place = facts.at(other.at);
        let place = place.map_or_else(String::new, |at| format!(" ({at})"));
        match other.who {
            Who::Root => format!("root, who reads every file{place}"),
            _ => format!("{}: {}{place}", other.who, other.why),
        }
    });
    let (others, more_others) = first(others.collect(), NAMED);
    let unknown = { secret.exposure.others_unknown.iter() }
        .map(|why| why.reason.to_string())
        .collect();
    let (others_not_determined, _) = first(unknown, HOSTS);
    SecretAccess {
        secret: secret.option.clone(),
        hosts: Vec::new(),
        more_hosts: 0,
        declared_at: facts.at(secret.declared_at.first().copied()),
        lands_at: text(&secret.path),
        access: access(secret),
        from: from(secret),
        file_state: state(&facts.inventory, host_index, index).map(inventory::FileState::name),
        known: secret.exposure.answer.name(),
        readers,
        more_readers,
        in_templates: templates(host, secret),
        others,
        more_others,
        closed_to: closed_to(secret),
        others_not_determined,
    }
}

/// Who certainly cannot, where the mode says so.
fn closed_to(secret: &Secret) -> Option<String> {
    let mode = secret.effective_mode.known()?;
    let mut others = secret.exposure.others.iter();
    let is_open = others.any(|other| other.who == Who::Everybody);
    (mode & 0o004 == 0 && !is_open).then(|| format!("other users ({mode:04o})"))
}

fn reader_access(facts: &Facts, reader: &Reader) -> ReaderAccess {
    ReaderAccess {
        user: match &reader.user.value {
            Ok(user) => user.to_string(),
            Err(why) => not_determined(&why.reason),
        },
        through: reader.via.to_string(),
        can: readable(reader.verdict.readable),
        why: reader.verdict.reason.clone(),
        at: facts.at(reader.at),
        decided_by: reader.needs.as_ref().map(|need| {
            let paste = need
                .paste()
                .map_or_else(String::new, |paste| format!(": {paste}"));
            format!("{need}{paste}")
        }),
    }
}

/// The MCP servers that take a variable or file of this name.
fn servers(hosts: &[(usize, &Host)], asked: &str) -> Vec<String> {
    let mut said = Vec::new();
    for (_, host) in hosts {
        for mcp in &host.mcp {
            let is_meant = |name: &str| plain(name) == asked;
            for server in &mcp.servers {
                let secret = server.secret.known().and_then(Option::as_deref);
                let names = server.variable.as_deref().into_iter().chain(secret);
                let mut names = names.chain(keys(mcp, server)).chain(got(host, server));
                if !names.any(is_meant) || server.enabled.known() == Some(&false) {
                    continue;
                }
                if server.status == McpStatus::Broken {
                    let reason = mcp_text::reason(mcp, server).unwrap_or_default();
                    said.push(format!(
                        "{} of {} ({}) on {} {reason}",
                        server.name, mcp.user, mcp.module.name, host.name
                    ));
                    continue;
                }
                let path = server.path.known().and_then(Option::as_deref);
                let what = match (path, &server.variable) {
                    (Some(path), _) => format!("the file {path}"),
                    (None, Some(variable)) => {
                        format!("the variable {variable} of its client's environment")
                    }
                    (None, None) => secret.unwrap_or_default().to_owned(),
                };
                let status = match server.status {
                    McpStatus::Missing => {
                        let then = server.when_missing.map_or("", |when| when.phrase());
                        format!("which no declared secret provides; {then}")
                    }
                    status => format!("which is {}", status.name()),
                };
                let seen = server.seen_by();
                let seen = seen.map_or_else(String::new, |who| format!("; also seen by {who}"));
                said.push(format!(
                    "{} of {} ({}) on {} takes {what}, {status}{seen}",
                    server.name, mcp.user, mcp.module.name, host.name
                ));
            }
        }
    }
    said
}

/// The variables, headers and flags of a server that an entry is about.
fn keys<'a>(mcp: &'a McpConfiguration, server: &'a McpServer) -> impl Iterator<Item = &'a str> {
    let is_about = |value: &&ServerValue| {
        let provides = value.secret().is_some() && value.secret() == server.provided_by;
        value.server == server.name && (provides || server.broken_by.as_ref() == Some(*value))
    };
    { mcp.values.iter() }
        .filter(is_about)
        .map(|value| value.key.as_str())
}

/// The secret of which a server gets something else than the content.
fn got<'a>(host: &'a Host, server: &McpServer) -> Option<&'a str> {
    let secret = server.broken_by.as_ref()?.secret()?;
    Some(host.secrets.get(secret)?.attribute.as_str())
}

/// Why nothing was found, and what to ask instead.
fn nothing(facts: &Facts, hosts: &[(usize, &Host)], asked: &str) -> String {
    let attributes = || hosts.iter().flat_map(|(_, host)| &host.secrets);
    let names = attributes().map(|secret| secret.attribute.as_str());
    let error = UsageError::new(format!("no secret here is called `{asked}`"))
        .did_you_mean(asked, names)
        .help(format!(
            "the tool inventory lists all {}",
            attributes().count()
        ));
    let mut said = error.to_string();
    for gap in facts.not_inspected() {
        said += &format!("\n  not inspected: {gap}");
    }
    said
}
