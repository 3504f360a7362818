//! Who can read a secret, compared with a machine: users and groups of a mount namespace of its own, files with the
//! owner, group and mode of the secrets, and an attempt to read each as each user and as each unit.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has to fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use extract::{BuildOptions, build};
use inventory::{Host, Secret, Who, Why};
use test_support::require;

/// A user: name, number, primary group, other groups.
const USERS: [(&str, u32, &str, &[&str]); 6] = [
    ("alice", 61001, "people", &["writers"]),
    ("bob", 61002, "people", &["readers", "writers"]),
    ("carol", 61003, "readers", &[]),
    ("dave", 61004, "people", &[]),
    ("app", 61005, "app", &[]),
    ("job", 61006, "job", &["app"]),
];

/// A group: name, number, `members`.
const GROUPS: [(&str, u32, &[&str]); 6] = [
    ("people", 62001, &[]),
    ("readers", 62002, &["dave"]),
    ("writers", 62003, &["carol", "job"]),
    ("app", 62004, &[]),
    ("job", 62005, &[]),
    ("nobodys", 62006, &[]),
];

type Unit = (
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static [&'static str],
    Option<&'static str>,
);

/// A unit: name, user, `Group=`, `SupplementaryGroups=`, a capability.
const UNITS: [Unit; 6] = [
    ("as-app", "app", None, &[], None),
    ("as-alice-for-readers", "alice", Some("readers"), &[], None),
    (
        "as-job-with-readers",
        "job",
        None,
        &["readers", "nobodys"],
        None,
    ),
    (
        "as-dave-in-a-group-of-its-own",
        "dave",
        Some("nobodys"),
        &[],
        None,
    ),
    (
        "as-job-that-reads-all",
        "job",
        None,
        &[],
        Some("CAP_DAC_READ_SEARCH"),
    ),
    ("as-root", "root", None, &[], None),
];

/// Owner, group and mode of each secret.
const SECRETS: [(&str, &str, &str); 30] = [
    ("root", "root", "0400"),
    ("root", "root", "0440"),
    ("root", "root", "0444"),
    ("root", "readers", "0400"),
    ("root", "readers", "0440"),
    ("root", "readers", "0640"),
    ("root", "readers", "0404"),
    ("root", "readers", "0444"),
    ("root", "writers", "0440"),
    ("root", "people", "0440"),
    ("root", "app", "0440"),
    ("root", "nobodys", "0440"),
    ("root", "nobodys", "0400"),
    ("alice", "people", "0400"),
    ("alice", "people", "0440"),
    ("alice", "readers", "0440"),
    ("alice", "writers", "0440"),
    ("alice", "writers", "0640"),
    ("alice", "root", "0400"),
    ("bob", "readers", "0440"),
    ("bob", "readers", "0400"),
    ("carol", "readers", "0600"),
    ("carol", "writers", "0440"),
    ("dave", "people", "0444"),
    ("app", "app", "0400"),
    ("app", "app", "0440"),
    ("app", "readers", "0440"),
    ("job", "job", "0400"),
    ("job", "app", "0440"),
    ("job", "app", "0644"),
];

fn list(names: &[&str]) -> String {
    let quoted = names.iter().map(|name| format!("\"{name}\""));
    format!("[ {} ]", quoted.collect::<Vec<_>>().join(" "))
}

/// The configuration of such a machine.
fn configuration() -> String {
    let mut nix = String::from(
        "{ config, ... }: {\n  sops.defaultSopsFile = ./secrets.yaml;\n  \
         sops.age.keyFile = \"/var/lib/key.txt\";\n",
    );
    for (name, number, group, more) in USERS {
        writeln!(
            nix,
            "  users.users.{name} = {{ isNormalUser = true; uid = {number}; group = \"{group}\"; extraGroups = {}; }};",
            list(more)
        )
        .unwrap();
    }
    for (name, number, members) in GROUPS {
        writeln!(
            nix,
            "  users.groups.{name} = {{ gid = {number}; members = {}; }};",
            list(members)
        )
        .unwrap();
    }
    for (name, user, group, more, capability) in UNITS {
        writeln!(nix, "  systemd.services.{name}.serviceConfig = {{").unwrap();
        writeln!(nix, "    ExecStart = \"/bin/true\"; User = \"{user}\";").unwrap();
        if let Some(group) = group {
            writeln!(nix, "    Group = \"{group}\";").unwrap();
        }
        writeln!(nix, "    SupplementaryGroups = {};", list(more)).unwrap();
        if let Some(capability) = capability {
            writeln!(nix, "    AmbientCapabilities = [ \"{capability}\" ];").unwrap();
        }
        writeln!(nix, "  }};").unwrap();
    }
    for (index, (owner, group, mode)) in SECRETS.into_iter().enumerate() {
        writeln!(
            nix,
            "  sops.secrets.s{index:02} = {{ owner = \"{owner}\"; group = \"{group}\"; mode = \"{mode}\"; }};"
        )
        .unwrap();
    }
    nix + "}\n"
}

const FLAKE: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  inputs.site.url = "github:example/site";
  outputs = { nixpkgs, sops-nix, ... }@inputs: {
    nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      specialArgs = { inherit inputs; };
      modules = [ sops-nix.nixosModules.sops ./desk.nix ];
    };
  };
}
"#;

