# Two hosts of different systems: what they have in common is given to a module that neither loads.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    sops-nix.url = "github:Mic92/sops-nix";
    vault.url = "git+ssh://git@example.org/vault";
  };

  outputs =
    {
      self,
      nixpkgs,
      sops-nix,
      vault,
      ...
    }@inputs:
    let
      host =
        name: system:
        nixpkgs.lib.nixosSystem {
          inherit system;
          specialArgs = {
            flake = self // {
              inherit inputs;
            };
            site = {
              inherit name;
              admin = "mara";
            };
          };
          modules = [
            sops-nix.nixosModules.sops
            (
              { pkgs, ... }:
              {
                networking.hostName = name;
                sops.defaultSopsFile =
                  vault.packages.${pkgs.stdenv.hostPlatform.system}.secrets + "/common.yaml";
              }
            )
          ];
        };
    in
    {
      nixosConfigurations = {
        north = host "north" "x86_64-linux";
        south = host "south" "aarch64-linux";
      };
    };
}
