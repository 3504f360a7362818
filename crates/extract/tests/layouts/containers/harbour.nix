{
  lib,
  sops-nix,
  agenix,
  ...
}:
let
  # What all containers of this host have.
  common =
    { config, name, ... }:
    {
      options.vault = lib.mkOption { type = lib.types.str; };
      config = {
        autoStart = true;
        specialArgs.vault = config.vault;
        bindMounts."/etc/ssh/ssh_host_ed25519_key" = { };
        config = {
          imports = [ sops-nix.nixosModules.sops ];
          sops.age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
          sops.defaultSopsFile = ./secrets + "/${name}.yaml";
        };
      };
    };
in
{
  options.containers = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule common);
  };

  config = {
    sops.defaultSopsFile = ./secrets/harbour.yaml;
    sops.secrets."backup/passphrase" = { };

    containers.forge = {
      vault = "forge";
      config =
        { config, vault, ... }:
        {
          sops.secrets."${vault}/${config.networking.hostName}".owner = "forgejo";
        };
    };
    containers.cache = {
      vault = "cache";
      config = lib.mkMerge [
        agenix.nixosModules.default
        ./modules/cache.nix
        { age.secrets.signing.owner = lib.mkForce "harmonia"; }
      ];
    };
  };
}
