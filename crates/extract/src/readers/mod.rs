//! Who opens the files in which secrets land: one file for each kind of reader.

pub(crate) mod activation;
pub(crate) mod containers;
pub(crate) mod evaluation;
pub(crate) mod home;
pub(crate) mod launchd;
pub(crate) mod mcp;
pub(crate) mod option_pattern;
pub(crate) mod options;
pub(crate) mod passwords;
pub(crate) mod paths;
pub(crate) mod process;
pub(crate) mod session;
pub(crate) mod table;
pub(crate) mod units;

use std::borrow::Cow;

use nix_eval::Evaluator;
use nix_eval::value::Thunk;
use nix_syntax::source::Span;

use crate::values::Options;
use inventory::access::access_of_process;
use inventory::model::{
    Fact, Group, McpConfiguration, Moment, Principal, Problem, Readable, Reader, Scope, Secret,
    Unknown, User, Verdict,
};

use crate::search::walk::Mention;
pub(crate) use evaluation::evaluation;
pub(crate) use mcp::mcp;
pub(crate) use paths::lands_at;
use paths::{ByPath, Landings, home_directory, home_of};
pub(crate) use process::Process;
pub(crate) use table::Table;
pub use table::{ExtraReader, READER_TABLE};

/// A Home Manager configuration of a host.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    /// The login user.
    pub(crate) user: String,
    /// Its `config`.
    pub(crate) config: Options,
    /// What stands before its options in the user's files.
    pub(crate) prefix: String,
}

/// What readers are found in.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    /// The system's `config`; nothing for Home Manager alone.
    pub(crate) system: Option<Options>,
    /// Whether it is nix-darwin.
    pub(crate) is_darwin: bool,
    /// The Home Manager configurations.
    pub(crate) homes: &'a [Home],
    /// All secrets.
    pub(crate) secrets: &'a [Secret],
    /// The users.
    pub(crate) users: &'a [User],
    /// The groups.
    pub(crate) groups: &'a [Group],
    /// The readers that the user gives.
    pub(crate) extra: &'a Table,
    /// Every text that stands for the path of a secret.
    pub(crate) landings: Landings,
    by_path: ByPath,
}

/// A reader before it is known which secret it reads.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    pub(crate) path: Fact<String>,
    pub(crate) process: Process,
    pub(crate) via: String,
    pub(crate) moment: Moment,
    pub(crate) at: Option<Span>,
    pub(crate) certain: bool,
}

/// What the readers of a host are.
#[derive(Debug, Default)]
pub(crate) struct FoundReaders {
    pub(crate) readers: Vec<Reader>,
    pub(crate) mcp: Vec<McpConfiguration>,
    pub(crate) problems: Vec<Problem>,
}

/// Every reader of a host.
pub(crate) fn find(evaluator: &mut Evaluator, scene: &Scene<'_>) -> FoundReaders {
    let mut found = FoundReaders::default();
    for home in scene.homes {
        mcp(evaluator, scene, home, &mut found);
        units::home(evaluator, scene, home, &mut found);
        if !scene.secrets.is_empty() {
            home::home(evaluator, scene, home, &mut found);
        }
    }
    if let Some(system) = scene.system {
        units::system(evaluator, scene, system, &mut found);
        passwords::passwords(evaluator, scene, system, &mut found);
    }
    if let Some(system) = scene.system.filter(|_| !scene.secrets.is_empty()) {
        activation::activation(evaluator, scene, system, &mut found);
        containers::containers(evaluator, scene, system, &mut found);
        launchd::launchd(evaluator, scene, system, &mut found);
        session::session(evaluator, scene, system, &mut found);
        options::options(evaluator, scene, system, &mut found);
    }
    found
        .mcp
        .sort_by(|a, b| (&a.user, a.module).cmp(&(&b.user, b.module)));
    found
        .readers
        .sort_by(|a, b| (a.secret, &a.via, a.at).cmp(&(b.secret, &b.via, b.at)));
    found
}

impl<'a> Scene<'a> {
    /// The scene of a host.
    pub(crate) fn new(
        system: Option<Options>,
        homes: &'a [Home],
        secrets: &'a [Secret],
        (users, groups): (&'a [User], &'a [Group]),
        extra: &'a Table,
        is_darwin: bool,
    ) -> Self {
        Self {
            system,
            is_darwin,
            homes,
            secrets,
            users,
            groups,
            extra,
            landings: Landings::of(secrets, users, &extra.managed),
            by_path: ByPath::of(secrets),
        }
    }

    /// The secret that lands at a path, as this user sees it.
    pub(crate) fn secret_at(&self, path: &str, user: Option<&str>) -> Option<usize> {
        let visible = |secret: &Secret| match &secret.scope {
            Scope::System => true,
            Scope::User(name) => user.is_none_or(|user| user == name),
        };
        self.by_path
            .first(path, |index| self.secrets.get(index).is_some_and(visible))
    }

