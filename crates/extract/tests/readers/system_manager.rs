//! system-manager: units of the project as on NixOS, and few of NixOS's modules.

use inventory::Readable::{No, Unknown, Yes};

use crate::support::{nixos, system_manager};

#[test]
fn units_run_as_they_say() {
    let found = system_manager(
        r#"{
          users.users.bot = { isSystemUser = true; group = "bot"; };
          users.groups.bot = { };
          systemd.services.bot = {
            wantedBy = [ "system-manager.target" ];
            serviceConfig.User = "bot";
            script = "exec bot --token-file ${config.sops.secrets.token.path}";
          };
          systemd.services.root = {
            serviceConfig.EnvironmentFile = config.sops.secrets.alices.path;
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("bot", "service", No));
    assert_eq!(found.only("alices").readable, Yes);
}

#[test]
fn rows_hold_for_modules_that_are_imported() {
    let grafana = |more: &str| {
        format!(
            r#"{{
              {more}
              services.grafana.enable = true;
              services.grafana.settings.security.admin_password = "$__file{{${{config.sops.secrets.token.path}}}}";
            }}"#
        )
    };
    let on_nixos = nixos(&grafana(""));
    assert_eq!(on_nixos.only("token").user, "grafana");
    let without = system_manager(&grafana(""));
    assert_eq!(without.only("token").user, "?");
    assert_eq!(without.only("token").readable, Unknown);
    let with = system_manager(&grafana(
        r#"imports = [ (nixosModulesPath + "/services/monitoring/grafana.nix") ];"#,
    ));
    assert_eq!(with.only("token").user, "grafana");
    let always = system_manager(
        r#"{
          services.nginx.enable = true;
          services.nginx.virtualHosts.a.basicAuthFile = config.sops.secrets.token.path;
        }"#,
    );
    assert_eq!(always.only("token").user, "nginx");
}

#[test]
fn a_unit_of_the_project_has_a_name_in_common_with_one_of_nixpkgs() {
    let found = system_manager(
        r#"{
          services.grafana.enable = true;
          systemd.services.grafana.script = "cat ${config.sops.secrets.token.path}";
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("root", "service", Yes));
}
