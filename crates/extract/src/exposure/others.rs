//! Who can read a secret beside its readers.

use std::collections::{BTreeMap, BTreeSet};

use crate::host_view::secret_paths::{home_directory, lands_at};
use crate::search::managed_paths::managed_directory;
use inventory::model::{
    FileState, Host, HostClass, Inventory, Moment, Other, Principal, Readable, Scope, Secret,
    UnitProcess, Unknown, Who, Why, below,
};
use inventory::service_users::is_service_user;

const OWNER_READS: u32 = 0o400;
const GROUP_READS: u32 = 0o040;
const OTHERS_READ: u32 = 0o004;

/// How many units of which nobody knows who they run as are named.
const MOST_UNITS: usize = 5;

/// Who can read a secret, and why there may be more.
#[derive(Debug, Default)]
struct Found {
    others: BTreeSet<Other>,
    unknown: BTreeSet<Unknown>,
}

impl Found {
    fn add(&mut self, who: Who, why: Why, at: Option<nix_syntax::source::Span>) {
        self.others.insert(Other { who, why, at });
    }

    fn may_have_more(&mut self, why: impl Into<Unknown>) {
        self.unknown.insert(why.into());
    }
}

/// Notes for each secret who can read it, and why there may be more.
pub(super) fn others(inventory: &mut Inventory) {
    let mut in_clear: BTreeSet<(usize, usize)> = BTreeSet::new();
    for file in &inventory.files {
        let is_clear = matches!(
            file.state,
            FileState::Plaintext | FileState::NothingEncrypted
        );
        if is_clear && file.path.absolute.starts_with(&inventory.root) {
            in_clear.extend(file.used_by.iter().copied());
        }
    }
    for host_index in 0..inventory.hosts.len() {
        let Some(host) = inventory.hosts.get(host_index) else {
            continue;
        };
        // Of a module alone nobody knows which users there are.
        if host.class == HostClass::Module {
            continue;
        }
        let inside = inventory.hosts.iter().filter(|other| {
            let container = other.container.as_ref();
            container.is_some_and(|container| container.host == host.attribute)
        });
        let inside: Vec<&Host> = inside.collect();
        let processes = Processes::of(host);
        let secrets = host.secrets.iter();
        let files: Vec<Found> = secrets.map(|it| of_file(host, &processes, it)).collect();
        let mut all = Vec::with_capacity(files.len());
        for (index, secret) in host.secrets.iter().enumerate() {
            let mut found = Found::default();
            if in_clear.contains(&(host_index, index))
                && let Some(Some(path)) = secret.file.known()
            {
                let why = Why::Store(format!("{} is not encrypted, which", path.display));
                found.add(Who::Everybody, why, secret.file.at);
            }
            brought_elsewhere(host, secret, index, &inside, &mut found);
            if let Some(file) = files.get(index) {
                found.others.extend(file.others.iter().cloned());
                found.unknown.extend(file.unknown.iter().cloned());
            }
            for template in &secret.exposure.templates {
                let name = host.secrets.get(*template).map(|it| it.attribute.clone());
                if let (Some(name), Some(file)) = (name, files.get(*template)) {
                    of_template(&name, file, &mut found);
                }
            }
            all.push(without_readers(host, index, found));
        }
        let Some(host) = inventory.hosts.get_mut(host_index) else {
            continue;
        };
        for (secret, (others, unknown)) in host.secrets.iter_mut().zip(all) {
            secret.exposure.others = others;
            secret.exposure.others_unknown = unknown;
        }
    }
}

/// Adds those of a template who can read it for another reason than that they can read everything.
fn of_template(name: &str, file: &Found, found: &mut Found) {
    for other in &file.others {
        let is_known = found.others.iter().any(|known| known.who == other.who);
        if !is_known {
            let why = Why::Template {
                name: name.to_owned(),
                why: Box::new(other.why.clone()),
            };
            found.add(other.who.clone(), why, other.at);
        }
    }
    found.unknown.extend(file.unknown.iter().cloned());
}

