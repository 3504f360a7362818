//! NixOS containers: systems of their own, with files of the host.

use inventory::Readable::{No, Unknown, Yes};
use inventory::{Backing, HostClass};

use crate::support::{Found, Seen, nixos};

/// The readers inside of a secret of the host.
fn inside<'a>(found: &'a Found, secret: &'a str) -> Vec<&'a Seen> {
    let of_secret = found.of(secret);
    of_secret
        .filter(|seen| seen.via.contains(".config: "))
        .collect()
}

/// The only one.
fn only_inside<'a>(found: &'a Found, secret: &'a str) -> &'a Seen {
    let all = inside(found, secret);
    assert_eq!(all.len(), 1, "{:#?}", found.readers);
    all[0]
}

/// A container `web` with these options, whose service `bot` runs as `bot`, number 990, and reads `path`.
fn bot(options: &str, path: &str) -> Found {
    nixos(&format!(
        r#"{{
          containers.web = {{
            {options}
            config = {{ lib, ... }}: {{
              users.users.bot = {{ isSystemUser = true; group = "bot"; uid = 990; }};
              users.groups.bot = {{ }};
              systemd.services.bot = {{
                serviceConfig.User = "bot";
                script = "exec bot --token-file {path}";
              }};
            }};
          }};
        }}"#
    ))
}

#[test]
fn a_container_is_a_system_of_its_own() {
    let found = nixos(
        r#"{
          containers.web = {
            autoStart = true;
            specialArgs.domain = "example.org";
            config = { config, domain, ... }: {
              imports = [ ({ ... }: { sops.defaultSopsFile = ./inside.yaml; }) ];
              sops.age.keyFile = "/var/lib/sops-nix/key.txt";
              sops.secrets.${domain}.owner = "bot";
              users.users.bot.uid = 990;
              systemd.services.bot = {
                serviceConfig.User = "bot";
                script = "cat ${config.sops.secrets.${domain}.path}";
              };
            };
          };
        }"#,
    );
    let [web] = found.containers.as_slice() else {
        panic!("one container: {:#?}", found.containers);
    };
    assert_eq!(web.name, "desk/web");
    assert_eq!(web.class, HostClass::Nixos);
    assert_eq!(
        web.attribute,
        "nixosConfigurations.desk.config.containers.web.config"
    );
    assert!(web.at.is_some());
    let [secret] = web.secrets.as_slice() else {
        panic!("its own secret: {:#?}", web.secrets);
    };
    assert_eq!(secret.option, r#"sops.secrets."example.org""#);
    let [reader] = web.readers.as_slice() else {
        panic!("its own reader: {:#?}", web.readers);
    };
    assert_eq!(reader.via.to_string(), "bot.service script");
    assert_eq!(reader.verdict.readable, Yes);
    assert_eq!(found.readers, [], "the host's secrets are not read inside");
    let link = web.container.as_ref().expect("a container");
    assert_eq!(
        (link.host.as_str(), link.name.as_str()),
        ("nixosConfigurations.desk", "web")
    );
    assert_eq!(link.shares_numbers, Some(true));
    assert!(link.mounts_open.is_none(), "{:?}", link.mounts_open);
}

#[test]
fn definitions_of_several_modules_make_one_container() {
    let found = nixos(
        r#"{
          imports = [
            { containers.web.config = { sops.secrets.a.owner = "bot"; networking.hostName = "www"; }; }
            { containers.web.config = lib.mkMerge [ { sops.secrets.b = { }; } (lib.mkIf false { sops.secrets.c = { }; }) ]; }
          ];
          containers.web.config = { config, lib, ... }: {
            sops.defaultSopsFile = ./inside.yaml;
            sops.secrets.a.owner = lib.mkForce config.networking.hostName;
          };
        }"#,
    );
    let web = &found.containers[0];
    let names: Vec<&str> = web
        .secrets
        .iter()
        .map(|secret| secret.attribute.as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(web.secrets[0].owner.known(), Some(&Some("www".to_owned())));
}

#[test]
fn a_container_without_a_configuration_of_its_own_is_no_host() {
    let found = nixos(
        r#"{
          containers.profile = { path = "/nix/var/nix/profiles/profile"; };
          containers.perhaps = lib.mkIf (builtins.pathExists "/etc/site") { config = { }; };
        }"#,
    );
    assert!(found.containers.is_empty(), "{:#?}", found.containers);
    assert_eq!(found.host.problems, []);
}

