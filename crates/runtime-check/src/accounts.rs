//! Users and groups of the machine.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A user, with all groups that a new session of theirs gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// `alice`
    pub(crate) name: String,
    pub(crate) uid: u32,
    /// The primary group.
    pub(crate) gid: u32,
    /// All groups, the primary one included, sorted.
    pub(crate) groups: Vec<u32>,
    /// The home directory.
    pub(crate) home: std::path::PathBuf,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    name: String,
    gid: u32,
    members: Vec<String>,
}

/// Where users and groups come from.
#[derive(Debug)]
enum Source {
    /// The name service of the running system, whatever stands behind it.
    System,
    /// `etc/passwd` and `etc/group` of another root directory.
    Files {
        users: Vec<Account>,
        groups: Vec<Group>,
    },
}

/// The data base, every answer remembered.
#[derive(Debug)]
pub(crate) struct Accounts {
    source: Source,
    users: BTreeMap<String, Option<Account>>,
    user_names: BTreeMap<u32, Option<String>>,
    groups: BTreeMap<u32, Option<Group>>,
    /// Name, number and primary group of the users in `etc/passwd`.
    local: Vec<(String, u32, u32)>,
}

impl Accounts {
    /// Of the system below `root`.
    pub(crate) fn below(root: &Path) -> Self {
        let text = |name| {
            std::fs::read(root.join("etc").join(name))
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .unwrap_or_default()
        };
        let (passwd, group) = (text("passwd"), text("group"));
        let users: Vec<Account> = passwd.lines().filter_map(user_line).collect();
        let local = users
            .iter()
            .map(|user| (user.name.clone(), user.uid, user.gid))
            .collect();
        let source = if root == Path::new("/") {
            Source::System
        } else {
            Source::from_files(users, &group)
        };
        Self {
            source,
            users: BTreeMap::new(),
            user_names: BTreeMap::new(),
            groups: BTreeMap::new(),
            local,
        }
    }

    /// A user by name.
    pub(crate) fn user(&mut self, name: &str) -> Option<Account> {
        if let Some(known) = self.users.get(name) {
            return known.clone();
        }
        let found = match &self.source {
            Source::System => system::user(name),
            Source::Files { users, .. } => users.iter().find(|user| user.name == name).cloned(),
        };
        self.users.insert(name.to_owned(), found.clone());
        found
    }

    fn name_of_user(&mut self, uid: u32) -> Option<String> {
        if let Some(known) = self.user_names.get(&uid) {
            return known.clone();
        }
        let found = match &self.source {
            Source::System => system::user_name(uid),
            Source::Files { users, .. } => {
                let user = users.iter().find(|user| user.uid == uid);
                user.map(|user| user.name.clone())
            }
        };
        self.user_names.insert(uid, found.clone());
        found
    }

    fn group_by_id(&mut self, gid: u32) -> Option<&Group> {
        if !self.groups.contains_key(&gid) {
            let found = match &self.source {
                Source::System => system::group(gid),
                Source::Files { groups, .. } => {
                    groups.iter().find(|group| group.gid == gid).cloned()
                }
            };
            self.groups.insert(gid, found);
        }
        self.groups.get(&gid)?.as_ref()
    }

    /// The number of a group.
    pub(crate) fn group_id(&mut self, name: &str) -> Option<u32> {
        match &self.source {
            Source::System => system::group_id(name),
            Source::Files { groups, .. } => {
                let group = groups.iter().find(|group| group.name == name);
                group.map(|group| group.gid)
            }
        }
    }

    /// A user for a sentence: the name, or the number where it has none.
    pub(crate) fn user_label(&mut self, uid: u32) -> String {
        self.name_of_user(uid).unwrap_or_else(|| uid.to_string())
    }

    /// A group for a sentence.
    pub(crate) fn group_label(&mut self, gid: u32) -> String {
        self.group_name(gid)
            .map_or_else(|| gid.to_string(), str::to_owned)
    }

    /// A group's name; `None` if the number has none.
    pub(crate) fn group_name(&mut self, gid: u32) -> Option<&str> {
        self.group_by_id(gid).map(|group| group.name.as_str())
    }

    /// The users of a group who can be known: those that it lists, and the local users whose
    /// primary group it is. Sorted, root left out.
    pub(crate) fn members(&mut self, gid: u32) -> Vec<String> {
        let mut members = self
            .group_by_id(gid)
            .map(|group| group.members.clone())
            .unwrap_or_default();
        let primary = self
            .local
            .iter()
            .filter(|(_, uid, group)| *group == gid && *uid != 0);
        members.extend(primary.map(|(name, _, _)| name.clone()));
        members.retain(|name| name != "root" && is_name(name));
        members.sort();
        members.dedup();
        members
    }
}

