//! Which files are looked at, how closely, and as whom.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::accounts::Accounts;
use crate::escape::WirePath;
use crate::observe::acl::Acl;
use crate::observe::file::{Depth, Observation};
use crate::observe::list::{Extent, Listing};
use crate::observe::survey::{Request, Survey};
use crate::options::Options;
use crate::probe::{self, Answer, Limits, ProbeRequest};

/// The user as whom files are inspected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Identity {
    /// This process.
    Me,
    /// A helper that becomes this user.
    User(String),
}

/// The key of a query in the plan, with which its answer is found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct QueryId {
    pub(crate) identity: Identity,
    index: usize,
}

/// All questions; equal ones are asked once.
#[derive(Debug)]
pub(crate) struct Plan {
    root: PathBuf,
    requests: BTreeMap<Identity, Request>,
    files: BTreeMap<(Identity, Depth, OsString), usize>,
    listings: BTreeMap<(Identity, Extent, OsString), usize>,
}

impl Plan {
    /// An empty plan for paths below `root`.
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            requests: BTreeMap::new(),
            files: BTreeMap::new(),
            listings: BTreeMap::new(),
        }
    }

    fn request(&mut self, identity: &Identity) -> &mut Request {
        self.requests
            .entry(identity.clone())
            .or_insert_with(|| Request::below(&self.root))
    }

    /// Looks at a file.
    pub(crate) fn file(&mut self, identity: &Identity, path: &Path, depth: Depth) -> QueryId {
        // Plain bytes compare faster than paths.
        let key = (identity.clone(), depth, path.as_os_str().to_owned());
        let index = match self.files.get(&key) {
            Some(&index) => index,
            None => {
                let files = &mut self.request(identity).files;
                files.push((WirePath(path.to_owned()), depth));
                let index = files.len() - 1;
                self.files.insert(key, index);
                index
            }
        };
        QueryId {
            identity: identity.clone(),
            index,
        }
    }

    /// Lists a directory.
    pub(crate) fn listing(&mut self, identity: &Identity, path: &Path, extent: Extent) -> QueryId {
        let key = (identity.clone(), extent, path.as_os_str().to_owned());
        let index = match self.listings.get(&key) {
            Some(&index) => index,
            None => {
                let listings = &mut self.request(identity).listings;
                listings.push((WirePath(path.to_owned()), extent));
                let index = listings.len() - 1;
                self.listings.insert(key, index);
                index
            }
        };
        QueryId {
            identity: identity.clone(),
            index,
        }
    }

    /// Gets the answers to everything: this process's own helper works beside those of others.
    pub(crate) fn carry_out(
        self,
        options: &Options,
        limits: Limits,
        accounts: &mut Accounts,
    ) -> Answers {
        let probes: Vec<(Identity, Result<ProbeRequest, String>)> = self
            .requests
            .into_iter()
            .map(|(identity, request)| {
                let probe = probe_request(&identity, request, Vec::new(), accounts);
                (identity, probe)
            })
            .collect();
        let by = std::thread::scope(|scope| {
            let (mine, others): (Vec<_>, Vec<_>) = probes
                .into_iter()
                .partition(|(identity, _)| *identity == Identity::Me);
            let names: Vec<Identity> = others
                .iter()
                .map(|(identity, _)| identity.clone())
                .collect();
            let names = names.into_iter();
            let helpers = scope.spawn(move || -> Vec<_> {
                let answers = others.into_iter().map(|(identity, probe)| {
                    let answer =
                        probe.and_then(|probe| probe::send(&options.helper, probe, limits));
                    (identity, answer)
                });
                answers.collect()
            });
            let mut by: BTreeMap<Identity, Result<Answer, String>> = mine
                .into_iter()
                .map(|(identity, probe)| {
                    let answer =
                        probe.and_then(|probe| probe::send(&options.helper, probe, limits));
                    (identity, answer)
                })
                .collect();
            match helpers.join() {
                Ok(answers) => by.extend(answers),
                Err(_) => by.extend(
                    names.map(|identity| (identity, Err("the check itself failed".to_owned()))),
                ),
            }
            by
        });
        Answers { by }
    }
}

