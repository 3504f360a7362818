{ config, ... }:
{
  sops.secrets."${config.networking.hostName}/lamp" = { };
}