#[test]
fn a_number_that_is_not_the_owners_is_kept_out_of_what_is_mounted() {
    let mounts = [
        (
            r#"bindMounts."/run/secrets/token" = { };"#,
            "/run/secrets/token",
        ),
        (
            r#"bindMounts."/run/secrets".isReadOnly = true;"#,
            "/run/secrets/token",
        ),
        (
            r#"bindMounts."/keys".hostPath = "/run/secrets";"#,
            "/keys/token",
        ),
        (
            r#"bindMounts.t = { mountPoint = "/t"; hostPath = config.sops.secrets.token.path; };"#,
            "/t",
        ),
        (r#"bindMounts."/run" = { };"#, "/run/secrets/token"),
    ];
    for (options, path) in mounts {
        let found = bot(options, path);
        let seen = only_inside(&found, "token");
        assert_eq!(seen.facts(), ("bot", "service", No), "{options}");
        assert_eq!(seen.via, "containers.web.config: bot.service script");
        assert_eq!(seen.reason, "it belongs to root, mode 0400");
        let reader = found
            .host
            .readers
            .iter()
            .find(|reader| reader.container.is_some());
        let reader = reader.expect("a reader inside");
        assert_eq!(reader.container.as_deref(), Some("web"));
        assert_eq!(
            reader.path.known().map(String::as_str),
            Some("/run/secrets/token")
        );
        assert_eq!(reader.user.known().and_then(|user| user.id), Some(990));
    }
}

#[test]
fn the_same_number_is_the_same_user() {
    let found = nixos(
        r#"{
          users.users.bot-outside.uid = 990;
          sops.secrets.token.owner = lib.mkForce "bot-outside";
          containers.web = {
            bindMounts."/run/secrets/token" = { };
            bindMounts."/run/secrets/alices" = { };
            config = {
              users.users.alice.uid = 990;
              systemd.services.bot = {
                serviceConfig.User = "alice";
                script = "cat /run/secrets/token /run/secrets/alices";
              };
            };
          };
        }"#,
    );
    assert_eq!(
        only_inside(&found, "token").facts(),
        ("alice", "service", Yes)
    );
    let alices = only_inside(&found, "alices");
    assert_eq!(
        alices.facts(),
        ("alice", "service", No),
        "her name outside is another user's"
    );
}

#[test]
fn what_is_not_proven_of_users_stays_unknown() {
    let mount = r#"bindMounts."/run/secrets/token" = { };"#;
    for options in [
        r#"privateUsers = "pick";"#,
        "privateUsers = 65536;",
        r#"extraFlags = [ "--private-users=pick" ];"#,
    ] {
        let found = bot(&format!("{mount} {options}"), "/run/secrets/token");
        let seen = only_inside(&found, "token");
        assert_eq!(seen.facts(), ("bot", "service", Unknown), "{options}");
    }
    let found = bot(
        &format!("{mount} privateUsers = \"identity\";"),
        "/run/secrets/token",
    );
    assert_eq!(only_inside(&found, "token").facts(), ("bot", "service", No));
    // The number of either is picked on the machine.
    let found = nixos(
        r#"{
          users.users.bot.isSystemUser = true;
          sops.secrets.token.owner = lib.mkForce "bot";
          containers.web = {
            bindMounts."/run/secrets/token" = { };
            bindMounts."/run/secrets/alices" = { };
            config = {
              users.users.bot.isSystemUser = true;
              systemd.services.bot = {
                serviceConfig.User = "bot";
                script = "cat /run/secrets/token /run/secrets/alices";
              };
            };
          };
        }"#,
    );
    assert_eq!(only_inside(&found, "token").readable, Unknown);
    assert_eq!(only_inside(&found, "alices").readable, Unknown);
}

#[test]
fn a_container_may_change_the_owner_of_what_it_may_write() {
    let found = bot(
        r#"bindMounts."/run/secrets/token".isReadOnly = false;"#,
        "/run/secrets/token",
    );
    let seen = only_inside(&found, "token");
    assert_eq!(seen.facts(), ("bot", "service", Unknown));
}

