//! systemd units.

use inventory::Readable::{No, Unknown, Yes};

use crate::support::nixos;

#[test]
fn the_service_manager_opens_environment_files_and_credentials_as_root() {
    let found = nixos(
        r#"{
          systemd.services.bot.serviceConfig = {
            ExecStart = "${pkgs.hello}/bin/hello";
            DynamicUser = true;
            EnvironmentFile = config.sops.secrets.token.path;
            LoadCredential = [ "key:${config.sops.secrets.alices.path}" ];
            LoadCredentialEncrypted = "env:${config.sops.templates."app.env".path}";
          };
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("root", "service-manager", Yes));
    assert_eq!(token.via, "bot.service EnvironmentFile");
    assert_eq!(token.at, "config.sops.secrets.token.path");
    assert_eq!(token.reason, "root reads every file");
    let key = found.only("alices");
    assert_eq!(key.facts(), ("root", "service-manager", Yes));
    assert_eq!(key.at, r#""key:${config.sops.secrets.alices.path}""#);
    assert_eq!(
        found.only("app.env").facts(),
        ("root", "service-manager", Yes)
    );
}

#[test]
fn commands_and_scripts_run_as_the_units_user() {
    let found = nixos(
        r#"{
          users.users.bot = { isSystemUser = true; group = "bot"; };
          users.groups.bot = { };
          systemd.services.bot = {
            script = "bot --token-file ${config.sops.secrets.token.path}";
            environment.SHARED_FILE = config.sops.secrets.shared.path;
            serviceConfig.User = "bot";
          };
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("bot", "service", No));
    assert_eq!(token.via, "bot.service script");
    assert_eq!(
        token.at,
        r#""bot --token-file ${config.sops.secrets.token.path}""#
    );
    assert_eq!(token.reason, "it belongs to root, mode 0400");
    assert!(token.certain && !token.dynamic);
    let shared = found.only("shared");
    assert_eq!(shared.facts(), ("bot", "service", No));
    assert_eq!(shared.reason, "it belongs to root:readers, mode 0440");
}

#[test]
fn a_unit_of_the_project_without_a_user_runs_as_root() {
    let found = nixos(
        r#"{
          systemd.services.backup = {
            serviceConfig.Type = "oneshot";
            script = ''
              set -eu
              rclone --config ${config.sops.secrets.token.path} sync /srv remote:
            '';
          };
          systemd.timers.backup = {
            wantedBy = [ "timers.target" ];
            timerConfig.OnCalendar = "daily";
          };
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("root", "service", Yes));
    assert_eq!(
        token.at, "${config.sops.secrets.token.path}",
        "the piece of the script"
    );
}

#[test]
fn prefixes_of_commands_keep_the_privileges_of_root() {
    let found = nixos(
        r#"{
          users.users.bot = { isSystemUser = true; group = "bot"; };
          users.groups.bot = { };
          systemd.services.bot.serviceConfig = {
            User = "bot";
            ExecStartPre = [ "+${pkgs.coreutils}/bin/install ${config.sops.secrets.token.path} /run/bot/token" ];
            ExecStartPost = "-!${pkgs.coreutils}/bin/cat ${config.sops.secrets.alices.path}";
            ExecStart = [ "-${pkgs.hello}/bin/hello ${config.sops.secrets.shared.path}" ];
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("root", "service", Yes));
    assert_eq!(found.only("alices").facts(), ("root", "service", Yes));
    assert_eq!(
        found.only("shared").facts(),
        ("bot", "service", No),
        "`-` gives no privileges"
    );
}

#[test]
fn permissions_start_only_leaves_the_preparation_to_root() {
    let found = nixos(
        r#"{
          users.users.bot = { isSystemUser = true; group = "bot"; };
          users.groups.bot = { };
          systemd.services.bot = {
            preStart = "cat ${config.sops.secrets.token.path}";
            script = "cat ${config.sops.secrets.alices.path}";
            serviceConfig = { User = "bot"; PermissionsStartOnly = true; };
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("root", "service", Yes));
    assert_eq!(found.only("alices").facts(), ("bot", "service", No));
}

#[test]
fn groups_of_the_unit_and_of_its_user_let_it_in() {
    for granting in [
        r#"systemd.services.bot.serviceConfig.Group = "readers";"#,
        r#"systemd.services.bot.serviceConfig.SupplementaryGroups = [ "video" "readers" ];"#,
        r#"users.users.bot.extraGroups = [ "readers" ];"#,
        r#"users.groups.readers.members = [ "bot" ];"#,
    ] {
        let found = nixos(&format!(
            r#"lib.mkMerge [ {{
              users.users.bot = {{ isSystemUser = true; group = "bot"; }};
              users.groups.bot = {{ }};
              systemd.services.bot = {{
                script = "cat ${{config.sops.secrets.shared.path}}";
                serviceConfig.User = "bot";
              }};
            }} {{ {granting} }} ]"#
        ));
        assert_eq!(
            found.only("shared").facts(),
            ("bot", "service", Yes),
            "{granting}"
        );
    }
}

