//! Options of NixOS modules: the table.

use extract::ExtraReader;
use inventory::Readable::{No, Unknown, Yes};

use crate::support::{nixos, nixos_with};

#[test]
fn the_table_says_who_opens_the_file() {
    let found = nixos(
        r#"{
          services.nginx.enable = true;
          services.nginx.virtualHosts."desk.example".basicAuthFile = config.sops.secrets.token.path;
          services.vaultwarden = {
            enable = true;
            environmentFile = config.sops.secrets.alices.path;
          };
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("nginx", "service", No));
    assert_eq!(
        token.via,
        r#"nginx.service, services.nginx.virtualHosts."desk.example".basicAuthFile"#
    );
    assert_eq!(token.at, "config.sops.secrets.token.path");
    assert!(token.certain);
    assert_eq!(
        found.only("alices").facts(),
        ("root", "service-manager", Yes)
    );
}

#[test]
fn the_option_of_the_user_is_evaluated_and_has_a_default() {
    let found = nixos(
        r#"{
          services.restic.backups.home = {
            passwordFile = config.sops.secrets.token.path;
            paths = [ "/home" ];
          };
          services.restic.backups.alice = {
            passwordFile = config.sops.secrets.shared.path;
            user = config.users.users.alice.name;
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("root", "service", Yes));
    let shared = found.only("shared");
    assert_eq!(
        shared.facts(),
        ("alice", "service", Unknown),
        "its groups are nixpkgs'"
    );
}

#[test]
fn settings_of_the_unit_go_before_the_module() {
    let found = nixos(
        r#"{
          services.radicale = {
            enable = true;
            settings.auth.htpasswd_filename = config.sops.secrets.token.path;
          };
          systemd.services.radicale.serviceConfig.User = lib.mkForce "root";
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("root", "service", Yes));
}

#[test]
fn groups_of_the_project_let_a_service_in() {
    let found = nixos(
        r#"{
          services.nginx.enable = true;
          services.nginx.virtualHosts.desk.basicAuthFile = config.sops.secrets.shared.path;
          users.users.nginx.extraGroups = [ "readers" ];
        }"#,
    );
    assert_eq!(found.only("shared").facts(), ("nginx", "service", Yes));
}

#[test]
fn a_group_that_nixpkgs_might_give_leaves_it_open() {
    let found = nixos(
        r#"{
          services.nginx.enable = true;
          services.nginx.virtualHosts.desk.basicAuthFile = config.sops.secrets.shared.path;
        }"#,
    );
    assert_eq!(found.only("shared").facts(), ("nginx", "service", Unknown));
}

#[test]
fn several_processes_are_several_readers() {
    let found = nixos(
        r#"{
          services.hydra = {
            enable = true;
            extraConfig = "Include ${config.sops.secrets.token.path}";
          };
        }"#,
    );
    let mut users: Vec<&str> = found.of("token").map(|seen| seen.user.as_str()).collect();
    users.sort_unstable();
    assert_eq!(users, ["hydra", "hydra-queue-runner", "hydra-www"]);
    assert!(found.of("token").all(|seen| seen.readable == No));
}

#[test]
fn a_form_inside_the_value_is_asked_for() {
    let found = nixos(
        r#"{
          services.grafana = {
            enable = true;
            settings.security.admin_password = "$__file{${config.sops.secrets.token.path}}";
            settings.server.cert_key = config.sops.secrets.alices.path;
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("grafana", "service", No));
    assert_eq!(found.only("alices").facts(), ("?", "service", Unknown));
}

#[test]
fn secrets_deep_in_settings_are_found() {
    let found = nixos(
        r#"{
          services.immich = {
            enable = true;
            settings.oauth.clientSecret._secret = config.sops.secrets.token.path;
          };
          services.prometheus = {
            enable = true;
            scrapeConfigs = [ { job_name = "x"; basic_auth.password_file = config.sops.secrets.alices.path; } ];
          };
        }"#,
    );
    assert_eq!(
        found.only("token").facts(),
        ("root", "service-manager", Yes)
    );
    assert_eq!(found.only("alices").facts(), ("prometheus", "service", No));
}

#[test]
fn a_service_that_is_off_reads_nothing() {
    let off = nixos(
        r#"{
          services.radicale.enable = false;
          services.radicale.settings.auth.htpasswd_filename = config.sops.secrets.token.path;
        }"#,
    );
    assert_eq!(off.of("token").count(), 0);
    let unsaid = nixos(
        r#"{
          services.radicale.settings.auth.htpasswd_filename = config.sops.secrets.token.path;
        }"#,
    );
    assert!(
        !unsaid.only("token").certain,
        "another module may turn it on"
    );
}

#[test]
fn an_option_that_the_table_lacks_has_an_unknown_reader() {
    let found = nixos(
        r#"{
          services.some-new-daemon.tokenFile = config.sops.secrets.token.path;
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("?", "service", Unknown));
    assert_eq!(
        token.reason,
        "who reads it is not known: the table of readers does not have the option"
    );
}

#[test]
fn readers_of_the_user_go_before_the_table() {
    let extra = |option: &str, user: &str| ExtraReader {
        option: option.to_owned(),
        user: user.to_owned(),
        group: None,
        moment: None,
    };
    let readers = [
        extra("services.some-new-daemon.<name>.tokenFile", "daemon"),
        extra("services.vaultwarden.environmentFile", "alice"),
        extra("my.bot.tokenFile", "bot"),
    ];
    let found = nixos_with(
        r#"{
          options.my.bot.tokenFile = lib.mkOption { type = lib.types.path; };
          config = {
            services.some-new-daemon.a.tokenFile = config.sops.secrets.token.path;
            services.vaultwarden = { enable = true; environmentFile = config.sops.secrets.alices.path; };
            my.bot.tokenFile = config.sops.templates."app.env".path;
          };
        }"#,
        &readers,
    );
    assert_eq!(found.only("token").facts(), ("daemon", "service", No));
    assert_eq!(found.only("alices").facts(), ("alice", "service", Yes));
    assert_eq!(found.only("app.env").facts(), ("bot", "service", No));
}

