# What is added to `lib` is there in the modules of the systems that it makes.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    agenix.url = "github:ryantm/agenix";
  };
  outputs =
    { nixpkgs, agenix, ... }:
    let
      lib = nixpkgs.lib.extend (final: _: { site.secret = name: { ${name}.file = ./. + "/${final.toLower name}.age"; }; });
      inherit (lib) nixosSystem;
      other = import <nixpkgs/lib>;
    in
    {
      nixosConfigurations.desk = nixosSystem {
        modules = [
          agenix.nixosModules.default
          ({ lib, ... }: { age.secrets = lib.site.secret "Mail"; })
        ];
      };
      nixosConfigurations.given = nixosSystem {
        specialArgs.lib = other.extend (_: _: { mine = "own"; });
        modules = [
          agenix.nixosModules.default
          ({ lib, ... }: { age.secrets.${lib.mine}.file = ./own.age; })
        ];
      };
    };
}
