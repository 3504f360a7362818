//! The verdict on each secret, for each of its readers, and for the servers that need it.

use std::collections::BTreeMap;

use super::{Me, Questions, sessions};
use crate::accounts::Account;
use crate::checks::Check;
use crate::expect::{Expected, Place, Reader, Scope, Secret, Use};
use crate::finding::Severity;
use crate::judge::access::{DenialKind, denial, group_permissions};
use crate::judge::file::{Owners, owners};
use crate::judge::{self, Bench, Details, fix, shown};
use crate::observe::acl::READ;
use crate::observe::facts::{Kind, octal};
use crate::observe::file::{Found, Observation};
use crate::observe::survey::Survey;
use crate::observe::walk::Reason;
use crate::plan::Answers;
use crate::report::{Readable, ReaderReport, SecretReport, ServerReport, ServerStatus};
use crate::units::UnitState;

/// What one reader met.
#[derive(Debug, Clone)]
struct Outcome {
    readable: Readable,
    kind: Option<DenialKind>,
    reason: Option<String>,
    help: Option<String>,
}

/// What was found out about one secret, for the servers.
#[derive(Debug, Clone)]
struct State {
    missing: Option<String>,
    problem: Option<(ServerStatus, String)>,
    /// `alice 0400 · 40 bytes`
    facts: Option<String>,
}

/// Collects verdicts.
pub(super) struct Verdicts<'r> {
    me: &'r Me,
    expected: &'r Expected,
    states: Vec<State>,
    outcomes: BTreeMap<(usize, String), Outcome>,
    skipped: usize,
}

impl<'r> Verdicts<'r> {
    pub(super) fn new(me: &'r Me, expected: &'r Expected) -> Self {
        Self {
            me,
            expected,
            states: Vec::new(),
            outcomes: BTreeMap::new(),
            skipped: 0,
        }
    }

    /// Judges one secret; they come in the order of the expectation.
    pub(super) fn secret(
        &mut self,
        bench: &mut Bench<'_>,
        secret: &Secret,
        questions: &Questions,
        answers: &Answers,
        place: Option<&Place>,
        unit: Option<(String, UnitState)>,
    ) -> SecretReport {
        let readers: Vec<&Reader> = questions
            .readers
            .iter()
            .filter_map(|(index, _)| self.expected.readers.get(*index))
            .collect();
        let mut report = SecretReport {
            name: secret.name.clone(),
            manager: secret.manager.name(),
            user: secret.scope.user().map(str::to_owned),
            path: secret.path.clone(),
            real_path: None,
            owner: None,
            group: None,
            mode: None,
            length: None,
            file_system: None,
            content_checked: false,
            readers: Vec::new(),
        };
        let mut state = State {
            missing: None,
            problem: None,
            facts: None,
        };
        let mine = answers.file(&questions.facts);
        let theirs = questions
            .content
            .as_ref()
            .and_then(|ticket| answers.file(ticket));
        // Root sees most, but not into a user's own FUSE mount.
        let seen = match (mine, theirs) {
            (Some((observation, _)), Some(theirs)) if observation.found().is_none() => Some(theirs),
            (mine, theirs) => mine.or(theirs),
        };
        if let Some((observation, survey)) = seen {
            let uids = self.reader_uids(bench, &readers);
            let owners = owners(bench, secret, uids);
            let content = theirs
                .or(mine)
                .and_then(|(seen, _)| seen.found()?.content.as_ref());
            let trusted = trusted(bench, secret, observation, &owners);
            judge::directory::judge(bench, &secret.name, observation, survey, &trusted);
            match &observation.end {
                Ok(found) => {
                    let mut uses: Vec<Use> = readers.iter().map(|reader| reader.usage).collect();
                    uses.sort();
                    uses.dedup();
                    let found = Found {
                        content: content.cloned(),
                        ..found.clone()
                    };
                    judge::file::judge(bench, secret, &found, &owners);
                    judge::directory::default_acl(
                        bench,
                        &secret.name,
                        observation,
                        survey,
                        &trusted,
                    );
                    let kind = judge::storage::kind(bench, &found, observation, survey);
                    judge::storage::judge(bench, secret, &found, kind.as_deref(), place);
                    state.problem = self.content(bench, secret, &found, &uses);
                    fill(&mut report, &mut state, bench, &found, kind);
                }
                Err(stop) => {
                    state.missing = absent(bench, secret, observation, &stop.reason, unit);
                }
            }
        }
        let index = self.states.len();
        for (position, ticket) in &questions.readers {
            let Some(reader) = self.expected.readers.get(*position) else {
                continue;
            };
            let tried = ticket.as_ref().and_then(|ticket| answers.file(ticket));
            let outcome = self.reader(bench, secret, reader, seen, tried);
            report.readers.push(ReaderReport {
                user: reader.user.clone(),
                via: reader.via.clone(),
                readable: outcome.readable,
                reason: outcome.reason.clone(),
            });
            self.outcomes
                .entry((index, reader.user.clone()))
                .or_insert(outcome);
        }
        report
            .readers
            .sort_by(|a, b| (&a.user, &a.via).cmp(&(&b.user, &b.via)));
        report.readers.dedup();
        self.states.push(state);
        report
    }