#[test]
fn a_dynamic_user_reads_only_what_a_group_or_everybody_may() {
    let found = nixos(
        r#"{
          sops.secrets.open.mode = "0444";
          systemd.services.bot = {
            script = ''
              cat ${config.sops.secrets.token.path} ${config.sops.secrets.open.path}
              cat ${config.sops.secrets.shared.path}
            '';
            serviceConfig = { DynamicUser = true; SupplementaryGroups = [ "readers" ]; };
          };
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("bot", "service", No));
    assert!(token.dynamic);
    assert_eq!(found.only("open").readable, Yes);
    assert_eq!(found.only("shared").readable, Yes);
}

#[test]
fn a_static_user_of_that_name_goes_before_the_dynamic_one() {
    let found = nixos(
        r#"{
          users.users.bot = { isSystemUser = true; group = "bot"; };
          users.groups.bot = { };
          sops.secrets.bots.owner = "bot";
          systemd.services.bot = {
            script = "cat ${config.sops.secrets.bots.path}";
            serviceConfig = { DynamicUser = true; User = "bot"; };
          };
        }"#,
    );
    let bots = found.only("bots");
    assert_eq!(bots.facts(), ("bot", "service", Yes));
    assert!(!bots.dynamic);
}

#[test]
fn what_is_added_to_a_unit_of_nixpkgs_runs_as_its_user() {
    let found = nixos(
        r#"{
          systemd.services.grafana.preStart = "cat ${config.sops.secrets.token.path}";
          systemd.services.some-daemon.preStart = "cat ${config.sops.secrets.alices.path}";
          systemd.services.other-daemon.serviceConfig.ExecStart = [ "" "cat ${config.sops.secrets.shared.path}" ];
        }"#,
    );
    assert_eq!(
        found.only("token").facts(),
        ("grafana", "service", No),
        "by the table"
    );
    assert_eq!(found.only("alices").facts(), ("?", "service", Unknown));
    assert_eq!(
        found.only("shared").facts(),
        ("?", "service", Unknown),
        "it takes commands away"
    );
}

#[test]
fn the_text_of_scripts_and_files_is_read() {
    let found = nixos(
        r#"let
          start = pkgs.writeShellScript "start" ''
            TOKEN=$(cat ${config.sops.secrets.token.path})
          '';
          settings = pkgs.writeText "bot.json" (builtins.toJSON {
            key_file = config.sops.secrets.alices.path;
          });
          application = pkgs.writeShellApplication {
            name = "bot";
            text = "cat ${config.sops.secrets.shared.path}";
          };
        in {
          users.users.bot = { isSystemUser = true; group = "bot"; };
          users.groups.bot = { };
          systemd.services.bot.serviceConfig = {
            User = "bot";
            ExecStartPre = "${start}";
            ExecStart = "${pkgs.hello}/bin/hello --config ${settings}";
            ExecStop = lib.getExe application;
          };
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("bot", "service", No));
    assert_eq!(token.at, "${config.sops.secrets.token.path}");
    assert_eq!(found.only("alices").facts(), ("bot", "service", No));
    assert_eq!(found.only("shared").facts(), ("bot", "service", No));
}

#[test]
fn paths_are_followed_through_let_own_options_and_lists() {
    let found = nixos(
        r#"let
          tokenFile = config.sops.secrets.token.path;
          cfg = config.my.bot;
        in {
          options.my.bot = {
            keyFile = lib.mkOption { type = lib.types.path; };
            files = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
          };
          config = {
            my.bot.keyFile = config.sops.secrets.alices.path;
            my.bot.files = [ config.sops.secrets.shared.path ];
            users.users.bot = { isSystemUser = true; group = "bot"; };
            users.groups.bot = { };
            systemd.services.bot.serviceConfig = {
              User = "bot";
              ExecStart = lib.concatStringsSep " " ([ "bot" "--token" tokenFile "--key" cfg.keyFile ] ++ cfg.files);
            };
          };
        }"#,
    );
    for secret in ["token", "alices", "shared"] {
        assert_eq!(
            found.only(secret).facts(),
            ("bot", "service", No),
            "{secret}"
        );
    }
}

#[test]
fn written_out_paths_are_found_and_those_inside_containers_are_not() {
    let found = nixos(
        r#"{
          systemd.services.a.script = "cat /run/secrets/token";
          systemd.services.b.script = "cat /run/secrets/tokne";
          systemd.services.c.script = "podman run -v /srv:/run/secrets/inside image";
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("root", "service", Yes));
    let wrong = found.only("/run/secrets/tokne");
    assert_eq!(wrong.reason, "no declared secret lands there");
    assert_eq!(found.readers.len(), 2);
}

#[test]
fn another_user_may_be_named_in_a_command() {
    let found = nixos(
        r#"{
          users.users.bot = { isSystemUser = true; group = "bot"; };
          users.groups.bot = { };
          systemd.services.bot = {
            script = "sudo cat ${config.sops.secrets.token.path}";
            serviceConfig.User = "bot";
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("?", "service", Unknown));
}

#[test]
fn units_that_are_off_read_nothing_and_conditions_make_it_uncertain() {
    let found = nixos(
        r#"{
          systemd.services.off = { enable = false; script = "cat ${config.sops.secrets.token.path}"; };
          systemd.services.perhaps = lib.mkIf config.services.elsewhere.enable {
            script = "cat ${config.sops.secrets.alices.path}";
          };
        }"#,
    );
    assert_eq!(found.of("token").count(), 0);
    assert!(!found.only("alices").certain);
}

#[test]
fn units_of_a_user_run_as_that_user() {
    let found = nixos(
        r#"{
          systemd.user.services.sync.script = "cat ${config.sops.secrets.token.path}";
          home-manager.users.alice.systemd.user.services.mail.Service = {
            ExecStart = "${pkgs.isync}/bin/mbsync --password-file ${config.sops.secrets.alices.path}";
            EnvironmentFile = config.sops.secrets.shared.path;
          };
        }"#,
    );
    assert_eq!(
        found.only("token").facts(),
        ("alice", "user-service", No),
        "the only one who logs in"
    );
    assert_eq!(found.only("token").via, "sync.service script (a user unit)");
    assert_eq!(found.only("alices").facts(), ("alice", "user-service", Yes));
    let shared = found.only("shared");
    assert_eq!(
        shared.facts(),
        ("alice", "user-service", No),
        "her service manager is not root"
    );
}