    /// The reader of an opening: with its secret and verdict.
    pub(crate) fn reader(&self, opening: Opening) -> Reader {
        let Process {
            user,
            groups,
            dynamic,
        } = opening.process;
        let name = user.known().and_then(|user| user.name.clone());
        let path = opening.path.known();
        let secret = path.and_then(|path| self.secret_at(path, name.as_deref()));
        let verdict = match secret.and_then(|index| self.secrets.get(index)) {
            Some(secret) => {
                let numbered = self.with_names(secret);
                let verdict = access_of_process(&numbered, &user, &groups);
                let verdict = if_whole(secret, verdict);
                self.on_the_way(verdict, path.map_or("", String::as_str), user.known())
            }
            None => Verdict {
                readable: Readable::Unknown,
                reason: "no declared secret lands there".to_owned(),
            },
        };
        Reader {
            secret,
            path: opening.path,
            user,
            groups: groups.fact(),
            dynamic_user: dynamic,
            via: opening.via,
            moment: opening.moment,
            at: opening.at,
            verdict,
            certain: opening.certain,
            container: None,
        }
    }

    /// A secret whose owner and group have the names that their numbers belong to.
    fn with_names<'b>(&self, secret: &'b Secret) -> Cow<'b, Secret> {
        let is_named = |principal: &Fact<Principal>| {
            let principal = principal.known();
            principal.is_none_or(|principal| principal.name.is_some())
        };
        if is_named(&secret.effective_owner) && is_named(&secret.effective_group) {
            return Cow::Borrowed(secret);
        }
        let mut secret = secret.clone();
        if let Ok(owner) = &mut secret.effective_owner.value
            && owner.name.is_none()
        {
            let has = |user: &&User| user.uid.known() == Some(&owner.id.map(i64::from));
            owner.name = self.users.iter().find(has).map(|user| user.name.clone());
        }
        if let Ok(group) = &mut secret.effective_group.value
            && group.name.is_none()
        {
            let has = |known: &&Group| known.gid.known() == Some(&group.id.map(i64::from));
            group.name = self.groups.iter().find(has).map(|known| known.name.clone());
        }
        Cow::Owned(secret)
    }

    /// The verdict where directories on the way may be closed: the managers' own are open to all
    /// (0751), the home of another user is not by default.
    fn on_the_way(&self, verdict: Verdict, path: &str, user: Option<&Principal>) -> Verdict {
        let is_root = user.is_some_and(Principal::is_root);
        let is_below = |home: &str| {
            let rest = path.strip_prefix(home);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let mut homes = self.users.iter().filter_map(home_directory);
        if verdict.readable != Readable::Yes || is_root || !homes.any(is_below) {
            return verdict;
        }
        let is_closed = |home: &User| {
            let is_another = user.and_then(|user| user.same(&Principal::named(&home.name)));
            home_of(self.users, &home.name).is_some_and(is_below) && is_another == Some(false)
        };
        match self.users.iter().find(|home| is_closed(home)) {
            Some(home) => Verdict {
                readable: Readable::Unknown,
                reason: format!(
                    "it lies below the home directory of {}, whose mode is not known",
                    home.name
                ),
            },
            None => verdict,
        }
    }

    /// The opening of what a value mentions.
    fn opening(mention: &Mention, process: &Process, via: String, moment: Moment) -> Opening {
        let process = if mention.by_another() {
            Process::unknown("another user is named in the command", None)
        } else {
            process.clone()
        };
        Opening {
            path: Fact::default_value(mention.path.clone()),
            process,
            via,
            moment,
            at: mention.at,
            certain: mention.certain,
        }
    }

    /// The only normal user, if there is exactly one.
    fn only_login(&self) -> Option<&'a str> {
        let mut users = self
            .users
            .iter()
            .filter(|user| user.is_normal_user.known() != Some(&false));
        let only = users
            .next()
            .filter(|user| user.is_normal_user.known() == Some(&true))?;
        users.next().is_none().then_some(only.name.as_str())
    }
}

/// The verdict on a secret that is declared here. One without a file, which no option gives it here,
/// is declared in a module that is not here as well, and that may give it an owner.
fn if_whole(secret: &Secret, verdict: Verdict) -> Verdict {
    let has_no_file = secret.file.value.is_err() && !secret.file.is_defined();
    if has_no_file && !secret.owner.is_defined() && verdict.readable == Readable::No {
        return Verdict {
            readable: Readable::Unknown,
            reason: "its file, and perhaps its owner, is given in a module that is not here"
                .to_owned(),
        };
    }
    verdict
}

/// The values that an option may have whose own value is not known: those of its definitions.
pub(crate) fn possible_values(evaluator: &Evaluator, value: Thunk) -> Vec<Thunk> {
    let record = evaluator.option_record(value);
    let definitions = record.iter().flat_map(|record| &record.definitions);
    definitions
        .map(|definition| definition.value)
        .filter(|known| *known != value)
        .collect()
}

/// Why something is not known, in a few words.
fn because(reason: &str, at: Option<Span>) -> Unknown {
    Unknown {
        reason: reason.to_owned(),
        at,
    }
}