    fn reader_uids(&self, bench: &mut Bench<'_>, readers: &[&Reader]) -> Vec<u32> {
        let mut uids: Vec<u32> = readers
            .iter()
            .filter_map(|reader| bench.accounts.user(&reader.user))
            .map(|account| account.uid)
            .filter(|uid| *uid != 0)
            .collect();
        uids.sort_unstable();
        uids.dedup();
        uids
    }

    fn content(
        &mut self,
        bench: &mut Bench<'_>,
        secret: &Secret,
        found: &Found,
        uses: &[Use],
    ) -> Option<(ServerStatus, String)> {
        if found.facts.kind != Kind::Regular {
            return Some((
                ServerStatus::Unusable,
                format!("is {}", found.facts.kind.phrase()),
            ));
        }
        match &found.content {
            Some(content) => judge::content::judge(bench, secret, content, uses),
            None => {
                // A file that only others may read is right; its length can still be wrong.
                self.skipped += 1;
                if found.facts.size == 0 {
                    let message = format!("{} is empty (0 bytes)", shown(&secret.path));
                    let details = Details {
                        secret: Some(&secret.name),
                        help: Some(fix::edit(secret)),
                        ..Details::default()
                    };
                    bench.add(Check::Empty, &secret.path, message, details);
                    return Some((ServerStatus::Empty, "is empty (0 bytes)".to_owned()));
                }
                None
            }
        }
    }

    fn reader(
        &self,
        bench: &mut Bench<'_>,
        secret: &Secret,
        reader: &Reader,
        seen: Option<(&Observation, &Survey)>,
        tried: Option<(&Observation, &Survey)>,
    ) -> Outcome {
        let yes = Outcome {
            readable: Readable::Yes,
            kind: None,
            reason: None,
            help: None,
        };
        let unknown = |reason: &str| Outcome {
            readable: Readable::Unknown,
            kind: None,
            reason: Some(reason.to_owned()),
            help: None,
        };
        let (account, (observation, survey)) =
            match (bench.accounts.user(&reader.user), tried, seen) {
                (Some(account), Some(tried), _) => (account, tried),
                // Root opens every file that is one.
                (Some(account), None, Some((observation, survey))) if account.uid == 0 => {
                    if observation
                        .found()
                        .is_some_and(|found| found.facts.kind == Kind::Regular)
                    {
                        return yes;
                    }
                    (account, (observation, survey))
                }
                (None, _, _) => return unknown("this machine has no such user"),
                _ => return unknown("only root or that user can find out"),
            };
        let Some(denial) = denial(bench, &account, observation, survey) else {
            self.stale_groups(bench, secret, &account, observation);
            return yes;
        };
        let help = match denial.kind {
            DenialKind::NotTheirs => fix::give_to(secret, &account.name),
            DenialKind::OwnMode => fix::set_mode(secret, "0400"),
            DenialKind::Directory => Some(format!(
                "let {} enter {}, or keep the secret elsewhere",
                account.name,
                shown(&denial.at)
            )),
            DenialKind::Missing | DenialKind::Broken | DenialKind::OtherLayer => None,
        };
        let stale = denial.kind == DenialKind::OtherLayer
            && observation.found().is_some_and(|found| {
                account.groups.contains(&found.facts.gid) && found.facts.uid != account.uid
            });
        if stale {
            let message = format!(
                "{} may read {} by group, but this session does not have that group yet",
                account.name,
                shown(&secret.path)
            );
            let details = Details {
                secret: Some(&secret.name),
                user: Some(&account.name),
                help: Some("log out and in again".to_owned()),
                ..Details::default()
            };
            bench.add(Check::StaleGroups, &secret.path, message, details);
        } else if !matches!(denial.kind, DenialKind::Missing | DenialKind::Broken) {
            let via = if reader.via.is_empty() {
                String::new()
            } else {
                format!(" ({})", crate::escape::Escaped::text(&reader.via))
            };
            let message = format!(
                "{} cannot read {}{via}: {}",
                account.name,
                shown(&secret.path),
                denial.reason
            );
            let details = Details {
                secret: Some(&secret.name),
                user: Some(&account.name),
                help: help.clone(),
                ..Details::default()
            };
            bench.add(Check::NotReadable, &secret.path, message, details);
        }
        Outcome {
            readable: Readable::No,
            kind: Some(denial.kind),
            reason: Some(denial.reason),
            help,
        }
    }

