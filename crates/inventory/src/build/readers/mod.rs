//! Who opens the files in which secrets land: one file for each kind of reader.

mod evaluation;
mod mcp;
mod passwords;
mod units;

use nix_eval::Evaluator;
use nix_syntax::source::Span;

use super::facts::Options;
use crate::access;
use crate::model::{
    Fact, McpConfiguration, Moment, Principal, Problem, Reader, Scope, Secret, Unknown, User,
};

pub(super) use evaluation::evaluation;
pub(super) use mcp::mcp;

/// A Home Manager configuration of a host.
#[derive(Debug, Clone)]
pub(super) struct Home {
    /// The login user.
    pub(super) user: String,
    /// Its `config`.
    pub(super) config: Options,
    /// What stands before its options in the user's files.
    pub(super) prefix: String,
}

/// What readers are found in.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    /// The system's `config`; nothing for Home Manager alone.
    pub(super) system: Option<Options>,
    /// The Home Manager configurations.
    pub(super) homes: &'a [Home],
    /// All secrets.
    pub(super) secrets: &'a [Secret],
    /// The users.
    pub(super) users: &'a [User],
}

/// A reader before it is known which secret it reads.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    pub(super) path: Fact<String>,
    pub(super) user: Fact<Principal>,
    pub(super) groups: Fact<Vec<String>>,
    pub(super) dynamic_user: bool,
    pub(super) via: String,
    pub(super) moment: Moment,
    pub(super) at: Option<Span>,
    pub(super) certain: bool,
}

/// What the readers of a host are.
#[derive(Debug, Default)]
pub(super) struct FoundReaders {
    pub(super) readers: Vec<Reader>,
    pub(super) mcp: Vec<McpConfiguration>,
    pub(super) problems: Vec<Problem>,
}

/// Every reader of a host.
pub(super) fn find(evaluator: &mut Evaluator, scene: &Scene<'_>) -> FoundReaders {
    let mut found = FoundReaders::default();
    for home in scene.homes {
        mcp(evaluator, scene, home, &mut found);
        units::home(evaluator, scene, home, &mut found);
    }
    if let Some(system) = scene.system {
        units::system(evaluator, scene, system, &mut found);
        passwords::passwords(evaluator, scene, system, &mut found);
    }
    found
        .mcp
        .sort_by(|a, b| (&a.user, a.module).cmp(&(&b.user, b.module)));
    found
        .readers
        .sort_by(|a, b| (a.secret, &a.via, a.at).cmp(&(b.secret, &b.via, b.at)));
    found
}

impl Scene<'_> {
    /// The secret that lands at a path, as this user sees it.
    pub(super) fn secret_at(&self, path: &str, user: Option<&str>) -> Option<usize> {
        let lands = |secret: &Secret| secret.path.known().is_some_and(|known| known == path);
        let visible = |secret: &Secret| match &secret.scope {
            Scope::System => true,
            Scope::User(name) => user.is_none_or(|user| user == name),
        };
        self.secrets
            .iter()
            .position(|secret| lands(secret) && visible(secret))
    }

    /// A user with all groups, the primary one first.
    pub(super) fn login(&self, name: &str) -> (Fact<Principal>, Fact<Vec<String>>) {
        let user = Fact::default_value(Principal::named(name));
        (user, self.groups_of(name))
    }

    /// The groups of a user, the primary one first.
    pub(super) fn groups_of(&self, name: &str) -> Fact<Vec<String>> {
        let known = self.users.iter().find(|user| user.name == name);
        let Some(known) = known else {
            let reason = format!("user `{name}` is not declared in this project");
            return Fact::unknown(Unknown { reason, at: None });
        };
        match (&known.group.value, &known.groups.value) {
            (Ok(primary), Ok(others)) => {
                Fact::default_value(primary.iter().chain(others).cloned().collect())
            }
            (Err(unknown), _) | (_, Err(unknown)) => Fact::unknown(unknown.clone()),
        }
    }

    /// The reader of an opening: with its secret and verdict.
    pub(super) fn reader(&self, opening: Opening) -> Reader {
        let name = opening.user.known().and_then(|user| user.name.clone());
        let secret = opening
            .path
            .known()
            .and_then(|path| self.secret_at(path, name.as_deref()));
        let verdict = match secret.and_then(|index| self.secrets.get(index)) {
            Some(secret) => access(secret, &opening.user, &opening.groups),
            None => crate::model::Verdict {
                readable: crate::model::Readable::Unknown,
                reason: "no declared secret lands there".to_owned(),
            },
        };
        Reader {
            secret,
            path: opening.path,
            user: opening.user,
            groups: opening.groups,
            dynamic_user: opening.dynamic_user,
            via: opening.via,
            moment: opening.moment,
            at: opening.at,
            verdict,
            certain: opening.certain,
        }
    }
}
