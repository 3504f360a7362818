{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    presets.url = "github:example/presets";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    {
      nixpkgs,
      presets,
      sops-nix,
      ...
    }:
    {
      nixosConfigurations.dock = nixpkgs.lib.nixosSystem {
        modules = [
          sops-nix.nixosModules.sops
          # Its module adds options below the one declared here.
          presets.nixosModules.crane
          (
            { lib, config, ... }:
            {
              options.site.containers = lib.mkOption {
                type = lib.types.submoduleWith {
                  modules = [ ];
                  shorthandOnlyDefinesConfig = true;
                };
                default = { };
              };
              config = {
                site.containers.crane.owner = "crane";
                sops.defaultSopsFile = ./secrets.yaml;
                sops.secrets.hook.owner = config.site.containers.crane.owner;
              };
            }
          )
        ];
      };
    };
}
