{ config, lib, ... }:
let
  cfg = config.harbour.mirror;
in
{
  options.harbour.mirror.enable = lib.mkEnableOption "the mirror";

  config = lib.mkIf cfg.enable {
    sops.secrets."mirror/token" = {
      owner = "mirror";
      sopsFile = ../mirror.yaml;
    };
    sops.templates."mirror.env" = {
      mode = "0600";
      path = "/root/.config/mirror.env";
      content = "TOKEN=${config.sops.placeholder."mirror/token"}";
    };
    users.users.mirror = {
      isSystemUser = true;
      group = "mirror";
    };
  };
}