/// The hosts of a flake with this configuration.
fn hosts(desk: &str) -> Vec<Host> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("flake.nix"), FLAKE).unwrap();
    std::fs::write(folder.path().join("desk.nix"), desk).unwrap();
    std::fs::write(folder.path().join("secrets.yaml"), "token: in clear\n").unwrap();
    let options = BuildOptions {
        paths: vec![folder.path().to_owned()],
        ..BuildOptions::default()
    };
    build(&options).unwrap().inventory.hosts
}

/// What the inventory says of that machine.
fn inventory() -> Host {
    let mut hosts = hosts(&configuration());
    assert_eq!(hosts.len(), 1);
    hosts.remove(0)
}

/// Those of the machine who can read a secret, by the inventory. That its file is in clear is a matter of its own.
fn can_read(secret: &Secret) -> BTreeSet<String> {
    let mut all = BTreeSet::from(["root".to_owned(), "unit as-root".to_owned()]);
    let groups_of = |name: &str| {
        let (.., primary, more) = USERS.iter().find(|user| user.0 == name).unwrap();
        let members = GROUPS.iter().filter(|group| group.2.contains(&name));
        let members = members.map(|group| group.0);
        members
            .chain([*primary])
            .chain(more.iter().copied())
            .collect::<BTreeSet<_>>()
    };
    for other in &secret.exposure.others {
        match (&other.who, &other.why) {
            (_, Why::Store(_)) => {}
            (Who::Root, _) => {}
            (Who::User(name), _) => _ = all.insert(name.clone()),
            (Who::Unit(name), _) => _ = all.insert(format!("unit {name}")),
            (Who::Everybody, Why::Mode { except, .. }) => {
                let is_let_in = |groups: &BTreeSet<&str>| {
                    except
                        .as_deref()
                        .is_none_or(|except| !groups.contains(except))
                };
                let users = USERS.iter().map(|user| user.0);
                all.extend(
                    users
                        .filter(|name| is_let_in(&groups_of(name)))
                        .map(str::to_owned),
                );
                for (name, user, group, more, _) in UNITS {
                    if user == "root" {
                        continue;
                    }
                    let (.., primary, _) = USERS.iter().find(|known| known.0 == user).unwrap();
                    let mut groups = groups_of(user);
                    if let Some(group) = group.filter(|group| group != primary) {
                        let is_more = GROUPS
                            .iter()
                            .any(|it| it.0 == *primary && it.2.contains(&user));
                        if !is_more {
                            groups.remove(primary);
                        }
                        groups.insert(group);
                    }
                    groups.extend(more);
                    if is_let_in(&groups) {
                        all.insert(format!("unit {name}"));
                    }
                }
            }
            other => panic!("{other:?}"),
        }
    }
    all
}