/// Leaves out those who are readers anyway, and all but one reason of each.
fn without_readers(host: &Host, index: usize, found: Found) -> (Vec<Other>, Vec<Unknown>) {
    let readers = host
        .readers_of(index)
        .iter()
        .filter(|reader| reader.verdict.readable == Readable::Yes && reader.container.is_none());
    let mut told: BTreeSet<Who> = BTreeSet::new();
    for reader in readers {
        match reader.user.known() {
            Some(user) if user.is_root() => told.insert(Who::Root),
            Some(user) => told.insert(Who::User(user.to_string())),
            None => false,
        };
        told.extend(reader.via.unit().map(|unit| Who::Unit(unit.to_owned())));
    }
    let mut others: Vec<Other> = found.others.into_iter().collect();
    others.retain(|other| told.insert(other.who.clone()));
    (others, found.unknown.into_iter().collect())
}

/// The units of a host, by what each of many secrets asks of them.
struct Processes<'a> {
    /// Those that have a capability before which permissions do not count, with its name; without root's.
    capable: Vec<(&'a UnitProcess, &'static str)>,
    /// Those that run as a user, by its name, else its number.
    by_user: BTreeMap<String, Vec<&'a UnitProcess>>,
    /// The names of those of which the user is not known.
    of_unknown_users: Vec<&'a str>,
}

impl<'a> Processes<'a> {
    fn of(host: &'a Host) -> Self {
        let mut found = Self {
            capable: Vec::new(),
            by_user: BTreeMap::new(),
            of_unknown_users: Vec::new(),
        };
        for process in &host.processes {
            let is_root = process.user.known().is_some_and(Principal::is_root);
            let capability = process.capability.filter(|_| !is_root);
            found.capable.extend(capability.map(|name| (process, name)));
            match process.user.known() {
                Some(user) => {
                    let of_user = found.by_user.entry(user.to_string());
                    of_user.or_default().push(process);
                }
                None => found.of_unknown_users.push(&process.unit),
            }
        }
        found
    }
}

/// Who can open the file.
fn of_file(host: &Host, processes: &Processes<'_>, secret: &Secret) -> Found {
    let mut found = Found::default();
    found.add(Who::Root, Why::IsRoot, None);
    for (process, name) in &processes.capable {
        let who = Who::Unit(process.unit.clone());
        found.add(who, Why::Capability((*name).to_owned()), process.at);
    }
    if let Scope::User(name) = &secret.scope {
        // The runtime directory of a user is closed to others.
        found.add(Who::User(name.clone()), Why::Owner, None);
        units_of(processes, name, &mut found);
        return found;
    }
    let mode = match &secret.effective_mode.value {
        Ok(mode) => *mode,
        Err(why) => {
            found.may_have_more(why.clone());
            return found;
        }
    };
    let owner = match &secret.effective_owner.value {
        Ok(owner) => Some(owner),
        Err(why) => {
            found.may_have_more(why.clone());
            None
        }
    };
    if mode & OWNER_READS != 0
        && let Some(owner) = owner.filter(|owner| !owner.is_root())
    {
        let name = owner.to_string();
        found.add(Who::User(name.clone()), Why::Owner, secret.owner.at);
        units_of(processes, &name, &mut found);
    }
    if mode & (GROUP_READS | OTHERS_READ) == 0 {
        return found;
    }
    if let Some(path) = closed_perhaps(host, secret) {
        let reason = format!("whether the directories above {path} are open to others");
        found.may_have_more(Unknown::because(reason));
        return found;
    }
    let group = group_name(host, secret);
    // Where everybody can, nobody needs the group.
    if mode & GROUP_READS != 0 && mode & OTHERS_READ == 0 {
        match &group {
            Ok(group) => members(host, group, owner, &mut found),
            Err(why) => found.may_have_more(why.clone()),
        }
    }
    if mode & OTHERS_READ != 0 {
        let except = group.ok().filter(|_| mode & GROUP_READS == 0);
        found.add(Who::Everybody, Why::Mode { mode, except }, secret.mode.at);
    }
    found
}

