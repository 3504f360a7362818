# Every host loads it, none turns it on.
{ lib, config, ... }:
{
  options.bakery = {
    enable = lib.mkEnableOption "the bakery";
    baker = lib.mkOption { default = "baker"; };
  };
  config = lib.mkIf config.bakery.enable {
    sops.secrets.flour.owner = config.bakery.baker;
  };
}
