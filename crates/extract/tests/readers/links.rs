//! Other ways to a secret: files of `/etc`, links and copies, places, scripts that look first; and conditions.

use inventory::Readable::{No, Unknown, Yes};

use crate::support::{darwin, nixos};

#[test]
fn a_condition_that_holds_does_not_blind() {
    let found = nixos(
        r#"{
          options.my.on = lib.mkOption { type = lib.types.bool; default = true; };
          options.my.off = lib.mkOption { type = lib.types.bool; default = false; };
          config = lib.mkMerge [
            (lib.mkIf config.my.on {
              systemd.services.bot = {
                script = "cat ${config.sops.secrets.token.path}";
                serviceConfig.User = "alice";
              };
            })
            (lib.mkIf config.my.off {
              systemd.services.off.script = "cat ${config.sops.secrets.shared.path}";
            })
            (lib.mkIf config.services.nobody.knows.enable {
              systemd.services.maybe.script = "cat ${config.sops.secrets.alices.path}";
            })
            {
              systemd.services.bot.serviceConfig.Group = lib.mkIf config.my.off "readers";
            }
          ];
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("alice", "service", No));
    assert!(token.certain);
    assert_eq!(found.of("shared").count(), 0);
    let alices = found.only("alices");
    assert_eq!(alices.facts(), ("root", "service", Yes));
    assert!(!alices.certain);
}

#[test]
fn a_user_that_is_conditioned_away_is_not_set() {
    let found = nixos(
        r#"{
          options.my.off = lib.mkOption { type = lib.types.bool; default = false; };
          config.systemd.services.bot = {
            script = "cat ${config.sops.secrets.token.path}";
            serviceConfig.User = lib.mkIf config.my.off "alice";
          };
          config.systemd.services.maybe = {
            script = "cat ${config.sops.secrets.shared.path}";
            serviceConfig.User = lib.mkIf config.services.nobody.knows.enable "alice";
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("root", "service", Yes));
    assert_eq!(found.only("shared").facts(), ("?", "service", Unknown));
}

#[test]
fn a_file_of_etc_leads_to_the_secret() {
    let found = nixos(
        r#"{
          environment.etc."bot/token".source = config.sops.secrets.token.path;
          environment.etc."bot/config.toml".text = "password_file = \"${config.sops.secrets.shared.path}\"";
          environment.etc."wireguard/home.key".source = config.sops.secrets.alices.path;
          systemd.services.bot = {
            script = "bot --config /etc/bot/config.toml --token /etc/bot/token";
            serviceConfig.User = "alice";
          };
        }"#,
    );
    let by_unit = |secret: &str| {
        let mut all = found.of(secret);
        all.find(|seen| seen.via == "bot.service script")
            .map(|seen| (seen.user.clone(), seen.readable))
    };
    assert_eq!(by_unit("token"), Some(("alice".to_owned(), No)));
    // What it reads in a file, it may hand on to another process.
    assert_eq!(by_unit("shared"), Some(("alice".to_owned(), Unknown)));
    assert_eq!(found.only("alices").facts(), ("root", "service", Yes));
}

#[test]
fn tmpfiles_link_and_copy() {
    let found = nixos(
        r#"{
          users.users.bot = { isSystemUser = true; group = "bot"; home = "/var/lib/bot"; };
          users.groups.bot = { };
          sops.secrets.bots.owner = "bot";
          systemd.tmpfiles.rules = [
            "L+ /var/lib/bot/key - - - - ${config.sops.secrets.bots.path}"
            "C /srv/copy 0600 alice users - ${config.sops.secrets.token.path}"
            "L /opt/somewhere - - - - ${config.sops.secrets.shared.path}"
          ];
          systemd.tmpfiles.settings.alice."/home/alice/.token"."L+".argument = config.sops.secrets.alices.path;
        }"#,
    );
    assert_eq!(found.only("bots").facts(), ("bot", "service", Yes));
    assert_eq!(found.only("token").facts(), ("root", "activation", Yes));
    assert_eq!(found.only("shared").facts(), ("?", "service", Unknown));
    assert_eq!(found.only("alices").facts(), ("alice", "service", Yes));
}

