{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    adios-flake.url = "github:Mic92/adios-flake";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    inputs@{ adios-flake, self, ... }:
    adios-flake.lib.mkFlake {
      inherit inputs self;
      systems = [ "x86_64-linux" ];
      flake.nixosConfigurations.desk = inputs.nixpkgs.lib.nixosSystem {
        modules = [
          inputs.sops-nix.nixosModules.sops
          { sops.secrets.pen.sopsFile = ./secrets.yaml; }
        ];
      };
    };
}
