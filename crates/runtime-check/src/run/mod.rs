//! One run: expectation, plan, answers, judgement, report.

mod absent;
mod expectation;
mod servers;
mod sessions;
mod verdict;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::accounts::Accounts;
use crate::escape::{Escaped, WirePath};
use crate::expect::{self, ClientPath, Expected, Key, Place, Scope, Secret};
use crate::finding::NotChecked;
use crate::judge::{self, JudgeContext};
use crate::observe::client::ClientFile;
use crate::observe::client_format::ClientFormat;
use crate::observe::file::Depth;
use crate::observe::list::Extent;
use crate::observe::mounts::{Mounts, unencrypted_swap};
use crate::observe::survey::Request;
use crate::options::Options;
use crate::plan::{Answers, Identity, Plan, QueryId, ask};
use crate::probe::Limits;
use crate::report::Report;
use crate::sys;
use crate::units::UnitState;

use verdict::Verdicts;

/// How long all file systems together may take: half of the units' `TimeoutStartSec`.
const LONGEST: Duration = Duration::from_secs(150);

/// Who runs the check.
#[derive(Debug)]
struct Me {
    uid: u32,
    name: String,
}

impl Me {
    fn is_root(&self) -> bool {
        self.uid == 0
    }

    /// Who can look for a user: this process, a helper, or nobody.
    fn looking_for(&self, user: &str) -> Option<Identity> {
        if user == self.name {
            Some(Identity::Me)
        } else if self.is_root() {
            Some(Identity::User(user.to_owned()))
        } else {
            None
        }
    }
}

/// Checks the machine.
///
/// It never fails: what stands in the way is in [`Report::not_checked`]. It makes this process
/// unable to dump core, and starts one helper process for each other user that it looks as.
#[must_use]
pub fn run(options: &Options) -> Report {
    sys::harden();
    let mut accounts = Accounts::below(&options.root);
    let uid = rustix::process::geteuid().as_raw();
    let me = Me {
        uid,
        name: accounts.user_label(uid),
    };
    let mut run = Run {
        options,
        report: Report {
            host: None,
            checked_as: me.name.clone(),
            secrets: Vec::new(),
            servers: Vec::new(),
            findings: Vec::new(),
            not_checked: Vec::new(),
            notes: Vec::new(),
            fail_on: options.fail_on,
        },
        accounts,
        me,
        expected: Expected::default(),
        places: Vec::new(),
        limits: Limits {
            patience: options.patience,
            end: Instant::now() + LONGEST,
        },
    };
    if cfg!(not(target_os = "linux")) {
        run.note("access control lists are not looked at on this system".to_owned());
    }
    match run.expectation() {
        Ok(()) => run.check(),
        Err((what, why)) => run.not_checked(what, why),
    }
    run.report.finish()
}

impl Report {
    /// Sorts what the run found.
    fn finish(mut self) -> Self {
        self.secrets
            .sort_by(|a, b| (&a.path, &a.name).cmp(&(&b.path, &b.name)));
        self.servers
            .sort_by(|a, b| (&a.user, &a.name, &a.secret).cmp(&(&b.user, &b.name, &b.secret)));
        self.not_checked.sort();
        self.not_checked.dedup();
        self.notes.sort();
        self.notes.dedup();
        self
    }
}

struct Run<'o> {
    options: &'o Options,
    accounts: Accounts,
    me: Me,
    report: Report,
    expected: Expected,
    places: Vec<Place>,
    limits: Limits,
}

/// The questions about one secret.
#[derive(Debug)]
struct Questions {
    /// Its facts, as this process sees them.
    facts: QueryId,
    /// Its content, as whoever may look at it.
    content: Option<QueryId>,
    /// For each reader: its index, and its own try.
    readers: Vec<(usize, Option<QueryId>)>,
}

type Failure = (String, String);

