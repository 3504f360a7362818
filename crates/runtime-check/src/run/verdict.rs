//! The verdict on each secret, for each of its readers, and for the servers that need it.

use std::collections::BTreeMap;

use super::absent::absent;
use super::{Me, Questions, sessions};
use crate::accounts::Account;
use crate::checks::Check;
use crate::escape::Escaped;
use crate::expect::{Expected, Place, Reader, Scope, Secret, Use, maker_name};
use crate::facts::{Kind, octal};
use crate::judge::access::{DenialKind, denial, group_permissions};
use crate::judge::file::{Owners, owners};
use crate::judge::{self, Details, JudgeContext, fix, shown};
use crate::observe::acl::READ;
use crate::observe::file::{Found, Observation, Opened};
use crate::observe::survey::Survey;
use crate::observe::walk::Reason;
use crate::plan::Answers;
use crate::report::{Readable, ReaderReport, SecretReport, ServerStatus};
use crate::units::UnitState;

/// What one reader met.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) readable: Readable,
    pub(super) kind: Option<DenialKind>,
    pub(super) reason: Option<String>,
    pub(super) help: Option<String>,
}

/// What was found out about one secret, for the servers.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) missing: Option<String>,
    pub(super) problem: Option<(ServerStatus, String)>,
    /// Why it is not known whether it can be used.
    pub(super) unknown: Option<String>,
    /// `alice 0400 · 40 bytes`
    pub(super) facts: Option<String>,
}

