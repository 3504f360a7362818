//! Who is kept out of a secret that they read.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use inventory::{
    Capability, Fact, McpKind, Moment, Principal, Readable, Reader, Secret, Span, access,
};

use crate::context::{known_name, needs};
use crate::near_miss::near_miss;
use crate::phrases::{list, nix_name, nix_string, reader_group};
use crate::{Diagnostic, HostContext};

/// One place where a secret is read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Where.
    pub(crate) at: Option<Span>,
    /// `read here, by alice, when an MCP client starts the server`
    pub(crate) text: String,
    /// Whether an MCP client starts the process that reads.
    pub(crate) by_client: bool,
}

/// A user who reads a secret and is not let in.
#[derive(Debug, Clone)]
pub(crate) struct AccessDenied<'a> {
    /// The secret.
    pub(crate) secret: &'a Secret,
    /// The name of the user.
    pub(crate) user: &'a str,
    /// The container in which it runs, with its number there.
    pub(crate) container: Option<(&'a str, Option<u32>)>,
    /// Why: `it belongs to root, mode 0400`.
    pub(crate) reason: String,
    /// Where it is read, sorted.
    pub(crate) places: Vec<Place>,
    /// Whether a reader opens the very path where the secret lands, and not one nearby.
    pub(crate) is_direct: bool,
    /// Whether users are created with it as a password, which no other user can share.
    pub(crate) is_password: bool,
    /// All users that read it with their containers, root not counted; sorted, the same for every user.
    users: Rc<[User<'a>]>,
}

/// How many users a suggestion names: each of many may have a finding of its own.
const MAX_USERS: usize = 8;

impl<'a> AccessDenied<'a> {
    /// The other users that read it, root not counted; sorted.
    pub(crate) fn others(&self) -> impl Iterator<Item = &'a str> + use<'_, 'a> {
        let itself = (self.user, self.container.map(|(container, _)| container));
        let others = self.users.iter().filter(move |user| **user != itself);
        let mut last = None;
        let names = others.map(|(name, _)| *name);
        names.filter(move |name| last.replace(*name) != Some(*name))
    }

    /// Whether nobody else reads it.
    pub(crate) fn is_alone(&self) -> bool {
        self.others().next().is_none()
    }

    /// The process, for a sentence.
    pub(crate) fn who(&self) -> String {
        match self.container {
            Some((container, _)) => format!("{} in container `{container}`", self.user),
            None => self.user.to_owned(),
        }
    }

    /// What happens on the machine.
    pub(crate) fn note(&self) -> &'static str {
        if self.places.iter().any(|place| place.by_client) {
            "at run time the server cannot open the file, says so on stderr and exits: the client shows \
             it as disconnected"
        } else {
            "at run time opening the file fails with \"Permission denied\""
        }
    }

    /// Adds the places where it is read to a finding: all, or the first three.
    pub(crate) fn label(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        const SHOWN: usize = 3;
        let more = self.places.len().saturating_sub(SHOWN);
        for (index, place) in self.places.iter().take(SHOWN).enumerate() {
            let text = match more {
                more if more > 0 && index + 1 == SHOWN => {
                    format!("{} (and in {more} more places)", place.text)
                }
                _ => place.text.clone(),
            };
            diagnostic = diagnostic.secondary(place.at, text);
        }
        diagnostic
    }

    /// Adds the change to make: another owner, or a group where others read the secret too.
    pub(crate) fn help(&self, diagnostic: Diagnostic) -> Diagnostic {
        let option = &self.secret.option;
        if let Some((_, number)) = self.container {
            return self.help_in_a_container(diagnostic, number);
        }
        if self.is_password {
            return diagnostic.advice(format!(
                "it is a login password as well, which is installed before users exist and stays root's: declare a \
                 second secret with this content, and give that to {}",
                self.user
            ));
        }
        if self.is_alone() {
            return diagnostic.help("", format!("{option}.owner = {};", nix_string(self.user)));
        }
        let shown: Vec<&str> = self.others().take(MAX_USERS).collect();
        let more = self.others().count() - shown.len();
        let mut users: Vec<&str> = shown.iter().copied().chain([self.user]).collect();
        users.sort_unstable();
        let group = reader_group(self.secret);
        let mut members: Vec<String> = users.iter().map(|user| nix_string(user)).collect();
        let mut names = list(shown);
        if more > 0 {
            members.push(format!("/* and {more} more */"));
            names = format!("{names} and {more} more users");
        }
        let code = format!(
            "users.groups.{}.members = [ {} ];\n{option}.group = {};\n{option}.mode = \"0440\";",
            nix_name(&group),
            members.join(" "),
            nix_string(&group),
        );
        let verb = if members.len() == 2 { "reads" } else { "read" };
        diagnostic.help(format!("{names} {verb} it too: let a group in"), code)
    }

    /// Inside and outside, a user is the same by its number only.
    fn help_in_a_container(&self, diagnostic: Diagnostic, number: Option<u32>) -> Diagnostic {
        let option = &self.secret.option;
        match number.filter(|_| self.is_alone()) {
            Some(number) => {
                let code = if self.secret.manager.has(Capability::HasNumericOwners) {
                    format!("{option}.uid = {number};")
                } else {
                    format!("{option}.owner = \"{number}\";")
                };
                diagnostic.help("give it to the number that the user has inside", code)
            }
            None => diagnostic.advice(
                "names inside and outside are not the same users: give it to a number, or to the number of a group, \
                 that is fixed in the container",
            ),
        }
    }
}

