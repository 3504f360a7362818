{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
  };
  outputs =
    inputs@{ flake-parts, ... }:
    flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ flake-parts.flakeModules.partitions ];
      systems = [ "x86_64-linux" ];
      partitionedAttrs.nixosConfigurations = "hosts";
      partitions.hosts = {
        extraInputsFlake = ./hosts;
        # Beside the inputs of that flake.
        extraInputs.team.admin = "mara";
        module = ./hosts/module.nix;
      };
    };
}
