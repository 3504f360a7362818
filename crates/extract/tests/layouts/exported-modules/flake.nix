# Modules that a flake gives for others to load, by the names of the outputs.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem { modules = [ { networking.hostName = "desk"; } ]; };
      homeModules.default = ./first.nix;
      darwinModules.second = ./second;
      nixosModules.both = ./both.nix;
      homeManagerModules.both = ./both.nix;
      modules.homeManager.third = ./third.nix;
    };
}
