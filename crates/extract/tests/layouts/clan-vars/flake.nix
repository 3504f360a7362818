{
  inputs.clan-core.url = "https://git.clan.lol/clan/clan-core/archive/main.tar.gz";
  outputs =
    { self, clan-core, ... }:
    let
      clan = clan-core.lib.clan {
        inherit self;
        meta.name = "village";
        machines.mill = ./mill.nix;
        machines.barn = {
          clan.core.vars.settings.secretStore = "password-store";
          clan.core.vars.generators.hay.files.key = { };
        };
      };
    in
    {
      inherit (clan.config) nixosConfigurations;
    };
}
