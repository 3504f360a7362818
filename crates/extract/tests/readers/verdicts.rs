//! Verdicts that need more than the mode: numbers, links, directories on the way.

use inventory::Readable::{No, Unknown, Yes};

use crate::support::nixos;

#[test]
fn numbers_are_the_users_who_have_them() {
    let found = nixos(
        r#"{
          sops.secrets.numbered.uid = 1000;
          systemd.services.a = { script = "cat ${config.sops.secrets.numbered.path}"; serviceConfig.User = "alice"; };
          systemd.services.b = { script = "cat ${config.sops.secrets.token.path}"; serviceConfig.User = "1000"; };
        }"#,
    );
    assert_eq!(found.only("numbered").facts(), ("alice", "service", Yes));
    assert_eq!(found.only("token").facts(), ("alice", "service", No));
}

#[test]
fn a_secret_with_a_path_of_its_own_is_also_where_it_is_installed() {
    let found = nixos(
        r#"{
          sops.secrets.linked.path = "/etc/app/token";
          systemd.services.a.script = "cat /run/secrets/linked";
          systemd.services.b.script = "cat /etc/app/token";
        }"#,
    );
    assert_eq!(found.of("linked").count(), 2);
    assert!(
        found
            .of("linked")
            .all(|seen| seen.facts() == ("root", "service", Yes))
    );
}

#[test]
fn the_home_of_another_user_may_be_closed() {
    let found = nixos(
        r#"{
          users.users.bot = { isSystemUser = true; group = "bot"; };
          users.groups.bot = { };
          sops.secrets.bots = { owner = "bot"; path = "/home/alice/bots"; };
          systemd.services.bot = { script = "cat ${config.sops.secrets.bots.path}"; serviceConfig.User = "bot"; };
        }"#,
    );
    let bots = found.only("bots");
    assert_eq!(bots.facts(), ("bot", "service", Unknown));
    assert_eq!(
        bots.reason,
        "it lies below the home directory of alice, whose mode is not known"
    );
}

#[test]
fn everybody_passes_the_directories_of_the_managers() {
    let found = nixos(
        r#"{
          users.users.bot = { isSystemUser = true; group = "bot"; };
          users.groups.bot = { };
          sops.secrets."deep/inside".owner = "bot";
          systemd.services.bot = {
            script = ''cat ${config.sops.secrets."deep/inside".path}'';
            serviceConfig.User = "bot";
          };
        }"#,
    );
    assert_eq!(found.only("deep/inside").facts(), ("bot", "service", Yes));
}

#[test]
fn a_secret_needed_for_users_is_always_roots() {
    let found = nixos(
        r#"{
          sops.secrets.early = { neededForUsers = true; owner = "alice"; };
          home-manager.users.alice.home.file."x".text = config.sops.secrets.early.path;
        }"#,
    );
    assert_eq!(found.only("early").facts(), ("alice", "session", No));
}
