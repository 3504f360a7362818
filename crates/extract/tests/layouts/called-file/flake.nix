# Functions for the modules in a file that `callPackage` calls, and a package that is made the same way.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    agenix.url = "github:ryantm/agenix";
  };
  outputs =
    { nixpkgs, agenix, ... }:
    let
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      util = pkgs.callPackage ./util.nix { prefix = "site"; };
      package = pkgs.callPackage ./package.nix { };
    in
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
        modules = [
          agenix.nixosModules.default
          (util.secret "mail")
          { environment.systemPackages = [ package.unwrapped ]; }
        ];
      };
    };
}