#[test]
fn a_dynamic_user_of_nixpkgs_cannot_own_a_file() {
    let found = nixos(
        r#"{
          services.prometheus.alertmanager = {
            enable = true;
            configuration.receivers = [ { webhook_configs = [ { url_file = config.sops.secrets.token.path; } ]; } ];
          };
        }"#,
    );
    let token = found.only("token");
    assert_eq!((token.readable, token.dynamic), (No, true));
}

#[test]
fn a_dynamic_user_can_be_made_a_static_one() {
    let found = nixos(
        r#"{
          users.users.garage = { isSystemUser = true; group = "garage"; };
          users.groups.garage = { };
          sops.secrets.rpc.owner = "garage";
          services.garage = { enable = true; settings.rpc_secret_file = config.sops.secrets.rpc.path; };
          systemd.services.garage.serviceConfig = { DynamicUser = false; User = "garage"; };
        }"#,
    );
    let rpc = found.only("rpc");
    assert_eq!(rpc.facts(), ("garage", "service", Yes));
    assert!(!rpc.dynamic);
}

#[test]
fn passwords_are_read_before_users_exist() {
    let found = nixos(
        r#"{
          users.users.alice.hashedPasswordFile = config.sops.secrets.token.path;
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("root", "before-users", Yes));
    assert_eq!(token.via, "users.users.alice.hashedPasswordFile");
}

#[test]
fn an_option_that_names_a_directory_reads_what_is_in_it() {
    let found = nixos(
        r#"{
          sops.secrets."pki/keys/db.key" = { };
          sops.secrets."pki-old/db.key" = { };
          boot.lanzaboote.pkiBundle = "/run/secrets/pki";
        }"#,
    );
    let key = found.only("pki/keys/db.key");
    assert_eq!(key.facts(), ("root", "activation", Yes));
    assert!(!key.certain, "which of the files it opens is not known");
    assert_eq!(found.of("pki-old/db.key").count(), 0);
    let found = nixos(
        r#"{
          sops.secrets."hosts/a".owner = "alice";
          services.nginx.enable = true;
          services.nginx.virtualHosts.desk.basicAuthFile = "/run/secrets/hosts";
        }"#,
    );
    let secret = found.only("hosts/a");
    assert_eq!(secret.facts(), ("nginx", "service", Unknown));
    assert_eq!(
        secret.reason,
        "which files of the directory it opens is not known"
    );
}

#[test]
fn a_template_of_shell_variables_is_filled_in_at_activation() {
    let found = nixos(
        r#"{
          age-template.files.env = {
            vars.TOKEN = config.sops.secrets.token.path;
            content = "T=$TOKEN";
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("root", "activation", Yes));
}

#[test]
fn an_option_that_is_declared_again_keeps_what_the_schema_has() {
    let module = |options: &str| {
        format!(
            r#"{{
              imports = [ ({{ lib, ... }}: {{ options = {{ {options} }}; }}) ];
              systemd.services.app.serviceConfig.User = "alice";
              systemd.services.app.script = "cat ${{config.sops.secrets.alices.path}}";
            }}"#
        )
    };
    // With a default as well as a type, without either, with a type that is none of a set.
    for options in [
        "",
        "sops.secrets = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule { options.why = lib.mkOption { default = 1; }; }); default = { }; };",
        "sops.secrets = lib.mkOption { default = { }; description = \"again\"; };",
        "sops.secrets = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule { options.owner = lib.mkOption { type = lib.types.nullOr lib.types.str; default = null; }; }); default = { }; };",
        "systemd.services = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule { options.why = lib.mkOption { default = 1; }; }); default = { }; };",
        "users.users = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule { options.why = lib.mkOption { default = 1; }; }); default = { }; };",
    ] {
        let found = nixos(&module(options));
        assert_eq!(
            found.only("alices").facts(),
            ("alice", "service", Yes),
            "{options}"
        );
        assert!(
            found.host.problems.is_empty(),
            "{options}: {:?}",
            found.host.problems
        );
    }
}

#[test]
fn only_real_declarations_of_an_option_clash() {
    let found = nixos(
        r#"{
          imports = [
            ({ lib, ... }: { options.app.user = lib.mkOption { default = "alice"; }; })
            ({ lib, ... }: { options.app.user = lib.mkOption { default = "bob"; }; })
          ];
          systemd.services.app.serviceConfig.User = config.app.user;
          systemd.services.app.script = "cat ${config.sops.secrets.alices.path}";
        }"#,
    );
    assert_eq!(found.only("alices").user, "?");
}

#[test]
fn a_user_has_the_name_that_its_instance_is_given() {
    let found = nixos(
        r#"{
          services.authelia.instances = {
            main = {
              enable = true;
              name = "";
              settingsFiles = [ config.sops.secrets.token.path ];
            };
            lab = {
              enable = true;
              name = "test";
              settingsFiles = [ config.sops.secrets.shared.path ];
            };
            other = {
              enable = true;
              settingsFiles = [ config.sops.secrets.alices.path ];
            };
          };
        }"#,
    );
    assert_eq!(found.only("token").user, "authelia");
    assert_eq!(found.only("shared").user, "authelia-test");
    assert_eq!(found.only("alices").user, "authelia-other");
}