    /// Access by a group holds for new sessions; older processes may not have it.
    fn stale_groups(
        &self,
        bench: &mut Bench<'_>,
        secret: &Secret,
        account: &Account,
        observation: &Observation,
    ) {
        let Some(found) = observation.found() else {
            return;
        };
        let facts = &found.facts;
        let by_group = facts.uid != account.uid
            && facts.mode & 0o004 == 0
            && account.groups.contains(&facts.gid)
            && group_permissions(facts, found.acl.as_ref()) & READ != 0;
        if !by_group || !bench.is_live || !self.me.is_root() {
            return;
        }
        let count = sessions::processes_without(account.uid, facts.gid);
        if count > 0 {
            let group = bench.accounts.group_label(facts.gid);
            let message = format!(
                "{} may read {} by group {group}, which {count} running processes of theirs do not have",
                account.name,
                shown(&secret.path)
            );
            let details = Details {
                secret: Some(&secret.name),
                user: Some(&account.name),
                help: Some("log out and in again".to_owned()),
                ..Details::default()
            };
            bench.add(Check::StaleGroups, &secret.path, message, details);
        }
    }

    /// The servers' verdicts, and notes on what was left out.
    pub(super) fn finish(
        self,
        bench: &mut Bench<'_>,
        secrets: &[Secret],
    ) -> (Vec<ServerReport>, Vec<String>) {
        let mut reports = Vec::new();
        for server in &self.expected.servers {
            let mut report = ServerReport {
                user: server.user.clone(),
                name: server.name.clone(),
                secret: None,
                path: None,
                status: ServerStatus::Available,
                detail: None,
                help: None,
            };
            if let Some(reason) = &server.unknown {
                report.status = ServerStatus::Unknown;
                report.detail = Some(reason.clone());
            }
            if let Some((name, index)) = &server.secret
                && let (Some(secret), Some(state)) = (secrets.get(*index), self.states.get(*index))
            {
                report.secret = Some(name.clone());
                report.path = Some(secret.path.clone());
                let outcome = self.outcomes.get(&(*index, server.user.clone()));
                self.server(&mut report, secret, state, outcome);
            }
            if !matches!(
                report.status,
                ServerStatus::Available | ServerStatus::Unknown
            ) {
                disabled(bench, &report);
            }
            reports.push(report);
        }
        let mut notes = Vec::new();
        if self.skipped > 0 && !self.me.is_root() {
            let count = self.skipped;
            notes.push(format!(
                "the content of {count} secrets that {} may not read was not looked at",
                self.me.name
            ));
        }
        (reports, notes)
    }

    fn server(
        &self,
        report: &mut ServerReport,
        secret: &Secret,
        state: &State,
        outcome: Option<&Outcome>,
    ) {
        let path = shown(&secret.path);
        if let Some(missing) = &state.missing {
            report.status = ServerStatus::Missing;
            report.detail = Some(missing.clone());
            return;
        }
        if let Some(Outcome {
            readable: Readable::No,
            kind,
            reason,
            help,
        }) = outcome
        {
            report.status = match kind {
                Some(DenialKind::Missing) => ServerStatus::Missing,
                Some(DenialKind::OwnMode) => ServerStatus::WrongMode,
                Some(DenialKind::Broken) => ServerStatus::Unusable,
                _ => ServerStatus::Unreadable,
            };
            let reason = reason.as_deref().unwrap_or_default();
            report.detail = Some(match kind {
                Some(DenialKind::Missing) => reason.to_owned(),
                Some(DenialKind::Broken) => format!("{path} cannot be read: {reason}"),
                _ => format!(
                    "{path} is there, but {} cannot read it: {reason}",
                    report.user
                ),
            });
            report.help.clone_from(help);
            return;
        }
        if let Some((status, reason)) = &state.problem {
            report.status = *status;
            report.detail = Some(format!("{path} {reason}"));
            report.help = Some(fix::edit(secret));
            return;
        }
        match outcome.map(|outcome| outcome.readable) {
            Some(Readable::Yes) => {
                let facts = state.facts.as_deref().unwrap_or("there");
                report.detail = Some(format!("{path} · {facts}"));
            }
            _ => {
                report.status = ServerStatus::Unknown;
                let reason = outcome.and_then(|outcome| outcome.reason.clone());
                report.detail =
                    reason.or_else(|| Some(format!("{path} was not tried as {}", report.user)));
            }
        }
    }
}