/// A script that makes the users and groups, and tries to read each file as everybody.
fn script(folder: &Path) -> String {
    let folder = folder.display();
    let (mut passwd, mut group) = (
        "root:x:0:0::/:/bin/sh\n".to_owned(),
        "root:x:0:\n".to_owned(),
    );
    let number_of = |name: &str| {
        let known = GROUPS.iter().find(|group| group.0 == name);
        known.map_or(0, |group| group.1)
    };
    for (name, number, primary, _) in USERS {
        let primary = number_of(primary);
        writeln!(passwd, "{name}:x:{number}:{primary}::/:/bin/sh").unwrap();
    }
    for (name, number, members) in GROUPS {
        let users = USERS.iter().filter(|user| user.3.contains(&name));
        let members: BTreeSet<&str> = users
            .map(|user| user.0)
            .chain(members.iter().copied())
            .collect();
        let members: Vec<&str> = members.into_iter().collect();
        writeln!(group, "{name}:x:{number}:{}", members.join(",")).unwrap();
    }
    let mut script = format!(
        "set -e\nprintf '%s' '{passwd}' > {folder}/passwd\nprintf '%s' '{group}' > {folder}/group\n\
         chmod 0644 {folder}/passwd {folder}/group\nmount --bind {folder}/passwd /etc/passwd\n\
         mount --bind {folder}/group /etc/group\n"
    );
    for (index, (owner, group, mode)) in SECRETS.into_iter().enumerate() {
        writeln!(
            script,
            "echo x > {folder}/s{index:02}; chown {owner}:{group} {folder}/s{index:02}; chmod {mode} {folder}/s{index:02}"
        )
        .unwrap();
    }
    let mut attempt = |who: &str, become_it: &str| {
        writeln!(script, "for f in {folder}/s??; do if {become_it} cat $f >/dev/null 2>&1; then echo \"$(basename $f) {who}\"; fi; done").unwrap();
    };
    attempt("root", "");
    for (name, _, primary, _) in USERS {
        attempt(
            name,
            &format!("setpriv --reuid {name} --regid {primary} --init-groups"),
        );
    }
    for (name, user, group, more, capability) in UNITS {
        // As systemd does: the groups of the user and the further ones, and `Group=` in the place of the primary one.
        let primary = USERS
            .iter()
            .find(|known| known.0 == user)
            .map_or("root", |it| it.2);
        let group = group.unwrap_or(primary);
        let members = GROUPS
            .iter()
            .filter(|group| group.2.contains(&user))
            .map(|it| it.0);
        let own = USERS
            .iter()
            .find(|known| known.0 == user)
            .map_or(&[][..], |it| it.3);
        let groups: BTreeSet<&str> = members
            .chain(own.iter().copied())
            .chain(more.iter().copied())
            .collect();
        let mut groups: Vec<&str> = groups.into_iter().collect();
        groups.push(group);
        let capability = capability.map_or_else(String::new, |name| {
            let name = name.trim_start_matches("CAP_").to_lowercase();
            format!("--inh-caps +{name} --ambient-caps +{name}")
        });
        attempt(
            &format!("unit {name}"),
            &format!(
                "setpriv --reuid {user} --regid {group} --groups {} {capability}",
                groups.join(",")
            ),
        );
    }
    for (name, ..) in USERS {
        writeln!(script, "echo \"id {name} $(id -Gn {name})\"").unwrap();
    }
    script
}

/// Whether this process may have a mount namespace of its own.
fn may_mount() -> Result<(), &'static str> {
    let made = Command::new("unshare")
        .args(["-m", "setpriv", "true"])
        .output();
    match made {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err("no mount namespace: not root, or no unshare and setpriv"),
    }
}

#[test]
fn those_who_can_read_are_those_of_the_machine() {
    let host = inventory();
    assert!(host.open.is_empty(), "{:?}", host.open);
    if require("root", may_mount()).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &script(folder.path())])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut real: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines() {
        let (first, rest) = line.split_once(' ').unwrap();
        if first != "id" {
            real.entry(first).or_default().insert(rest.to_owned());
            continue;
        }
        let (name, groups) = rest.split_once(' ').unwrap();
        let user = host.users.iter().find(|user| user.name == name).unwrap();
        let mut known: BTreeSet<&str> = user
            .groups
            .known()
            .unwrap()
            .iter()
            .map(String::as_str)
            .collect();
        known.extend(user.group.known().unwrap().as_deref());
        assert_eq!(known, groups.split(' ').collect(), "{name}");
    }
    let secrets: Vec<&Secret> = host
        .secrets
        .iter()
        .filter(|it| it.attribute.starts_with('s'))
        .collect();
    assert_eq!(secrets.len(), SECRETS.len());
    for secret in secrets {
        let real = real.remove(&*secret.attribute).unwrap_or_default();
        let (owner, group, mode) = SECRETS[secret
            .attribute
            .trim_start_matches('s')
            .parse::<usize>()
            .unwrap()];
        let unknown = &secret.exposure.others_unknown;
        assert!(unknown.is_empty(), "{owner}:{group} {mode}: {unknown:?}");
        assert_eq!(
            can_read(secret),
            real,
            "{} {owner}:{group} {mode}",
            secret.attribute
        );
    }
}

