//! Which files are looked at, how closely, and as whom.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::accounts::Accounts;
use crate::escape::WirePath;
use crate::observe::file::{Depth, Observation};
use crate::observe::list::{Extent, Listing};
use crate::observe::survey::{Request, Survey};
use crate::options::Options;
use crate::probe::{self, Answer, Errand};

/// Who looks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// This process.
    Me,
    /// A helper that becomes this user.
    User(String),
}

/// A question that was put on the plan, to find its answer again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket {
    pub(crate) who: Who,
    index: usize,
}

/// All questions; equal ones are asked once.
#[derive(Debug)]
pub(crate) struct Plan {
    root: PathBuf,
    requests: BTreeMap<Who, Request>,
    files: BTreeMap<(Who, Depth, OsString), usize>,
    listings: BTreeMap<(Who, Extent, OsString), usize>,
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

    fn request(&mut self, who: &Who) -> &mut Request {
        self.requests
            .entry(who.clone())
            .or_insert_with(|| Request::below(&self.root))
    }

    /// Looks at a file.
    pub(crate) fn file(&mut self, who: &Who, path: &Path, depth: Depth) -> Ticket {
        // Plain bytes compare faster than paths.
        let key = (who.clone(), depth, path.as_os_str().to_owned());
        let index = match self.files.get(&key) {
            Some(&index) => index,
            None => {
                let files = &mut self.request(who).files;
                files.push((WirePath(path.to_owned()), depth));
                let index = files.len() - 1;
                self.files.insert(key, index);
                index
            }
        };
        Ticket {
            who: who.clone(),
            index,
        }
    }

    /// Lists a directory.
    pub(crate) fn listing(&mut self, who: &Who, path: &Path, extent: Extent) -> Ticket {
        let key = (who.clone(), extent, path.as_os_str().to_owned());
        let index = match self.listings.get(&key) {
            Some(&index) => index,
            None => {
                let listings = &mut self.request(who).listings;
                listings.push((WirePath(path.to_owned()), extent));
                let index = listings.len() - 1;
                self.listings.insert(key, index);
                index
            }
        };
        Ticket {
            who: who.clone(),
            index,
        }
    }

    /// Gets the answers to everything: helpers work while this process looks itself.
    pub(crate) fn carry_out(self, options: &Options, accounts: &mut Accounts) -> Answers {
        let errands: Vec<(Who, Result<Errand, String>)> = self
            .requests
            .into_iter()
            .map(|(who, request)| {
                let errand = errand(&who, request, Vec::new(), accounts);
                (who, errand)
            })
            .collect();
        let by = std::thread::scope(|scope| {
            let (mine, others): (Vec<_>, Vec<_>) =
                errands.into_iter().partition(|(who, _)| *who == Who::Me);
            let names: Vec<Who> = others.iter().map(|(who, _)| who.clone()).collect();
            let names = names.into_iter();
            let helpers = scope.spawn(move || -> Vec<_> {
                let answers = others.into_iter().map(|(who, errand)| {
                    let answer = errand.and_then(|errand| do_errand(&who, &errand, options));
                    (who, answer)
                });
                answers.collect()
            });
            let mut by: BTreeMap<Who, Result<Answer, String>> = mine
                .into_iter()
                .map(|(who, errand)| {
                    let answer = errand.and_then(|errand| do_errand(&who, &errand, options));
                    (who, answer)
                })
                .collect();
            match helpers.join() {
                Ok(answers) => by.extend(answers),
                Err(_) => {
                    by.extend(names.map(|who| (who, Err("the check itself failed".to_owned()))))
                }
            }
            by
        });
        Answers { by }
    }
}

fn errand(
    who: &Who,
    request: Request,
    units: Vec<String>,
    accounts: &mut Accounts,
) -> Result<Errand, String> {
    let account = match who {
        Who::Me => None,
        Who::User(name) => {
            let account = accounts.user(name);
            Some(account.ok_or_else(|| format!("this machine has no user {name}"))?)
        }
    };
    Ok(Errand {
        account,
        request,
        units,
    })
}

fn do_errand(who: &Who, errand: &Errand, options: &Options) -> Result<Answer, String> {
    match who {
        Who::Me => probe::run_here(errand),
        Who::User(_) => probe::send(&options.helper, errand),
    }
}

/// Asks one process.
///
/// # Errors
///
/// A sentence if there is no answer.
pub(crate) fn ask(
    who: &Who,
    request: Request,
    units: Vec<String>,
    options: &Options,
    accounts: &mut Accounts,
) -> Result<Answer, String> {
    do_errand(who, &errand(who, request, units, accounts)?, options)
}

/// The answers, or why there are none.
#[derive(Debug)]
pub(crate) struct Answers {
    by: BTreeMap<Who, Result<Answer, String>>,
}

impl Answers {
    /// The survey that a ticket belongs to.
    ///
    /// # Errors
    ///
    /// A sentence if that process gave no answer.
    pub(crate) fn survey(&self, who: &Who) -> Result<&Survey, &str> {
        match self.by.get(who) {
            Some(Ok(answer)) => Ok(&answer.survey),
            Some(Err(why)) => Err(why),
            None => Err("there is no answer"),
        }
    }

    /// What was seen of a file, with the survey that its indices point into.
    pub(crate) fn file(&self, ticket: &Ticket) -> Option<(&Observation, &Survey)> {
        let survey = self.survey(&ticket.who).ok()?;
        Some((survey.files.get(ticket.index)?, survey))
    }

    /// What was seen of a directory.
    pub(crate) fn listing(&self, ticket: &Ticket) -> Option<(&Listing, &Survey)> {
        let survey = self.survey(&ticket.who).ok()?;
        Some((survey.listings.get(ticket.index)?, survey))
    }

    /// The processes that gave no answer, with the reason.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&Who, &str)> {
        self.by.iter().filter_map(|(who, answer)| match answer {
            Err(why) => Some((who, why.as_str())),
            Ok(_) => None,
        })
    }

    /// The processes that saw links move.
    pub(crate) fn moved(&self) -> bool {
        self.by
            .values()
            .any(|answer| matches!(answer, Ok(answer) if answer.survey.moved))
    }
}