/// Every user whom a secret of the system does not let in, in the order of secret and user.
/// Readers without a fixed user are not counted: no owner would be right for them.
pub(crate) fn access_denied<'a>(cx: &HostContext<'a>) -> Vec<AccessDenied<'a>> {
    let mut all: BTreeMap<Key<'a>, AccessDenied<'a>> = BTreeMap::new();
    for (index, secret, reader) in readers(cx) {
        let Some(user) = known_name(&reader.user) else {
            continue;
        };
        if reader.verdict.readable == Readable::No {
            let reason = reader.verdict.reason.clone();
            let number = reader.user.known().and_then(|user| user.id);
            let container = reader.container.as_deref();
            let container = container.map(|container| (container, number));
            add(
                &mut all,
                (index, user, container),
                secret,
                reason,
                true,
                place(reader, user),
            );
        }
    }
    for mcp in cx.mcp() {
        let (user, groups) = (Principal::named(&mcp.user), cx.groups_of(&mcp.user));
        for need in needs(mcp) {
            let Some(near) = near_miss(cx, mcp, &need) else {
                continue;
            };
            let verdict = access(near.secret, &Fact::default_value(user.clone()), &groups);
            if verdict.readable == Readable::No {
                let place = Place {
                    at: need.server.at,
                    text: started_by_client(&mcp.user),
                    by_client: true,
                };
                add(
                    &mut all,
                    (near.index, &mcp.user, None),
                    near.secret,
                    verdict.reason,
                    false,
                    place,
                );
            }
        }
    }
    let users = users_of_secrets(cx);
    let mut all: Vec<AccessDenied<'a>> = all
        .into_iter()
        .map(|((secret, _, _), denied)| AccessDenied {
            users: users.get(&secret).cloned().unwrap_or_default(),
            is_password: { cx.readers_of(secret) }
                .any(|reader| reader.certain && reader.moment == Moment::BeforeUsers),
            ..denied
        })
        .collect();
    for denied in &mut all {
        denied.places.sort();
        denied.places.dedup();
    }
    all
}

/// The certain readers of certain secrets, dynamic users left out.
fn readers<'a>(
    cx: &HostContext<'a>,
) -> impl Iterator<Item = (usize, &'a Secret, &'a Reader)> + use<'a> {
    let secrets: BTreeMap<usize, &'a Secret> = cx.secrets().collect();
    let readers = cx
        .host
        .readers
        .iter()
        .filter(|reader| reader.certain && !reader.dynamic_user);
    readers.filter_map(move |reader| {
        let index = reader.secret?;
        Some((index, *secrets.get(&index)?, reader))
    })
}

/// The secret, the user, and the container with the user's number in it.
type Key<'a> = (usize, &'a str, Option<(&'a str, Option<u32>)>);

fn add<'a>(
    all: &mut BTreeMap<Key<'a>, AccessDenied<'a>>,
    key: Key<'a>,
    secret: &'a Secret,
    reason: String,
    is_direct: bool,
    place: Place,
) {
    let denied = all.entry(key).or_insert_with(|| AccessDenied {
        secret,
        user: key.1,
        container: key.2,
        reason,
        places: Vec::new(),
        is_direct,
        users: Rc::default(),
        is_password: false,
    });
    denied.is_direct |= is_direct;
    denied.places.push(place);
}

/// A user that reads, and the container in which it does.
type User<'a> = (&'a str, Option<&'a str>);

/// The users of [`readers`] for each secret, root not counted.
fn users_of_secrets<'a>(cx: &HostContext<'a>) -> BTreeMap<usize, Rc<[User<'a>]>> {
    let mut all: BTreeMap<usize, BTreeSet<User<'a>>> = BTreeMap::new();
    for (index, _, reader) in readers(cx) {
        if let Some(name) = known_name(&reader.user).filter(|name| *name != "root") {
            let users = all.entry(index).or_default();
            users.insert((name, reader.container.as_deref()));
        }
    }
    let listed = |users: BTreeSet<User<'a>>| users.into_iter().collect();
    { all.into_iter() }
        .map(|(index, users)| (index, listed(users)))
        .collect()
}

fn started_by_client(user: &str) -> String {
    format!("read here, by {user}, when an MCP client starts the server")
}

fn place(reader: &Reader, user: &str) -> Place {
    let by_client = reader.via.is_of_mcp(McpKind::McpHomeManager);
    let text = match reader.moment {
        Moment::Session if by_client => started_by_client(user),
        Moment::Session => format!("read here, by {user}: {}", reader.via),
        Moment::UserService => format!(
            "read here, by the service manager of {user}: {}",
            reader.via
        ),
        Moment::Service => format!("read here, by {user}: {}", reader.via),
        _ => format!("read here, as {user}: {}", reader.via),
    };
    Place {
        at: reader.at,
        text,
        by_client,
    }
}