/// Who can read a secret of the first host, each with the reason, and why there may be more.
fn others_of(hosts: &[Host], secret: &str) -> (Vec<String>, Vec<String>) {
    let host = hosts.iter().find(|host| host.container.is_none()).unwrap();
    let mut secrets = host.secrets.iter();
    let found = secrets.find(|known| known.attribute == secret).unwrap();
    let others = found.exposure.others.iter();
    let others = others.map(|other| format!("{}: {}", other.who, other.why));
    let unknown = found.exposure.others_unknown.iter();
    let unknown = unknown.map(|why| why.reason.to_string());
    (others.collect(), unknown.collect())
}

#[test]
fn where_the_content_is_brought_others_can_read_it() {
    let hosts = hosts(
        r#"{ config, ... }: {
          sops.age.keyFile = "/var/lib/key.txt";
          sops.secrets = {
            clear.sopsFile = ./secrets.yaml;
            mounted.sopsFile = "/etc/s.yaml";
            copied.sopsFile = "/etc/s.yaml";
            copied-somehow.sopsFile = "/etc/s.yaml";
            part.sopsFile = "/etc/s.yaml";
            restic = { sopsFile = "/etc/s.yaml"; owner = "grafana"; group = "ops"; mode = "0440"; };
          };
          users.groups.ops = { };
          users.users.ann = { isNormalUser = true; extraGroups = [ "ops" ]; };
          services.grafana.enable = true;
          sops.templates."a.env" = { content = "A=${config.sops.placeholder.part}"; mode = "0444"; };
          sops.templates."b.env" = { content = "A=${config.sops.placeholder.part}"; owner = "ann"; };
          systemd.tmpfiles.rules = [ "C /etc/c 0644 root root - ${config.sops.secrets.copied.path}" ];
          system.activationScripts.copy.text = "cp ${config.sops.secrets.copied-somehow.path} /srv/key";
          containers.web = {
            bindMounts."/key".hostPath = config.sops.secrets.mounted.path;
            config = { };
          };
        }"#,
    );
    let others = |secret: &str| others_of(&hosts, secret);
    assert_eq!(
        others("clear").0,
        [
            "root: root reads every file",
            "everybody: secrets.yaml is not encrypted, which brings it to the Nix store"
        ]
    );
    assert_eq!(
        others("mounted").0,
        [
            "root: root reads every file",
            "containers.web: /run/secrets/mounted is mounted at /key"
        ]
    );
    assert_eq!(
        others("copied").0,
        ["everybody: systemd.tmpfiles.rules copies it to /etc/c, mode 0644"],
        "root copies it, and is its reader"
    );
    let script = "who can read /srv/key: system.activationScripts.copy copies it to /srv/key";
    assert_eq!(others("copied-somehow").1, [script]);
    assert_eq!(
        others("part").0,
        [
            "root: root reads every file",
            "everybody: template a.env: mode 0444",
            "ann: template b.env: it owns it"
        ]
    );
    let (known, unknown) = others("restic");
    assert!(
        known.contains(&"ann: a member of group ops".to_owned()),
        "{known:?}"
    );
    assert!(
        known.contains(&"grafana.service: runs as grafana".to_owned()),
        "{known:?}"
    );
    let modules = "which units of modules outside the project run as its owner or have its group";
    assert_eq!(unknown, [modules]);
}

#[test]
fn a_reader_that_is_not_decided_says_what_would_decide_it() {
    let hosts = hosts(
        r#"{ config, inputs, lib, ... }: {
          sops.age.keyFile = "/var/lib/key.txt";
          sops.secrets.a.sopsFile = "/etc/s.yaml";
          sops.secrets.b = { sopsFile = "/etc/s.yaml"; };
          services.newcomer.instances."a.b".tokenFiles = [ config.sops.secrets.a.path ];
          systemd.services.bot = {
            script = "cat ${config.sops.secrets.b.path}";
            serviceConfig.User = inputs.site.user;
          };
        }"#,
    );
    let host = &hosts[0];
    let need = |secret: &str| {
        let of = |index: usize| host.secrets[index].attribute == secret;
        let mut readers = host
            .readers
            .iter()
            .filter(|reader| reader.secret.is_some_and(of));
        let need = readers.next().unwrap().needs.clone().unwrap();
        assert!(readers.next().is_none());
        need
    };
    let row = need("a").paste().unwrap();
    assert_eq!(
        row,
        "[[reader]]\noption = \"services.newcomer.instances.*.tokenFiles\"\nuser = \"USER\""
    );
    let input = need("b");
    assert_eq!(input.paste().unwrap(), "--input site=PATH", "{input:?}");
}