impl Source {
    fn from_files(mut users: Vec<Account>, group: &str) -> Self {
        let groups: Vec<Group> = group.lines().filter_map(group_line).collect();
        for user in &mut users {
            let more = groups
                .iter()
                .filter(|group| group.members.contains(&user.name));
            user.groups.extend(more.map(|group| group.gid));
            user.groups.sort_unstable();
            user.groups.dedup();
        }
        Self::Files { users, groups }
    }
}

/// A name that can be printed. Whoever has another one goes by their number.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(crate::escape::is_inert)
}

/// `alice:x:1000:100:Alice:/home/alice:/bin/sh`
fn user_line(line: &str) -> Option<Account> {
    let mut fields = line.split(':');
    let name = fields.next().filter(|name| is_name(name))?.to_owned();
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    let home = fields.nth(1)?.into();
    Some(Account {
        name,
        uid,
        gid,
        groups: vec![gid],
        home,
    })
}

/// `wheel:x:1:alice,bob`
fn group_line(line: &str) -> Option<Group> {
    let mut fields = line.split(':');
    let name = fields.next().filter(|name| is_name(name))?.to_owned();
    let gid = fields.nth(1)?.parse().ok()?;
    let members = fields
        .next()
        .unwrap_or_default()
        .split(',')
        .filter(|member| !member.is_empty())
        .map(str::to_owned)
        .collect();
    Some(Group { name, gid, members })
}

/// The running system's name service.
mod system {
    use nix::unistd::{Gid, Uid, User};

    use super::{Account, Group, is_name};

    pub(super) fn user(name: &str) -> Option<Account> {
        let user = User::from_name(name)
            .ok()?
            .filter(|user| is_name(&user.name))?;
        let gid = user.gid.as_raw();
        let mut groups = supplementary(name, gid);
        groups.push(gid);
        groups.sort_unstable();
        groups.dedup();
        Some(Account {
            name: user.name,
            uid: user.uid.as_raw(),
            gid,
            groups,
            home: user.dir,
        })
    }

    #[cfg(target_os = "linux")]
    fn supplementary(name: &str, gid: u32) -> Vec<u32> {
        let Ok(name) = std::ffi::CString::new(name) else {
            return Vec::new();
        };
        let groups = nix::unistd::getgrouplist(&name, Gid::from_raw(gid)).unwrap_or_default();
        groups.into_iter().map(Gid::as_raw).collect()
    }

    /// Where there is no such call, the tool that has it.
    #[cfg(not(target_os = "linux"))]
    fn supplementary(name: &str, _gid: u32) -> Vec<u32> {
        let output = std::process::Command::new("/usr/bin/id")
            .args(["-G", "--", name])
            .output();
        output
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(|number| number.parse().ok())
            .collect()
    }

    pub(super) fn user_name(uid: u32) -> Option<String> {
        let user = User::from_uid(Uid::from_raw(uid)).ok()??;
        Some(user.name).filter(|name| is_name(name))
    }

    pub(super) fn group(gid: u32) -> Option<Group> {
        let group = nix::unistd::Group::from_gid(Gid::from_raw(gid)).ok()??;
        if !is_name(&group.name) {
            return None;
        }
        Some(Group {
            name: group.name,
            gid,
            members: group.mem,
        })
    }

    pub(super) fn group_id(name: &str) -> Option<u32> {
        let group = nix::unistd::Group::from_name(name).ok()??;
        Some(group.gid.as_raw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture() -> (tempfile::TempDir, Accounts) {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("etc")).unwrap();
        std::fs::write(
            root.path().join("etc/passwd"),
            "root:x:0:0::/root:/bin/sh\nalice:x:1000:100::/home/alice:/bin/sh\n\
             bob:x:1001:100::/home/bob:/bin/sh\nbroken\n",
        )
        .unwrap();
        std::fs::write(
            root.path().join("etc/group"),
            "root:x:0:\nusers:x:100:\nwheel:x:1:alice,root\n",
        )
        .unwrap();
        let accounts = Accounts::below(root.path());
        (root, accounts)
    }

    #[test]
    fn reads_users_and_groups_of_another_root() {
        let (_root, mut accounts) = fixture();
        let alice = accounts.user("alice").unwrap();
        assert_eq!(
            (alice.uid, alice.gid, alice.groups),
            (1000, 100, vec![1, 100])
        );
        assert_eq!(accounts.user("nobody-here"), None);
        assert_eq!(accounts.group_id("wheel"), Some(1));
        assert_eq!(accounts.user_label(1001), "bob");
        assert_eq!(accounts.group_label(7), "7");
    }

    #[test]
    fn members_are_listed_and_primary_ones() {
        let (_root, mut accounts) = fixture();
        assert_eq!(accounts.members(100), ["alice", "bob"]);
        assert_eq!(accounts.members(1), ["alice"]);
        assert_eq!(accounts.members(7), [""; 0]);
    }

    #[test]
    fn the_running_system_has_root() {
        let root = Accounts::below(Path::new("/")).user("root").unwrap();
        assert_eq!(root.uid, 0);
    }
}
