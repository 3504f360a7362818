# Configurations among the packages of each system, where Nix looks for them as well.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-utils.url = "github:numtide/flake-utils";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    {
      nixpkgs,
      flake-utils,
      sops-nix,
      ...
    }:
    flake-utils.lib.eachDefaultSystem (system: {
      packages.nixosConfigurations.loft = nixpkgs.lib.nixosSystem {
        inherit system;
        modules = [
          sops-nix.nixosModules.sops
          (
            { lib, ... }:
            {
              # More of what nixpkgs declares.
              options.services.nginx.virtualHosts = lib.mkOption {
                type = lib.types.attrsOf (
                  lib.types.submodule { options.team = lib.mkOption { default = "attic"; }; }
                );
              };
              config = {
                services.nginx.virtualHosts."loft.example.org".enableACME = true;
                sops.secrets.hatch.sopsFile = ./secrets.yaml;
              };
            }
          )
        ];
      };
    })
    // flake-utils.lib.eachSystem (with flake-utils.lib.system; [ x86_64-linux ]) (system: {
      formatter = nixpkgs.legacyPackages.${system}.nixfmt;
    });
}