#[test]
fn a_mount_that_is_named_by_its_mount_point_is_one_of_the_host() {
    let found = nixos(
        r#"{
          containers.web = {
            bindMounts."/run/secrets/token" = { };
            bindMounts."/run/secrets/alices".hostPath = "/srv/alice";
            config = { };
          };
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.via, "containers.web.bindMounts");
    assert_eq!(token.at, "{ }");
    assert!(found.of("alices").next().is_none());
}

#[test]
fn a_link_is_followed_where_it_is_mounted_itself() {
    let container = |mount: &str, path: &str| {
        let found = nixos(&format!(
            r#"{{
              sops.secrets.linked.path = "/etc/bot/token";
              containers.web = {{
                bindMounts.{mount};
                config.systemd.services.bot = {{
                  serviceConfig.User = "bot";
                  script = "cat {path}";
                }};
              }};
            }}"#
        ));
        only_inside(&found, "linked").readable
    };
    assert_eq!(container(r#""/etc/bot/token" = { }"#, "/etc/bot/token"), No);
    assert_eq!(container(r#""/t".hostPath = "/etc/bot/token""#, "/t"), No);
    assert_eq!(container(r#""/etc/bot" = { }"#, "/etc/bot/token"), Unknown);
}

#[test]
fn the_service_manager_inside_reads_as_root() {
    let found = nixos(
        r#"{
          containers.web = {
            bindMounts."/run/secrets/token" = { };
            config.systemd.services.bot = {
              serviceConfig = { User = "bot"; EnvironmentFile = "/run/secrets/token"; };
              script = "exec bot";
            };
          };
        }"#,
    );
    assert_eq!(
        only_inside(&found, "token").facts(),
        ("root", "service-manager", Yes)
    );
}

#[test]
fn what_is_not_mounted_is_not_the_hosts() {
    let found = bot("", "/run/secrets/token");
    assert!(inside(&found, "token").is_empty());
    let web = &found.containers[0];
    let [reader] = web.readers.as_slice() else {
        panic!("a reader of a path: {:#?}", web.readers);
    };
    assert_eq!(reader.secret, None);
    let link = web.container.as_ref().expect("a container");
    assert_eq!(link.backing("/run/secrets/token"), Backing::Own);
    assert!(link.host_secret("/run/secrets/token").is_some());
}

#[test]
fn what_may_be_mounted_is_not_known() {
    let ways = [
        r#"extraFlags = [ "--bind=/run/secrets" ];"#,
        r#"extraFlags = [ "--load-credential=token:/run/secrets/token" ];"#,
        r#"bindMounts.${toString (import <elsewhere>)} = { };"#,
        r#"bindMounts."/x".mountPoint = (import <elsewhere>).point;"#,
        r#"bindMounts = lib.mkIf (import <elsewhere>).on { "/run/secrets" = { }; };"#,
    ];
    for options in ways {
        let found = bot(options, "/run/secrets/token");
        let link = found.containers[0].container.as_ref().expect("a container");
        assert_eq!(
            link.backing("/run/secrets/token"),
            Backing::Unknown,
            "{options}"
        );
    }
    let found = nixos(
        r#"{
          systemd.nspawn.web.filesConfig.Bind = [ "/run/secrets" ];
          systemd.services."container@db".serviceConfig.Environment = "EXTRA_NSPAWN_FLAGS=--bind=/run/secrets";
          systemd.services."container@mail".after = [ "network.target" ];
          containers.web.config = { };
          containers.db.config = { };
          containers.mail.config = { };
        }"#,
    );
    let backing = |name: &str| {
        let host = found.containers.iter().find(|host| host.name == name);
        let link = host
            .and_then(|host| host.container.as_ref())
            .expect("a container");
        link.backing("/run/secrets/token")
    };
    assert_eq!(backing("desk/web"), Backing::Unknown);
    assert_eq!(backing("desk/db"), Backing::Unknown);
    assert_eq!(backing("desk/mail"), Backing::Own);
}

#[test]
fn containers_are_found_in_containers_and_endless_ones_end() {
    let found = nixos(
        r#"{
          containers.web.config = {
            containers.inner.config = { sops.secrets.deep = { }; };
          };
          containers.self = let self.containers.self.config = self; in { config = self; };
        }"#,
    );
    let names: Vec<&str> = found
        .containers
        .iter()
        .map(|host| host.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "desk/self",
            "desk/self/self",
            "desk/self/self/self",
            "desk/web",
            "desk/web/inner"
        ]
    );
}
