{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    clan-core.url = "https://git.clan.lol/clan/clan-core/archive/main.tar.gz";
    microvm.url = "github:microvm-nix/microvm.nix";
  };
  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ inputs.clan-core.flakeModules.default ];
      systems = [ "x86_64-linux" ];
      flake.nixosModules.kiln.sops.secrets.glaze.sopsFile = ./secrets.yaml;
      # The definition is a function, and takes the flake.
      flake.clan =
        { self, ... }:
        {
          inventory.machines.forge.tags = [ "hot" ];
          inventory.machines.anvil = { };
          inventory.instances.kilns.roles.default = {
            tags.hot = { };
            extraModules = [ self.nixosModules.kiln ];
          };
          machines.anvil.sops.secrets.iron.sopsFile = ./secrets.yaml;
          # A machine is a virtual machine of another.
          machines.forge = {
            imports = [ inputs.microvm.nixosModules.host ];
            microvm.vms.anvil.config.imports = [ self.clan.outputs.moduleForMachine.anvil ];
          };
        };
    };
}