fn disabled(bench: &mut Bench<'_>, report: &ServerReport) {
    let Some(path) = &report.path else {
        return;
    };
    let name = crate::escape::Escaped::text(&report.name);
    let detail = report.detail.as_deref().unwrap_or_default();
    let message = format!(
        "MCP server {name} of {} does not start: {detail}",
        report.user
    );
    let details = Details {
        secret: report.secret.as_deref(),
        user: Some(&report.user),
        severity: Some(Severity::Warning),
        help: report.help.clone(),
    };
    bench.add(Check::ServerDisabled, path, message, details);
}

/// Who may change what leads to a secret.
fn trusted(
    bench: &mut Bench<'_>,
    secret: &Secret,
    observation: &Observation,
    owners: &Owners,
) -> Vec<u32> {
    let mut trusted = vec![0];
    match &owners.uid {
        Some(Ok(uid)) => trusted.push(*uid),
        _ if !owners.readers.is_empty() => trusted.extend(&owners.readers),
        _ => trusted.extend(observation.found().map(|found| found.facts.uid)),
    }
    if let Scope::User(user) = &secret.scope {
        trusted.extend(bench.accounts.user(user).map(|account| account.uid));
    }
    trusted
}

/// Reports a secret that was not reached. Gives the reason for the servers that need it.
fn absent(
    bench: &mut Bench<'_>,
    secret: &Secret,
    observation: &Observation,
    reason: &Reason,
    unit: Option<(String, UnitState)>,
) -> Option<String> {
    let path = &secret.path;
    let details = |help| Details {
        secret: Some(&secret.name),
        help,
        ..Details::default()
    };
    let Err(stop) = &observation.end else {
        return None;
    };
    let at = &stop.at.0;
    let directory = path.parent().map(shown).unwrap_or_default();
    let name = path
        .file_name()
        .map(|name| crate::escape::Escaped::name(name).to_string());
    let needs = format!("needs {} at {directory}", name.unwrap_or_default());
    match reason {
        Reason::Missing => {
            let in_directory = at.file_name() != path.file_name();
            let link = observation.links.last();
            let detail = match (&unit, link) {
                (Some((unit, UnitState::NotYet | UnitState::Running)), _) => {
                    format!("not there yet: {unit} has not run")
                }
                (Some((unit, UnitState::Failed)), _) => {
                    format!("not there: {unit} failed (journalctl -u {unit})")
                }
                (_, Some(link)) => format!(
                    "the link {} leads to {}, which does not exist",
                    shown(&link.path.0),
                    shown(at)
                ),
                _ if in_directory => format!("{} does not exist", shown(at)),
                _ => "not there".to_owned(),
            };
            let not_yet = matches!(unit, Some((_, UnitState::NotYet | UnitState::Running)));
            let check = match (not_yet, link) {
                (true, _) => Check::NotInstalledYet,
                (false, Some(_)) => Check::DanglingLink,
                (false, None) => Check::SecretMissing,
            };
            if !secret.discovered || link.is_some() {
                bench.add(
                    check,
                    path,
                    format!("{}: {detail}", shown(path)),
                    details(None),
                );
            }
            Some(format!("{needs}: {detail}"))
        }
        // As somebody else than root: whether the reader gets in is the reader's verdict.
        Reason::Denied => None,
        Reason::NotADirectory | Reason::TooManyLinks | Reason::Failed(_) => {
            let what = match reason {
                Reason::TooManyLinks => format!("{} is in a loop of links", shown(at)),
                Reason::NotADirectory => format!("{} is not a directory", shown(at)),
                Reason::Failed(error) => format!("{} fails with {error}", shown(at)),
                Reason::Missing | Reason::Denied => return None,
            };
            let message = format!("{} cannot be reached: {what}", shown(path));
            bench.add(Check::PathBroken, path, message, details(None));
            Some(format!("{needs}: {what}"))
        }
    }
}

fn fill(
    report: &mut SecretReport,
    state: &mut State,
    bench: &mut Bench<'_>,
    found: &Found,
    kind: Option<String>,
) {
    let facts = &found.facts;
    let owner = bench.accounts.user_label(facts.uid);
    state.facts = Some(format!(
        "{owner} {} · {}",
        octal(facts.mode),
        judge::content::bytes(facts.size)
    ));
    report.real_path = Some(found.real.0.clone());
    report.owner = Some(owner);
    report.group = Some(bench.accounts.group_label(facts.gid));
    report.mode = Some(facts.mode);
    report.length = Some(facts.size);
    report.file_system = kind;
    report.content_checked = found.content.is_some();
}