fn probe_request(
    identity: &Identity,
    request: Request,
    units: Vec<String>,
    accounts: &mut Accounts,
) -> Result<ProbeRequest, String> {
    let account = match identity {
        Identity::Me => None,
        Identity::User(name) => {
            let account = accounts.user(name);
            Some(account.ok_or_else(|| format!("this machine has no user {name}"))?)
        }
    };
    Ok(ProbeRequest {
        account,
        request,
        units,
    })
}

/// Asks one process.
///
/// # Errors
///
/// A sentence if there is no answer.
pub(crate) fn ask(
    identity: &Identity,
    request: Request,
    units: Vec<String>,
    options: &Options,
    limits: Limits,
    accounts: &mut Accounts,
) -> Result<Answer, String> {
    let probe = probe_request(identity, request, units, accounts)?;
    probe::send(&options.helper, probe, limits)
}

/// The answers, or why there are none.
#[derive(Debug)]
pub(crate) struct Answers {
    by: BTreeMap<Identity, Result<Answer, String>>,
}

impl Answers {
    /// The survey that a query belongs to.
    ///
    /// # Errors
    ///
    /// A sentence if that process gave no answer.
    pub(crate) fn survey(&self, identity: &Identity) -> Result<&Survey, &str> {
        match self.by.get(identity) {
            Some(Ok(answer)) => Ok(&answer.survey),
            Some(Err(why)) => Err(why),
            None => Err("there is no answer"),
        }
    }

    /// What was seen of a file, with the survey that its indices point into.
    pub(crate) fn file(&self, query: &QueryId) -> Option<(&Observation, &Survey)> {
        let survey = self.survey(&query.identity).ok()?;
        Some((survey.files.get(query.index)?, survey))
    }

    /// What was seen of a directory.
    pub(crate) fn listing(&self, query: &QueryId) -> Option<(&Listing, &Survey)> {
        let survey = self.survey(&query.identity).ok()?;
        Some((survey.listings.get(query.index)?, survey))
    }

    /// The processes that gave no answer, with the reason.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&Identity, &str)> {
        self.by
            .iter()
            .filter_map(|(identity, answer)| match answer {
                Err(why) => Some((identity, why.as_str())),
                Ok(_) => None,
            })
    }

    /// What was asked for and is not known, with the reason: each path, and as whom.
    pub(crate) fn uncertain(&self) -> Vec<(&Identity, &Path, String)> {
        let mut uncertain = Vec::new();
        for (identity, answer) in &self.by {
            let Ok(Answer { survey, .. }) = answer else {
                continue;
            };
            let mut add = |path, why| uncertain.push((identity, path, why));
            for file in &survey.files {
                if let Some(why) = file.uncertain() {
                    add(file.path.0.as_path(), why);
                }
                let acl = file.found().and_then(|found| found.acl.as_ref());
                if let Some(why) = acl.and_then(Acl::unknown) {
                    add(file.path.0.as_path(), access_list(why));
                }
            }
            for chain in &survey.chains {
                if let Some(stop) = &chain.stop
                    && let Some(why) = stop.reason.uncertain()
                {
                    add(stop.at.0.as_path(), why);
                }
                for step in &chain.steps {
                    let lists = [&step.acl, &step.default_acl].into_iter().flatten();
                    for why in lists.filter_map(Acl::unknown) {
                        add(step.path.0.as_path(), access_list(why));
                    }
                }
            }
        }
        uncertain
    }

    /// The processes that saw links move.
    pub(crate) fn moved(&self) -> bool {
        self.by
            .values()
            .any(|answer| matches!(answer, Ok(answer) if answer.survey.moved))
    }
}

fn access_list(why: &str) -> String {
    format!("its access control list cannot be read: {why}")
}
