//! What should be there: from a manifest, a directory, or the machine itself.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Failure, Run};
use crate::escape::WirePath;
use crate::expect::{self, Context, Expected, Place, Reader, Scope, Secret, Use};
use crate::judge::shown;
use crate::manifest;
use crate::observe::list::Extent;
use crate::observe::survey::Request;
use crate::observe::walk::Reason;
use crate::options::Expectation;
use crate::plan::{Identity, ask};

/// A directory that could not be listed.
struct NotListed {
    directory: String,
    why: String,
    /// Whether it does not exist.
    is_missing: bool,
}

impl NotListed {
    fn because(directory: &Path, why: String) -> Self {
        Self {
            directory: shown(directory),
            why,
            is_missing: false,
        }
    }
}

impl From<NotListed> for Failure {
    fn from(not_listed: NotListed) -> Self {
        (not_listed.directory, not_listed.why)
    }
}

impl Run<'_> {
    /// Finds out what should be there.
    pub(super) fn expectation(&mut self) -> Result<(), Failure> {
        if let Some(user) = &self.options.user {
            let what = format!("access of user {user}");
            if self.accounts.user(user).is_none() {
                return Err((what, "this machine has no such user".to_owned()));
            }
            if self.me.looking_for(user).is_none() {
                return Err((
                    what,
                    format!(
                        "only root can check for another user, this is {}",
                        self.me.name
                    ),
                ));
            }
        }
        let user = self.options.user.clone();
        let user = user.or_else(|| (!self.me.is_root()).then(|| self.me.name.clone()));
        self.places = self.places_for(user.as_deref());
        match &self.options.expectation {
            Expectation::Manifest(text) => self.read_manifest(text, user)?,
            Expectation::SecretsPath { directory, secrets } => {
                self.read_directory(directory, secrets, user)?;
            }
            Expectation::Discover => self.discover(user)?,
        }
        Ok(())
    }

    fn places_for(&mut self, user: Option<&str>) -> Vec<Place> {
        let account = user.and_then(|user| self.accounts.user(user));
        let runtime = user.and_then(|user| {
            let own = (self.me.uid, self.options.runtime_directory.clone());
            Context {
                managers: self.options.managers,
                accounts: &mut self.accounts,
                user: None,
                own,
            }
            .runtime(user)
        });
        expect::places(
            self.options.managers,
            account.as_ref().zip(runtime.as_deref()),
        )
    }

    fn read_manifest(&mut self, text: &str, user: Option<String>) -> Result<(), Failure> {
        let failure = |why| ("what is declared".to_owned(), why);
        let manifest = manifest::parse(text).map_err(failure)?;
        let node = rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned();
        let hosts =
            expect::choose_host(&manifest, self.options.host.as_deref(), &node).map_err(failure)?;
        let mut expected = Expected::default();
        for host in hosts {
            let mut context = Context {
                managers: self.options.managers,
                accounts: &mut self.accounts,
                user: user.clone(),
                own: (self.me.uid, self.options.runtime_directory.clone()),
            };
            expect::expected(host, &mut context, &mut expected);
        }
        let not_checked = std::mem::take(&mut expected.not_checked);
        for (what, why) in not_checked {
            self.not_checked(what, why);
        }
        // Places of every user that the manifest has secrets of.
        let scopes = expected
            .secrets
            .iter()
            .filter_map(|secret| secret.scope.user());
        let users: BTreeSet<String> = scopes.map(str::to_owned).collect();
        for user in users {
            for place in self.places_for(Some(&user)) {
                if !self.places.contains(&place) {
                    self.places.push(place);
                }
            }
        }
        if let Some(user) = &self.options.user {
            expected.readers.retain(|reader| reader.user == *user);
            expected.servers.retain(|server| server.user == *user);
            expected.clients = vec![user.clone()];
        }
        self.report.host.clone_from(&expected.host);
        self.expected = expected;
        if self.expected.secrets.is_empty() && self.expected.servers.is_empty() {
            return Err((
                "secrets".to_owned(),
                "the manifest declares none for this host".to_owned(),
            ));
        }
        Ok(())
    }

    fn read_directory(
        &mut self,
        directory: &Path,
        names: &[String],
        user: Option<String>,
    ) -> Result<(), Failure> {
        self.expected.clients.extend(user.clone());
        let place = self
            .places
            .iter()
            .find(|place| place.link == directory)
            .cloned();
        if names.is_empty() {
            let identity = user
                .as_deref()
                .and_then(|user| self.me.looking_for(user))
                .unwrap_or(Identity::Me);
            let identity = if place.is_some() {
                Identity::Me
            } else {
                identity
            };
            let found = self.list(&identity, directory, place.as_ref(), user.as_deref())?;
            return if found == 0 {
                Err((shown(directory), "there is no file in it".to_owned()))
            } else {
                Ok(())
            };
        }
        for name in names {
            let index = self.expected.secrets.len();
            self.expected.secrets.push(Secret {
                name: name.clone(),
                attribute: None,
                manager: None,
                scope: Scope::System,
                path: directory.join(name),
                owner: None,
                group: None,
                mode: None,
                needed_for_users: false,
                discovered: false,
                encrypted: None,
            });
            if let Some(user) = &user {
                let usage = Use::Value;
                self.expected.readers.push(Reader {
                    secret: index,
                    user: user.clone(),
                    via: None,
                    usage,
                });
            }
        }
        Ok(())
    }

    /// Lists a directory now and adds what is there. Gives how many files that are.
    fn list(
        &mut self,
        identity: &Identity,
        directory: &Path,
        place: Option<&Place>,
        reader: Option<&str>,
    ) -> Result<usize, NotListed> {
        let mut request = Request::below(&self.options.root);
        request
            .listings
            .push((WirePath(directory.to_owned()), Extent::Tree));
        let answer = ask(
            identity,
            request,
            Vec::new(),
            self.options,
            self.limits,
            &mut self.accounts,
        )
        .map_err(|why| NotListed::because(directory, why))?;
        let Some(listing) = answer.survey.listings.first() else {
            return Err(NotListed::because(directory, "no answer".to_owned()));
        };
        let chain = answer.survey.chains.get(listing.chain);
        if let Some(stop) = chain.and_then(|chain| chain.stop.as_ref()) {
            let why = match &stop.reason {
                Reason::Missing => format!("{} does not exist", shown(&stop.at.0)),
                Reason::Denied => format!("{} may not be entered", shown(&stop.at.0)),
                _ => format!("{} cannot be walked", shown(&stop.at.0)),
            };
            return Err(NotListed {
                is_missing: matches!(stop.reason, Reason::Missing),
                ..NotListed::because(directory, why)
            });
        }
        if let Some(why) = &listing.incomplete {
            self.not_checked(
                shown(directory),
                format!("its list of names is not complete: {why}"),
            );
        }
        let before = self.expected.secrets.len();
        expect::add_listed(directory, place, listing, reader, &mut self.expected);
        Ok(self.expected.secrets.len() - before)
    }

    fn discover(&mut self, user: Option<String>) -> Result<(), Failure> {
        let places = self.places.clone();
        for place in &places {
            let identity = place
                .scope
                .user()
                .and_then(|user| self.me.looking_for(user))
                .unwrap_or(Identity::Me);
            let before = self.report.not_checked.len();
            let listed = self.list(&identity, &place.link, Some(place), user.as_deref());
            // A manager that is not used here is not worth a word.
            if let Err(not_listed) = listed
                && !not_listed.is_missing
            {
                let (what, why) = not_listed.into();
                self.not_checked(what, why);
            }
            // Managers' directories cannot be listed by users, on purpose.
            if !self.me.is_root() && place.scope == Scope::System {
                let denied = self.report.not_checked.drain(before..).collect::<Vec<_>>();
                for missed in denied {
                    self.note(format!(
                        "{} was left out: {} (as root, or with a manifest, it is checked)",
                        missed.what, missed.why
                    ));
                }
            }
        }
        let account = user.as_deref().and_then(|user| self.accounts.user(user));
        self.expected.keys = expect::key_files(self.options.managers, account.as_ref());
        self.expected.clients.extend(user);
        if self.expected.secrets.is_empty() && self.report.not_checked.is_empty() {
            let links: Vec<String> = places.iter().map(|place| shown(&place.link)).collect();
            self.not_checked(
                "secrets",
                format!("nothing to check was found at {}", links.join(", ")),
            );
        }
        Ok(())
    }
}
