{ config, ... }:
let
  inherit (config.clan.core.vars) generators;
in
{
  clan.core.vars.generators = {
    flour = {
      files.key.owner = "miller";
      files.public.secret = false;
    };
    # Shared by all machines, and wanted before users are made.
    door = {
      share = true;
      files.hash.neededFor = "users";
      prompts.word.persist = true;
    };
    # Not made yet, and not for the machine.
    later.files.key = { };
    maker.files.seed.deploy = false;
  };
  users.users.miller.isNormalUser = true;
  sops.secrets.reader.path = "${generators.flour.files.public.value}/${baseNameOf generators.flour.files.key.path}";
  sops.secrets.reader.sopsFile = ./reader.yaml;
}
