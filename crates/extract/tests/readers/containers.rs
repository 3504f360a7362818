//! Containers.

use inventory::Readable::{No, Unknown, Yes};

use crate::support::nixos;

#[test]
fn the_engine_reads_environment_files_as_root() {
    let found = nixos(
        r#"{
          virtualisation.oci-containers.containers.app = {
            image = "app:1";
            environmentFiles = [ config.sops.templates."app.env".path ];
          };
          virtualisation.oci-containers.containers.rootless = {
            image = "app:1";
            podman.user = "alice";
            environmentFiles = [ config.sops.secrets.token.path ];
          };
        }"#,
    );
    let app = found.only("app.env");
    assert_eq!(app.facts(), ("root", "service", Yes));
    assert_eq!(
        app.via,
        "podman-app.service, virtualisation.oci-containers.containers.app.environmentFiles"
    );
    assert_eq!(found.only("token").facts(), ("alice", "service", No));
}

#[test]
fn a_volume_is_read_inside_by_whom_the_container_says() {
    let found = nixos(
        r#"{
          virtualisation.oci-containers.containers.app = {
            image = "app:1";
            volumes = [ "${config.sops.secrets.token.path}:/run/secrets/alices:ro" ];
          };
          virtualisation.oci-containers.containers.other = {
            image = "app:1";
            user = "1000:100";
            volumes = [ "${config.sops.secrets.shared.path}:/secret:ro" "${config.sops.secrets.alices.path}:/key:ro" ];
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("?", "service", Unknown));
    assert_eq!(
        found.only("alices").facts(),
        ("alice", "service", Yes),
        "the number 1000 is hers"
    );
    assert_eq!(found.only("shared").facts(), ("alice", "service", Unknown));
}

#[test]
fn a_number_that_is_not_the_owners_is_kept_out() {
    let found = nixos(
        r#"{
          virtualisation.oci-containers.containers.app = {
            image = "app:1";
            user = "999:999";
            volumes = [ "${config.sops.secrets.token.path}:/token:ro" ];
          };
        }"#,
    );
    assert_eq!(found.only("token").facts(), ("999", "service", No));
}

#[test]
fn bind_mounts_of_a_nixos_container_are_read_inside_it() {
    let found = nixos(
        r#"{
          containers.web = {
            autoStart = true;
            privateUsers = "pick";
            bindMounts."/run/secrets/alices" = {
              hostPath = config.sops.secrets.token.path;
              isReadOnly = true;
            };
            config = { ... }: { services.nginx.enable = true; };
          };
        }"#,
    );
    let token = found.only("token");
    assert_eq!(token.facts(), ("?", "service", Unknown));
    assert_eq!(token.via, "containers.web.bindMounts");
    assert_eq!(
        found.readers.len(),
        1,
        "the path inside is not one of the host"
    );
}
