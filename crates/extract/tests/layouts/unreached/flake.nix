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
    }:
    let
      host =
        name:
        nixpkgs.lib.nixosSystem {
          specialArgs = {
            inherit name;
            folder = ./secrets;
            operator = "mara";
          };
          modules = [
            sops-nix.nixosModules.sops
            ./modules/switched.nix
            {
              sops.defaultSopsFile = ./secrets/common.yaml;
              sops.secrets.private.sopsFile = vault + "/private.yaml";
            }
          ];
        };
    in
    {
      nixosConfigurations = nixpkgs.lib.genAttrs [ "east" "west" ] host;
    };
}