/// Collects verdicts.
pub(super) struct Verdicts<'r> {
    pub(super) me: &'r Me,
    pub(super) expected: &'r Expected,
    pub(super) states: Vec<State>,
    pub(super) outcomes: BTreeMap<(usize, String), Outcome>,
    pub(super) skipped: usize,
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
        context: &mut JudgeContext<'_>,
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
            manager: maker_name(secret.manager),
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
            unknown: None,
            facts: None,
        };
        let mine = answers.file(&questions.facts);
        let theirs = questions
            .content
            .as_ref()
            .and_then(|query| answers.file(query));
        // Root sees most, but not into a user's own FUSE mount.
        let seen = match (mine, theirs) {
            (Some((observation, _)), Some(theirs)) if observation.found().is_none() => Some(theirs),
            (mine, theirs) => mine.or(theirs),
        };
        if let Some((observation, survey)) = seen {
            let uids = self.reader_uids(context, &readers);
            let owners = owners(context, secret, uids);
            let read = theirs.or(mine).map(|(read, _)| read);
            let trusted = trusted(context, secret, observation, &owners);
            judge::directory::judge(context, &secret.name, observation, survey, &trusted);
            judge::directory::link_owner(context, secret, observation, &trusted);
            match &observation.end {
                Ok(found) => {
                    let mut uses: Vec<Use> = readers.iter().map(|reader| reader.usage).collect();
                    uses.sort();
                    uses.dedup();
                    let found = with_content(context, secret, found, read);
                    state.unknown = found.opened.uncertain();
                    judge::file::judge(context, secret, &found, &owners);
                    judge::directory::default_acl(
                        context,
                        &secret.name,
                        observation,
                        survey,
                        &trusted,
                    );
                    let kind = judge::storage::kind(context, &found, observation, survey);
                    // What was put elsewhere is not the manager's mount's business.
                    let inside = place.filter(|place| {
                        secret.path.starts_with(&place.link)
                            || found.real.0.starts_with(&place.generations)
                    });
                    judge::storage::judge(context, secret, &found, kind.as_deref(), inside);
                    state.problem = self.content(context, secret, &found, &uses);
                    fill(&mut report, &mut state, context, &found, kind);
                }
                Err(stop) => {
                    state.missing = absent(context, secret, observation, &stop.reason, unit);
                    state.unknown = stop.reason.uncertain();
                }
            }
        }
        let index = self.states.len();
        for (position, query) in &questions.readers {
            let Some(reader) = self.expected.readers.get(*position) else {
                continue;
            };
            let tried = query.as_ref().and_then(|query| answers.file(query));
            let outcome = self.reader(context, secret, reader, seen, tried);
            if outcome.kind == Some(DenialKind::Unknown) {
                let why = outcome.reason.clone().unwrap_or_default();
                context.not_checked(
                    &secret.path,
                    format!("whether {} can read it: {why}", Escaped::text(&reader.user)),
                );
            }
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

    fn reader_uids(&self, context: &mut JudgeContext<'_>, readers: &[&Reader]) -> Vec<u32> {
        let mut uids: Vec<u32> = readers
            .iter()
            .filter_map(|reader| context.accounts.user(&reader.user))
            .map(|account| account.uid)
            .filter(|uid| *uid != 0)
            .collect();
        uids.sort_unstable();
        uids.dedup();
        uids
    }

    fn content(
        &mut self,
        context: &mut JudgeContext<'_>,
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
            Some(content) => judge::content::judge(context, secret, content, uses),
            None => {
                // A file that only others may read is right; its length can still be wrong.
                if found.opened.uncertain().is_none() {
                    self.skipped += 1;
                }
                if found.opened == Opened::Denied && self.me.is_root() {
                    context.not_checked(&secret.path, "its content: opening it is refused");
                }
                if found.facts.size == 0 {
                    let message = format!("{} is empty (0 bytes)", shown(&secret.path));
                    let details = Details {
                        secret: Some(&secret.name),
                        help: Some(fix::edit(secret)),
                        ..Details::default()
                    };
                    context.add(Check::Empty, &secret.path, message, details);
                    return Some((ServerStatus::Empty, "is empty (0 bytes)".to_owned()));
                }
                None
            }
        }
    }

    fn reader(
        &self,
        context: &mut JudgeContext<'_>,
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
            match (context.accounts.user(&reader.user), tried, seen) {
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
        let Some(denial) = denial(context, &account, observation, survey) else {
            let other = seen.and_then(|(seen, _)| Some((seen.found()?, observation.found()?)));
            if other.is_some_and(|(seen, opened)| !seen.facts.same_state(&opened.facts)) {
                return Outcome {
                    kind: Some(DenialKind::Unknown),
                    ..unknown("it changed while it was looked at")
                };
            }
            self.stale_groups(context, secret, &account, observation);
            return yes;
        };
        if denial.kind == DenialKind::Unknown {
            return Outcome {
                kind: Some(DenialKind::Unknown),
                ..unknown(&denial.reason)
            };
        }
        let help = match denial.kind {
            DenialKind::NotTheirs => fix::give_to(secret, &account.name),
            DenialKind::OwnMode => fix::set_mode(secret, "0400"),
            DenialKind::Directory => Some(format!(
                "let {} enter {}, or keep the secret elsewhere",
                account.name,
                shown(&denial.at)
            )),
            DenialKind::Missing
            | DenialKind::Broken
            | DenialKind::Unknown
            | DenialKind::OtherLayer => None,
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
            stale_groups(context, secret, &account, message);
        } else if !matches!(denial.kind, DenialKind::Missing | DenialKind::Broken) {
            let via = reader
                .via
                .as_deref()
                .map(|via| format!(" ({})", crate::escape::Escaped::text(via)))
                .unwrap_or_default();
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
            context.add(Check::NotReadable, &secret.path, message, details);
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
        context: &mut JudgeContext<'_>,
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
        if !by_group || !context.is_live || !self.me.is_root() {
            return;
        }
        let count = sessions::processes_without(account.uid, facts.gid);
        if count > 0 {
            let group = context.accounts.group_label(facts.gid);
            let message = format!(
                "{} may read {} by group {group}, which {count} running processes of theirs do not have",
                account.name,
                shown(&secret.path)
            );
            stale_groups(context, secret, account, message);
        }
    }
}

/// Reports that a session has not the groups that its user has by now.
fn stale_groups(
    context: &mut JudgeContext<'_>,
    secret: &Secret,
    account: &Account,
    message: String,
) {
    let details = Details {
        secret: Some(&secret.name),
        user: Some(&account.name),
        help: Some("log out and in again".to_owned()),
        ..Details::default()
    };
    context.add(Check::StaleGroups, &secret.path, message, details);
}

/// A file with the classes of its content as it was read, by this process or as a user. What was read
/// of another file, or of another state of this one, does not belong to its facts.
fn with_content(
    context: &mut JudgeContext<'_>,
    secret: &Secret,
    found: &Found,
    read: Option<&Observation>,
) -> Found {
    let other = match read.map(|read| &read.end) {
        Some(Ok(other)) => other,
        Some(Err(stop)) if stop.reason == Reason::Denied => {
            return Found {
                opened: Opened::Denied,
                ..found.clone()
            };
        }
        // Why is among what could not be checked.
        _ => return found.clone(),
    };
    let mut found = Found {
        content: other.content.clone(),
        opened: other.opened.clone(),
        ..found.clone()
    };
    if !other.facts.same_state(&found.facts) {
        found.content = None;
        found.opened = Opened::Changed;
        context.not_checked(&secret.path, "it changed while it was looked at");
    }
    found
}

/// Who may change what leads to a secret.
fn trusted(
    context: &mut JudgeContext<'_>,
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
        trusted.extend(context.accounts.user(user).map(|account| account.uid));
    }
    trusted
}

fn fill(
    report: &mut SecretReport,
    state: &mut State,
    context: &mut JudgeContext<'_>,
    found: &Found,
    kind: Option<String>,
) {
    let facts = &found.facts;
    let owner = context.accounts.user_label(facts.uid);
    state.facts = Some(format!(
        "{owner} {} · {}",
        octal(facts.mode),
        judge::content::bytes(facts.size)
    ));
    report.real_path = Some(found.real.0.clone());
    report.owner = Some(owner);
    report.group = Some(context.accounts.group_label(facts.gid));
    report.mode = Some(facts.mode);
    report.length = Some(facts.size);
    report.file_system = kind;
    report.content_checked = found.content.is_some();
}
