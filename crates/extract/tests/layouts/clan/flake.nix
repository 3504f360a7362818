{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    clan-core.url = "https://git.clan.lol/clan/clan-core/archive/main.tar.gz";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    {
      self,
      clan-core,
      sops-nix,
      ...
    }:
    let
      clan = clan-core.lib.clan {
        inherit self;
        meta.name = "village";
        inventory.machines = {
          smithy.tags = [ "customers" ];
          bakery = { };
        };
        inventory.instances = {
          user-mara = {
            module.name = "users";
            roles.default.machines.bakery = { };
            roles.default.settings.user = "mara";
          };
          till = {
            roles.server.machines.bakery = { };
            roles.client.tags.customers = { };
            roles.client.extraModules = [ ./services/till.nix ];
          };
        };
        machines.bakery.imports = [
          sops-nix.nixosModules.sops
          (
            { config, ... }:
            {
              sops.secrets.oven.sopsFile = ./secrets.yaml;
              sops.secrets.recipes = {
                sopsFile = ./secrets.yaml;
                owner = config.users.users.mara.name;
                path = "${config.users.users.mara.home}/recipes";
              };
            }
          )
        ];
      };
    in
    {
      inherit (clan.config) nixosConfigurations;
    };
}
