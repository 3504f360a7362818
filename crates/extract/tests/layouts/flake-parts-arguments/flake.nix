# What modules are given by name: arguments of `perSystem` in `withSystem`, functions to import others with.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    systems.url = "github:nix-systems/default";
    flake-parts.url = "github:hercules-ci/flake-parts";
    agenix.url = "github:ryantm/agenix";
    sources.url = "github:example/sources";
  };
  outputs =
    inputs@{ flake-parts, ... }:
    flake-parts.lib.mkFlake { inherit inputs; } (
      { flake-parts-lib, withSystem, lib, ... }:
      {
        imports = [
          # It gives packages and arguments of `perSystem`.
          inputs.sources.flakeModules.default
          (flake-parts-lib.importApply ./host.nix { owner = "alice"; })
          (flake-parts-lib.mkTransposedPerSystemModule {
            name = "images";
            option = lib.mkOption { };
            file = ./flake.nix;
          })
        ];
        systems = [ "x86_64-linux" ];
        debug = true;
        perSystem =
          { lib, system, ... }:
          lib.optionalAttrs (lib.elem system [ "x86_64-linux" ]) {
            _module.args.secretName = "by-argument";
          };
        flake.nixosConfigurations.patched =
          let
            nixpkgs = inputs.self.packages.x86_64-linux."pkgs-patched";
          in
          import (nixpkgs + "/nixos/lib/eval-config.nix") {
            pkgs = inputs.self.allSystems.x86_64-linux._module.args.packagesOfSources;
            modules = [
              inputs.agenix.nixosModules.default
              { age.secrets.patched.file = ./c.age; }
            ];
          };
        flake.nixosConfigurations.desk = withSystem "x86_64-linux" (
          { secretName, config, system, ... }:
          inputs.nixpkgs.lib.nixosSystem {
            inherit system;
            modules = [
              inputs.agenix.nixosModules.default
              { age.secrets.${secretName}.file = ./a.age; }
            ];
          }
        );
      }
    );
}