impl Run<'_> {
    fn not_checked(&mut self, what: impl Into<String>, why: impl Into<String>) {
        let (what, why) = (what.into(), why.into());
        self.report.not_checked.push(NotChecked {
            what: Escaped::text(&what).to_string(),
            why: Escaped::text(&why).to_string(),
        });
    }

    fn note(&mut self, note: String) {
        self.report.notes.push(note);
    }

    /// Asks everything, then judges.
    fn check(&mut self) {
        let mut plan = Plan::new(&self.options.root);
        let secrets = std::mem::take(&mut self.expected.secrets);
        let mut readers: Vec<Vec<usize>> = vec![Vec::new(); secrets.len()];
        for (index, reader) in self.expected.readers.iter().enumerate() {
            if let Some(of_secret) = readers.get_mut(reader.secret) {
                of_secret.push(index);
            }
        }
        let questions: Vec<Questions> = secrets
            .iter()
            .zip(&readers)
            .map(|(secret, readers)| self.questions(&mut plan, secret, readers))
            .collect();
        let places = self.plan_places(&mut plan, &secrets);
        let keys = self.plan_keys(&mut plan);
        let clients = self.plan_clients(&mut plan);
        let answers = plan.carry_out(self.options, self.limits, &mut self.accounts);
        self.failures(&answers);

        let mounts = Mounts::of_this_process();
        let swap = unencrypted_swap();
        let is_live = self.options.root == Path::new("/");
        let missing = self.units_of_missing(&secrets, &questions, &answers);
        let mut context = JudgeContext::new(&mut self.accounts, &mounts, &swap, is_live);
        let mut verdicts = Verdicts::new(&self.me, &self.expected);
        for ((secret, questions), unit) in secrets.iter().zip(&questions).zip(missing) {
            let place = place_of(&self.places, secret);
            let report = verdicts.secret(&mut context, secret, questions, &answers, place, unit);
            self.report.secrets.push(report);
        }
        let (servers, notes) = verdicts.finish(&mut context, &secrets);
        for (place, queries) in &places {
            judge_place(&mut context, place, queries, &answers);
        }
        judge_keys(&mut context, &keys, &answers);
        let seen: Vec<_> = keys
            .iter()
            .filter_map(|(key, query)| Some((key, answers.file(query)?.0)))
            .collect();
        // A key that nobody could look at may be the one.
        if seen.len() == self.expected.keys.len() {
            judge::recipients::judge(&mut context, &secrets, &seen, &self.expected.keys_open);
        }
        for (user, format, query) in &clients {
            if let Some((seen, _)) = answers.file(query) {
                judge::client::judge(&mut context, user, *format, seen);
            }
        }
        let (findings, not_checked) = context.finish();
        self.report.findings = findings;
        self.report.not_checked.extend(not_checked);
        self.report.servers = servers;
        self.report.notes.extend(notes);
        self.expected.secrets = secrets;
    }

    fn questions(&self, plan: &mut Plan, secret: &Secret, readers: &[usize]) -> Questions {
        let readers: Vec<_> = readers
            .iter()
            .filter_map(|&index| Some((index, self.expected.readers.get(index)?)))
            .collect();
        let first_reader = readers.iter().map(|(_, reader)| &reader.user).min();
        let readers = readers
            .iter()
            .map(|(index, reader)| {
                // Root's own access proves nothing and needs no try.
                let is_root = reader.user == "root";
                let identity = (!is_root)
                    .then(|| self.me.looking_for(&reader.user))
                    .flatten();
                let query =
                    identity.map(|identity| plan.file(&identity, &secret.path, Depth::Open));
                (*index, query)
            })
            .collect();
        // As root, files that a user put somewhere are read as that user, never as root.
        let content_user = match (&secret.scope, secret.manager) {
            (Scope::User(user), _) => Some(user),
            (Scope::System, None) => first_reader,
            (Scope::System, Some(_)) => None,
        };
        let identity = match content_user {
            Some(user) => self.me.looking_for(user),
            None => Some(Identity::Me),
        };
        let facts_depth = if identity == Some(Identity::Me) {
            Depth::Content
        } else {
            Depth::Facts
        };
        let facts = plan.file(&Identity::Me, &secret.path, facts_depth);
        let content = identity.filter(|identity| *identity != Identity::Me);
        let content = content.map(|identity| plan.file(&identity, &secret.path, Depth::Content));
        Questions {
            facts,
            content,
            readers,
        }
    }

    fn plan_places(&self, plan: &mut Plan, secrets: &[Secret]) -> Vec<(Place, PlaceQueries)> {
        let mut planned = Vec::new();
        for place in &self.places {
            let is_here = |secret: &Secret| place_of(&self.places, secret) == Some(place);
            if !secrets.iter().any(is_here) {
                continue;
            }
            let identity = match place.scope.user() {
                Some(user) => self.me.looking_for(user),
                None => Some(Identity::Me),
            };
            let Some(identity) = identity else {
                continue;
            };
            let queries = PlaceQueries {
                link: plan.listing(&identity, &place.link, Extent::Way),
                generations: plan.listing(&identity, &place.generations, Extent::Entries),
                age_keys: place
                    .age_keys()
                    .map(|path| plan.file(&identity, &path, Depth::Facts)),
            };
            planned.push((place.clone(), queries));
        }
        planned
    }

    fn plan_keys(&self, plan: &mut Plan) -> Vec<(Key, QueryId)> {
        let keys = self.expected.keys.iter();
        keys.filter_map(|key| {
            let identity = match key.scope.user() {
                Some(user) => self.me.looking_for(user)?,
                None => Identity::Me,
            };
            Some((key.clone(), plan.file(&identity, &key.path, Depth::Key)))
        })
        .collect()
    }

    fn plan_clients(&mut self, plan: &mut Plan) -> Vec<(String, ClientFormat, QueryId)> {
        let mut planned = Vec::new();
        let mut of_system: BTreeSet<PathBuf> = BTreeSet::new();
        for user in self.expected.clients.clone() {
            let Some(account) = self.accounts.user(&user) else {
                continue;
            };
            let Some(identity) = self.me.looking_for(&user) else {
                continue;
            };
            let mut files = expect::client_files(&account);
            // Those of the system are read once.
            files
                .retain(|file| !file.is_of_system(&account) || of_system.insert(file.path.clone()));
            for (path, file) in self.client_paths(&identity, files) {
                let query = plan.file(&identity, &path, Depth::Client(file));
                planned.push((user.clone(), file.format, query));
            }
        }
        planned
    }

    /// The files of clients, those of profiles looked up as the user.
    fn client_paths(
        &mut self,
        identity: &Identity,
        files: Vec<ClientPath>,
    ) -> Vec<(PathBuf, ClientFile)> {
        let (of_profiles, single): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| file.below.is_some());
        let mut paths: Vec<_> = { single.into_iter() }
            .map(|file| (file.path, file.file))
            .collect();
        let mut request = Request::below(&self.options.root);
        let directories = of_profiles.iter().map(|file| WirePath(file.path.clone()));
        request.listings = directories.map(|path| (path, Extent::Entries)).collect();
        let answer = ask(
            identity,
            request,
            Vec::new(),
            self.options,
            self.limits,
            &mut self.accounts,
        );
        // Why there is no answer is told with the user's files.
        let survey = answer.map(|answer| answer.survey).unwrap_or_default();
        for (file, listing) in of_profiles.iter().zip(&survey.listings) {
            if let Some(why) = &listing.incomplete {
                self.not_checked(judge::shown(&file.path), why.clone());
            }
            for WirePath(profile) in &listing.directories {
                let below = file.below.clone().unwrap_or_default();
                paths.push((file.path.join(profile).join(below), file.file));
            }
        }
        paths
    }

    fn failures(&mut self, answers: &Answers) {
        let failures: Vec<Failure> = answers
            .failures()
            .map(|(identity, why)| {
                let what = match identity {
                    Identity::Me => "anything".to_owned(),
                    Identity::User(user) => format!("access of user {user}"),
                };
                (what, why.to_owned())
            })
            .collect();
        for (what, why) in failures {
            self.not_checked(what, why);
        }
        let uncertain: Vec<_> = answers
            .uncertain()
            .into_iter()
            .map(|(identity, path, why)| {
                let path = judge::shown(path);
                let what = match identity {
                    Identity::Me => path,
                    Identity::User(user) => format!("{path} as user {}", Escaped::text(user)),
                };
                NotChecked { what, why }
            })
            .collect();
        self.report.not_checked.extend(uncertain);
        if answers.moved() {
            self.not_checked(
                "a steady state",
                "a new generation was installed twice while this looked",
            );
        }
    }

    /// For each secret that is not there, what its manager's unit says.
    fn units_of_missing(
        &mut self,
        secrets: &[Secret],
        questions: &[Questions],
        answers: &Answers,
    ) -> Vec<Option<(String, UnitState)>> {
        let mut known: Vec<(String, Option<String>, UnitState)> = Vec::new();
        let mut states = Vec::with_capacity(secrets.len());
        for (secret, questions) in secrets.iter().zip(questions) {
            let missing = answers
                .file(&questions.facts)
                .is_some_and(|(seen, _)| seen.is_missing());
            let place = place_of(&self.places, secret);
            let Some(place) = place.filter(|_| missing && self.options.root == Path::new("/"))
            else {
                states.push(None);
                continue;
            };
            let (unit, user) = (
                place.unit().to_owned(),
                place.scope.user().map(str::to_owned),
            );
            let asked = known
                .iter()
                .find(|(other, owner, _)| *other == unit && *owner == user);
            let state = match asked {
                Some((_, _, state)) => *state,
                None => {
                    let state = self.unit_state(&unit, user.as_deref());
                    known.push((unit.clone(), user, state));
                    state
                }
            };
            states.push(Some((unit, state)));
        }
        states
    }

    fn unit_state(&mut self, unit: &str, user: Option<&str>) -> UnitState {
        match user {
            None => crate::units::state(unit, false),
            Some(user) => {
                let Some(identity) = self.me.looking_for(user) else {
                    return UnitState::Unknown;
                };
                let request = Request::below(&self.options.root);
                ask(
                    &identity,
                    request,
                    vec![unit.to_owned()],
                    self.options,
                    self.limits,
                    &mut self.accounts,
                )
                .ok()
                .and_then(|answer| answer.units.first().map(|(_, state)| *state))
                .unwrap_or(UnitState::Unknown)
            }
        }
    }
}

