//! Logins: Home Manager, shells, MCP clients, activation, launchd.

use inventory::Readable::{No, Unknown, Yes};

use crate::support::{darwin, nixos};

#[test]
fn programs_and_files_of_home_manager_are_read_by_the_login_user() {
    let found = nixos(
        r#"{
          home-manager.users.alice = { config, osConfig, ... }: {
            programs.git = {
              enable = true;
              includes = [ { path = osConfig.sops.secrets.token.path; } ];
            };
            home.file.".config/tool.json".text = builtins.toJSON {
              tokenFile = osConfig.sops.secrets.alices.path;
            };
            programs.zsh = {
              enable = true;
              initContent = ''
                source ${osConfig.sops.secrets.shared.path}
              '';
            };
          };
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("alice", "session", No));
    assert_eq!(
        token.via,
        "home-manager.users.alice.programs.git.includes.path"
    );
    assert_eq!(token.at, "osConfig.sops.secrets.token.path");
    assert_eq!(found.only("alices").facts(), ("alice", "session", Yes));
    assert_eq!(found.only("shared").facts(), ("alice", "session", No));
}

#[test]
fn it_is_no_fault_if_a_shell_that_looks_first_or_a_command_for_anybody_cannot() {
    let found = nixos(
        r#"{
          home-manager.users.alice = { osConfig, ... }: {
            programs.bash.enable = true;
            programs.bash.initExtra = ''
              [ -r ${osConfig.sops.secrets.token.path} ] && source ${osConfig.sops.secrets.token.path}
            '';
            home.packages = [
              (pkgs.writeShellScriptBin "deploy" "cat ${osConfig.sops.secrets.shared.path}")
            ];
            programs.git.enable = false;
            programs.git.includes = [ { path = "/run/secrets/app.key"; } ];
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("alice", "session", Unknown));
    assert_eq!(found.only("shared").facts(), ("alice", "session", Unknown));
    assert_eq!(found.readers.len(), 2, "git is off: {:?}", found.readers);
}

#[test]
fn secrets_of_home_manager_are_found_below_the_home_directory() {
    let found = nixos(
        r#"{
          home-manager.users.alice = { config, ... }: {
            imports = [ ];
            sops.defaultSopsFile = ./secrets.yaml;
            sops.secrets.api = { };
            sops.secrets.key = { };
            sops.secrets.pin = { };
            programs.fish.enable = true;
            programs.fish.interactiveShellInit = "set -gx API (cat ~/.config/sops-nix/secrets/api)";
            programs.bash.enable = true;
            programs.bash.initExtra = "export KEY=$(cat $HOME/.config/sops-nix/secrets/key)";
            programs.ssh.enable = true;
            programs.ssh.extraConfig = "IdentityFile ${config.sops.secrets.pin.path}";
          };
        }"#,
    );
    for secret in ["api", "key", "pin"] {
        assert_eq!(
            found.only(secret).facts(),
            ("alice", "session", Yes),
            "{secret}"
        );
    }
}

#[test]
fn mcp_servers_are_started_by_a_client_of_the_login_user() {
    let found = nixos(
        r#"{
          sops.secrets.GITHUB_TOKEN = { };
          home-manager.users.alice = { osConfig, ... }: {
            services.mcp = {
              enable = true;
              servers.github.enabled = true;
            };
            programs.mcp = {
              enable = true;
              servers.linear = {
                command = "linear-mcp";
                env.LINEAR_API_KEY.file = osConfig.sops.secrets.alices.path;
              };
            };
          };
        }"#,
    );
    let github = found.only("GITHUB_TOKEN");
    assert_eq!(github.facts(), ("alice", "session", No));
    assert_eq!(github.via, "services.mcp github");
    assert_eq!(found.only("alices").facts(), ("alice", "session", Yes));
}

#[test]
fn secrets_path_decides_where_mcp_servers_read() {
    let found = nixos(
        r#"{
          sops.secrets.GITHUB_TOKEN = { owner = "alice"; path = "/home/alice/mcp/GITHUB_TOKEN"; };
          home-manager.users.alice.services.mcp = {
            enable = true;
            secretsPath = "/home/alice/mcp";
            servers.github.enabled = true;
          };
        }"#,
    );
    assert_eq!(
        found.only("GITHUB_TOKEN").facts(),
        ("alice", "session", Yes)
    );
}

#[test]
fn start_files_of_the_system_are_read_by_who_logs_in() {
    let one = nixos(
        r#"{
          environment.interactiveShellInit = "export TOKEN=$(cat ${config.sops.secrets.token.path})";
          environment.variables.KEY_FILE = config.sops.secrets.alices.path;
        }"#,
    );
    assert_eq!(one.only("token").facts(), ("alice", "session", No));
    assert_eq!(one.only("token").via, "environment.interactiveShellInit");
    assert_eq!(one.only("alices").facts(), ("alice", "session", Yes));
    let two = nixos(
        r#"{
          users.users.bob.isNormalUser = true;
          programs.zsh.shellInit = "source ${config.sops.secrets.token.path}";
        }"#,
    );
    assert_eq!(two.only("token").facts(), ("?", "session", Unknown));
}

#[test]
fn activation_scripts_run_as_root_and_those_of_home_manager_do_not() {
    let found = nixos(
        r#"{
          system.activationScripts.seed.text = "install -m600 ${config.sops.secrets.token.path} /var/lib/seed";
          home-manager.users.alice = { lib, osConfig, ... }: {
            home.activation.seed = lib.hm.dag.entryAfter [ "writeBoundary" ] ''
              cat ${osConfig.sops.secrets.shared.path}
            '';
          };
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("root", "activation", Yes));
    assert_eq!(token.via, "system.activationScripts.seed");
    assert_eq!(found.only("shared").facts(), ("alice", "activation", No));
}

#[test]
fn launchd_runs_daemons_as_root_or_as_their_user() {
    let found = darwin(
        r#"{
          sops.defaultSopsFile = ./secrets.yaml;
          sops.age.keyFile = "/var/lib/sops-nix/key.txt";
          sops.secrets.token = { };
          sops.secrets.key = { };
          sops.secrets.shared.mode = "0440";
          users.users.alice.home = "/Users/alice";
          launchd.daemons.sync.script = "cat ${config.sops.secrets.token.path}";
          launchd.daemons.bot.serviceConfig = {
            UserName = "alice";
            ProgramArguments = [ "/bin/cat" config.sops.secrets.key.path ];
          };
          launchd.user.agents.menu.command = "cat ${config.sops.secrets.shared.path}";
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("root", "service", Yes));
    assert_eq!(found.only("key").facts(), ("alice", "service", No));
    let shared = found.only("shared");
    assert_eq!(
        shared.facts(),
        ("alice", "user-service", Yes),
        "everybody is in staff"
    );
    assert_eq!(shared.reason, "it belongs to root:staff, mode 0440");
}

#[test]
fn a_password_file_below_an_unknown_condition_is_root_s_if_it_is_there() {
    let found = nixos(
        r#"{
          users.users.alice.hashedPasswordFile =
            lib.mkIf config.services.xrdp.enable config.sops.secrets.token.path;
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("root", "before-users", Yes));
    assert!(!token.certain);
}