#[test]
fn a_place_tells_who_reads_and_never_who_cannot() {
    let found = nixos(
        r#"{
          sops.secrets.a = { owner = "alice"; path = "/home/alice/.ssh/id"; };
          sops.secrets.b.path = "/home/alice/.netrc";
          sops.secrets.c.path = "/root/.ssh/id";
          sops.secrets.d = { owner = "hass"; path = "/var/lib/hass/secrets.yaml"; };
          sops.secrets.e.path = "/var/lib/docker/config.json";
        }"#,
    );
    assert_eq!(found.only("a").facts(), ("alice", "session", Yes));
    assert_eq!(found.only("b").facts(), ("alice", "session", Unknown));
    assert_eq!(found.only("c").facts(), ("root", "session", Yes));
    assert_eq!(found.only("d").facts(), ("hass", "session", Yes));
    assert_eq!(found.of("e").count(), 0);
}

#[test]
fn the_name_of_an_environment_file_decides_nothing() {
    let found = nixos(
        r#"{
          services.a-new-one.environmentFiles = [ config.sops.secrets.token.path ];
          services.another.secretEnvFile = config.sops.secrets.shared.path;
          services.another.serviceConfig.EnvironmentFile = config.sops.secrets.alices.path;
        }"#,
    );
    for secret in ["token", "shared"] {
        let only = found.only(secret);
        assert_eq!(only.facts(), ("?", "service", Unknown));
        assert!(
            only.reason.contains("its module was not read"),
            "{}",
            only.reason
        );
    }
    assert_eq!(
        found.only("alices").facts(),
        ("root", "service-manager", Yes)
    );
}

#[test]
fn the_key_of_ssh_is_opened_by_who_runs_it() {
    let found = nixos(
        r#"{
          systemd.services.bot = {
            script = "ssh -i ${config.sops.secrets.token.path} desk true";
            environment.GIT_SSH_COMMAND = "ssh -o IdentityFile=${config.sops.secrets.alices.path}";
            preStart = "ssh desk cat ${config.sops.secrets.shared.path}";
            serviceConfig.User = "alice";
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("alice", "service", No));
    assert_eq!(found.only("alices").facts(), ("alice", "service", Yes));
    assert_eq!(found.only("shared").facts(), ("?", "service", Unknown));
}

#[test]
fn a_script_that_asks_for_the_file_in_a_variable_does_not_mind() {
    let found = nixos(
        r#"{
          systemd.services.bot = {
            script = ''
              file="${config.sops.secrets.token.path}"
              if [ -r "$file" ]; then cat "$file"; fi
            '';
            preStart = ''
              file="${config.sops.secrets.shared.path}"
              if [ -f "$file" ]; then cat "$file"; fi
            '';
            postStart = "rm -f ${config.sops.secrets.alices.path}; echo ${config.sops.secrets.alices.path}";
            serviceConfig.User = "alice";
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("alice", "service", Unknown));
    assert_eq!(found.only("shared").facts(), ("alice", "service", No));
    assert_eq!(found.of("alices").count(), 0);
}

#[test]
fn a_variable_of_every_session_is_no_proof_that_its_user_reads() {
    let found = nixos(
        r#"{
          environment.variables.BORG_RSH = "ssh -i ${config.sops.secrets.token.path}";
          environment.sessionVariables.KEY = "$(cat ${config.sops.secrets.shared.path})";
          environment.systemPackages = [
            (pkgs.writeShellScriptBin "deploy" "cat ${config.sops.secrets.alices.path}")
          ];
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("alice", "session", Unknown));
    assert_eq!(found.only("shared").facts(), ("alice", "session", No));
    assert_eq!(found.only("alices").facts(), ("alice", "session", Yes));
}

#[test]
fn rows_hold_for_their_class() {
    let found = darwin(
        r#"{
          sops.defaultSopsFile = ./secrets.yaml;
          sops.age.keyFile = "/var/lib/sops-nix/key.txt";
          sops.secrets.token = { };
          sops.secrets.shared = { };
          nix.buildMachines = [ { hostName = "x"; sshKey = config.sops.secrets.token.path; } ];
          services.hercules-ci-agent.enable = true;
          services.hercules-ci-agent.settings.clusterJoinTokenPath = config.sops.secrets.shared.path;
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("root", "service", Yes));
    assert_eq!(found.only("shared").user, "_hercules-ci-agent");
}