/// The name of a secret's group, or why it is not known.
fn group_name(host: &Host, secret: &Secret) -> Result<String, Unknown> {
    let group = secret.effective_group.value.clone()?;
    if let Some(name) = group.name {
        return Ok(name);
    }
    let id = group.id.map(i64::from);
    let mut groups = host.groups.iter();
    let known = groups.find(|known| known.gid.known() == Some(&id));
    known.map(|known| known.name.clone()).ok_or_else(|| {
        let id = id.map_or_else(|| "?".to_owned(), |id| id.to_string());
        Unknown::because(format!("which group has the number {id}"))
    })
}

/// The path of a file that lies outside the directories of managers, which are open: the directories above may
/// be closed.
fn closed_perhaps<'a>(host: &Host, secret: &'a Secret) -> Option<&'a str> {
    let path = secret.path.known()?;
    let is_managed = |path: &String| managed_directory(path).is_some();
    let is_open = lands_at(secret, &host.users).iter().any(is_managed);
    let below_home = |path: &str| {
        let mut homes = host.users.iter().filter_map(home_directory);
        homes.any(|home| below(path, home).is_some())
    };
    (!is_open || !is_managed(path) && below_home(path) && secret.symlink.known() != Some(&true))
        .then_some(path.as_str())
}

/// Adds the units that run as a user.
fn units_of(processes: &Processes<'_>, user: &str, found: &mut Found) {
    for process in processes.by_user.get(user).into_iter().flatten() {
        let who = Who::Unit(process.unit.clone());
        found.add(who, Why::RunsAs(user.to_owned()), process.at);
    }
    let open = &processes.of_unknown_users;
    may_be_meant(open, |units| format!("who {units} run as"), found);
    if is_service_user(user) {
        let reason =
            "which units of modules outside the project run as its owner or have its group";
        found.may_have_more(Unknown::because(reason));
    }
}

/// Notes the units of which it is not known whether they are meant.
fn may_be_meant(units: &[&str], reason: impl Fn(String) -> String, found: &mut Found) {
    if units.is_empty() {
        return;
    }
    let shown: Vec<String> = { units.iter().take(MOST_UNITS) }
        .map(|unit| format!("{unit}.service"))
        .collect();
    let more = match units.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let reason = reason(format!("{}{more}", shown.join(", ")));
    found.may_have_more(Unknown::because(reason));
}

/// Adds the members of a group, and the units that have it. The owner is judged by its own bits.
fn members(host: &Host, group: &str, owner: Option<&Principal>, found: &mut Found) {
    let is_owner = |name: &str| {
        owner.is_some_and(|owner| owner.same(&Principal::named(name)) == Some(true))
            || name == "root"
    };
    let why = || Why::Member(group.to_owned());
    for user in &host.users {
        if user.group.known().and_then(Option::as_deref) == Some(group) && !is_owner(&user.name) {
            let at = user.group.at.or_else(|| user.declared_at.first().copied());
            found.add(Who::User(user.name.clone()), why(), at);
        }
    }
    for member in &host.memberships {
        if member.group == group && !is_owner(&member.user) {
            found.add(Who::User(member.user.clone()), why(), member.at);
        }
    }
    let mut open: Vec<&str> = Vec::new();
    for process in &host.processes {
        let is_root = process.user.known().is_some_and(Principal::is_root);
        let is_owners = process
            .user
            .known()
            .is_some_and(|user| owner.is_some_and(|owner| owner.same(user) == Some(true)));
        if is_root || is_owners {
            continue;
        }
        if process.groups.names.iter().any(|name| name == group) {
            let who = Who::Unit(process.unit.clone());
            found.add(who, Why::HasGroup(group.to_owned()), process.at);
        } else if process.groups.more.is_some() {
            open.push(&process.unit);
        }
    }
    may_be_meant(&open, |units| format!("which groups {units} have"), found);
    more_members(host, group, found);
}

