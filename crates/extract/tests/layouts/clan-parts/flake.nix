{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    clan-core.url = "https://git.clan.lol/clan/clan-core/archive/main.tar.gz";
  };
  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ inputs.clan-core.flakeModules.default ];
      systems = [ "x86_64-linux" ];
      clan.inventory.machines.forge.machineClass = "nixos";
      clan.machines.forge.sops.secrets.coal.sopsFile = ./secrets.yaml;
    };
}
