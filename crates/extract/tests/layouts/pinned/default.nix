# No flake: sources that a tool pins, and a hive of the same machines.
let
  sources = import ./pins;
  self = {
    nixosConfigurations.cellar = import "${sources.nixpkgs}/nixos/lib/eval-config.nix" {
      system = "x86_64-linux";
      modules = [
        (import "${sources.agenix}/modules/age.nix")
        ./cellar.nix
      ];
    };
    colmena =
      {
        meta.nixpkgs = import sources.nixpkgs { system = "x86_64-linux"; };
      }
      // builtins.mapAttrs (_: machine: { imports = machine._module.args.modules; }) self.nixosConfigurations;
  };
in
self
