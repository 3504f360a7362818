# `inputs` is `self.inputs` where it is not given, and `self` is what is given.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    { self, flake-parts, ... }:
    flake-parts.lib.mkFlake { inherit self; } (
      { self, inputs, ... }:
      {
        systems = [ "x86_64-linux" ];
        flake.owner = "lock";
        flake.nixosConfigurations.sluice = inputs.nixpkgs.lib.nixosSystem {
          modules = [
            inputs.sops-nix.nixosModules.sops
            {
              sops.defaultSopsFile = ./secrets.yaml;
              sops.secrets.gate.owner = self.owner;
            }
          ];
        };
      }
    );
}