/// Where a secret's manager installs it: not always where its path is, which can be a link.
fn place_of<'p>(places: &'p [Place], secret: &Secret) -> Option<&'p Place> {
    places.iter().find(|place| match secret.manager {
        None => secret.path.starts_with(&place.link),
        Some(manager) => {
            place.manager == manager
                && place.scope == secret.scope
                && place.for_users == secret.needed_for_users
        }
    })
}

#[derive(Debug)]
struct PlaceQueries {
    link: QueryId,
    generations: QueryId,
    age_keys: Option<QueryId>,
}

fn judge_place(
    context: &mut JudgeContext<'_>,
    place: &Place,
    queries: &PlaceQueries,
    answers: &Answers,
) {
    let owner = match place.scope.user() {
        Some(user) => match context.accounts.user(user) {
            Some(account) => account.uid,
            None => return,
        },
        None => 0,
    };
    if let Some((link, survey)) = answers.listing(&queries.link) {
        judge::managed::judge(context, place, link, survey, owner);
    }
    if let Some((generations, survey)) = answers.listing(&queries.generations) {
        judge::managed::generations(context, place, generations);
        if place.scope.user().is_some()
            && let Some(directory) = place.generations.parent()
        {
            judge::managed::runtime_directory(context, directory, generations, survey, owner);
        }
    }
    let seen = queries
        .age_keys
        .as_ref()
        .and_then(|query| answers.file(query));
    if let Some(found) = seen.and_then(|(seen, _)| seen.found().map(|found| (seen, found))) {
        judge::managed::age_keys(context, &found.0.path.0, found.1, owner);
    }
}

fn judge_keys(context: &mut JudgeContext<'_>, keys: &[(Key, QueryId)], answers: &Answers) {
    for (key, query) in keys {
        let owner = match key.scope.user() {
            Some(user) => match context.accounts.user(user) {
                Some(account) => account.uid,
                None => continue,
            },
            None => 0,
        };
        let alone = !keys.iter().any(|(other, query)| {
            other.declared
                && other != key
                && (other.manager, &other.scope) == (key.manager, &key.scope)
                && answers
                    .file(query)
                    .is_some_and(|(seen, _)| !seen.is_missing())
        });
        if let Some((seen, _)) = answers.file(query) {
            judge::key::judge(context, key, seen, owner, alone);
        }
    }
}
