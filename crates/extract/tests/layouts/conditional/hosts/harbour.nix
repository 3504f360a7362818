# Whether Matomo is on is decided by a module that is not here; what is declared for it is not.
{ config, lib, ... }:
{
  networking.hostName = "harbour";
  sops.defaultSopsFile = ../secrets.yaml;
  sops.secrets = {
    "backup/passphrase" = { };
  }
  // lib.optionalAttrs (config.services.matomo.enable or false) {
    "matomo/database" = {
      owner = "matomo";
      group = "matomo";
      mode = "0440";
    };
  };
}