#[test]
fn units_of_every_user_have_no_one_user() {
    let found = nixos(
        r#"{
          users.users.bob.isNormalUser = true;
          systemd.user.services.sync.script = "cat ${config.sops.secrets.token.path}";
          systemd.user.services.hers = {
            script = "cat ${config.sops.secrets.alices.path}";
            unitConfig.ConditionUser = "alice";
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("?", "user-service", Unknown));
    assert_eq!(found.only("alices").facts(), ("alice", "user-service", Yes));
}

#[test]
fn what_a_command_does_with_a_directory_decides_whether_it_reads() {
    let seen = |command: &str| {
        let found = nixos(&format!(
            r#"{{
              sops.secrets."wifi/home" = {{ }};
              systemd.services.a.script = ''{command}'';
            }}"#
        ));
        found.of("wifi/home").cloned().collect::<Vec<_>>()
    };
    for command in [
        "install -m 600 /run/secrets/wifi/* /var/lib/a",
        "cp -r /run/secrets/wifi /var/lib/a",
        "tar cf a.tar \"/run/secrets/wifi/\"",
    ] {
        let seen = seen(command);
        assert_eq!(seen.len(), 1, "{command}");
        assert_eq!(seen[0].facts(), ("root", "service", Yes), "{command}");
    }
    for command in [
        "mkdir -p /run/secrets/wifi",
        "ls /run/secrets/wifi; chown root /run/secrets/wifi",
        "cat /run/secrets/*",
        "cat /run/secrets/wifi/$NAME",
        "cat /run/secrets/wifi-old/*",
    ] {
        assert_eq!(seen(command), [], "{command}");
    }
}

#[test]
fn a_row_without_a_user_does_not_hide_that_of_its_unit() {
    let found = nixos(
        r#"{
          services.outline.enable = true;
          systemd.services.outline.environment.TOKEN_FILE = config.sops.secrets.token.path;
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("outline", "service", No));
}

#[test]
fn what_is_added_to_a_unit_of_a_kind_runs_as_the_table_says_of_the_kind() {
    let found = nixos(
        r#"{
          services.openvpn.servers.home.config = "client";
          systemd.services.openvpn-home.preStart = "cat ${config.sops.secrets.token.path}";
          systemd.services.authelia-own = {
            script = "cat ${config.sops.secrets.alices.path}";
            serviceConfig.User = "alice";
          };
          systemd.services.authelia-added.environment.K = config.sops.secrets.shared.path;
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("root", "service", Yes));
    assert_eq!(found.only("alices").facts(), ("alice", "service", Yes));
    assert_eq!(found.only("shared").user, "authelia-added");
    let own = nixos(
        r#"{
          systemd.services.authelia-own.script = "cat ${config.sops.secrets.token.path}";
        }"#,
    );
    assert_eq!(own.only("token").facts(), ("root", "service", Yes));
}

#[test]
fn an_owner_that_an_option_of_a_known_service_gives_is_its_default() {
    let found = nixos(
        r#"{
          services.zitadel = {
            enable = true;
            masterKeyFile = config.sops.secrets.master.path;
          };
          sops.secrets.master.owner = config.services.zitadel.user;
        }"#,
    );
    assert_eq!(found.only("master").facts(), ("zitadel", "service", Yes));
}
