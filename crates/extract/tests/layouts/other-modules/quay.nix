# Owners and paths from options that modules of nixpkgs and of other flakes declare.
{
  config,
  inputs,
  lib,
  pkgs,
  ...
}:
let
  owned = service: {
    file = ./secrets/${service}.age;
    owner = config.services.${service}.user;
    group = config.services.${service}.group;
  };
in
{
  imports = [
    inputs.agenix.nixosModules.default
    inputs.hermes-agent.nixosModules.default
    inputs.microvm.nixosModules.host
    inputs.mailserver.nixosModules.default
  ];
  networking.hostName = "quay";

  services.firefly-iii = {
    enable = true;
    enableNginx = true;
  };
  services.stalwart = {
    enable = true;
    stateVersion = "26.05";
  };

  services.kanidm.provision.systems.oauth2 = {
    forgejo = {
      displayName = "Forgejo";
      originUrl = "https://git.example.org/user/oauth2/callback";
    };
    dashboard = {
      displayName = "Dashboard";
      public = true;
    };
  };

  age.secrets =
    lib.genAttrs [
      "atticd"
      "dawarich"
      "firefly-iii"
      "hermes-agent"
      "stalwart"
    ] owned
    // {
      go-neb = {
        file = ./secrets/go-neb.age;
        owner = config.systemd.services.go-neb.serviceConfig.User;
      };
      guest-key = {
        file = ./secrets/guest-key.age;
        path = "${config.microvm.stateDir}/guest/hostkey";
        symlink = false;
      };
      # A system is Linux, whichever machine it is for.
      library = {
        file = ./secrets/library.age;
        path = "${config.services.jellyfin.dataDir}/${
          if pkgs.stdenv.hostPlatform.isDarwin then "Mac" else "Linux"
        }.xml";
        owner = if pkgs.stdenv.hostPlatform.isAarch64 then "small" else "large";
      };
      dkim = {
        file = ./secrets/dkim.age;
        path = "${config.mailserver.dkim.keyDirectory}/example.org.mail.key";
      };
    }
    // lib.mapAttrs' (name: _: {
      name = "oauth2-${name}";
      value = {
        file = ./secrets + "/oauth2-${name}.age";
        owner = "kanidm";
      };
    }) (lib.filterAttrs (_: client: !client.public) config.services.kanidm.provision.systems.oauth2);
}