/// Why a group may have more members than are known.
fn more_members(host: &Host, group: &str, found: &mut Found) {
    for user in &host.users {
        let unknown = [
            user.group.value.as_ref().err(),
            user.groups.value.as_ref().err(),
        ];
        if let Some(why) = unknown.into_iter().flatten().next() {
            let reason = format!("the groups of {}: {}", user.name, why.reason);
            found.may_have_more(Unknown {
                reason: reason.into(),
                at: why.at,
            });
        }
    }
    if let Some(why) = &host.users_open {
        let reason = format!(
            "members that modules outside add to its group: {}",
            why.reason
        );
        found.may_have_more(Unknown {
            reason: reason.into(),
            at: why.at,
        });
    } else if host.class == HostClass::Darwin {
        found.may_have_more(Unknown::because(
            "members that macOS itself has in its group",
        ));
    } else if is_service_user(group) && group != "root" {
        let reason = "members that modules of nixpkgs add to its group";
        found.may_have_more(Unknown::because(reason));
    }
}

/// Adds those who can read what the content is brought to: a container, a copy, the store.
fn brought_elsewhere(
    host: &Host,
    secret: &Secret,
    index: usize,
    inside: &[&Host],
    found: &mut Found,
) {
    for reader in host.readers_of(index) {
        if reader.moment == Moment::Evaluation {
            let why = Why::Store(reader.via.to_string());
            found.add(Who::Everybody, why, reader.at);
        }
    }
    let paths = lands_at(secret, &host.users);
    for container in inside.iter().filter_map(|host| host.container.as_ref()) {
        if let Some(why) = &container.mounts_open {
            let reason = format!("what is mounted into {}: {}", container.option, why.reason);
            found.may_have_more(Unknown {
                reason: reason.into(),
                at: why.at,
            });
        }
        for mount in &container.mounts {
            let (Some(from), Some(to)) = (mount.host_path.known(), mount.mount_point.known())
            else {
                let reason = format!("what is mounted into {}", container.option);
                found.may_have_more(Unknown::because(reason));
                continue;
            };
            if !paths.iter().any(|path| below(path, from).is_some()) {
                continue;
            }
            let why = Why::Mounted {
                host: from.clone(),
                inside: to.clone(),
            };
            let at = mount.host_path.at.or(mount.mount_point.at);
            if container.shares_numbers == Some(true) {
                found.add(Who::Container(container.option.clone()), why, at);
            } else {
                let reason = format!("whether {} can open it: {why}", container.option);
                found.may_have_more(Unknown {
                    reason: reason.into(),
                    at,
                });
            }
        }
    }
    for container in &host.settings.oci_containers {
        let brings = container.brings.iter().flatten();
        for volume in brings {
            let from = volume.split(':').next().unwrap_or_default();
            if from.starts_with('/') && paths.iter().any(|path| below(path, from).is_some()) {
                let reason = format!("who in container {} can open {from}", container.name);
                found.may_have_more(Unknown::because(reason));
            }
        }
    }
    for copy in host.copies.iter().filter(|copy| paths.contains(&copy.from)) {
        let why = Why::Copied {
            by: copy.by.clone(),
            to: copy.to.clone(),
            mode: copy.mode,
        };
        match (copy.mode, copy.owner.as_deref()) {
            _ if copy.is_open_to_all() => {
                found.add(Who::Everybody, why, copy.at);
            }
            (Some(mode), Some(owner)) if mode & (GROUP_READS | OTHERS_READ) == 0 => {
                if owner != "root" {
                    found.add(Who::User(owner.to_owned()), why, copy.at);
                }
            }
            _ => found.may_have_more(Unknown {
                reason: format!("who can read {}: {why}", copy.to).into(),
                at: copy.at,
            }),
        }
    }
}
